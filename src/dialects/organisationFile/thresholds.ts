import {
  isThreshold,
  MAX_QUEUE_THRESHOLDS,
  QUEUE_NUMBER,
  type QueueThresholds,
  THRESHOLD_MEANING,
} from '../../sources/queueThresholds.ts';
import { DEFAULT_ANSWER_WITHIN_SECONDS } from '../../values/secondsBuckets.ts';
import { Fields } from './fields.ts';

interface Thresholds {
  readonly answerWithinSeconds: number;
  readonly queueThresholds: QueueThresholds;
}

/** Within how many seconds the queues of a source are to be answered. */
export function readThresholds(source: Fields): Thresholds {
  const answerWithinSeconds = readThreshold(source, 'answerWithinSeconds') ?? DEFAULT_ANSWER_WITHIN_SECONDS;
  const given = source.raw('queueThresholds');
  if (given === undefined) return { answerWithinSeconds, queueThresholds: {} };
  const path = source.path('queueThresholds');
  const queues = typeof given === 'object' && given !== null ? Object.keys(given) : [];
  const fields = Fields.of(given, path, queues, source.problems);
  if (queues.length > MAX_QUEUE_THRESHOLDS || queues.some(each => each === '' || each.length > QUEUE_NUMBER.max)) {
    source.problems.add(path, `must name at most ${MAX_QUEUE_THRESHOLDS} queues, by their numbers`);
  } else if (fields !== null) {
    const read = queues.map(queue => [queue, readThreshold(fields, queue) ?? answerWithinSeconds] as const);
    return { answerWithinSeconds, queueThresholds: Object.fromEntries(read) };
  }
  return { answerWithinSeconds, queueThresholds: {} };
}

/** Null when it is not there or, after the mistake was noted, cannot be. */
function readThreshold(fields: Fields, name: string): number | null {
  const value = fields.raw(name);
  if (value === undefined || isThreshold(value)) return value ?? null;
  fields.problems.add(fields.path(name), `must be ${THRESHOLD_MEANING}`);
  return null;
}
