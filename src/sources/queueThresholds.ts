/** Within how many seconds the queues of a source are to be answered. */
import { BOUNDS, DEFAULT_ANSWER_WITHIN_SECONDS, isBound } from '../values/secondsBuckets.ts';
import type { Source } from './entities.ts';

/** Of queues that have another one than their source, by number. */
export type QueueThresholds = Readonly<Record<string, number>>;

export const MAX_QUEUE_THRESHOLDS = 200;
/** The number of a queue. */
export const QUEUE_NUMBER = { max: 64 } as const;

/** A threshold is exact only at a bound of the histograms, and then for what was counted before it was set too. */
export const THRESHOLD_MEANING = `one of ${BOUNDS.join(', ')} seconds`;

export const isThreshold = (value: unknown): value is number => typeof value === 'number' && isBound(value);

export function answerWithinSecondsOf(from: Readonly<Source> | undefined, queue: string): number {
  if (from === undefined) return DEFAULT_ANSWER_WITHIN_SECONDS;
  return Object.hasOwn(from.queueThresholds, queue) ? from.queueThresholds[queue]! : from.answerWithinSeconds;
}
