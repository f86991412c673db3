import { isDeepStrictEqual } from 'node:util';
import type { Directory } from '../../ledger/directory.ts';
import {
  type AnyEntity,
  type Entity,
  type EntityShape,
  type KeyValue,
  keyOf,
  mapKey,
  type Row,
} from '../../ledger/entity.ts';
import type { State } from '../../ledger/state.ts';
import { readTable, Table } from '../../ledger/table.ts';

/** What would become of one row. */
export interface RowChange {
  readonly entity: EntityShape;
  readonly before: Readonly<Row> | null;
  readonly after: Readonly<Row> | null;
}

/** No sequence of a ledger comes so far; the numbers only keep new rows apart. */
const FIRST_NUMBER = 2 ** 52;

/** A state in which the commands of the rooms can be tried: it begins as a directory is, and keeps nothing. Resident entities only. */
export class TrialState implements State {
  readonly now: number;
  readonly #directory: Directory;
  readonly #tables = new Map<string, Table>();
  readonly #changed = new Map<string, { entity: EntityShape; key: KeyValue; before: Readonly<Row> | null }>();
  #numbers = FIRST_NUMBER;

  constructor(directory: Directory, now: number) {
    this.#directory = directory;
    this.now = now;
  }

  /** In the order in which the rows were first written; what is as it was is not among them. */
  changes(): readonly RowChange[] {
    const changes: RowChange[] = [];
    for (const { entity, key, before } of this.#changed.values()) {
      const after = this.#table(entity).rows.get(key) ?? null;
      if (!isDeepStrictEqual(before, after)) changes.push({ entity, before, after });
    }
    return changes;
  }

  get<R extends object>(entity: Entity<R>, ...key: KeyValue[]): Readonly<R> | undefined {
    return readTable(this.#table(entity), null, key)[0] as R | undefined;
  }

  find<R extends object>(entity: Entity<R>, index: string, ...values: KeyValue[]): readonly Readonly<R>[] {
    return this.#table(entity).find(index, values) as R[];
  }

  all<R extends object>(entity: Entity<R>): readonly Readonly<R>[] {
    return [...this.#table(entity).rows.values()] as R[];
  }

  put<R extends object>(entity: Entity<R>, row: R): void {
    const key = keyOf(entity, row);
    this.#note(entity, key);
    this.#table(entity).set(key, row as Row);
  }

  insert<R extends object>(entity: Entity<R>, row: R): void {
    this.put(entity, row);
  }

  delete<R extends object>(entity: Entity<R>, ...key: KeyValue[]): void {
    this.#note(entity, mapKey(key));
    this.#table(entity).remove(mapKey(key));
  }

  next(): number {
    return this.#numbers++;
  }

  expect(): void {}
  add(): void {}
  journal(): void {}

  #table(entity: EntityShape): Table {
    let table = this.#tables.get(entity.name);
    if (table === undefined) {
      table = Table.of(entity, this.#directory.all<Row>(entity as AnyEntity & Entity));
      this.#tables.set(entity.name, table);
    }
    return table;
  }

  #note(entity: EntityShape, key: KeyValue): void {
    const id = `${entity.name} ${key}`;
    if (this.#changed.has(id)) return;
    this.#changed.set(id, { entity, key, before: this.#table(entity).rows.get(key) ?? null });
  }
}
