/** A call as one of its queues saw it. */
import { decidingVisit } from '../values/decidingVisit.ts';
import type { QueueOutcome } from '../values/outcome.ts';
import type { CountableCall, CountableVisit, VisitDimension } from './entities.ts';

/** A call as it is counted: as a whole, or in one of its queues. */
export type Counted = Omit<CountableCall, 'outcome'> & { readonly outcome: QueueOutcome };

/** How long its phones rang is counted in the queue that decides for the call. */
export function inQueue(call: CountableCall, visit: CountableVisit, all: readonly CountableVisit[]): Counted {
  const { sourceId, queue, outcome, waitSeconds: queueWaitSeconds } = visit;
  const ringSeconds = decidingVisit(all) === visit ? call.ringSeconds : null;
  return { ...call, sourceId, queue, outcome, queueWaitSeconds, ringSeconds };
}

/** In which rows it is counted. */
export function visitDimension(visit: CountableVisit, all: readonly CountableVisit[]): VisitDimension {
  if (decidingVisit(all) === visit) return 'queue';
  const ofSource = decidingVisit(all.filter(each => each.sourceId === visit.sourceId)) === visit;
  const ofName = decidingVisit(all.filter(each => each.queue === visit.queue)) === visit;
  if (ofSource) return ofName ? 'queueOfSourceAndName' : 'queueOfSource';
  return ofName ? 'queueOfName' : 'queueAlone';
}
