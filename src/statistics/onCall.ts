import type { State } from '../ledger/state.ts';
import {
  BUCKETS,
  type CountableCall,
  HISTOGRAMS,
  rollupLine,
  rollupQuarter,
  rollupQueue,
  rollupSource,
  rollupUser,
} from './entities.ts';

/** UTC quarter hours: every zone in use today is a multiple of them away from UTC. */
export const QUARTER_MS = 15 * 60_000;

/** Takes out what the call had added and adds what it is now, in the command that changed it. */
export function countCall(
  state: State,
  { before, after }: { readonly before: CountableCall | null; readonly after: CountableCall | null },
): void {
  if (before !== null && before.endedAt !== null) contribute(state, before, -1);
  if (after !== null && after.endedAt !== null) contribute(state, after, 1);
}

/** Adds (`sign` 1) or takes out (-1) one call's share of every rollup. */
export function contribute(state: Pick<State, 'add'>, call: CountableCall, sign: 1 | -1): void {
  const { day, direction, outcome, userId, line, queue, sourceId } = call;
  const talkSeconds = outcome === 'answered' ? (call.talkSeconds ?? 0) : 0;
  const sums = {
    calls: sign,
    durationSeconds: sign * (call.durationSeconds ?? 0),
    ringSeconds: sign * (call.ringSeconds ?? 0),
    talkSeconds: sign * talkSeconds,
  };
  state.add(rollupQuarter, { quarter: Math.floor(call.startedAt / QUARTER_MS), direction, outcome }, sums);
  if (userId !== null) state.add(rollupUser, { day, userId, direction, outcome }, sums);
  if (line !== null) state.add(rollupLine, { day, line, direction, outcome }, sums);
  if (queue !== null) {
    const queueWaitSeconds = sign * (call.queueWaitSeconds ?? 0);
    state.add(rollupQueue, { day, queue, direction, outcome }, { ...sums, queueWaitSeconds });
  }
  const histograms: Partial<Record<(typeof rollupSource.sums)[number], number>> = sums;
  if (call.ringSeconds !== null) histograms[HISTOGRAMS.ring[bucketOf(call.ringSeconds)]!] = sign;
  if (outcome === 'answered') histograms[HISTOGRAMS.talk[bucketOf(talkSeconds)]!] = sign;
  state.add(rollupSource, { day, sourceId, direction, outcome }, histograms);
}

function bucketOf(seconds: number): number {
  const place = BUCKETS.findIndex(bound => seconds <= bound);
  return place < 0 ? BUCKETS.length : place;
}
