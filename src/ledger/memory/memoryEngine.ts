/**
 * The reference engine: everything in memory, with a disk that can be told to fail. What was committed is durable and
 * survives `crash()`; nothing else does.
 */
import { type ChangeSet, type Engine, EngineFault, type Head, type SoleWriter, type Want } from '../engine.ts';
import { type AnyEntity, keyOf, type Row } from '../entity.ts';
import { journal } from '../journal.ts';
import type { Reader } from '../query.ts';
import { readTable, Table } from '../table.ts';
import { CounterTable } from './counterTable.ts';
import { memoryReader } from './memoryReader.ts';

/** What the disk does with the next commit. `lostAnswer`: it becomes durable, but the answer does not arrive. */
export type DiskBehaviour = 'works' | 'full' | 'failedSync' | 'lostAnswer';

export interface MemoryOptions {
  readonly entities: readonly AnyEntity[];
  /** False makes every miss go through `load`, as in an engine that is far away. */
  readonly readsOnTheSpot?: boolean;
  readonly disk?: () => DiskBehaviour;
}

const EMPTY: Head = { schemaVersion: 1, position: 0, now: 0, sequences: {} };

export class MemoryEngine implements Engine {
  readonly entities: readonly AnyEntity[];
  readonly reader: Reader;
  readonly readNow?: (want: Want) => Row[];
  readonly soleWriter?: SoleWriter;
  private readonly disk: () => DiskBehaviour;
  private readonly tables = new Map<string, Table>();
  private readonly counters = new Map<string, CounterTable>();
  private head: Head = EMPTY;
  private begun = false;
  /** Number of the newest batch stored in this life. */
  private durable = 0;
  private lives = 0;

  constructor(options: MemoryOptions) {
    this.entities = [...options.entities, journal];
    this.disk = options.disk ?? (() => 'works');
    for (const entity of this.entities) {
      if (entity.kind === 'rows') this.tables.set(entity.name, new Table(entity));
      else this.counters.set(entity.name, new CounterTable(entity));
    }
    if (options.readsOnTheSpot ?? true) {
      this.readNow = want => this.read(want);
      this.soleWriter = { reading: work => work() };
    }
    this.reader = memoryReader(this.tables, this.counters);
  }

  async begin(): Promise<Head> {
    if (this.begun) throw new Error('a batch is running already');
    this.begun = true;
    return this.head;
  }

  async load(wants: readonly Want[]): Promise<Row[][]> {
    return wants.map(want => this.read(want));
  }

  async commit(changes: ChangeSet): Promise<void> {
    this.begun = false;
    const { lives } = this;
    // What is handed over is stored a little later, one after the other.
    await Promise.resolve();
    if (lives !== this.lives) throw new EngineFault('unavailable', 'the process has died');
    if (changes.after !== this.durable) throw new EngineFault('aborted', 'the batch before was not stored');
    const behaviour = this.disk();
    if (behaviour === 'full') throw new EngineFault('full', 'the disk is full');
    if (behaviour === 'failedSync') throw new EngineFault('fatal', 'the disk could not confirm what was written');
    this.check(changes);
    this.write(changes);
    this.durable = changes.number;
    // A lost answer is looked up before anybody is told: the head says whether the batch is there (design section 4).
    if (behaviour === 'lostAnswer' && this.head.position !== changes.head.position) {
      throw new EngineFault('fatal', 'the batch is neither there nor not there');
    }
  }

  async abandon(): Promise<void> {
    this.begun = false;
  }

  async close(): Promise<void> {}

  /** The process dies: what was being done is gone, what was committed stays. */
  crash(): void {
    this.begun = false;
    this.durable = 0;
    this.lives++;
  }

  private read(want: Want): Row[] {
    return readTable(this.tables.get(want.entity.name)!, want.index, want.values);
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

  private write(changes: ChangeSet): void {
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
