/** What can be asked of the statistics. */
import type { Condition } from '../../ledger/query.ts';
import type { Direction } from '../../values/direction.ts';
import type { CountableCall } from '../entities.ts';

export const SUMMARY_KEYS = [
  'day',
  'hour',
  'quarter',
  'weekdayHour',
  'user',
  'queue',
  'line',
  'source',
  'direction',
  'outcome',
] as const;
export type SummaryKey = (typeof SUMMARY_KEYS)[number];

/** Every filter that is there must hold, by one of its values; null stands for calls without. */
export interface SummaryFilter {
  readonly directions?: readonly Direction[];
  readonly queues?: readonly (string | null)[];
  readonly lines?: readonly (string | null)[];
  readonly sources?: readonly number[];
  /** Calls they took part in. */
  readonly users?: readonly (number | null)[];
}

export interface SummaryQuestion {
  /** None, one or two, different ones. */
  readonly by: readonly SummaryKey[];
  readonly filter: SummaryFilter;
  /** Only calls that were in a queue. */
  readonly queuedOnly: boolean;
  /** UTC milliseconds, inclusive; null since ever. */
  readonly startedFrom: number | null;
  /** UTC milliseconds, exclusive; null for ever. */
  readonly startedTo: number | null;
  /** Zone of hours and days. */
  readonly timeZone: string;
  /** Zone in which the day rollups are kept. */
  readonly dayZone: string;
  /** Within how many seconds a queue of a source is to be answered: one of the bounds of the histograms. */
  readonly answerWithinSeconds: (sourceId: number, queue: string) => number;
  /** The name of a source by its id, which rows are ordered by. */
  readonly sourceKeyOf: (sourceId: number) => string;
}

/**
 * What is counted. `calls`: each once. `participants`: each once for every user who took part, with that user's own seconds.
 * `together`: each once where any of several users took part, with the seconds of all of them.
 */
export type Unit = 'calls' | 'participants' | 'together';

/** The unit of the totals, and of rows that are not of a user each. */
export function unitOf({ users }: SummaryFilter): Unit {
  if (users === undefined) return 'calls';
  return users.length === 1 ? 'participants' : 'together';
}

/** Seconds of a range are too many for questions that only the calls themselves can answer. */
export class RangeTooLong extends Error {
  override readonly name = 'RangeTooLong';
  readonly days: number;

  constructor(days: number) {
    super(`no rollup answers this question, and counting calls is limited to ${days} days`);
    this.days = days;
  }
}

/** An answer has more rows than are held together at once, of which a page is only a part. */
export class TooManyRows extends Error {
  override readonly name = 'TooManyRows';
  readonly rows: number;

  constructor(rows: number) {
    super(`the answer has more than ${rows} rows`);
    this.rows = rows;
  }
}

/** A column that is one of the values; null is one of them. */
export function oneOf<C extends string>(column: C, values: readonly (string | number | null)[]): Condition<C> {
  const known = values.filter(each => each !== null);
  if (known.length === values.length) return { column, in: known };
  return {
    any: [
      { column, in: known },
      { column, null: true },
    ],
  };
}

/** Whether calls are counted as the queues that are asked for saw them; sources are then those of the queues. */
export const isAboutQueues = ({ by, filter, queuedOnly }: SummaryQuestion): boolean =>
  queuedOnly || filter.queues !== undefined || by.includes('queue');

/** Whether calls without a queue are among them. */
export const asksForUnqueued = ({ filter, queuedOnly }: SummaryQuestion): boolean =>
  !queuedOnly && (filter.queues?.includes(null) ?? true);

/** What the filter demands of a call's own row. */
export function callConditions(question: SummaryQuestion): Condition<keyof CountableCall & string>[] {
  const { directions, lines, sources, queues } = question.filter;
  const ofQueues = isAboutQueues(question);
  const withNone = !ofQueues || asksForUnqueued(question);
  const onlyNone = queues?.every(each => each === null) ?? false;
  return [
    { column: 'endedAt', null: false },
    ...(withNone && !onlyNone ? [] : [{ column: 'queue', null: withNone } as const]),
    ...(directions === undefined ? [] : [{ column: 'direction', in: directions } as const]),
    ...(ofQueues || sources === undefined ? [] : [{ column: 'sourceId', in: sources } as const]),
    ...(lines === undefined ? [] : [oneOf('line', lines)]),
  ];
}
