import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { createScratch } from '../../../test/kit/scratch.ts';
import { until } from '../../../test/kit/until.ts';
import { entities } from '../../app/entities.ts';
import { journal } from '../journal.ts';
import { snake } from '../sqlNames.ts';
import { firstOf, writeMigrations } from '../testing/testMigrations.ts';
import { ownStatements, tableStatements } from './ddl.ts';
import { checkTables, DataDirectoryError, openDatabase, readMigrations } from './open.ts';

const OPEN = new URL('./open.ts', import.meta.url).href;
const MIGRATION_FILES = new URL('../migrationFiles.ts', import.meta.url).href;

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

  const refusals: readonly (readonly [what: string, damage: string, sentence: RegExp])[] = [
    [
      'a database of a newer version',
      'PRAGMA user_version = 9999',
      /^The database \S+ has version 9999, and this Aftercall knows versions up to \d+: run a newer Aftercall, or restore .*\.$/,
    ],
    [
      'a database from before the first release',
      "DELETE FROM migration WHERE version > 1; UPDATE migration SET checksum = 'other'; INSERT INTO migration VALUES (2, 'more', 'b'), (3, 'most', 'c'); PRAGMA user_version = 3",
      /^The database \S+ was made by an Aftercall from before the first release, which this one does not read: start with an empty data directory \(DATA_DIR\); the old one is left as it is\.$/,
    ],
    ['a database without its list of migrations', 'DROP TABLE migration', /^The database \S+ cannot be opened: .*\.$/],
  ];
  for (const [what, damage, sentence] of refusals) {
    test(`${what} - is refused with one sentence, and left as it is`, async () => {
      const file = join(createScratch('migrations').path, 'ledger.db');
      (await openDatabase(file)).release();
      using db = new DatabaseSync(file);
      db.exec(damage);
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

  const FIRST = firstOf(ownStatements(), 'CREATE TABLE thing (name TEXT) STRICT', "INSERT INTO thing VALUES ('old')");
  const SECOND = 'ALTER TABLE thing ADD COLUMN colour TEXT;';
  const things = (file: string) => {
    using db = new DatabaseSync(file, { readOnly: true });
    const { user_version: version } = db.prepare('PRAGMA user_version').get()!;
    return {
      version,
      things: db
        .prepare('SELECT * FROM thing')
        .all()
        .map(row => ({ ...row })),
    };
  };

  test('a database of an older version - is migrated after it was copied', async () => {
    const { path } = createScratch('migrations');
    const file = join(path, 'ledger.db');
    const migrations = writeMigrations(join(path, 'steps'), FIRST, SECOND, "UPDATE thing SET colour = 'red';");
    (await openDatabase(file, { migrations: migrations.slice(0, 1) })).release();
    assert.deepEqual(
      readdirSync(path).filter(name => name.includes('before')),
      [],
    );
    const opened = await openDatabase(file, { migrations });
    opened.release();
    assert.equal(opened.schemaVersion, 3);
    assert.deepEqual(things(file), { version: 3, things: [{ name: 'old', colour: 'red' }] });
    assert.deepEqual(things(`${file}.before-0003`), { version: 1, things: [{ name: 'old' }] });
    await assert.rejects(
      openDatabase(file, { migrations: writeMigrations(join(path, 'other'), FIRST, SECOND, 'SELECT 1;') }),
      /was made by another build of Aftercall \(migration 3 differs\): run that build\.$/,
    );
    await assert.rejects(
      openDatabase(file, { migrations: migrations.slice(0, 2) }),
      /has version 3, and this Aftercall/,
    );
  });

  test('a migration that fails - leaves the database at the version before', async () => {
    const { path } = createScratch('migrations');
    const file = join(path, 'ledger.db');
    const failing = writeMigrations(
      join(path, 'failing'),
      FIRST,
      SECOND,
      'UPDATE thing SET colour = 1; UPDATE nothing;',
    );
    await assert.rejects(openDatabase(file, { migrations: failing }), /cannot be opened: [^\n]*\.$/);
    assert.deepEqual(things(file), { version: 2, things: [{ name: 'old', colour: null }] });
    const mended = writeMigrations(join(path, 'mended'), FIRST, SECOND, "UPDATE thing SET colour = 'red';");
    (await openDatabase(file, { migrations: mended })).release();
    assert.deepEqual(things(file), { version: 3, things: [{ name: 'old', colour: 'red' }] });
  });

  test('a process that is killed while it migrates - leaves a database that the next one migrates', async t => {
    const { path } = createScratch('migrations');
    const file = join(path, 'ledger.db');
    const endless = `${SECOND} WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) INSERT INTO thing SELECT i, 'red' FROM n;`;
    const migrations = writeMigrations(join(path, 'steps'), FIRST, endless);
    (await openDatabase(file, { migrations: migrations.slice(0, 1) })).release();
    const program = `const { openDatabase } = await import(${JSON.stringify(OPEN)});
      const { readMigrationFiles } = await import(${JSON.stringify(MIGRATION_FILES)});
      process.stdout.write('migrating');
      await openDatabase(${JSON.stringify(file)}, { migrations: readMigrationFiles(${JSON.stringify(join(path, 'steps'))}) });`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    // What the endless step writes spills into the log once it is more than the cache holds.
    await until(
      'the migration writes',
      () => (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 1_000_000 || undefined,
    );
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.deepEqual(things(file), { version: 1, things: [{ name: 'old' }] });
    (await openDatabase(file, { migrations: writeMigrations(join(path, 'mended'), FIRST, SECOND) })).release();
    assert.deepEqual(things(file), { version: 2, things: [{ name: 'old', colour: null }] });
  });

  test('tables that are not as declared - are told by name', async () => {
    const file = join(createScratch('migrations').path, 'ledger.db');
    (await openDatabase(file)).release();
    using db = new DatabaseSync(file);
    db.exec('ALTER TABLE call DROP COLUMN note');
    assert.throws(() => checkTables(db, declared), /table call has the columns .*, declared are .*note/);
    db.exec('DROP TABLE quarantine');
    const quarantine = declared.filter(each => each.name === 'quarantine');
    assert.throws(() => checkTables(db, quarantine), /table quarantine has the columns , declared/);
  });
});
