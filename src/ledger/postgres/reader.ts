import { type ClientBase, Pool } from 'pg';
import type { AnyEntity, Row } from '../entity.ts';
import type { Aggregate, AggregateRow, Reader, Select } from '../query.ts';
import { StorageUnavailable } from '../refusals.ts';
import { type CompiledQuestion, compileAggregate, compileSelect } from './compile.ts';
import { type Connection, clientConfig, type Database, type Values } from './connection.ts';
import { IS_STANDBY, isRefusal, messageOf } from './faults.ts';
import { decoder } from './rows.ts';

type Ask = (sql: string, parameters: readonly unknown[]) => Promise<Values[]>;

/** Answers questions through whatever runs a statement. */
function readerOf(ask: Ask): Reader {
  const rowsOf = async (question: CompiledQuestion, entity: AnyEntity): Promise<Row[]> => {
    const answer = await ask(question.sql, question.parameters);
    return answer.map(decoder(entity, question.names));
  };
  return {
    select: async <R extends object>(query: Select<R>) => (await rowsOf(compileSelect(query), query.from)) as R[],
    aggregate: async <R extends object>(query: Aggregate<R>) =>
      (await rowsOf(compileAggregate(query), query.from)) as AggregateRow[],
  };
}

/** Over one connection, from the moment its transaction shows. */
export const readerOn = (connection: Connection): Reader =>
  readerOf((sql, parameters) => connection.execute(sql, parameters));

/** Over a few read-only connections of its own, in statements that are ended when they take too long. */
export class PooledReader implements Reader {
  readonly select: Reader['select'];
  readonly aggregate: Reader['aggregate'];
  private readonly pool: Pool;

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

  private async ask(sql: string, parameters: readonly unknown[]): Promise<Values[]> {
    const query = { text: sql, values: [...parameters], rowMode: 'array' as const };
    for (let attempt = 1; ; attempt++) {
      try {
        return (await this.pool.query<Values>(query)).rows;
      } catch (error) {
        if (isRefusal(error)) throw new Error(messageOf(error), { cause: error });
        // The server was started again, and this connection had not noticed it.
        if (attempt > 1) throw new StorageUnavailable('the database cannot be asked at the moment', { cause: error });
      }
    }
  }
}

/** It may not show yet what has been acknowledged. */
async function refuseStandby(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ pg_is_in_recovery: boolean }>('SELECT pg_is_in_recovery()');
  if (rows[0]?.pg_is_in_recovery === true) throw new Error(IS_STANDBY);
}
