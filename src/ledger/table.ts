import { type EntityShape, type KeyValue, keyOf, mapKey, type Row } from './entity.ts';

interface Membership {
  readonly columns: readonly string[];
  readonly keys: Map<KeyValue, Set<KeyValue>>;
}

/**
 * Rows of one entity in memory, findable by key and by index. The memory engine's store, the ledger's resident
 * directory and a batch's working set are all made of it. An index is made when it is asked for the first time: most tables
 * live for one batch and are asked for one or two.
 */
export class Table {
  readonly entity: EntityShape;
  readonly rows = new Map<KeyValue, Row>();
  private readonly memberships = new Map<string, Membership>();

  constructor(entity: EntityShape) {
    this.entity = entity;
  }

  copy(): Table {
    const copied = new Table(this.entity);
    for (const [key, row] of this.rows) copied.rows.set(key, row);
    return copied;
  }

  /** The row stored before, if any. */
  set(key: KeyValue, row: Row): Row | undefined {
    const before = this.rows.get(key);
    for (const { columns, keys } of this.memberships.values()) {
      const now = indexKey(columns, row);
      if (before !== undefined) {
        const was = indexKey(columns, before);
        if (was === now) continue;
        leave(keys, was, key);
      }
      enter(keys, now, key);
    }
    this.rows.set(key, row);
    return before;
  }

  remove(key: KeyValue): Row | undefined {
    const before = this.rows.get(key);
    if (before === undefined) return undefined;
    for (const { columns, keys } of this.memberships.values()) leave(keys, indexKey(columns, before), key);
    this.rows.delete(key);
    return before;
  }

  /** Rows in the index under these values, ordered by key. */
  find(index: string, values: readonly KeyValue[]): Row[] {
    const keys = this.membershipOf(index).keys.get(mapKey(values));
    if (keys === undefined) return [];
    const found: Row[] = [];
    for (const key of keys) found.push(this.rows.get(key)!);
    return found.length < 2 ? found : found.sort((a, b) => compareByKey(this.entity, a, b));
  }

  /** Rows whose first column of the index is not null. */
  *inIndex(index: string): Iterable<Row> {
    for (const keys of this.membershipOf(index).keys.values()) for (const key of keys) yield this.rows.get(key)!;
  }

  private membershipOf(index: string): Membership {
    const made = this.memberships.get(index);
    if (made !== undefined) return made;
    const declared = this.entity.indexes[index];
    if (declared === undefined) throw new Error(`${this.entity.name} has no index ${index}`);
    const membership: Membership = { columns: declared.columns, keys: new Map() };
    for (const [key, row] of this.rows) enter(membership.keys, indexKey(membership.columns, row), key);
    this.memberships.set(index, membership);
    return membership;
  }

  static of(entity: EntityShape, rows: Iterable<Row>): Table {
    const table = new Table(entity);
    for (const row of rows) table.set(keyOf(entity, row), row);
    return table;
  }
}

function indexKey(columns: readonly string[], row: Row): KeyValue | null {
  if (columns.length === 1) return row[columns[0]!] as KeyValue | null;
  const values = columns.map(name => row[name]) as (KeyValue | null)[];
  return values.includes(null) ? null : mapKey(values as KeyValue[]);
}

function enter(keys: Map<KeyValue, Set<KeyValue>>, index: KeyValue | null, key: KeyValue): void {
  if (index === null) return;
  const members = keys.get(index);
  if (members === undefined) keys.set(index, new Set([key]));
  else members.add(key);
}

function leave(keys: Map<KeyValue, Set<KeyValue>>, index: KeyValue | null, key: KeyValue): void {
  if (index === null) return;
  const members = keys.get(index);
  members?.delete(key);
  if (members?.size === 0) keys.delete(index);
}

/** Ascending; text by code point, as every engine collates it. */
export function compareValues(a: unknown, b: unknown): number {
  if (a === b) return 0;
  if (a === null || a === undefined) return -1;
  if (b === null || b === undefined) return 1;
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  return (a as number) < (b as number) ? -1 : 1;
}

/** UTF-16 order and code point order differ above U+FFFF only; UTF-8 bytes sort as code points do. */
function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const surrogates = (x >= 0xd800 && x < 0xe000 ? 1 : 0) - (y >= 0xd800 && y < 0xe000 ? 1 : 0);
    return surrogates !== 0 ? surrogates : x - y;
  }
  return a.length - b.length;
}

export function compareByKey(entity: EntityShape, a: Row, b: Row): number {
  for (const name of entity.key) {
    const order = compareValues(a[name], b[name]);
    if (order !== 0) return order;
  }
  return 0;
}

/** Rows by their key (`index` null) or by the values of one index. */
export function readTable(table: Table, index: string | null, values: readonly KeyValue[]): Row[] {
  if (index !== null) return table.find(index, values);
  const row = table.rows.get(mapKey(values));
  return row === undefined ? [] : [row];
}
