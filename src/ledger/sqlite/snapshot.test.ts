import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { createScratch } from '../../../test/kit/scratch.ts';
import { code, testEntities } from '../testing/testEntities.ts';
import { TestLedger } from '../testing/testLedger.ts';
import { sqliteStore } from '../testing/testStores.ts';
import { DataDirectoryError } from './open.ts';
import { openSnapshot } from './snapshot.ts';

const refusedWith = (sentence: RegExp) => (error: unknown) => {
  assert.ok(error instanceof DataDirectoryError, String(error));
  assert.match(error.message, sentence);
  return true;
};

describe('openSnapshot', () => {
  test('beside a server that goes on - stays at one moment', async () => {
    const { path } = createScratch('snapshot');
    const on = await TestLedger.open(await sqliteStore(testEntities, path));
    await on.submit(state => state.put(code, { code: 'before', value: 1 }));
    const snapshot = await openSnapshot(join(path, 'ledger.db'), testEntities);
    const seen = async () =>
      (await snapshot.reader.select({ from: code, limit: 10 })).map(row => `${row.code} ${row.value}`);
    assert.deepEqual(await seen(), ['before 1']);
    await on.submit(state => {
      state.put(code, { code: 'before', value: 2 });
      state.put(code, { code: 'after', value: 1 });
    });
    assert.deepEqual(await seen(), ['before 1']);
    await snapshot.close();
    const later = await openSnapshot(join(path, 'ledger.db'), testEntities);
    assert.equal((await later.reader.select({ from: code, limit: 10 })).length, 2);
    await later.close();
    await on.close();
  });

  test('after the server has stopped - still reads', async () => {
    const { path } = createScratch('snapshot');
    const on = await TestLedger.open(await sqliteStore(testEntities, path));
    await on.submit(state => state.put(code, { code: 'a', value: 1 }));
    await on.close();
    const snapshot = await openSnapshot(join(path, 'ledger.db'), testEntities);
    assert.equal((await snapshot.reader.select({ from: code, limit: 10 })).length, 1);
    await snapshot.close();
  });

  test('what is no database of this version - is refused with one sentence', async () => {
    const { path } = createScratch('snapshot');
    const missing = join(path, 'missing.db');
    await assert.rejects(
      openSnapshot(missing, []),
      refusedWith(/^There is no database \S+: start the server once, .*\.$/),
    );
    const letter = join(path, 'letter.db');
    writeFileSync(letter, 'Dear Sir or Madam, '.repeat(100));
    await assert.rejects(openSnapshot(letter, []), refusedWith(/^The database \S+ cannot be read: .*\.$/));
    for (const [version, advice] of [
      [9_999, /has version 9999, .*: run a newer Aftercall, or restore .*\.$/],
      [0, /has version 0, .*: start this server once to migrate it\.$/],
    ] as const) {
      const file = join(path, `${version}.db`);
      const db = new DatabaseSync(file);
      db.exec(`CREATE TABLE migration (version, checksum); PRAGMA user_version = ${version}`);
      db.close();
      await assert.rejects(openSnapshot(file, []), refusedWith(advice));
    }
  });
});
