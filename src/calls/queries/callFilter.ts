/** What a list of calls can be narrowed down by. */
import type { Condition } from '../../ledger/query.ts';
import type { Direction } from '../../values/direction.ts';
import type { QueueOutcome } from '../../values/outcome.ts';
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
  readonly outcomes?: readonly QueueOutcome[];
  /** Calls that were in one of these queues. */
  readonly queues?: readonly (string | null)[];
  /** Whether the call was in a queue. */
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
  readonly outcome?: QueueOutcome;
  readonly short?: boolean;
  /** Calls that only rang at the users and that another answered, instead of those they took part in. */
  readonly rangOnly?: true;
  /** Answered within the seconds of their queue; with queues asked for only. */
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

/** Whether calls are looked at as the queues saw them that are asked for: sources and outcomes are those of the queues then. */
export const isAboutQueues = ({ queues, queued }: CallFilter): boolean => queues !== undefined || queued === true;

/** All but those about time, people and names, and what only the queues of a call tell (inQueues.ts). */
export function otherConditions(filter: CallFilter): CallCondition[] {
  const { sourceIds, directions, outcomes, lines, short, state, numbers, figure } = filter;
  const where: CallCondition[] = [...queueConditions(filter)];
  if (!isAboutQueues(filter)) {
    if (sourceIds !== undefined) where.push({ column: 'sourceId', in: sourceIds });
    if (outcomes !== undefined) where.push({ column: 'outcome', in: outcomes });
    if (figure?.outcome !== undefined) where.push({ column: 'outcome', is: '=', value: figure.outcome });
  }
  if (directions !== undefined) where.push({ column: 'direction', in: directions });
  if (lines !== undefined) where.push(oneOf('line', lines));
  if (short !== undefined) where.push({ column: 'short', is: '=', value: short });
  if (figure?.short !== undefined) where.push({ column: 'short', is: '=', value: figure.short });
  if (state !== undefined) where.push({ column: 'endedAt', null: state !== 'ended' });
  if (numbers !== undefined) {
    where.push({
      any: (['from', 'to', 'fromE164', 'toE164', 'did'] as const).map(column => ({ column, in: numbers })),
    });
  }
  return where;
}

/** Of its own row a call tells whether it was in a queue at all. */
function queueConditions({ queues, queued }: CallFilter): CallCondition[] {
  if (queued !== undefined) return [{ column: 'queue', null: !queued }];
  if (queues === undefined) return [];
  if (!queues.includes(null)) return [{ column: 'queue', null: false }];
  return queues.every(each => each === null) ? [{ column: 'queue', null: true }] : [];
}

function oneOf(column: 'line', values: readonly (string | null)[]): CallCondition {
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
