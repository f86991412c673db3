/**
 * The statements of a batch. Each takes whole columns as arrays, so that their number does not grow with the batch, and
 * their text does not either.
 */
import type { AnyEntity, Column, CounterShape, EntityShape } from '../entity.ts';
import { column, table } from '../sqlNames.ts';
import { ARRAY_TYPES } from './ddl.ts';

/** Texts that were made before: a batch needs a dozen or two, and each takes longer to make than to look up. */
const texts = new WeakMap<AnyEntity, Map<string, string>>();

/** `kind` and `names` tell the statements of an entity apart. */
function remembered(entity: AnyEntity, kind: string, names: readonly string[], make: () => string): string {
  let known = texts.get(entity);
  if (known === undefined) {
    known = new Map();
    texts.set(entity, known);
  }
  const id = `${kind} ${names.join()}`;
  let text = known.get(id);
  if (text === undefined) {
    text = make();
    known.set(id, text);
  }
  return text;
}

const list = (names: readonly string[]): string => names.map(column).join(', ');

/**
 * Rows out of columns, called `named`: `SELECT unnest($1::bigint[]) AS "id", unnest($2::text[]) AS "name"`. As a list, and not as
 * a table `unnest($1, $2)`, of which the server would first make a copy.
 */
function unnest(entity: AnyEntity, names: readonly string[], named: readonly string[] = names.map(column)): string {
  const each = names.map((name, i) => `unnest($${i + 1}::${ARRAY_TYPES[entity.columns[name]!.type]}) AS ${named[i]}`);
  return `SELECT ${each.join(', ')}`;
}

const same = (names: readonly string[], left: string, right: string): string =>
  names.map(name => `${left}.${column(name)} = ${right}.${column(name)}`).join(' AND ');

/** Rows of many wants, each with the place of its want before it; the columns are those of the key or of the index. */
export const selectWanted = (entity: EntityShape, names: readonly string[]): string =>
  remembered(entity, 'wanted', names, () => wanted(entity, names));

function wanted(entity: EntityShape, names: readonly string[]): string {
  const columns = entity.columnNames.map(name => `t.${column(name)}`).join(', ');
  const order = entity.key.map(name => `t.${column(name)}`).join(', ');
  const wants = `(${unnest(entity, names)}, generate_subscripts($1, 1) AS "want number") AS w`;
  return `SELECT w."want number", ${columns} FROM ${wants} JOIN ${table(entity)} AS t ON ${same(names, 't', 'w')} ORDER BY w."want number", ${order}`;
}

/** All rows of a table, by key. */
export function selectAll(entity: EntityShape): string {
  return `SELECT ${list(entity.columnNames)} FROM ${table(entity)} ORDER BY ${list(entity.key)}`;
}

const VARIES: ReadonlySet<Column<unknown>['type']> = new Set(['text', 'json', 'bytes']);

/**
 * Rows by key: those after the one that is given, the one with it, or all of them; at most `rows`, and none that begins after
 * `bytes` of others. How long a value is, is known without reading it.
 */
export function selectCopied(
  entity: AnyEntity,
  compare: '>' | '=' | null,
  { rows, bytes }: { readonly rows: number; readonly bytes: number },
): string {
  const { columnNames, columns, key } = entity;
  const sizes = columnNames
    .filter(name => VARIES.has(columns[name]!.type))
    .map(name => `coalesce(octet_length(${column(name)}), 0)`);
  const before = `coalesce(sum(${sizes.join(' + ') || 0}) OVER (ORDER BY ${list(key)} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)`;
  const given = key.map((name, i) => `$${i + 1}::${ARRAY_TYPES[columns[name]!.type].slice(0, -2)}`).join(', ');
  const where = compare === null ? '' : `WHERE (${list(key)}) ${compare} (${given})`;
  const found = `SELECT *, ${before} AS "bytes before" FROM ${table(entity)} ${where} ORDER BY ${list(key)} LIMIT ${rows}`;
  return `SELECT ${list(columnNames)} FROM (${found}) AS t WHERE "bytes before" < ${bytes} ORDER BY ${list(key)}`;
}

export function insertRows(entity: AnyEntity): string {
  const { columnNames } = entity;
  return remembered(
    entity,
    'insert',
    [],
    () => `INSERT INTO ${table(entity)} (${list(columnNames)}) ${unnest(entity, columnNames)}`,
  );
}

/** Parameters: the changed columns, then the key. */
export const updateRows = (entity: EntityShape, changed: readonly string[]): string =>
  remembered(entity, 'update', changed, () => update(entity, changed));

function update(entity: EntityShape, changed: readonly string[]): string {
  const set = changed.map(name => `${column(name)} = n.${column(`new ${name}`)}`).join(', ');
  const named = [...changed.map(name => column(`new ${name}`)), ...entity.key.map(column)];
  const rows = `(${unnest(entity, [...changed, ...entity.key], named)}) AS n`;
  const statement = `UPDATE ${table(entity)} AS t SET ${set} FROM ${rows} WHERE ${same(entity.key, 't', 'n')}`;
  return touchingAll(statement, entity.columns[changed[0]!]!.type);
}

export const deleteRows = (entity: EntityShape): string => remembered(entity, 'delete', [], () => removal(entity));

function removal(entity: EntityShape): string {
  const keys = `(${unnest(entity, entity.key)}) AS k`;
  const remove = `DELETE FROM ${table(entity)} AS t USING ${keys} WHERE ${same(entity.key, 't', 'k')}`;
  return touchingAll(remove, entity.columns[entity.key[0]!]!.type);
}

/** What `touchingAll` makes fail. */
export const DIVISION_BY_ZERO = '22012';

/**
 * Fails unless there was a row for every one that was given, by a division: the answer would come too late, the commit is
 * sent together with the statements. `type` is that of the first parameter.
 */
const touchingAll = (statement: string, type: Column<unknown>['type']): string =>
  `WITH touched AS (${statement} RETURNING 1) SELECT 1 / (count(*) = cardinality($1::${ARRAY_TYPES[type]}))::int FROM touched`;

/** Adds to rows that are there, makes those that are not, and takes away those that come to nothing. */
export const addToCounter = (counter: CounterShape): string => remembered(counter, 'add', [], () => addition(counter));

function addition(counter: CounterShape): string {
  const { columnNames, key, sums } = counter;
  const sum = (name: string) => `t.${column(name)} + d.${column(name)}`;
  return [
    `MERGE INTO ${table(counter)} AS t`,
    `USING (${unnest(counter, columnNames)}) AS d ON ${same(key, 't', 'd')}`,
    `WHEN MATCHED AND ${sums.map(name => `${sum(name)} = 0`).join(' AND ')} THEN DELETE`,
    `WHEN MATCHED THEN UPDATE SET ${sums.map(name => `${column(name)} = ${sum(name)}`).join(', ')}`,
    `WHEN NOT MATCHED THEN INSERT (${list(columnNames)}) VALUES (${columnNames.map(name => `d.${column(name)}`).join(', ')})`,
  ].join(' ');
}
