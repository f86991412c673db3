import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type RunningPostgres, sharedPostgres, startPostgres } from '../../../test/kit/postgres.ts';
import { createScratch } from '../../../test/kit/scratch.ts';
import { until } from '../../../test/kit/until.ts';
import { entities } from '../../app/entities.ts';
import { foldCase } from '../condition.ts';
import { journal } from '../journal.ts';
import { firstOf, writeMigrations } from '../testing/testMigrations.ts';
import { SCHEMA } from '../testing/testStores.ts';
import { Connection, type Database } from './connection.ts';
import { DatabaseError } from './databaseError.ts';
import { ownStatements, tableStatements } from './ddl.ts';
import { prepareDatabase, readMigrations } from './migrate.ts';
import { isEmptyDatabase, openPostgresSnapshot } from './snapshot.ts';

const declared = [...entities, journal];

interface Made extends Database {
  readonly server: RunningPostgres;
  readonly name: string;
}

async function makeDatabase(): Promise<Made> {
  const server = await sharedPostgres();
  const name = await server.createDatabase();
  return { server, name, url: server.url(name), schema: SCHEMA };
}

/** Everything PostgreSQL knows of the tables of a schema, in words that can be compared. */
async function describeTables({ server, name }: Made, schema: string): Promise<unknown[][]> {
  const questions = [
    `SELECT c.relname, c.reloptions FROM pg_class c WHERE c.relnamespace = '${schema}'::regnamespace AND c.relkind = 'r' ORDER BY 1`,
    `SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull, a.attcollation::regcollation::text, a.atthasdef
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
     WHERE c.relnamespace = '${schema}'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, 2`,
    `SELECT replace(indexdef, '${schema}.', '') AS index FROM pg_indexes WHERE schemaname = '${schema}' ORDER BY 1`,
    `SELECT conrelid::regclass::text, contype, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = '${schema}'::regnamespace AND contype <> 'n' ORDER BY 1, 2`,
    `SELECT tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = '${schema}'::regnamespace`,
  ];
  const own = new Set(['head', 'writer', 'migration']);
  const answers: unknown[][] = [];
  for (const question of questions) {
    const rows = await server.run(name, `SET search_path = ${schema}; ${question}`);
    answers.push(rows.filter(row => !own.has(String(row['relname'] ?? row['conrelid'])) && !isOwn(row['index'])));
  }
  return answers;
}

const isOwn = (index: unknown): boolean => /^CREATE UNIQUE INDEX (head|writer|migration)_pkey /.test(String(index));

const refusedWith = (sentence: RegExp, url: string) => (error: unknown) => {
  assert.ok(error instanceof DatabaseError, String(error));
  assert.match(error.message, sentence);
  assert.match(error.message, /^[^\n]+\.$/);
  assert.ok(!error.message.includes(new URL(url).password), 'no password in a sentence');
  return true;
};

describe('migrations', () => {
  test('the newest - makes the tables and indexes the rooms declare, and no others', async () => {
    const made = await makeDatabase();
    await prepareDatabase(made, declared);
    const statements = ['CREATE SCHEMA other', 'SET search_path = other', ...declared.flatMap(tableStatements)];
    await made.server.run(made.name, statements.join(';'));
    const [migrated, expected] = [await describeTables(made, SCHEMA), await describeTables(made, 'other')];
    assert.ok(migrated[1]!.length > declared.length);
    assert.deepEqual(migrated, expected);
  });

  test('names - are numbered without gaps and told apart by their checksums', () => {
    const migrations = readMigrations();
    assert.deepEqual(
      migrations.map(each => each.version),
      migrations.map((_, place) => place + 1),
    );
    assert.ok(migrations.every(each => /^[0-9a-f]{64}$/.test(each.checksum)));
  });

  test('several nodes at once - one makes the tables, the others wait for it', async () => {
    const made = await makeDatabase();
    assert.ok(await isEmptyDatabase(made));
    const versions = await Promise.all([1, 2, 3, 4].map(() => prepareDatabase(made, declared)));
    const newest = readMigrations().at(-1)!.version;
    assert.deepEqual(versions, [newest, newest, newest, newest]);
    assert.ok(!(await isEmptyDatabase(made)));
    const applied = await made.server.run(made.name, `SELECT * FROM ${SCHEMA}.migration ORDER BY version`);
    assert.deepEqual(
      applied,
      readMigrations().map(({ version, name, checksum }) => ({ version: String(version), name, checksum })),
    );
    assert.equal(await prepareDatabase(made, declared), newest);
  });

  test('two organisations - have a schema each in the same database', async () => {
    const made = await makeDatabase();
    await prepareDatabase(made, declared);
    const other = { ...made, schema: 'acme' };
    assert.ok(await isEmptyDatabase(other));
    await prepareDatabase(other, declared);
    await made.server.run(made.name, `UPDATE ${SCHEMA}.head SET position = 7`);
    const [head] = await made.server.run(made.name, 'SELECT position FROM acme.head');
    assert.deepEqual(head, { position: '0' });
  });

  const refusals: readonly (readonly [what: string, damage: string, sentence: RegExp])[] = [
    [
      'a database of a newer version',
      'UPDATE head SET schema_version = 9999',
      /has version 9999, and this Aftercall knows versions up to \d+: run a newer Aftercall, or restore the backup made before the upgrade\.$/,
    ],
    [
      'a database from before the first release',
      "DELETE FROM migration WHERE version > 1; UPDATE migration SET checksum = 'other'; INSERT INTO migration VALUES (2, 'more', 'b'), (3, 'most', 'c'); UPDATE head SET schema_version = 3",
      /^The PostgreSQL database \S+, schema aftercall was made by an Aftercall from before the first release, which this one does not read: start with an empty schema \(DATABASE_URL\); the old one is left as it is\.$/,
    ],
    [
      'a table that lacks a column',
      'ALTER TABLE call DROP COLUMN note',
      /cannot be opened: table call has the columns/,
    ],
    ['tables of somebody else', 'DROP TABLE head', /cannot be opened: migration 1: relation "\w+" already exists/],
  ];
  for (const [what, damage, sentence] of refusals) {
    test(`${what} - is refused with one sentence, and left as it is`, async () => {
      const made = await makeDatabase();
      await prepareDatabase(made, declared);
      await made.server.run(made.name, `SET search_path = ${SCHEMA}; ${damage}`);
      const before = await describeTables(made, SCHEMA);
      for (let times = 0; times < 2; times++) {
        await assert.rejects(prepareDatabase(made, declared), refusedWith(sentence, made.url));
      }
      assert.deepEqual(await describeTables(made, SCHEMA), before);
    });
  }

  const FIRST = firstOf(ownStatements(), 'CREATE TABLE thing (name text)', "INSERT INTO thing VALUES ('old')");
  const SECOND = 'ALTER TABLE thing ADD COLUMN colour text;';
  const thingsIn = async ({ server, name }: Made) => {
    const [head] = await server.run(name, `SELECT schema_version, batch FROM ${SCHEMA}.head`);
    return {
      version: Number(head!['schema_version']),
      batch: Number(head!['batch']),
      things: await server.run(name, `SELECT * FROM ${SCHEMA}.thing`),
    };
  };

  test('a database of an older version - is migrated, one batch per migration', async () => {
    const made = await makeDatabase();
    const { path } = createScratch('migrations');
    const migrations = writeMigrations(join(path, 'steps'), FIRST, SECOND, "UPDATE thing SET colour = 'red';");
    assert.equal(await prepareDatabase(made, [], { migrations: migrations.slice(0, 1) }), 1);
    const before = await thingsIn(made);
    assert.deepEqual(before.things, [{ name: 'old' }]);
    assert.equal(await prepareDatabase(made, [], { migrations }), 3);
    assert.deepEqual(await thingsIn(made), {
      version: 3,
      batch: before.batch + 2,
      things: [{ name: 'old', colour: 'red' }],
    });
    const other = writeMigrations(join(path, 'other'), FIRST, SECOND, 'SELECT 1;');
    await assert.rejects(
      prepareDatabase(made, [], { migrations: other }),
      refusedWith(/was made by another build of Aftercall \(migration 3 differs\): run that build\.$/, made.url),
    );
  });

  test('a migration that fails - leaves the database at the version before', async () => {
    const made = await makeDatabase();
    const { path } = createScratch('migrations');
    const failing = writeMigrations(
      join(path, 'failing'),
      FIRST,
      SECOND,
      "UPDATE thing SET colour = 'x'; SELECT 1 / 0;",
    );
    await assert.rejects(
      prepareDatabase(made, [], { migrations: failing }),
      refusedWith(/cannot be opened: migration 3: division by zero/, made.url),
    );
    const left = await thingsIn(made);
    assert.deepEqual([left.version, left.things], [2, [{ name: 'old', colour: null }]]);
    const mended = writeMigrations(join(path, 'mended'), FIRST, SECOND, "UPDATE thing SET colour = 'red';");
    assert.equal(await prepareDatabase(made, [], { migrations: mended }), 3);
    assert.deepEqual((await thingsIn(made)).things, [{ name: 'old', colour: 'red' }]);
  });

  test('a node whose connection ends while it migrates - leaves a database that the next one migrates', async () => {
    const made = await makeDatabase();
    const { path } = createScratch('migrations');
    const waiting = writeMigrations(join(path, 'waiting'), FIRST, `${SECOND} SELECT pg_sleep(3600);`);
    const migrating = assert.rejects(
      prepareDatabase(made, [], { migrations: waiting }),
      refusedWith(/cannot be opened: migration 2: /, made.url),
    );
    await until('the migration waits', async () => {
      const ended = await made.server.run(
        made.name,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()",
      );
      return ended.length === 1 || undefined;
    });
    await migrating;
    assert.deepEqual((await thingsIn(made)).things, [{ name: 'old' }]);
    const mended = writeMigrations(join(path, 'mended'), FIRST, SECOND);
    assert.equal(await prepareDatabase(made, [], { migrations: mended }), 2);
    assert.deepEqual((await thingsIn(made)).things, [{ name: 'old', colour: null }]);
  });

  test('a database that cannot be reached, or is none for us - is told in one sentence', async () => {
    const made = await makeDatabase();
    const { server } = made;
    const refused = (url: string, sentence: RegExp) =>
      assert.rejects(prepareDatabase({ url, schema: SCHEMA }, []), refusedWith(sentence, made.url));
    const nowhere = new URL(made.url);
    nowhere.port = '1';
    await refused(
      nowhere.href,
      /^The PostgreSQL database 127\.0\.0\.1:1\/\w+, schema aftercall cannot be reached \(.*ECONNREFUSED.*\): check DATABASE_URL, /,
    );
    await refused(server.url('nothing'), /cannot be reached \(database "nothing" does not exist \(3D000\)\)/);
    const stranger = new URL(made.url);
    stranger.username = 'stranger';
    await refused(stranger.href, /cannot be reached \(.*stranger.*\)/);
    await server.run(
      'postgres',
      "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0",
    );
    await refused(server.url('latin'), /keeps text as LATIN1: make one with ENCODING 'UTF8'\.$/);
  });

  test('a server that does not sync - is refused', async () => {
    await using careless = await startPostgres({ settings: { fsync: 'off' } });
    const database = { url: careless.url('postgres'), schema: SCHEMA };
    await assert.rejects(
      prepareDatabase(database, []),
      refusedWith(/runs with fsync=off, .*: set fsync=on\.$/, database.url),
    );
  });

  test('a user who may not create schemas - is served where there is one', async () => {
    const made = await makeDatabase();
    const { server, name } = made;
    await server.run('postgres', `CREATE ROLE "${name}" LOGIN PASSWORD 'secret'`);
    const url = new URL(made.url);
    url.username = name;
    url.password = 'secret';
    const database = { url: url.href, schema: SCHEMA };
    await assert.rejects(prepareDatabase(database, declared), refusedWith(/permission denied for database/, url.href));
    await server.run(name, `CREATE SCHEMA ${SCHEMA} AUTHORIZATION "${name}"`);
    await prepareDatabase(database, declared);
  });
});

describe('openPostgresSnapshot', () => {
  test('beside a server that goes on - stays at one moment', async () => {
    const made = await makeDatabase();
    const nothing = refusedWith(
      /^There is nothing in 127.* yet: start the server once, or set DATABASE_URL\.$/,
      made.url,
    );
    await assert.rejects(openPostgresSnapshot(made, entities), nothing);
    await prepareDatabase(made, declared);
    const snapshot = await openPostgresSnapshot(made, entities);
    await made.server.run(made.name, `INSERT INTO ${SCHEMA}.journal VALUES (1, 1, 'a.said', NULL, NULL)`);
    assert.deepEqual(await snapshot.reader.select({ from: journal, limit: 1 }), []);
    await snapshot.close();
    const later = await openPostgresSnapshot(made, entities);
    assert.equal((await later.reader.select({ from: journal, limit: 1 })).length, 1);
    await later.close();
    await made.server.run(made.name, `UPDATE ${SCHEMA}.head SET schema_version = 9999`);
    await assert.rejects(
      openPostgresSnapshot(made, entities),
      refusedWith(/version 9999, .*: run a newer Aftercall, or restore .*\.$/, made.url),
    );
  });
});

describe('fold_case', () => {
  test('every character - is folded as foldCase does', async () => {
    const made = await makeDatabase();
    await prepareDatabase(made, []);
    const connection = await Connection.open(made, 'snapshot');
    // Beyond these planes are ideographs and nothing else that is written.
    const rows = await connection.run(
      "SELECT n, fold_case(chr(n)) FROM generate_series(1, x'1ffff'::int) AS n WHERE n NOT BETWEEN x'd800'::int AND x'dfff'::int AND fold_case(chr(n)) <> chr(n)",
    );
    await connection.close();
    const folded = new Map(rows as [number, string][]);
    assert.ok(folded.size > 1_400);
    for (let n = 1; n < 0x20_000; n++) {
      if (n >= 0xd800 && n < 0xe000) continue;
      const character = String.fromCodePoint(n);
      assert.equal(folded.get(n) ?? character, foldCase(character), `U+${n.toString(16)}`);
    }
  });
});
