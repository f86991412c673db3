/**
 * The embedded default (ARCHITECTURE.md, section 4): one file, one writing thread, one thread for questions, one that keeps
 * the write-ahead log short, and a read-only connection on the ledger's own thread for what a command misses.
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { type ChangeSet, type Engine, EngineFault, type Head, type SoleWriter, type Want } from '../engine.ts';
import type { AnyEntity, EntityShape, Row } from '../entity.ts';
import { journal } from '../journal.ts';
import type { Reader } from '../query.ts';
import { column, table } from '../sqlNames.ts';
import type { CheckpointReport } from './checkpointer.ts';
import { type Flush, packFlush } from './flush.ts';
import { checkTables, type OpenedDatabase, openDatabase } from './open.ts';
import { QueryThreadClient } from './queryThreadClient.ts';
import { decoder } from './rows.ts';
import type { WriterAnswer, WriterSetup } from './writer.ts';

export interface SqliteOptions {
  readonly file: string;
  readonly entities: readonly AnyEntity[];
  /** The log's size after each round of checkpointing, for metrics and alarms. */
  readonly onCheckpoint?: (report: CheckpointReport) => void;
  /** A thread died: nothing can be stored or read any more. */
  readonly onCrash?: (error: Error) => void;
}

interface Lookup {
  readonly statement: StatementSync;
  readonly decode: (values: readonly unknown[]) => Row;
}

export class SqliteEngine implements Engine {
  readonly entities: readonly AnyEntity[];
  readonly reader: Reader;
  private readonly opened: OpenedDatabase;
  private readonly db: DatabaseSync;
  private readonly writer: Worker;
  private readonly queryThread: QueryThreadClient;
  private readonly checkpointer: Worker;
  private readonly placeOf: ReadonlyMap<string, number>;
  /** By entity, then by index. */
  private readonly lookups = new Map<EntityShape, Map<string | null, Lookup>>();
  private reading = false;
  /** Oldest first: the writer answers in the order of its requests. */
  private readonly committing: ((answer: WriterAnswer) => void)[] = [];
  /** What becomes of the batch handed over last. */
  private newest: Promise<unknown> = Promise.resolve();
  private head: Head;

  private constructor(options: SqliteOptions, opened: OpenedDatabase, queryThread: QueryThreadClient) {
    this.queryThread = queryThread;
    this.reader = queryThread;
    this.opened = opened;
    this.entities = [...options.entities, journal];
    this.placeOf = new Map(this.entities.map((entity, place) => [entity.name, place]));
    this.db = new DatabaseSync(opened.file, { readOnly: true, timeout: 5_000 });
    checkTables(this.db, this.entities);
    this.head = readHead(this.db, opened.schemaVersion);
    const { file } = opened;
    const start = (name: string, data: object) => {
      const worker = new Worker(new URL(`./${name}.ts`, import.meta.url), { workerData: data, name });
      worker.on('error', error => options.onCrash?.(error instanceof Error ? error : new Error(String(error))));
      return worker;
    };
    this.writer = start('writer', { file, entities: this.entities.map(withoutShapes) } satisfies WriterSetup);
    this.checkpointer = start('checkpointer', { file });
    this.writer.on('message', (answer: WriterAnswer) => this.committing.shift()?.(answer));
    this.checkpointer.on('message', (report: CheckpointReport) => options.onCheckpoint?.(report));
  }

  /** Throws `DataDirectoryError` when the file cannot be used. */
  static async open(options: SqliteOptions): Promise<SqliteEngine> {
    const opened = await openDatabase(options.file);
    try {
      const onCrash = (error: Error) => options.onCrash?.(error);
      const queryThread = await QueryThreadClient.start({ file: opened.file, snapshot: false }, onCrash);
      const engine = new SqliteEngine(options, opened, queryThread);
      await new Promise((resolve, reject) => engine.writer.once('message', resolve).once('error', reject));
      return engine;
    } catch (error) {
      opened.release();
      throw error;
    }
  }

  async begin(): Promise<Head> {
    // One read transaction per batch: locks and page cache are checked once, not once per lookup.
    this.db.exec('BEGIN');
    this.reading = true;
    return this.head;
  }

  readonly soleWriter: SoleWriter = {
    reading: work => {
      this.db.exec('BEGIN');
      try {
        work();
      } finally {
        this.db.exec('COMMIT');
      }
    },
  };

  readonly readNow = (want: Want): Row[] => {
    const { statement, decode } = this.lookup(want.entity, want.index);
    const rows = statement.all(...want.values) as unknown as unknown[][];
    return rows.map(decode);
  };

  async load(wants: readonly Want[]): Promise<Row[][]> {
    return wants.map(this.readNow);
  }

  async commit(changes: ChangeSet): Promise<void> {
    this.endReading();
    const before = this.newest;
    const answered = Promise.withResolvers<WriterAnswer>();
    this.newest = answered.promise;
    try {
      const flush = packFlush(changes, this.placeOf);
      this.writer.postMessage(flush satisfies Flush, [flush.buffer]);
      this.committing.push(answered.resolve);
    } catch (error) {
      // A value that cannot cross to the writer; the answers to the batches before come first all the same.
      await before;
      answered.resolve({ fault: { kind: 'poison', message: (error as Error).message } });
    }
    const { fault } = await answered.promise;
    if (fault !== null) throw new EngineFault(fault.kind, fault.message);
    this.head = changes.head;
  }

  async abandon(): Promise<void> {
    this.endReading();
  }

  async close(): Promise<void> {
    this.endReading();
    await this.queryThread.close();
    for (const worker of [this.checkpointer, this.writer]) {
      const ended = new Promise(resolve => worker.once('exit', resolve));
      worker.postMessage('close');
      await ended;
    }
    this.db.close();
    // A database that is not in use is one file: the log moves into it, and goes.
    const last = new DatabaseSync(this.opened.file, { timeout: 5_000 });
    last.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    last.close();
    this.opened.release();
  }

  private endReading(): void {
    if (!this.reading) return;
    this.reading = false;
    this.db.exec('COMMIT');
  }

  private lookup(entity: EntityShape, index: string | null): Lookup {
    let ofEntity = this.lookups.get(entity);
    if (ofEntity === undefined) {
      ofEntity = new Map();
      this.lookups.set(entity, ofEntity);
    }
    let lookup = ofEntity.get(index);
    if (lookup === undefined) {
      const names = index === null ? entity.key : entity.indexes[index]!.columns;
      const where = names.map(name => `${column(name)}=?`).join(' AND ');
      const order = entity.key.map(column).join(', ');
      const columns = entity.columnNames.map(column).join(', ');
      const statement = this.db.prepare(`SELECT ${columns} FROM ${table(entity)} WHERE ${where} ORDER BY ${order}`);
      statement.setReturnArrays(true);
      lookup = { statement, decode: decoder(entity, entity.columnNames) };
      ofEntity.set(index, lookup);
    }
    return lookup;
  }
}

/** For the writer's thread, to which functions cannot go: it stores JSON as it is given. */
function withoutShapes(entity: AnyEntity): AnyEntity {
  const columns = Object.entries(entity.columns).map(([name, column]) => [name, { ...column, shape: null }] as const);
  return { ...entity, columns: Object.fromEntries(columns) };
}

function readHead(db: DatabaseSync, schemaVersion: number): Head {
  const row = db.prepare('SELECT position, now, sequences FROM head').get() as {
    position: number;
    now: number;
    sequences: string;
  };
  return { schemaVersion, position: row.position, now: row.now, sequences: JSON.parse(row.sequences) };
}
