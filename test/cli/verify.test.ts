/** `aftercall verify` finds what is planted, one thing at a time on SQLite and several on PostgreSQL, and nothing on a sound ledger. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { Client } from 'pg';
import { entities } from '../../src/app/entities.ts';
import { postgresDatabase, SCHEMA } from '../../src/ledger/testing/testStores.ts';
import { startSite } from '../../src/outbound/testing/testSite.ts';
import { mp3 } from '../../src/recordings/testing/testAudio.ts';
import { openEvents } from '../kit/eventStream.ts';
import { push } from '../kit/pbxWebhook.ts';
import { createRandom } from '../kit/random.ts';
import { createScratch } from '../kit/scratch.ts';
import { runCommand, startServer } from '../kit/server.ts';
import { createV1Client } from '../kit/v1Client.ts';
import { createCalls } from '../kit/yeastarEvents.ts';
import { ANNA, statedCall } from '../native/house.ts';
import { applicationOf, freshNumber, TELEPHONY } from '../native/telephony.ts';
import { PLANTED, type Planted } from './planted.ts';

const SOUND = { exitCode: 0, output: 'Everything adds up.\n' };

/** Calls of a PBX and a program, and a recording of a call an application finished. */
async function tellOf(t: TestContext, dataDir: string, env: Readonly<Record<string, string>>): Promise<void> {
  const site = await startSite(t, (_request, response) =>
    response.writeHead(200, { 'content-type': 'audio/mpeg' }).end(mp3()),
  );
  const config = { ...TELEPHONY, outbound: { allow: ['127.0.0.1'] } };
  await using server = await startServer({ config, dataDir, env });
  const calls = createCalls(createRandom(3), { startedAtSeconds: 1772445600, callsPerSecond: 1, queueShare: 0.5 });
  for (let n = 0; n < 10; n++) {
    for (const { body } of calls.next().events) assert.equal((await push(server, body)).errcode, 0);
  }
  const v1 = createV1Client(server);
  const { id } = await v1.post<{ id: number }>('/v1/calls', statedCall({ extension: ANNA.extension }), 201);
  await v1.post(`/v1/calls/${id}/corrections`, { fields: { note: 'a note' } }, 201);
  const other = await v1.post<{ id: number }>('/v1/calls', statedCall(), 201);
  await v1.post(`/v1/calls/${id}/join`, { with: other.id }, 200);
  await v1.settled(id);
  await using events = await openEvents(server);
  const { register, finish } = applicationOf(server);
  await finish(await register(freshNumber()), { RECORD_URL: `${site.origin}/a.mp3` });
  await events.first('the recording', each => each.kind === 'recording.attached');
}

/** Runs statements in the database of a server that has stopped. */
async function harm(url: string, ...statements: readonly string[]): Promise<void> {
  if (url.startsWith('sqlite:')) {
    const db = new DatabaseSync(url.slice('sqlite:'.length));
    for (const each of statements) assert.ok(db.prepare(each).run().changes > 0, each);
    db.close();
    return;
  }
  const client = new Client({ connectionString: url, options: `-c search_path=${SCHEMA}` });
  await client.connect();
  for (const each of statements) assert.ok((await client.query(each)).rowCount! > 0, each);
  await client.end();
}

/** In the order of the first of each. */
function together(planted: readonly Planted[]): readonly (readonly Planted[])[] {
  return [...Map.groupBy(planted, each => each.together ?? each.what).values()];
}

/** What is said of one thing, where there are several. */
const ofMany = ({ source, flags }: RegExp): RegExp => new RegExp(source.replace('^1 things', '^\\d+ things'), flags);

for (const engine of ['SQLite', 'PostgreSQL'] as const) {
  test(`verify, ${engine} - finds each thing that does not add up, and nothing where all does`, async t => {
    using scratch = createScratch('verify');
    const dataDir = join(scratch.path, 'data');
    const url =
      engine === 'SQLite' ? `sqlite:${join(dataDir, 'aftercall.db')}` : (await postgresDatabase(entities)).url;
    const env = { DATABASE_URL: url };
    const verify = (...options: string[]) => runCommand(['verify', ...options], { dataDir, env });
    const mendWith = async (commands: readonly (readonly string[])[]): Promise<void> => {
      for (const each of commands) {
        const { exitCode, output } = await runCommand(each, { dataDir, env });
        assert.equal(exitCode, 0, output);
      }
    };
    await tellOf(t, dataDir, env);
    assert.deepEqual(await verify('--digests'), SOUND);

    for (const planted of engine === 'SQLite' ? PLANTED.map(each => [each]) : together(PLANTED)) {
      for (const { harm: statement } of planted) {
        await harm(url, ...(typeof statement === 'string' ? [statement] : statement));
      }
      const { exitCode, output } = await verify();
      const commands = new Map<string, readonly string[]>();
      for (const { what, found, remedy, mend } of planted) {
        assert.equal(exitCode, 1, what);
        assert.match(output, found, what);
        assert.match(output, planted.length === 1 ? remedy : ofMany(remedy), what);
        if (typeof mend === 'string') await harm(url, mend);
        else for (const each of mend) commands.set(each.join(' '), each);
      }
      await mendWith([...commands.values()]);
    }
    assert.deepEqual(await verify(), SOUND);
    await assertFindsLostAudio(dataDir, verify);
    await harm(url, 'DELETE FROM recording WHERE id = 1');
    const { exitCode, output } = await verify();
    assert.equal(exitCode, 1);
    assert.match(output, /^recording 1 is missing: it was stored, and is not there$/m);
    assert.match(output, /^1 files in .*: keep them, they may be the audio of recordings whose rows are lost\.$/m);
  });
}

/** Each thing that can happen to a file: it goes, it is cut off, it is another one of the same size, or one that no row names. */
async function assertFindsLostAudio(dataDir: string, verify: (...options: string[]) => Promise<Ran>): Promise<void> {
  const directory = join(dataDir, 'recordings');
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter(each => each.isFile());
  const [file, ...others] = entries.map(each => join(each.parentPath, each.name));
  assert.deepEqual(others, []);
  const audio = readFileSync(file!);

  renameSync(file!, join(dataDir, 'elsewhere'));
  const missing = await verify();
  assert.equal(missing.exitCode, 1);
  assert.match(missing.output, /^recording 1 of call \d+: its file \w\w\/\w+\.mp3 is missing$/m);
  assert.match(missing.output, /put the files back from a backup\.$/m);
  renameSync(join(dataDir, 'elsewhere'), file!);

  truncateSync(file!, 10);
  const cut = await verify();
  assert.equal(cut.exitCode, 1);
  assert.match(cut.output, new RegExp(`has 10 bytes, and ${audio.byteLength} were stored$`, 'm'));

  // Its folder is a file: that one recording cannot be read, whatever the system calls it.
  const folder = dirname(file!);
  renameSync(folder, join(dataDir, 'folder'));
  writeFileSync(folder, 'no folder');
  const blocked = await verify('--digests');
  assert.equal(blocked.exitCode, 1);
  assert.match(blocked.output, /^recording 1 of call \d+: its file \S+ cannot be read \(ENOTDIR\)$/m);
  rmSync(folder);
  renameSync(join(dataDir, 'folder'), folder);

  writeFileSync(file!, Buffer.alloc(audio.byteLength, 1));
  assert.deepEqual(await verify(), SOUND);
  const other = await verify('--digests');
  assert.equal(other.exitCode, 1);
  assert.match(other.output, /is not the audio that was stored$/m);
  writeFileSync(file!, audio);

  // What a crash leaves is no damage.
  const spare = join(file!, '..', `${'0'.repeat(64)}.mp3`);
  writeFileSync(spare, 'spare');
  const { exitCode, output } = await verify('--digests');
  assert.equal(exitCode, 0, output);
  assert.match(
    output,
    /^1 files in .* belong to no recording \(5 bytes\): a crash leaves one, and no row was lost\.\nEverything adds up\.\n$/,
  );
  rmSync(spare);
  assert.deepEqual(await verify(), SOUND);
}

type Ran = Awaited<ReturnType<typeof runCommand>>;
