/** For a row of the statistics, the query of `GET /v1/calls` that lists its calls. */

import type { SummaryKey } from '../../statistics/queries/question.ts';
import type { RowKey } from '../../statistics/queries/rowKeys.ts';
import { hourOf } from '../../statistics/queries/rowKeys.ts';
import { localDayStart } from '../../values/zonedTime.ts';
import { ANY, NONE, type SharedFilter, type SharedQuery, writeName } from './callFilters.ts';
import { writeInstant } from './instants.ts';

const QUARTER_MS = 15 * 60_000;
const DAY_MS = 86_400_000;

export interface Asked {
  readonly by: readonly SummaryKey[];
  readonly timeZone: string;
  readonly filter: SharedFilter;
  readonly query: SharedQuery;
}

/** Names and values of the query; a key replaces the filter of the same name. */
export function rowFilter({ by, timeZone, filter, query }: Asked, keys: readonly RowKey[]): string {
  const given = new URLSearchParams({ state: 'ended' });
  let from = filter.startedFrom ?? Number.NEGATIVE_INFINITY;
  let to = filter.startedTo ?? Number.POSITIVE_INFINITY;
  for (const name of ['direction', 'source', 'user', 'queue', 'line'] as const) {
    if (by.includes(name) && keys.length > 0) continue;
    const values = name === 'queue' ? queuesOf(filter, query) : query[name];
    for (const value of values ?? []) given.append(name, String(value));
  }
  by.forEach((key, place) => {
    const value = keys[place];
    if (value === undefined) return;
    const span = spanOf(key, value, timeZone);
    if (span !== null) {
      from = Math.max(from, span.from);
      to = Math.min(to, span.to);
    } else if (key === 'weekdayHour') {
      const [weekday, hour] = String(value).split('T').map(Number);
      given.set('weekday', String(weekday));
      given.set('hour', String(hour));
      given.set('timeZone', timeZone);
    } else if (value === null) given.set(key, NONE);
    else given.set(key, key === 'queue' || key === 'line' ? writeName(String(value)) : String(value));
  });
  if (Number.isFinite(from)) given.set('startedFrom', writeInstant(from));
  if (Number.isFinite(to)) given.set('startedTo', writeInstant(to));
  return given.toString();
}

/** Where only calls that waited in a queue are counted, calls without one are not among those that are listed. */
function queuesOf({ queued }: SharedFilter, { queue }: SharedQuery): readonly string[] | undefined {
  if (queued !== true) return queue;
  return queue === undefined || queue.includes(ANY) ? [ANY] : queue.filter(each => each !== NONE);
}

interface Span {
  readonly from: number;
  readonly to: number;
}

function spanOf(key: SummaryKey, value: RowKey, timeZone: string): Span | null {
  if (key === 'quarter') return { from: value as number, to: (value as number) + QUARTER_MS };
  if (key === 'hour') return hourSpan(value as number, timeZone);
  if (key !== 'day') return null;
  const day = Date.parse(`${value}T00:00:00Z`) / DAY_MS;
  return { from: localDayStart(timeZone, day), to: localDayStart(timeZone, day + 1) };
}

/** Where clocks are set within an hour, it is shorter than one. */
function hourSpan(hour: number, timeZone: string): Span {
  let to = hour + QUARTER_MS;
  while (hourOf(timeZone, to) === hour) to += QUARTER_MS;
  return { from: hour, to };
}
