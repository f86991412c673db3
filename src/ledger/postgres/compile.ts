import {
  DummyDriver,
  type ExpressionBuilder,
  type ExpressionWrapper,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type SqlBool,
  sql,
} from 'kysely';
import { foldCase } from '../condition.ts';
import type { AnyEntity } from '../entity.ts';
import type { Aggregate, Along, Condition, Scalar, Select } from '../query.ts';
import { snake } from '../sqlNames.ts';
import { tightened } from '../tighten.ts';
import { ARRAY_TYPES } from './ddl.ts';
import { isWhole, queryable, storable } from './queryable.ts';

// biome-ignore lint/suspicious/noExplicitAny: tables and columns come from entities at run time
type AnyTables = any;
type Builder = ExpressionBuilder<AnyTables, string>;
type Compiled = ExpressionWrapper<AnyTables, string, SqlBool>;

/** Kysely as a writer of SQL only: it never connects. */
const db = new Kysely<AnyTables>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: introspected => new PostgresIntrospector(introspected),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

/** The function of the migrations that folds text as `foldCase` does. */
const FOLD_CASE = 'fold_case';

export interface CompiledQuestion {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  /** Names of the answered columns, in order. */
  readonly names: readonly string[];
}

export function compileSelect<R extends object>(query: Select<R>): CompiledQuestion {
  const entity: AnyEntity = query.from;
  const names: readonly string[] = query.columns ?? entity.columnNames;
  let select = db.selectFrom(snake(entity.name)).select(names.map(snake));
  for (const each of tightened(query.where ?? [])) select = select.where(eb => compileCondition(eb, entity, each));
  const sorted = new Set<string>();
  const isLure = lureOf(query.along, entity);
  const sort = (name: string, descending: boolean) => {
    sorted.add(name);
    const isNullable = entity.columns[name]!.nullable;
    const expression = isLure(name) ? sql`${sql.ref(snake(name))} + 0` : snake(name);
    select = select.orderBy(expression as string, ordered => {
      const directed = descending ? ordered.desc() : ordered.asc();
      // Only where there can be any: an index of a column without NULLs would not be used for a question about them.
      if (!isNullable) return directed;
      return descending ? directed.nullsLast() : directed.nullsFirst();
    });
  };
  let descending = false;
  for (const each of query.orderBy ?? []) {
    descending = each.descending ?? false;
    // The same column again decides nothing.
    if (!sorted.has(each.column)) sort(each.column, descending);
  }
  for (const name of query.unordered ? [] : entity.key) if (!sorted.has(name)) sort(name, descending);
  select = select.limit(query.limit);
  if (query.offset !== undefined) select = select.offset(query.offset);
  const compiled = select.compile();
  return { sql: compiled.sql, parameters: compiled.parameters, names };
}

export function compileAggregate<R extends object>(query: Aggregate<R>): CompiledQuestion {
  const entity: AnyEntity = query.from;
  const groups: readonly string[] = query.groupBy;
  let select = db
    .selectFrom(snake(entity.name))
    .select(groups.map(snake))
    .select(eb => eb.fn.countAll().as('count'))
    .select(eb => query.sum.map(name => eb.fn.coalesce(eb.fn.sum(snake(name)), eb.lit(0)).as(snake(name))));
  for (const each of tightened(query.where ?? [])) select = select.where(eb => compileCondition(eb, entity, each));
  for (const group of groups) {
    const name = snake(group);
    select = select.groupBy(name).orderBy(name, ordered => ordered.asc().nullsFirst());
  }
  const compiled = select.compile();
  // Without groups SQL answers one row even where nothing matched; a question about nothing has no rows.
  const text = groups.length === 0 ? `${compiled.sql} having count(*) > 0` : compiled.sql;
  return { sql: text, parameters: compiled.parameters, names: [...groups, 'count', ...query.sum] };
}

/**
 * Whether a column looks as if its order led to the first rows soon, and the question says along which other index all of them are
 * near: the server would read the table from one end until it meets them.
 */
function lureOf(along: Along | undefined, entity: AnyEntity): (name: string) => boolean {
  if (along === undefined || along === 'key' || entity.kind !== 'rows') return () => false;
  const { columns } = entity.indexes[along.index]!;
  return name => entity.key[0] === name && entity.columns[name]!.type === 'integer' && !columns.includes(name);
}

function compileCondition(eb: Builder, entity: AnyEntity, requested: Condition): Compiled {
  const condition = queryable(requested);
  if ('any' in condition) return eb.or(condition.any.map(each => compileCondition(eb, entity, each)));
  const { type } = entity.columns[condition.column]!;
  const name = snake(condition.column);
  if ('null' in condition) return eb(name, condition.null ? 'is' : 'is not', null);
  if ('in' in condition) return among(eb, name, type, storable(condition.in));
  if ('notIn' in condition) {
    const values = storable(condition.notIn);
    // Over no values SQL's NOT IN holds for NULL as well.
    return values.length === 0 ? eb(name, 'is not', null) : eb.not(among(eb, name, type, values));
  }
  if ('contains' in condition) return contains(eb, name, condition.contains);
  if ('notContains' in condition) return eb.not(contains(eb, name, condition.notContains));
  // A fraction is compared with whole numbers as what it is.
  const { value } = condition;
  return eb(name, condition.is, isWhole(value) ? value : sql<never>`${String(value)}::numeric`);
}

type ColumnType = keyof typeof ARRAY_TYPES;

/** One parameter, however many values: the statement stays the same. */
const among = (eb: Builder, name: string, type: ColumnType, values: readonly Scalar[]): Compiled =>
  eb(name, '=', sql<never>`any(${values}::${sql.raw(ARRAY_TYPES[type])})`);

const contains = (eb: Builder, name: string, text: string): Compiled =>
  eb(sql<number>`strpos(${sql.id(FOLD_CASE)}(${sql.ref(name)}::text), ${foldCase(text)})`, '>', 0);
