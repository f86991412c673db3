import type { ChangeSet, CounterChanges, Head, RowChanges, Want } from './engine.ts';
import {
  type Counter,
  type CounterShape,
  type Entity,
  type EntityShape,
  type KeyValue,
  keyOf,
  mapKey,
  type Row,
} from './entity.ts';
import { type JournalRow, journal as journalEntity } from './journal.ts';
import type { JournalEntry, State } from './state.ts';
import { compareByKey, compareValues, Table } from './table.ts';

/** Thrown by a read of something not loaded; the ledger loads `want` and runs the command again. */
export class NotLoaded extends Error {
  readonly want: Want;
  constructor(want: Want) {
    super('not loaded');
    this.want = want;
  }
}

/** One entity in a batch: what was read, what is now, and which index values are known completely. */
interface Working {
  readonly entity: EntityShape;
  /** Present rows as the batch has left them. */
  readonly now: Table;
  /** What the store has under each key the batch knows: null is known to be absent. */
  readonly stored: Map<KeyValue, Row | null>;
  readonly completeIndexes: Set<string>;
  readonly written: Set<KeyValue>;
}

interface Summing {
  readonly counter: CounterShape;
  readonly deltas: Map<KeyValue, Row>;
}

/** How to take back one step of the command that is running. */
type Undo = () => void;

/**
 * The state all commands of one batch are applied to, one after another. A command that throws is undone step by
 * step, so that the next one sees what the one before it left.
 */
export class BatchState implements State {
  readonly now: number;
  readonly entries: JournalRow[] = [];
  private readonly head: Head;
  private readonly sequences: Record<string, number>;
  private readonly working = new Map<string, Working>();
  private readonly summing = new Map<string, Summing>();
  private readonly residents: ReadonlyMap<string, Table>;
  private readonly readNow: ((want: Want) => Row[]) | undefined;
  private undoing: Undo[] = [];

  constructor(
    head: Head,
    now: number,
    residents: ReadonlyMap<string, Table>,
    readNow: ((want: Want) => Row[]) | undefined,
  ) {
    this.head = head;
    this.now = now;
    this.sequences = { ...head.sequences };
    this.residents = residents;
    this.readNow = readNow;
  }

  /** Runs one command; when it throws, nothing of it is left. */
  run<Result>(apply: (state: State) => Result): Result {
    this.undoing = [];
    const entries = this.entries.length;
    try {
      return apply(this);
    } catch (error) {
      for (let i = this.undoing.length - 1; i >= 0; i--) this.undoing[i]!();
      this.entries.length = entries;
      throw error;
    }
  }

  get<R extends object>(entity: Entity<R>, ...key: KeyValue[]): Readonly<R> | undefined {
    const working = this.workingOf(entity);
    const at = mapKey(key);
    if (!working.stored.has(at)) this.fetch({ entity, index: null, values: key });
    return working.now.rows.get(at) as R | undefined;
  }

  find<R extends object>(entity: Entity<R>, index: string, ...values: KeyValue[]): readonly Readonly<R>[] {
    const working = this.workingOf(entity);
    if (!working.completeIndexes.has(completeness(index, values))) this.fetch({ entity, index, values });
    return working.now.find(index, values) as R[];
  }

  all<R extends object>(entity: Entity<R>): readonly Readonly<R>[] {
    const resident = this.residentOf(entity);
    const working = this.working.get(entity.name);
    const rows: Row[] = [];
    for (const [key, row] of resident.rows) if (!working?.written.has(key)) rows.push(row);
    for (const key of working?.written ?? []) {
      const row = working!.now.rows.get(key);
      if (row !== undefined) rows.push(row);
    }
    return rows.sort((a, b) => compareByKey(entity, a, b)) as R[];
  }

  put<R extends object>(entity: Entity<R>, row: R): void {
    const working = this.workingOf(entity);
    const key = keyOf(entity, row);
    // A put of an unread key must know whether it inserts or updates; ids fresh from `next` are known to be absent.
    if (!working.stored.has(key))
      this.fetch({ entity, index: null, values: entity.key.map(name => (row as Row)[name] as KeyValue) });
    this.write(working, key, row as Row);
  }

  insert<R extends object>(entity: Entity<R>, row: R): void {
    const working = this.workingOf(entity);
    const key = keyOf(entity, row);
    if (!working.stored.has(key)) working.stored.set(key, null);
    else if (working.now.rows.has(key)) throw new Error(`${entity.name} ${key} is inserted twice`);
    this.write(working, key, row as Row);
  }

  delete<R extends object>(entity: Entity<R>, ...key: KeyValue[]): void {
    if (this.get(entity, ...key) === undefined) return;
    const working = this.workingOf(entity);
    this.write(working, mapKey(key), null);
  }

  add<K extends object, S extends string>(counter: Counter<K, S>, key: K, sums: Readonly<Record<S, number>>): void {
    let summing = this.summing.get(counter.name);
    if (summing === undefined) {
      summing = { counter, deltas: new Map() };
      this.summing.set(counter.name, summing);
    }
    const { deltas } = summing;
    const at = keyOf(counter, key);
    const before = deltas.get(at);
    const after: Row = { ...(before ?? (key as Row)) };
    for (const sum of counter.sums) after[sum] = ((before?.[sum] as number | undefined) ?? 0) + (sums[sum] ?? 0);
    deltas.set(at, after);
    this.undoing.push(() => (before === undefined ? deltas.delete(at) : deltas.set(at, before)));
  }

  next(sequence: string): number {
    const before = this.sequences[sequence] ?? 0;
    this.sequences[sequence] = before + 1;
    this.undoing.push(() => {
      this.sequences[sequence] = before;
    });
    return before + 1;
  }

  journal(entry: JournalEntry): void {
    this.entries.push({
      position: this.head.position + this.entries.length + 1,
      at: this.now,
      kind: entry.kind,
      callId: entry.callId ?? null,
      data: entry.data ?? null,
    });
  }

  /** Wants this batch does not know yet. */
  isKnown({ entity, index, values }: Want): boolean {
    const working = this.workingOf(entity);
    if (index === null) return working.stored.has(mapKey(values));
    return working.completeIndexes.has(completeness(index, values));
  }

  /** Takes in what the store holds for a want. Rows the batch already knows stay as the batch has left them. */
  learn({ entity, index, values }: Want, rows: readonly Row[]): void {
    const working = this.workingOf(entity);
    for (const row of rows) {
      const key = keyOf(entity, row);
      if (working.stored.has(key)) continue;
      working.stored.set(key, row);
      working.now.set(key, row);
    }
    if (index !== null) working.completeIndexes.add(completeness(index, values));
    else if (rows.length === 0) working.stored.set(mapKey(values), null);
  }

  changes(): ChangeSet {
    const rows: RowChanges[] = [];
    for (const { entity, now, stored, written } of this.working.values()) {
      if (written.size === 0) continue;
      const changes = {
        entity,
        inserts: [] as Row[],
        updates: [] as RowChanges['updates'][number][],
        deletes: [] as Row[],
      };
      for (const key of written) {
        const before = stored.get(key) ?? null;
        const after = now.rows.get(key);
        if (after === undefined) {
          if (before !== null) changes.deletes.push(before);
        } else if (before === null) {
          changes.inserts.push(after);
        } else {
          const changed = changedColumns(entity, before, after);
          if (changed.length > 0) changes.updates.push({ row: after, changed });
        }
      }
      rows.push(changes);
    }
    if (this.entries.length > 0) rows.push({ entity: journalEntity, inserts: this.entries, updates: [], deletes: [] });
    const counters: CounterChanges[] = [];
    for (const { counter, deltas } of this.summing.values()) {
      const kept = [...deltas.values()].filter(row => counter.sums.some(sum => row[sum] !== 0));
      if (kept.length > 0) counters.push({ counter, deltas: kept });
    }
    const position = this.head.position + this.entries.length;
    return { head: { ...this.head, position, now: this.now, sequences: this.sequences }, rows, counters };
  }

  private write(working: Working, key: KeyValue, row: Row | null): void {
    const before = row === null ? working.now.remove(key) : working.now.set(key, row);
    const first = !working.written.has(key);
    working.written.add(key);
    this.undoing.push(() => {
      if (before === undefined) working.now.remove(key);
      else working.now.set(key, before);
      if (first) working.written.delete(key);
    });
  }

  private fetch(want: Want): void {
    const resident = want.entity.resident ? this.residentOf(want.entity) : undefined;
    if (resident !== undefined) this.learn(want, readTable(resident, want));
    else if (this.readNow !== undefined) this.learn(want, this.readNow(want));
    else throw new NotLoaded(want);
  }

  private workingOf(entity: EntityShape): Working {
    let working = this.working.get(entity.name);
    if (working === undefined) {
      working = {
        entity,
        now: new Table(entity),
        stored: new Map(),
        completeIndexes: new Set(),
        written: new Set(),
      };
      this.working.set(entity.name, working);
    }
    return working;
  }

  private residentOf(entity: EntityShape): Table {
    const resident = this.residents.get(entity.name);
    if (resident === undefined) throw new Error(`${entity.name} is not resident`);
    return resident;
  }
}

export function readTable(table: Table, { index, values }: Want): Row[] {
  if (index !== null) return table.find(index, values);
  const row = table.rows.get(mapKey(values));
  return row === undefined ? [] : [row];
}

const completeness = (index: string, values: readonly KeyValue[]) => `${index} ${mapKey(values)}`;

function changedColumns(entity: EntityShape, before: Row, after: Row): string[] {
  const changed: string[] = [];
  for (const name of entity.columnNames) {
    const a = before[name];
    const b = after[name];
    if (a === b) continue;
    const { type } = entity.columns[name]!;
    if (type === 'json' && JSON.stringify(a) === JSON.stringify(b)) continue;
    if (type === 'bytes' && a instanceof Uint8Array && b instanceof Uint8Array && Buffer.compare(a, b) === 0) continue;
    if (type !== 'json' && type !== 'bytes' && compareValues(a, b) === 0) continue;
    changed.push(name);
  }
  return changed;
}
