/**
 * Commands in, one ordered journal out (ARCHITECTURE.md, section 4). Commands are applied one after another; those that
 * arrive while a batch commits form the next batch, committed once; no answer leaves before its batch is durable.
 *
 * When a batch begins is for a scheduler: there is one for a store that nothing else writes to, and one for any other.
 */
import { type Directory, directoryOf, emptyResidents, readResidents, replaceResidents } from './directory.ts';
import type { Engine, Head } from './engine.ts';
import type { JournalRow } from './journal.ts';
import { LedgerClock } from './ledgerClock.ts';
import { BATCH_COMMANDS, CommandQueue } from './pending.ts';
import type { Reader } from './query.ts';
import { StorageUnavailable } from './refusals.ts';
import type { LedgerMeter, Scheduler } from './scheduler.ts';
import { SharedScheduler } from './sharedScheduler.ts';
import { SoleScheduler } from './soleScheduler.ts';
import { Standing } from './standing.ts';
import type { Command } from './state.ts';
import { StoreTrust } from './storeTrust.ts';
import type { Table } from './table.ts';

/** A backlog above this is refused at once, so that senders back off instead of filling memory. */
const QUEUE_BYTES = 64 * 1024 * 1024;

export interface LedgerOptions {
  readonly engine: Engine;
  /** UTC milliseconds. */
  readonly clock: () => number;
  /**
   * The store cannot be trusted, or written to by this version; everything is refused from now on. The process should log
   * it and exit.
   */
  readonly onFatal: (error: Error) => void;
  readonly meter?: LedgerMeter;
  /** 1 gives one commit per request, for comparison. */
  readonly batchCommands?: number;
}

export class Ledger {
  /** For questions of people. */
  readonly reader: Reader;
  /** For queries of workers and of the journal publisher: no person's query keeps them waiting. */
  readonly workReader: Reader;
  readonly directory: Directory;
  private readonly engine: Engine;
  private readonly queue = new CommandQueue();
  private readonly clock: LedgerClock;
  private readonly trust: StoreTrust;
  private readonly standing: Standing;
  private readonly scheduler: Scheduler;
  private isStopping = false;

  private constructor(options: LedgerOptions, residents: Map<string, Table>, head: Head) {
    const { engine, meter, batchCommands = BATCH_COMMANDS } = options;
    this.engine = engine;
    this.reader = engine.reader;
    this.workReader = engine.workReader ?? this.reader;
    this.directory = directoryOf(residents);
    this.clock = new LedgerClock(options.clock, head);
    this.trust = new StoreTrust(options.onFatal);
    this.standing = new Standing(head, residents, this.clock, this.workReader);
    const { queue, clock, trust, standing } = this;
    const refusal = () => this.refusal();
    const parts = { engine, queue, clock, trust, standing, batchCommands, meter, refusal };
    const { soleWriter } = engine;
    this.scheduler = soleWriter === undefined ? new SharedScheduler(parts) : new SoleScheduler(parts, soleWriter);
  }

  static async open(options: LedgerOptions): Promise<Ledger> {
    const { engine } = options;
    const { entities, reader, shared } = engine;
    const residents = shared === undefined ? await readResidents(entities, reader) : emptyResidents(entities);
    const head = await engine.begin();
    if (shared !== undefined) replaceResidents(residents, await shared.changedResidents());
    await engine.abandon();
    const ledger = new Ledger(options, residents, head);
    shared?.watch(() => ledger.scheduler.look());
    return ledger;
  }

  /** Position of the newest durable journal entry. */
  get position(): number {
    return this.standing.head.position;
  }

  /** UTC milliseconds, as a batch that began now would have them; never back. */
  readonly now = (): number => this.clock.now();

  /** For how long the batch that is being stored has been so, milliseconds; 0 when there is none. */
  get storingMs(): number {
    return this.scheduler.storingMs;
  }

  /** How far this machine's clock is behind the store's, milliseconds; 0 where it is this machine's that counts. */
  get clockBehindMs(): number {
    return this.clock.behindMs;
  }

  /** Commands waiting for a batch. */
  get waiting(): number {
    return this.queue.length;
  }

  /** Whether the last attempt to store something failed for want of room or of the store itself. */
  get storageFault(): boolean {
    return this.trust.isFaulty;
  }

  /**
   * Resolves with what `apply` returned once it is durable. Rejects with what `apply` threw, with
   * `StorageUnavailable`, or with `CommandFailed`; then nothing of the command is kept.
   */
  submit<Result>(command: Command<Result>): Promise<Result> {
    const refusal = this.refusal();
    if (refusal !== null) return Promise.reject(new StorageUnavailable(refusal));
    if (this.queue.bytes > QUEUE_BYTES) return Promise.reject(new StorageUnavailable('too much waits to be stored'));
    return new Promise<Result>((resolve, reject) => {
      this.queue.push({ command, resolve: resolve as (result: unknown) => void, reject });
      this.scheduler.wake();
    });
  }

  /** Called with the entries of each batch, in order, after it is durable; where others write as well, theirs too. */
  onCommit(listener: (entries: readonly JournalRow[]) => void): () => void {
    return this.standing.publisher.add(listener);
  }

  /** Called when numbers of a sequence were taken and are durable, with the newest of them and the newest before them; where others write as well, theirs too. */
  onNumbers(name: string, listener: (newest: number, before: number) => void): void {
    this.standing.onNumbers(name, listener);
  }

  /** Refuses what comes, finishes what came. */
  async drain(): Promise<void> {
    this.isStopping = true;
    await this.scheduler.whenIdle();
  }

  async close(): Promise<void> {
    await this.drain();
    await this.standing.publisher.rest();
    await this.engine.close();
  }

  /** Why everything is refused from now on; null while it is not. */
  private refusal(): string | null {
    return this.trust.refusal ?? (this.isStopping ? 'the server is stopping' : null);
  }
}
