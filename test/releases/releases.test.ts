/** Every release's ledger opens, adds up and answers as it did, on either engine. */
import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readMigrations } from '../../src/ledger/postgres/migrate.ts';
import { HOUSE } from '../cli/copyHouse.ts';
import { sharedPostgres } from '../kit/postgres.ts';
import { createScratch } from '../kit/scratch.ts';
import { runCommand, startServer } from '../kit/server.ts';
import { fillDatabase, furnishDataDir, lastingAnswersOf, RELEASES, readFixture } from './fixture.ts';

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

  test(`${release} - its SQLite database opens, answers as it did, and adds up`, async () => {
    const dataDir = dataDirOf('sqlite');
    writeFileSync(join(dataDir, 'aftercall.db'), sqlite);
    await check(dataDir, `sqlite:${join(dataDir, 'aftercall.db')}`);
  });

  test(`${release} - its PostgreSQL schema opens, answers as it did, and adds up`, async () => {
    const server = await sharedPostgres();
    const url = server.url(await server.createDatabase());
    const versions = new Set(
      postgres.find(each => each.table === 'migration')!.rows.map(({ version }) => Number(version)),
    );
    const migrations = readMigrations().filter(each => versions.has(each.version));
    await fillDatabase(
      url,
      migrations.map(each => each.sql),
      postgres,
    );
    await check(dataDirOf('postgres'), url);
  });
}
