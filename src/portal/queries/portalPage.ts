/**
 * A page of the portal's list, and how many lines there are in all. What leads to few lines is asked for at once; everything
 * else walks along an index in windows, so that no statement takes long (ARCHITECTURE.md, section 4).
 */
import type { Along, Reader, Sort } from '../../ledger/query.ts';
import { type PortalCall, portalCall } from '../entities.ts';
import { Leading } from './leading.ts';
import {
  boundsOf,
  countAlong,
  countOf,
  type LineColumn,
  type LineCondition,
  type Path,
  pathBy,
  windowsOf,
} from './linePath.ts';

export interface PageQuestion {
  /** All of them must hold. */
  readonly where: readonly LineCondition[];
  /** Never empty. */
  readonly orderBy: readonly Sort<LineColumn>[];
  readonly offset: number;
  readonly limit: number;
  /** Whether the number of all lines is wanted. */
  readonly counted: boolean;
}

export interface PortalPage {
  readonly rows: readonly PortalCall[];
  /** Null where it was not wanted. */
  readonly total: number | null;
}

/** Lines that one statement looks at: a few milliseconds. */
const WINDOW_LINES = { first: 500, most: 5_000 } as const;
/** The same where nothing but an index is read. */
const INDEXED_LINES = 10_000;
/** Lines that are held for an order which no index has. A page further on is left to the engine, in one statement. */
const HELD_MOST = 10_000;
/** A line that is no open registration. */
const IS_LISTED = { column: 'startedAt', null: false } as const;
/** Columns whose values lead to few lines, each by an index. */
const NARROW: readonly LineColumn[] = ['id', 'externalCallId', 'numberKey', 'startedAt'];

export async function portalPage(reader: Reader, question: PageQuestion): Promise<PortalPage> {
  const where = [IS_LISTED, ...question.where];
  const asked = { ...question, where };
  if (isNarrow(where)) {
    const [rows, total] = await Promise.all([linesOf(reader, asked), asked.counted ? countOf(reader, where) : null]);
    return { rows, total };
  }
  const rows = await pageOf(reader, asked);
  return { rows, total: asked.counted ? await totalOf(reader, asked) : null };
}

const isNarrow = (where: readonly LineCondition[]): boolean =>
  where.some(
    each => 'column' in each && NARROW.includes(each.column) && ('in' in each || ('is' in each && each.is === '=')),
  );

async function pageOf(reader: Reader, question: PageQuestion): Promise<readonly PortalCall[]> {
  const path = await pagePath(reader, question);
  const { where, orderBy, offset, limit } = question;
  if (path.isOrder) {
    const isSimple = offset === 0 && path.others.length === 0;
    return isSimple ? linesOf(reader, question, path.along) : walk(reader, path, question);
  }
  const held = offset + limit;
  if (held > HELD_MOST) return linesOf(reader, question);
  const leading = new Leading<PortalCall>(portalCall, orderBy, held);
  for await (const window of windowsOf(reader, path, { first: WINDOW_LINES.most, most: WINDOW_LINES.most })) {
    const here = [...window, ...where];
    leading.add(await linesOf(reader, { where: here, orderBy, offset: 0, limit: held }, path.along));
  }
  return leading.rows.slice(offset);
}

/** Along which index the page is looked for: the one of its order, or one that has all the lines that are meant and few others. */
async function pagePath(reader: Reader, { where, orderBy, counted }: PageQuestion): Promise<Path> {
  const { column } = orderBy[0]!;
  if (column === 'startedAt') return pathBy('startedAt', where, orderBy);
  if (column !== 'id') return countPath(where, orderBy);
  const byId = pathBy('id', where, orderBy);
  const byStart = pathBy('startedAt', where, orderBy);
  const isNarrower = byStart.bounds.length > 0 || byStart.fixed.length > 0;
  if (!isNarrower) return byId;
  // All of them are counted anyway; else the first lines in the order of ids come sooner than all lines of a long time.
  if (counted) return byStart;
  const found = await reader.select<PortalCall>({
    from: portalCall,
    along: byStart.along,
    columns: ['startedAt'],
    where: [IS_LISTED, ...byStart.fixed, ...byStart.bounds],
    orderBy: [{ column: 'startedAt' }],
    offset: WINDOW_LINES.most,
    limit: 1,
  });
  return found.length === 0 ? byStart : byId;
}

/** The lines in the order of the path: those to pass over are counted window by window. */
async function walk(reader: Reader, path: Path, question: PageQuestion): Promise<PortalCall[]> {
  const { where, orderBy, limit } = question;
  const rows: PortalCall[] = [];
  let skip = question.offset;
  const sizes = skip === 0 ? WINDOW_LINES : { first: WINDOW_LINES.most, most: WINDOW_LINES.most };
  for await (const window of windowsOf(reader, path, sizes)) {
    const here = [...window, ...where];
    const count = skip === 0 ? 0 : await countOf(reader, here, path.along);
    if (skip > 0 && count <= skip) {
      skip -= count;
      continue;
    }
    rows.push(
      ...(await linesOf(reader, { where: here, orderBy, offset: skip, limit: limit - rows.length }, path.along)),
    );
    skip = 0;
    if (rows.length === limit) break;
  }
  return rows;
}

async function totalOf(reader: Reader, { where, orderBy }: PageQuestion): Promise<number> {
  const path = countPath(where, orderBy);
  if (path.others.length === 0) return countAlong(reader, path, INDEXED_LINES);
  const sizes = { first: WINDOW_LINES.most, most: WINDOW_LINES.most };
  let total = 0;
  for await (const window of windowsOf(reader, path, sizes)) {
    total += await countOf(reader, [...window, ...where], path.along);
  }
  return total;
}

/** Along which index all lines that are meant are met, and few others. */
function countPath(where: readonly LineCondition[], orderBy: readonly Sort<LineColumn>[]): Path {
  const byStart = pathBy('startedAt', where, orderBy);
  const isWhole = byStart.others.length === 0;
  if (isWhole || byStart.bounds.length > 0 || byStart.fixed.length > 0) return byStart;
  return boundsOf('id', where).length > 0 ? pathBy('id', where, orderBy) : byStart;
}

const linesOf = (
  reader: Reader,
  { where, orderBy, offset, limit }: Pick<PageQuestion, 'where' | 'orderBy' | 'offset' | 'limit'>,
  along?: Along,
): Promise<PortalCall[]> =>
  reader.select<PortalCall>({
    from: portalCall,
    ...(along && { along }),
    where,
    orderBy,
    ...(offset > 0 && { offset }),
    limit,
  });
