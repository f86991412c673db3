/** `aftercall verify` finds what is planted, one thing at a time, and nothing on a sound ledger; on both engines. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { Client } from 'pg';
import { entities } from '../../src/app/entities.ts';
import { postgresDatabase, SCHEMA } from '../../src/ledger/testing/testStores.ts';
import { startSite } from '../../src/outbound/testing/testSite.ts';
import { mp3 } from '../../src/recordings/testing/testAudio.ts';
import { openEvents } from '../kit/eventStream.ts';
import { SOURCE_KEY } from '../kit/organisation.ts';
import { push } from '../kit/pbxWebhook.ts';
import { createRandom } from '../kit/random.ts';
import { createScratch } from '../kit/scratch.ts';
import { runCommand, startServer } from '../kit/server.ts';
import { createV1Client } from '../kit/v1Client.ts';
import { createCalls } from '../kit/yeastarEvents.ts';
import { ANNA, statedCall } from '../native/house.ts';
import { applicationOf, freshNumber, TELEPHONY } from '../native/telephony.ts';

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

interface Planted {
  readonly what: string;
  readonly harm: string;
  /** A statement that undoes it, or the commands that the remedy names. */
  readonly mend: string | readonly (readonly string[])[];
  readonly found: RegExp;
  readonly remedy: RegExp;
}

const ONE_ROLLUP = `day = (SELECT max(day) FROM rollup WHERE dimension = 'line') AND dimension = 'line'`;
const PLANTED: readonly Planted[] = [
  {
    what: 'a wrong total',
    harm: `UPDATE rollup SET calls = calls + 1 WHERE ${ONE_ROLLUP}`,
    mend: [['rebuild']],
    found: /^rollup .*: calls is \d+, counted \d+$/m,
    remedy: /run "aftercall rebuild"\.$/m,
  },
  {
    what: 'a call unlike its reports',
    harm: 'UPDATE call SET duration_seconds = duration_seconds + 5 WHERE id = 1',
    mend: 'UPDATE call SET duration_seconds = duration_seconds - 5 WHERE id = 1',
    found: /^call 1 is unlike its reports: durationSeconds is \d+, they say \d+$/m,
    remedy: /run "aftercall refold"/,
  },
  {
    what: 'a talk unlike its reports',
    harm: 'UPDATE call SET talk_seconds = talk_seconds + 100 WHERE id = 1',
    mend: [['refold', '--source', SOURCE_KEY, '--from', '2026-03-01', '--to', '2026-03-05'], ['rebuild']],
    found: /^call 1 is unlike its reports: talkSeconds is \d+, they say \d+$/m,
    remedy: /run "aftercall refold"/,
  },
  {
    what: 'a number unlike its reports, which is not printed',
    harm: `UPDATE call SET "from" = '9' || "from" WHERE id = 1`,
    mend: `UPDATE call SET "from" = substr("from", 2) WHERE id = 1`,
    found: /^call 1 is unlike its reports: from differs$/m,
    remedy: /run "aftercall refold"/,
  },
  {
    what: 'a person who took no part',
    harm: `INSERT INTO participation (call_id, user_id, role, started_at, ring_seconds, talk_seconds)
      SELECT id, 3, 'rang', started_at, NULL, NULL FROM call WHERE id = 1`,
    mend: 'DELETE FROM participation WHERE call_id = 1 AND user_id = 3',
    found: /^call 1 is unlike its reports: participants differ$/m,
    remedy: /run "aftercall refold"/,
  },
  {
    what: 'a person in a call that does not exist',
    harm: `INSERT INTO participation (call_id, user_id, role, started_at, ring_seconds, talk_seconds)
      VALUES (999999, 3, 'rang', 0, NULL, NULL)`,
    mend: 'DELETE FROM participation WHERE call_id = 999999',
    found: /^1 people took part in a call that does not exist$/m,
    remedy: /^1 things do not add up: restore a backup\.$/m,
  },
  {
    what: 'a queue it was not in',
    harm: `INSERT INTO queue_visit (call_id, source_id, queue, place, started_at, outcome, wait_seconds)
      SELECT id, source_id, '6499', 7, started_at, 'abandoned', 5 FROM call WHERE id = 1`,
    mend: "DELETE FROM queue_visit WHERE call_id = 1 AND queue = '6499'",
    found: /^call 1 is unlike its reports: queues differ$/m,
    remedy: /run "aftercall refold"/,
  },
  {
    what: 'a queue of a call that does not exist',
    harm: `INSERT INTO queue_visit (call_id, source_id, queue, place, started_at, outcome, wait_seconds)
      VALUES (999999, 1, '6400', 0, 0, 'abandoned', NULL)`,
    mend: 'DELETE FROM queue_visit WHERE call_id = 999999',
    found: /^1 stays in a queue are of a call that does not exist$/m,
    remedy: /^1 things do not add up: restore a backup\.$/m,
  },
  {
    what: 'a report that is gone',
    harm: 'UPDATE report SET source_call_id = -source_call_id WHERE source_call_id = 1',
    mend: 'UPDATE report SET source_call_id = -source_call_id WHERE source_call_id = -1',
    found: /^call 1 has no report of a source$/m,
    remedy: /^\d+ things do not add up: restore a backup\.$/m,
  },
  {
    what: 'a source call that another call has',
    harm: 'UPDATE source_call SET call_id = 2 WHERE id = 1',
    mend: 'UPDATE source_call SET call_id = 1 WHERE id = 1',
    found: /^call 1 names source calls that are not part of it: 1$/m,
    remedy: /^\d+ things do not add up: restore a backup\.$/m,
  },
  {
    what: 'a source call of no call',
    harm: `INSERT INTO source_call (id, source_id, name, kind, call_id) VALUES (999999, 1, 'stray', 'call', 1)`,
    mend: 'DELETE FROM source_call WHERE id = 999999',
    found: /^1 source calls are part of a call that does not name them$/m,
    remedy: /^\d+ things do not add up: restore a backup\.$/m,
  },
  {
    what: 'an ended call that nothing waits for',
    harm: 'UPDATE call SET settles_at = NULL, ended_seen_at = NULL WHERE id = 1',
    mend: [['refold', '--source', SOURCE_KEY, '--from', '2026-03-01', '--to', '2026-03-05']],
    found: /^call 1 has ended, and nothing waits for it to settle$/m,
    remedy: /^1 things do not add up: restore a backup\.$/m,
  },
  {
    what: 'a call that waits for ever',
    harm: 'UPDATE call SET settles_at = settles_at + 1000000000000 WHERE id = 1',
    mend: 'UPDATE call SET settles_at = settles_at - 1000000000000 WHERE id = 1',
    found: /^call 1 is due to settle \d+ ms later than it may$/m,
    remedy: /^1 things do not add up: restore a backup\.$/m,
  },
  {
    what: 'a call that settles twice',
    harm: 'UPDATE call SET split_at = settles_at WHERE id = 1',
    mend: 'UPDATE call SET split_at = NULL WHERE id = 1',
    found: /^call 1 is due to settle, and counts as settled since it was split off$/m,
    remedy: /^1 things do not add up: restore a backup\.$/m,
  },
  {
    what: 'a settling line that no entry moved',
    harm: 'UPDATE settling_line SET at = at + 1',
    mend: 'UPDATE settling_line SET at = at - 1',
    found: /^the settling line is at \d+, and the journal moved it to \d+$/m,
    remedy: /^1 things do not add up: restore a backup\.$/m,
  },
  {
    what: 'a move of the line from elsewhere',
    harm: `UPDATE journal SET data = replace(data, '"from":0', '"from":1') WHERE kind = 'calls.settled'
      AND data LIKE '%"from":0,%'`,
    mend: `UPDATE journal SET data = replace(data, '"from":1', '"from":0') WHERE kind = 'calls.settled'
      AND data LIKE '%"from":1,%'`,
    found: /^entry \d+ moves the settling line from 1, and it was at 0$/m,
    remedy: /^1 things do not add up: restore a backup\.$/m,
  },
  {
    what: 'a call that has another past',
    harm: 'INSERT INTO former_call (id, settled_at, historical) VALUES (1, 5, FALSE)',
    mend: 'DELETE FROM former_call WHERE id = 1',
    found: /^call 1 settled at 5 before it became part of another one, and its row says \d+$/m,
    remedy: /^1 things do not add up: restore a backup\.$/m,
  },
  {
    what: 'a gap in the journal',
    harm: 'UPDATE journal SET position = 999999 WHERE position = 2',
    mend: 'UPDATE journal SET position = 2 WHERE position = 999999',
    found: /^the journal has \d+ entries, and the newest is number 999999$/m,
    remedy: /restore a backup\.$/m,
  },
];

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

    for (const { what, harm: statement, mend, found, remedy } of PLANTED) {
      await harm(url, statement);
      const { exitCode, output } = await verify();
      assert.equal(exitCode, 1, what);
      assert.match(output, found, what);
      assert.match(output, remedy, what);
      if (typeof mend === 'string') await harm(url, mend);
      else await mendWith(mend);
    }
    assert.deepEqual(await verify(), SOUND);
    await assertFindsLostAudio(dataDir, verify);
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
    /^1 files in .* belong to no recording \(5 bytes\): nothing needs them\.\nEverything adds up\.\n$/,
  );
  rmSync(spare);
  assert.deepEqual(await verify(), SOUND);
}

type Ran = Awaited<ReturnType<typeof runCommand>>;
