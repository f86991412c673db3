import { ALWAYS, FOREVER } from '../../people/entities.ts';
import { readDateOrInstant } from '../../values/dateOrInstant.ts';
import type { Fields } from './fields.ts';

const MEANING = 'must be a date, as in "2026-03-01", or an instant with its offset, as in "2026-03-01T08:00:00+01:00"';

/**
 * UTC milliseconds of a date (its beginning in the zone) or of an ISO 8601 instant; null when it is not there, is null, or,
 * after the mistake was noted, cannot be read.
 */
export function readInstant(fields: Fields, name: string, timeZone: string): number | null {
  const value = fields.raw(name);
  if (value === undefined || value === null) return null;
  const instant = typeof value === 'string' ? readDateOrInstant(value, timeZone) : null;
  if (instant === null || instant > FOREVER) {
    fields.problems.add(fields.path(name), MEANING);
    return null;
  }
  return Math.max(ALWAYS, instant);
}
