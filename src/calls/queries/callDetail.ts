import { type JournalRow, journal } from '../../ledger/journal.ts';
import type { Reader } from '../../ledger/query.ts';
import { alias, type Call, call, doubt, type FormerCall, formerCall, type Report, report } from '../entities.ts';
import { strandsOf } from '../reports/strands.ts';
import { type SettledCall, settledEntry } from '../settling/expansion.ts';
import { settledAtBy } from '../settling/line.ts';

/** An entry of the journal. That a call settled is read from its row, and has no position. */
export type HistoryEntry = Omit<JournalRow, 'position'> & { readonly position: number | null };

export interface CallDetail {
  readonly call: Call;
  readonly reports: readonly Report[];
  /** In order. */
  readonly journal: readonly HistoryEntry[];
  /** Calls that look like this one, found too late to be joined by themselves. */
  readonly doubts: readonly number[];
}

/** More reports or entries of one call than this are not a call; the newest are left out. */
const AT_MOST = 1_000;

/** `id` may also be of a strand that was joined into an older call. `settledUpTo` must not be younger than what is read. */
export async function callDetail(reader: Reader, id: number, settledUpTo: number): Promise<CallDetail | null> {
  const found = (await callWith(reader, id)) ?? (await callWith(reader, await joinedInto(reader, id)));
  if (found === null) return null;
  const strands = strandsOf(found);
  const ofStrands = [{ column: 'callId', in: strands } as const];
  const [former, reports, entries, doubts] = await Promise.all([
    reader.select<FormerCall>({ from: formerCall, where: [{ column: 'id', in: strands }], limit: AT_MOST }),
    reader.select<Report>({ from: report, where: ofStrands, orderBy: [{ column: 'id' }], limit: AT_MOST }),
    reader.select<JournalRow>({ from: journal, where: ofStrands, orderBy: [{ column: 'position' }], limit: AT_MOST }),
    reader.select({
      from: doubt,
      where: [
        {
          any: [
            { column: 'id', in: strands },
            { column: 'withId', in: strands },
          ],
        },
      ],
      limit: AT_MOST,
    }),
  ]);
  const others = doubts.map(each => (strands.includes(each.id) ? each.withId : each.id));
  const settled = [...settledByItself(found, settledUpTo), ...former.filter(each => each.id !== found.id)];
  return { call: found, reports, journal: historyOf(entries, settled), doubts: others };
}

async function callWith(reader: Reader, id: number | null): Promise<Call | null> {
  if (id === null) return null;
  const [found] = await reader.select<Call>({ from: call, where: [{ column: 'id', is: '=', value: id }], limit: 1 });
  return found ?? null;
}

async function joinedInto(reader: Reader, id: number): Promise<number | null> {
  const [found] = await reader.select({ from: alias, where: [{ column: 'id', is: '=', value: id }], limit: 1 });
  return found?.into ?? null;
}

function settledByItself(found: Readonly<Call>, settledUpTo: number): SettledCall[] {
  const { id, historical, settlesAt } = found;
  const settledAt = settledAtBy(settledUpTo, { settlesAt, splitAt: null });
  return settledAt === null ? [] : [{ id, settledAt, historical }];
}

function historyOf(entries: readonly JournalRow[], settled: readonly SettledCall[]): readonly HistoryEntry[] {
  const all = [...entries, ...settled.map(each => settledEntry(null, each))];
  // What happened in the same millisecond stays in this order.
  return all.sort((a, b) => a.at - b.at);
}
