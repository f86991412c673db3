import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { readerFor } from '../../ledger/readerFor.ts';
import { answerWithinSecondsOf } from '../../sources/queueThresholds.ts';
import {
  isAboutQueues,
  RangeTooLong,
  type SummaryKey,
  type SummaryQuestion,
  TooManyRows,
} from '../../statistics/queries/question.ts';
import type { RowKey } from '../../statistics/queries/rowKeys.ts';
import { type Summary, summarize } from '../../statistics/queries/summary.ts';
import { zoneNameOf } from '../../values/zonedTime.ts';
import { demand } from './access.ts';
import { demandUsers, FIGURES, NONE, readShared, type SharedFilter } from './callFilters.ts';
import { type NativeDoor, sourcesById } from './context.ts';
import { writeInstant } from './instants.ts';
import { operation } from './operation.ts';
import { invalid } from './problem.ts';
import { renderFigures } from './renderFigures.ts';
import { type Asked, rowFilter } from './rowFilter.ts';
import { QueuesQuery, SummaryQuery } from './schemas.ts';
import { QueueStatistics, Statistics } from './views.ts';

const ROWS_MAX = 1_000;

export function statisticsRoutes(app: FastifyInstance, door: NativeDoor): void {
  app.get<{ Querystring: SummaryQuery }>(
    '/statistics/summary',
    operation({
      operationId: 'summarizeCalls',
      tag: 'statistics',
      summary: 'Count ended calls',
      description: `${COUNTING} By \`user\`, a call counts once for each user who took part. Agents see the calls that are theirs.`,
      query: SummaryQuery,
      answers: { 200: { description: 'The counts.', schema: Statistics } },
    }),
    (request, reply) => answer(door, request.query, reply, { caller: request.caller!, ofQueues: false }),
  );
  app.get<{ Querystring: SummaryQuery }>(
    '/statistics/queues',
    operation({
      operationId: 'summarizeQueues',
      tag: 'statistics',
      summary: 'Count ended calls that were in a queue',
      description: `${COUNTING} Each under what became of it in the queue, with how long it waited there, and how many were answered within the seconds of their queue. By \`queue\`, a call counts once for each queue it was in.`,
      query: QueuesQuery,
      answers: { 200: { description: 'The counts.', schema: QueueStatistics } },
    }),
    (request, reply) => answer(door, request.query, reply, { caller: request.caller!, ofQueues: true }),
  );
}

const COUNTING =
  'By when they started, grouped by one or two properties. Each row has the filter of `GET /v1/calls` that lists its calls; docs/statistics.md says what each column means.';

interface Asking {
  readonly caller: Parameters<typeof demand>[1];
  readonly ofQueues: boolean;
}

async function answer(door: NativeDoor, query: SummaryQuery, reply: FastifyReply, { caller, ofQueues }: Asking) {
  const allowed = demand(door.gate, caller, 'statistics.read', 'calls.readOwn');
  const { by = [ofQueues ? 'queue' : 'day'] } = query;
  const timeZone = zoneNameOf(query.timeZone ?? door.timeZone());
  if (timeZone === null) throw invalid('timeZone', 'must be an IANA time zone, such as Europe/Berlin');
  const shared = readShared(query, door);
  if (allowed === 'statistics.read') await demandUsers(shared, door);
  const filter = allowed === 'statistics.read' ? shared : ownOnly(shared, caller.userId);
  if (ofQueues) {
    if (filter.queues?.every(each => each === null))
      throw invalid('queue', 'must name a queue: each of these calls has one');
    filter.queued = true;
  }
  const question = questionOf(door, filter, by, timeZone);
  const digest = digestOf([ofQueues, timeZone, filter]);
  const page = { limit: query.limit ?? ROWS_MAX, after: readCursor(query.cursor, by, digest) };
  const { countable, ledger } = door;
  const summary = await asProblem(
    ledger.reader.snapshot(reader => summarize(readerFor(reply.raw, reader), countable, question, page)),
  );
  // Whose calls the caller may not see, the list does not show either: what was asked for stays.
  const users = filter.users?.length === 0 ? query.user : filter.users?.map(each => each ?? NONE);
  const asked = { by, timeZone, filter, query: { ...query, ...(users === undefined ? {} : { user: users }) } };
  return render(summary, asked, {
    ofQueues,
    withOverflowed: isAboutQueues(question),
    listsRangOnly: allowed === 'statistics.read',
    digest,
  });
}

function questionOf(
  { ledger, dayZone }: NativeDoor,
  filter: SharedFilter,
  by: readonly SummaryKey[],
  timeZone: string,
): SummaryQuestion {
  const sources = sourcesById(ledger);
  const { startedFrom = null, startedTo = null, sourceIds, queued, ...rest } = filter;
  return {
    by,
    filter: { ...rest, ...(sourceIds === undefined ? {} : { sources: sourceIds }) },
    queuedOnly: queued === true,
    startedFrom,
    startedTo,
    timeZone,
    dayZone: zoneNameOf(dayZone()) ?? dayZone(),
    answerWithinSeconds: (sourceId, queue) => answerWithinSecondsOf(sources.get(sourceId), queue),
    sourceKeyOf: id => sources.get(id)?.key ?? `source ${id}`,
  };
}

/** Agents see their own statistics; asked for another's they see none. */
function ownOnly(filter: SharedFilter, userId: number | null): SharedFilter {
  const isMeant = userId !== null && (filter.users?.includes(userId) ?? true);
  return { ...filter, users: isMeant ? [userId] : [] };
}

interface Rendering {
  readonly ofQueues: boolean;
  readonly withOverflowed: boolean;
  /** A call that only rang at an agent is another's: its count is shown to them, the call is not. */
  readonly listsRangOnly: boolean;
  /** Of the question, for the cursor. */
  readonly digest: string;
}

function render(summary: Summary, asked: Asked, { ofQueues, withOverflowed, listsRangOnly, digest }: Rendering) {
  const { by, timeZone } = asked;
  const { unit, rows, totals, next, repeatsCalls } = summary;
  const countsPerUser = unit === 'participants' && by.includes('user');
  const keyName = (key: SummaryKey, value: RowKey) =>
    typeof value === 'number' && key !== 'user' ? writeInstant(value) : value === null ? null : String(value);
  const columns = FIGURES.filter(name => {
    if (name === 'rangOnly') return listsRangOnly && unit !== 'calls';
    if (name === 'overflowed') return withOverflowed;
    return ofQueues || (name !== 'offered' && name !== 'answeredWithin');
  });
  const shown = { ofQueues, withOverflowed, withRangOnly: unit !== 'calls' };
  return {
    by,
    timeZone,
    rows: rows.map(({ keys, figures }) => ({
      key: keyName(by[0]!, keys[0]!),
      ...(by.length === 2 ? { key2: keyName(by[1]!, keys[1]!) } : {}),
      ...renderFigures(figures, { ...shown, ringsKnown: summary.ringsKnown }),
      filter: rowFilter(asked, keys),
    })),
    totals: {
      ...renderFigures(totals, { ...shown, ringsKnown: summary.ringsKnown || repeatsCalls }),
      filter: rowFilter(asked, []),
    },
    rowsCountUsers: countsPerUser,
    rowsMayExceedTotals: countsPerUser || repeatsCalls,
    columns: Object.fromEntries(columns.map(name => [name, `figure=${name}`])),
    next: next === null ? null : writeCursor(by, next, digest),
  };
}

async function asProblem<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof RangeTooLong) {
      throw invalid('startedFrom', `must be at most ${error.days} days before startedTo: ${error.message}`);
    }
    if (error instanceof TooManyRows) {
      throw invalid('startedFrom', `must be nearer to startedTo: ${error.message}`);
    }
    throw error;
  }
}

/** Where another question ended says nothing about this one. */
const digestOf = (question: unknown): string =>
  createHash('sha256').update(JSON.stringify(question)).digest('base64url').slice(0, 16);

function readCursor(text: string | undefined, by: readonly SummaryKey[], digest: string): readonly RowKey[] | null {
  if (text === undefined) return null;
  const wrong = () => invalid('cursor', 'must be a `next` of these statistics');
  let read: unknown;
  try {
    read = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    throw wrong();
  }
  if (!Array.isArray(read) || read.length !== 3) throw wrong();
  const [asked, keys, digestThen] = read as unknown[];
  const isKey = (each: unknown) => each === null || typeof each === 'string' || typeof each === 'number';
  if (JSON.stringify(asked) !== JSON.stringify(by)) throw wrong();
  if (!Array.isArray(keys) || keys.length !== by.length || !keys.every(isKey)) throw wrong();
  if (digestThen !== digest) {
    throw invalid(
      'cursor',
      'is the `next` of another question: ask with its filters, `by` and `timeZone`, or without `cursor`',
    );
  }
  return keys as RowKey[];
}

/** Keys are in the order of one `by` only. */
const writeCursor = (by: readonly SummaryKey[], keys: readonly RowKey[], digest: string): string =>
  Buffer.from(JSON.stringify([by, keys, digest])).toString('base64url');
