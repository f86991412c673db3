import { type JournalRow, journal } from '../../ledger/journal.ts';
import type { Reader } from '../../ledger/query.ts';
import {
  type Call,
  call,
  link,
  type Participation,
  participation,
  type Report,
  report,
  type Settling,
  settling,
  sourceCall,
} from '../entities.ts';
import { sourceCallsOf, toldBy } from '../reports/sourceCalls.ts';

export interface CallDetail {
  readonly call: Call;
  readonly settling: Settling | null;
  readonly reports: readonly Report[];
  readonly journal: readonly JournalRow[];
  /** Calls that look like this one, found too late to be joined by themselves. */
  readonly possibleMatches: readonly number[];
  readonly participants: readonly Participation[];
}

/** More reports or entries of one call than this are not a call; the newest are left out. */
const AT_MOST = 1_000;

/** `id` may also be of a source call that was joined into an older call. */
export async function callDetail(reader: Reader, id: number): Promise<CallDetail | null> {
  const found = (await callWith(reader, id)) ?? (await callWith(reader, await joinedInto(reader, id)));
  if (found === null) return null;
  const own = sourceCallsOf(found);
  const [[settled], reports, entries, links, participants] = await Promise.all([
    reader.select<Settling>({ from: settling, where: [{ column: 'callId', is: '=', value: found.id }], limit: 1 }),
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
    suspectedLinks(reader, own),
    reader.select({
      from: participation,
      where: [{ column: 'callId', is: '=', value: found.id }],
      orderBy: [{ column: 'userId' }],
      limit: AT_MOST,
    }),
  ]);
  const others = links.map(({ a, b }) => (own.includes(a) ? b : a));
  return {
    call: found,
    settling: settled ?? null,
    reports,
    journal: entries,
    possibleMatches: [...new Set((await callIdsOf(reader, others)).values())],
    participants,
  };
}

async function suspectedLinks(reader: Reader, own: readonly number[]) {
  const found = await Promise.all(
    (['a', 'b'] as const).map(column =>
      reader.select({
        from: link,
        where: [
          { column, in: own },
          { column: 'suspicionId', null: false },
        ],
        limit: AT_MOST,
      }),
    ),
  );
  return found.flat();
}

/** The calls these source calls are part of now, by source call. */
export async function callIdsOf(reader: Reader, sourceCallIds: readonly number[]): Promise<Map<number, number>> {
  if (sourceCallIds.length === 0) return new Map();
  const rows = await reader.select({
    from: sourceCall,
    where: [{ column: 'id', in: sourceCallIds }],
    limit: sourceCallIds.length,
  });
  return new Map(rows.map(({ id, callId }) => [id, callId ?? id]));
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

/** When each of these calls settled; a call that has not is missing. */
export async function settledAt(reader: Reader, ids: readonly number[]): Promise<Map<number, number>> {
  const rows = await reader.select<Settling>({
    from: settling,
    where: [{ column: 'callId', in: ids }],
    limit: Math.max(1, ids.length),
  });
  return new Map(rows.flatMap(row => (row.settledAt === null ? [] : [[row.callId, row.settledAt] as const])));
}
