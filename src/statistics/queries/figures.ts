import { addExactly, type ExactSum } from '../../ledger/exactSum.ts';
import { QUEUE_OUTCOMES, type QueueOutcome } from '../../values/outcome.ts';
import { BOUNDS, type Histogram, isWithin, NOT_KNOWN } from '../../values/secondsBuckets.ts';
import type { Piece } from './piece.ts';
import type { SummaryQuestion } from './question.ts';

const NO_BUCKETS: Histogram = Array<number>(BOUNDS.length + 1).fill(0);
const NO_OUTCOMES = Object.fromEntries(QUEUE_OUTCOMES.map(each => [each, 0])) as Readonly<Record<QueueOutcome, number>>;

type Cost = { micros: ExactSum; calls: number };
const NO_COSTS: ReadonlyMap<string, Cost> = new Map();
const NO_THRESHOLDS: ReadonlySet<number> = new Set();

/** The sums of one row. Of many rows most need no histogram, cost or threshold: these are made when one is first counted. */
export class Figures {
  calls = 0;
  short = 0;
  rangOnly = 0;
  readonly outcomes: Record<QueueOutcome, number> = { ...NO_OUTCOMES };
  talkSeconds = 0;
  ringSeconds = 0;
  waitSeconds = 0;
  /** Answered in time, of calls that are not short. */
  answeredWithin = 0;
  private countedCosts: Map<string, Cost> | null = null;
  private countedRings: number[] | null = null;
  private countedWaits: number[] | null = null;
  private countedThresholds: Set<number> | null = null;

  /** Millionths by currency, of how many calls. */
  get costs(): ReadonlyMap<string, Readonly<Cost>> {
    return this.countedCosts ?? NO_COSTS;
  }

  /** Counts by bucket. */
  get rings(): Histogram {
    return this.countedRings ?? NO_BUCKETS;
  }

  get waits(): Histogram {
    return this.countedWaits ?? NO_BUCKETS;
  }

  /** The seconds within which its queues are to be answered. */
  get thresholds(): ReadonlySet<number> {
    return this.countedThresholds ?? NO_THRESHOLDS;
  }

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
      this.countedCosts ??= new Map();
      const cost = this.countedCosts.get(share.currency) ?? { micros: 0, calls: 0 };
      this.countedCosts.set(share.currency, cost);
      cost.micros = addExactly(cost.micros, share.costMicros);
      cost.calls += share.calls;
    }
    for (const [bucket, count] of rings) {
      if (bucket === NOT_KNOWN) continue;
      this.countedRings ??= [...NO_BUCKETS];
      this.countedRings[bucket]! += count;
    }
    if (waitBucket !== NOT_KNOWN) {
      this.countedWaits ??= [...NO_BUCKETS];
      this.countedWaits[waitBucket]! += share.calls;
    }
    if (sourceId === null || queue === null) return;
    const threshold = answerWithinSeconds(sourceId, queue);
    this.countedThresholds ??= new Set();
    this.countedThresholds.add(threshold);
    if (outcome === 'answered' && isWithin(waitBucket, threshold)) this.answeredWithin += share.calls - share.short;
  }
}
