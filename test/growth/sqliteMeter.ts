import assert from 'node:assert/strict';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { AnyEntity, Row } from '../../src/ledger/entity.ts';
import type { Aggregate, AggregateRow, Reader, Select } from '../../src/ledger/query.ts';
import { type CompiledQuestion, compileAggregate, compileSelect } from '../../src/ledger/sqlite/compile.ts';
import { registerFunctions } from '../../src/ledger/sqlite/functions.ts';
import { decoder } from '../../src/ledger/sqlite/rows.ts';
import { type Cost, type MeteredReader, NO_COST } from './cost.ts';

const FROM = /( from "\w+"(?: not indexed| indexed by "\w+")?)( where )?/;
/** The processor's time is told in ticks of some milliseconds: the same is asked until there are enough of them. */
const TIMED_MICROSECONDS = 24_000;
const TIMES_MOST = 200;

/**
 * Counts by a function that SQLite calls for each row or index entry it comes to, since it stands before all conditions that no
 * index has met already. That it changes nothing else is checked: the plan must be the one without it.
 */
export class SqliteMeter implements MeteredReader {
  readonly estimates = false;
  private readonly db: DatabaseSync;
  private readonly statements = new Map<string, StatementSync>();
  private isCounting = true;
  private visited = 0;
  private cost: Cost = NO_COST;

  constructor(file: string) {
    this.db = new DatabaseSync(file, { readOnly: true });
    registerFunctions(this.db);
    this.db.function('visited', () => {
      this.visited++;
      return 1;
    });
  }

  async select<R extends object>(query: Select<R>): Promise<R[]> {
    return this.ask(compileSelect(query), query.from) as R[];
  }

  async aggregate<R extends object>(query: Aggregate<R>): Promise<AggregateRow[]> {
    return this.ask(compileAggregate(query), query.from) as AggregateRow[];
  }

  /** Nothing writes meanwhile. */
  snapshot<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    return work(this);
  }

  take(): Cost {
    const { cost } = this;
    this.cost = NO_COST;
    return cost;
  }

  async processorTime(ask: () => Promise<unknown>): Promise<number> {
    this.isCounting = false;
    await ask();
    const before = process.threadCpuUsage();
    for (let times = 1; ; times++) {
      await ask();
      const { user, system } = process.threadCpuUsage(before);
      if (user + system < TIMED_MICROSECONDS && times < TIMES_MOST) continue;
      this.isCounting = true;
      return (user + system) / times;
    }
  }

  async close(): Promise<void> {
    this.db.close();
  }

  private ask({ sql, parameters, names }: CompiledQuestion, entity: AnyEntity): Row[] {
    const values = parameters as SQLInputValue[];
    if (this.isCounting) this.count(sql, values);
    const rows = this.prepared(sql).all(...values) as unknown as unknown[][];
    return rows.map(decoder(entity, names));
  }

  private count(sql: string, values: readonly SQLInputValue[]): void {
    const counting = sql.replace(
      FROM,
      (_, from, where) => `${from} where visited() = 1${where === undefined ? '' : ' and '}`,
    );
    assert.deepEqual(this.plan(counting, values), this.plan(sql, values), sql);
    this.visited = 0;
    this.db.prepare(counting).all(...values);
    this.cost = {
      statements: this.cost.statements + 1,
      visits: this.cost.visits + this.visited,
      visitsMost: Math.max(this.cost.visitsMost, this.visited),
      pages: 0,
    };
  }

  private prepared(sql: string): StatementSync {
    let statement = this.statements.get(sql);
    if (statement === undefined) {
      statement = this.db.prepare(sql);
      statement.setReturnArrays(true);
      this.statements.set(sql, statement);
    }
    return statement;
  }

  private plan(sql: string, values: readonly SQLInputValue[]): unknown[] {
    return this.db
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...values)
      .map(each => each['detail']);
  }
}
