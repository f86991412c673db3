/**
 * Clocks of PBXs and applications are wrong by seconds to minutes, and a registration pairs with a leg by their starts. A
 * report cannot arrive before what it reports: the least time it ever took is how far the clock is off, and the shortest
 * way.
 */
import type { State, Wants } from '../../ledger/state.ts';
import { type Candidate, type ClockHour, sourceClock } from '../entities.ts';
import type { Sources } from '../sources.ts';

const HOUR_MS = 3_600_000;
/** A backlog that is sent after an outage must not be taken for a clock that is behind. */
const REMEMBERED_HOURS = 24;
/** One report may have been late, and so may two. */
const SAMPLES_BELIEVED = 3;
/** Further off is a wrong zone or a backlog, and nothing to correct by. */
const MAX_OFFSET_MS = 15 * 60_000;
/** A start in whole seconds, and the way here. */
export const UNNOTICED_MS = 1_000;

export function wantClocks(wants: Wants, sources: Pick<Sources, 'ids'>): void {
  for (const id of sources.ids(wants)) wants.get(sourceClock, id);
}

/** `told`: an instant of the source's clock that the report cannot have been sent before. */
export function sampleClock(state: State, sourceId: number, told: number): void {
  const tookMs = state.now - told;
  if (Math.abs(tookMs) > MAX_OFFSET_MS) return;
  const known = state.get(sourceClock, sourceId)?.hours ?? [];
  const hour = Math.floor(state.now / HOUR_MS);
  const now = known.find(each => each.hour === hour);
  const settled = now !== undefined && now.samples >= SAMPLES_BELIEVED && now.leastMs <= tookMs;
  if (settled) return;
  const next: ClockHour = {
    hour,
    leastMs: Math.min(tookMs, now?.leastMs ?? tookMs),
    samples: Math.min((now?.samples ?? 0) + 1, SAMPLES_BELIEVED),
  };
  const kept = known.filter(each => each.hour !== hour && each.hour > hour - REMEMBERED_HOURS);
  state.put(sourceClock, { sourceId, hours: [...kept, next] });
}

/** Milliseconds to add to the instants of a row to have them by our clock. */
export const offsetOf = (
  state: Pick<State, 'get'>,
  { clocked, sourceId }: Pick<Candidate, 'clocked' | 'sourceId'>,
): number => (clocked ? clockOffsetMs(state, sourceId) : 0);

/** Milliseconds to add to an instant of the source's clock to have ours. */
export function clockOffsetMs(state: Pick<State, 'get'>, sourceId: number): number {
  const hours = state.get(sourceClock, sourceId)?.hours ?? [];
  let samples = 0;
  let leastMs = Number.POSITIVE_INFINITY;
  for (const each of hours) {
    samples += each.samples;
    leastMs = Math.min(leastMs, each.leastMs);
  }
  return samples < SAMPLES_BELIEVED || Math.abs(leastMs) <= UNNOTICED_MS ? 0 : leastMs;
}
