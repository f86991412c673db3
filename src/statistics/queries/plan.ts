import { type Dimension, VISIT_DIMENSIONS, type VisitDimension } from '../entities.ts';
import { isAboutQueues, type SummaryKey, type SummaryQuestion, type Unit } from './question.ts';

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

export function planOf(question: SummaryQuestion, unit: Unit): Plan {
  const { by, filter, timeZone, dayZone } = question;
  if (unit === 'together') return 'calls';
  const told = new Set<string>(by.filter(key => !TIMES.includes(key) && key !== 'direction' && key !== 'outcome'));
  if (filter.users !== undefined || unit === 'participants') told.add('user');
  if (isAboutQueues(question)) told.add('queue');
  if (filter.lines !== undefined) told.add('line');
  if (filter.sources !== undefined) told.add('source');
  const times = by.filter(key => TIMES.includes(key));
  const inDays = times.every(key => key === 'day' && timeZone === dayZone);
  if (!inDays) return told.size === 0 ? 'quarter' : 'calls';
  const plan = BY_DAY.find(([, tells]) => [...told].every(each => tells.includes(each)))?.[0] ?? 'calls';
  return plan === 'queue' && visitDimensions(question) === null ? 'calls' : plan;
}

/**
 * The rows that together have each call once for each queue or source that is told apart: all visits where both are, and else those that
 * decide. Null where which one decides depends on the names or sources that are asked for.
 */
export function visitDimensions({ by, filter }: SummaryQuestion): readonly VisitDimension[] | null {
  const { sources } = filter;
  const names = filter.queues?.filter(each => each !== null);
  if (names?.length === 0) return [];
  const isOfOneName = by.includes('queue') || names?.length === 1;
  const isOfOneSource = by.includes('source') || sources?.length === 1;
  if (isOfOneName && isOfOneSource) return VISIT_DIMENSIONS;
  if (isOfOneName && sources === undefined) return ['queue', 'queueOfSourceAndName', 'queueOfName'];
  if (names !== undefined) return null;
  if (isOfOneSource) return ['queue', 'queueOfSourceAndName', 'queueOfSource'];
  return sources === undefined ? ['queue'] : null;
}
