import type { LocalDateTime } from '../../values/zonedTime.ts';
import { formatLocalDateTime, offsetMinutesAt, parseLocalDateTime, resolveLocal } from '../../values/zonedTime.ts';
import type { YeastarSettings } from './settings.ts';

/**
 * When a leg started. `time_start` is the PBX's wall clock without a zone; the integer part of `call_id` is the UTC epoch
 * at which the call, that is its first leg, started (docs/yeastar.md, section 1.3). The zone comes from the source's
 * settings, the epoch tells the two hours of an autumn night apart, checks the zone, and stands in for an unreadable
 * `time_start`.
 */
export interface LegStart {
  /** UTC milliseconds. */
  readonly startedAt: number;
  /** `YYYY-MM-DD HH:mm:ss` as the PBX's clock showed it; null when unreadable. */
  readonly startedAtLocal: string | null;
}

const MINUTE_MS = 60_000;

/** No PBX of this line was on before 2000, and a clock beyond 2100 is not set: both are times nobody can have meant. */
const EARLIEST_MS = Date.UTC(2000, 0, 1);
const LATEST_MS = Date.UTC(2101, 0, 1);

/** The id is made when the channel is, the wall clock is read a moment apart: their seconds may differ by a few. */
const SKEW_MS = 5_000;

/** Later legs start seconds to minutes after the epoch of their call; zones differ by at least this much. */
const STEP_MINUTES = 15;

/**
 * The offsets from UTC that some place has used since 2000, in minutes. Rounding down to one of these, not to any
 * quarter of an hour, keeps most legs that start 15 minutes into a call from looking like a wrong zone.
 */
const OFFSETS_IN_USE: readonly number[] = [
  -720, -660, -600, -570, -540, -480, -420, -360, -300, -270, -240, -210, -180, -150, -120, -60, 0, 60, 120, 180, 210,
  240, 270, 300, 330, 345, 360, 390, 420, 480, 510, 525, 540, 570, 600, 630, 660, 690, 720, 765, 780, 825, 840,
];

/** The start of a leg, or a sentence that says why there is none. `timeStart` and `callId` as cleaned text. */
export function readLegStart(
  timeStart: string | null,
  callId: string | null,
  settings: YeastarSettings,
  warnings: string[],
): LegStart | string {
  const epochMs = epochOf(callId);
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
  if (epochMs !== null) {
    const implied = contradictingOffset(local, startedAt, epochMs, settings.timeZone);
    if (implied !== null) {
      const minutes = implied - offsetMinutesAt(settings.timeZone, startedAt);
      const used = settings.autoZone ? 'the implied offset was used' : `${settings.timeZone} was kept`;
      warnings.push(`PBX zone mismatch ${minutes} min: time_start against call_id, ${used}`);
      if (settings.autoZone) startedAt = local - implied * MINUTE_MS;
    }
  }
  if (!isPlausible(startedAt)) return 'time_start: not between the years 2000 and 2100';
  return { startedAt, startedAtLocal: printed === null ? formatLocalDateTime(local) : timeStart };
}

function readDisplayed(timeStart: string | null, displayFormat: string | null): LocalDateTime | null {
  return timeStart === null || displayFormat === null ? null : parseLocalDateTime(timeStart, displayFormat);
}

/** The epoch before the point of `{epochSeconds}.{counter}`, in milliseconds; null when it cannot be one. */
function epochOf(callId: string | null): number | null {
  if (callId === null) return null;
  const point = callId.indexOf('.');
  const seconds = point === -1 ? callId : callId.slice(0, point);
  if (!/^\d{9,10}$/.test(seconds)) return null;
  const epochMs = Number(seconds) * 1000;
  return isPlausible(epochMs) ? epochMs : null;
}

/** The offset, in minutes, that the epoch implies when it is not the configured zone's; null when they agree. */
function contradictingOffset(local: LocalDateTime, startedAt: number, epochMs: number, zone: string): number | null {
  const lateMs = startedAt - epochMs;
  if (lateMs >= -SKEW_MS && lateMs < STEP_MINUTES * MINUTE_MS) return null;
  const aheadMinutes = (local - epochMs + SKEW_MS) / MINUTE_MS;
  // Further from UTC than any place: the id is no epoch, or the leg started long after the call did.
  if (aheadMinutes >= OFFSETS_IN_USE.at(-1)! + STEP_MINUTES) return null;
  const implied = OFFSETS_IN_USE.findLast(offset => offset <= aheadMinutes) ?? null;
  return implied === null || implied === offsetMinutesAt(zone, startedAt) ? null : implied;
}

function isPlausible(instantMs: number): boolean {
  return instantMs >= EARLIEST_MS && instantMs < LATEST_MS;
}
