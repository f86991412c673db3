import type { State } from '../ledger/state.ts';
import { bucketOf, NOT_KNOWN } from '../values/secondsBuckets.ts';
import {
  type CountableCall,
  type CountableParticipation,
  type Dimension,
  NO_CURRENCY,
  NOBODY,
  rollup,
  type Sum,
} from './entities.ts';

/** UTC quarter hours: every zone in use today is a multiple of them away from UTC. */
export const QUARTER_MS = 15 * 60_000;
export const QUARTERS_PER_DAY = 96;

export interface CountedChange {
  readonly before: CountableCall | null;
  readonly after: CountableCall | null;
  readonly participants: {
    readonly before: readonly CountableParticipation[];
    readonly after: readonly CountableParticipation[];
  };
}

/** Takes out what the call had added and adds what it is now, in the command that changed it. */
export function countCall(state: State, { before, after, participants }: CountedChange): void {
  if (before !== null && before.endedAt !== null) contribute(state, before, participants.before, -1);
  if (after !== null && after.endedAt !== null) contribute(state, after, participants.after, 1);
}

/**
 * What a call adds, as a whole or as the call of one person. `calls` is 0 where they only rang and another answered:
 * `rangOnly` counts these.
 */
export type Share = Readonly<Record<Sum, number>> & { readonly currency: string; readonly ringBucket: number };

/** Time in a mailbox is no person's talk. */
const talkOf = ({ outcome }: CountableCall, seconds: number | null): number =>
  outcome === 'answered' ? (seconds ?? 0) : 0;

const NOTHING = { calls: 0, short: 0, rangOnly: 0, talkSeconds: 0, waitSeconds: 0, costMicros: 0, currency: '' };

export function shareOf(call: CountableCall): Share {
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

/** With the talk and ring of that person alone. */
export function shareOfParticipant(call: CountableCall, participant: CountableParticipation): Share {
  const ringBucket = bucketOf(participant.ringSeconds);
  const ringSeconds = participant.ringSeconds ?? 0;
  if (!tookPart(call, participant.role)) return { ...NOTHING, rangOnly: 1, ringSeconds, ringBucket };
  const talkSeconds = talkOf(call, participant.talkSeconds);
  return { ...shareOf(call), talkSeconds, ringSeconds, ringBucket };
}

/** Adds (`sign` 1) or takes out (-1) one call's share of every rollup. */
export function contribute(
  state: Pick<State, 'add'>,
  call: CountableCall,
  participants: readonly CountableParticipation[],
  sign: 1 | -1,
): void {
  const { direction, outcome, line, queue, sourceId } = call;
  const whole = shareOf(call);
  const add = (dimension: Dimension, day: number, id: number, name: string, share: Share, waitBucket = NOT_KNOWN) => {
    const ringBucket = dimension === 'quarter' ? NOT_KNOWN : share.ringBucket;
    state.add(
      rollup,
      { day, dimension, id, name, direction, outcome, currency: share.currency, waitBucket, ringBucket },
      sign === 1 ? share : negated(share),
    );
  };
  const quarter = Math.floor(call.startedAt / QUARTER_MS);
  add('quarter', Math.floor(quarter / QUARTERS_PER_DAY), quarter, '', whole);
  add('source', call.day, sourceId, '', whole);
  if (line !== null) add('line', call.day, sourceId, line, whole);
  if (queue !== null) add('queue', call.day, sourceId, queue, whole, bucketOf(call.queueWaitSeconds));
  for (const each of participants) add('user', call.day, each.userId, '', shareOfParticipant(call, each));
  if (!participants.some(each => tookPart(call, each.role))) add('user', call.day, NOBODY, '', whole);
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
