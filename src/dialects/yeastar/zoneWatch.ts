import type { LegFact } from '../../calls/reports/report.ts';
import type { Source } from '../../sources/entities.ts';
import { offsetMinutesAt, parseLocalDateTime } from '../../values/zonedTime.ts';
import { offsetAtCallStart, offsetBetween } from './callOffset.ts';
import { callEpochOf } from './legStart.ts';

/** A transfer may come an hour later to the second; three calls in a row without a first leg between them do not. */
const CALLS_IN_A_ROW = 3;

/**
 * Older firmware sends no `uid` that would tell the offset of a PBX's clock (callOffset.ts), and one leg alone cannot: it may be a
 * later one. What is learned over several calls is a hint for people, and changes no report.
 */
export class ZoneWatch {
  #offset: number | null = null;
  #calls: string[] = [];

  /** A warning where the last calls all say that the PBX's clock is in another zone. */
  see(callId: string | null, { startedAtLocal, uid }: LegFact, zone: string): string | null {
    const epochMs = callEpochOf(callId);
    const local = startedAtLocal === null ? null : parseLocalDateTime(startedAtLocal);
    if (callId === null || epochMs === null || local === null || offsetAtCallStart(uid, epochMs) !== null) return null;
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
