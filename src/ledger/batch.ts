import { isSameContent } from '../values/sameContent.ts';
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
import { type JournalEvent, readHappened } from './event.ts';
import { addExactly, type ExactSum } from './exactSum.ts';
import { type JournalRow, journal as journalEntity } from './journal.ts';
import type { State, Wants } from './state.ts';
import { compareByKey, compareValues, readTable, Table } from './table.ts';

/** What is declared and not known to the batch yet. */
export function unknownWants(declare: (wants: Wants) => void, state: BatchState): readonly Want[] {
  const found: Want[] = [];
  const isKnown = (want: Want): boolean => {
    const known = want.entity.resident || state.isKnown(want);
    if (!known) found.push(want);
    return known;
  };
  declare({
    now: state.now,
    get: (entity, ...key) => (isKnown({ entity, index: null, values: key }) ? state.get(entity, ...key) : undefined),
    find: (entity, index, ...values) =>
      isKnown({ entity, index, values }) ? state.find(entity, index, ...values) : [],
    all: entity => state.all(entity),
  });
  return found;
}

/** One entity in a batch: what was read, what is now, and which index values are known completely. */
interface Working {
  readonly entity: EntityShape;
  /** Present rows as the batch has left them. */
  readonly now: Table;
  /** What the store has under each key the batch knows: null is known to be absent. */
  readonly stored: Map<KeyValue, Row | null>;
  /** Of each index, the values under which every row is known. */
  readonly complete: Map<string, Set<KeyValue>>;
  readonly written: Set<KeyValue>;
}

/** What the batch adds to one counter row, in the order of the counter's sums. */
interface Delta {
  readonly key: object;
  readonly sums: ExactSum[];
}

interface Summing {
  readonly counter: CounterShape;
  readonly deltas: Map<KeyValue, Delta>;
}

let batches = 0;

/** How to take back one step of the command that is running. */
type Undo = () => void;

/**
 * The state all commands of one batch are applied to, one after another. A command that throws is undone step by
 * step, so that the next one sees what the one before it left.
 */
export class BatchState implements State {
  readonly now: number;
  /** Grows from batch to batch while the process lives. */
  readonly number: number;
  readonly entries: JournalRow[] = [];
  private readonly head: Head;
  private readonly sequences: Record<string, number>;
  private readonly working = new Map<string, Working>();
  private readonly summing = new Map<string, Summing>();
  private readonly residents: ReadonlyMap<string, Table>;
  /** The batches before that are being committed, newest first: what they wrote is not in the store yet, or only just. */
  private ancestors: readonly BatchState[];
  private readonly readNow: ((want: Want) => Row[]) | undefined;
  private undoing: Undo[] = [];
  /** What was read without being known, by its name; taken for absent meanwhile. */
  private readonly guesses = new Map<string, Want>();
  /** How to take back every command since the first guess, and how many entries there were before it. */
  private guessed: Undo[] = [];
  private certainEntries = 0;

  constructor(
    head: Head,
    now: number,
    residents: ReadonlyMap<string, Table>,
    readNow: ((want: Want) => Row[]) | undefined,
    ancestors: readonly BatchState[] = [],
  ) {
    this.head = head;
    this.now = now;
    this.sequences = { ...head.sequences };
    this.residents = residents;
    this.readNow = readNow;
    this.ancestors = ancestors;
    this.number = ++batches;
  }

  /** Runs one command; when it throws, nothing of it is left. */
  run<Result>(apply: (state: State) => Result): Result {
    this.undoing = [];
    const entries = this.entries.length;
    if (this.guesses.size === 0) this.certainEntries = entries;
    try {
      const result = apply(this);
      if (this.guesses.size > 0) for (const undo of this.undoing) this.guessed.push(undo);
      return result;
    } catch (error) {
      undoAll(this.undoing);
      this.entries.length = entries;
      throw error;
    }
  }

  /** How much of what the commands have read so far is only guessed; once anything is, no later answer is certain. */
  get guessing(): number {
    return this.guesses.size;
  }

  /** Takes back the command that guessed first and all after it; what they wanted to know. */
  takeBackGuesses(): Want[] {
    undoAll(this.guessed);
    this.guessed = [];
    if (this.guesses.size > 0) this.entries.length = this.certainEntries;
    const wants = [...this.guesses.values()];
    this.guesses.clear();
    return wants;
  }

  get<R extends object>(entity: Entity<R>, ...key: KeyValue[]): Readonly<R> | undefined {
    const working = this.workingOf(entity);
    const at = mapKey(key);
    if (!working.stored.has(at)) this.fetch({ entity, index: null, values: key });
    return working.now.rows.get(at) as R | undefined;
  }

  find<R extends object>(entity: Entity<R>, index: string, ...values: KeyValue[]): readonly Readonly<R>[] {
    const working = this.workingOf(entity);
    if (!isComplete(working, index, values)) this.fetch({ entity, index, values });
    return working.now.find(index, values) as R[];
  }

  expect(declare: (wants: Wants) => void): void {
    if (this.readNow !== undefined) return;
    for (const want of unknownWants(declare, this)) this.guess(want);
  }

  all<R extends object>(entity: Entity<R>): readonly Readonly<R>[] {
    const resident = this.residentOf(entity);
    const rows = new Map(resident.rows);
    const own = this.working.get(entity.name);
    for (const { now, written } of [...this.writersBefore(entity).reverse(), ...(own === undefined ? [] : [own])]) {
      for (const key of written) {
        const row = now.rows.get(key);
        if (row === undefined) rows.delete(key);
        else rows.set(key, row);
      }
    }
    return [...rows.values()].sort((a, b) => compareByKey(entity, a, b)) as R[];
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
    if (!working.stored.has(key)) {
      working.stored.set(key, null);
      this.undoing.push(() => working.stored.delete(key));
    } else if (working.now.rows.has(key)) throw new Error(`${entity.name} ${key} is inserted twice`);
    this.write(working, key, row as Row);
  }

  delete<R extends object>(entity: Entity<R>, ...key: KeyValue[]): void {
    if (this.get(entity, ...key) === undefined) return;
    const working = this.workingOf(entity);
    this.write(working, mapKey(key), null);
  }

  add<K extends object, S extends string>(
    counter: Counter<K, S>,
    key: K,
    sums: Readonly<Partial<Record<S, ExactSum>>>,
  ): void {
    let summing = this.summing.get(counter.name);
    if (summing === undefined) {
      summing = { counter, deltas: new Map() };
      this.summing.set(counter.name, summing);
    }
    const at = keyOf(counter, key);
    let delta = summing.deltas.get(at);
    if (delta === undefined) {
      delta = { key, sums: counter.sums.map(() => 0) };
      summing.deltas.set(at, delta);
    }
    addTo(delta, counter.sums, sums as Record<string, ExactSum>, 1);
    const added = delta;
    this.undoing.push(() => addTo(added, counter.sums, sums as Record<string, ExactSum>, -1));
  }

  next(sequence: string): number {
    const before = this.sequences[sequence] ?? 0;
    this.sequences[sequence] = before + 1;
    this.undoing.push(() => {
      this.sequences[sequence] = before;
    });
    return before + 1;
  }

  journal<H extends object>(event: JournalEvent<H>, happened: H): void {
    const { callId, data } = readHappened(event, happened);
    const position = this.head.position + this.entries.length + 1;
    this.entries.push({ position, at: this.now, kind: event.kind, callId, data });
  }

  /** Whether the batch knows all that the store has for it. */
  isKnown(want: Want): boolean {
    const { entity, index, values } = want;
    if (!this.mayBeStored(want)) return true;
    const working = this.workingOf(entity);
    const isRead = index === null ? working.stored.has(mapKey(values)) : isComplete(working, index, values);
    return isRead || isWithinComplete(working, want);
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
    if (index !== null) completeUnder(working, index).add(mapKey(values));
    else if (rows.length === 0) working.stored.set(mapKey(values), null);
  }

  /** A batch before is durable: the store shows it from now on. */
  forget(ancestor: BatchState): void {
    this.ancestors = this.ancestors.filter(each => each !== ancestor);
  }

  /** Where the ledger stands after this batch. */
  get headAfter(): Head {
    const position = this.head.position + this.entries.length;
    return { ...this.head, position, now: this.now, sequences: this.sequences };
  }

  /** `after`: the batch the store must have before this one. */
  changes(after: number): ChangeSet {
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
      const kept = [...deltas.values()].filter(delta => delta.sums.some(sum => sum !== 0));
      if (kept.length > 0) counters.push({ counter, deltas: kept.map(delta => counterRow(counter, delta)) });
    }
    const { sequences } = this;
    const tookNumbers = Object.keys(sequences).some(name => sequences[name] !== (this.head.sequences[name] ?? 0));
    return { number: this.number, after, head: this.headAfter, tookNumbers, rows, counters };
  }

  private write(working: Working, key: KeyValue, row: Row | null): void {
    if (row !== null) this.assertHandedOut(working.entity, row);
    const before = row === null ? working.now.remove(key) : working.now.set(key, row);
    const first = !working.written.has(key);
    working.written.add(key);
    this.undoing.push(() => {
      if (before === undefined) working.now.remove(key);
      else working.now.set(key, before);
      if (first) working.written.delete(key);
    });
  }

  /** What is above a sequence is taken for stored nowhere: it must not come to be. */
  private assertHandedOut({ name, numbered }: EntityShape, row: Row): void {
    for (const { column, sequence } of numbered) {
      if (((row[column] as number | null) ?? 0) > (this.sequences[sequence] ?? 0)) {
        throw new Error(`${name}.${column} is ${row[column]}, which ${sequence} has not handed out`);
      }
    }
  }

  private fetch(want: Want): void {
    if (isWithinComplete(this.workingOf(want.entity), want)) {
      this.takeForAbsent(want);
      return;
    }
    const writers = this.writersBefore(want.entity);
    if (writers.length === 0) {
      if (!this.mayBeStored(want)) this.learn(want, []);
      else if (this.readNow === undefined && !want.entity.resident) this.guess(want);
      else this.learn(want, this.readStored(want));
      return;
    }
    // Whether or not the store shows what the batches before wrote already: what they wrote is what counts.
    if (want.index === null) {
      const key = mapKey(want.values);
      const writer = writers.find(each => each.written.has(key));
      const row = writer?.now.rows.get(key);
      this.learn(want, writer === undefined ? this.readStored(want) : row === undefined ? [] : [row]);
      return;
    }
    const seen = new Set<KeyValue>();
    const found: Row[] = [];
    for (const { now, written } of writers) {
      for (const row of now.find(want.index, want.values)) {
        const key = keyOf(want.entity, row);
        if (written.has(key) && !seen.has(key)) found.push(row);
      }
      for (const key of written) seen.add(key);
    }
    for (const row of this.readStored(want)) if (!seen.has(keyOf(want.entity, row))) found.push(row);
    this.learn(want, found);
  }

  /** What the batches before did to an entity, newest first. */
  private writersBefore(entity: EntityShape): Working[] {
    const writers: Working[] = [];
    for (const ancestor of this.ancestors) {
      const working = ancestor.working.get(entity.name);
      if (working !== undefined && working.written.size > 0) writers.push(working);
    }
    return writers;
  }

  /**
   * False where it asks for a number that was not taken yet when the oldest batch began of those that are not known to be durable:
   * whatever has been stored under it since, these batches and this one have written.
   */
  private mayBeStored({ entity, index, values }: Want): boolean {
    const { sequences } = (this.ancestors.at(-1) ?? this).head;
    const names = index === null ? entity.key : entity.indexes[index]!.columns;
    for (let i = 0; i < names.length; i++) {
      const { sequence } = entity.columns[names[i]!]!;
      if (sequence !== null && (values[i] as number) > (sequences[sequence] ?? 0)) return false;
    }
    return true;
  }

  private readStored(want: Want): Row[] {
    if (!this.mayBeStored(want)) return [];
    if (want.entity.resident) return readTable(this.residentOf(want.entity), want.index, want.values);
    if (this.readNow === undefined) throw new Error('what is far away is not read on the spot');
    return this.readNow(want);
  }

  /**
   * Goes on as if there was nothing, so that one run finds out all that the command and those after it want to know. The
   * numbers they take are then what they will be, and most of what they look up under new numbers is indeed not there.
   */
  private guess(want: Want): void {
    this.guesses.set(wantId(want), want);
    this.takeForAbsent(want);
  }

  /** What follows from a guess is taken back with it. */
  private takeForAbsent(want: Want): void {
    const working = this.workingOf(want.entity);
    const values = mapKey(want.values);
    if (want.index === null) {
      working.stored.set(values, null);
      this.undoing.push(() => working.stored.delete(values));
    } else {
      const complete = completeUnder(working, want.index);
      complete.add(values);
      this.undoing.push(() => complete.delete(values));
    }
  }

  private workingOf(entity: EntityShape): Working {
    let working = this.working.get(entity.name);
    if (working === undefined) {
      working = {
        entity,
        now: new Table(entity),
        stored: new Map(),
        complete: new Map(),
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

export const wantId = ({ entity, index, values }: Want): string => `${entity.name} ${index} ${JSON.stringify(values)}`;

function undoAll(steps: readonly Undo[]): void {
  for (let i = steps.length - 1; i >= 0; i--) steps[i]!();
}

function addTo(
  delta: Delta,
  names: readonly string[],
  sums: Readonly<Record<string, ExactSum | undefined>>,
  sign: 1 | -1,
) {
  for (let i = 0; i < names.length; i++) {
    const sum = sums[names[i]!];
    if (sum !== undefined) delta.sums[i] = addExactly(delta.sums[i]!, sign === 1 ? sum : -sum);
  }
}

function counterRow(counter: CounterShape, { key, sums }: Delta): Row {
  const row: Row = { ...key };
  for (let i = 0; i < sums.length; i++) row[counter.sums[i]!] = sums[i];
  return row;
}

const isComplete = ({ complete }: Working, index: string, values: readonly KeyValue[]): boolean =>
  complete.get(index)?.has(mapKey(values)) === true;

/** Whether it is a key that an index would show of which the batch knows all rows under these values. */
const isWithinComplete = (working: Working, { entity, index, values }: Want): boolean =>
  index === null &&
  entity.withinKey.some(({ index: other, places }) => {
    const under = places.map(place => values[place]!);
    return isComplete(working, other, under);
  });

function completeUnder({ complete }: Working, index: string): Set<KeyValue> {
  let values = complete.get(index);
  if (values === undefined) {
    values = new Set();
    complete.set(index, values);
  }
  return values;
}

function changedColumns(entity: EntityShape, before: Row, after: Row): string[] {
  const changed: string[] = [];
  for (const name of entity.columnNames) {
    const a = before[name];
    const b = after[name];
    if (a === b) continue;
    const { type } = entity.columns[name]!;
    if (type === 'json' && isSameContent(a, b)) continue;
    if (type === 'bytes' && a instanceof Uint8Array && b instanceof Uint8Array && Buffer.compare(a, b) === 0) continue;
    if (type !== 'json' && type !== 'bytes' && compareValues(a, b) === 0) continue;
    changed.push(name);
  }
  return changed;
}
