import type { Condition, Reader } from '../../ledger/query.ts';
import type { Direction } from '../../values/direction.ts';
import type { Outcome } from '../../values/outcome.ts';
import { type Call, call } from '../entities.ts';

export type CallState = 'open' | 'ended' | 'unfinished';

/** A call without an end that began longer ago than this was registered and never finished. */
export const UNFINISHED_AFTER_MS = 4 * 3600_000;

export interface CallFilter {
  /** UTC milliseconds, inclusive. */
  readonly startedFrom?: number;
  /** UTC milliseconds, exclusive. */
  readonly startedTo?: number;
  readonly sourceId?: number;
  readonly userId?: number;
  readonly direction?: Direction;
  readonly outcome?: Outcome;
  /** The number as given and, where it has one, its E.164 form: either party may have it. */
  readonly numbers?: readonly string[];
  readonly externalId?: string;
  readonly state?: CallState;
  /** UTC milliseconds; what is open or unfinished depends on it. */
  readonly now: number;
}

export type ListedCall = Omit<Call, 'legs'>;
const LISTED = call.columnNames.filter(name => name !== 'legs') as (keyof ListedCall)[];

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
  const indexed = indexedConditions(filter);
  const others = otherConditions(filter);
  const items: ListedCall[] = [];
  let position = after;
  for (;;) {
    const window: Condition<keyof Call & string>[] = [...indexed, ...beyond(position)];
    const edge = others.length === 0 ? null : await edgeOf(reader, window);
    const found = await reader.select<Call>({
      from: call,
      columns: LISTED,
      where: [...window, ...(edge === null ? [] : upTo(edge)), ...others],
      orderBy: NEWEST_FIRST,
      limit: limit + 1 - items.length,
    });
    items.push(...found);
    if (items.length > limit) {
      const last = items[limit - 1]!;
      return { items: items.slice(0, limit), next: { startedAt: last.startedAt, id: last.id } };
    }
    if (edge === null) return { items, next: null };
    position = edge;
  }
}

const NEWEST_FIRST = [
  { column: 'startedAt', descending: true },
  { column: 'id', descending: true },
] as const;

async function edgeOf(reader: Reader, where: Condition<keyof Call & string>[]): Promise<CallCursor | null> {
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

const beyond = (position: CallCursor | null): Condition<keyof Call & string>[] =>
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

const upTo = (edge: CallCursor): Condition<keyof Call & string>[] => [
  { column: 'startedAt', is: '>=', value: edge.startedAt },
  {
    any: [
      { column: 'startedAt', is: '>', value: edge.startedAt },
      { column: 'id', is: '>=', value: edge.id },
    ],
  },
];

/** Conditions the indexes by start and by user and start serve. */
function indexedConditions(filter: CallFilter): Condition<keyof Call & string>[] {
  const where: Condition<keyof Call & string>[] = [];
  if (filter.userId !== undefined) where.push({ column: 'userId', is: '=', value: filter.userId });
  if (filter.startedFrom !== undefined) where.push({ column: 'startedAt', is: '>=', value: filter.startedFrom });
  if (filter.startedTo !== undefined) where.push({ column: 'startedAt', is: '<', value: filter.startedTo });
  const longAgo = filter.now - UNFINISHED_AFTER_MS;
  if (filter.state === 'open') where.push({ column: 'startedAt', is: '>=', value: longAgo });
  if (filter.state === 'unfinished') where.push({ column: 'startedAt', is: '<', value: longAgo });
  return where;
}

function otherConditions(filter: CallFilter): Condition<keyof Call & string>[] {
  const where: Condition<keyof Call & string>[] = [];
  if (filter.sourceId !== undefined) where.push({ column: 'sourceId', is: '=', value: filter.sourceId });
  if (filter.direction !== undefined) where.push({ column: 'direction', is: '=', value: filter.direction });
  if (filter.outcome !== undefined) where.push({ column: 'outcome', is: '=', value: filter.outcome });
  if (filter.externalId !== undefined) where.push({ column: 'externalId', is: '=', value: filter.externalId });
  if (filter.state !== undefined) where.push({ column: 'endedAt', null: filter.state !== 'ended' });
  if (filter.numbers !== undefined) {
    const { numbers } = filter;
    where.push({
      any: (['from', 'to', 'fromE164', 'toE164', 'did'] as const).map(column => ({ column, in: numbers })),
    });
  }
  return where;
}
