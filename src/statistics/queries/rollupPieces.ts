import type { AggregateRow, Condition, Reader } from '../../ledger/query.ts';
import type { Direction } from '../../values/direction.ts';
import type { QueueOutcome } from '../../values/outcome.ts';
import { NOT_KNOWN } from '../../values/secondsBuckets.ts';
import { type Dimension, NOBODY, QUEUED, rollup, SUMS } from '../entities.ts';
import { QUARTERS_PER_DAY } from '../onCall.ts';
import { paddedIds } from '../partsOfCalls.ts';
import type { Piece } from './piece.ts';
import { visitDimensions } from './plan.ts';
import { asksForUnqueued, type SummaryKey, type SummaryQuestion } from './question.ts';

/** Slots from the first to before the end: days, or quarter hours where the rollup is of these. */
export interface Slots {
  readonly first: number;
  readonly end: number;
}

type Column = 'day' | 'id' | 'name' | 'direction' | 'outcome' | 'currency' | 'waitBucket' | 'ringBucket' | 'dimension';

/** Days read by one statement: the first ones, at most, and how many times more than the one before. */
const DAYS = { first: 4, most: 16, growth: 4 } as const;
/** Rows one statement is to answer with: what they add up to keeps the server from everything else meanwhile. */
const ROWS_AT_ONCE = 5_000;

/** What a part of a question needs. */
export interface Reading {
  /** Nothing but which rows there are: pieces then have `calls` and `rangOnly` only. */
  readonly keysOnly?: boolean;
  /** Only the rows of these, in a rollup of users. */
  readonly users?: readonly number[];
}

/** The pieces of these slots in the rows of one rollup, as many at a time as one statement reads. */
export async function* rollupPieces(
  reader: Reader,
  dimension: Dimension,
  { first, end }: Slots,
  question: SummaryQuestion,
  { keysOnly = false, users }: Reading = {},
): AsyncGenerator<Piece[]> {
  const perDay = dimension === 'quarter' ? QUARTERS_PER_DAY : 1;
  const withNone = asksForNone(dimension, question);
  const read = dimension === 'queue' ? visitDimensions(question)! : [dimension];
  const groupBy = columnsOf(dimension, question.by, keysOnly);
  const sum = keysOnly ? KEYS_ONLY : SUMS;
  const others = filterConditions(dimension, question, withNone);
  if (dimension === 'user' && users !== undefined) others.push({ column: 'id', in: paddedIds(users) });
  let days: number = DAYS.first;
  for (let from = first; from < end; ) {
    const to = Math.min(end, (Math.floor(from / perDay) + days) * perDay);
    let answered: number;
    const where = [...slotConditions(dimension, from, to), ...others];
    if (!withNone) {
      where.push({ column: 'dimension', in: read });
      const rows = await reader.aggregate({ from: rollup, where, groupBy, sum });
      answered = rows.length;
      yield rows.map(row => pieceOf(dimension, row));
    } else {
      // One statement sees one moment: no call is in one of the rollups alone.
      where.push({ column: 'dimension', in: [...read, 'source'] });
      const rows = await reader.aggregate({ from: rollup, where, groupBy: ['dimension', ...groupBy], sum });
      answered = rows.length;
      yield dimension === 'queue' ? queuedAndNot(rows, question) : namedAndNone(rows, question);
    }
    from = to;
    const fitting = Math.floor((days * ROWS_AT_ONCE) / Math.max(1, answered));
    days = Math.max(1, Math.min(fitting, DAYS.most, days * DAYS.growth));
  }
}

const KEYS_ONLY = ['calls', 'rangOnly'] as const satisfies readonly (typeof SUMS)[number][];

/** Whether calls without a line or queue are asked for, which have no row of one. */
function asksForNone(dimension: Dimension, question: SummaryQuestion): boolean {
  if (dimension === 'line') return question.filter.lines?.includes(null) ?? true;
  return dimension === 'queue' && asksForUnqueued(question);
}

/** Calls without a line are all calls of the source less those that have one. */
function namedAndNone(rows: readonly AggregateRow[], { filter: { lines } }: SummaryQuestion): Piece[] {
  return rows.flatMap(row => {
    if (row['dimension'] === 'source') return [pieceOf('source', row)];
    const piece = pieceOf('line', row);
    const isAsked = lines === undefined || lines.includes(row['name'] as string);
    return isAsked ? [piece, takenOut(piece)] : [takenOut(piece)];
  });
}

/** Calls without a queue have rows of their own in those of the source. */
function queuedAndNot(rows: readonly AggregateRow[], { filter: { queues } }: SummaryQuestion): Piece[] {
  return rows.flatMap(row => {
    if (row['dimension'] === 'source') return row['name'] === QUEUED ? [] : [pieceOf('source', row)];
    return queues === undefined || queues.includes(row['name'] as string) ? [pieceOf('queue', row)] : [];
  });
}

function takenOut(piece: Piece): Piece {
  const { share, rings } = piece;
  const negated = Object.fromEntries(SUMS.map(sum => [sum, -(share[sum] ?? 0)])) as unknown as Piece['share'];
  return {
    ...piece,
    line: null,
    share: { ...negated, currency: share.currency },
    rings: rings.map(([bucket, count]) => [bucket, -count]),
  };
}

/** What is told apart: no more than the question needs. */
function columnsOf(dimension: Dimension, by: readonly SummaryKey[], keysOnly: boolean): Column[] {
  const columns: Column[] = keysOnly ? [] : ['outcome', 'currency'];
  if (keysOnly && by.includes('outcome')) columns.push('outcome');
  if (by.includes('direction')) columns.push('direction');
  if (dimension === 'quarter') {
    if (by.some(key => key !== 'direction' && key !== 'outcome')) columns.push('id');
    return columns;
  }
  if (!keysOnly) columns.push('ringBucket');
  if (by.includes('day')) columns.push('day');
  if (dimension === 'user' ? by.includes('user') : by.includes('source') || dimension === 'queue') columns.push('id');
  if (dimension === 'line' || dimension === 'queue') columns.push('name');
  if (dimension === 'queue' && !keysOnly) columns.push('waitBucket');
  return columns;
}

function slotConditions(dimension: Dimension, from: number, to: number): Condition<Column>[] {
  const isQuarter = dimension === 'quarter';
  const days = isQuarter
    ? [Math.floor(from / QUARTERS_PER_DAY), Math.floor((to - 1) / QUARTERS_PER_DAY) + 1]
    : [from, to];
  // Named one by one, the key leads to the rows of each day's dimension: those of the others are not read.
  const named = Array.from({ length: days[1]! - days[0]! }, (_, n) => days[0]! + n);
  return [
    { column: 'day', in: paddedIds(named) },
    ...(isQuarter
      ? [{ column: 'id', is: '>=', value: from } as const, { column: 'id', is: '<', value: to } as const]
      : []),
  ];
}

function filterConditions(dimension: Dimension, { filter }: SummaryQuestion, withNone: boolean): Condition<Column>[] {
  const { directions, sources, users, lines, queues } = filter;
  const names = withNone ? undefined : dimension === 'line' ? lines : dimension === 'queue' ? queues : undefined;
  return [
    ...(directions === undefined ? [] : [{ column: 'direction', in: directions } as const]),
    ...(names === undefined ? [] : [{ column: 'name', in: names.filter(each => each !== null) } as const]),
    ...(dimension === 'user' && users !== undefined
      ? [{ column: 'id', in: users.map(each => each ?? NOBODY) } as const]
      : []),
    ...(dimension !== 'user' && dimension !== 'quarter' && sources !== undefined
      ? [{ column: 'id', in: sources } as const]
      : []),
  ];
}

function pieceOf(dimension: Dimension, row: AggregateRow): Piece {
  const share = row as unknown as Piece['share'];
  const id = (row['id'] ?? null) as number | null;
  const isUser = dimension === 'user';
  const ringBucket = (row['ringBucket'] ?? NOT_KNOWN) as number;
  return {
    quarter: dimension === 'quarter' ? id : null,
    day: (row['day'] ?? null) as number | null,
    direction: (row['direction'] ?? null) as Direction | null,
    outcome: row['outcome'] as QueueOutcome,
    sourceId: isUser || dimension === 'quarter' ? null : id,
    queue: dimension === 'queue' ? (row['name'] as string) : null,
    line: dimension === 'line' ? (row['name'] as string) : null,
    userId: isUser && id !== NOBODY ? id : null,
    share,
    rings: [[ringBucket, share.calls + share.rangOnly]],
    waitBucket: (row['waitBucket'] ?? NOT_KNOWN) as number,
  };
}
