import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { createScratch } from '../../../test/kit/scratch.ts';
import { entities } from '../../app/entities.ts';
import { journal } from '../journal.ts';
import { snake } from '../sqlNames.ts';
import { tableStatements } from './ddl.ts';
import { checkTables, DataDirectoryError, openDatabase, readMigrations } from './open.ts';

const declared = [...entities, journal];

/** Everything SQLite knows of a table, in words that can be compared. */
function describeTable(db: DatabaseSync, name: string) {
  const all = (sql: string) =>
    db
      .prepare(sql)
      .all(name)
      .map(row => ({ ...row }));
  const indexes = all('SELECT name, "unique", origin, partial FROM pragma_index_list(?) ORDER BY name');
  return {
    table: all('SELECT type, strict, wr AS without_rowid FROM pragma_table_list(?)'),
    columns: all('SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info(?) ORDER BY cid'),
    indexes: indexes.map(index => ({
      ...index,
      columns: db
        .prepare('SELECT seqno, name, "desc", coll FROM pragma_index_xinfo(?) WHERE key = 1 ORDER BY seqno')
        .all(index['name'] as string)
        .map(row => ({ ...row })),
    })),
    conditions: all("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL")
      .map(({ name, sql }) => [name, / WHERE (.*)$/.exec(sql as string)?.[1] ?? null])
      .sort(),
    triggers: all("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?"),
  };
}

const namesOf = (db: DatabaseSync) =>
  db
    .prepare(
      "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY name",
    )
    .all()
    .map(row => row['name']);

describe('migrations', () => {
  test('the newest - makes the tables and indexes the rooms declare, and no others', async () => {
    const file = join(createScratch('migrations').path, 'ledger.db');
    (await openDatabase(file)).release();
    using migrated = new DatabaseSync(file, { readOnly: true });
    using made = new DatabaseSync(':memory:');
    for (const statement of declared.flatMap(tableStatements)) made.exec(statement);
    assert.deepEqual(namesOf(migrated), [...namesOf(made), 'head', 'migration'].sort());
    for (const { name } of declared) {
      assert.deepEqual(describeTable(migrated, snake(name)), describeTable(made, snake(name)), name);
    }
    checkTables(migrated, declared);
  });

  test('names - are numbered without gaps and told apart by their checksums', () => {
    const migrations = readMigrations();
    assert.deepEqual(
      migrations.map(each => each.version),
      migrations.map((_, place) => place + 1),
    );
    assert.ok(migrations.every(each => /^[0-9a-f]{64}$/.test(each.checksum)));
  });

  test('a database - is migrated once, and opened as it is after that', async () => {
    const file = join(createScratch('migrations').path, 'ledger.db');
    const opened = await openDatabase(file);
    opened.release();
    using db = new DatabaseSync(file);
    const applied = () =>
      db
        .prepare('SELECT version, name, checksum FROM migration')
        .all()
        .map(row => ({ ...row }));
    const first = applied();
    assert.deepEqual(
      first,
      readMigrations().map(({ version, name, checksum }) => ({ version, name, checksum })),
    );
    db.exec('UPDATE head SET position = 7, sequences = \'{"call":3}\'');
    const again = await openDatabase(file);
    assert.equal(again.schemaVersion, opened.schemaVersion);
    again.release();
    assert.deepEqual(applied(), first);
    assert.equal(db.prepare('SELECT position FROM head').get()!['position'], 7);
  });

  const refusals: readonly (readonly [what: string, spoil: string, sentence: RegExp])[] = [
    [
      'a database of a newer version',
      'PRAGMA user_version = 9999',
      /^The database \S+ has version 9999, and this Aftercall knows versions up to \d+: run a newer Aftercall, or restore .*\.$/,
    ],
    [
      'a migration that was another one',
      "UPDATE migration SET checksum = 'other' WHERE version = 1",
      /^The database \S+ was made by another build of Aftercall \(migration 1 differs\): run that build\.$/,
    ],
    ['a database without its list of migrations', 'DROP TABLE migration', /^The database \S+ cannot be opened: .*\.$/],
  ];
  for (const [what, spoil, sentence] of refusals) {
    test(`${what} - is refused with one sentence, and left as it is`, async () => {
      const file = join(createScratch('migrations').path, 'ledger.db');
      (await openDatabase(file)).release();
      using db = new DatabaseSync(file);
      db.exec(spoil);
      const before = namesOf(db);
      for (let times = 0; times < 2; times++) {
        await assert.rejects(openDatabase(file), error => {
          assert.ok(error instanceof DataDirectoryError);
          assert.match(error.message, sentence);
          return true;
        });
      }
      assert.deepEqual(namesOf(db), before);
    });
  }

  test('tables that are not as declared - are told by name', async () => {
    const file = join(createScratch('migrations').path, 'ledger.db');
    (await openDatabase(file)).release();
    using db = new DatabaseSync(file);
    db.exec('ALTER TABLE call DROP COLUMN note');
    assert.throws(() => checkTables(db, declared), /table call has the columns .*, declared are .*note/);
    db.exec('DROP TABLE settling');
    const settling = declared.filter(each => each.name === 'settling');
    assert.throws(() => checkTables(db, settling), /table settling has the columns , declared/);
  });
});
