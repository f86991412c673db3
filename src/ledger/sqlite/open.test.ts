import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, type TestContext, test } from 'node:test';
import { createScratch } from '../../../test/kit/scratch.ts';
import { DataDirectoryError, openDatabase } from './open.ts';

const OPEN = new URL('./open.ts', import.meta.url).href;

/** One sentence that says why and what to do. */
const refusedWith = (sentence: RegExp) => (error: unknown) => {
  assert.ok(error instanceof DataDirectoryError, String(error));
  assert.match(error.message, sentence);
  assert.match(error.message, /^The data directory [^\n]*\.$/);
  return true;
};

const IN_USE = /is in use by another Aftercall server: stop it, or set DATA_DIR to another one\.$/;

/** Another process that has the database open until it is killed. */
async function openElsewhere(t: TestContext, file: string): Promise<ChildProcess> {
  const program = `const { openDatabase } = await import(${JSON.stringify(OPEN)});
    const opened = await openDatabase(${JSON.stringify(file)});
    process.stdout.write('open');
    process.stdin.on('data', () => {
      opened.release();
      process.stdout.write('released');
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const [said] = await once(child.stdout!, 'data');
  assert.equal(String(said), 'open');
  return child;
}

describe('openDatabase', () => {
  test('a directory in use by another process - is refused until that process is dead', async t => {
    const file = join(createScratch('open').path, 'ledger.db');
    const child = await openElsewhere(t, file);
    await assert.rejects(openDatabase(file), refusedWith(IN_USE));
    await assert.rejects(openDatabase(file), refusedWith(IN_USE));
    child.kill('SIGKILL');
    await once(child, 'exit');
    (await openDatabase(file)).release();
  });

  test('a directory another process has released - can be used, though that process lives', async t => {
    const file = join(createScratch('open').path, 'ledger.db');
    const child = await openElsewhere(t, file);
    child.stdin!.write('release');
    const [said] = await once(child.stdout!, 'data');
    assert.equal(String(said), 'released');
    (await openDatabase(file)).release();
  });

  test('a directory in use by this process - is refused, and released by closing', async () => {
    const file = join(createScratch('open').path, 'ledger.db');
    const opened = await openDatabase(file);
    await assert.rejects(openDatabase(file), refusedWith(IN_USE));
    opened.release();
    (await openDatabase(file)).release();
  });

  test('a database that could not be opened - leaves its directory free', async () => {
    const file = join(createScratch('open').path, 'ledger.db');
    (await openDatabase(file)).release();
    const db = new DatabaseSync(file);
    const version = Number(db.prepare('PRAGMA user_version').get()!['user_version']);
    db.exec('PRAGMA user_version = 9999');
    await assert.rejects(openDatabase(file), /version 9999/);
    db.exec(`PRAGMA user_version = ${version}`);
    db.close();
    (await openDatabase(file)).release();
  });

  test('a directory that is not there - is made, with everything above it', async () => {
    const file = join(createScratch('open').path, 'a', 'b', 'ledger.db');
    (await openDatabase(file)).release();
  });

  test('a file in place of the directory - is told', async () => {
    const path = join(createScratch('open').path, 'data');
    writeFileSync(path, '', { mode: 0o400 });
    for (const file of [join(path, 'ledger.db'), join(path, 'deeper', 'ledger.db')]) {
      await assert.rejects(
        openDatabase(file),
        refusedWith(/cannot be written \((EEXIST|ENOTDIR)\): make it writable for this user or set DATA_DIR\.$/),
      );
    }
  });

  const isRoot = process.getuid?.() === 0;
  test('a directory without the right to write - is told', { skip: isRoot && 'root may write anywhere' }, async () => {
    const path = join(createScratch('open').path, 'data');
    mkdirSync(path, { mode: 0o500 });
    await assert.rejects(openDatabase(join(path, 'ledger.db')), refusedWith(/cannot be written \(EACCES\)/));
    chmodSync(path, 0o700);
    (await openDatabase(join(path, 'ledger.db'))).release();
  });

  test('a directory in place of the database or its lock - is told', async () => {
    const directory = createScratch('open').path;
    mkdirSync(join(directory, 'ledger.db'));
    await assert.rejects(openDatabase(join(directory, 'ledger.db')), error => {
      assert.ok(error instanceof DataDirectoryError);
      assert.match(error.message, /^The database \S+ cannot be opened: [^\n]*\.$/);
      return true;
    });
    mkdirSync(join(directory, 'other.db.lock'));
    await assert.rejects(
      openDatabase(join(directory, 'other.db')),
      refusedWith(/cannot be used \(.*\): check its permissions and free space, or set DATA_DIR\.$/),
    );
  });

  test('a file that is no database - is told, and left alone', async () => {
    const file = join(createScratch('open').path, 'ledger.db');
    writeFileSync(file, 'This is a letter to my bank, and no database at all.\n'.repeat(100));
    await assert.rejects(openDatabase(file), error => {
      assert.ok(error instanceof DataDirectoryError);
      assert.match(error.message, /^The database \S+ cannot be opened: file is not a database\.$/);
      return true;
    });
  });
});
