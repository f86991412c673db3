/** Reads what belongs to calls, the newest calls first, a window at a time. */
import type { Entity } from '../../ledger/entity.ts';
import type { Condition, Reader } from '../../ledger/query.ts';
import type { CallCursor } from './listCalls.ts';

/**
 * Rows that one window reads, of one value and of all of them together: a statement about the calls names each of them twice, and
 * SQLite binds no more than 32,766 values.
 */
const WINDOW_ROWS = { ofOne: 1_000, ofAll: 10_000, least: 20 } as const;

interface Part {
  readonly callId: number;
  /** Of the call. */
  readonly startedAt: number;
}

/** An index that begins with the column, and then has `startedAt`, serves this. */
export interface PartsWanted<P extends Part> {
  readonly from: Entity<P>;
  readonly column: keyof P & string;
  readonly values: readonly (number | string)[];
  /** Of the start. */
  readonly bounds: readonly Condition<'startedAt'>[];
}

export interface PartWindow<P> {
  readonly parts: readonly P[];
  /** Up to which call this reaches; null: to the last. */
  readonly edge: CallCursor | null;
}

/**
 * The next rows that have one of the values, from a position on: all of these rows that the calls of the window have. About
 * `rowsWanted`, since few are enough where most are meant.
 */
export async function nextParts<P extends Part>(
  reader: Reader,
  { from, column, values, bounds }: PartsWanted<P>,
  position: CallCursor | null,
  rowsWanted: number,
): Promise<PartWindow<P>> {
  const share = Math.floor(Math.min(WINDOW_ROWS.ofAll, rowsWanted) / Math.max(1, values.length));
  const limit = Math.max(WINDOW_ROWS.least, Math.min(WINDOW_ROWS.ofOne, share));
  const pageOf = (value: number | string) =>
    reader.select<P>({
      from,
      where: [{ column, is: '=', value }, ...bounds, ...beyond(position)] as Condition<keyof P & string>[],
      orderBy: [
        { column: 'startedAt', descending: true },
        { column: 'callId', descending: true },
      ],
      limit,
    });
  const pages = await Promise.all(values.map(pageOf));
  // A value of which there is more ends the window: what is further on of the others waits.
  const ends = pages.filter(each => each.length === limit).map(each => each.at(-1)!);
  const edge = ends.reduce<P | null>((last, each) => (last === null || isNewer(each, last) ? each : last), null);
  return {
    parts: pages.flat().filter(each => edge === null || !isNewer(edge, each)),
    edge: edge === null ? null : { startedAt: edge.startedAt, id: edge.callId },
  };
}

const isNewer = (a: Part, b: Part): boolean =>
  a.startedAt > b.startedAt || (a.startedAt === b.startedAt && a.callId > b.callId);

const beyond = (position: CallCursor | null): Condition<keyof Part>[] =>
  position === null
    ? []
    : [
        { column: 'startedAt', is: '<=', value: position.startedAt },
        {
          any: [
            { column: 'startedAt', is: '<', value: position.startedAt },
            { column: 'callId', is: '<', value: position.id },
          ],
        },
      ];
