/**
 * For more than one machine (ARCHITECTURE.md, section 4): several nodes write to the same schema, one batch at a time.
 * Every batch begins with a lock and the head, so that it sees whatever the others have stored.
 */
import type { ChangeSet, Engine, Head, SharedStore, Want } from '../engine.ts';
import type { AnyEntity, EntityShape, Row } from '../entity.ts';
import { journal } from '../journal.ts';
import type { Reader } from '../query.ts';
import type { Database } from './connection.ts';
import { DatabaseError } from './databaseError.ts';
import { messageOf } from './faults.ts';
import { placeOf, prepareDatabase } from './migrate.ts';
import { PooledReader } from './reader.ts';
import { Watcher } from './watcher.ts';
import { Writer } from './writer.ts';

/** Questions of people at the same time, and of the server itself, which take a millisecond. */
const QUESTIONS = 4;
const WORK_QUESTIONS = 2;

export interface PostgresOptions extends Database {
  readonly entities: readonly AnyEntity[];
  /** Of this process, and never of another one: a batch is looked up by it when its answer is lost. */
  readonly nodeId: string;
  /** Refuses while other nodes are connected, and keeps them away. */
  readonly alone?: boolean;
  /** The server's clock counts, and not those of the nodes, which may differ. */
  readonly tellsTime?: boolean;
}

export class PostgresEngine implements Engine {
  readonly entities: readonly AnyEntity[];
  readonly reader: Reader;
  readonly workReader: Reader;
  private readonly questions: PooledReader;
  private readonly work: PooledReader;
  private readonly writer: Writer;
  private readonly watcher: Watcher;
  private closed: Promise<void> | null = null;

  private constructor(options: PostgresOptions, schemaVersion: number) {
    const { url, schema, nodeId, entities, alone = false, tellsTime = false } = options;
    const database = { url, schema };
    this.entities = [...entities, journal];
    const residents = this.entities.filter((each): each is EntityShape => each.kind === 'rows' && each.resident);
    this.writer = new Writer({ database, nodeId, schemaVersion, residents, alone, tellsTime });
    this.watcher = new Watcher({ database, nodeId, newestBatch: () => this.writer.newestBatch });
    this.questions = new PooledReader(database, QUESTIONS);
    this.reader = this.questions;
    this.work = new PooledReader(database, WORK_QUESTIONS);
    this.workReader = this.work;
  }

  /** Throws `DatabaseError` when the database cannot be used. */
  static async open(options: PostgresOptions): Promise<PostgresEngine> {
    const schemaVersion = await prepareDatabase(options, [...options.entities, journal]);
    const engine = new PostgresEngine(options, schemaVersion);
    try {
      await engine.writer.open();
    } catch (error) {
      await engine.close();
      throw new DatabaseError(`The PostgreSQL database ${placeOf(options)} cannot be used: ${messageOf(error)}.`);
    }
    return engine;
  }

  readonly shared: SharedStore = {
    changedResidents: () => this.writer.changedResidents(),
    look: () => this.writer.look(),
    watch: onNews => this.watcher.watch(onNews),
  };

  begin(): Promise<Head> {
    return this.writer.beginBatch();
  }

  load(wants: readonly Want[]): Promise<Row[][]> {
    return this.writer.load(wants);
  }

  async commit(changes: ChangeSet): Promise<void> {
    await this.writer.commit(changes);
    this.watcher.tell();
  }

  abandon(): Promise<void> {
    return this.writer.abandon();
  }

  close(): Promise<void> {
    this.closed ??= this.end();
    return this.closed;
  }

  private async end(): Promise<void> {
    await this.watcher.close();
    await this.writer.close();
    await this.questions.close();
    await this.work.close();
  }
}
