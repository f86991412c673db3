import type { QueueOutcome } from './outcome.ts';

/** A call's stay in one queue, as far as it decides for several of them. */
export interface RankedVisit {
  /** Among the queues of the call. */
  readonly place: number;
  readonly outcome: QueueOutcome;
}

/** Of some of the queues that a call was in, the one it is counted in where it counts once: that answered it last, else the last. */
export function decidingVisit<V extends RankedVisit>(visits: readonly V[]): V | undefined {
  let deciding: V | undefined;
  for (const each of visits) if (deciding === undefined || isLater(each, deciding)) deciding = each;
  return deciding;
}

function isLater(a: RankedVisit, b: RankedVisit): boolean {
  const isAnswered = a.outcome === 'answered';
  return isAnswered === (b.outcome === 'answered') ? a.place > b.place : isAnswered;
}
