/** Every release's ledger opens, adds up and answers as it did, on either engine. */
import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { Client } from 'pg';
import { prepareDatabase, readMigrations } from '../../src/ledger/postgres/migrate.ts';
import { openDatabase } from '../../src/ledger/sqlite/open.ts';
import { SCHEMA } from '../../src/ledger/testing/testStores.ts';
import { HOUSE } from '../cli/copyHouse.ts';
import { sharedPostgres } from '../kit/postgres.ts';
import { createScratch } from '../kit/scratch.ts';
import { runCommand, startServer } from '../kit/server.ts';
import type { CallDetail } from '../kit/v1Views.ts';
import { type Fixture, fillDatabase, furnishDataDir, lastingAnswersOf, RELEASES, readFixture } from './fixture.ts';

const scratch = createScratch('releases');
after(() => scratch[Symbol.dispose]());

const releases = readdirSync(RELEASES).filter(name => /^\d+\.\d+\.\d+$/.test(name));

test('releases - there is one', () => assert.ok(releases.length > 0));

for (const release of releases) {
  const { sqlite, postgres, answers, key, recordings } = readFixture(release);

  const dataDirOf = (engine: string): string => {
    const dataDir = join(scratch.path, `${release}-${engine}`);
    furnishDataDir(dataDir, { key, recordings });
    return dataDir;
  };

  async function check(dataDir: string, url: string): Promise<void> {
    const env = { DATABASE_URL: url };
    await using server = await startServer({ ...HOUSE, dataDir, sqlite: true, env });
    // What later versions ask for more was not asked then.
    const now = await lastingAnswersOf(server);
    const asked = Object.entries(now).filter(([question]) => question in answers);
    assert.deepEqual(Object.fromEntries(asked), answers);
    await server.stop();
    assert.deepEqual(await runCommand(['verify'], { dataDir, env }), {
      exitCode: 0,
      output: 'Everything adds up.\n',
    });
  }

  async function filledDatabase(tables: Fixture['postgres']): Promise<string> {
    const server = await sharedPostgres();
    const url = server.url(await server.createDatabase());
    const versions = new Set(
      tables.find(each => each.table === 'migration')!.rows.map(({ version }) => Number(version)),
    );
    const migrations = readMigrations().filter(each => versions.has(each.version));
    await fillDatabase(
      url,
      migrations.map(each => each.sql),
      tables,
    );
    return url;
  }

  const marked = ({ id, raw }: Readonly<Record<string, unknown>>): unknown =>
    typeof raw !== 'string' || Number(id) > 2 ? raw : raw.replace('\\x', id === 1 ? '\\x00' : '\\x01');

  /** The first two reports have bytes that begin like nothing that is sent. */
  async function checkMarks(dataDir: string, url: string): Promise<void> {
    await using server = await startServer({ ...HOUSE, dataDir, sqlite: true, env: { DATABASE_URL: url } });
    const begins = new Set<string>();
    for (const id of [1, 2]) {
      const { reports } = (await (await server.get(`/v1/calls/${id}`)).json()) as Pick<CallDetail, 'reports'>;
      for (const { raw } of reports) begins.add(raw.slice(0, 2));
    }
    assert.ok(begins.has('\u0000{') && begins.has('\u0001{'), [...begins].join());
  }

  test(`${release} - its SQLite database opens, answers as it did, and adds up`, async () => {
    const dataDir = dataDirOf('sqlite');
    writeFileSync(join(dataDir, 'aftercall.db'), sqlite);
    await check(dataDir, `sqlite:${join(dataDir, 'aftercall.db')}`);
  });

  test(`${release} - its PostgreSQL schema opens, answers as it did, and adds up`, async () => {
    const url = await filledDatabase(postgres);
    await check(dataDirOf('postgres'), url);
  });

  test(`${release} - a leg in its SQLite database is found by the name of its source call alone`, async () => {
    const file = join(scratch.path, `${release}-names.db`);
    writeFileSync(file, sqlite);
    const named = () => {
      using db = new DatabaseSync(file, { readOnly: true });
      return db.prepare("SELECT count(*) AS legs, count(name) AS named FROM candidate WHERE role = 'leg'").get()!;
    };
    const { legs, named: before } = named();
    assert.ok(Number(before) > 0, 'it has one that bears a name');
    (await openDatabase(file)).release();
    assert.deepEqual({ ...named() }, { legs, named: 0 });
  });

  test(`${release} - a leg in its PostgreSQL schema is found by the name of its source call alone`, async () => {
    const url = await filledDatabase(postgres);
    const named = async () => {
      const client = new Client(url);
      await client.connect();
      const { rows } = await client.query(
        `SELECT count(*)::int AS legs, count(name)::int AS named FROM ${SCHEMA}.candidate WHERE role = 'leg'`,
      );
      await client.end();
      return rows[0] as { readonly legs: number; readonly named: number };
    };
    const before = await named();
    assert.ok(before.named > 0, 'it has one that bears a name');
    await prepareDatabase({ url, schema: SCHEMA }, []);
    assert.deepEqual(await named(), { legs: before.legs, named: 0 });
  });

  test(`${release} - bytes of its SQLite database that begin as packed ones do now are what they were`, async () => {
    const dataDir = dataDirOf('sqlite-marks');
    const file = join(dataDir, 'aftercall.db');
    writeFileSync(file, sqlite);
    {
      using db = new DatabaseSync(file);
      for (const [id, mark] of [
        [1, "x'00'"],
        [2, "x'01'"],
      ])
        db.exec(`UPDATE report SET raw = CAST(${mark} || raw AS BLOB) WHERE id = ${id}`);
    }
    await checkMarks(dataDir, `sqlite:${file}`);
  });

  test(`${release} - bytes of its PostgreSQL schema that begin as packed ones do now are what they were`, async () => {
    const url = await filledDatabase(
      postgres.map(each =>
        each.table === 'report' ? { ...each, rows: each.rows.map(row => ({ ...row, raw: marked(row) })) } : each,
      ),
    );
    await checkMarks(dataDirOf('postgres-marks'), url);
  });
}
