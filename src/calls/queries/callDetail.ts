import { type JournalRow, journal } from '../../ledger/journal.ts';
import type { Reader } from '../../ledger/query.ts';
import {
  type Call,
  call,
  type FormerCall,
  formerCall,
  type Participation,
  participation,
  type QueueVisit,
  queueVisit,
  type Report,
  report,
  sourceCall,
} from '../entities.ts';
import { sourceCallsOf, toldBy } from '../reports/sourceCalls.ts';
import { type SettledCall, settledEntry } from '../settling/expansion.ts';
import { settledAtBy } from '../settling/line.ts';
import { possibleMatchesOf } from './possibleMatches.ts';

/** An entry of the journal. That a call settled is read from its row, and has no position. */
export type HistoryEntry = Omit<JournalRow, 'position'> & { readonly position: number | null };

export interface CallDetail {
  readonly call: Call;
  readonly reports: readonly Report[];
  /** In order. */
  readonly journal: readonly HistoryEntry[];
  /** Calls that look like this one, found too late to be joined by themselves. */
  readonly possibleMatches: readonly number[];
  readonly participants: readonly Participation[];
  readonly visits: readonly QueueVisit[];
}

/** More reports or entries of one call than this are not a call; the newest are left out. */
const AT_MOST = 1_000;

/** `id` may also be of a source call that was joined into an older call. `settledUpTo` must not be younger than what is read. */
export async function callDetail(reader: Reader, id: number, settledUpTo: number): Promise<CallDetail | null> {
  const found = await currentCall(reader, id);
  if (found === null) return null;
  const own = sourceCallsOf(found);
  const [former, reports, entries, matches, participants, visits] = await Promise.all([
    reader.select<FormerCall>({ from: formerCall, where: [{ column: 'id', in: own }], limit: AT_MOST }),
    reader.select<Report>({
      from: report,
      where: [{ column: 'sourceCallId', in: toldBy(found) }],
      orderBy: [{ column: 'id' }],
      limit: AT_MOST,
    }),
    reader.select<JournalRow>({
      from: journal,
      where: [{ column: 'callId', in: own }],
      orderBy: [{ column: 'position' }],
      limit: AT_MOST,
    }),
    possibleMatchesOf(reader, found.id, own),
    reader.select({
      from: participation,
      where: [{ column: 'callId', is: '=', value: found.id }],
      orderBy: [{ column: 'userId' }],
      limit: AT_MOST,
    }),
    reader.select({ from: queueVisit, where: [{ column: 'callId', is: '=', value: found.id }], limit: AT_MOST }),
  ]);
  const settled = [...settledByItself(found, settledUpTo), ...former.filter(each => each.id !== found.id)];
  return {
    call: found,
    reports,
    journal: historyOf(entries, settled),
    possibleMatches: matches,
    participants,
    visits,
  };
}

/** The call an id leads to, its own or that of a source call which was joined into it. */
export async function currentCall(reader: Reader, id: number): Promise<Call | null> {
  return (await callWith(reader, id)) ?? (await callWith(reader, await joinedInto(reader, id)));
}

async function callWith(reader: Reader, id: number | null): Promise<Call | null> {
  if (id === null) return null;
  const [found] = await reader.select<Call>({ from: call, where: [{ column: 'id', is: '=', value: id }], limit: 1 });
  return found ?? null;
}

async function joinedInto(reader: Reader, id: number): Promise<number | null> {
  const [found] = await reader.select({ from: sourceCall, where: [{ column: 'id', is: '=', value: id }], limit: 1 });
  return found?.callId ?? null;
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
