/** The filters that lists of calls and statistics share, as they stand in a URL. */
import { participation } from '../../calls/entities.ts';
import type { CallFigure, SourceThresholds } from '../../calls/queries/callFilter.ts';
import { user } from '../../people/entities.ts';
import { source } from '../../sources/entities.ts';
import type { Direction } from '../../values/direction.ts';
import { QUEUE_OUTCOMES, type QueueOutcome } from '../../values/outcome.ts';
import type { NativeDoor } from './context.ts';
import { readInstant } from './instants.ts';
import { invalid } from './problem.ts';

/** What stands for calls without a user, queue or line, and for calls with any queue. */
export const NONE = 'none';
export const ANY = 'any';

/** `ivr_only` is the column `ivrOnly`. */
export const columnOf = (outcome: QueueOutcome): string =>
  outcome.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The columns of a row of statistics that count calls. */
export const FIGURES = [
  'calls',
  'short',
  ...QUEUE_OUTCOMES.map(columnOf),
  'rangOnly',
  'offered',
  'answeredWithin',
] as string[];

export interface SharedQuery {
  readonly startedFrom?: string;
  readonly startedTo?: string;
  readonly direction?: Direction[];
  readonly source?: string[];
  readonly user?: (number | 'none')[];
  readonly queue?: string[];
  readonly line?: string[];
}

export interface SharedFilter {
  startedFrom?: number;
  startedTo?: number;
  directions?: readonly Direction[];
  sourceIds?: readonly number[];
  users?: readonly (number | null)[];
  queues?: readonly (string | null)[];
  lines?: readonly (string | null)[];
  queued?: boolean;
}

/** In a query string a `+` that is not written `%2B` is a blank; before the offset of an instant it can be nothing else. */
const withPlus = (instant: string): string => instant.replace(/^(\S+) (\d\d:?\d\d)$/, '$1+$2');

export function readShared(query: SharedQuery, { ledger }: NativeDoor): SharedFilter {
  const filter: SharedFilter = {};
  if (query.startedFrom !== undefined) filter.startedFrom = readInstant(withPlus(query.startedFrom), 'startedFrom');
  if (query.startedTo !== undefined) filter.startedTo = readInstant(withPlus(query.startedTo), 'startedTo');
  if (filter.startedFrom !== undefined && filter.startedTo !== undefined && filter.startedTo <= filter.startedFrom) {
    throw invalid('startedTo', 'must be after startedFrom');
  }
  if (query.direction !== undefined) filter.directions = query.direction;
  if (query.source !== undefined) {
    const sources = ledger.directory.all(source);
    filter.sourceIds = query.source.map(key => {
      const found = sources.find(each => each.key === key);
      if (found === undefined) throw invalid('source', 'must be the key of a source');
      return found.id;
    });
  }
  if (query.user !== undefined) filter.users = [...new Set(query.user)].map(each => (each === NONE ? null : each));
  if (query.line !== undefined) filter.lines = named(query.line);
  if (query.queue?.includes(ANY)) {
    // Any of them, or none, is every call.
    if (!query.queue.includes(NONE)) filter.queued = true;
  } else if (query.queue !== undefined) filter.queues = named(query.queue);
  return filter;
}

/** Rejects users of whom nobody has heard: a mistyped id would be answered as one who did nothing. */
export async function demandUsers({ users }: SharedFilter, { ledger }: NativeDoor): Promise<void> {
  for (const id of users ?? []) {
    if (id === null || ledger.directory.get(user, id) !== undefined) continue;
    // Calls of users who are no longer here stay theirs.
    const where = [{ column: 'userId', is: '=', value: id } as const];
    const [part] = await ledger.reader.select({ from: participation, columns: ['callId'], where, limit: 1 });
    if (part === undefined)
      throw invalid('user', `must be the id of a user, and there is no user ${id}: GET /v1/users lists them`);
  }
}

const named = (given: readonly string[]) => given.map(each => (each === NONE ? null : nameOf(each)));

/** A queue or line that is really called `none` or `any` is written `\none`, `\any`. */
const RESERVED = new RegExp(`^\\\\*(${NONE}|${ANY})$`);
export const writeName = (name: string): string => (RESERVED.test(name) ? `\\${name}` : name);
const nameOf = (written: string): string =>
  written.startsWith('\\') && RESERVED.test(written) ? written.slice(1) : written;

/** What a column of the statistics counts. */
export function figureOf(name: string, thresholds: () => readonly SourceThresholds[]): CallFigure {
  if (name === 'calls') return {};
  if (name === 'short') return { short: true };
  if (name === 'offered') return { short: false };
  if (name === 'rangOnly') return { rangOnly: true };
  if (name === 'answeredWithin') return { outcome: 'answered', short: false, answeredWithin: thresholds() };
  return { outcome: QUEUE_OUTCOMES.find(each => columnOf(each) === name)! };
}

/** Of the sources whose calls are asked for. */
export function thresholdsOf({ ledger }: NativeDoor, { sourceIds }: SharedFilter): SourceThresholds[] {
  const sources = ledger.directory.all(source).filter(({ id }) => sourceIds?.includes(id) ?? true);
  return sources.map(({ id, answerWithinSeconds, queueThresholds }) => ({
    sourceId: id,
    answerWithinSeconds,
    queueThresholds,
  }));
}
