import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { createScratch } from '../../../test/kit/scratch.ts';
import { keepStatistics } from './queryStatistics.ts';

/** Two indexes, one of which leads to a row and the other to half of all. */
const TABLE = `
  CREATE TABLE thing (id INTEGER PRIMARY KEY, half INTEGER NOT NULL, own INTEGER NOT NULL, text TEXT NOT NULL) STRICT;
  CREATE INDEX thing_by_own ON thing (own);
  CREATE INDEX thing_by_half ON thing (half)`;
const THINGS = `WITH RECURSIVE n (i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n WHERE i < ?)
  INSERT INTO thing SELECT i, i % 2, i, ? FROM n`;

const QUESTION = 'SELECT text FROM thing WHERE own = 1 AND half = 1';

function planOf(db: DatabaseSync): string {
  // A statement that runs finds out that the schema has changed; one that is only explained does not.
  db.prepare(QUESTION).get();
  return String(db.prepare(`EXPLAIN QUERY PLAN ${QUESTION}`).get()!['detail']);
}

interface Opened {
  readonly file: string;
  readonly db: DatabaseSync;
  readonly other: DatabaseSync;
}

const openedAgain = (file: string): Opened => ({
  file,
  db: new DatabaseSync(file),
  other: new DatabaseSync(file, { readOnly: true }),
});

function open(): Opened {
  const file = join(createScratch('statistics').path, 'things.db');
  using made = new DatabaseSync(file);
  made.exec(`PRAGMA journal_mode=WAL; ${TABLE}`);
  return openedAgain(file);
}

function close({ db, other }: Opened): void {
  db.close();
  other.close();
}

test('statistics of a large database - are made once, and connections that were open before go by them', () => {
  const opened = open();
  const { db, other } = opened;
  db.prepare(THINGS).run(1, 20_000, 'x'.repeat(1_000));
  assert.match(planOf(other), /by_half/, 'without statistics the newer index looks as good');
  assert.equal(keepStatistics(db), true);
  assert.match(planOf(other), /by_own/);
  assert.equal(keepStatistics(db), false, 'nothing has grown since');
  const tables = other
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .all();
  assert.deepEqual(
    tables.map(each => each['name']),
    ['thing'],
  );
  close(opened);
});

test('a small database - has no statistics, which would be wrong when it has grown', () => {
  const opened = open();
  const { db } = opened;
  db.prepare(THINGS).run(1, 100, 'x');
  assert.equal(keepStatistics(db), false);
  assert.equal(db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'").get(), undefined);
  close(opened);
});

test('statistics that are made anew - reach connections that had read older ones', () => {
  const first = open();
  first.db.prepare(THINGS).run(1, 20_000, 'x'.repeat(1_000));
  keepStatistics(first.db);
  first.db.exec('DELETE FROM sqlite_stat1');
  close(first);
  const opened = openedAgain(first.file);
  assert.match(planOf(opened.other), /by_half/);
  assert.equal(keepStatistics(opened.db), true);
  assert.match(planOf(opened.other), /by_own/);
  close(opened);
});
