/** Rollups: narrow rows that calls add their share to, updated in the transaction that changes the call. */
import { defineCounter, type Entity, integer, text } from '../ledger/entity.ts';
import type { RankedVisit } from '../values/decidingVisit.ts';
import type { Direction } from '../values/direction.ts';
import type { Outcome, QueueOutcome } from '../values/outcome.ts';

/**
 * A call in a queue. A question that does not tell queues or sources apart counts a call once, in the queue that decides among those
 * asked for (values/decidingVisit.ts): `queue` decides for its call, the others for their source, for all of their name, for both, or
 * for none of these.
 */
export const VISIT_DIMENSIONS = [
  'queue',
  'queueOfSourceAndName',
  'queueOfSource',
  'queueOfName',
  'queueAlone',
] as const;
export type VisitDimension = (typeof VISIT_DIMENSIONS)[number];

/**
 * What a row is about. `quarter`: `id` is the quarter hours since 1970 UTC. `source`: `id` is the source, `name` is `QUEUED` where the
 * call was in a queue. `line`: `name` of the source `id`; a call without one has no such row. Those of queues: `name` of the source
 * `id`, one for each queue the call was in. `user`: `id` is a user who took part, or `NOBODY`.
 */
export const DIMENSIONS = ['quarter', 'source', 'line', ...VISIT_DIMENSIONS, 'user'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** In a row of `source`: calls that were in a queue, which the others were not. */
export const QUEUED = 'queued';

/** The user of calls in which no user took part. */
export const NOBODY = 0;
/** ISO 4217 for "no currency": of a cost whose currency is not known. */
export const NO_CURRENCY = 'XXX';

export const SUMS = ['calls', 'short', 'rangOnly', 'talkSeconds', 'ringSeconds', 'waitSeconds', 'costMicros'] as const;
export type Sum = (typeof SUMS)[number];

/**
 * One table for all of them, by day first: what a call touches lies together. Buckets (values/secondsBuckets.ts) and the
 * currency are part of the key, so that histograms and costs make no call touch another row. The histogram of rings counts
 * `calls` and `rangOnly`.
 */
export const rollup = defineCounter({
  name: 'rollup',
  key: {
    /** Days since 1970-01-01 of the local date in the organisation's zone; of a `quarter`, in UTC. */
    day: integer(),
    dimension: text<Dimension>(),
    id: integer(),
    name: text(),
    direction: text<Direction>(),
    /** In a row of a queue, what became of the call there. */
    outcome: text<QueueOutcome>(),
    /** Empty where no cost is known. */
    currency: text(),
    /** In the queue, in a row of one; else `NOT_KNOWN`. */
    waitBucket: integer(),
    /** Of the call, or of the user in a row of `user`; `NOT_KNOWN` in a row of `quarter`. */
    ringBucket: integer(),
  },
  sums: SUMS,
});

/**
 * What a call contributes, in terms of its own row: the row as it was before an amendment says exactly what to take out.
 */
export interface CountableCall {
  readonly id: number;
  readonly startedAt: number;
  /** A call without an end is not counted yet. */
  readonly endedAt: number | null;
  /** The local date it is counted in, days since 1970-01-01. */
  readonly day: number;
  readonly direction: Direction;
  readonly outcome: Outcome;
  /** Shorter than what its source takes for a call: counted apart. */
  readonly short: boolean;
  readonly line: string | null;
  readonly queue: string | null;
  readonly sourceId: number;
  readonly ringSeconds: number | null;
  readonly talkSeconds: number | null;
  readonly queueWaitSeconds: number | null;
  readonly costMicros: number | null;
  readonly currency: string | null;
}

/** A person's part in a call, of which there is one for each who had one. */
export interface CountableParticipation {
  readonly callId: number;
  readonly userId: number;
  /** `rang`: no more than that. */
  readonly role: string;
  /** Of the call. */
  readonly startedAt: number;
  readonly ringSeconds: number | null;
  readonly talkSeconds: number | null;
}

/** A call in a queue of a source, of which there is one for each it was in: without any, its `queue` is null. */
export interface CountableVisit extends RankedVisit {
  readonly callId: number;
  readonly sourceId: number;
  readonly queue: string;
  readonly waitSeconds: number | null;
}

/** The rows that are counted, whichever room keeps them. Participations and visits have an index `byCall`. */
export interface Countable<
  C extends CountableCall = CountableCall,
  P extends CountableParticipation = CountableParticipation,
  V extends CountableVisit = CountableVisit,
> {
  readonly calls: Entity<C>;
  readonly participations: Entity<P>;
  readonly visits: Entity<V>;
}

export const statisticsEntities = [rollup];
