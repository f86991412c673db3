import type { AnyEntity, Column, EntityShape } from '../entity.ts';
import { sqlIndexes } from '../sqlIndexes.ts';
import { column, indexName, table } from '../sqlNames.ts';
import { foldCaseFunction } from './foldCaseFunction.ts';

type ColumnType = Column<unknown>['type'];

/** JSON is kept as the text it was written as: PostgreSQL's own types refuse some of what JSON can carry. */
const SQL_TYPES: Readonly<Record<ColumnType, string>> = {
  integer: 'bigint',
  text: 'text COLLATE "C"',
  bytes: 'bytea',
  boolean: 'boolean',
  json: 'text COLLATE "C"',
};

/** The types of parameters that carry all values of a column at once. */
export const ARRAY_TYPES: Readonly<Record<ColumnType, string>> = {
  integer: 'bigint[]',
  text: 'text[]',
  bytes: 'bytea[]',
  boolean: 'boolean[]',
  json: 'text[]',
};

/** Rows that are added to again and again find room for their next version on the same page. */
const COUNTER_FILL = 70;

/** The statements that make what the engine keeps beside the entities: migrations, the head, the newest batch of each node. */
export const ownStatements = (): string[] => [
  `CREATE TABLE migration (
  version bigint PRIMARY KEY,
  name text NOT NULL,
  checksum text NOT NULL
)`,
  `-- One row: where the ledger stands. Each batch changes it, and finds room for its next version on the same page.
CREATE TABLE head (
  "only" boolean PRIMARY KEY CHECK ("only"),
  schema_version bigint NOT NULL,
  batch bigint NOT NULL,
  position bigint NOT NULL,
  now bigint NOT NULL,
  sequences text NOT NULL,
  residents text NOT NULL
) WITH (fillfactor = 20)`,
  "INSERT INTO head VALUES (true, 1, 0, 0, 0, '{}', '{}')",
  `-- The newest batch of each node, looked up when the answer to a commit was lost.
CREATE TABLE writer (
  id text PRIMARY KEY,
  batch bigint NOT NULL,
  at bigint NOT NULL
) WITH (fillfactor = 20)`,
  `-- Folds the case of a text as foldCase in condition.ts does.\n${foldCaseFunction()}`,
];

/** The statements that make an entity's table and indexes. */
export function tableStatements(entity: AnyEntity): string[] {
  const columns = entity.columnNames.map(name => {
    const { type, nullable } = entity.columns[name]!;
    return `  ${column(name)} ${SQL_TYPES[type]}${nullable ? '' : ' NOT NULL'}`;
  });
  columns.push(`  PRIMARY KEY (${entity.key.map(column).join(', ')})`);
  const fill = entity.kind === 'counter' ? ` WITH (fillfactor = ${COUNTER_FILL})` : '';
  const statement = `CREATE TABLE ${table(entity)} (\n${columns.join(',\n')}\n)${fill}`;
  return entity.kind === 'rows' ? [statement, ...indexStatements(entity), ...searchStatements(entity)] : [statement];
}

function searchStatements(entity: EntityShape): string[] {
  return Object.values(entity.searches).map(search => {
    const columns = search.columns.map(column).join(', ');
    return `CREATE INDEX ${indexName(entity, search)} ON ${table(entity)} (${columns}) WHERE ${column(search.whileNull)} IS NULL`;
  });
}

function indexStatements(entity: EntityShape): string[] {
  return sqlIndexes(entity).map(index => {
    // In the order of the questions, in which NULLs come first.
    const columns = index.columns.map(name =>
      entity.columns[name]!.nullable ? `${column(name)} NULLS FIRST` : column(name),
    );
    const where = index.sparse ? ` WHERE ${column(index.columns[0]!)} IS NOT NULL` : '';
    const unique = index.unique ? 'UNIQUE ' : '';
    return `CREATE ${unique}INDEX ${indexName(entity, index)} ON ${table(entity)} (${columns.join(', ')})${where}`;
  });
}
