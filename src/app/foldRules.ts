/** By which rules the calls of a ledger were folded, so that other rules are not taken for damage. */
import { call } from '../calls/entities.ts';
import { FOLD_RULES } from '../calls/fold/foldRules.ts';
import { readSetting, setting } from '../config/setting.ts';
import type { Directory } from '../ledger/directory.ts';
import type { Reader } from '../ledger/query.ts';
import type { Command } from '../ledger/state.ts';

/** The rules that some calls of this source may still be folded by. */
export function rulesOf(from: Pick<Directory, 'get'>, sourceId: number): number {
  const { all, sources } = readSetting(from, 'foldRules');
  return sources[sourceId] ?? all;
}

/** All calls that the source tells of have been folded by the present rules. */
export function noteFolded(sourceId: number): Command<void> {
  return {
    name: 'note the rules of the fold',
    bytes: 200,
    apply: state => {
      if (rulesOf(state, sourceId) === FOLD_RULES) return;
      const known = readSetting(state, 'foldRules');
      const sources = { ...known.sources, [sourceId]: FOLD_RULES };
      state.put(setting, { key: 'foldRules', value: { ...known, sources } });
    },
  };
}

/** The starts of the first and the last call, UTC milliseconds; null where there is none. */
export async function spanOfCalls(reader: Reader): Promise<readonly [first: number, last: number] | null> {
  const at = async (descending: boolean) => {
    const orderBy = [{ column: 'startedAt', descending }] as const;
    return (await reader.select({ from: call, columns: ['startedAt'], orderBy, limit: 1 }))[0]?.startedAt;
  };
  const [first, last] = [await at(false), await at(true)];
  return first === undefined || last === undefined ? null : [first, last];
}
