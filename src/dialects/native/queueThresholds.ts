import Type from 'typebox';
import {
  isThreshold,
  MAX_QUEUE_THRESHOLDS,
  QUEUE_NUMBER,
  type QueueThresholds,
  THRESHOLD_MEANING,
} from '../../sources/queueThresholds.ts';
import { DEFAULT_ANSWER_WITHIN_SECONDS } from '../../values/secondsBuckets.ts';
import { invalid } from './problem.ts';

const WITHIN = 'Within how many seconds queues are to be answered';

export const thresholdsShown = {
  answerWithinSeconds: Type.Integer({ description: `${WITHIN}: ${THRESHOLD_MEANING}.` }),
  queueThresholds: Type.Record(Type.String(), Type.Integer(), {
    description: 'The same of queues that have another threshold, by number.',
  }),
};

export const thresholdFields = {
  answerWithinSeconds: Type.Optional(thresholdsShown.answerWithinSeconds),
  queueThresholds: Type.Optional(thresholdsShown.queueThresholds),
};

interface Given {
  readonly answerWithinSeconds?: number;
  readonly queueThresholds?: QueueThresholds;
}

export function readThresholds({ answerWithinSeconds, queueThresholds = {} }: Given): Required<Given> {
  const check = (seconds: number, field: string): number => {
    if (!isThreshold(seconds)) throw invalid(field, `must be ${THRESHOLD_MEANING}`);
    return seconds;
  };
  const queues = Object.keys(queueThresholds);
  if (queues.length > MAX_QUEUE_THRESHOLDS || queues.some(each => each === '' || each.length > QUEUE_NUMBER.max)) {
    throw invalid('queueThresholds', `must name at most ${MAX_QUEUE_THRESHOLDS} queues, by their numbers`);
  }
  for (const queue of queues) check(queueThresholds[queue]!, `queueThresholds.${queue}`);
  return {
    answerWithinSeconds: check(answerWithinSeconds ?? DEFAULT_ANSWER_WITHIN_SECONDS, 'answerWithinSeconds'),
    queueThresholds,
  };
}
