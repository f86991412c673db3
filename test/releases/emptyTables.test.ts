/** The writer of a fixture tells a server of everything: a table it leaves empty is one that no later version is tried on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createScratch } from '../kit/scratch.ts';
import { emptyTables } from './emptyTables.ts';
import { writeLedger } from './writeLedger.ts';

test('fixture - every table of it has rows', async () => {
  using scratch = createScratch('fixture');
  const { postgres, recordings } = await writeLedger(scratch.path);
  assert.deepEqual(emptyTables(postgres), []);
  assert.equal(recordings.length, 1);
});

test('fixture - a table without rows is named', () => {
  const rows = [{ id: 1 }];
  const tables = [
    { table: 'report', rows },
    { table: 'call', rows: [] },
    { table: 'lease', rows: [] },
  ];
  assert.deepEqual(emptyTables(tables), ['call']);
});
