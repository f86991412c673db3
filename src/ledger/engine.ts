/**
 * What a store must do for the ledger; one conformance suite holds every engine to it. A batch is `begin`, any number
 * of reads, then `commit` or `abandon`, one at a time; a sole writer's batches are `reading` and `commit` only.
 */
import type { AnyEntity, CounterShape, EntityShape, KeyValue, Row } from './entity.ts';
import type { Reader } from './query.ts';

/** The one row that holds where the ledger stands. */
export interface Head {
  readonly schemaVersion: number;
  /** Position of the newest journal entry, 0 when there is none. */
  readonly position: number;
  /** UTC milliseconds of the newest batch. */
  readonly now: number;
  /** UTC milliseconds by the store's own clock when this was read, where it counts and not that of this machine. */
  readonly clock?: number;
  readonly sequences: Readonly<Record<string, number>>;
}

/** Rows by their key (`index` null) or by the values of one index. */
export interface Want {
  readonly entity: EntityShape;
  readonly index: string | null;
  readonly values: readonly KeyValue[];
}

export interface RowChanges {
  readonly entity: EntityShape;
  readonly inserts: readonly Row[];
  /** The new row and which of its columns differ from the stored one. */
  readonly updates: readonly { readonly row: Row; readonly changed: readonly string[] }[];
  readonly deletes: readonly Row[];
}

export interface CounterChanges {
  readonly counter: CounterShape;
  /** Key columns and what to add to each sum; a row whose sums become all zero is removed. */
  readonly deltas: readonly Row[];
}

export interface ChangeSet {
  /** Number of this batch, and of the one it was applied on top of; numbers grow while the process lives. */
  readonly number: number;
  readonly after: number;
  readonly head: Head;
  /** Whether the head must be stored for its sequences alone: a number that was handed out is never handed out again. */
  readonly tookNumbers: boolean;
  readonly rows: readonly RowChanges[];
  readonly counters: readonly CounterChanges[];
}

/** What an engine can promise when nothing else writes to its store. */
export interface SoleWriter {
  /** Runs reads on the spot from one moment; may be called while a commit is under way, and sees it or does not. */
  reading(work: () => void): void;
}

/** All rows of a resident entity. */
export interface ResidentRows {
  readonly entity: EntityShape;
  readonly rows: readonly Row[];
}

/** What an engine offers where others write to its store as well. */
export interface SharedStore {
  /** Resident entities that others have changed since the last call, all of them at first; inside a batch. */
  changedResidents(): Promise<readonly ResidentRows[]>;
  /** The same, and the head, between two batches and without keeping other nodes from writing. */
  look(): Promise<{ readonly head: Head; readonly residents: readonly ResidentRows[] }>;
  /** Calls whenever others may have written: on their notification, and when a look finds that they did. */
  watch(onNews: () => void): void;
}

export interface Engine {
  /** For questions of people, which may take long. */
  readonly reader: Reader;
  /** For short questions of the server itself, where those of people would keep them waiting. */
  readonly workReader?: Reader;
  /** Entities this store holds, residents included. */
  readonly entities: readonly AnyEntity[];
  begin(): Promise<Head>;
  /** Reads a miss on the spot, for engines that can; others leave it out and load it by `load`. */
  readonly readNow?: (want: Want) => Row[];
  /** Present when nothing else writes: batches are then applied while the one before is being committed. */
  readonly soleWriter?: SoleWriter;
  /** Present when others write as well: what they did is taken in before a batch, and published in order. */
  readonly shared?: SharedStore;
  /** Rows of each want, in the order of the wants: one question per kind, not one per want. */
  load(wants: readonly Want[]): Promise<Row[][]>;
  /**
   * Durable when it resolves. Rejects with an `EngineFault`, and then nothing of the batch is kept. A sole writer may
   * be handed a batch before the one it builds on is durable; should that one fail, this one fails as `aborted`.
   */
  commit(changes: ChangeSet): Promise<void>;
  abandon(): Promise<void>;
  close(): Promise<void>;
}

/**
 * - `full`, `unavailable`: nothing can be stored now; try again later.
 * - `poison`: a value of this batch cannot be stored; the rest could.
 * - `aborted`: the batch it was applied on top of was not stored.
 * - `outdated`: a newer version has changed the tables: answer the requests under way, and stop the process.
 * - `fatal`: the store cannot be trusted any more (a failed fsync, corruption): stop the process.
 */
export type FaultKind = 'full' | 'unavailable' | 'poison' | 'aborted' | 'outdated' | 'fatal';

export class EngineFault extends Error {
  override readonly name = 'EngineFault';
  readonly kind: FaultKind;
  constructor(kind: FaultKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
