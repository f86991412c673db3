/**
 * How a batch travels from the ledger's thread to the writer's: plain arrays of values, all bytes in one buffer that is
 * handed over, so that copying costs a microsecond or two per row.
 */
import { fits } from '../columnValue.ts';
import { type ChangeSet, EngineFault, type Head } from '../engine.ts';
import type { AnyEntity, Column, Row } from '../entity.ts';
import { writeJson } from '../storedJson.ts';

type Value = number | bigint | string | null;

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
  readonly number: number;
  readonly after: number;
  readonly head: Head;
  readonly tables: TableFlush[];
  /** Counter rows in column order: key, then what to add. */
  readonly counters: { readonly entity: number; readonly rows: Value[][] }[];
  /** A bytes column carries the place of its value here. */
  readonly blobs: readonly (readonly [offset: number, length: number])[];
  readonly buffer: ArrayBuffer;
}

/** How the values of some columns are packed; made once per set of columns. */
interface Packing {
  readonly entity: AnyEntity;
  readonly names: readonly string[];
  readonly columns: readonly Column<unknown>[];
}

const packings = new WeakMap<AnyEntity, Map<string, Packing>>();

function packingOf(entity: AnyEntity, names: readonly string[]): Packing {
  let known = packings.get(entity);
  if (known === undefined) {
    known = new Map();
    packings.set(entity, known);
  }
  const id = names === entity.columnNames ? '' : names.join();
  let packing = known.get(id);
  if (packing === undefined) {
    packing = { entity, names, columns: names.map(name => entity.columns[name]!) };
    known.set(id, packing);
  }
  return packing;
}

/** Bytes of all rows of a batch, to be handed over as one buffer. */
class Blobs {
  readonly places: [offset: number, length: number][] = [];
  private readonly parts: Uint8Array[] = [];
  private size = 0;

  add(bytes: Uint8Array): number {
    this.places.push([this.size, bytes.byteLength]);
    this.parts.push(bytes);
    this.size += bytes.byteLength;
    return this.places.length - 1;
  }

  buffer(): ArrayBuffer {
    const buffer = new ArrayBuffer(this.size);
    const view = new Uint8Array(buffer);
    for (let i = 0; i < this.parts.length; i++) view.set(this.parts[i]!, this.places[i]![0]);
    return buffer;
  }
}

/** Throws an `EngineFault`, a poison, where a column cannot hold its value. */
function packRow({ entity, names, columns }: Packing, row: Row, blobs: Blobs): Value[] {
  const values = new Array<Value>(names.length);
  for (let i = 0; i < names.length; i++) {
    const value = row[names[i]!];
    const column = columns[i]!;
    if (!fits(column, value)) throw new EngineFault('poison', `${entity.name}.${names[i]!} is no ${column.type}`);
    values[i] = value === null ? null : pack(column, value, blobs);
  }
  return values;
}

/** Numbers and texts go as they are. */
function pack({ type, shape }: Column<unknown>, value: unknown, blobs: Blobs): Value {
  if (type === 'json') return writeJson(value, shape);
  if (type === 'boolean') return value ? 1 : 0;
  if (type === 'bytes') return blobs.add(value as Uint8Array);
  if (typeof value === 'bigint' && BigInt.asIntN(64, value) !== value) {
    throw new EngineFault('poison', 'a sum is beyond 64 bits');
  }
  return value as Value;
}

/** Throws an `EngineFault`, a poison, where a value cannot be stored. */
export function packFlush(changes: ChangeSet, placeOf: ReadonlyMap<string, number>): Flush {
  const blobs = new Blobs();
  const tables = changes.rows.map(({ entity, inserts, updates, deletes }): TableFlush => {
    const moved: Row[] = [];
    const unique = Object.values(entity.indexes).flatMap(index => (index.unique ? index.columns : []));
    const byColumns = new Map<string, { columns: string[]; packing: Packing; rows: Value[][] }>();
    for (const { row, changed } of updates) {
      // SQLite checks a unique index row by row: rows that swap their values leave first and come back afterwards.
      if (changed.some(name => unique.includes(name))) {
        moved.push(row);
        continue;
      }
      const signature = changed.join();
      let group = byColumns.get(signature);
      if (group === undefined) {
        group = { columns: [...changed], packing: packingOf(entity, [...changed, ...entity.key]), rows: [] };
        byColumns.set(signature, group);
      }
      group.rows.push(packRow(group.packing, row, blobs));
    }
    const whole = packingOf(entity, entity.columnNames);
    const key = packingOf(entity, entity.key);
    return {
      entity: placeOf.get(entity.name)!,
      inserts: [...moved, ...inserts].map(row => packRow(whole, row, blobs)),
      updates: [...byColumns.values()].map(({ columns, rows }) => ({ columns, rows })),
      deletes: [...moved, ...deletes].map(row => packRow(key, row, blobs)),
    };
  });
  const counters = changes.counters.map(({ counter, deltas }) => {
    const whole = packingOf(counter, counter.columnNames);
    return { entity: placeOf.get(counter.name)!, rows: deltas.map(row => packRow(whole, row, blobs)) };
  });
  const { number, after, head } = changes;
  return { number, after, head, tables, counters, blobs: blobs.places, buffer: blobs.buffer() };
}
