/**
 * How a batch travels from the ledger's thread to the writer's: plain arrays of values, all bytes in one buffer that is
 * handed over, so that copying costs a microsecond or two per row.
 */
import type { ChangeSet, Head } from '../engine.ts';
import type { AnyEntity, Row } from '../entity.ts';
import { encode } from './rows.ts';

type Value = number | string | null;

export interface TableFlush {
  /** Place of the entity in the schema's list. */
  readonly entity: number;
  readonly inserts: Value[][];
  /** Rows that change the same columns share one statement. Values: the changed columns, then the key. */
  readonly updates: { readonly columns: string[]; readonly rows: Value[][] }[];
  /** Keys. */
  readonly deletes: Value[][];
}

export interface Flush {
  readonly head: Head;
  readonly tables: TableFlush[];
  /** Counter rows in column order: key, then what to add. */
  readonly counters: { readonly entity: number; readonly rows: Value[][] }[];
  /** A bytes column carries the place of its value here. */
  readonly blobs: readonly (readonly [offset: number, length: number])[];
  readonly buffer: ArrayBuffer;
}

export function packFlush(changes: ChangeSet, placeOf: ReadonlyMap<string, number>): Flush {
  const blobs: [number, number][] = [];
  const parts: Uint8Array[] = [];
  let size = 0;
  const valueAt = (entity: AnyEntity, name: string, row: Row): Value => {
    const column = entity.columns[name]!;
    const value = row[name];
    if (column.type !== 'bytes' || value === null) return encode(column, value) as Value;
    const bytes = value as Uint8Array;
    blobs.push([size, bytes.byteLength]);
    parts.push(bytes);
    size += bytes.byteLength;
    return blobs.length - 1;
  };
  const valuesOf = (entity: AnyEntity, names: readonly string[], row: Row): Value[] => {
    const values = new Array<Value>(names.length);
    for (let i = 0; i < names.length; i++) values[i] = valueAt(entity, names[i]!, row);
    return values;
  };
  const tables = changes.rows.map(({ entity, inserts, updates, deletes }): TableFlush => {
    const byColumns = new Map<string, { columns: string[]; rows: Value[][] }>();
    for (const { row, changed } of updates) {
      const signature = changed.join();
      let group = byColumns.get(signature);
      if (group === undefined) {
        group = { columns: [...changed], rows: [] };
        byColumns.set(signature, group);
      }
      group.rows.push(valuesOf(entity, [...changed, ...entity.key], row));
    }
    return {
      entity: placeOf.get(entity.name)!,
      inserts: inserts.map(row => valuesOf(entity, entity.columnNames, row)),
      updates: [...byColumns.values()],
      deletes: deletes.map(row => valuesOf(entity, entity.key, row)),
    };
  });
  const counters = changes.counters.map(({ counter, deltas }) => ({
    entity: placeOf.get(counter.name)!,
    rows: deltas.map(row => valuesOf(counter, counter.columnNames, row)),
  }));
  const buffer = new ArrayBuffer(size);
  const view = new Uint8Array(buffer);
  for (let i = 0; i < parts.length; i++) view.set(parts[i]!, blobs[i]![0]);
  return { head: changes.head, tables, counters, blobs, buffer };
}
