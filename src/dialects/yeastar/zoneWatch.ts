import type { LegFact } from '../../calls/reports/report.ts';
import type { Source } from '../../sources/entities.ts';
import { RecentCache } from '../../values/recentCache.ts';
import { offsetMinutesAt, parseLocalDateTime } from '../../values/zonedTime.ts';
import { offsetAtCallStart, offsetBetween } from './callOffset.ts';
import { callEpochOf } from './legStart.ts';

const CALLS_IN_A_ROW = 3;
/** Of so many calls the watch knows when their earliest leg began. */
const CALLS_REMEMBERED = 1_000;

/**
 * Older firmware sends no `uid` that would tell the offset of a PBX's clock (callOffset.ts), and one leg alone cannot: it may be a
 * later one. What is learned over several calls is a hint for people, and changes no report.
 */
export class ZoneWatch {
  readonly #firstLegs = new RecentCache<number>(CALLS_REMEMBERED);
  #offset: number | null = null;
  #calls: string[] = [];

  /** A warning where the last calls all say that the PBX's clock is in another zone. */
  see(callId: string | null, { startedAtLocal, uid }: LegFact, zone: string): string | null {
    const epochMs = callEpochOf(callId);
    const local = startedAtLocal === null ? null : parseLocalDateTime(startedAtLocal);
    if (callId === null || epochMs === null || local === null || offsetAtCallStart(uid, epochMs) !== null) return null;
    const earliest = this.#firstLegs.get(callId);
    // What comes later in its call, a transfer after an hour to the second, says nothing of the clock.
    if (earliest !== undefined && earliest < local) return null;
    this.#firstLegs.set(callId, local);
    if (earliest !== undefined && earliest > local) this.#calls = this.#calls.filter(each => each !== callId);
    const offset = offsetBetween(local, epochMs);
    if (offset === null) return null;
    const configured = offsetMinutesAt(zone, epochMs);
    if (offset !== this.#offset || offset === configured) this.#calls = [];
    this.#offset = offset;
    if (offset === configured) return null;
    if (!this.#calls.includes(callId)) this.#calls = [...this.#calls, callId].slice(-CALLS_IN_A_ROW);
    if (this.#calls.length < CALLS_IN_A_ROW) return null;
    return `PBX zone mismatch ${offset - configured} min: time_start against call_id over ${CALLS_IN_A_ROW} calls`;
  }
}

const watches = new WeakMap<object, ZoneWatch>();

/** Of one source row: a changed source, as one whose zone was set right, is another row. */
export function zoneWatchOf(from: Readonly<Source>): ZoneWatch {
  let watch = watches.get(from);
  if (watch === undefined) {
    watch = new ZoneWatch();
    watches.set(from, watch);
  }
  return watch;
}
