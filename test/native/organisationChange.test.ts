import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { push, signatureOf } from '../kit/pbxWebhook.ts';
import { createRandom } from '../kit/random.ts';
import { createScratch } from '../kit/scratch.ts';
import { type RunningServer, runCommand, startServer } from '../kit/server.ts';
import { basic, createV1Client, type V1Client } from '../kit/v1Client.ts';
import type { CallView, SummaryView } from '../kit/v1Views.ts';
import { createCalls } from '../kit/yeastarEvents.ts';
import { ANNA, BERT, HOUSE, statedCall } from './house.ts';
import { KEYS, plain, recount } from './recount.ts';

/** Starts the server on the same data with one organisation file after another. */
function createEras(): (config: object, work: (v1: V1Client, server: RunningServer) => Promise<void>) => Promise<void> {
  const dataDir = join(createScratch('organisation').path, 'data');
  return async (config, work) => {
    await using server = await startServer({ config, dataDir });
    await work(createV1Client(server), server);
  };
}

const people = (extensions: { anna?: unknown; bert?: unknown }) => ({
  ...HOUSE,
  users: [
    { ...ANNA, roles: ['agent'], extension: extensions.anna ?? null },
    { ...BERT, roles: ['agent'], extension: extensions.bert ?? null },
  ],
});

const reportAt = (v1: V1Client, startedAt: string): Promise<CallView> =>
  v1.post('/v1/calls', statedCall({ startedAt, extension: '2005' }), 201);

test('an extension that moves - calls from before belong to who had it, whenever they are told', async () => {
  const era = createEras();
  let before = 0;
  let earlier = '';
  await era(people({ anna: '2005' }), async v1 => {
    const call = await reportAt(v1, '2026-03-02T10:00:00Z');
    assert.equal(call.userId, ANNA.id);
    before = call.id;
    earlier = new Date(Date.now() - 1).toISOString();
  });
  await era(people({ bert: '2005' }), async v1 => {
    assert.equal((await v1.call(before)).userId, ANNA.id);
    assert.equal((await reportAt(v1, '2026-03-02T11:00:00Z')).userId, ANNA.id);
    assert.equal((await reportAt(v1, earlier)).userId, ANNA.id);
    assert.equal((await reportAt(v1, new Date().toISOString())).userId, BERT.id);
  });
  await era(people({}), async v1 => {
    assert.equal((await reportAt(v1, '2026-03-02T12:00:00Z')).userId, ANNA.id);
    assert.equal((await reportAt(v1, new Date().toISOString())).userId, null);
    assert.equal((await v1.call(before)).userId, ANNA.id);
  });
});

test('an extension with dates - to the instant, in the organisation’s zone, for legs of a PBX too', async () => {
  const era = createEras();
  const dated = people({
    anna: [{ number: '2005', to: '2026-03-01' }],
    bert: [{ number: '2005', from: '2026-03-01', to: '2026-03-10T12:00:00+01:00' }],
  });
  await era(dated, async (v1, server) => {
    for (const [startedAt, userId] of [
      ['2020-01-01T00:00:00Z', ANNA.id],
      ['2026-02-28T22:59:59.999Z', ANNA.id],
      ['2026-02-28T23:00:00Z', BERT.id],
      ['2026-03-10T10:59:59.999Z', BERT.id],
      ['2026-03-10T11:00:00Z', null],
    ] as const) {
      assert.equal((await reportAt(v1, startedAt)).userId, userId, startedAt);
    }
    for (const [epochSeconds, timeStart, userId] of [
      [1772319599, '2026-03-01 01:59:59', ANNA.id],
      [1772319600, '2026-03-01 02:00:00', BERT.id],
    ] as const) {
      const body = JSON.stringify({
        sn: '3651X0000001',
        type: 30012,
        msg: {
          call_id: `${epochSeconds}.1`,
          time_start: timeStart,
          call_from: '0711000001',
          call_to: '2005',
          call_duration: 9,
          talk_duration: 5,
          status: 'ANSWERED',
          type: 'Inbound',
        },
      });
      assert.equal((await push(server, body)).status, 200);
      const call = await v1.callOf(`${epochSeconds}.1`, 'hq');
      assert.deepEqual([call.userId, call.legs[0]!.userId], [userId, userId], timeStart);
    }
  });
});

test('another time zone - the days are others, and everything still adds up', async () => {
  const era = createEras();
  const random = createRandom(5);
  const pbx = createCalls(random, {
    startedAtSeconds: Date.UTC(2026, 2, 28) / 1000,
    callsPerSecond: 200 / (4 * 86_400),
    queueShare: 0.3,
  });
  const bodies = Array.from({ length: 200 }, () => pbx.next()).flatMap(call => call.events.map(each => each.body));
  let daysBefore: SummaryView | null = null;
  for (const timeZone of ['Europe/Berlin', 'Pacific/Kiritimati', 'America/St_Johns']) {
    await era({ ...HOUSE, timeZone }, async (v1, server) => {
      if (daysBefore === null) await Promise.all(bodies.map(body => push(server, body)));
      const calls = await v1.list();
      assert.equal(calls.length, 200);
      const days = await v1.get<SummaryView>('/v1/statistics/summary?by=day');
      assert.deepEqual(plain(days), recount(calls, { by: ['day'], timeZone }));
      assert.notDeepEqual(days.rows, daysBefore?.rows);
      daysBefore = days;
      const midnight = Temporal.ZonedDateTime.from(`2026-03-29T00:00[${timeZone}]`).toInstant().toString();
      for (const by of KEYS) {
        const query = new URLSearchParams({ by, startedFrom: midnight });
        const told = await v1.get<SummaryView>(`/v1/statistics/summary?${query}`);
        const expected = recount(calls, { by: [by], timeZone, startedFrom: midnight });
        assert.deepEqual(plain(told), expected, `${timeZone} ${by}`);
      }
      // Nobody's answer has to be moved along.
      const { id } = random.pick(calls.filter(each => each.answeredAt === null));
      await v1.post(
        `/v1/calls/${id}/corrections`,
        { fields: { startedAt: '2026-03-28T23:30:00Z', endedAt: '2026-04-02T00:00:00Z' } },
        201,
      );
      const { exitCode, output } = await runCommand(['verify'], { dataDir: server.dataDir });
      assert.equal(exitCode, 0, `${timeZone}: ${output}`);
    });
  }
});

test('a source that the file no longer names - its events are refused, its calls stay; named again, with another secret, it goes on', async () => {
  const era = createEras();
  const pbx = createCalls(createRandom(6), { startedAtSeconds: 1772445600, callsPerSecond: 1, queueShare: 0 });
  const [first, second] = [pbx.next(), pbx.next()];
  await era(HOUSE, async (_v1, server) => {
    assert.equal((await push(server, first.events[0]!.body)).status, 200);
  });
  await era({ ...HOUSE, sources: [] }, async (v1, server) => {
    assert.equal((await push(server, second.events[0]!.body)).status, 404);
    assert.equal((await v1.callOf(first.callId, 'hq')).source, 'hq');
    assert.deepEqual(
      (await v1.get<SummaryView>('/v1/statistics/summary?by=source')).rows.map(each => each.key),
      ['hq'],
    );
    // A person's word about a call of it still counts.
    const { id } = await v1.callOf(first.callId, 'hq');
    await v1.post(`/v1/calls/${id}/corrections`, { fields: { note: 'late' } }, 201);
  });
  const secret = 'AnotherTestSecret0123456789abcde';
  await era({ ...HOUSE, sources: [{ ...HOUSE.sources[0], secret }] }, async (v1, server) => {
    assert.equal((await push(server, second.events[0]!.body)).status, 401);
    for (const { events } of [second, first]) {
      const { body } = events[0]!;
      assert.equal((await push(server, body, { signature: signatureOf(body, secret) })).status, 200);
    }
    const call = await v1.callOf(first.callId, 'hq');
    assert.deepEqual([call.reports[0]!.deliveries, call.note], [2, 'late']);
    assert.equal((await v1.list('source=hq')).length, 2);
  });
});

test('people and tokens that the file no longer names - do not get in; their calls stay theirs', async () => {
  const era = createEras();
  let call = 0;
  await era(HOUSE, async (v1, server) => {
    call = (await v1.post<CallView>('/v1/calls', statedCall({ userId: ANNA.id }), 201)).id;
    assert.equal((await createV1Client(server, basic(ANNA.login, ANNA.password)).list()).length, 1);
  });
  await era({ ...HOUSE, users: HOUSE.users.slice(1), tokens: HOUSE.tokens.slice(0, 1) }, async (v1, server) => {
    assert.equal((await createV1Client(server, basic(ANNA.login, ANNA.password)).ask('GET', '/v1/calls')).status, 401);
    assert.equal(
      (await createV1Client(server, 'Bearer reporter-token-0123456789').ask('GET', '/v1/calls')).status,
      401,
    );
    assert.equal((await v1.call(call)).userId, ANNA.id);
    assert.equal((await v1.list(`user=${ANNA.id}`)).length, 1);
  });
});
