import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { test } from 'node:test';
import { entities } from '../src/app/entities.ts';
import { journal } from '../src/ledger/journal.ts';
import { snake } from '../src/ledger/sqlNames.ts';
import { firstMigration, firstMigrationFile, SQL_ENGINES } from './schema.ts';

for (const engine of SQL_ENGINES) {
  test(`the first migration of ${engine} - is what the rooms declare, and the only one`, () => {
    const file = firstMigrationFile(engine);
    const isFresh = readFileSync(file, 'utf8') === firstMigration(engine);
    assert.ok(isFresh, 'entities were changed and the first migration was not: run "npm run schema"');
    assert.deepEqual(readdirSync(dirname(file)), [basename(file)]);
  });
}

/** The columns of every index that a migration makes, keys included, by table. */
function indexesIn(sql: string): Map<string, string[][]> {
  const columnsOf = (list: string) => [...list.matchAll(/"(\w+)"/g)].map(each => each[1]!);
  const found = new Map<string, string[][]>();
  for (const [, name, columns] of sql.matchAll(/^CREATE TABLE "(\w+)" \(\n(.*?)^\)/gms)) {
    const key = /"(\w+)" INTEGER PRIMARY KEY/.exec(columns!)?.[0] ?? /PRIMARY KEY \((.*)\)/.exec(columns!)![1]!;
    found.set(name!, [columnsOf(key)]);
  }
  for (const [, unique, table, columns] of sql.matchAll(/^CREATE (UNIQUE )?INDEX "\w+" ON "(\w+)" \((.*?)\)/gm)) {
    if (unique === undefined) found.get(table!)!.push(columnsOf(columns!));
  }
  return found;
}

for (const engine of SQL_ENGINES) {
  test(`the first migration of ${engine} - makes no index that another one contains`, () => {
    const tables = indexesIn(readFileSync(firstMigrationFile(engine), 'utf8'));
    assert.deepEqual(new Set(tables.keys()), new Set([journal, ...entities].map(({ name }) => snake(name))));
    for (const [table, indexes] of tables) {
      for (const [place, columns] of indexes.entries()) {
        const isContained = indexes.some((other, n) => n !== place && columns.every((name, i) => other[i] === name));
        assert.ok(!isContained, `${table} (${columns.join(', ')})`);
      }
    }
  });
}
