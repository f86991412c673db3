/**
 * `aftercall refold` where a changed zone makes legs of a PBX meet what an application registered: previewed, applied, taken back, on both
 * engines.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { entities } from '../../src/app/entities.ts';
import { postgresDatabase } from '../../src/ledger/testing/testStores.ts';
import { openEvents } from '../kit/eventStream.ts';
import { ORGANISATION } from '../kit/organisation.ts';
import { createScratch } from '../kit/scratch.ts';
import { type RunningServer, runCommand, startServer } from '../kit/server.ts';
import { createV1Client } from '../kit/v1Client.ts';
import { ANNA, statedCall } from '../native/house.ts';
import { applicationOf, freshNumber, pbxTells, TELEPHONY } from '../native/telephony.ts';

const { key: KEY, kind, numbers, timeZone, secret } = ORGANISATION.sources[0];
const RIGHT = { kind, timeZone, numbers, settings: { secret } };
const WRONG = { ...RIGHT, timeZone: 'Asia/Karachi' };
/** The PBX is set while the server runs, so that one start sees it wrong and right. */
const HOUSE = { ...TELEPHONY, sources: [] };

async function setSource(server: RunningServer, body: object): Promise<void> {
  const { status } = await createV1Client(server).ask('PUT', `/v1/sources/${KEY}`, { body });
  assert.ok(status === 200 || status === 201, String(status));
}

/** Two calls that both had settled, and one that the application has not finished, each told by the PBX in the wrong zone. */
async function tell(server: RunningServer): Promise<{ readonly settled: Twice; readonly open: Twice }> {
  const v1 = createV1Client(server);
  const { register, finish } = applicationOf(server);
  const [settledNumber, openNumber] = [freshNumber(), freshNumber()];
  const startedAt = Date.now();
  // Without a PBX nobody is waited for, and a finished call settles in a second.
  const token = await register(settledNumber);
  await finish(token, { DURATION: 1 });
  const { id: application } = await v1.callOf(token, 'bitrix24');
  await v1.settled(application);
  await setSource(server, WRONG);
  const legOf = async (number: string): Promise<number> =>
    (await v1.callOf(await pbxTells(server, { number, startedAt, durationSeconds: 3, talkSeconds: 2 }), KEY)).id;
  const pbx = await legOf(settledNumber);
  await v1.settled(pbx);
  const { id: unfinished } = await v1.callOf(await register(openNumber), 'bitrix24');
  const open = { application: unfinished, pbx: await legOf(openNumber) };
  await v1.settled(open.pbx);
  return { settled: { application, pbx }, open };
}

/** The two calls that one call is, as long as nobody knows. */
interface Twice {
  readonly application: number;
  readonly pbx: number;
}

/** What people read of every call, but for its journal. */
async function answersOf(server: RunningServer): Promise<unknown> {
  const v1 = createV1Client(server);
  const ids = (await v1.list()).map(each => each.id).sort((a, b) => a - b);
  const calls = await Promise.all(ids.map(async id => ({ ...(await v1.call(id)), journal: null })));
  return { calls, totals: await v1.get('/v1/statistics/summary?by=user') };
}

const positionOf = async (server: RunningServer): Promise<number> =>
  ((await (await server.get('/readyz')).json()) as { position: number }).position;

const day = (offset: number): string => Temporal.Now.plainDateISO('UTC').add({ days: offset }).toString();

for (const engine of ['SQLite', 'PostgreSQL'] as const) {
  test(`refold, ${engine} - legs that meet registrations: previewed, applied and taken back alike`, async () => {
    using scratch = createScratch('refold-matches');
    const dataDir = join(scratch.path, 'data');
    const url =
      engine === 'SQLite' ? `sqlite:${join(dataDir, 'aftercall.db')}` : (await postgresDatabase(entities)).url;
    const env = { DATABASE_URL: url };
    const serve = () => startServer({ config: HOUSE, dataDir, env });
    const run = async (...command: string[]): Promise<string> => {
      const { exitCode, output } = await runCommand(command, { dataDir, env });
      assert.equal(exitCode, 0, output);
      return output;
    };
    const range = ['--source', KEY, '--from', day(-2), '--to', day(3)];
    const tableOf = (output: string): string => output.slice(0, output.search(/^(Nothing was changed|This was run)/m));

    let [before, position] = [null as unknown, 0];
    let told: Awaited<ReturnType<typeof tell>>;
    {
      await using server = await serve();
      told = await tell(server);
      await setSource(server, RIGHT);
      [before, position] = [await answersOf(server), await positionOf(server)];
    }
    const preview = tableOf(await run('refold', ...range, '--dry-run'));
    assert.match(preview, /^Calls that become part of another one: 1\.$/m);
    assert.match(preview, /^Reports read otherwise: 2\.\nCalls changed: 2\.$/m);
    assert.equal(tableOf(await run('refold', ...range)), preview);
    assert.match(await run('verify'), /^Everything adds up\.$/m);
    await run('refold', '--take-back', '1');
    {
      await using server = await serve();
      assert.deepEqual(await answersOf(server), before);
    }
    assert.equal(tableOf(await run('refold', ...range)), preview);
    await using server = await serve();
    await assertMatched(server, told);
    await assertNoNews(server, position);
  });
}

async function assertMatched(
  server: RunningServer,
  { settled, open }: Awaited<ReturnType<typeof tell>>,
): Promise<void> {
  const v1 = createV1Client(server);
  const both = await v1.call(open.pbx);
  assert.deepEqual([both.id, both.aliases, both.userId], [open.application, [open.pbx], ANNA.id]);
  assert.deepEqual((await v1.call(settled.pbx)).possibleMatches, [settled.application]);
}

/** Whoever does not ask for what is no news is told of none of it; who does, of all. */
async function assertNoNews(server: RunningServer, position: number): Promise<void> {
  const { id } = await createV1Client(server).post<{ id: number }>('/v1/calls', statedCall(), 201);
  const until = async (historical: boolean) => {
    await using events = await openEvents(server, { after: position, historical });
    await events.first('the new call', each => each.kind === 'call.ended' && each.data.callId === id);
    return events.received.filter(each => each.kind !== 'call.settled' && each.kind !== 'organisation.changed');
  };
  assert.deepEqual(
    (await until(false)).map(each => [each.kind, each.data.callId]),
    [['call.ended', id]],
  );
  const all = (await until(true)).filter(each => each.data.callId !== id);
  assert.ok(all.every(each => each.data.historical === true));
  // What the application has not finished ends by what the PBX told of it.
  const kinds = ['call.amended', 'call.ended', 'call.joined', 'call.possible_match_found', 'call.split'];
  assert.deepEqual([...new Set(all.map(each => each.kind))].sort(), kinds);
}
