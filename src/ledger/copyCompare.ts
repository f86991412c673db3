/** Reads every row of two stores by key, side by side, and reports the differences. */
import { pagesAfter } from './copyPages.ts';
import { type CopyRow, type CopySource, type CopyValue, compareKeys, keyOfRow, nameRow } from './copySides.ts';
import type { AnyEntity } from './entity.ts';

/** Differences that are named; the others are counted. */
const NAMED = 100;

export interface Comparison {
  readonly count: number;
  /** A sentence for each, with its table and key. */
  readonly first: readonly string[];
}

export interface CompareOptions {
  readonly pageRows: number;
  readonly onRows: (entity: AnyEntity, rows: number) => void;
  readonly onTable: (entity: AnyEntity, rows: number) => void;
}

type Side = Pick<CopySource, 'page'>;

export async function compareSides(
  source: Side,
  target: Side,
  entities: readonly AnyEntity[],
  options: CompareOptions,
): Promise<Comparison> {
  let count = 0;
  const first: string[] = [];
  for (const entity of entities) {
    const left = new Cursor(source, entity, options.pageRows);
    const right = new Cursor(target, entity, options.pageRows);
    let rows = 0;
    for (;;) {
      if (left.isDry) options.onRows(entity, await left.fill());
      if (right.isDry) await right.fill();
      const [a, b] = [left.row, right.row];
      if (a === undefined && b === undefined) break;
      const order = a === undefined ? 1 : b === undefined ? -1 : compareKeys(keyOfRow(entity, a), keyOfRow(entity, b));
      const difference = differenceOf(entity, order, a, b);
      if (difference !== null && ++count <= NAMED) first.push(difference);
      if (order <= 0) rows++;
      if (order <= 0) left.advance();
      if (order >= 0) right.advance();
    }
    options.onTable(entity, rows);
  }
  return { count, first };
}

function differenceOf(entity: AnyEntity, order: number, a?: CopyRow, b?: CopyRow): string | null {
  const named = (row: CopyRow) => nameRow(entity.name, keyOfRow(entity, row));
  if (order < 0) return `${named(a!)} is missing in the copy`;
  if (order > 0) return `${named(b!)} is in the copy only`;
  const columns = entity.columnNames.filter((_, i) => !isSame(a![i]!, b![i]!));
  return columns.length === 0 ? null : `${named(a!)} differs in ${columns.join(', ')}`;
}

function isSame(a: CopyValue, b: CopyValue): boolean {
  if (a === b) return true;
  return a instanceof Uint8Array && b instanceof Uint8Array && Buffer.compare(a, b) === 0;
}

/** Where the reading of one side is. */
class Cursor {
  private readonly pages: AsyncIterator<readonly CopyRow[]>;
  private page: readonly CopyRow[] = [];
  private place = 0;
  private hasEnded = false;

  constructor(side: Side, entity: AnyEntity, pageRows: number) {
    this.pages = pagesAfter(side, entity, null, pageRows);
  }

  /** The rows that were read have been gone through, and there may be more. */
  get isDry(): boolean {
    return this.place >= this.page.length && !this.hasEnded;
  }

  /** Nothing at the end. */
  get row(): CopyRow | undefined {
    return this.page[this.place];
  }

  advance(): void {
    this.place++;
  }

  /** How many rows have come. */
  async fill(): Promise<number> {
    const next = await this.pages.next();
    this.page = next.done === true ? [] : next.value;
    this.place = 0;
    this.hasEnded = next.done === true;
    return this.page.length;
  }
}
