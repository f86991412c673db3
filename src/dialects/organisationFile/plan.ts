/** What applying an organisation file would change, as data: nothing here reads a clock, hashes or writes. */
import { isDeepStrictEqual } from 'node:util';
import { readSetting, setting } from '../../config/setting.ts';
import type { Directory } from '../../ledger/directory.ts';
import { type Token, token, type User } from '../../people/entities.ts';
import { tokenHash } from '../../people/tokenHash.ts';
import { type Source, source } from '../../sources/entities.ts';
import { ownSourceRow } from '../../sources/ownSource.ts';
import type { Credentials } from './credentials.ts';
import { BITRIX24_SOURCE_KEY, GENESYS_SOURCE_KEY, NATIVE_SOURCE_KEY, type Organisation } from './organisation.ts';
import { planCampaigns } from './planCampaigns.ts';
import { planUsers, usersToRelease } from './planUsers.ts';
import { planWebhooks } from './planWebhooks.ts';
import { changedColumns, type Draft, type Step, stepTo } from './step.ts';

export type ChangeKind = 'create' | 'change' | 'disable' | 'enable';

/** For people. No secret is in it, only that one changes. */
export interface Change {
  /** `user 1 (anna)`, `token ops`, `source hq`, `settings`. */
  readonly what: string;
  readonly change: ChangeKind;
  /** `password`, `extension 2005`, … Empty for what is new. */
  readonly fields: readonly string[];
}

export interface Plan {
  readonly changes: readonly Change[];
  readonly steps: readonly Step[];
  /** Users whose login goes to somebody else. They must let go of it in a batch before: the store sees no swap. */
  readonly releases: readonly Readonly<User>[];
}

export interface PlanContext {
  /** UTC milliseconds: when what the file no longer says ends, and what it newly says begins. */
  readonly now: number;
  readonly credentials: Credentials;
}

/**
 * `directory` is the ledger's, or a command's state. What the file no longer names is disabled; planning again after the
 * steps gives none. Throws a `ConfigError` when the file would leave the organisation without an administrator.
 */
export function planChanges(file: Organisation, directory: Directory, { now, credentials }: PlanContext): Plan {
  const drafts = [
    planSettings(file, directory),
    ...planUsers(file, directory, now, credentials.passwords),
    ...planTokens(file, directory),
    planNativeSource(file, directory),
    ...planSources(file, directory, credentials.secrets),
    planOwnSource('bitrix24', file.bitrix24.webhooks.length > 0, file, directory),
    planOwnSource('genesys', file.campaigns.length > 0, file, directory),
    ...planWebhooks(file, directory),
    ...planCampaigns(file, directory),
  ];
  return {
    changes: drafts.filter(({ steps, fields }) => steps.length + fields.length > 0).map(changeOf),
    steps: drafts.flatMap(each => each.steps),
    releases: usersToRelease(file, directory),
  };
}

/** Names of the file for columns that are called otherwise. */
const FIELD_NAMES: Readonly<Record<string, string>> = { hash: 'token', userId: 'user', groupName: 'group' };

function changeOf({ what, steps, fields }: Draft): Change {
  const own = steps.find(each => Object.hasOwn(each.entity.columns, 'active'));
  if (own === undefined) return { what, change: 'change', fields };
  if (own.before === null) return { what, change: 'create', fields: [] };
  const columns = changedColumns(own).flatMap(name =>
    name === 'settings' ? changedKeys(own.before!['settings'], own.after!['settings']) : [name],
  );
  const change = !columns.includes('active') ? 'change' : own.after!['active'] === true ? 'enable' : 'disable';
  const named = columns.filter(each => each !== 'active').map(each => FIELD_NAMES[each] ?? each);
  return { what, change, fields: [...named, ...fields] };
}

function changedKeys(before: unknown, after: unknown): readonly string[] {
  const [was, is] = [before, after] as Readonly<Record<string, unknown>>[];
  return Object.keys(is!).filter(key => !isDeepStrictEqual(was![key], is![key]));
}

/** Names of the file for the keys of settings. */
const SETTING_NAMES = { timeZone: 'timeZone', country: 'country', outboundAllow: 'outbound.allow' } as const;

function planSettings(file: Organisation, directory: Directory): Draft {
  const values = { timeZone: file.timeZone, country: file.country, outboundAllow: file.outbound.allow };
  const steps: Step[] = [];
  const fields: string[] = [];
  for (const key of Object.keys(SETTING_NAMES) as (keyof typeof SETTING_NAMES)[]) {
    if (isDeepStrictEqual(readSetting(directory, key), values[key])) continue;
    steps.push(...stepTo(setting, directory.get(setting, key) ?? null, { key, value: values[key] }));
    fields.push(SETTING_NAMES[key]);
  }
  return { what: 'settings', steps, fields };
}

function planTokens(file: Organisation, directory: Directory): readonly Draft[] {
  const known = new Map(directory.all(token).map(each => [each.name, each]));
  const named = file.tokens.map(({ name, token: clear, roles }): Draft => {
    const before = known.get(name) ?? null;
    known.delete(name);
    const after: Token = { id: before?.id ?? 0, name, hash: tokenHash(clear), roles, active: true };
    return { what: `token ${name}`, steps: stepTo(token, before, after, 'token'), fields: [] };
  });
  const unnamed = [...known.values()]
    .sort((a, b) => a.id - b.id)
    .map(
      (row): Draft => ({ what: `token ${row.name}`, steps: stepTo(token, row, { ...row, active: false }), fields: [] }),
    );
  return [...named, ...unnamed];
}

/** The source behind `/v1` is the server's own; its numbers and times are written as the organisation writes them. */
function planNativeSource({ timeZone, country }: Organisation, directory: Directory): Draft {
  const row = directory.find(source, 'byKey', NATIVE_SOURCE_KEY)[0];
  const steps = row === undefined ? [] : stepTo(source, row, { ...row, timeZone, country });
  return { what: `source ${NATIVE_SOURCE_KEY}`, steps, fields: [] };
}

const OWN_SOURCE_KEYS = { bitrix24: BITRIX24_SOURCE_KEY, genesys: GENESYS_SOURCE_KEY } as const;

/** The source behind a door is there as long as the file names somebody who comes in by it. */
function planOwnSource(
  kind: keyof typeof OWN_SOURCE_KEYS,
  isNeeded: boolean,
  { timeZone, country }: Organisation,
  directory: Directory,
): Draft {
  const key = OWN_SOURCE_KEYS[kind];
  const what = `source ${key}`;
  const row = directory.find(source, 'byKey', key)[0] ?? null;
  if (!isNeeded) return { what, steps: row === null ? [] : stepTo(source, row, { ...row, active: false }), fields: [] };
  const after: Source = {
    ...ownSourceRow({ key, kind, behind: '' }, { timeZone, country }),
    id: 0,
    ...row,
    timeZone,
    country,
    active: true,
  };
  return { what, steps: stepTo(source, row, after, 'source'), fields: [] };
}

function planSources(file: Organisation, directory: Directory, secrets: Credentials['secrets']): readonly Draft[] {
  const rows = directory.all(source).filter(each => each.kind === 'yeastar');
  const known = new Map(rows.map(each => [each.key, each]));
  const named = file.sources.map((each): Draft => {
    const before = known.get(each.key) ?? null;
    known.delete(each.key);
    const { serial, unsigned, autoZone, displayFormat, secret: _clear, ...common } = each;
    const secret = secrets.get(each.key) ?? null;
    const settings = { serial, secret, unsigned, autoZone, displayFormat };
    const after: Source = { ...common, id: before?.id ?? 0, active: true, managedBy: 'file', settings };
    return { what: `source ${each.key}`, steps: stepTo(source, before, after, 'source'), fields: [] };
  });
  const unnamed = [...known.values()]
    .sort((a, b) => a.id - b.id)
    .map(
      (row): Draft => ({
        what: `source ${row.key}`,
        steps: stepTo(source, row, { ...row, active: false }),
        fields: [],
      }),
    );
  return [...named, ...unnamed];
}
