/** What a list of calls can be narrowed down by. */
import type { Condition } from '../../ledger/query.ts';
import type { Direction } from '../../values/direction.ts';
import type { Outcome } from '../../values/outcome.ts';
import { type Call, call } from '../entities.ts';

export type CallState = 'open' | 'ended' | 'unfinished';

/** A call without an end that began longer ago than this was registered and never finished. */
export const UNFINISHED_AFTER_MS = 4 * 3600_000;

export type CallCondition = Condition<keyof Call & string>;

/** Everything that is there must hold; of a list, one of its values. Null stands for calls without. */
export interface CallFilter {
  /** UTC milliseconds, inclusive. */
  readonly startedFrom?: number;
  /** UTC milliseconds, exclusive. */
  readonly startedTo?: number;
  readonly localHours?: LocalHours;
  readonly sourceIds?: readonly number[];
  /** Calls they took part in: more than being rung while another answered. Null: calls in which no user took part. */
  readonly users?: readonly (number | null)[];
  readonly directions?: readonly Direction[];
  readonly outcomes?: readonly Outcome[];
  readonly queues?: readonly (string | null)[];
  /** Whether the call waited in a queue. */
  readonly queued?: boolean;
  readonly lines?: readonly (string | null)[];
  readonly short?: boolean;
  /** What one column of the statistics counts. */
  readonly figure?: CallFigure;
  /** The number as given and, where it has one, its E.164 form: either party may have it. */
  readonly numbers?: readonly string[];
  readonly externalId?: string;
  readonly state?: CallState;
  /** UTC milliseconds; what is open or unfinished depends on it. */
  readonly now: number;
}

/** Hours of the week by the clock of a zone; null: any. */
export interface LocalHours {
  /** Monday is 1. */
  readonly weekdays: readonly number[] | null;
  readonly hours: readonly number[] | null;
  readonly timeZone: string;
}

export interface CallFigure {
  readonly outcome?: Outcome;
  readonly short?: boolean;
  /** Calls that only rang at the users and that another answered, instead of those they took part in. */
  readonly rangOnly?: true;
  /** Answered within the seconds of their queue. */
  readonly answeredWithin?: readonly SourceThresholds[];
}

export interface SourceThresholds {
  readonly sourceId: number;
  readonly answerWithinSeconds: number;
  /** Of queues that have another one, by number. */
  readonly queueThresholds: Readonly<Record<string, number>>;
}

/** Conditions the index by start serves. */
export function indexedConditions(filter: CallFilter): CallCondition[] {
  const where: CallCondition[] = [];
  if (filter.startedFrom !== undefined) where.push({ column: 'startedAt', is: '>=', value: filter.startedFrom });
  if (filter.startedTo !== undefined) where.push({ column: 'startedAt', is: '<', value: filter.startedTo });
  const longAgo = filter.now - UNFINISHED_AFTER_MS;
  if (filter.state === 'open') where.push({ column: 'startedAt', is: '>=', value: longAgo });
  if (filter.state === 'unfinished') where.push({ column: 'startedAt', is: '<', value: longAgo });
  return where;
}

/** All but those about time, people and names. */
export function otherConditions(filter: CallFilter): CallCondition[] {
  const { sourceIds, directions, outcomes, queues, queued, lines, short, state, numbers, figure } = filter;
  const where: CallCondition[] = [];
  if (sourceIds !== undefined) where.push({ column: 'sourceId', in: sourceIds });
  if (directions !== undefined) where.push({ column: 'direction', in: directions });
  if (outcomes !== undefined) where.push({ column: 'outcome', in: outcomes });
  if (queues !== undefined) where.push(oneOf('queue', queues));
  if (queued !== undefined) where.push({ column: 'queue', null: !queued });
  if (lines !== undefined) where.push(oneOf('line', lines));
  if (short !== undefined) where.push({ column: 'short', is: '=', value: short });
  if (state !== undefined) where.push({ column: 'endedAt', null: state !== 'ended' });
  if (numbers !== undefined) {
    where.push({
      any: (['from', 'to', 'fromE164', 'toE164', 'did'] as const).map(column => ({ column, in: numbers })),
    });
  }
  return figure === undefined ? where : [...where, ...figureConditions(figure)];
}

function figureConditions({ outcome, short, answeredWithin }: CallFigure): CallCondition[] {
  const where: CallCondition[] = [];
  if (outcome !== undefined) where.push({ column: 'outcome', is: '=', value: outcome });
  if (short !== undefined) where.push({ column: 'short', is: '=', value: short });
  if (answeredWithin !== undefined) where.push(...withinConditions(answeredWithin));
  return where;
}

/**
 * Calls waited no longer than their queue allows, the queue's own threshold before the source's. Sources of the same thresholds
 * share their conditions, and so do queues of the same seconds: engines bound how many conditions a statement has.
 */
function withinConditions(thresholds: readonly SourceThresholds[]): CallCondition[] {
  const where: CallCondition[] = [
    { column: 'queue', null: false },
    { column: 'queueWaitSeconds', null: false },
  ];
  const alike = Map.groupBy(thresholds, each => JSON.stringify([each.answerWithinSeconds, queuesBySeconds(each)]));
  for (const sources of alike.values()) {
    const otherSource = { column: 'sourceId', notIn: sources.map(each => each.sourceId) } as const;
    const within = (seconds: number) => ({ column: 'queueWaitSeconds', is: '<=', value: seconds }) as const;
    const own = queuesBySeconds(sources[0]!);
    for (const [seconds, queues] of own) {
      where.push({ any: [otherSource, { column: 'queue', notIn: queues }, within(seconds)] });
    }
    const listed = { column: 'queue', in: own.flatMap(([, queues]) => queues) } as const;
    where.push({ any: [otherSource, listed, within(sources[0]!.answerWithinSeconds)] });
  }
  return where;
}

function queuesBySeconds({ queueThresholds }: SourceThresholds): [seconds: number, queues: string[]][] {
  const queues = Map.groupBy(Object.keys(queueThresholds).sort(), queue => queueThresholds[queue]!);
  return [...queues].sort(([a], [b]) => a - b);
}

function oneOf(column: 'queue' | 'line', values: readonly (string | null)[]): CallCondition {
  const known = values.filter(each => each !== null);
  if (known.length === values.length) return { column, in: known };
  return {
    any: [
      { column, in: known },
      { column, null: true },
    ],
  };
}

export type ListedCall = Omit<Call, 'legs'>;
export const LISTED = call.columnNames.filter(name => name !== 'legs') as (keyof ListedCall)[];
