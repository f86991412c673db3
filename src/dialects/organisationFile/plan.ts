/** What applying an organisation file would change, found by trying it: nothing here reads a clock, hashes or writes. */
import { isDeepStrictEqual } from 'node:util';
import { callingList, campaign } from '../../campaigns/entities.ts';
import { setting } from '../../config/setting.ts';
import type { Directory } from '../../ledger/directory.ts';
import { device, EVERYWHERE, extension, token, user, webhook } from '../../people/entities.ts';
import { placeName } from '../../people/holdings.ts';
import { source } from '../../sources/entities.ts';
import type { Organisation } from './organisation.ts';
import { type RowChange, TrialState } from './trialState.ts';
import { type Writing, writeOrganisation } from './write.ts';

export type ChangeKind = 'create' | 'change' | 'deactivate' | 'activate';

/** For people. No secret is in it, only that one changes. */
export interface Change {
  /** `user 1`, `token ops`, `source hq`, `settings`. */
  readonly what: string;
  /** Of a user; null for all else. */
  readonly login: string | null;
  readonly change: ChangeKind;
  /** `password`, `roles`, … Empty for what is new. */
  readonly fields: readonly string[];
  /** Extensions and devices that change hands. */
  readonly held: readonly Held[];
  /** What else becomes of it: the file takes over what was made over the API, and lets go of what it no longer names. */
  readonly note: 'taken over' | 'let go' | null;
}

export interface Held {
  readonly kind: string;
  readonly key: string;
}

/**
 * `directory` is the ledger's, or a command's state; `now` is when what the file no longer says ends, in UTC milliseconds.
 * Throws a `ConfigError` for a file that cannot be applied.
 */
export function planChanges(
  file: Organisation,
  directory: Directory,
  now: number,
  writing: Writing,
): readonly Change[] {
  const trial = new TrialState(directory, now);
  writeOrganisation(trial, file, writing);
  const byEntity = Map.groupBy(trial.changes(), each => each.entity.name);
  const of = (entity: { readonly name: string }): readonly RowChange[] => byEntity.get(entity.name) ?? [];
  const campaignName = (row: RowChange): string =>
    trial.get(campaign, (row.after ?? row.before)!['campaignId'] as number)!.name;
  return [
    ...settingsChange(of(setting)),
    ...userChanges(file, trial, of(user), [...of(extension), ...of(device)]),
    ...of(token).map(each => changeOf(`token ${nameOf(each)}`, each)),
    ...of(source).map(each => changeOf(`source ${rowOf(each)['key']}`, each)),
    ...of(webhook).map(each => changeOf(`webhook ${nameOf(each)}`, each)),
    ...campaignChanges(of(campaign), of(callingList), campaignName),
  ];
}

const rowOf = ({ before, after }: RowChange): Readonly<Record<string, unknown>> => (after ?? before)!;
const nameOf = (change: RowChange): string => String(rowOf(change)['name']);

/** Names of the file for columns that are called otherwise. */
const FIELD_NAMES: Readonly<Record<string, string>> = {
  hash: 'token',
  codeHash: 'code',
  userId: 'user',
  groupName: 'group',
};
const UNSAID = ['active', 'managedBy'];
const NOTHING = { login: null, fields: [], held: [], note: null };

function changeOf(what: string, { entity, before, after }: RowChange): Change {
  if (before === null || after === null) return { ...NOTHING, what, change: 'create' };
  const changed = entity.columnNames.filter(name => !isDeepStrictEqual(before[name], after[name]));
  const change = !changed.includes('active') ? 'change' : after['active'] === true ? 'activate' : 'deactivate';
  const fields = changed
    .filter(name => !UNSAID.includes(name))
    .flatMap(name => (name === 'settings' ? changedKeys(before[name], after[name]) : [FIELD_NAMES[name] ?? name]));
  return { ...NOTHING, what, change, fields, note: change === 'change' ? noteOf(before, after) : null };
}

function noteOf(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): Change['note'] {
  if (before['managedBy'] === 'api' && after['managedBy'] === 'file') return 'taken over';
  return before['managedBy'] === 'file' && after['managedBy'] !== 'file' ? 'let go' : null;
}

function changedKeys(before: unknown, after: unknown): readonly string[] {
  const [was, is] = [before, after] as Readonly<Record<string, unknown>>[];
  return Object.keys(is!).filter(key => !isDeepStrictEqual(was![key] ?? null, is![key] ?? null));
}

/** Names of the file for the keys of settings. */
const SETTING_NAMES: Readonly<Record<string, string>> = { outboundAllow: 'outbound.allow' };

function settingsChange(rows: readonly RowChange[]): readonly Change[] {
  const keys = rows.map(each => String(rowOf(each)['key']));
  const fields = keys.map(key => SETTING_NAMES[key] ?? key);
  return fields.length === 0 ? [] : [{ ...NOTHING, what: 'settings', change: 'change', fields }];
}

/** Users in the order of the file, then those it does not name, each with what they hold from now on or no longer. */
function userChanges(
  file: Organisation,
  trial: TrialState,
  rows: readonly RowChange[],
  holdings: readonly RowChange[],
): readonly Change[] {
  const own = new Map(rows.map(each => [rowOf(each)['id'] as number, each]));
  const heldBy = new Map<number, Map<string, Held>>();
  for (const { entity, before, after } of holdings) {
    for (const row of [before, after]) {
      if (row === null) continue;
      const userId = row['userId'] as number;
      const each = {
        kind: entity.name,
        key: placeName({ what: String(row[entity.key[0]!]), source: String(row['source'] ?? EVERYWHERE) }),
      };
      heldBy.set(userId, (heldBy.get(userId) ?? new Map()).set(`${each.kind} ${each.key}`, each));
    }
  }
  const named = file.users.map(each => each.id);
  const others = [...new Set([...own.keys(), ...heldBy.keys()])].filter(id => !named.includes(id));
  return [...named, ...others.sort((a, b) => a - b)].flatMap(id => {
    const held = [...(heldBy.get(id)?.values() ?? [])];
    const row = own.get(id);
    if (row === undefined && held.length === 0) return [];
    // One that is named goes by its new login, another one by that it is losing.
    const known = named.includes(id) || row === undefined ? trial.get(user, id) : row.before;
    const login = String(known?.['login'] ?? 'unknown');
    const what = `user ${id}`;
    const change: Change = row === undefined ? { ...NOTHING, what, change: 'change' } : changeOf(what, row);
    return [{ ...change, login, held: change.change === 'create' ? [] : held }];
  });
}

/** Each campaign followed by its lists. */
function campaignChanges(
  campaigns: readonly RowChange[],
  lists: readonly RowChange[],
  campaignName: (list: RowChange) => string,
): readonly Change[] {
  const byCampaign = Map.groupBy(lists, campaignName);
  const listsOf = (name: string): readonly Change[] =>
    (byCampaign.get(name) ?? []).map(each => changeOf(`list ${nameOf(each)} of ${name}`, each));
  const named = new Set(campaigns.map(nameOf));
  return [
    ...campaigns.flatMap(each => [changeOf(`campaign ${nameOf(each)}`, each), ...listsOf(nameOf(each))]),
    ...[...byCampaign.keys()].filter(name => !named.has(name)).flatMap(listsOf),
  ];
}
