/** What cannot be of how calls settle, by their rows (settling/line.ts). */
import { type JournalRow, journal } from '../../ledger/journal.ts';
import { pagesByKey } from '../../ledger/pagesByKey.ts';
import type { Reader } from '../../ledger/query.ts';
import { selectWithin } from '../../ledger/selectWithin.ts';
import { type Call, call, type FormerCall, formerCall, type SourceCall, sourceCall } from '../entities.ts';
import { callsSettled } from '../events.ts';
import { SETTLES_AT_MOST_MS } from '../settling/settle.ts';

const PAGE = 5_000;

/** What is wrong with when a call settles, the line being at `upTo`; null where nothing is. */
export function settlingFaultOf(
  { id, endedAt, endedSeenAt, settlesAt, splitAt }: Readonly<Call>,
  upTo: number,
): string | null {
  if (settlesAt === null) {
    return endedAt !== null && splitAt === null ? `call ${id} has ended, and nothing waits for it to settle` : null;
  }
  if (splitAt !== null) return `call ${id} is due to settle, and counts as settled since it was split off`;
  if (settlesAt <= upTo) return null;
  if (endedAt === null) return `call ${id} has no end, and is due to settle`;
  // What was due before the line is due right after it.
  const latest = Math.max((endedSeenAt ?? 0) + SETTLES_AT_MOST_MS, upTo + 1);
  return settlesAt > latest ? `call ${id} is due to settle ${settlesAt - latest} ms later than it may` : null;
}

/** Of the line, which is at `upTo`, of the entries that moved it, and of calls that settled before they became part of others. */
export async function* findSettlingFaults(reader: Reader, upTo: number): AsyncGenerator<string> {
  let moved = 0;
  const moves = [{ column: 'kind', is: '=', value: callsSettled.kind }] as const;
  for await (const page of pagesByKey(reader, journal, PAGE, moves)) {
    for (const each of page) {
      const fault = faultOfMove(each, moved);
      if (fault !== null) yield `entry ${each.position} ${fault}`;
      moved = boundsOf(each).to;
    }
  }
  if (moved !== upTo) yield `the settling line is at ${upTo}, and the journal moved it to ${moved}`;
  for await (const page of pagesByKey(reader, formerCall, PAGE)) yield* faultsOfFormer(reader, page, upTo);
}

const boundsOf = ({ data }: JournalRow) => data as { readonly from: number; readonly to: number };

/** Each move goes on where the one before ended, and none goes beyond its own time. */
function faultOfMove(entry: JournalRow, before: number): string | null {
  const { from, to } = boundsOf(entry);
  if (from !== before) return `moves the settling line from ${from}, and it was at ${before}`;
  if (to <= from) return `moves the settling line from ${from} to ${to}`;
  return to > entry.at ? `moves the settling line ${to - entry.at} ms ahead of its own time` : null;
}

/** Such a call is part of another one, or has been split off again and settled when it had. */
async function* faultsOfFormer(reader: Reader, page: readonly FormerCall[], upTo: number): AsyncGenerator<string> {
  const ids = page.map(each => each.id);
  const calls = await selectWithin<Call, 'id'>(reader, call, 'id', ids, ['id', 'settlesAt']);
  const dueAt = new Map(calls.map(each => [each.id, each.settlesAt]));
  const rows = await selectWithin<SourceCall, 'id'>(reader, sourceCall, 'id', ids, ['id', 'callId']);
  const callIds = new Map(rows.map(each => [each.id, each.callId]));
  for (const { id, settledAt } of page) {
    if (settledAt > upTo) yield `call ${id} settled at ${settledAt}, and the settling line is at ${upTo}`;
    else if (dueAt.has(id) ? dueAt.get(id) !== settledAt : (callIds.get(id) ?? id) === id) {
      const now = dueAt.has(id) ? `its row says ${dueAt.get(id)}` : 'it is no call and part of none';
      yield `call ${id} settled at ${settledAt} before it became part of another one, and ${now}`;
    }
  }
}
