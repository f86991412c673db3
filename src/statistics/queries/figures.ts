import { OUTCOMES, type Outcome } from '../../values/outcome.ts';
import { BOUNDS, isWithin, NOT_KNOWN } from '../../values/secondsBuckets.ts';
import type { Piece } from './piece.ts';
import type { SummaryQuestion } from './question.ts';

const NO_BUCKETS: readonly number[] = Array<number>(BOUNDS.length + 1).fill(0);
const NO_OUTCOMES = Object.fromEntries(OUTCOMES.map(each => [each, 0])) as Readonly<Record<Outcome, number>>;

/** The sums of one row. */
export class Figures {
  calls = 0;
  short = 0;
  rangOnly = 0;
  readonly outcomes: Record<Outcome, number> = { ...NO_OUTCOMES };
  talkSeconds = 0;
  ringSeconds = 0;
  waitSeconds = 0;
  /** Answered in time, of calls that are not short. */
  answeredWithin = 0;
  /** Millionths by currency, of how many calls. */
  readonly costs = new Map<string, { micros: number; calls: number }>();
  /** Counts by bucket. */
  readonly rings = [...NO_BUCKETS];
  readonly waits = [...NO_BUCKETS];
  /** The seconds within which its queues are to be answered. */
  readonly thresholds = new Set<number>();

  get isEmpty(): boolean {
    return this.calls === 0 && this.rangOnly === 0;
  }

  add(piece: Piece, answerWithinSeconds: SummaryQuestion['answerWithinSeconds']): void {
    const { share, outcome, rings, waitBucket, sourceId, queue } = piece;
    this.calls += share.calls;
    this.short += share.short;
    this.rangOnly += share.rangOnly;
    this.outcomes[outcome] += share.calls;
    this.talkSeconds += share.talkSeconds;
    this.ringSeconds += share.ringSeconds;
    this.waitSeconds += share.waitSeconds;
    if (share.currency !== '') {
      const cost = this.costs.get(share.currency) ?? { micros: 0, calls: 0 };
      this.costs.set(share.currency, cost);
      cost.micros += share.costMicros;
      cost.calls += share.calls;
    }
    for (const [bucket, count] of rings) if (bucket !== NOT_KNOWN) this.rings[bucket]! += count;
    if (waitBucket !== NOT_KNOWN) this.waits[waitBucket]! += share.calls;
    if (sourceId === null || queue === null) return;
    const threshold = answerWithinSeconds(sourceId, queue);
    this.thresholds.add(threshold);
    if (outcome === 'answered' && isWithin(waitBucket, threshold)) this.answeredWithin += share.calls - share.short;
  }
}
