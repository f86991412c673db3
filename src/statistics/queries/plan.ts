import type { Dimension } from '../entities.ts';
import type { SummaryKey, SummaryQuestion, Unit } from './question.ts';

/** What answers a question: rows of one kind of rollup, or the calls themselves. */
export type Plan = Dimension | 'calls';

const TIMES: readonly SummaryKey[] = ['day', 'hour', 'quarter', 'weekdayHour'];

/** Rollups by day, with what their rows tell apart beside day, direction and outcome; the narrowest first. */
const BY_DAY: readonly (readonly [Dimension, readonly string[]])[] = [
  ['source', ['source']],
  ['line', ['source', 'line']],
  ['queue', ['source', 'queue']],
  ['user', ['user']],
];

export function planOf({ by, filter, queuedOnly, timeZone, dayZone }: SummaryQuestion, unit: Unit): Plan {
  if (unit === 'together') return 'calls';
  const told = new Set<string>(by.filter(key => !TIMES.includes(key) && key !== 'direction' && key !== 'outcome'));
  if (filter.users !== undefined || unit === 'participants') told.add('user');
  if (filter.queues !== undefined || queuedOnly) told.add('queue');
  if (filter.lines !== undefined) told.add('line');
  if (filter.sources !== undefined) told.add('source');
  const times = by.filter(key => TIMES.includes(key));
  const inDays = times.every(key => key === 'day' && timeZone === dayZone);
  if (!inDays) return told.size === 0 ? 'quarter' : 'calls';
  return BY_DAY.find(([, tells]) => [...told].every(each => tells.includes(each)))?.[0] ?? 'calls';
}
