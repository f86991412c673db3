/** Writes what the file says into the rooms, by the same commands that the API uses. */
import { isDeepStrictEqual } from 'node:util';
import { changeCampaigns } from '../../campaigns/changeCampaigns.ts';
import { campaign } from '../../campaigns/entities.ts';
import { ConfigError } from '../../config/configError.ts';
import { readSetting, setting } from '../../config/setting.ts';
import type { Directory } from '../../ledger/directory.ts';
import { putChanged } from '../../ledger/putChanged.ts';
import { Refusal, type State } from '../../ledger/state.ts';
import { administers, changePeople, userAdministers } from '../../people/changePeople.ts';
import { EVERYWHERE, token, type User, user, webhook } from '../../people/entities.ts';
import { FIRST_ADMINISTRATOR_ID, FIRST_ADMINISTRATOR_LOGIN } from '../../people/firstAdministrator.ts';
import { tokenHash } from '../../people/tokenHash.ts';
import { changeWebhooks } from '../../people/webhooks.ts';
import { changeSources, keepOwnSource } from '../../sources/changeSources.ts';
import { source } from '../../sources/entities.ts';
import type { ManagedBy } from '../../values/managedBy.ts';
import type { Credentials } from './credentials.ts';
import type { Organisation } from './organisation.ts';
import type { OrganisationRules } from './rules.ts';

/** What the file is written with. */
export interface Writing {
  readonly credentials: Credentials;
  readonly rules: OrganisationRules;
}

/**
 * Makes the rows that the file manages what it says, takes over those it names, and lets go of those it no longer names,
 * which are deactivated. What was made over the API and is not named is left alone. Throws a `ConfigError` when what would
 * come of it cannot be.
 */
export function writeOrganisation(state: State, file: Organisation, { credentials, rules }: Writing): void {
  try {
    writeSettings(state, file);
    writePeople(state, file, credentials);
    writeSources(state, file, credentials, rules);
    demandPlaces(state, file);
    writeWebhooks(state, file, rules);
    writeCampaigns(state, file);
  } catch (error) {
    if (error instanceof Refusal) throw new ConfigError([`The organisation file cannot be applied: ${error.message}.`]);
    throw error;
  }
}

function writeSettings(state: State, { timeZone, country, outbound }: Organisation): void {
  const input = { timeZone, country, outboundAllow: outbound.allow };
  for (const key of ['timeZone', 'country', 'outboundAllow'] as const) {
    if (!isDeepStrictEqual(readSetting(state, key), input[key])) state.put(setting, { key, value: input[key] });
  }
}

function writePeople(state: State, file: Organisation, { passwords }: Credentials): void {
  const named = new Set(file.users.map(each => each.id));
  const holder = holderOfLogin(file, state);
  const first = state.get(user, FIRST_ADMINISTRATOR_ID);
  // The administrator that the server made stays as long as its login does.
  const isLost = (row: Readonly<User>) =>
    isManaged(row) ||
    (row.managedBy === 'server' && (holder(row) !== row.id || row.login !== FIRST_ADMINISTRATOR_LOGIN));
  if (first?.managedBy === 'server' && !named.has(first.id) && !hasOtherAdministrator(file, state)) {
    putChanged(state, user, first, { ...first, active: true, login: FIRST_ADMINISTRATOR_LOGIN });
  }
  const usersGone = state
    .all(user)
    .filter(each => !named.has(each.id) && isLost(each))
    .map(each => each.id)
    .sort((a, b) => a - b);
  const tokensNamed = new Set(file.tokens.map(each => each.name));
  changePeople(
    state,
    {
      users: file.users.map(each => ({ ...each, password: passwords.get(each.id) ?? null })),
      usersGone,
      loginsReleased: usersToRelease(file, state).map(each => each.id),
      tokens: file.tokens.map(({ name, token: clear, roles }) => ({ name, hash: tokenHash(clear), roles })),
      tokensGone: goneFrom(state.all(token), each => !tokensNamed.has(each.name)).map(each => each.name),
    },
    'file',
  );
}

const isManaged = (row: { readonly managedBy: ManagedBy }): boolean => row.managedBy === 'file';

function goneFrom<R extends { readonly id: number; readonly managedBy: ManagedBy }>(
  rows: readonly R[],
  isUnnamed: (row: R) => boolean,
): readonly R[] {
  return rows.filter(each => isManaged(each) && isUnnamed(each)).toSorted((a, b) => a.id - b.id);
}

/** Whether somebody else can administer, so that the administrator of the first start need not. */
function hasOtherAdministrator({ users, tokens }: Organisation, directory: Directory): boolean {
  return (
    users.some(each => each.active && each.password !== null && each.roles.includes('administrator')) ||
    tokens.some(each => each.roles.includes('administrator')) ||
    directory.all(user).some(each => each.managedBy === 'api' && userAdministers(each)) ||
    directory.all(token).some(each => each.managedBy === 'api' && administers(each))
  );
}

/** Whom the file gives a user's login to; the user's own id when nobody else gets it. */
function holderOfLogin(file: Organisation, directory: Directory): (row: Readonly<User>) => number {
  const ids = new Map(file.users.map(each => [each.login, each.id]));
  const first = directory.get(user, FIRST_ADMINISTRATOR_ID);
  if (first?.managedBy === 'server' && !hasOtherAdministrator(file, directory)) {
    const taker = ids.get(FIRST_ADMINISTRATOR_LOGIN) ?? FIRST_ADMINISTRATOR_ID;
    if (taker !== FIRST_ADMINISTRATOR_ID) {
      throw new ConfigError([
        `The login ${FIRST_ADMINISTRATOR_LOGIN} cannot be given to user ${taker}: it is the first administrator's, and the file names no other active user with a password, and no token, that is an administrator.`,
      ]);
    }
    ids.set(FIRST_ADMINISTRATOR_LOGIN, FIRST_ADMINISTRATOR_ID);
  }
  return row => ids.get(row.login) ?? row.id;
}

/** Users whose login the file gives to somebody else. From people made over the API it takes none that is in use. */
export function usersToRelease(file: Organisation, directory: Directory): readonly Readonly<User>[] {
  const holder = holderOfLogin(file, directory);
  const named = new Set(file.users.map(each => each.id));
  return directory
    .all(user)
    .filter(each => holder(each) !== each.id && (named.has(each.id) || each.managedBy !== 'api' || !each.active));
}

function writeSources(state: State, file: Organisation, { settings }: Credentials, rules: OrganisationRules): void {
  const { api, webhooks, campaigns } = rules.ownSources;
  // A ledger that is yet to be founded has none, and gets it then.
  const hasOwn = state.find(source, 'byKey', api.key).length > 0;
  keepOwnSource(state, api, hasOwn, file);
  const named = new Set(file.sources.map(each => each.key));
  const gone = goneFrom(state.all(source), each => !named.has(each.key));
  changeSources(
    state,
    {
      sources: file.sources.map(each => ({ ...each, settings: settings.get(each.key)! })),
      gone: gone.map(each => each.key),
    },
    { own: [api, webhooks, campaigns], kinds: rules.sourceKinds },
    'file',
  );
  const hasWebhooks = file.bitrix24.webhooks.length > 0 || state.all(webhook).some(isOthers);
  keepOwnSource(state, webhooks, hasWebhooks, file);
  keepOwnSource(state, campaigns, file.campaigns.length > 0 || state.all(campaign).some(isOthers), file);
}

/** An extension of a PBX that is not there would be nobody's. */
function demandPlaces(state: State, { users }: Organisation): void {
  for (const { source: key, path } of users.flatMap(each => each.extensions)) {
    if (key === EVERYWHERE || state.find(source, 'byKey', key).length > 0) continue;
    const known = state.all(source).map(each => each.key);
    throw new ConfigError([
      `The organisation file cannot be applied: ${path}.source: ${key} is the key of no source; there are ${known.sort().join(', ')}.`,
    ]);
  }
}

const isOthers = ({ active, managedBy }: { readonly active: boolean; readonly managedBy: ManagedBy }): boolean =>
  active && managedBy !== 'file';

/** A webhook is its code: with another code it is another one, and the old one no longer opens anything. */
function writeWebhooks(state: State, file: Organisation, { ownSources }: OrganisationRules): void {
  const webhooks = file.bitrix24.webhooks.map(({ code, ...each }) => ({
    ...each,
    id: null,
    codeHash: tokenHash(code),
  }));
  const named = new Set(webhooks.map(each => each.codeHash));
  const gone = goneFrom(state.all(webhook), each => !named.has(each.codeHash)).map(each => each.id);
  const portal = state.find(source, 'byKey', ownSources.webhooks.key)[0];
  changeWebhooks(state, { webhooks, gone }, portal?.id ?? 0, 'file');
}

/** What stands in the lists is imported afterwards (`callingLists.ts`). */
function writeCampaigns(state: State, file: Organisation): void {
  const named = new Set(file.campaigns.map(each => each.name));
  const gone = goneFrom(state.all(campaign), each => !named.has(each.name)).map(each => each.name);
  const campaigns = file.campaigns.map(({ lists, ...each }) => ({ ...each, lists: lists.map(({ name }) => name) }));
  changeCampaigns(state, { campaigns, gone }, 'file');
}
