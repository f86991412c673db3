import { dayBegun, formatLocalDay, localAt } from '../../values/zonedTime.ts';
import { QUARTER_MS } from '../onCall.ts';
import type { Piece } from './piece.ts';
import type { SummaryKey, SummaryQuestion } from './question.ts';

/**
 * What a row is about. `day`: the date. `hour`, `quarter`: UTC milliseconds at which it begins. `weekdayHour`: `1T09`, Monday 1. `user`:
 * the id. `source`: its key. Null: calls without.
 */
export type RowKey = number | string | null;

export const rowKeysOf = (piece: Piece, question: SummaryQuestion): RowKey[] =>
  question.by.map(key => rowKeyOf(key, piece, question));

function rowKeyOf(key: SummaryKey, piece: Piece, { timeZone, dayZone, sourceKeyOf }: SummaryQuestion): RowKey {
  switch (key) {
    case 'day': {
      const { day } = piece;
      const isKept = day !== null && timeZone === dayZone;
      return formatLocalDay(isKept ? day : dayBegun(timeZone, instantOf(piece)));
    }
    case 'hour':
      return hourOf(timeZone, instantOf(piece));
    case 'quarter':
      return instantOf(piece);
    case 'weekdayHour': {
      const { weekday, hour } = weekdayHourOf(timeZone, instantOf(piece));
      return `${weekday}T${String(hour).padStart(2, '0')}`;
    }
    case 'user':
      return piece.userId;
    case 'source':
      return sourceKeyOf(piece.sourceId!);
    case 'queue':
    case 'line':
    case 'direction':
    case 'outcome':
      return piece[key];
  }
}

const instantOf = ({ quarter }: Piece): number => quarter! * QUARTER_MS;

const HOUR_MS = 3_600_000;

/**
 * The first quarter of an hour of the zone's clock, for an instant that begins a quarter. A clock that is set begins another hour, which
 * is shorter where it is set within one.
 */
export function hourOf(timeZone: string, at: number): number {
  const offset = localAt(timeZone, at) - at;
  const hour = Math.floor((at + offset) / HOUR_MS);
  const isInIt = (quarter: number) => {
    const local = localAt(timeZone, quarter);
    return local - quarter === offset && Math.floor(local / HOUR_MS) === hour;
  };
  let first = at;
  while (isInIt(first - QUARTER_MS)) first -= QUARTER_MS;
  return first;
}

/** ISO 8601: Monday is 1. */
export function weekdayHourOf(timeZone: string, at: number): { weekday: number; hour: number } {
  const local = localAt(timeZone, at);
  const day = Math.floor(local / (24 * HOUR_MS));
  // 1970-01-01 was a Thursday.
  return { weekday: ((((day + 3) % 7) + 7) % 7) + 1, hour: Math.floor(local / HOUR_MS) - day * 24 };
}

/** Numbers ascending, texts by code units, what has none last. */
export function compareKeys(a: readonly RowKey[], b: readonly RowKey[]): number {
  for (let i = 0; i < a.length; i++) {
    const order = compareKey(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return 0;
}

function compareKey(a: RowKey, b: RowKey): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  return a < b ? -1 : 1;
}
