import type { AnyEntity, EntityShape } from '../entity.ts';
import { sqlIndexes } from '../sqlIndexes.ts';
import { column, indexName, table } from '../sqlNames.ts';

const SQL_TYPES = { integer: 'INTEGER', text: 'TEXT', bytes: 'BLOB', boolean: 'INTEGER', json: 'TEXT' } as const;

const list = (names: readonly string[]): string => names.map(column).join(', ');

/** The statements that make what the engine keeps beside the entities: migrations and the head. */
export const ownStatements = (): string[] => [
  `CREATE TABLE migration (
  version INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL
) STRICT`,
  `-- One row: where the ledger stands.
CREATE TABLE head (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  position INTEGER NOT NULL,
  now INTEGER NOT NULL,
  sequences TEXT NOT NULL
) STRICT`,
  "INSERT INTO head VALUES (1, 0, 0, '{}')",
];

/** The statements that make an entity's table and indexes. */
export function tableStatements(entity: AnyEntity): string[] {
  const rowid = entity.key.length === 1 && entity.columns[entity.key[0]!]!.type === 'integer';
  const columns = entity.columnNames.map(name => {
    const { type, nullable } = entity.columns[name]!;
    if (rowid && name === entity.key[0]) return `  ${column(name)} INTEGER PRIMARY KEY`;
    return `  ${column(name)} ${SQL_TYPES[type]}${nullable ? '' : ' NOT NULL'}`;
  });
  if (!rowid) columns.push(`  PRIMARY KEY (${list(entity.key)})`);
  const statements = [
    `CREATE TABLE ${table(entity)} (\n${columns.join(',\n')}\n) STRICT${rowid ? '' : ', WITHOUT ROWID'}`,
  ];
  return entity.kind === 'rows' ? [...statements, ...indexStatements(entity), ...searchStatements(entity)] : statements;
}

function searchStatements(entity: EntityShape): string[] {
  return Object.values(entity.searches).map(
    search =>
      `CREATE INDEX ${indexName(entity, search)} ON ${table(entity)} (${list(search.columns)}) WHERE ${column(search.whileNull)} IS NULL`,
  );
}

function indexStatements(entity: EntityShape): string[] {
  return sqlIndexes(entity).map(index => {
    const where = index.sparse ? ` WHERE ${column(index.columns[0]!)} IS NOT NULL` : '';
    const unique = index.unique ? 'UNIQUE ' : '';
    return `CREATE ${unique}INDEX ${indexName(entity, index)} ON ${table(entity)} (${list(index.columns)})${where}`;
  });
}
