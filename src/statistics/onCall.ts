import type { State } from '../ledger/state.ts';
import { localDay } from '../values/zonedTime.ts';
import {
  BUCKETS,
  type Bucket,
  type Counted,
  HISTOGRAMS,
  rollupLine,
  rollupQuarter,
  rollupQueue,
  rollupSource,
  rollupUser,
  share,
} from './entities.ts';

/** What this room must know of a call. A call without an end is not counted yet. */
export interface CountableCall extends Omit<Counted, 'day'> {
  readonly id: number;
  readonly endedAt: number | null;
}

/** UTC quarter hours: every zone in use today is a multiple of them away from UTC. */
export const QUARTER_MS = 15 * 60_000;

/** Takes out what the call had added and adds what it is now, in the command that changed it. */
export function countCall(
  state: State,
  { before, after }: { readonly before: CountableCall | null; readonly after: CountableCall },
  dayZone: string,
): void {
  const counted = after.endedAt === null ? null : countedOf(after, dayZone);
  const had = before === null || before.endedAt === null ? undefined : state.get(share, after.id);
  if (had !== undefined && counted !== null && JSON.stringify(had.counted) === JSON.stringify(counted)) return;
  if (had !== undefined) contribute(state, had.counted, -1);
  if (counted !== null) {
    contribute(state, counted, 1);
    if (had === undefined) state.insert(share, { callId: after.id, counted });
    else state.put(share, { callId: after.id, counted });
  } else if (had !== undefined) {
    state.delete(share, after.id);
  }
}

export function countedOf(call: CountableCall, dayZone: string): Counted {
  return {
    startedAt: call.startedAt,
    day: localDay(dayZone, call.startedAt),
    direction: call.direction,
    outcome: call.outcome,
    userId: call.userId,
    line: call.line,
    queue: call.queue,
    sourceId: call.sourceId,
    durationSeconds: call.durationSeconds,
    ringSeconds: call.ringSeconds,
    talkSeconds: call.talkSeconds,
    queueWaitSeconds: call.queueWaitSeconds,
  };
}

/** Adds (`sign` 1) or takes out (-1) one call's share of every rollup. */
export function contribute(state: Pick<State, 'add'>, counted: Counted, sign: 1 | -1): void {
  const { day, direction, outcome, userId, line, queue, sourceId } = counted;
  const kind = { direction, outcome };
  const talkSeconds = outcome === 'answered' ? (counted.talkSeconds ?? 0) : 0;
  const sums = {
    calls: sign,
    durationSeconds: sign * (counted.durationSeconds ?? 0),
    ringSeconds: sign * (counted.ringSeconds ?? 0),
    talkSeconds: sign * talkSeconds,
  };
  state.add(rollupQuarter, { quarter: Math.floor(counted.startedAt / QUARTER_MS), ...kind }, sums);
  if (userId !== null) state.add(rollupUser, { day, userId, ...kind }, sums);
  if (line !== null) state.add(rollupLine, { day, line, ...kind }, sums);
  if (queue !== null) {
    const queueWaitSeconds = sign * (counted.queueWaitSeconds ?? 0);
    state.add(rollupQueue, { day, queue, ...kind }, { ...sums, queueWaitSeconds });
  }
  const histograms: Record<string, number> = {};
  for (const name of [...HISTOGRAMS.ring, ...HISTOGRAMS.talk]) histograms[name] = 0;
  if (counted.ringSeconds !== null) histograms[HISTOGRAMS.ring[bucketOf(counted.ringSeconds)]] = sign;
  if (outcome === 'answered') histograms[HISTOGRAMS.talk[bucketOf(talkSeconds)]] = sign;
  state.add(rollupSource, { day, sourceId, ...kind }, { ...sums, ...histograms } as Record<
    (typeof rollupSource.sums)[number],
    number
  >);
}

function bucketOf(seconds: number): Bucket {
  const place = BUCKETS.findIndex(bound => seconds <= bound);
  return (place < 0 ? BUCKETS.length : place) as Bucket;
}
