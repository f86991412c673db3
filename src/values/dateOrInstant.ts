import { daysOfDate } from './calendar.ts';
import { localDayStart } from './zonedTime.ts';

/** UTC milliseconds of a date (its beginning in the zone) or of an ISO 8601 instant with an offset; null when it is neither. */
export function readDateOrInstant(text: string, timeZone: string): number | null {
  const date = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (date !== null) {
    const day = daysOfDate(Number(date[1]), Number(date[2]), Number(date[3]));
    return day === null ? null : localDayStart(timeZone, day);
  }
  try {
    return Temporal.Instant.from(text).epochMilliseconds;
  } catch {
    return null;
  }
}
