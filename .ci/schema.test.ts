import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entities } from '../src/app/entities.ts';
import type { AnyEntity } from '../src/ledger/entity.ts';
import { journal } from '../src/ledger/journal.ts';
import * as postgres from '../src/ledger/postgres/ddl.ts';
import * as sqlite from '../src/ledger/sqlite/ddl.ts';

const ENGINES = { sqlite, postgres };

/**
 * The columns of the key and of every index that is not unique, as the statements of a table make them; not of those that have a few
 * rows only, those in which something is null.
 */
function indexesIn(statements: readonly string[]): string[][] {
  const columnsOf = (list: string) => [...list.matchAll(/"(\w+)"/g)].map(each => each[1]!);
  const [table, ...others] = statements;
  const key = /"(\w+)" INTEGER PRIMARY KEY/.exec(table!)?.[0] ?? /PRIMARY KEY \((.*)\)/.exec(table!)![1]!;
  const indexes = others.flatMap(statement => {
    const made = /^CREATE (UNIQUE )?INDEX "\w+" ON "\w+" \((.*?)\)/.exec(statement);
    return made === null || made[1] !== undefined || statement.endsWith(' IS NULL') ? [] : [columnsOf(made[2]!)];
  });
  return [columnsOf(key), ...indexes];
}

for (const [engine, { tableStatements }] of Object.entries(ENGINES)) {
  test(`tables of ${engine} - have no index that another one contains`, () => {
    for (const entity of [journal, ...entities] as readonly AnyEntity[]) {
      const indexes = indexesIn(tableStatements(entity));
      for (const [place, columns] of indexes.entries()) {
        const isContained = indexes.some((other, n) => n !== place && columns.every((name, i) => other[i] === name));
        assert.ok(!isContained, `${entity.name} (${columns.join(', ')})`);
      }
    }
  });
}
