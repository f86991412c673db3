import { type ClientBase, Pool, type PoolClient } from 'pg';
import type { AnyEntity, Row } from '../entity.ts';
import { type Aggregate, type AggregateRow, type Reader, type Select, SNAPSHOTS } from '../query.ts';
import { StorageUnavailable } from '../refusals.ts';
import { Turns } from '../turns.ts';
import { decodeAll } from '../unreadable.ts';
import { type CompiledQuestion, compileAggregate, compileSelect } from './compile.ts';
import { type Connection, clientConfig, type Database, type Values } from './connection.ts';
import { IS_STANDBY, isRefusal, messageOf } from './faults.ts';
import { decoder } from './rows.ts';

type Ask = (sql: string, parameters: readonly unknown[]) => Promise<Values[]>;

/** Answers questions through whatever runs a statement. */
function readerOf(ask: Ask): Reader {
  const rowsOf = async (question: CompiledQuestion, entity: AnyEntity): Promise<Row[]> => {
    const answer = await ask(question.sql, question.parameters);
    return decodeAll(entity, question.names, answer, decoder(entity, question.names));
  };
  const reader: Reader = {
    select: async <R extends object>(query: Select<R>) => (await rowsOf(compileSelect(query), query.from)) as R[],
    aggregate: async <R extends object>(query: Aggregate<R>) =>
      (await rowsOf(compileAggregate(query), query.from)) as AggregateRow[],
    snapshot: work => work(reader),
  };
  return reader;
}

/** Over one connection, from the moment its transaction shows. */
export const readerOn = (connection: Connection): Reader =>
  readerOf((sql, parameters) => connection.execute(sql, parameters));

/** Over a few read-only connections of its own, in statements that are ended when they take too long. */
export class PooledReader implements Reader {
  readonly select: Reader['select'];
  readonly aggregate: Reader['aggregate'];
  private readonly pool: Pool;
  private readonly turns = new Turns(SNAPSHOTS);

  /** `connections`: questions that are answered at the same time; the others wait. Each is a process of the server. */
  constructor(database: Database, connections: number) {
    this.pool = new Pool({ ...clientConfig(database, 'reader'), max: connections, onConnect: refuseStandby });
    // A connection that dies while it is idle: the pool has thrown it away already.
    this.pool.on('error', () => {});
    const reader = readerOf((sql, parameters) => this.ask(sql, parameters));
    this.select = reader.select;
    this.aggregate = reader.aggregate;
  }

  close(): Promise<void> {
    return this.pool.end();
  }

  snapshot<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    return this.turns.run(async () => {
      const client = await this.begun();
      // Statements of one connection run one after the other.
      let last: Promise<unknown> = Promise.resolve();
      const ask: Ask = (sql, parameters) => {
        const answer = last.then(async () => (await asked(client.query<Values>(queryOf(sql, parameters)))).rows);
        last = answer.catch(() => {});
        return answer;
      };
      try {
        return await work(readerOf(ask));
      } finally {
        await last;
        await end(client);
      }
    });
  }

  /** A connection in a transaction; its first question decides which moment it shows. */
  private async begun(): Promise<PoolClient> {
    for (let attempt = 1; ; attempt++) {
      const client = await asked(this.pool.connect());
      client.on('error', ignored);
      try {
        await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
        return client;
      } catch (error) {
        client.release(true);
        // As in `ask`.
        if (attempt > 1) throw unavailable(error);
      }
    }
  }

  private async ask(sql: string, parameters: readonly unknown[]): Promise<Values[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        return (await this.pool.query<Values>(queryOf(sql, parameters))).rows;
      } catch (error) {
        if (isRefusal(error)) throw new Error(messageOf(error), { cause: error });
        // The server was started again, and this connection had not noticed it.
        if (attempt > 1) throw unavailable(error);
      }
    }
  }
}

const queryOf = (sql: string, parameters: readonly unknown[]) => ({
  text: sql,
  values: [...parameters],
  rowMode: 'array' as const,
});

const unavailable = (error: unknown) =>
  new StorageUnavailable('the database cannot be asked at the moment', { cause: error });

/** The answer, or why there is none. */
async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw isRefusal(error) ? new Error(messageOf(error), { cause: error }) : unavailable(error);
  }
}

/** A connection that dies rejects what waits for it. */
const ignored = (): void => {};

/** Gives it back, or throws it away where its transaction cannot be ended. */
async function end(client: PoolClient): Promise<void> {
  const isEnded = await client.query('ROLLBACK').then(
    () => true,
    () => false,
  );
  client.removeListener('error', ignored);
  client.release(!isEnded);
}

/** It may not show yet what has been acknowledged. */
async function refuseStandby(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ pg_is_in_recovery: boolean }>('SELECT pg_is_in_recovery()');
  if (rows[0]?.pg_is_in_recovery === true) throw new Error(IS_STANDBY);
}
