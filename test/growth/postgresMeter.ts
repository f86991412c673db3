import { Client } from 'pg';
import type { AnyEntity, Row } from '../../src/ledger/entity.ts';
import { type CompiledQuestion, compileAggregate, compileSelect } from '../../src/ledger/postgres/compile.ts';
import { clientConfig, type Database } from '../../src/ledger/postgres/connection.ts';
import { decoder } from '../../src/ledger/postgres/rows.ts';
import type { Aggregate, AggregateRow, Reader, Select } from '../../src/ledger/query.ts';
import { type Cost, type MeteredReader, NO_COST } from './cost.ts';

interface Plan {
  readonly 'Node Type': string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: readonly Plan[];
}

/** Counts as EXPLAIN does: rows that scans came to, and the pages they were on. */
export class PostgresMeter implements MeteredReader {
  readonly estimates = true;
  private readonly client: Client;
  private cost: Cost = NO_COST;

  private constructor(client: Client) {
    this.client = client;
  }

  static async open(database: Database): Promise<PostgresMeter> {
    const client = new Client(clientConfig(database, 'reader'));
    await client.connect();
    return new PostgresMeter(client);
  }

  select = async <R extends object>(query: Select<R>): Promise<R[]> =>
    (await this.ask(compileSelect(query), query.from)) as R[];

  aggregate = async <R extends object>(query: Aggregate<R>): Promise<AggregateRow[]> =>
    (await this.ask(compileAggregate(query), query.from)) as AggregateRow[];

  /** Nothing writes meanwhile. */
  snapshot<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    return work(this);
  }

  take(): Cost {
    const { cost } = this;
    this.cost = NO_COST;
    return cost;
  }

  async processorTime(): Promise<null> {
    return null;
  }

  close(): Promise<void> {
    return this.client.end();
  }

  private async ask({ sql, parameters, names }: CompiledQuestion, entity: AnyEntity): Promise<Row[]> {
    const values = [...parameters];
    const text = `EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ${sql}`;
    const explained = await this.client.query<[string]>({ text, values, rowMode: 'array' });
    const [{ Plan: plan }] = JSON.parse(explained.rows[0]![0]) as [{ Plan: Plan }];
    const visits = visitsOf(plan);
    this.cost = {
      statements: this.cost.statements + 1,
      visits: this.cost.visits + visits,
      visitsMost: Math.max(this.cost.visitsMost, visits),
      pages: this.cost.pages + plan['Shared Hit Blocks'] + plan['Shared Read Blocks'],
    };
    const answer = await this.client.query<unknown[]>({ text: sql, values, rowMode: 'array' });
    return answer.rows.map(decoder(entity, names));
  }
}

function visitsOf(plan: Plan): number {
  const own = / Scan$/.test(plan['Node Type'])
    ? plan['Actual Loops'] *
      (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0) + (plan['Rows Removed by Index Recheck'] ?? 0))
    : 0;
  return own + (plan.Plans ?? []).reduce((sum, each) => sum + visitsOf(each), 0);
}
