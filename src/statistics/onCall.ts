import type { State } from '../ledger/state.ts';
import type { QueueOutcome } from '../values/outcome.ts';
import { bucketOf, NOT_KNOWN } from '../values/secondsBuckets.ts';
import {
  type CountableCall,
  type CountableParticipation,
  type CountableVisit,
  type Dimension,
  NO_CURRENCY,
  NOBODY,
  QUEUED,
  rollup,
  type Sum,
} from './entities.ts';
import { type Counted, inQueue, visitDimension } from './inQueue.ts';

/** UTC quarter hours: every zone in use today is a multiple of them away from UTC. */
export const QUARTER_MS = 15 * 60_000;
export const QUARTERS_PER_DAY = 96;

export interface CountedChange {
  readonly before: CountableCall | null;
  readonly after: CountableCall | null;
  readonly participants: Sides<CountableParticipation>;
  readonly visits: Sides<CountableVisit>;
}

interface Sides<R> {
  readonly before: readonly R[];
  readonly after: readonly R[];
}

/** What belongs to a call and is counted with it. */
export interface CountedParts {
  readonly participants: readonly CountableParticipation[];
  readonly visits: readonly CountableVisit[];
}

/** Takes out what the call had added and adds what it is now, in the command that changed it. */
export function countCall(state: State, { before, after, participants, visits }: CountedChange): void {
  const was = { participants: participants.before, visits: visits.before };
  const is = { participants: participants.after, visits: visits.after };
  if (before !== null && before.endedAt !== null) contribute(state, before, was, -1);
  if (after !== null && after.endedAt !== null) contribute(state, after, is, 1);
}

/**
 * What a call adds, as a whole or as the call of one person. `calls` is 0 where they only rang and another answered:
 * `rangOnly` counts these.
 */
export type Share = Readonly<Record<Sum, number>> & { readonly currency: string; readonly ringBucket: number };

/** Time in a mailbox is no person's talk. */
const talkOf = ({ outcome }: Counted, seconds: number | null): number => (outcome === 'answered' ? (seconds ?? 0) : 0);

const NOTHING = { calls: 0, short: 0, rangOnly: 0, talkSeconds: 0, waitSeconds: 0, costMicros: 0, currency: '' };

export function shareOf(call: Counted): Share {
  return {
    calls: 1,
    short: call.short ? 1 : 0,
    rangOnly: 0,
    talkSeconds: talkOf(call, call.talkSeconds),
    ringSeconds: call.ringSeconds ?? 0,
    waitSeconds: call.queueWaitSeconds ?? 0,
    costMicros: call.costMicros ?? 0,
    currency: call.costMicros === null ? '' : (call.currency ?? NO_CURRENCY),
    ringBucket: bucketOf(call.ringSeconds),
  };
}

/** Whether a person's part is more than having been rung while another answered. */
export const tookPart = ({ outcome }: Pick<CountableCall, 'outcome'>, role: string): boolean =>
  role !== 'rang' || outcome !== 'answered';

/** With the talk and ring of that person alone; `counted` is the call as one of its queues saw it, where one is asked for. */
export function shareOfParticipant(
  call: CountableCall,
  participant: CountableParticipation,
  counted: Counted = call,
): Share {
  const ringBucket = bucketOf(participant.ringSeconds);
  const ringSeconds = participant.ringSeconds ?? 0;
  if (!tookPart(call, participant.role)) return { ...NOTHING, rangOnly: 1, ringSeconds, ringBucket };
  const talkSeconds = talkOf(counted, participant.talkSeconds);
  return { ...shareOf(counted), talkSeconds, ringSeconds, ringBucket };
}

/** Adds (`sign` 1) or takes out (-1) one call's share of every rollup. */
export function contribute(
  state: Pick<State, 'add'>,
  call: CountableCall,
  { participants, visits }: CountedParts,
  sign: 1 | -1,
): void {
  const { direction, line, sourceId } = call;
  const whole = shareOf(call);
  const add = (dimension: Dimension, day: number, id: number, name: string, share: Share, seen: Seen = call) => {
    const { outcome, waitBucket = NOT_KNOWN } = seen;
    const ringBucket = dimension === 'quarter' ? NOT_KNOWN : share.ringBucket;
    state.add(
      rollup,
      { day, dimension, id, name, direction, outcome, currency: share.currency, waitBucket, ringBucket },
      sign === 1 ? share : negated(share),
    );
  };
  const quarter = Math.floor(call.startedAt / QUARTER_MS);
  add('quarter', Math.floor(quarter / QUARTERS_PER_DAY), quarter, '', whole);
  add('source', call.day, sourceId, visits.length > 0 ? QUEUED : '', whole);
  if (line !== null) add('line', call.day, sourceId, line, whole);
  for (const each of visits) {
    const counted = inQueue(call, each, visits);
    const seen = { outcome: counted.outcome, waitBucket: bucketOf(each.waitSeconds) };
    add(visitDimension(each, visits), call.day, each.sourceId, each.queue, shareOf(counted), seen);
  }
  for (const each of participants) add('user', call.day, each.userId, '', shareOfParticipant(call, each));
  if (!participants.some(each => tookPart(call, each.role))) add('user', call.day, NOBODY, '', whole);
}

interface Seen {
  readonly outcome: QueueOutcome;
  readonly waitBucket?: number;
}

function negated(share: Share): Readonly<Record<Sum, number>> {
  const { calls, short, rangOnly, talkSeconds, ringSeconds, waitSeconds, costMicros } = share;
  return {
    calls: -calls,
    short: -short,
    rangOnly: -rangOnly,
    talkSeconds: -talkSeconds,
    ringSeconds: -ringSeconds,
    waitSeconds: -waitSeconds,
    costMicros: -costMicros,
  };
}
