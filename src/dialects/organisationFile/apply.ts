import assert from 'node:assert/strict';
import { organisationChanged } from '../../config/events.ts';
import type { Sealing } from '../../config/keyFile.ts';
import type { KeyValue } from '../../ledger/entity.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Command, State } from '../../ledger/state.ts';
import { type User, user } from '../../people/entities.ts';
import { checkCallingLists } from './callingLists.ts';
import { type Credentials, credentialMakers, credentialMarkers, makeCredentials } from './credentials.ts';
import type { Organisation } from './organisation.ts';
import { type Change, planChanges } from './plan.ts';
import { releasedLogin } from './planUsers.ts';
import type { Step } from './step.ts';

export interface ApplyDeps {
  /** UTC milliseconds. */
  readonly clock: () => number;
  readonly keyFile: Sealing;
  /** That many random bytes. */
  readonly random: (bytes: number) => Uint8Array;
}

/**
 * Makes the ledger say what the file says, and returns what that changed; nothing is written when nothing changes. Nobody
 * else writes these rows, and doors should not be open yet: a call that ends now would be folded by what was before.
 *
 * Throws a `ConfigError` for a file that cannot be applied, and as `Ledger.submit` does.
 */
export async function applyOrganisation(
  ledger: Ledger,
  file: Organisation,
  { clock, keyFile, random }: ApplyDeps,
): Promise<readonly Change[]> {
  const credentials = await makeCredentials(file, ledger.directory, credentialMakers(keyFile, random));
  const { changes, steps, releases } = planChanges(file, ledger.directory, { now: clock(), credentials });
  if (steps.length === 0) return [];
  if (releases.length > 0) await ledger.submit(releaseLogins(releases));
  await ledger.submit(changeOrganisation(file, credentials, changes));
  return changes;
}

/**
 * What `applyOrganisation` and then `importCallingLists` would change, one line each; nothing is written and no password
 * hashed. Throws as they do.
 */
export async function checkOrganisation(
  ledger: Pick<Ledger, 'directory' | 'reader'>,
  file: Organisation,
  { clock, keyFile }: Omit<ApplyDeps, 'random'>,
): Promise<readonly string[]> {
  const credentials = await makeCredentials(file, ledger.directory, credentialMarkers(keyFile));
  const { changes } = planChanges(file, ledger.directory, { now: clock(), credentials });
  const lines = [...changes.map(changeLine), ...(await checkCallingLists(ledger, file))];
  return lines.length === 0 ? ['nothing would change'] : lines;
}

/** `+ user 1 (anna)`, `~ source hq: timeZone, secret`, `- token old (disabled)`, `+ token old (enabled): roles`. */
export function changeLine({ what, change, fields }: Change): string {
  const sign = { create: '+', change: '~', disable: '-', enable: '+' }[change];
  const note = change === 'disable' || change === 'enable' ? ` (${change}d)` : '';
  return `${sign} ${what}${note}${fields.length > 0 ? `: ${fields.join(', ')}` : ''}`;
}

function changeOrganisation(file: Organisation, credentials: Credentials, changes: readonly Change[]): Command<void> {
  const count = (kind: Change['change']) => changes.filter(each => each.change === kind).length;
  return {
    name: 'apply organisation',
    bytes: 500 * changes.length,
    apply: state => {
      const plan = () => planChanges(file, state, { now: state.now, credentials });
      for (const step of plan().steps) take(step, state);
      assert.equal(plan().steps.length, 0, 'applying an organisation file again would change something again');
      state.journal(organisationChanged, {
        created: count('create'),
        changed: count('change'),
        disabled: count('disable'),
        enabled: count('enable'),
      });
    },
  };
}

function take({ entity, before, after, numberedBy, refer }: Step, state: State): void {
  if (after === null) {
    state.delete(entity, ...entity.key.map(name => before![name] as KeyValue));
    return;
  }
  const row = refer === undefined ? after : { ...after, ...refer(state) };
  if (before === null && numberedBy !== null) state.insert(entity, { ...row, id: state.next(numberedBy) });
  else state.put(entity, row);
}

/** A batch of its own: within one, the store may see the new holder of a login before the old one has let go of it. */
function releaseLogins(releases: readonly Readonly<User>[]): Command<void> {
  return {
    name: 'release logins',
    bytes: 500 * releases.length,
    apply: state => {
      for (const row of releases) state.put(user, { ...row, login: releasedLogin(row) });
    },
  };
}
