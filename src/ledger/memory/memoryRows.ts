import { type ChangeSet, EngineFault, type Head, type Want } from '../engine.ts';
import { type AnyEntity, keyOf, type Row } from '../entity.ts';
import type { Reader } from '../query.ts';
import { readTable, Table } from '../table.ts';
import { CounterTable } from './counterTable.ts';
import { memoryReader } from './memoryReader.ts';

const EMPTY: Head = { schemaVersion: 1, position: 0, now: 0, sequences: {} };

/** Everything that is durable: rows, sums and the head. */
export class MemoryRows {
  readonly reader: Reader;
  head: Head = EMPTY;
  private readonly tables = new Map<string, Table>();
  private readonly counters = new Map<string, CounterTable>();

  constructor(entities: readonly AnyEntity[]) {
    for (const entity of entities) {
      if (entity.kind === 'rows') this.tables.set(entity.name, new Table(entity));
      else this.counters.set(entity.name, new CounterTable(entity));
    }
    this.reader = memoryReader(this.tables, this.counters);
  }

  read(want: Want): Row[] {
    return readTable(this.tables.get(want.entity.name)!, want.index, want.values);
  }

  all(name: string): Row[] {
    return [...this.tables.get(name)!.rows.values()];
  }

  /** Throws an `EngineFault` when something of the batch cannot be stored; nothing of it is. */
  store(changes: ChangeSet): void {
    this.check(changes);
    for (const { entity, inserts, updates, deletes } of changes.rows) {
      const table = this.tables.get(entity.name)!;
      for (const row of deletes) table.remove(keyOf(entity, row));
      for (const { row } of updates) table.set(keyOf(entity, row), row);
      for (const row of inserts) table.set(keyOf(entity, row), row);
    }
    for (const { counter, deltas } of changes.counters) {
      const table = this.counters.get(counter.name)!;
      for (const delta of deltas) table.add(delta);
    }
    this.head = changes.head;
  }

  private check(changes: ChangeSet): void {
    for (const { entity, inserts, updates } of changes.rows) {
      const table = this.tables.get(entity.name);
      if (table === undefined) throw new EngineFault('poison', `no entity ${entity.name}`);
      for (const row of [...inserts, ...updates.map(update => update.row)]) checkRow(entity, row);
      for (const row of inserts) {
        if (table.rows.has(keyOf(entity, row))) throw new EngineFault('poison', `${entity.name}: key is taken`);
      }
      checkUnique(table, changes, entity);
    }
  }
}

function checkRow(entity: AnyEntity, row: Row): void {
  for (const name of entity.columnNames) {
    const { type, nullable } = entity.columns[name]!;
    const value = row[name];
    const ok =
      value === null || value === undefined
        ? nullable && value === null
        : type === 'integer'
          ? Number.isSafeInteger(value)
          : type === 'text'
            ? typeof value === 'string'
            : type === 'boolean'
              ? typeof value === 'boolean'
              : type === 'bytes'
                ? value instanceof Uint8Array
                : true;
    if (!ok) throw new EngineFault('poison', `${entity.name}.${name} cannot be ${String(value)}`);
  }
}

function checkUnique(table: Table, changes: ChangeSet, entity: AnyEntity): void {
  if (entity.kind !== 'rows') return;
  for (const index of Object.values(entity.indexes)) {
    if (!index.unique) continue;
    const mine = changes.rows.find(each => each.entity.name === entity.name)!;
    const after = Table.of(entity, table.rows.values());
    for (const row of mine.deletes) after.remove(keyOf(entity, row));
    for (const { row } of mine.updates) after.set(keyOf(entity, row), row);
    for (const row of mine.inserts) after.set(keyOf(entity, row), row);
    for (const row of [...mine.inserts, ...mine.updates.map(update => update.row)]) {
      const values = index.columns.map(name => row[name] as number | string | null);
      if (values.includes(null)) continue;
      if (after.find(index.name, values as (number | string)[]).length > 1) {
        throw new EngineFault('poison', `${entity.name}.${index.name} is taken`);
      }
    }
  }
}
