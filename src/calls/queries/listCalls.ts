import type { Condition, Reader } from '../../ledger/query.ts';
import { type Call, call, type SourceCall, sourceCall } from '../entities.ts';
import {
  type CallCondition,
  type CallFilter,
  indexedConditions,
  LISTED,
  type ListedCall,
  otherConditions,
} from './callFilter.ts';
import { byQueue, dependsOnVisits, keptInQueues, onlyQueues } from './inQueues.ts';
import { isWithin, type Span, spansOfHours } from './localHours.ts';
import { keptFor, nextOfUsers } from './takingPart.ts';

/** Where a page ended. */
export interface CallCursor {
  readonly startedAt: number;
  readonly id: number;
}

/**
 * Rows looked at by one statement. Filters that no index serves walk the calls in windows of this size, so that a rare
 * match keeps no statement longer than some 50 ms (ARCHITECTURE.md, section 4).
 */
const WINDOW_ROWS = 5_000;

/** Newest first. `next` is where to go on, null at the end. */
export async function listCalls(
  reader: Reader,
  filter: CallFilter,
  limit: number,
  after: CallCursor | null,
): Promise<{ items: ListedCall[]; next: CallCursor | null }> {
  const items: ListedCall[] = [];
  for await (const window of windowsOf(reader, filter, after)) {
    const where = dependsOnVisits(filter) ? [idIn(await keptInQueues(reader, window, filter))] : window;
    const found = await reader.select<Call>({
      from: call,
      columns: LISTED,
      where,
      orderBy: NEWEST_FIRST,
      limit: limit + 1 - items.length,
    });
    items.push(...found);
    if (items.length > limit) {
      const last = items[limit - 1]!;
      return { items: items.slice(0, limit), next: { startedAt: last.startedAt, id: last.id } };
    }
  }
  return { items, next: null };
}

const idIn = (ids: readonly number[]): CallCondition => ({ column: 'id', in: ids });

const NEWEST_FIRST = [
  { column: 'startedAt', descending: true },
  { column: 'id', descending: true },
] as const;

/** Every call; what has a condition is read a window at a time. */
const ANY_CALL: CallCondition = { column: 'id', is: '>', value: 0 };

/** Conditions that together hold for what the filter asks for, the newest calls first. */
async function* windowsOf(
  reader: Reader,
  filter: CallFilter,
  after: CallCursor | null,
): AsyncGenerator<readonly CallCondition[]> {
  const { users, localHours, figure, externalId } = filter;
  if (externalId !== undefined) {
    yield* named(reader, filter, externalId, after);
    return;
  }
  const indexed = indexedConditions(filter);
  // What only the queues of a call tell is looked up a window at a time, whatever else is asked.
  const others = [...otherConditions(filter), ...(dependsOnVisits(filter) ? [ANY_CALL] : [])];
  const known = users?.filter(each => each !== null);
  for await (const span of localHours === undefined ? [null] : spansOf(reader, filter, after)) {
    const bounds = [...indexed, ...(span === null ? [] : within(span))];
    const queues = onlyQueues(filter);
    if (users === undefined || known === undefined) {
      if (queues === null) yield* byStart(reader, bounds, others, after);
      else yield* byQueue(reader, queues, bounds as Condition<'startedAt'>[], others, after);
    } else if (known.length === users.length) {
      const time = bounds as Condition<'startedAt'>[];
      for (let position = after; ; ) {
        const { where, edge } = await nextOfUsers(reader, known, time, position, figure?.rangOnly === true);
        yield [...where, ...others];
        if (edge === null) break;
        position = edge;
      }
    } else {
      for await (const where of byStart(reader, bounds, [...others, ANY_CALL], after)) {
        const candidates = await reader.select<Call>({
          from: call,
          columns: ['id', 'outcome'],
          where,
          limit: WINDOW_ROWS,
        });
        const kept = await keptFor(reader, candidates, users, figure?.rangOnly === true);
        if (kept.length > 0) yield [{ column: 'id', in: kept }];
      }
    }
  }
}

/**
 * A name outside leads to few calls, by its own index, whichever source calls them so: neither all calls nor all of a user are
 * looked through for it. A source is then the call's own or the one that calls it so.
 */
async function* named(
  reader: Reader,
  filter: CallFilter,
  externalId: string,
  after: CallCursor | null,
): AsyncGenerator<readonly CallCondition[]> {
  const { users, localHours, figure, sourceIds, ...others } = filter;
  const sourceCalls = await reader.select<SourceCall>({
    from: sourceCall,
    columns: ['callId', 'sourceId'],
    where: [{ column: 'externalId', is: '=', value: externalId }],
    limit: WINDOW_ROWS,
  });
  const idsIn = (rows: typeof sourceCalls) =>
    ({ column: 'id', in: [...new Set(rows.flatMap(each => each.callId ?? []))] }) as const;
  const ofSources =
    sourceIds === undefined
      ? []
      : [
          {
            any: [
              { column: 'sourceId', in: sourceIds } as const,
              idsIn(sourceCalls.filter(each => sourceIds.includes(each.sourceId))),
            ],
          },
        ];
  const found = await reader.select<Call>({
    from: call,
    columns: ['id', 'startedAt', 'outcome'],
    where: [
      idsIn(sourceCalls),
      ...ofSources,
      ...indexedConditions(filter),
      ...otherConditions({ ...others, ...(figure && { figure }) }),
      ...beyond(after),
    ],
    limit: WINDOW_ROWS,
  });
  const meant = localHours === undefined ? found : found.filter(each => isWithin(each.startedAt, localHours));
  const kept =
    users === undefined ? meant.map(each => each.id) : await keptFor(reader, meant, users, figure?.rangOnly === true);
  if (kept.length > 0) yield [{ column: 'id', in: kept }];
}

/** Windows of calls by their start. */
async function* byStart(
  reader: Reader,
  bounds: readonly CallCondition[],
  others: readonly CallCondition[],
  after: CallCursor | null,
): AsyncGenerator<readonly CallCondition[]> {
  for (let position = after; ; ) {
    const window = [...bounds, ...beyond(position)];
    const edge = others.length === 0 ? null : await edgeOf(reader, window);
    yield [...window, ...(edge === null ? [] : upTo(edge)), ...others];
    if (edge === null) return;
    position = edge;
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
    const next = await edge(true, within({ from, to: span.to }));
    if (next === undefined) return;
    if (next >= span.from) yield span;
    to = Math.min(span.from, next + 1);
  }
}

const within = ({ from, to }: Span): CallCondition[] => [
  { column: 'startedAt', is: '>=', value: from },
  { column: 'startedAt', is: '<', value: to },
];

async function edgeOf(reader: Reader, where: readonly CallCondition[]): Promise<CallCursor | null> {
  const [edge] = await reader.select<Call>({
    from: call,
    columns: ['startedAt', 'id'],
    where,
    orderBy: NEWEST_FIRST,
    offset: WINDOW_ROWS - 1,
    limit: 1,
  });
  return edge === undefined ? null : { startedAt: edge.startedAt, id: edge.id };
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
