/**
 * `npm run release:fixture -- 0.1.0` writes the fixture of a release (docs/releasing.md): a server is told of everything, its
 * ledger is copied to PostgreSQL, and both are kept with what it answered.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { entities } from '../../src/app/entities.ts';
import { postgresDatabase } from '../../src/ledger/testing/testStores.ts';
import { HOUSE, tell } from '../cli/copyHouse.ts';
import { runProgram } from '../cli/program.ts';
import { createScratch } from '../kit/scratch.ts';
import { startServer } from '../kit/server.ts';
import { lastingAnswersOf, RELEASES, rowsOf, writeFixture } from './fixture.ts';
import { tellMore } from './tellMore.ts';

const [release] = process.argv.slice(2);
if (release === undefined || !/^\d+\.\d+\.\d+$/.test(release)) {
  process.stderr.write('Usage: npm run release:fixture -- 1.2.3\n');
  process.exit(2);
}

using scratch = createScratch('release');
const dataDir = join(scratch.path, 'data');
const server = await startServer({ ...HOUSE, dataDir, sqlite: true });
await tell(server);
await tellMore(server);
const answers = await lastingAnswersOf(server);
await server.stop();

const file = join(dataDir, 'aftercall.db');
const whole = join(scratch.path, 'whole.db');
const db = new DatabaseSync(file);
db.exec(`VACUUM INTO '${whole}'`);
db.close();

const { url } = await postgresDatabase(entities);
const copied = await runProgram(['copy', '--from', `sqlite:${file}`, '--to', url], { env: { DATA_DIR: dataDir } });
if (copied.end !== 0) throw new Error(copied.stderr);

mkdirSync(join(RELEASES, release), { recursive: true });
writeFixture(release, {
  sqlite: readFileSync(whole),
  postgres: await rowsOf(url),
  answers,
  key: readFileSync(join(dataDir, 'secret.key')),
});
process.stdout.write(`test/releases/${release}: written\n`);
process.exit(0);
