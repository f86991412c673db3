/** What a store offers when a whole ledger is copied into another one, whatever engine either is of. */
import type { Head } from './engine.ts';
import type { AnyEntity, KeyValue } from './entity.ts';
import { compareValues } from './table.ts';

/** The ledger cannot be copied, or not to its end; the message gives the reason and what to do, without a password. */
export class CopyError extends Error {
  override readonly name = 'CopyError';
}

/** A value as the ledger has it; JSON as the text it was written as. */
export type CopyValue = number | bigint | string | boolean | Uint8Array | null;

/** Values in the order of the entity's columns. */
export type CopyRow = readonly CopyValue[];
export type CopyKey = readonly KeyValue[];

/** Rows that travel together: enough to make a statement's cost small, and bounded where rows are large. */
export const PAGE_ROWS = 2_000;
export const PAGE_BYTES = 4 * 1024 * 1024;

/** Where a ledger stands. Whatever is written to it changes this. */
export type CopyHead = Omit<Head, 'schemaVersion'>;

/** A row that the target could not keep. */
export interface RefusedRow {
  readonly entity: string;
  readonly key: CopyKey;
  readonly why: string;
}

/** Stands in the target from the first row to the last comparison. While it is there, nothing but the copying may use it. */
export interface CopyMark {
  /** Where the rows come from. */
  readonly source: string;
  /** Where the source stood when the copying began. */
  readonly head: CopyHead;
  /** How far each table is, by the entity's name; `after` is the key of the newest row. */
  readonly tables: Readonly<Record<string, { readonly rows: number; readonly after: CopyKey | null }>>;
  /** Rows that were passed over and have to be tried again. */
  readonly refused: readonly RefusedRow[];
}

/** Nothing else writes to it until it is closed. What fails rejects with an `EngineFault`. */
export interface CopySource {
  /** For sentences. */
  readonly place: string;
  readonly head: CopyHead;
  count(entity: AnyEntity): Promise<number>;
  /** By key, those after `after`: at most so many, and not many more bytes than `PAGE_BYTES`; none when there are no more. */
  page(entity: AnyEntity, after: CopyKey | null, rows: number): Promise<CopyRow[]>;
  find(entity: AnyEntity, key: CopyKey): Promise<CopyRow | null>;
  close(): Promise<void>;
}

export interface CopyTarget extends CopySource {
  /** As it was found. */
  readonly mark: CopyMark | null;
  begin(mark: CopyMark): Promise<void>;
  /** Rows that are not there yet, and the mark with which they are, both or neither. */
  add(entity: AnyEntity, rows: readonly CopyRow[], mark: CopyMark): Promise<void>;
  /** Takes away all rows, and the mark. */
  empty(): Promise<void>;
  /** Makes a ledger of it, which servers may use. */
  finish(head: CopyHead): Promise<void>;
}

export function keyOfRow(entity: AnyEntity, row: CopyRow): CopyKey {
  return entity.key.map(name => row[entity.columnNames.indexOf(name)] as KeyValue);
}

/** As both sides sort them. */
export function compareKeys(a: CopyKey, b: CopyKey): number {
  for (let i = 0; i < a.length; i++) {
    const order = compareValues(a[i], b[i]);
    if (order !== 0) return order;
  }
  return 0;
}

/** `extension "2001", 1767225600000`. */
export const nameRow = (entity: string, key: CopyKey): string =>
  `${entity} ${key.map(value => JSON.stringify(value)).join(', ')}`;

export const unfinishedSentence = (place: string, { source }: CopyMark): string =>
  `The database ${place} is an unfinished copy of ${source}: run the same "aftercall copy" again to finish it, or with --restart to begin anew.`;

export const notEmptySentence = (place: string): string =>
  `The database ${place} is not empty: name a new one in --to. What is there was not changed; --restart empties nothing but an unfinished copy.`;
