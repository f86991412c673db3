import { type JournalRow, journal } from '../../ledger/journal.ts';
import type { Reader } from '../../ledger/query.ts';
import { alias, type Call, call, doubt, type Report, report, type Settling, settling } from '../entities.ts';
import { strandsOf } from '../reports/strands.ts';

export interface CallDetail {
  readonly call: Call;
  readonly settling: Settling | null;
  readonly reports: readonly Report[];
  readonly journal: readonly JournalRow[];
  /** Calls that look like this one, found too late to be joined by themselves. */
  readonly doubts: readonly number[];
}

/** More reports or entries of one call than this are not a call; the newest are left out. */
const AT_MOST = 1_000;

/** `id` may also be of a strand that was joined into an older call. */
export async function callDetail(reader: Reader, id: number): Promise<CallDetail | null> {
  const found = (await callWith(reader, id)) ?? (await callWith(reader, await joinedInto(reader, id)));
  if (found === null) return null;
  const strands = strandsOf(found);
  const ofStrands = [{ column: 'callId', in: strands } as const];
  const [[settled], reports, entries, doubts] = await Promise.all([
    reader.select<Settling>({ from: settling, where: [{ column: 'callId', is: '=', value: found.id }], limit: 1 }),
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
  return { call: found, settling: settled ?? null, reports, journal: entries, doubts: others };
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

/** When each of these calls settled; a call that has not is missing. */
export async function settledAt(reader: Reader, ids: readonly number[]): Promise<Map<number, number>> {
  const rows = await reader.select<Settling>({
    from: settling,
    where: [{ column: 'callId', in: ids }],
    limit: Math.max(1, ids.length),
  });
  return new Map(rows.flatMap(row => (row.settledAt === null ? [] : [[row.callId, row.settledAt] as const])));
}
