import {
  DummyDriver,
  type ExpressionBuilder,
  type ExpressionWrapper,
  Kysely,
  type SqlBool,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from 'kysely';
import { foldCase } from '../condition.ts';
import type { AnyEntity } from '../entity.ts';
import { type ExactSum, exactly } from '../exactSum.ts';
import type { Aggregate, AggregateRow, Along, Condition, Select } from '../query.ts';
import { indexName, snake } from '../sqlNames.ts';
import { tightened } from '../tighten.ts';
import { CONTAINS_FOLDED } from './functions.ts';

// biome-ignore lint/suspicious/noExplicitAny: tables and columns come from entities at run time
type AnyTables = any;

/** Kysely as a writer of SQL only: it never connects. */
const db = new Kysely<AnyTables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: db => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});

export interface CompiledQuestion {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  /** Names of the answered columns, in order. */
  readonly names: readonly string[];
}

export function compileSelect<R extends object>(query: Select<R>): CompiledQuestion {
  const entity: AnyEntity = query.from;
  const names: readonly string[] = query.columns ?? entity.columnNames;
  let select = db.selectFrom(tableOf(entity, query.along)).select(names.map(snake));
  const where = tightened(query.where ?? []);
  if (where.length > 0) select = select.where(eb => compileAll(eb, where, 'and'));
  let descending = false;
  const sorted = new Set<string>();
  for (const sort of query.orderBy ?? []) {
    descending = sort.descending ?? false;
    sorted.add(sort.column);
    select = select.orderBy(snake(sort.column), descending ? 'desc' : 'asc');
  }
  for (const name of query.unordered ? [] : entity.key) {
    if (!sorted.has(name)) select = select.orderBy(snake(name), descending ? 'desc' : 'asc');
  }
  select = select.limit(query.limit);
  if (query.offset !== undefined) select = select.offset(query.offset);
  const compiled = select.compile();
  return { sql: compiled.sql, parameters: compiled.parameters, names };
}

/** What an integer of SQLite is cut into where the sum of the whole would leave 64 bits. */
const HALF = 2 ** 31;

/** The sums of the upper and of the lower halves, where `compileAggregate` fails with `integer overflow`. */
export function compileHalves<R extends object>(query: Aggregate<R>): CompiledQuestion {
  const whole = compileAggregate(query);
  const sums = query.sum.map(name => `coalesce(sum("${snake(name)}"), 0) as "${snake(name)}"`);
  const halves = query.sum.map(name => {
    const column = `"${snake(name)}"`;
    return `coalesce(sum(${column} / ${HALF}), 0), coalesce(sum(${column} % ${HALF}), 0)`;
  });
  const text = whole.sql.replace(sums.join(', '), halves.join(', '));
  if (text === whole.sql) throw new Error('the sums of an aggregate are not where they are looked for');
  return { ...whole, sql: text, names: [...query.groupBy, 'count', ...query.sum.flatMap(each => [each, lowOf(each)])] };
}

const lowOf = (name: string): string => `${name} low`;

/** A row of `compileHalves` as one of `compileAggregate`. */
export function joinHalves(row: AggregateRow, sums: readonly string[]): AggregateRow {
  const joined = { ...row };
  for (const name of sums) {
    joined[name] = exactly(BigInt(row[name] as ExactSum) * BigInt(HALF) + BigInt(row[lowOf(name)] as ExactSum));
    delete joined[lowOf(name)];
  }
  return joined;
}

export function compileAggregate<R extends object>(query: Aggregate<R>): CompiledQuestion {
  const entity: AnyEntity = query.from;
  const groups = (query.groupBy as readonly string[]).map(snake);
  let select = db
    .selectFrom(tableOf(entity, query.along))
    .select(groups)
    .select(eb => eb.fn.countAll().as('count'))
    .select(eb => query.sum.map(name => eb.fn.coalesce(eb.fn.sum(snake(name)), eb.lit(0)).as(snake(name))));
  const where = tightened(query.where ?? []);
  if (where.length > 0) select = select.where(eb => compileAll(eb, where, 'and'));
  for (const group of groups) select = select.groupBy(group).orderBy(group);
  const compiled = select.compile();
  const names = [...query.groupBy, 'count', ...query.sum];
  // Without groups SQL answers one row even where nothing matched; a question about nothing has no rows.
  const text = groups.length === 0 ? `${compiled.sql} having count(*) > 0` : compiled.sql;
  return { sql: text, parameters: compiled.parameters, names };
}

/** Side by side up to here: SQLite counts each of a row of conditions as deeper than the one before, and takes 1,000. */
const SIDE_BY_SIDE = 16;

/** All of them, or any; many as a tree, which is as deep as the logarithm of their number. */
function compileAll(
  eb: ExpressionBuilder<AnyTables, string>,
  conditions: readonly Condition[],
  join: 'and' | 'or',
): ExpressionWrapper<AnyTables, string, SqlBool> {
  if (conditions.length <= SIDE_BY_SIDE) return eb[join](conditions.map(each => compileCondition(eb, each)));
  const half = Math.ceil(conditions.length / 2);
  const sides = [conditions.slice(0, half), conditions.slice(half)];
  return eb[join](sides.map(each => eb.parens(compileAll(eb, each, join))));
}

/** Kysely takes a piece of SQL for a table, and its types only a name. */
function tableOf(entity: AnyEntity, along: Along | undefined): string {
  const name = snake(entity.name);
  if (along === undefined || entity.kind !== 'rows') return name;
  const how = along === 'key' ? 'not indexed' : `indexed by ${indexName(entity, entity.indexes[along.index]!)}`;
  return sql`${sql.table(name)} ${sql.raw(how)}` as unknown as string;
}

function compileCondition(
  eb: ExpressionBuilder<AnyTables, string>,
  condition: Condition,
): ExpressionWrapper<AnyTables, string, SqlBool> {
  if ('any' in condition) return compileAll(eb, condition.any, 'or');
  const name = snake(condition.column);
  if ('null' in condition) return eb(name, condition.null ? 'is' : 'is not', null);
  if ('in' in condition) {
    return condition.in.length === 0 ? (eb.lit(false) as never) : eb(name, 'in', condition.in.map(bindable));
  }
  if ('notIn' in condition) {
    // Over no values SQL's NOT IN holds for NULL as well.
    if (condition.notIn.length === 0) return eb(name, 'is not', null);
    return eb(name, 'not in', condition.notIn.map(bindable));
  }
  if ('contains' in condition) return contains(eb, name, condition.contains);
  if ('notContains' in condition) return eb.not(contains(eb, name, condition.notContains));
  return eb(name, condition.is, bindable(condition.value));
}

const contains = (eb: ExpressionBuilder<AnyTables, string>, name: string, text: string) =>
  eb.fn<SqlBool>(CONTAINS_FOLDED, [name, eb.val(foldCase(text))]);

const bindable = (value: number | string | boolean) => (typeof value === 'boolean' ? Number(value) : value);
