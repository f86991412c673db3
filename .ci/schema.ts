/**
 * `npm run schema` writes the first migration of each engine from what the rooms declare. Until the first release it is
 * written anew with every change of the entities; after it, it is never changed, and this goes.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { entitiesByRoom } from '../src/app/entities.ts';
import type { AnyEntity } from '../src/ledger/entity.ts';
import { journal } from '../src/ledger/journal.ts';
import * as postgres from '../src/ledger/postgres/ddl.ts';
import * as sqlite from '../src/ledger/sqlite/ddl.ts';

const ENGINES = { sqlite, postgres };

export type SqlEngine = keyof typeof ENGINES;

export const SQL_ENGINES = Object.keys(ENGINES) as SqlEngine[];

const HEADER =
  '-- What a ledger keeps at version 1: the tables of the engine, the journal, and those of every room. Written by "npm run schema".';

export const firstMigrationFile = (engine: SqlEngine): string =>
  fileURLToPath(new URL(`../src/ledger/${engine}/migrations/0001-ledger.sql`, import.meta.url));

export function firstMigration(engine: SqlEngine): string {
  const { ownStatements, tableStatements } = ENGINES[engine];
  const terminated = (statements: readonly string[], separator: string) =>
    statements.map(statement => `${statement};\n`).join(separator);
  const tablesOf = (name: string, entities: readonly AnyEntity[]) =>
    `-- ${name}\n\n${entities.map(entity => terminated(tableStatements(entity), '')).join('\n')}`;
  return [
    `${HEADER}\n`,
    terminated(ownStatements(), '\n'),
    tablesOf('the journal', [journal]),
    ...Object.entries(entitiesByRoom).map(([room, entities]) => tablesOf(room, entities)),
  ].join('\n');
}

if (import.meta.main) {
  for (const engine of SQL_ENGINES) {
    const file = firstMigrationFile(engine);
    const text = firstMigration(engine);
    const isAsItWas = readFileSync(file, 'utf8') === text;
    if (!isAsItWas) writeFileSync(file, text);
    process.stdout.write(`${file}: ${isAsItWas ? 'as it was' : 'written'}\n`);
  }
}
