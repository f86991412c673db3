import { fits } from '../columnValue.ts';
import { type ChangeSet, EngineFault, type Head, type RowChanges, type Want } from '../engine.ts';
import { type AnyEntity, type KeyValue, keyOf, mapKey, type Row } from '../entity.ts';
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
    for (const each of changes.rows) {
      const { entity, inserts, updates } = each;
      const table = this.tables.get(entity.name);
      if (table === undefined) throw new EngineFault('poison', `no entity ${entity.name}`);
      for (const row of [...inserts, ...updates.map(update => update.row)]) checkRow(entity, row);
      for (const row of inserts) {
        if (table.rows.has(keyOf(entity, row))) throw new EngineFault('poison', `${entity.name}: key is taken`);
      }
      checkUnique(table, each);
    }
  }
}

function checkRow(entity: AnyEntity, row: Row): void {
  for (const name of entity.columnNames) {
    const column = entity.columns[name]!;
    if (!fits(column, row[name])) throw new EngineFault('poison', `${entity.name}.${name} is no ${column.type}`);
  }
}

function checkUnique(table: Table, { inserts, updates, deletes }: RowChanges): void {
  const { entity } = table;
  const written = [...inserts, ...updates.map(update => update.row)];
  const gone = new Set([...deletes, ...written].map(row => keyOf(entity, row)));
  for (const index of Object.values(entity.indexes)) {
    if (!index.unique) continue;
    const taken = new Set<KeyValue>();
    for (const row of written) {
      const values = index.columns.map(name => row[name] as KeyValue | null);
      if (values.includes(null)) continue;
      const at = mapKey(values as KeyValue[]);
      const stays = table.find(index.name, values as KeyValue[]).some(each => !gone.has(keyOf(entity, each)));
      if (stays || taken.has(at)) throw new EngineFault('poison', `${entity.name}.${index.name} is taken`);
      taken.add(at);
    }
  }
}
