/**
 * Commands in, one ordered journal out (design section 4). Commands are applied one after another; those that arrive
 * while a batch commits form the next batch, committed once; no answer leaves before its batch is durable.
 */
import { BatchState, NotLoaded, readTable } from './batch.ts';
import { type Engine, EngineFault, type Head, type Want } from './engine.ts';
import { type AnyEntity, type Entity, type EntityShape, type KeyValue, keyOf, type Row } from './entity.ts';
import type { JournalRow } from './journal.ts';
import type { Reader } from './query.ts';
import type { Command, Wants } from './state.ts';
import { Table } from './table.ts';

/** One flush stays a few milliseconds long: more commands would raise latency, not throughput. */
const BATCH_COMMANDS = 512;
/** Well below what one SQLite transaction or one PostgreSQL round trip takes with ease. */
const BATCH_BYTES = 4 * 1024 * 1024;
/** Commands that are slow to apply must not hold the answers of those before them. */
const BATCH_APPLY_MS = 25;
/** A backlog above this is refused at once, so that senders back off instead of filling memory. */
const QUEUE_BYTES = 64 * 1024 * 1024;
/** Rounds of loading before a command that keeps asking for more is taken for a bug (design section 4). */
const LOAD_ROUNDS = 8;
/** While nothing can be stored, one batch per interval tries; the others are refused without touching the disk. */
const RETRY_AFTER_FAULT_MS = 200;

/** Nothing can be stored now: the disk is full, the store is away, the queue is full, or the server drains. */
export class StorageUnavailable extends Error {
  override readonly name = 'StorageUnavailable';
}

/** This one command cannot be stored; others can. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}

interface Pending {
  readonly command: Command<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type Verdict = { readonly result: unknown } | { readonly error: unknown };

export interface LedgerMeter {
  /** One durable batch: how many commands, and how long applying and committing took. */
  batch(commands: number, applyMs: number, commitMs: number): void;
  fault(kind: string): void;
}

export interface LedgerOptions {
  readonly engine: Engine;
  readonly clock: () => number;
  /** The store cannot be trusted any more; everything is refused from now on. The process should say so and exit. */
  readonly onFatal: (error: Error) => void;
  readonly meter?: LedgerMeter;
  /** 1 gives one commit per request, for comparison. */
  readonly batchCommands?: number;
}

/** Rows of the resident entities as the newest durable batch left them, for doors that must not wait. */
export interface Directory {
  get<R extends object>(entity: Entity<R>, ...key: KeyValue[]): Readonly<R> | undefined;
  find<R extends object>(entity: Entity<R>, index: string, ...values: KeyValue[]): readonly Readonly<R>[];
  all<R extends object>(entity: Entity<R>): readonly Readonly<R>[];
}

export async function readResidents(entities: readonly AnyEntity[], reader: Reader): Promise<Map<string, Table>> {
  const residents = new Map<string, Table>();
  for (const entity of entities) {
    if (entity.kind !== 'rows' || !entity.resident) continue;
    const rows = await reader.select<Row>({ from: entity, limit: Number.MAX_SAFE_INTEGER });
    residents.set(entity.name, Table.of(entity, rows));
  }
  return residents;
}

export function directoryOf(residents: ReadonlyMap<string, Table>): Directory {
  const table = (entity: EntityShape) => {
    const resident = residents.get(entity.name);
    if (resident === undefined) throw new Error(`${entity.name} is not resident`);
    return resident;
  };
  return {
    get: <R extends object>(entity: Entity<R>, ...values: KeyValue[]) =>
      readTable(table(entity), { entity, index: null, values })[0] as R | undefined,
    find: <R extends object>(entity: Entity<R>, index: string, ...values: KeyValue[]) =>
      table(entity).find(index, values) as R[],
    all: <R extends object>(entity: Entity<R>) => [...table(entity).rows.values()] as R[],
  };
}

export class Ledger {
  readonly reader: Reader;
  readonly directory: Directory;
  private readonly engine: Engine;
  private readonly clock: () => number;
  private readonly onFatal: (error: Error) => void;
  private readonly meter: LedgerMeter | undefined;
  private readonly batchCommands: number;
  private readonly residents = new Map<string, Table>();
  private readonly listeners = new Set<(entries: readonly JournalRow[]) => void>();
  private queue: Pending[] = [];
  private queueBytes = 0;
  private running = false;
  private refusing: string | null = null;
  private faultUntil = 0;
  private idle: (() => void)[] = [];
  private head: Head | null = null;

  private constructor(options: LedgerOptions) {
    this.engine = options.engine;
    this.reader = options.engine.reader;
    this.clock = options.clock;
    this.onFatal = options.onFatal;
    this.meter = options.meter;
    this.batchCommands = options.batchCommands ?? BATCH_COMMANDS;
    this.directory = directoryOf(this.residents);
  }

  static async open(options: LedgerOptions): Promise<Ledger> {
    const ledger = new Ledger(options);
    for (const [name, table] of await readResidents(options.engine.entities, options.engine.reader)) {
      ledger.residents.set(name, table);
    }
    ledger.head = await options.engine.begin();
    await options.engine.abandon();
    return ledger;
  }

  /** Position of the newest durable journal entry. */
  get position(): number {
    return this.head?.position ?? 0;
  }

  /** Commands waiting or being applied. */
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
    if (this.queueBytes > QUEUE_BYTES)
      return Promise.reject(new StorageUnavailable('too much is waiting to be stored'));
    return new Promise<Result>((resolve, reject) => {
      this.queue.push({ command, resolve: resolve as (result: unknown) => void, reject });
      this.queueBytes += command.bytes;
      if (this.running) return;
      this.running = true;
      // What else is ready to be read from the sockets in this turn of the loop joins the batch.
      setImmediate(() => void this.work());
    });
  }

  /** Called with the entries of each batch, in order, after it is durable. */
  onCommit(listener: (entries: readonly JournalRow[]) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Refuses what comes, finishes what came. */
  async drain(): Promise<void> {
    this.refusing ??= 'the server is stopping';
    if (this.running) await new Promise<void>(resolve => this.idle.push(resolve));
  }

  async close(): Promise<void> {
    await this.drain();
    await this.engine.close();
  }

  private async work(): Promise<void> {
    while (this.queue.length > 0) {
      const batch = this.take();
      if (this.faultUntil > performance.now()) {
        for (const { reject } of batch) reject(new StorageUnavailable('nothing can be stored at the moment'));
      } else {
        await this.process(batch);
      }
      await new Promise(resolve => setImmediate(resolve));
    }
    this.running = false;
    for (const resolve of this.idle.splice(0)) resolve();
  }

  private take(): Pending[] {
    let bytes = 0;
    let count = 0;
    while (count < this.queue.length && count < this.batchCommands && (count === 0 || bytes < BATCH_BYTES)) {
      bytes += this.queue[count]!.command.bytes;
      count++;
    }
    this.queueBytes -= bytes;
    return this.queue.splice(0, count);
  }

  /** Applies and commits a batch; one that cannot be stored is run again by halves until the culprit stands alone. */
  private async process(batch: readonly Pending[]): Promise<void> {
    try {
      const left = await this.attempt(batch);
      if (left.length > 0) await this.process(left);
    } catch (error) {
      const fault = error instanceof EngineFault ? error : new EngineFault('fatal', String(error), { cause: error });
      this.meter?.fault(fault.kind);
      if (fault.kind === 'poison' && batch.length > 1) {
        const half = batch.length >> 1;
        await this.process(batch.slice(0, half));
        await this.process(batch.slice(half));
        return;
      }
      if (fault.kind === 'fatal') {
        this.refusing = `the store failed: ${fault.message}`;
        this.onFatal(fault);
      } else if (fault.kind !== 'poison') {
        this.faultUntil = performance.now() + RETRY_AFTER_FAULT_MS;
      }
      for (const { command, reject } of batch) {
        if (fault.kind === 'poison') reject(new CommandFailed(`${command.name}: ${fault.message}`, { cause: fault }));
        else reject(new StorageUnavailable(fault.message, { cause: fault }));
      }
    }
  }

  /** Returns the commands that did not fit into this batch's time. */
  private async attempt(batch: readonly Pending[]): Promise<readonly Pending[]> {
    const { engine } = this;
    const head = await engine.begin();
    const began = performance.now();
    const now = Math.max(head.now, this.clock());
    const state = new BatchState(head, now, this.residents, engine.readNow);
    const verdicts = new Map<Pending, Verdict>();
    let remaining: readonly Pending[] = batch;
    let missing = engine.readNow === undefined ? declaredWants(batch, state) : [];
    const late: Pending[] = [];
    try {
      for (let round = 0; remaining.length > 0; round++) {
        if (missing.length > 0) {
          const loaded = await engine.load(missing);
          for (let i = 0; i < missing.length; i++) state.learn(missing[i]!, loaded[i]!);
        }
        missing = [];
        const again: Pending[] = [];
        for (const pending of remaining) {
          if (verdicts.size > 0 && performance.now() - began > BATCH_APPLY_MS) {
            late.push(pending);
            continue;
          }
          try {
            verdicts.set(pending, { result: state.run(pending.command.apply) });
          } catch (error) {
            if (error instanceof NotLoaded && round < LOAD_ROUNDS) {
              missing.push(error.want);
              again.push(pending);
            } else if (error instanceof NotLoaded) {
              verdicts.set(pending, { error: new CommandFailed(`${pending.command.name} kept asking for more`) });
            } else {
              verdicts.set(pending, { error });
            }
          }
        }
        remaining = again;
      }
    } catch (error) {
      await engine.abandon();
      throw error;
    }
    const applied = performance.now();
    const changes = state.changes();
    if (changes.rows.length === 0 && changes.counters.length === 0) await engine.abandon();
    else await engine.commit(changes);
    this.faultUntil = 0;
    this.head = changes.head;
    for (const { entity, inserts, updates, deletes } of changes.rows) {
      const resident = this.residents.get(entity.name);
      if (resident === undefined) continue;
      for (const row of inserts) resident.set(keyOf(entity, row), row);
      for (const { row } of updates) resident.set(keyOf(entity, row), row);
      for (const row of deletes) resident.remove(keyOf(entity, row));
    }
    this.meter?.batch(verdicts.size, applied - began, performance.now() - applied);
    for (const [{ resolve, reject }, verdict] of verdicts) {
      if ('error' in verdict) reject(verdict.error);
      else resolve(verdict.result);
    }
    if (state.entries.length > 0) for (const listener of this.listeners) listener(state.entries);
    return late;
  }
}

function declaredWants(batch: readonly Pending[], state: BatchState): Want[] {
  const wants = new Map<string, Want>();
  const want = (entity: EntityShape, index: string | null, values: readonly KeyValue[]) => {
    const each: Want = { entity, index, values };
    if (!entity.resident && !state.isKnown(each)) wants.set(`${entity.name} ${index} ${JSON.stringify(values)}`, each);
  };
  const collect: Wants = {
    get: (entity, ...key) => want(entity, null, key),
    find: (entity, index, ...values) => want(entity, index, values),
  };
  for (const { command } of batch) command.wants?.(collect);
  return [...wants.values()];
}
