/** How many calls, and how long was talked, by one property. Adds up to the list of calls, whatever the range. */
import type { Entity } from '../../ledger/entity.ts';
import type { AggregateRow, Condition, Reader } from '../../ledger/query.ts';
import { formatLocalDay, localAt, localDay, localDayStart } from '../../values/zonedTime.ts';
import { type CountableCall, rollupLine, rollupQuarter, rollupSource, rollupUser } from '../entities.ts';
import { QUARTER_MS } from '../onCall.ts';

export type SummaryKey = 'quarter' | 'hour' | 'day' | 'user' | 'line' | 'source' | 'outcome';

export interface SummaryQuestion {
  readonly by: SummaryKey;
  /** UTC milliseconds, inclusive; null since ever. */
  readonly startedFrom: number | null;
  /** UTC milliseconds, exclusive; null for ever. */
  readonly startedTo: number | null;
  /** Zone of hours and days. */
  readonly timeZone: string;
  /** Zone in which the day rollups are kept. */
  readonly dayZone: string;
}

export interface Sums {
  calls: number;
  answered: number;
  missed: number;
  abandoned: number;
  talkSeconds: number;
}
/** `key`: an instant (quarter, hour, UTC milliseconds), a date, a user's or source's id, a line, an outcome. */
export type SummaryRow = { key: string } & Sums;

/** Rows of a counter or groups of calls, whichever answers the question. */
interface Part {
  readonly rows: readonly AggregateRow[];
}

const NONE: Sums = { calls: 0, answered: 0, missed: 0, abandoned: 0, talkSeconds: 0 };

export async function summary(
  reader: Reader,
  calls: Entity<CountableCall>,
  question: SummaryQuestion,
): Promise<{ rows: SummaryRow[]; totals: Sums }> {
  const { by } = question;
  const parts =
    by === 'user' || by === 'line' || by === 'source'
      ? await byDay(reader, calls, question, by)
      : await byQuarter(reader, calls, question);
  const rows = new Map<string, SummaryRow>();
  const totals = { ...NONE };
  for (const row of parts.flatMap(part => part.rows)) {
    add(totals, row);
    const key = keyOf(row, question);
    if (key === null) continue;
    let into = rows.get(key);
    if (into === undefined) {
      into = { key, ...NONE };
      rows.set(key, into);
    }
    add(into, row);
  }
  const isText = by === 'day' || by === 'line' || by === 'outcome';
  const sorted = [...rows.values()].sort((a, b) => (isText ? (a.key < b.key ? -1 : 1) : Number(a.key) - Number(b.key)));
  return { rows: sorted, totals };
}

function add(into: Sums, row: AggregateRow): void {
  const calls = row['calls'] as number;
  into.calls += calls;
  if (row['outcome'] === 'answered') {
    into.answered += calls;
    into.talkSeconds += row['talkSeconds'] as number;
  } else if (row['outcome'] === 'missed') into.missed += calls;
  else if (row['outcome'] === 'abandoned') into.abandoned += calls;
}

function keyOf(row: AggregateRow, { by, timeZone }: SummaryQuestion): string | null {
  if (by === 'outcome') return String(row['outcome']);
  if (by === 'user') return row['userId'] === null ? null : String(row['userId']);
  if (by === 'line') return row['line'] === null ? null : String(row['line']);
  if (by === 'source') return String(row['sourceId']);
  const at = (row['quarter'] as number) * QUARTER_MS;
  if (by === 'quarter') return String(at);
  if (by === 'day') return formatLocalDay(localDay(timeZone, at));
  const intoHour = ((localAt(timeZone, at) % 3_600_000) + 3_600_000) % 3_600_000;
  return String(at - intoHour);
}

/** Whole quarter hours from the rollup, what sticks out at either end from the calls themselves. */
async function byQuarter(reader: Reader, calls: Entity<CountableCall>, question: SummaryQuestion): Promise<Part[]> {
  const { startedFrom, startedTo } = question;
  const first = startedFrom === null ? null : Math.ceil(startedFrom / QUARTER_MS);
  const end = startedTo === null ? null : Math.floor(startedTo / QUARTER_MS);
  const parts: Part[] = [];
  if (first !== null && end !== null && first > end) {
    return [asQuarters(startedFrom!)(await countedCalls(reader, calls, startedFrom, startedTo, []))];
  }
  const where: Condition<'quarter'>[] = [];
  if (first !== null) where.push({ column: 'quarter', is: '>=', value: first });
  if (end !== null) where.push({ column: 'quarter', is: '<', value: end });
  const groupBy = question.by === 'outcome' ? (['outcome'] as const) : (['quarter', 'outcome'] as const);
  parts.push({ rows: await reader.aggregate({ from: rollupQuarter, where, groupBy, sum: ['calls', 'talkSeconds'] }) });
  if (first !== null && first * QUARTER_MS > startedFrom!) {
    parts.push(asQuarters(startedFrom!)(await countedCalls(reader, calls, startedFrom, first * QUARTER_MS, [])));
  }
  if (end !== null && end * QUARTER_MS < startedTo!) {
    parts.push(asQuarters(end * QUARTER_MS)(await countedCalls(reader, calls, end * QUARTER_MS, startedTo, [])));
  }
  return parts;
}

/** Calls of a stretch within one quarter hour as rows of that quarter. */
const asQuarters =
  (from: number) =>
  (part: Part): Part => ({
    rows: part.rows.map(row => ({ ...row, quarter: Math.floor(from / QUARTER_MS) })),
  });

/** Whole days of the organisation from the rollup, the ends from the calls themselves. */
async function byDay(
  reader: Reader,
  calls: Entity<CountableCall>,
  { startedFrom, startedTo, dayZone }: SummaryQuestion,
  by: 'user' | 'line' | 'source',
): Promise<Part[]> {
  const column = by === 'user' ? 'userId' : by === 'line' ? 'line' : 'sourceId';
  const from = by === 'user' ? rollupUser : by === 'line' ? rollupLine : rollupSource;
  const dayFrom = startedFrom === null ? null : localDay(dayZone, startedFrom);
  const first = dayFrom === null ? null : localDayStart(dayZone, dayFrom) === startedFrom ? dayFrom : dayFrom + 1;
  const end = startedTo === null ? null : localDay(dayZone, startedTo);
  if (first !== null && end !== null && first > end) {
    return [await countedCalls(reader, calls, startedFrom, startedTo, [column])];
  }
  const where: Condition<'day'>[] = [];
  if (first !== null) where.push({ column: 'day', is: '>=', value: first });
  if (end !== null) where.push({ column: 'day', is: '<', value: end });
  const groupBy = [column, 'outcome'] as never[];
  const parts = [
    {
      rows: await reader.aggregate({ from: from as typeof rollupUser, where, groupBy, sum: ['calls', 'talkSeconds'] }),
    },
  ];
  if (by !== 'source') parts.push({ rows: await withoutKey(reader, where, column, parts[0]!.rows) });
  if (first !== null && localDayStart(dayZone, first) > startedFrom!) {
    parts.push((await countedCalls(reader, calls, startedFrom, localDayStart(dayZone, first), [column])) as never);
  }
  if (end !== null && localDayStart(dayZone, end) < startedTo!) {
    parts.push((await countedCalls(reader, calls, localDayStart(dayZone, end), startedTo, [column])) as never);
  }
  return parts;
}

/** Calls of nobody or of no line are in the totals though no row shows them: all calls less those with a key. */
async function withoutKey(
  reader: Reader,
  where: readonly Condition<'day'>[],
  column: string,
  keyed: readonly AggregateRow[],
): Promise<AggregateRow[]> {
  const all = await reader.aggregate({
    from: rollupSource,
    where,
    groupBy: ['outcome'],
    sum: ['calls', 'talkSeconds'],
  });
  return all.map(row => {
    const same = keyed.filter(each => each['outcome'] === row['outcome']);
    const rest = (name: string) => (row[name] as number) - same.reduce((sum, each) => sum + (each[name] as number), 0);
    return { [column]: null, outcome: row['outcome']!, calls: rest('calls'), talkSeconds: rest('talkSeconds') };
  });
}

async function countedCalls(
  reader: Reader,
  calls: Entity<CountableCall>,
  from: number | null,
  to: number | null,
  columns: readonly ('userId' | 'line' | 'sourceId')[],
): Promise<Part> {
  const where: Condition<keyof CountableCall & string>[] = [{ column: 'endedAt', null: false }];
  if (from !== null) where.push({ column: 'startedAt', is: '>=', value: from });
  if (to !== null) where.push({ column: 'startedAt', is: '<', value: to });
  const rows = await reader.aggregate({ from: calls, where, groupBy: [...columns, 'outcome'], sum: ['talkSeconds'] });
  return { rows: rows.map(({ count, ...row }) => ({ ...row, calls: count! })) };
}
