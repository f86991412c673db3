/**
 * Copies a whole ledger into an empty store. Every page of rows arrives together with the mark that records it: whatever
 * ends the copying, it goes on there. The target becomes a ledger only when each of its rows has been compared with the
 * source's.
 */
import { type Comparison, compareSides } from './copyCompare.ts';
import { pagesAfter } from './copyPages.ts';
import {
  CopyError,
  type CopyHead,
  type CopyMark,
  type CopyRow,
  type CopySource,
  type CopyTarget,
  compareKeys,
  keyOfRow,
  nameRow,
  notEmptySentence,
  PAGE_ROWS,
  type RefusedRow,
} from './copySides.ts';
import { EngineFault } from './engine.ts';
import type { AnyEntity } from './entity.ts';

/** A target that takes none of the rows of a table is not worth going on with. */
const REFUSED_LIMIT = 100;

export type CopyStep = 'copied' | 'compared';

export interface CopyOptions {
  readonly source: CopySource;
  readonly target: CopyTarget;
  /** All that the ledger has, the journal included. */
  readonly entities: readonly AnyEntity[];
  /** Empties an unfinished copy and begins anew. */
  readonly restart?: boolean;
  readonly pageRows?: number;
  /** How many rows there are, and how many were there already; before anything is copied. */
  readonly onBegin?: (rows: number, copied: number) => void;
  /** `rows` more of a table. */
  readonly onRows?: (step: CopyStep, entity: AnyEntity, rows: number) => void;
  /** A table is done with; all of its rows. */
  readonly onTable?: (step: CopyStep, entity: AnyEntity, rows: number) => void;
}

export interface CopyReport {
  /** Rows of each table that has any. */
  readonly tables: readonly { readonly entity: AnyEntity; readonly rows: number }[];
  /** Rows that the target cannot keep. While there are any, nothing is compared. */
  readonly refused: readonly RefusedRow[];
  /** What differs. While anything does, the target stays unfinished. */
  readonly differences: Comparison;
}

/** Throws `CopyError`, and the `EngineFault` that ended the copying. */
export async function copyLedger(options: CopyOptions): Promise<CopyReport> {
  const { source, target, entities, pageRows = PAGE_ROWS } = options;
  const copying = new Copying(options, await markFor(options));
  let total = 0;
  for (const entity of entities) total += await source.count(entity);
  options.onBegin?.(total, copying.rows);
  await copying.retryRefused();
  for (const entity of entities) await copying.copy(entity, pageRows);
  const tables = copying.tables;
  const { refused, head } = copying.mark;
  if (refused.length > 0) return { tables, refused, differences: { count: 0, first: [] } };
  const differences = await compareSides(source, target, entities, {
    pageRows,
    onRows: (entity, rows) => options.onRows?.('compared', entity, rows),
    onTable: (entity, rows) => options.onTable?.('compared', entity, rows),
  });
  if (differences.count === 0) await target.finish(head);
  return { tables, refused, differences };
}

/** The mark to go on with: that of an unfinished copy of this source, or a new one in an empty target. */
async function markFor({ source, target, entities, restart = false }: CopyOptions): Promise<CopyMark> {
  if (target.mark !== null && !restart) {
    refuseOtherSource(target.mark, source, target.place);
    return target.mark;
  }
  if (target.mark !== null) await target.empty();
  const { position, now } = target.head;
  let isEmpty = target.mark !== null || (position === 0 && now === 0);
  for (const entity of entities) isEmpty &&= (await target.page(entity, null, 1)).length === 0;
  if (!isEmpty) throw new CopyError(notEmptySentence(target.place));
  const mark = { source: source.place, head: source.head, tables: {}, refused: [] };
  await target.begin(mark);
  return mark;
}

function refuseOtherSource(mark: CopyMark, { place, head }: CopySource, target: string): void {
  const anew = 'run the command with --restart to empty the unfinished copy and begin anew.';
  if (mark.source !== place) {
    throw new CopyError(
      `The database ${target} is an unfinished copy of ${mark.source}, not of ${place}: name that one in --from, or ${anew}`,
    );
  }
  if (sameHead(mark.head, head)) return;
  throw new CopyError(
    `The database ${target} is an unfinished copy of ${place} at ${standing(mark.head)}, and that has moved on to ${standing(head)}: ${anew}`,
  );
}

const standing = ({ position, now }: CopyHead): string => `position ${position} of ${new Date(now).toISOString()}`;

function sameHead(a: CopyHead, b: CopyHead): boolean {
  const text = ({ position, now, sequences }: CopyHead) =>
    JSON.stringify([position, now, Object.entries(sequences).sort(([x], [y]) => (x < y ? -1 : 1))]);
  return text(a) === text(b);
}

class Copying {
  mark: CopyMark;
  private readonly options: CopyOptions;

  constructor(options: CopyOptions, mark: CopyMark) {
    this.options = options;
    this.mark = mark;
  }

  get tables(): CopyReport['tables'] {
    return this.options.entities
      .map(entity => ({ entity, rows: this.mark.tables[entity.name]?.rows ?? 0 }))
      .filter(({ rows }) => rows > 0);
  }

  /** In the target. */
  get rows(): number {
    return this.tables.reduce((sum, { rows }) => sum + rows, 0);
  }

  async copy(entity: AnyEntity, pageRows: number): Promise<void> {
    const { source, onTable } = this.options;
    const after = this.mark.tables[entity.name]?.after ?? null;
    for await (const rows of pagesAfter(source, entity, after, pageRows)) await this.add(entity, rows);
    onTable?.('copied', entity, this.mark.tables[entity.name]?.rows ?? 0);
  }

  /** Rows that were put right in the source, or removed there. */
  async retryRefused(): Promise<void> {
    const { entities, source } = this.options;
    for (const refused of this.mark.refused) {
      const entity = entities.find(({ name }) => name === refused.entity)!;
      const row = await source.find(entity, refused.key);
      const others = this.mark.refused.filter(each => each !== refused);
      if (row === null) await this.store(entity, [], { ...this.mark, refused: others });
      else await this.add(entity, [row], { ...this.mark, refused: others });
    }
  }

  /** One page, in order; where it cannot be stored, its halves, until the culprit stands alone and is passed over. */
  private async add(entity: AnyEntity, rows: readonly CopyRow[], before: CopyMark = this.mark): Promise<void> {
    try {
      await this.store(entity, rows, advanced(before, entity, rows, rows.length));
    } catch (error) {
      if (!(error instanceof EngineFault) || error.kind !== 'poison') throw error;
      if (rows.length > 1) {
        const half = rows.length >> 1;
        await this.add(entity, rows.slice(0, half));
        await this.add(entity, rows.slice(half));
        return;
      }
      const refused = [...before.refused, { entity: entity.name, key: keyOfRow(entity, rows[0]!), why: error.message }];
      if (refused.length > REFUSED_LIMIT) throw new CopyError(tooManyRefused(refused));
      await this.store(entity, [], { ...advanced(before, entity, rows, 0), refused });
    }
  }

  private async store(entity: AnyEntity, rows: readonly CopyRow[], mark: CopyMark): Promise<void> {
    await this.options.target.add(entity, rows, mark);
    this.mark = mark;
    this.options.onRows?.('copied', entity, rows.length);
  }
}

/** The mark when these rows have been dealt with and so many of them are there. A row that is tried again leads nowhere new. */
function advanced(mark: CopyMark, entity: AnyEntity, rows: readonly CopyRow[], there: number): CopyMark {
  const known = mark.tables[entity.name] ?? { rows: 0, after: null };
  const last = keyOfRow(entity, rows.at(-1)!);
  const isNew = known.after === null || compareKeys(last, known.after) > 0;
  const table = { rows: known.rows + there, after: isNew ? last : known.after };
  return { ...mark, tables: { ...mark.tables, [entity.name]: table } };
}

function tooManyRefused(refused: readonly RefusedRow[]): string {
  const first = refused[0]!;
  return `The target cannot keep more than ${REFUSED_LIMIT} rows, the first of them ${nameRow(first.entity, first.key)}: ${first.why}. Put them right in the source, then run the same command again.`;
}
