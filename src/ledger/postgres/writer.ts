/**
 * The only connection of a node that writes, one batch at a time: the lock under which no other node writes, the head, what
 * the batch reads, what it has changed, and the commit.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type ChangeSet, EngineFault, type Head, type ResidentRows, type Want } from '../engine.ts';
import type { EntityShape, Row } from '../entity.ts';
import { applicationName, Connection, type Database } from './connection.ts';
import { faultOf, IS_STANDBY, isAnswer, isFollowUp, isLockTimeout, messageOf } from './faults.ts';
import { stepsOf } from './flush.ts';
import { readHead, SELECT_HEAD, SET_HEAD_BY_NODE, type StoredHead } from './head.ts';
import { loadWanted } from './load.ts';
import { refuseUnfinished } from './migrate.ts';
import { endStuckBatch, lockArguments, presenceArguments } from './names.ts';
import { decoder } from './rows.ts';
import { selectAll } from './statements.ts';

/**
 * A batch that has the lock for longer than this belongs to a node that is stuck in a way the server does not see: cut off
 * while an answer is on its way to it.
 */
const STUCK_MS = 4_500;
/** How long to go on looking whether a batch is stored. After that no caller waits for its answer any more. */
const UNKNOWN_MS = 60_000;
const ASK_AGAIN_MS = 250;

/** A server that was stopped a moment ago may not be gone for the database yet. */
const PRESENCE_WAIT_MS = 2_000;
const FORGOTTEN_MS = 86_400_000;
const OTHERS_ARE_THERE = 'other servers use it: stop them first';
const SOMEBODY_IS_ALONE = 'it is being rebuilt or copied: wait until that is done';

/** Set for this session, it stays what it is whatever is set for the whole database later. */
const KEEP_SYNCHRONOUS = `
SELECT set_config('synchronous_commit', CASE wanted WHEN 'off' THEN 'on' ELSE wanted END, false)
FROM current_setting('synchronous_commit') AS wanted`;

export interface WriterOptions {
  readonly database: Database;
  /** This node, and this life of it. */
  readonly nodeId: string;
  /** The version of the tables that this node writes to. */
  readonly schemaVersion: number;
  readonly residents: readonly EntityShape[];
  /** No other node may be connected. */
  readonly alone: boolean;
  /** The server's clock is that of the ledger. */
  readonly tellsTime: boolean;
}

export class Writer {
  /** The newest batch this node knows of, of whichever node. */
  newestBatch = 0;
  private readonly options: WriterOptions;
  private readonly begin: string;
  private connection: Connection | null = null;
  /** The head as the batch that is running has found it. */
  private found: StoredHead | null = null;
  /** Of each resident entity: the batch up to which the ledger knows its rows. */
  private readonly known = new Map<string, number>();
  private isClosed = false;

  constructor(options: WriterOptions) {
    this.options = options;
    // Three statements in one message: what is read after the lock is read from after it was granted.
    const lock = `SELECT pg_advisory_xact_lock(${lockArguments(options.database.schema)})`;
    this.begin = `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; ${lock}; ${SELECT_HEAD}`;
  }

  /** Makes the connection at once, and not with the first batch. */
  async open(): Promise<void> {
    const connection = await this.connect();
    // The last batch of a node that has not written for so long is never looked up.
    await connection.run(`DELETE FROM writer WHERE at < (SELECT now FROM head) - ${FORGOTTEN_MS}`);
  }

  async beginBatch(): Promise<Head> {
    for (let attempt = 1; ; attempt++) {
      const isReused = this.connection?.isDead === false;
      const connection = await this.connect();
      try {
        return this.take(readHead((await connection.run(this.begin))[0]));
      } catch (error) {
        // A connection that was ended while it was idle, or a lock that was taken from a node.
        const again = isLockTimeout(error) ? await this.endStuckBatch(connection) : isReused && connection.isDead;
        // Also one that answers: it may lead to a server that does not take writes any more.
        if (!again) this.drop();
        if (attempt > 1 || !again) throw faultOf(error);
      }
    }
  }

  async load(wants: readonly Want[]): Promise<Row[][]> {
    try {
      return await loadWanted(this.using(), wants);
    } catch (error) {
      throw faultOf(error);
    }
  }

  /** Resident entities in which other nodes have changed something since the last call. */
  async changedResidents(): Promise<ResidentRows[]> {
    const { residents } = this.found!;
    const connection = this.using();
    const versionOf = (entity: EntityShape) => residents[entity.name] ?? 0;
    const changed = this.options.residents.filter(each => this.known.get(each.name) !== versionOf(each));
    try {
      const answers = await Promise.all(changed.map(entity => connection.execute(selectAll(entity), [])));
      for (const entity of changed) this.known.set(entity.name, versionOf(entity));
      return changed.map((entity, place) => {
        const rows = answers[place]!.map(decoder(entity, entity.columnNames));
        return { entity, rows };
      });
    } catch (error) {
      throw faultOf(error);
    }
  }

  async commit(changes: ChangeSet): Promise<void> {
    const { batch: before, residents: versions } = this.found!;
    const connection = this.using();
    let steps: ReturnType<typeof stepsOf>;
    try {
      steps = stepsOf(changes);
    } catch (error) {
      await this.abandon();
      throw faultOf(error);
    }
    const batch = before + 1;
    const { position, now, sequences } = changes.head;
    const own = changes.rows.filter(({ entity }) => entity.resident).map(({ entity }) => entity.name);
    const residents = JSON.stringify({ ...versions, ...Object.fromEntries(own.map(name => [name, batch])) });
    const { warnings } = connection;
    const sent = connection.together(() => [
      ...steps.map(({ sql, parameters }) => connection.execute(sql, parameters)),
      connection.execute(SET_HEAD_BY_NODE, [
        batch,
        position,
        now,
        JSON.stringify(sequences),
        residents,
        this.options.nodeId,
      ]),
      // A commit that waits for a standby must not be cancelled: it would then claim to be safe.
      connection.run('SET LOCAL statement_timeout = 0; COMMIT'),
    ]);
    this.found = null;
    const answers = await Promise.allSettled(sent);
    const place = answers.findIndex(each => each.status === 'rejected' && !isFollowUp(each.reason));
    if (place < 0 && connection.warnings > warnings) {
      // The wait for a standby was cancelled: the batch is stored here, and it is unknown where else.
      this.drop();
      const lost = new Error('the waiting for a standby was ended');
      if (!(await this.isStored(batch, lost))) throw faultOf(lost);
    } else if (place >= 0) {
      const { reason } = answers[place] as PromiseRejectedResult;
      // What was refused before the commit was not committed. Whatever happened to the commit itself has to be looked up.
      const isKnown = isAnswer(reason) && place < answers.length - 1;
      if (isKnown) await this.rollBack(connection);
      else this.drop();
      if (isKnown || !(await this.isStored(batch, reason))) throw faultOf(reason);
    }
    this.newestBatch = batch;
    for (const name of own) this.known.set(name, batch);
  }

  async abandon(): Promise<void> {
    if (this.found === null) return;
    this.found = null;
    await this.rollBack(this.connection);
  }

  /** Reads the head and what else has changed, from one moment, and keeps no node from writing. */
  async look(): Promise<{ head: Head; residents: ResidentRows[] }> {
    const connection = await this.connect();
    try {
      const rows = await connection.run(`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ${SELECT_HEAD}`);
      const head = this.take(readHead(rows[0]));
      return { head, residents: await this.changedResidents() };
    } catch (error) {
      throw faultOf(error);
    } finally {
      this.found = null;
      await this.rollBack(connection);
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.abandon();
    await this.connection?.close();
  }

  private take(found: StoredHead): Head {
    const { head } = found;
    if (head.schemaVersion !== this.options.schemaVersion) {
      const versions = `version ${head.schemaVersion}, and this Aftercall writes version ${this.options.schemaVersion}`;
      throw new EngineFault('outdated', `the database has been changed to ${versions}`);
    }
    if (found.batch < this.newestBatch) {
      const batches = `from batch ${this.newestBatch} to batch ${found.batch}`;
      throw new EngineFault(
        'fatal',
        `the database has gone back ${batches}: it was restored, or a standby that lacked the newest ones was promoted`,
      );
    }
    this.found = found;
    this.newestBatch = found.batch;
    return this.options.tellsTime ? { ...head, clock: found.clock } : head;
  }

  private using(): Connection {
    if (this.found === null || this.connection === null) throw new Error('no batch is running');
    return this.connection;
  }

  private async connect(): Promise<Connection> {
    if (this.isClosed) throw new EngineFault('unavailable', 'the ledger is closed');
    if (this.connection?.isDead === false) return this.connection;
    const { database, alone } = this.options;
    const kept = alone ? 'pg_advisory_lock' : 'pg_advisory_lock_shared';
    let connection: Connection | null = null;
    try {
      connection = await Connection.open(database, 'writer');
      // One that is yet to be promoted does not show all that it has: a batch looked up there would seem to be lost.
      const [server] = await connection.run('SELECT pg_is_in_recovery()');
      if (server?.[0] === true) throw new EngineFault('unavailable', IS_STANDBY);
      await connection.run(
        `SET lock_timeout = ${PRESENCE_WAIT_MS}; SELECT ${kept}(${presenceArguments(database.schema)}); RESET lock_timeout`,
      );
      // A copying may have begun and ended since the database was looked at.
      await refuseUnfinished(connection, database);
      // A value set for the whole database, now or while servers run, was not chosen with these acknowledgements in mind.
      await connection.run(KEEP_SYNCHRONOUS);
      // Closed meanwhile: nobody would close this one.
      if (this.isClosed) throw new EngineFault('unavailable', 'the ledger is closed');
      this.connection = connection;
      return connection;
    } catch (error) {
      connection?.destroy();
      if (isLockTimeout(error)) throw new EngineFault('unavailable', alone ? OTHERS_ARE_THERE : SOMEBODY_IS_ALONE);
      throw faultOf(error);
    }
  }

  private drop(): void {
    this.found = null;
    // Another connection may lead to another server.
    this.known.clear();
    this.connection?.destroy();
    this.connection = null;
  }

  private async rollBack(connection: Connection | null): Promise<void> {
    try {
      if (connection?.isDead === false) await connection.run('ROLLBACK');
    } catch {
      // The server rolls back what it has lost sight of.
      this.drop();
    }
  }

  private async endStuckBatch(connection: Connection): Promise<boolean> {
    await this.rollBack(connection);
    if (connection.isDead) return false;
    const { schema } = this.options.database;
    const ended = await connection.run(endStuckBatch(schema, applicationName('writer'), STUCK_MS)).catch(() => []);
    return ended.length > 0;
  }

  /** Whether a batch whose answer was lost is there. `lost` is what happened to its connection. */
  private async isStored(batch: number, lost: unknown): Promise<boolean> {
    const { database, nodeId } = this.options;
    const giveUpAt = performance.now() + UNKNOWN_MS;
    for (;;) {
      try {
        const connection = await this.connect();
        // The lock is free when the server has done with the batch, one way or the other.
        const lock = `SELECT pg_advisory_xact_lock(${lockArguments(database.schema)})`;
        await connection.run(`BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; ${lock}`);
        const [row] = await connection.execute('SELECT batch FROM writer WHERE id = $1', [nodeId]);
        if (row?.[0] !== batch) {
          await connection.run('ROLLBACK');
          return false;
        }
        // It can be seen before a standby has it. A commit after it waits for the standby to have both.
        const { warnings } = connection;
        await connection.execute('UPDATE writer SET at = at WHERE id = $1', [nodeId]);
        await connection.run('SET LOCAL statement_timeout = 0; COMMIT');
        if (connection.warnings > warnings) throw new Error('the waiting for a standby was ended');
        return true;
      } catch (error) {
        this.drop();
        if (this.isClosed || performance.now() > giveUpAt) {
          const reasons = `${messageOf(lost)}; ${messageOf(error)}`;
          throw new EngineFault('unavailable', `it is not known whether a batch is stored: ${reasons}`, {
            cause: error,
          });
        }
        await sleep(ASK_AGAIN_MS);
      }
    }
  }
}
