import assert from 'node:assert/strict';
import { organisationChanged } from '../../config/events.ts';
import type { Sealing } from '../../config/keyFile.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Command } from '../../ledger/state.ts';
import { releaseLogin } from '../../people/changePeople.ts';
import type { User } from '../../people/entities.ts';
import { checkCallingLists } from './callingLists.ts';
import { credentialMakers, credentialMarkers, makeCredentials } from './credentials.ts';
import type { Organisation } from './organisation.ts';
import { type Change, planChanges } from './plan.ts';
import type { OrganisationRules } from './rules.ts';
import { usersToRelease, type Writing, writeOrganisation } from './write.ts';

export interface ApplyDeps {
  readonly rules: OrganisationRules;
  /** UTC milliseconds. */
  readonly clock: () => number;
  readonly keyFile: Sealing;
  /** That many random bytes. */
  readonly random: (bytes: number) => Uint8Array;
}

/**
 * Makes the ledger say what the file says, and returns what that changed; nothing is written when nothing changes. Doors
 * should not be open yet: a call that ends now would be folded by what was before.
 *
 * Throws a `ConfigError` for a file that cannot be applied, and as `Ledger.submit` does.
 */
export async function applyOrganisation(
  ledger: Ledger,
  file: Organisation,
  { rules, clock, keyFile, random }: ApplyDeps,
): Promise<readonly Change[]> {
  const credentials = await makeCredentials(file, ledger.directory, credentialMakers(keyFile, random), rules);
  const changes = planChanges(file, ledger.directory, clock(), { credentials, rules });
  if (changes.length === 0) return [];
  const releases = usersToRelease(file, ledger.directory);
  if (releases.length > 0) await ledger.submit(releaseLogins(releases));
  await ledger.submit(changeOrganisation(file, { credentials, rules }, changes));
  return changes;
}

/**
 * What `applyOrganisation` and then `importCallingLists` would change, one line each; nothing is written and no password
 * hashed. Throws as they do.
 */
export async function checkOrganisation(
  ledger: Pick<Ledger, 'directory' | 'reader'>,
  file: Organisation,
  { rules, clock, keyFile }: Omit<ApplyDeps, 'random'>,
): Promise<readonly string[]> {
  const credentials = await makeCredentials(file, ledger.directory, credentialMarkers(keyFile), rules);
  const changes = planChanges(file, ledger.directory, clock(), { credentials, rules });
  const lines = [...changes.map(changeLine), ...(await checkCallingLists(ledger, file))];
  return lines.length === 0 ? ['nothing would change'] : lines;
}

/** `+ user 1 (anna)`, `~ source hq: timeZone, secret`, `~ token ops (taken over): roles`, `- token old (deactivated)`. */
export function changeLine(change: Change): string {
  const { what, login, fields, held } = change;
  const named = login === null ? what : `${what} (${login})`;
  return lineOf(change, named, [...fields, ...held.map(each => `${each.kind} ${each.key}`)]);
}

/** As `changeLine`, without the logins and numbers of people: `+ user 1`, `~ user 1: roles, extension`. */
export function changeLineForLog(change: Change): string {
  const { what, fields, held } = change;
  return lineOf(change, what, [...fields, ...new Set(held.map(each => each.kind))]);
}

function lineOf({ change, note }: Change, what: string, fields: readonly string[]): string {
  const sign = { create: '+', change: '~', deactivate: '-', activate: '+' }[change];
  const becomes = change === 'deactivate' || change === 'activate' ? `${change}d` : note;
  return `${sign} ${what}${becomes === null ? '' : ` (${becomes})`}${fields.length > 0 ? `: ${fields.join(', ')}` : ''}`;
}

function changeOrganisation(file: Organisation, writing: Writing, changes: readonly Change[]): Command<void> {
  const count = (kind: Change['change']) => changes.filter(each => each.change === kind).length;
  return {
    name: 'apply organisation',
    bytes: 500 * changes.length,
    apply: state => {
      writeOrganisation(state, file, writing);
      const left = planChanges(file, state, state.now, writing);
      assert.deepEqual(left, [], 'applying an organisation file again would change something again');
      state.journal(organisationChanged, {
        created: count('create'),
        changed: count('change'),
        deactivated: count('deactivate'),
        activated: count('activate'),
      });
    },
  };
}

/** A batch of its own: within one, the store may see the new holder of a login before the old one has let go of it. */
function releaseLogins(releases: readonly Readonly<User>[]): Command<void> {
  return {
    name: 'release logins',
    bytes: 500 * releases.length,
    apply: state => {
      for (const { id } of releases) releaseLogin(state, id);
    },
  };
}
