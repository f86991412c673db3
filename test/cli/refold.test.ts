/** `aftercall refold` after a PBX's zone and number plan were wrong: previewed, applied, taken back, on both engines. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { entities } from '../../src/app/entities.ts';
import { postgresDatabase } from '../../src/ledger/testing/testStores.ts';
import { openEvents } from '../kit/eventStream.ts';
import { ORGANISATION } from '../kit/organisation.ts';
import { push } from '../kit/pbxWebhook.ts';
import { createRandom } from '../kit/random.ts';
import { createScratch } from '../kit/scratch.ts';
import { type RunningServer, runCommand, startServer } from '../kit/server.ts';
import { createV1Client } from '../kit/v1Client.ts';
import { createCalls } from '../kit/yeastarEvents.ts';
import { statedCall } from '../native/house.ts';

const CALLS = 12;
const { key: KEY, kind, numbers, timeZone, secret } = ORGANISATION.sources[0];
const RIGHT = { kind, timeZone, numbers, settings: { secret } };
/** Two hours off, and every queue taken for a menu. */
const WRONG = { ...RIGHT, timeZone: 'Europe/Lisbon', numbers: { ...numbers, ivr: ['62xx', '64xx'], queue: [] } };
const USERS = [1001, 1002, 1003, 4001, 4002, 4003, 4004, 4005].map((extension, place) => ({
  id: place + 1,
  login: `user${extension}`,
  extension: String(extension),
  roles: ['agent'],
}));
/** The PBX is set while the server runs, so that one start sees it wrong and right. */
const HOUSE = { ...ORGANISATION, users: USERS, sources: [] };

async function setSource(server: RunningServer, body: object): Promise<void> {
  const { status } = await fetch(`${server.url}/v1/sources/${KEY}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  assert.ok(status === 200 || status === 201, String(status));
}

const generated = createCalls(createRandom(11), {
  startedAtSeconds: Date.UTC(2026, 2, 2, 8) / 1000,
  callsPerSecond: 0.01,
  queueShare: 0.5,
  amendedShare: 0.3,
});
const CALLS_TOLD = Array.from({ length: CALLS }, () => generated.next());
const BODIES = CALLS_TOLD.flatMap(each => [...each.events, ...each.amendments].map(event => event.body));

async function tell(server: RunningServer): Promise<void> {
  for (const body of BODIES) assert.equal((await push(server, body)).errcode, 0);
}

/** What people read of the calls, but for when this server took it and what its journal has. */
async function answersOf(
  server: RunningServer,
): Promise<{ calls: readonly unknown[]; statistics: readonly unknown[] }> {
  const v1 = createV1Client(server);
  const ids = (await v1.list()).map(each => each.id).sort((a, b) => a - b);
  const calls: unknown[] = [];
  for (const id of ids) {
    const { journal, ...told } = await v1.call(id);
    assert.ok(journal.length > 0);
    calls.push(JSON.parse(JSON.stringify(told, (name, value) => (OWN_TIMES.has(name) ? null : value))));
  }
  const statistics = await Promise.all(
    ['day', 'hour', 'user', 'queue', 'outcome'].map(by => v1.get(`/v1/statistics/summary?by=${by}`)),
  );
  return { calls, statistics };
}
const OWN_TIMES = new Set(['settledAt', 'receivedAt', 'firstReceivedAt', 'lastReceivedAt']);

/** What a server answers that was set right from the first report on. */
let truth: ReturnType<typeof answersOf> | undefined;
async function tellTruth(): ReturnType<typeof answersOf> {
  await using server = await startServer({ config: HOUSE, memory: true });
  await setSource(server, RIGHT);
  await tell(server);
  return await answersOf(server);
}

for (const engine of ['SQLite', 'PostgreSQL'] as const) {
  test(`refold, ${engine} - after a changed zone and number plan: previewed, applied, taken back`, async () => {
    using scratch = createScratch('refold');
    const dataDir = join(scratch.path, 'data');
    const url =
      engine === 'SQLite' ? `sqlite:${join(dataDir, 'aftercall.db')}` : (await postgresDatabase(entities)).url;
    const env = { DATABASE_URL: url };
    const serve = () => startServer({ config: HOUSE, dataDir, env });
    const run = (...command: string[]) => runCommand(command, { dataDir, env });
    const range = ['--source', KEY, '--from', '2026-03-01', '--to', '2026-03-05'];
    const assertSound = async () =>
      assert.deepEqual(await run('verify'), { exitCode: 0, output: 'Everything adds up.\n' });
    truth ??= tellTruth();
    const right = await truth;

    // What was told stays until it is folded anew; the preview works beside the server, and changes nothing.
    let preview = '';
    let position = 0;
    let before = right;
    {
      await using server = await serve();
      await setSource(server, WRONG);
      await tell(server);
      before = await answersOf(server);
      assert.notDeepEqual(before, right);
      await setSource(server, RIGHT);
      const { exitCode, output } = await run('refold', ...range, '--dry-run');
      assert.equal(exitCode, 0, output);
      assert.match(output, new RegExp(`^Reports read otherwise: ${BODIES.length}\\.$`, 'm'));
      assert.match(output, new RegExp(`^Calls changed: ${CALLS}\\.$`, 'm'));
      assert.match(output, new RegExp(`^ {2}startedAt: ${CALLS}\\n {4}call \\d+: 2026-.*Z → 2026-.*Z$`, 'm'));
      assert.match(output, /^ {2}queue: \d+\n {4}call \d+: null → 640\d$/m);
      assert.match(output, /^ {2}2026-03-02: .*\d+ → \d+/m);
      assert.deepEqual((await answersOf(server)).calls, before.calls);
      preview = output.slice(0, output.indexOf('Nothing was changed'));
      position = ((await (await server.get('/readyz')).json()) as { position: number }).position;
    }

    if (engine === 'SQLite') {
      const unlike = await run('verify');
      assert.equal(unlike.exitCode, 1);
      assert.match(unlike.output, /^call \d+ is unlike its reports: .*run "aftercall refold"/ms);
    }

    const applied = await run('refold', ...range);
    assert.equal(applied.exitCode, 0, applied.output);
    assert.equal(applied.output.slice(0, applied.output.indexOf('This was run')), preview);
    assert.match(applied.output, /^This was run 1: "aftercall refold --take-back 1"/m);
    await assertSound();
    if (engine === 'SQLite') await assertRunsInOrder(run, range);
    {
      await using server = await serve();
      assert.deepEqual(await answersOf(server), right);
      // Who does not ask for what is no news is not told.
      const { id } = await createV1Client(server).post<{ id: number }>('/v1/calls', statedCall(), 201);
      await using quiet = await openEvents(server, { after: position });
      const first = await quiet.first('the end of the new call', each => each.kind === 'call.ended');
      assert.equal(first.data.callId, id);
      assert.ok(!quiet.received.some(each => each.kind === 'call.amended'));
      await using whole = await openEvents(server, { after: position, historical: true });
      await whole.first('the end of the new call', each => each.kind === 'call.ended');
      const amended = whole.received.filter(each => each.kind === 'call.amended');
      assert.equal(amended.length, CALLS);
      assert.ok(amended.every(each => each.data.historical === true));
      await setSource(server, WRONG);
    }

    // With the source as it was, everything is as it was.
    const taken = await run('refold', '--take-back', '1');
    assert.equal(taken.exitCode, 0, taken.output);
    assert.match(taken.output, new RegExp(`^Run 1 is taken back: ${BODIES.length} reports`, 'm'));
    await assertSound();
    await using server = await serve();
    const { calls } = await answersOf(server);
    assert.deepEqual(calls.slice(0, CALLS), before.calls);
  });
}

type Run = (...command: string[]) => ReturnType<typeof runCommand>;

/** A second run finds nothing to do, and is taken back before the first. */
async function assertRunsInOrder(run: Run, range: readonly string[]): Promise<void> {
  const second = await run('refold', ...range);
  assert.match(second.output, /^Reports read otherwise: 0\.\nCalls changed: 0\.$/m);
  assert.match(second.output, /^This was run 2:/m);
  assert.deepEqual(await run('refold', '--take-back', '1'), {
    exitCode: 1,
    output: 'run 2 came after it for the same source: take that one back first.\n',
  });
  assert.equal((await run('refold', '--take-back', '2')).exitCode, 0);
  assert.deepEqual(await run('refold', '--take-back', '2'), {
    exitCode: 1,
    output: 'run 2 has been taken back already.\n',
  });
  const { output } = await run('refold');
  const first = `${CALLS} calls changed, ${BODIES.length} reports read otherwise; applied`;
  assert.match(output, new RegExp(`^run 1, .*: hq, .*: ${first}\nrun 2, .*: 0 calls changed, .*; taken back$`, 'm'));
}
