/** The indexes along which the portal's list is walked, in windows. */
import type { Along, Condition, Reader, Scalar, Sort } from '../../ledger/query.ts';
import { type PortalCall, type PortalLine, portalCall } from '../entities.ts';

/** Columns of a line that filters and sorts use. */
export type LineColumn = 'id' | Exclude<keyof PortalLine, 'statusStated'>;
export type LineCondition = Condition<LineColumn>;

/** An index and what it knows of a filter. `startedAt`: of one user's lines where the filter names one. */
export interface Path {
  readonly column: 'id' | 'startedAt';
  readonly descending: boolean;
  /** Its lines come in the order that was asked for. */
  readonly isOrder: boolean;
  readonly along: Along;
  readonly fixed: readonly LineCondition[];
  readonly bounds: readonly LineCondition[];
  /** What a line of it has to be looked at for. */
  readonly others: readonly LineCondition[];
}

export function pathBy(
  column: Path['column'],
  where: readonly LineCondition[],
  orderBy: readonly Sort<LineColumn>[],
): Path {
  const [first, ...others] = orderBy;
  const { descending = false } = first!;
  const tiesAlike = others.every(each => each.column === 'id' && (each.descending ?? false) === descending);
  const isOrder = first!.column === column && tiesAlike;
  const bounds = boundsOf(column, where);
  const fixed = column === 'startedAt' ? where.filter(isOneUser).slice(0, 1) : [];
  const along = column === 'id' ? 'key' : { index: fixed.length > 0 ? 'byUser' : 'byStart' };
  const isKnown = (each: LineCondition) => bounds.includes(each) || fixed.includes(each) || isOfAll(column, each);
  return {
    column,
    descending: isOrder && descending,
    isOrder,
    along,
    fixed,
    bounds,
    others: where.filter(each => !isKnown(each)),
  };
}

/** Comparisons of this column; they hold for one piece of its index. */
export const boundsOf = (column: Path['column'], where: readonly LineCondition[]): LineCondition[] =>
  where.filter(each => 'is' in each && each.column === column && each.is !== '!=');

const isOneUser = (each: LineCondition): boolean =>
  'column' in each &&
  each.column === 'userId' &&
  (('is' in each && each.is === '=') || ('in' in each && each.in.length === 1));

/** What holds for every line of the index: that it has a start. */
const isOfAll = (column: Path['column'], each: LineCondition): boolean =>
  column === 'startedAt' && 'null' in each && each.column === 'startedAt' && !each.null;

export interface WindowSizes {
  readonly first: number;
  readonly most: number;
}

const GROWTH = 4;

/** The bounds of one window after another; together they have all lines of the path, and no line twice. */
export async function* windowsOf(
  reader: Reader,
  { column, descending, along, fixed, bounds }: Path,
  { first, most }: WindowSizes,
): AsyncGenerator<readonly LineCondition[]> {
  const listed: LineCondition[] = column === 'startedAt' ? [{ column, null: false }] : [];
  let beyond: LineCondition[] = [];
  for (let lines = first; ; lines = Math.min(most, lines * GROWTH)) {
    const rest = [...listed, ...fixed, ...bounds, ...beyond];
    const [edge] = await reader.select<PortalCall>({
      from: portalCall,
      along,
      columns: [column],
      where: rest,
      orderBy: [{ column, descending }],
      offset: lines - 1,
      limit: 1,
    });
    if (edge === undefined) {
      yield beyond;
      return;
    }
    const value: Scalar = edge[column]!;
    yield [...beyond, { column, is: descending ? '>=' : '<=', value }];
    beyond = [{ column, is: descending ? '<' : '>', value }];
  }
}

/** All lines of a path of which nothing else is asked: each entry of its index is read once, so many by one statement. */
export async function countAlong(reader: Reader, path: Path, lines: number): Promise<number> {
  const { column, along, fixed, bounds } = path;
  const listed: LineCondition[] = [{ column: 'startedAt', null: false }];
  let total = 0;
  for (let beyond: LineCondition[] = []; ; ) {
    const rest = [...listed, ...fixed, ...bounds, ...beyond];
    const [edge] = await reader.select<PortalCall>({
      from: portalCall,
      along,
      columns: [column, 'id'],
      where: rest,
      orderBy: [{ column }],
      offset: lines - 1,
      limit: 1,
    });
    if (edge === undefined) return total + (await countOf(reader, rest, along));
    // Of the lines that begin as this one does, those before it have been counted.
    const value: Scalar = edge[column]!;
    const alike: LineCondition[] = [
      { column, is: '=', value },
      { column: 'id', is: '>=', value: edge.id },
    ];
    total += lines - 1 + (await countOf(reader, [...listed, ...fixed, ...alike], along));
    beyond = [{ column, is: '>', value }];
  }
}

export async function countOf(reader: Reader, where: readonly LineCondition[], along?: Along): Promise<number> {
  const from = { from: portalCall, ...(along && { along }) };
  const [all] = await reader.aggregate<PortalCall>({ ...from, where, groupBy: [], sum: [] });
  return Number(all?.['count'] ?? 0);
}
