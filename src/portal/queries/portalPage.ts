/**
 * A page of the portal's list, and how many lines there are in all. What leads to few lines is asked for at once; everything
 * else walks along an index in windows, so that no statement takes long (ARCHITECTURE.md, section 4).
 */
import { compareRows } from '../../ledger/compareRows.ts';
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
/** Lines whose places are held for an order which no index has; for a page further on one more walk finds where to begin. */
const HELD_MOST = 10_000;
/** Of a window one of so many lines is kept, to find a place by: of a million lines 20,000. */
const SAMPLED_EVERY = 50;
/** A line that is no open registration. */
const IS_LISTED = { column: 'startedAt', null: false } as const;
/** Columns whose values lead to their lines, by the index that does; those whose values lead to one line each come first. */
const NARROW: readonly (readonly [column: LineColumn, along: Along, isUnique: boolean])[] = [
  ['id', 'key', true],
  ['externalCallId', { index: 'byExternalId' }, false],
  ['numberKey', { index: 'byPhone' }, false],
  ['startedAt', { index: 'byStart' }, false],
];
/** Lines that one statement sorts and counts; where a value leads to more, such as a number that was withheld, they are walked. */
const NARROW_LINES = 5_000;

export async function portalPage(reader: Reader, question: PageQuestion): Promise<PortalPage> {
  const where = [IS_LISTED, ...question.where];
  const asked = { ...question, where };
  const narrow = await narrowAlong(reader, where);
  if (narrow !== null) {
    const count = () => countOf(reader, where, narrow);
    const [rows, total] = await Promise.all([linesOf(reader, asked, narrow), asked.counted ? count() : null]);
    return { rows, total };
  }
  const rows = await pageOf(reader, asked);
  return { rows, total: asked.counted ? await totalOf(reader, asked) : null };
}

/** The index that leads to few lines, among which all are that are meant; null where none does. */
async function narrowAlong(reader: Reader, where: readonly LineCondition[]): Promise<Along | null> {
  for (const [column, along, isUnique] of NARROW) {
    const values = where.find(each => hasValues(each, column));
    if (values === undefined) continue;
    // None of no values is in an index.
    if ('in' in values && values.in.length === 0) return 'key';
    if (isUnique) return along;
    const found = await reader.select<PortalCall>({
      from: portalCall,
      along,
      columns: ['id'],
      where: [values],
      unordered: true,
      limit: NARROW_LINES + 1,
    });
    if (found.length <= NARROW_LINES) return along;
  }
  return null;
}

const hasValues = (each: LineCondition, column: LineColumn): boolean =>
  'column' in each && each.column === column && ('in' in each || ('is' in each && each.is === '='));

async function pageOf(reader: Reader, question: PageQuestion): Promise<readonly PortalCall[]> {
  const path = await pagePath(reader, question);
  if (path.isOrder) {
    const isSimple = question.offset === 0 && path.others.length === 0;
    return isSimple ? linesOf(reader, question, path.along) : walk(reader, path, question);
  }
  return sortedPage(reader, path, question);
}

/** A page in an order which the path does not have: all its lines are looked at, and the places of the first of them held. */
async function sortedPage(reader: Reader, path: Path, question: PageQuestion): Promise<readonly PortalCall[]> {
  const { orderBy, offset, limit } = question;
  const begin = offset + limit > HELD_MOST ? await beginOf(reader, path, question) : null;
  const held = offset + limit - (begin?.passed ?? 0);
  const leading = new Leading<PortalCall>(portalCall, orderBy, held);
  let passed = 0;
  for await (const places of placesOf(reader, path, question, begin === null ? held : null)) {
    const first = begin === null ? 0 : places.findIndex(each => compareRows(portalCall, orderBy, each, begin.last) > 0);
    const rest = first < 0 ? [] : places.slice(first);
    passed += places.length - rest.length;
    leading.add(rest);
  }
  // What was written between the walks may have moved the place: the page is then some lines further on.
  const from = Math.max(0, offset - passed);
  const ids = leading.rows.slice(from, from + limit).map(each => each.id);
  if (ids.length === 0) return [];
  return linesOf(reader, { where: [{ column: 'id', in: ids }], orderBy, offset: 0, limit }, 'key');
}

interface Begin {
  /** A line that is passed over, and all before it with it. */
  readonly last: PortalCall;
  /** So many are at least. */
  readonly passed: number;
}

/**
 * A place before the page and not far from it. Of the samples up to one of them, each stands for so many lines of its window, and of each
 * window fewer than so many more are before it: it is passed over where all of these are not too many.
 */
async function beginOf(reader: Reader, path: Path, question: PageQuestion): Promise<Begin | null> {
  const samples: PortalCall[] = [];
  let windows = 0;
  for await (const places of placesOf(reader, path, question, null)) {
    windows++;
    for (let n = SAMPLED_EVERY - 1; n < places.length; n += SAMPLED_EVERY) samples.push(places[n]!);
  }
  samples.sort((a, b) => compareRows(portalCall, question.orderBy, a, b));
  const count = Math.min(samples.length, Math.floor(question.offset / SAMPLED_EVERY) - windows);
  return count <= 0 ? null : { last: samples[count - 1]!, passed: count * SAMPLED_EVERY };
}

/** The sort keys of each window with lines, in the order that is asked for. */
async function* placesOf(
  reader: Reader,
  path: Path,
  { where, orderBy }: PageQuestion,
  most: number | null,
): AsyncGenerator<readonly PortalCall[]> {
  for await (const window of windowsOf(reader, path, { first: WINDOW_LINES.most, most: WINDOW_LINES.most })) {
    const places = await reader.select<PortalCall>({
      from: portalCall,
      along: path.along,
      columns: [...new Set([...orderBy.map(each => each.column), 'id' as const])],
      where: [...window, ...where],
      orderBy,
      limit: most ?? Number.MAX_SAFE_INTEGER,
    });
    if (places.length > 0) yield places;
  }
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
