import { isPlausibleStart } from '../../values/plausible.ts';
import type { LocalDateTime } from '../../values/zonedTime.ts';
import { formatLocalDateTime, offsetMinutesAt, parseLocalDateTime, resolveLocal } from '../../values/zonedTime.ts';
import { offsetAtCallStart, SKEW_MS } from './callOffset.ts';
import type { YeastarSettings } from './settings.ts';

/**
 * When a leg started. `time_start` is the PBX's wall clock without a zone; the integer part of `call_id` is the UTC epoch
 * at which the call, that is its first leg, started (docs/yeastar.md, section 1.3). The zone comes from the source's
 * settings. The epoch tells the two hours of an autumn night apart, stands in for an unreadable `time_start`, and together
 * with `uid` checks the zone.
 */
export interface LegStart {
  /** UTC milliseconds. */
  readonly startedAt: number;
  /** `YYYY-MM-DD HH:mm:ss` as the PBX's clock showed it; null when unreadable. */
  readonly startedAtLocal: string | null;
}

const MINUTE_MS = 60_000;

/**
 * Up to here a leg that starts after its call did is a later leg, whatever else is said: zones differ by at least this much.
 */
const STEP_MS = 15 * MINUTE_MS;

/** What one event says of when, as cleaned text. */
export interface LegTimes {
  readonly timeStart: string | null;
  readonly callId: string | null;
  readonly uid: string | null;
}

/** The start of a leg, or a sentence that says why there is none. */
export function readLegStart(
  { timeStart, callId, uid }: LegTimes,
  settings: YeastarSettings,
  warnings: string[],
): LegStart | string {
  const epochMs = callEpochOf(callId);
  // The event's own format is fixed, whatever the PBX displays (docs/yeastar.md, section 1.2); the other is a last resort.
  const printed = timeStart === null ? null : parseLocalDateTime(timeStart);
  const local = printed ?? readDisplayed(timeStart, settings.displayFormat);
  if (local === null) {
    if (epochMs === null) return 'time_start, call_id: neither holds a readable time';
    const how = timeStart === null ? 'missing' : 'not a time';
    warnings.push(`time_start: ${how}, the start was taken from call_id`);
    return { startedAt: epochMs, startedAtLocal: null };
  }
  let startedAt = resolveLocal(settings.timeZone, local, epochMs === null ? null : epochMs - SKEW_MS);
  const offset = epochMs === null ? null : contradictingOffset(startedAt, epochMs, uid, settings.timeZone);
  if (epochMs !== null && offset !== null) {
    const minutes = offset - offsetMinutesAt(settings.timeZone, epochMs);
    const used = settings.autoZone ? 'the implied offset was used' : `${settings.timeZone} was kept`;
    warnings.push(`PBX zone mismatch ${minutes} min: uid against call_id, ${used}`);
    if (settings.autoZone) startedAt = local - offset * MINUTE_MS;
  }
  if (!isPlausibleStart(startedAt)) return 'time_start: not between the years 2000 and 2100';
  return { startedAt, startedAtLocal: printed === null ? formatLocalDateTime(local) : timeStart };
}

function readDisplayed(timeStart: string | null, displayFormat: string | null): LocalDateTime | null {
  return timeStart === null || displayFormat === null ? null : parseLocalDateTime(timeStart, displayFormat);
}

/** The epoch before the point of `{epochSeconds}.{counter}`, in milliseconds; null when it cannot be one. */
export function callEpochOf(callId: string | null): number | null {
  if (callId === null) return null;
  const point = callId.indexOf('.');
  const seconds = point === -1 ? callId : callId.slice(0, point);
  if (!/^\d{9,10}$/.test(seconds)) return null;
  const epochMs = Number(seconds) * 1000;
  return isPlausibleStart(epochMs) ? epochMs : null;
}

/**
 * The offset, in minutes, of the clock that the call began by when that is not the configured zone's; null when they agree
 * or nothing tells. How long after its call a leg starts tells nothing: transfers come hours later.
 */
function contradictingOffset(startedAt: number, epochMs: number, uid: string | null, zone: string): number | null {
  const lateMs = startedAt - epochMs;
  if (lateMs >= -SKEW_MS && lateMs < STEP_MS) return null;
  const offset = offsetAtCallStart(uid, epochMs);
  return offset === offsetMinutesAt(zone, epochMs) ? null : offset;
}
