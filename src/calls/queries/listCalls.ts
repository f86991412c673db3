import type { Condition, Reader } from '../../ledger/query.ts';
import { selectWithin } from '../../ledger/selectWithin.ts';
import { type Call, call, type SourceCall, sourceCall } from '../entities.ts';
import {
  type CallCondition,
  type CallFilter,
  indexedConditions,
  LISTED,
  type ListedCall,
  otherConditions,
} from './callFilter.ts';
import { dependsOnVisits, keptInQueues, nextInQueues, onlyQueues } from './inQueues.ts';
import { isWithin, type Span, spansOfHours } from './localHours.ts';
import { keptFor, nextOfUsers } from './takingPart.ts';

/** Where a page ended. */
export interface CallCursor {
  readonly startedAt: number;
  readonly id: number;
}

export interface CallsPage {
  readonly items: ListedCall[];
  /** Where to go on, null at the end. */
  readonly next: CallCursor | null;
  /** UTC milliseconds: the start of the last call looked at, where the search ended before the page was full; else null. */
  readonly searchedTo: number | null;
}

export interface Search {
  /** Calls looked through for one page. */
  readonly callsMost?: number;
}

/**
 * Rows looked at by one statement. Filters that no index serves walk the calls in windows, so that a rare match keeps no
 * statement longer than some 50 ms (ARCHITECTURE.md, section 4); the first ones are small, for what matches often.
 */
const WINDOW_ROWS = { first: 500, most: 5_000, growth: 4 } as const;
/** Where an index has the rows of a user or a queue, most of them are meant: about two pages of them. */
const FIRST_PARTS = 100;
/** A page looks through so many calls and then says how far it came: some 100 ms, however many calls there are. */
const SEARCHED_MOST = 100_000;
/** Source calls with the same name outside: those of one statement. Where there are more, all calls are looked through for it. */
const NAMED_ALIKE_MOST = 5_000;
/** What a statement costs that finds nothing, in rows. */
const STATEMENT_ROWS = 50;

/** Newest first. */
export async function listCalls(
  reader: Reader,
  filter: CallFilter,
  limit: number,
  after: CallCursor | null,
  { callsMost = SEARCHED_MOST }: Search = {},
): Promise<CallsPage> {
  const items: ListedCall[] = [];
  let searched = 0;
  for await (const { where, edge, rows } of windowsOf(reader, filter, after)) {
    if (where !== null) {
      const meant = dependsOnVisits(filter) ? [idIn(await keptInQueues(reader, where, filter))] : where;
      items.push(...(await pageOf(reader, meant, limit + 1 - items.length)));
    }
    if (items.length > limit)
      return { items: items.slice(0, limit), next: placeOf(items[limit - 1]!), searchedTo: null };
    searched += rows + STATEMENT_ROWS;
    if (edge !== null && searched >= callsMost) return { items, next: edge, searchedTo: edge.startedAt };
  }
  return { items, next: null, searchedTo: null };
}

const idIn = (ids: readonly number[]): CallCondition => ({ column: 'id', in: ids });

const placeOf = ({ startedAt, id }: CallCursor): CallCursor => ({ startedAt, id });

const pageOf = (reader: Reader, where: readonly CallCondition[], limit: number): Promise<ListedCall[]> =>
  reader.select<Call>({ from: call, columns: LISTED, where, orderBy: NEWEST_FIRST, limit });

const NEWEST_FIRST = [
  { column: 'startedAt', descending: true },
  { column: 'id', descending: true },
] as const;

/** The next calls that are looked at, the newest first. */
interface Window {
  /** Hold for those of them that are meant; null where none is. */
  readonly where: readonly CallCondition[] | null;
  /** The last call that was looked at; null at the end. */
  readonly edge: CallCursor | null;
  /** How many were looked at, where that is more than what is found. */
  readonly rows: number;
}

async function* windowsOf(reader: Reader, filter: CallFilter, after: CallCursor | null): AsyncGenerator<Window> {
  const { localHours, externalId } = filter;
  if (externalId !== undefined) yield* named(reader, filter, externalId, after);
  else if (localHours === undefined) yield* within(reader, filter, indexedConditions(filter), after);
  else {
    for await (const span of spansOf(reader, filter, after)) {
      const bounds = [...indexedConditions(filter), ...beganIn(span)];
      for await (const window of within(reader, filter, bounds, after)) {
        // No call of this span is left: the next one is before it.
        yield window.edge === null ? { ...window, edge: { startedAt: span.from, id: 0 } } : window;
      }
    }
  }
}

/** The calls within bounds of their start. */
async function* within(
  reader: Reader,
  filter: CallFilter,
  bounds: readonly CallCondition[],
  after: CallCursor | null,
): AsyncGenerator<Window> {
  const { users } = filter;
  const others = otherConditions(filter);
  const time = bounds as Condition<'startedAt'>[];
  const queues = onlyQueues(filter);
  if (users?.includes(null)) yield* withNobody(reader, filter, users, bounds, after);
  else if (users !== undefined) {
    const rangOnly = filter.figure?.rangOnly === true;
    const known = users as readonly number[];
    yield* byParts(others, after, (position, rowsWanted) =>
      nextOfUsers(reader, known, time, position, { rangOnly, rowsWanted }),
    );
  } else if (queues !== null) {
    yield* byParts(others, after, (position, rowsWanted) => nextInQueues(reader, queues, time, position, rowsWanted));
  } else if (dependsOnVisits(filter)) yield* windowsByStart(reader, bounds, others, after);
  else yield* byStart(reader, bounds, others, after);
}

type NextParts = (position: CallCursor | null, rowsWanted: number) => Promise<Window>;

/** Calls by what belongs to them, of which a window is larger than the one before. */
async function* byParts(
  others: readonly CallCondition[],
  after: CallCursor | null,
  next: NextParts,
): AsyncGenerator<Window> {
  let rowsWanted = FIRST_PARTS;
  for (let position = after; ; rowsWanted *= WINDOW_ROWS.growth) {
    const found = await next(position, rowsWanted);
    yield { ...found, where: [...found.where!, ...others] };
    if (found.edge === null) return;
    position = found.edge;
  }
}

/** Calls without a user are found among all calls only. */
async function* withNobody(
  reader: Reader,
  filter: CallFilter,
  users: readonly (number | null)[],
  bounds: readonly CallCondition[],
  after: CallCursor | null,
): AsyncGenerator<Window> {
  for await (const { where, edge, rows } of windowsByStart(reader, bounds, otherConditions(filter), after)) {
    const candidates = await reader.select<Call>({
      from: call,
      columns: ['id', 'outcome'],
      where: where!,
      orderBy: NEWEST_FIRST,
      limit: WINDOW_ROWS.most,
    });
    const kept = await keptFor(reader, candidates, users, filter.figure?.rangOnly === true);
    yield { where: kept.length > 0 ? [idIn(kept)] : null, edge, rows };
  }
}

/**
 * A name outside leads to few calls, by its own index, whichever source calls them so: neither all calls nor all of a user are
 * looked through for it. A name that very many have, which is none, is looked for among all calls.
 */
async function* named(
  reader: Reader,
  filter: CallFilter,
  externalId: string,
  after: CallCursor | null,
): AsyncGenerator<Window> {
  const sourceCalls = await reader.select<SourceCall>({
    from: sourceCall,
    columns: ['callId', 'sourceId'],
    where: [{ column: 'externalId', is: '=', value: externalId }],
    unordered: true,
    limit: NAMED_ALIKE_MOST + 1,
  });
  const { sourceIds: _, ...rest } = filter;
  const others = otherConditions(rest);
  if (sourceCalls.length > NAMED_ALIKE_MOST) {
    for await (const { where, edge, rows } of windowsByStart(reader, indexedConditions(filter), others, after)) {
      const candidates = await candidatesOf(reader, where!);
      const namings = await namingsOf(reader, candidates, externalId);
      // Of each of them what its sources call it was looked at as well.
      yield { where: await keptAmong(reader, filter, candidates, namings), edge, rows: rows + candidates.length };
    }
  } else {
    const ids = [...new Set(sourceCalls.flatMap(each => each.callId ?? []))];
    const where = [idIn(ids), ...indexedConditions(filter), ...others, ...beyond(after)];
    const candidates = await candidatesOf(reader, where);
    yield { where: await keptAmong(reader, filter, candidates, sourceCalls), edge: null, rows: 0 };
  }
}

const CANDIDATE = ['id', 'sourceId', 'startedAt', 'outcome', 'sourceCalls', 'records'] as const;
type Candidate = Pick<Call, (typeof CANDIDATE)[number]>;
type Naming = Pick<SourceCall, 'callId' | 'sourceId'>;

/** As many as are meant: the conditions bound them. */
const candidatesOf = (reader: Reader, where: readonly CallCondition[]): Promise<Candidate[]> =>
  reader.select<Call>({
    from: call,
    columns: CANDIDATE,
    where,
    orderBy: NEWEST_FIRST,
    limit: Number.MAX_SAFE_INTEGER,
  });

/** The source calls of these calls that are called so. */
async function namingsOf(reader: Reader, candidates: readonly Candidate[], externalId: string): Promise<Naming[]> {
  const ids = candidates.flatMap(each => [each.id, ...(each.sourceCalls ?? []), ...(each.records ?? [])]);
  const columns = ['id', 'externalId', 'callId', 'sourceId'] as const;
  const found = await selectWithin(reader, sourceCall, 'id', ids, columns);
  return found.filter(each => each.externalId === externalId);
}

/** Which of the calls are called so and are meant; a source is the call's own or the one that calls it so. */
async function keptAmong(
  reader: Reader,
  filter: CallFilter,
  candidates: readonly Candidate[],
  namings: readonly Naming[],
): Promise<CallCondition[] | null> {
  const { users, localHours, figure, sourceIds } = filter;
  const byCall = Map.groupBy(namings, each => each.callId);
  const isOf = (id: number) => sourceIds === undefined || sourceIds.includes(id);
  const meant = candidates.filter(({ id, sourceId, startedAt }) => {
    const own = byCall.get(id);
    if (own === undefined || !(isOf(sourceId) || own.some(each => isOf(each.sourceId)))) return false;
    return localHours === undefined || isWithin(startedAt, localHours);
  });
  const kept =
    users === undefined ? meant.map(each => each.id) : await keptFor(reader, meant, users, figure?.rangOnly === true);
  return kept.length > 0 ? [idIn(kept)] : null;
}

/** All of them at once where nothing is asked of them that their index does not know. */
async function* byStart(
  reader: Reader,
  bounds: readonly CallCondition[],
  others: readonly CallCondition[],
  after: CallCursor | null,
): AsyncGenerator<Window> {
  const indexed = [...bounds, ...others.filter(isUnended)];
  const rest = others.filter(each => !isUnended(each));
  if (rest.length === 0) yield { where: [...indexed, ...beyond(after)], edge: null, rows: 0 };
  else yield* windowsByStart(reader, indexed, rest, after);
}

/** An index knows the calls that have not ended. */
const isUnended = (each: CallCondition): boolean => 'null' in each && each.column === 'endedAt' && each.null;

async function* windowsByStart(
  reader: Reader,
  bounds: readonly CallCondition[],
  others: readonly CallCondition[],
  after: CallCursor | null,
): AsyncGenerator<Window> {
  let rows: number = WINDOW_ROWS.first;
  for (let position = after; ; ) {
    const window = [...bounds, ...beyond(position)];
    const edge = await edgeOf(reader, window, rows);
    yield { where: [...window, ...(edge === null ? [] : upTo(edge)), ...others], edge, rows };
    if (edge === null) return;
    position = edge;
    rows = Math.min(WINDOW_ROWS.most, rows * WINDOW_ROWS.growth);
  }
}

/** The hours asked for that may have calls, the latest first: those between two calls are passed over, be it for years. */
async function* spansOf(
  reader: Reader,
  { localHours, startedFrom, startedTo }: CallFilter,
  after: CallCursor | null,
): AsyncGenerator<Span> {
  const edge = async (descending: boolean, where: readonly CallCondition[] = []) => {
    const orderBy = [{ column: 'startedAt', descending } as const];
    const [found] = await reader.select<Call>({ from: call, columns: ['startedAt'], where, orderBy, limit: 1 });
    return found?.startedAt;
  };
  const [oldest, newest] = await Promise.all([edge(false), edge(true)]);
  if (oldest === undefined || newest === undefined) return;
  const from = Math.max(oldest, startedFrom ?? oldest);
  let to = Math.min(newest + 1, startedTo ?? newest + 1, (after?.startedAt ?? newest) + 1);
  while (from < to) {
    const { value: span } = spansOfHours({ from, to }, localHours!).next();
    if (span === undefined) return;
    const next = await edge(true, beganIn({ from, to: span.to }));
    if (next === undefined) return;
    if (next >= span.from) yield span;
    to = Math.min(span.from, next + 1);
  }
}

const beganIn = ({ from, to }: Span): CallCondition[] => [
  { column: 'startedAt', is: '>=', value: from },
  { column: 'startedAt', is: '<', value: to },
];

async function edgeOf(reader: Reader, where: readonly CallCondition[], rows: number): Promise<CallCursor | null> {
  const [edge] = await reader.select<Call>({
    from: call,
    columns: ['startedAt', 'id'],
    where,
    orderBy: NEWEST_FIRST,
    offset: rows - 1,
    limit: 1,
  });
  return edge === undefined ? null : placeOf(edge);
}

const beyond = (position: CallCursor | null): CallCondition[] =>
  position === null
    ? []
    : [
        { column: 'startedAt', is: '<=', value: position.startedAt },
        {
          any: [
            { column: 'startedAt', is: '<', value: position.startedAt },
            { column: 'id', is: '<', value: position.id },
          ],
        },
      ];

const upTo = (edge: CallCursor): CallCondition[] => [
  { column: 'startedAt', is: '>=', value: edge.startedAt },
  {
    any: [
      { column: 'startedAt', is: '>', value: edge.startedAt },
      { column: 'id', is: '>=', value: edge.id },
    ],
  },
];
