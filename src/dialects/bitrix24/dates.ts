/** Dates of the wire: every form that clients send in, one form out (docs/bitrix24.md, section 9). */
import { daysOfDate } from '../../values/calendar.ts';
import { isPlausibleStart } from '../../values/plausible.ts';
import {
  formatLocalDateTime,
  type LocalDateTime,
  localAt,
  offsetMinutesAt,
  resolveLocal,
} from '../../values/zonedTime.ts';

export interface PortalInstant {
  /** UTC milliseconds. */
  readonly at: number;
  /** Whether the text said where its clock stands; else it was the server's zone. */
  readonly statedOffset: boolean;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Longer texts are no dates; 35 characters are nanoseconds with an offset. */
const DATE_MAX_CHARS = 40;

/**
 * A blank may stand for the `T`, and in an offset for the `+` that a form client forgot to encode. The time may be
 * missing: midnight. Fractions may be milliseconds (JavaScript) or microseconds (Python).
 */
const DATE =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:(Z)|([+ -])(\d\d)(?::?(\d\d))?)?)?$/i;

/**
 * Reads a date, as in a filter: years 0 to 9999, since filters are left open with 9999-12-31. `zone` is the server's. Null
 * when the text is no date, or one that no calendar or clock shows. Throws RangeError when the zone is unknown.
 */
export function readPortalDate(text: string, zone: string): PortalInstant | null {
  if (text.length > DATE_MAX_CHARS) return null;
  const match = DATE.exec(text.trim());
  if (match === null) return null;
  const part = (place: number) => Number(match[place] ?? 0);
  const days = daysOfDate(part(1), part(2), part(3));
  const [hour, minute, second] = [part(4), part(5), part(6)];
  if (days === null || hour > 23 || minute > 59 || second > 59) return null;
  const millisecond = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3));
  const local = days * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000 + millisecond;
  if (match[8] !== undefined) return { at: local, statedOffset: true };
  if (match[9] === undefined) return { at: resolveLocal(zone, local as LocalDateTime, null), statedOffset: false };
  const [offsetHours, offsetMinutes] = [part(10), part(11)];
  if (offsetHours > 23 || offsetMinutes > 59) return null;
  const offsetMs = (offsetHours * 60 + offsetMinutes) * MINUTE_MS;
  return { at: match[9] === '-' ? local + offsetMs : local - offsetMs, statedOffset: true };
}

/** When a call started: as `readPortalDate`, and null also for a year in which nobody called. */
export function readCallStart(text: string, zone: string): PortalInstant | null {
  const read = readPortalDate(text, zone);
  return read !== null && isPlausibleStart(read.at) ? read : null;
}

/** `YYYY-MM-DDThh:mm:ss±hh:mm` of an instant in UTC milliseconds. Throws RangeError outside the years 0 to 9999. */
export function writePortalDate(at: number, zone: string): string {
  // Offsets of the time before 1972 may have seconds, which the form has no room for.
  const offsetMinutes = Math.round(offsetMinutesAt(zone, at));
  const size = Math.abs(offsetMinutes);
  const sign = offsetMinutes < 0 ? '-' : '+';
  const offset = `${sign}${twoDigits(Math.floor(size / 60))}:${twoDigits(size % 60)}`;
  return `${formatLocalDateTime(localAt(zone, at)).replace(' ', 'T')}${offset}`;
}

const twoDigits = (value: number): string => String(value).padStart(2, '0');
