/** Makes a ledger of this version that has everything in it, on either engine. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { entities } from '../../src/app/entities.ts';
import { postgresDatabase } from '../../src/ledger/testing/testStores.ts';
import { HOUSE, tell } from '../cli/copyHouse.ts';
import { runProgram } from '../cli/program.ts';
import { SOURCE_KEY } from '../kit/organisation.ts';
import { startServer } from '../kit/server.ts';
import { type Fixture, lastingAnswersOf, rowsOf } from './fixture.ts';
import { tellAll } from './tellAll.ts';
import { tellMore } from './tellMore.ts';

/** In an empty directory. */
export async function writeLedger(scratch: string): Promise<Fixture> {
  const dataDir = join(scratch, 'data');
  const file = join(dataDir, 'aftercall.db');
  await tellEverything(dataDir);
  const answers = await answersOfStopped(dataDir);
  const whole = join(scratch, 'whole.db');
  const db = new DatabaseSync(file);
  db.exec(`VACUUM INTO '${whole}'`);
  db.close();
  const { url } = await postgresDatabase(entities);
  await run(dataDir, ['copy', '--from', `sqlite:${file}`, '--to', url]);
  return {
    sqlite: readFileSync(whole),
    postgres: await rowsOf(url),
    answers,
    key: readFileSync(join(dataDir, 'secret.key')),
    recordings: audioIn(join(dataDir, 'recordings')),
  };
}

async function tellEverything(dataDir: string): Promise<void> {
  {
    await using server = await startServer({ ...HOUSE, dataDir, sqlite: true });
    await tell(server);
    await tellMore(server);
    await tellAll(server);
    await server.stop();
  }
  // An hour off, and set right: what it told before is kept with the run.
  const [pbx, ...others] = HOUSE.config.sources;
  const moved = { ...HOUSE.config, sources: [{ ...pbx!, timeZone: 'Africa/Johannesburg' }, ...others] };
  await (await startServer({ ...HOUSE, config: moved, dataDir, sqlite: true })).stop();
  await run(dataDir, ['refold', '--source', SOURCE_KEY, '--from', '2026-02-01', '--to', '2026-02-04']);
}

async function answersOfStopped(dataDir: string): Promise<Fixture['answers']> {
  await using server = await startServer({ ...HOUSE, dataDir, sqlite: true });
  const answers = await lastingAnswersOf(server);
  await server.stop();
  return answers;
}

async function run(dataDir: string, command: readonly string[]): Promise<void> {
  const env = { DATA_DIR: dataDir, DATABASE_URL: `sqlite:${join(dataDir, 'aftercall.db')}` };
  const { end, stderr } = await runProgram(command, { env });
  if (end !== 0) throw new Error(`${command[0]}: ${stderr}`);
}

function audioIn(directory: string): Fixture['recordings'] {
  mkdirSync(directory, { recursive: true });
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter(each => each.isFile())
    .map(each => join(each.parentPath, each.name))
    .map(path => ({ path: relative(directory, path), bytes: readFileSync(path).toString('base64') }));
}
