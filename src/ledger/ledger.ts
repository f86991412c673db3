/**
 * Commands in, one ordered journal out (ARCHITECTURE.md, section 4). Commands are applied one after another; those that
 * arrive while a batch commits form the next batch, committed once; no answer leaves before its batch is durable.
 *
 * Where the store has no other writer, the next batch is applied on top of the one being committed, so that thinking and
 * writing overlap. Should that commit fail, what was applied on top of it is thrown away and applied again.
 */
import { BatchState } from './batch.ts';
import { type Directory, directoryOf, emptyResidents, readResidents, replaceResidents } from './directory.ts';
import { type ChangeSet, type Engine, EngineFault, type Head, type SharedStore, type SoleWriter } from './engine.ts';
import { keyOf } from './entity.ts';
import type { JournalRow } from './journal.ts';
import { JournalPublisher } from './journalPublisher.ts';
import { BATCH_APPLY_MS, BATCH_BYTES, BATCH_COMMANDS, CommandQueue, type Pending, type Verdicts } from './pending.ts';
import type { Reader } from './query.ts';
import { CommandFailed, StorageUnavailable } from './refusals.ts';
import { type Applied, applyLoading } from './serial.ts';
import type { Command } from './state.ts';
import type { Table } from './table.ts';

/** A backlog above this is refused at once, so that senders back off instead of filling memory. */
const QUEUE_BYTES = 64 * 1024 * 1024;
/**
 * Batches handed to the store at once: it writes one while the next waits, so that it need not wait for this thread to
 * notice that it is done.
 */
const IN_FLIGHT = 2;
/** A clock is put right by more than this only where it was wrong. */
const FAR_BEHIND_MS = 5_000;
/** While nothing can be stored, one batch per interval tries; the others are refused without touching the disk. */
const RETRY_AFTER_FAULT_MS = 200;

export interface LedgerMeter {
  /** One durable batch: how many commands, and how long applying and committing took. */
  batch(commands: number, applyMs: number, commitMs: number): void;
  fault(kind: string): void;
}

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

/** Whether nothing can be stored by this process any more. */
const isFinal = ({ kind }: EngineFault): boolean => kind === 'fatal' || kind === 'outdated';

interface Batch {
  readonly state: BatchState;
  readonly verdicts: Verdicts;
  bytes: number;
  applyMs: number;
  failed: boolean;
  /** Resolves when it is durable and answered, or known to have failed. */
  concluded: Promise<void>;
}

export class Ledger {
  /** For questions of people. */
  readonly reader: Reader;
  /** For queries of workers and of the journal publisher: no person's query keeps them waiting. */
  readonly workReader: Reader;
  readonly directory: Directory;
  private readonly engine: Engine;
  private readonly clock: () => number;
  private readonly onFatal: (error: Error) => void;
  private readonly meter: LedgerMeter | undefined;
  private readonly batchCommands: number;
  private readonly residents: Map<string, Table>;
  private readonly publisher: JournalPublisher;
  private readonly queue = new CommandQueue();
  /** Being filled, on top of those being committed. */
  private open: Batch | null = null;
  /** Oldest first. */
  private committing: Batch[] = [];
  /** Number of the newest batch handed to the store, 0 before the first. */
  private handedOver = 0;
  /** Number of the newest batch that is stored. */
  private durable = 0;
  /** A turn of the loop is scheduled, or a batch is being run step by step. */
  private busy = false;
  /** A batch failed, and those handed over after it are still to fail as well. */
  private recovering = false;
  private readonly failed: { readonly batch: Batch; readonly error: unknown }[] = [];
  /** Others have written while this ledger was busy. */
  private hasNews = false;
  private refusing: string | null = null;
  /** What was handed over may or may not be stored: nothing is applied on top of it any more. */
  private broken = false;
  private faultUntil = 0;
  /** The store's clock when it was read last, and when that was by `performance.now()`; null where it is this machine's that counts. */
  private storeClock: { readonly ms: number; readonly readAt: number } | null = null;
  /** How far it was ahead of this machine's then. */
  private aheadMs = 0;
  /** By `performance.now()`: since when the head is what it is, and a batch is being stored. */
  private headSince = performance.now();
  /** The time from which it goes on at half the pace, while the clock is far behind. */
  private paceFrom: number;
  private storingSince: number | null = null;
  private idle: (() => void)[] = [];
  private readonly sequences: {
    readonly name: string;
    newest: number;
    readonly listener: (newest: number, before: number) => void;
  }[] = [];
  private head: Head;

  private constructor(options: LedgerOptions, residents: Map<string, Table>, head: Head) {
    this.engine = options.engine;
    this.reader = options.engine.reader;
    this.workReader = options.engine.workReader ?? this.reader;
    this.clock = options.clock;
    this.onFatal = options.onFatal;
    this.meter = options.meter;
    this.batchCommands = options.batchCommands ?? BATCH_COMMANDS;
    this.residents = residents;
    this.directory = directoryOf(residents);
    this.publisher = new JournalPublisher(this.workReader, head.position);
    this.head = head;
    this.paceFrom = head.now;
  }

  static async open(options: LedgerOptions): Promise<Ledger> {
    const { engine } = options;
    const { entities, reader, shared } = engine;
    const residents = shared === undefined ? await readResidents(entities, reader) : emptyResidents(entities);
    const head = await engine.begin();
    if (shared !== undefined) replaceResidents(residents, await shared.changedResidents());
    await engine.abandon();
    const ledger = new Ledger(options, residents, head);
    ledger.setClock(head);
    shared?.watch(() => ledger.look());
    return ledger;
  }

  /** Position of the newest durable journal entry. */
  get position(): number {
    return this.head.position;
  }

  /**
   * UTC milliseconds, as a batch that began now would have them. A clock that was far ahead once must not leave the ledger's time
   * standing until the right one has come so far: then it goes on at half the pace.
   */
  readonly now = (): number => {
    return this.isFarBehind() ? this.atHalfPace() : Math.max(this.head.now, this.clockNow());
  };

  private isFarBehind(): boolean {
    return this.clockNow() < this.head.now - FAR_BEHIND_MS;
  }

  private atHalfPace(): number {
    return this.paceFrom + Math.floor((performance.now() - this.headSince) / 2);
  }

  /** For how long the batch that is being stored has been so, milliseconds; 0 when there is none. */
  get storingMs(): number {
    return this.storingSince === null ? 0 : performance.now() - this.storingSince;
  }

  /** How far this machine's clock is behind the store's, milliseconds; 0 where it is this machine's that counts. */
  get clockBehindMs(): number {
    return this.aheadMs;
  }

  /** Commands waiting for a batch. */
  get waiting(): number {
    return this.queue.length;
  }

  /** Whether the last attempt to store something failed for want of room or of the store itself. */
  get storageFault(): boolean {
    return this.faultUntil > 0;
  }

  /**
   * Resolves with what `apply` returned once it is durable. Rejects with what `apply` threw, with
   * `StorageUnavailable`, or with `CommandFailed`; then nothing of the command is kept.
   */
  submit<Result>(command: Command<Result>): Promise<Result> {
    if (this.refusing !== null) return Promise.reject(new StorageUnavailable(this.refusing));
    if (this.queue.bytes > QUEUE_BYTES) return Promise.reject(new StorageUnavailable('too much waits to be stored'));
    return new Promise<Result>((resolve, reject) => {
      this.queue.push({ command, resolve: resolve as (result: unknown) => void, reject });
      this.wake();
    });
  }

  /** Called with the entries of each batch, in order, after it is durable; where others write as well, theirs too. */
  onCommit(listener: (entries: readonly JournalRow[]) => void): () => void {
    return this.publisher.add(listener);
  }

  /** Called when numbers of a sequence were taken and are durable, with the newest of them and the newest before them; where others write as well, theirs too. */
  onNumbers(name: string, listener: (newest: number, before: number) => void): void {
    this.sequences.push({ name, newest: this.head.sequences[name] ?? 0, listener });
  }

  private tellNumbers(): void {
    for (const each of this.sequences) {
      const newest = this.head.sequences[each.name] ?? 0;
      const before = each.newest;
      if (newest === before) continue;
      each.newest = newest;
      each.listener(newest, before);
    }
  }

  /** Refuses what comes, finishes what came. */
  async drain(): Promise<void> {
    this.refusing ??= 'the server is stopping';
    if (!this.isIdle()) await new Promise<void>(resolve => this.idle.push(resolve));
  }

  async close(): Promise<void> {
    await this.drain();
    await this.publisher.rest();
    await this.engine.close();
  }

  private isIdle(): boolean {
    return (
      !this.busy && !this.recovering && this.open === null && this.committing.length === 0 && this.queue.length === 0
    );
  }

  /** What else is ready to be read from the sockets in this turn of the event loop joins the batch. */
  private wake(): void {
    if (this.busy) return;
    this.busy = true;
    setImmediate(() => {
      const { soleWriter } = this.engine;
      if (this.broken || this.faultUntil > performance.now()) this.refuseWaiting();
      if (soleWriter === undefined) {
        const batch = this.queue.take(this.batchCommands, BATCH_BYTES);
        void this.process(batch, true).finally(() => this.rest());
        return;
      }
      this.fill(soleWriter);
      this.flush();
      this.rest();
    });
  }

  private rest(): void {
    this.busy = false;
    if (this.committing.length === 0) this.storingSince = null;
    const isFull = this.open !== null && this.hasRoom(this.open) === false;
    if (this.queue.length > 0 && !isFull && !(this.recovering && this.engine.soleWriter !== undefined)) this.wake();
    else if (this.hasNews && this.refusing === null) this.look();
    else if (this.isIdle()) for (const resolve of this.idle.splice(0)) resolve();
  }

  /** Takes in what others have written: between two batches, or with the next one. */
  private look(): void {
    const { shared } = this.engine;
    if (shared === undefined || this.refusing !== null) return;
    this.hasNews = this.busy;
    if (this.busy) return;
    this.busy = true;
    void this.takeIn(shared).finally(() => this.rest());
  }

  private async takeIn(shared: SharedStore): Promise<void> {
    try {
      const { head, residents } = await shared.look();
      this.setClock(head);
      replaceResidents(this.residents, residents);
      this.moveHead(head);
      this.publisher.advance([], head.position);
      this.tellNumbers();
    } catch (error) {
      // What is passing is seen again; a store that cannot be trusted is not looked at twice.
      if (error instanceof EngineFault && isFinal(error)) await this.recover([], error);
    }
  }

  private refuseWaiting(): void {
    for (const { reject } of this.queue.take(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)) {
      reject(new StorageUnavailable(this.refusing ?? 'nothing can be stored at the moment'));
    }
  }

  private moveHead(head: Head): void {
    // What others have stored meanwhile takes nothing back of the time that has passed here.
    this.paceFrom = this.isFarBehind() ? Math.max(head.now, this.atHalfPace()) : head.now;
    this.head = head;
    this.headSince = performance.now();
  }

  private setClock({ clock }: Head): void {
    if (clock === undefined) return;
    this.storeClock = { ms: clock, readAt: performance.now() };
    this.aheadMs = clock - this.clock();
  }

  /** Until the store's clock is read again it goes on steadily here, whatever somebody does to this machine's. */
  private clockNow(): number {
    const { storeClock } = this;
    if (storeClock === null) return this.clock();
    return storeClock.ms + Math.floor(performance.now() - storeClock.readAt);
  }

  /** What fits beside what a batch has already. */
  private takeFor(batch: readonly Pending[]): Pending[] {
    const bytes = batch.reduce((sum, { command }) => sum + command.bytes, 0);
    return bytes < BATCH_BYTES ? this.queue.take(this.batchCommands - batch.length, BATCH_BYTES - bytes) : [];
  }

  private hasRoom(batch: Batch): boolean {
    return batch.verdicts.size < this.batchCommands && batch.bytes < BATCH_BYTES && batch.applyMs < BATCH_APPLY_MS;
  }

  /** Applies what waits to the open batch, within its bounds. */
  private fill(soleWriter: SoleWriter): void {
    if (this.queue.length === 0 || this.recovering) return;
    this.open ??= this.newBatch();
    const batch = this.open;
    if (!this.hasRoom(batch)) return;
    const began = performance.now();
    const taken = this.queue.take(this.batchCommands - batch.verdicts.size, BATCH_BYTES - batch.bytes);
    const late: Pending[] = [];
    soleWriter.reading(() => {
      for (const pending of taken) {
        if (batch.verdicts.size > 0 && performance.now() - began > BATCH_APPLY_MS) late.push(pending);
        else applyNow(batch, pending);
      }
    });
    this.queue.putBack(late);
    batch.applyMs += performance.now() - began;
  }

  private newBatch(): Batch {
    const ancestors = this.committing.map(each => each.state).reverse();
    const head = ancestors[0]?.headAfter ?? this.head;
    const now = Math.max(head.now, this.now());
    const state = new BatchState(head, now, this.residents, this.engine.readNow, ancestors);
    return { state, verdicts: new Map(), bytes: 0, applyMs: 0, failed: false, concluded: Promise.resolve() };
  }

  /** Hands the open batch to the store, unless enough are there already. */
  private flush(): void {
    const batch = this.open;
    if (batch === null || this.committing.length >= IN_FLIGHT || this.recovering) return;
    this.open = null;
    const changes = batch.state.changes(this.handedOver);
    const stored = isEmpty(changes) ? Promise.resolve() : this.engine.commit(changes);
    if (!isEmpty(changes)) this.handedOver = changes.number;
    this.storingSince ??= performance.now();
    batch.concluded = this.conclude(batch, changes, stored, this.committing.at(-1) ?? null);
    this.committing.push(batch);
  }

  /** Waits for the store, and for the batch before: a command that wrote nothing still saw what that batch wrote. */
  private async conclude(batch: Batch, changes: ChangeSet, stored: Promise<void>, before: Batch | null): Promise<void> {
    const began = performance.now();
    let error: unknown = null;
    try {
      await stored;
    } catch (fault) {
      error = fault;
    }
    const storedMs = performance.now() - began;
    this.storingSince = this.committing.length > 1 ? performance.now() : null;
    if (before !== null) {
      await before.concluded;
      if (before.failed) error ??= new EngineFault('aborted', 'the batch before was not stored');
    }
    if (error !== null) {
      batch.failed = true;
      this.fail(batch, error);
      return;
    }
    this.committing.shift();
    for (const { state } of this.committing) state.forget(batch.state);
    this.open?.state.forget(batch.state);
    this.settle(batch.state, changes, batch.verdicts, batch.applyMs, storedMs);
    this.flush();
    this.rest();
  }

  /** A batch was not stored; what was applied on top of it saw what is not there, and is applied again. */
  private fail(batch: Batch, error: unknown): void {
    this.recovering = true;
    this.failed.push({ batch, error });
    this.committing.shift();
    if (this.committing.length > 0) return;
    const [first, ...onTop] = this.failed.splice(0);
    const again = [...onTop.map(each => each.batch), ...(this.open === null ? [] : [this.open])];
    this.open = null;
    this.handedOver = this.durable;
    this.queue.putBack(again.flatMap(each => [...each.verdicts.keys()]));
    this.busy = true;
    void this.recover([...first!.batch.verdicts.keys()], first!.error).finally(() => {
      this.recovering = false;
      this.rest();
    });
  }

  /** One batch from begin to answer. `grows`: what has come until it begins joins it, while there is room. */
  private async process(given: readonly Pending[], grows = false): Promise<void> {
    let batch = given;
    if (batch.length === 0) return;
    this.storingSince = performance.now();
    this.hasNews = false;
    if (this.broken) {
      for (const { reject } of batch) reject(new StorageUnavailable(this.refusing ?? 'the store failed'));
      return;
    }
    let applied: Applied | undefined;
    try {
      const head = await this.engine.begin();
      // Other writers may have kept it waiting for as long as their batches took.
      if (grows) batch = [...batch, ...this.takeFor(batch)];
      this.setClock(head);
      applied = await applyLoading(this.engine, head, batch, this.residents, this.now);
      const began = performance.now();
      const changes = applied.state.changes(this.handedOver);
      if (isEmpty(changes)) await this.engine.abandon();
      else await this.engine.commit(changes);
      if (!isEmpty(changes)) this.handedOver = changes.number;
      this.settle(applied.state, changes, applied.verdicts, applied.applyMs, performance.now() - began);
    } catch (error) {
      if (applied === undefined) await this.engine.abandon().catch(() => {});
      await this.recover(batch, error);
      return;
    }
    await this.process(applied.late);
  }

  /** A batch that cannot be stored is run again by halves until the culprit stands alone. */
  private async recover(batch: readonly Pending[], error: unknown): Promise<void> {
    const fault = error instanceof EngineFault ? error : new EngineFault('fatal', String(error), { cause: error });
    this.meter?.fault(fault.kind);
    if (fault.kind === 'poison') {
      if (batch.length === 1) {
        const { command, reject } = batch[0]!;
        reject(new CommandFailed(`${command.name}: ${fault.message}`, { cause: fault }));
        return;
      }
      const half = batch.length >> 1;
      await this.process(batch.slice(0, half));
      await this.process(batch.slice(half));
      return;
    }
    if (isFinal(fault)) {
      this.broken = true;
      this.refusing = fault.kind === 'fatal' ? `the store failed: ${fault.message}` : fault.message;
      this.onFatal(fault);
    } else {
      this.faultUntil = performance.now() + RETRY_AFTER_FAULT_MS;
    }
    for (const { reject } of batch) reject(new StorageUnavailable(fault.message, { cause: fault }));
  }

  /** The batch is durable: now it may be published. */
  private settle(state: BatchState, changes: ChangeSet, verdicts: Verdicts, applyMs: number, commitMs: number): void {
    this.faultUntil = 0;
    this.moveHead(changes.head);
    if (!isEmpty(changes)) this.durable = changes.number;
    for (const { entity, inserts, updates, deletes } of changes.rows) {
      const resident = this.residents.get(entity.name);
      if (resident === undefined) continue;
      for (const row of inserts) resident.set(keyOf(entity, row), row);
      for (const { row } of updates) resident.set(keyOf(entity, row), row);
      for (const row of deletes) resident.remove(keyOf(entity, row));
    }
    this.meter?.batch(verdicts.size, applyMs, commitMs);
    for (const [{ resolve, reject }, verdict] of verdicts) {
      if ('error' in verdict) reject(verdict.error);
      else resolve(verdict.result);
    }
    this.publisher.advance(state.entries, changes.head.position);
    this.tellNumbers();
  }
}

const isEmpty = ({ rows, counters, tookNumbers }: ChangeSet): boolean =>
  rows.length === 0 && counters.length === 0 && !tookNumbers;

function applyNow(batch: Batch, pending: Pending): void {
  batch.bytes += pending.command.bytes;
  try {
    batch.verdicts.set(pending, { result: batch.state.run(pending.command.apply) });
  } catch (error) {
    batch.verdicts.set(pending, { error });
  }
}
