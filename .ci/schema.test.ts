import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { test } from 'node:test';
import { firstMigration, firstMigrationFile, SQL_ENGINES } from './schema.ts';

for (const engine of SQL_ENGINES) {
  test(`the first migration of ${engine} - is what the rooms declare, and the only one`, () => {
    const file = firstMigrationFile(engine);
    const isFresh = readFileSync(file, 'utf8') === firstMigration(engine);
    assert.ok(isFresh, 'entities were changed and the first migration was not: run "npm run schema"');
    assert.deepEqual(readdirSync(dirname(file)), [basename(file)]);
  });
}
