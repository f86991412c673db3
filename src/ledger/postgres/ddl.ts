import type { AnyEntity, Column, EntityShape } from '../entity.ts';
import { column, indexName, table } from '../sqlNames.ts';

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

/** The statements that make an entity's table and indexes. */
export function tableStatements(entity: AnyEntity): string[] {
  const columns = entity.columnNames.map(name => {
    const { type, nullable } = entity.columns[name]!;
    return `  ${column(name)} ${SQL_TYPES[type]}${nullable ? '' : ' NOT NULL'}`;
  });
  columns.push(`  PRIMARY KEY (${entity.key.map(column).join(', ')})`);
  const fill = entity.kind === 'counter' ? ` WITH (fillfactor = ${COUNTER_FILL})` : '';
  const statement = `CREATE TABLE ${table(entity)} (\n${columns.join(',\n')}\n)${fill}`;
  return entity.kind === 'rows' ? [statement, ...indexStatements(entity)] : [statement];
}

function indexStatements(entity: EntityShape): string[] {
  return Object.values(entity.indexes).map(index => {
    // In the order of the questions, in which NULLs come first.
    const columns = index.columns.map(name =>
      entity.columns[name]!.nullable ? `${column(name)} NULLS FIRST` : column(name),
    );
    const where = index.sparse ? ` WHERE ${column(index.columns[0]!)} IS NOT NULL` : '';
    const unique = index.unique ? 'UNIQUE ' : '';
    return `CREATE ${unique}INDEX ${indexName(entity, index)} ON ${table(entity)} (${columns.join(', ')})${where}`;
  });
}
