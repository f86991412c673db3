import { isPlausibleStart } from '../../values/plausible.ts';
import { invalid } from './problem.ts';

/** Before telephones and after anybody's planning: a slip of the unit, seconds for milliseconds or the reverse. */
const EARLIEST = Date.UTC(1970, 0, 1);
const LATEST = Date.UTC(2101, 0, 1);

/** UTC milliseconds of an ISO 8601 instant; it must carry `Z` or an offset. */
export function readInstant(text: string, field: string): number {
  const at = instantOf(text, field);
  if (at < EARLIEST || at >= LATEST) throw invalid(field, 'must lie between the years 1970 and 2100');
  return at;
}

/** As `readInstant`, of something that happened in a call. */
export function readCallInstant(text: string, field: string): number {
  const at = instantOf(text, field);
  if (!isPlausibleStart(at)) throw invalid(field, 'must lie between the years 2000 and 2100');
  return at;
}

function instantOf(text: string, field: string): number {
  try {
    return Temporal.Instant.from(text).epochMilliseconds;
  } catch {
    throw invalid(field, 'must be an ISO 8601 instant with an offset, such as 2026-09-23T21:04:18Z');
  }
}

/** `2026-09-23T21:04:18Z`, with milliseconds only where there are some. */
export function writeInstant(at: number): string {
  const text = new Date(at).toISOString();
  return text.endsWith('.000Z') ? `${text.slice(0, -5)}Z` : text;
}
