import type { Counter, Entity, KeyValue } from './entity.ts';
import type { JournalEvent } from './event.ts';
import type { ExactSum } from './exactSum.ts';

/**
 * What a command sees: the ledger as the commands before it left it. Synchronous and pure: no clock, no randomness,
 * no I/O. Rows are never changed in place; a changed row is put. Where reading is far away a command may be run several
 * times: at first as if what is not loaded was not there, and once more when it is. Only the last run counts.
 */
export interface State {
  /** UTC milliseconds of the batch, never backwards. */
  readonly now: number;
  get<R extends object>(entity: Entity<R>, ...key: KeyValue[]): Readonly<R> | undefined;
  /**
   * Says what will be read next, now that it is known: where reading is far away, all of it comes in one load instead of
   * one after another. Changes no answer.
   */
  expect(declare: (wants: Wants) => void): void;
  /** Rows with exactly these values in the index's columns, ordered by key. */
  find<R extends object>(entity: Entity<R>, index: string, ...values: KeyValue[]): readonly Readonly<R>[];
  /** All rows of a resident entity. */
  all<R extends object>(entity: Entity<R>): readonly Readonly<R>[];
  /** Stores the row whether or not its key is there already. */
  put<R extends object>(entity: Entity<R>, row: R): void;
  /** Like `put`, for a row whose key comes from `next`: saves looking for what cannot be there. */
  insert<R extends object>(entity: Entity<R>, row: R): void;
  delete<R extends object>(entity: Entity<R>, ...key: KeyValue[]): void;
  /** Adds to the sums of one counter row. */
  add<K extends object, S extends string>(
    counter: Counter<K, S>,
    key: K,
    sums: Readonly<Partial<Record<S, ExactSum>>>,
  ): void;
  /** The next integer of a sequence, from 1, without gaps that outlive a batch. */
  next(sequence: string): number;
  /** One thing that happened, for listeners and consumers. It names things by id and carries no personal data. */
  journal<H extends object>(event: JournalEvent<H>, happened: H): void;
}

/**
 * Names what a command will read, so that it is loaded before it is read. Each answer is what is known of it so far, and nothing
 * while it is not loaded: what leads to more is asked again once it is.
 */
export type Wants = Pick<State, 'now' | 'get' | 'find' | 'all'>;

export interface Command<Result> {
  /** For logs and errors. */
  readonly name: string;
  /** Bytes this command will roughly write, for the bound on a batch. */
  readonly bytes: number;
  /**
   * Where reading is far away, it is called before the command runs, and again as what it names is loaded: until all of that is, or as
   * often as `DECLARED_STEPS` (serial.ts) allows.
   */
  readonly wants?: (wants: Wants) => void;
  readonly apply: (state: State) => Result;
}

/** Thrown by `apply` to refuse: nothing of the command is kept and `submit` rejects with exactly this error. */
export class Refusal extends Error {
  override readonly name: string = 'Refusal';
}
