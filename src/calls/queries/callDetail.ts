import { type JournalRow, journal } from '../../ledger/journal.ts';
import type { Reader } from '../../ledger/query.ts';
import { type Call, call, type Report, report, type Settling, settling } from '../entities.ts';

export interface CallDetail {
  readonly call: Call;
  readonly settling: Settling | null;
  readonly reports: readonly Report[];
  readonly journal: readonly JournalRow[];
}

/** More reports or entries of one call than this are not a call; the newest are left out. */
const AT_MOST = 1_000;

export async function callDetail(reader: Reader, id: number): Promise<CallDetail | null> {
  const of = <C extends string>(column: C) => [{ column, is: '=', value: id } as const];
  const [[found], [settled], reports, entries] = await Promise.all([
    reader.select<Call>({ from: call, where: of('id'), limit: 1 }),
    reader.select<Settling>({ from: settling, where: of('callId'), limit: 1 }),
    reader.select<Report>({ from: report, where: of('callId'), orderBy: [{ column: 'id' }], limit: AT_MOST }),
    reader.select<JournalRow>({
      from: journal,
      where: of('callId'),
      orderBy: [{ column: 'position' }],
      limit: AT_MOST,
    }),
  ]);
  if (found === undefined) return null;
  return { call: found, settling: settled ?? null, reports, journal: entries };
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
