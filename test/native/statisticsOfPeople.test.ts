/** Figures of people and queues, each call told leg by leg as a PBX tells it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PBX_OFFSET_SECONDS, SERIAL } from '../kit/organisation.ts';
import { push } from '../kit/pbxWebhook.ts';
import { basic, bearer, createV1Client } from '../kit/v1Client.ts';
import type { FiguresView, ProblemView, QueueFiguresView, SummaryView } from '../kit/v1Views.ts';
import { ANNA, BERT, CARLA, HOUSE, openHouse, statedCall, TOKENS } from './house.ts';
import { walkFigures } from './recount.ts';

const SOURCE = { ...HOUSE.sources[0], answerWithinSeconds: 10, queueThresholds: { '6401': 45 } };
const { server, v1 } = await openHouse({ config: { ...HOUSE, sources: [SOURCE] } });
const AT = Date.UTC(2026, 2, 2, 9);

interface Leg {
  readonly to: string;
  readonly status: string;
  readonly afterSeconds?: number;
  readonly ringSeconds: number;
  readonly talkSeconds: number;
}

let calls = 0;
async function told(legs: readonly Leg[], from = '+442079460123'): Promise<void> {
  const startedAt = AT / 1000 + ++calls * 60;
  for (const { to, status, afterSeconds = 0, ringSeconds, talkSeconds } of legs) {
    const local = new Date((startedAt + PBX_OFFSET_SECONDS + afterSeconds) * 1000).toISOString();
    const msg = {
      call_id: `${startedAt}.${calls}`,
      time_start: local.slice(0, 19).replace('T', ' '),
      call_from: from,
      call_to: to,
      call_duration: ringSeconds + talkSeconds,
      talk_duration: talkSeconds,
      src_trunk_name: 'Saf',
      dst_trunk_name: '',
      status,
      type: 'Inbound',
      did_number: '',
      agent_ring_time: 0,
    };
    const answer = await push(server, JSON.stringify({ sn: SERIAL, type: 30012, msg: JSON.stringify(msg) }));
    assert.equal(answer.status, 200);
  }
}

/** A queue that rings both; one of them answers, or neither does. */
const ringAll = (queue: string, ringSeconds: number, answering: typeof ANNA | typeof BERT | null) =>
  told([
    { to: queue, status: answering === null ? 'NO ANSWER' : 'ANSWERED', ringSeconds, talkSeconds: answering ? 60 : 0 },
    ...[ANNA, BERT].map(each => ({
      to: each.extension,
      status: each === answering ? 'ANSWERED' : 'NO ANSWER',
      ringSeconds,
      talkSeconds: each === answering ? 60 : 0,
    })),
  ]);

await ringAll('6400', 8, ANNA);
await ringAll('6400', 12, ANNA);
await ringAll('6400', 50, null);
await ringAll('6401', 44, BERT);
await ringAll('6401', 46, BERT);
await v1.post('/v1/calls', statedCall({ userId: CARLA.id, talkSeconds: 0, outcome: 'missed' }), 201);
await v1.post('/v1/calls', statedCall({ externalId: 'nobody', cost: '0.25', currency: 'EUR' }), 201);

const summary = <F extends FiguresView = FiguresView>(query: string) =>
  v1.get<SummaryView<F>>(`/v1/statistics/${query}`);
const pick = (row: object, names: readonly string[]) =>
  Object.fromEntries(names.map(name => [name, (row as Record<string, unknown>)[name]]));

test('by user - a call once for each, rung while another answered apart; rows may add up to more', async () => {
  const answer = await summary('summary?by=user');
  const names = ['key', 'calls', 'answered', 'missed', 'abandoned', 'rangOnly', 'talkSeconds'];
  const { rows, totals, rowsCountUsers, rowsMayExceedTotals } = answer;
  assert.deepEqual([rowsCountUsers, rowsMayExceedTotals], [true, true]);
  const lost = rows[0]!.missed + rows[0]!.abandoned;
  assert.equal(lost, 1, 'the call nobody answered');
  const told = rows.map(row => pick(row, ['key', 'calls', 'answered', 'rangOnly', 'talkSeconds']));
  assert.deepEqual(told, [
    { key: String(ANNA.id), calls: 3, answered: 2, rangOnly: 2, talkSeconds: 120 },
    { key: String(BERT.id), calls: 3, answered: 2, rangOnly: 2, talkSeconds: 120 },
    { key: String(CARLA.id), calls: 1, answered: 0, rangOnly: 0, talkSeconds: 0 },
    { key: null, calls: 1, answered: 1, rangOnly: 0, talkSeconds: 30 },
  ]);
  assert.equal(totals.calls, 7);
  assert.deepEqual(pick(totals, ['answered', 'rangOnly']), { answered: 5, rangOnly: 0 });
  assert.deepEqual(Object.keys(pick(rows[0]!, names)).length, names.length);
});

test('by queue - waits to the width of the histogram, answered within each queue’s own threshold', async () => {
  const { rows, totals } = await summary<QueueFiguresView>('queues');
  const names = [
    'key',
    'calls',
    'answered',
    'offered',
    'answeredWithin',
    'answerWithinSeconds',
    'serviceLevel',
    'waitSeconds',
  ];
  assert.deepEqual(
    rows.map(row => pick(row, names)),
    [
      {
        key: '6400',
        calls: 3,
        answered: 2,
        offered: 3,
        answeredWithin: 1,
        answerWithinSeconds: 10,
        serviceLevel: 0.3333,
        waitSeconds: 70,
      },
      {
        key: '6401',
        calls: 2,
        answered: 2,
        offered: 2,
        answeredWithin: 1,
        answerWithinSeconds: 45,
        serviceLevel: 0.5,
        waitSeconds: 90,
      },
    ],
  );
  assert.deepEqual(rows[0]!.waits, {
    known: 3,
    p50: { over: 10, upTo: 15 },
    p90: { over: 45, upTo: 60 },
    max: { over: 45, upTo: 60 },
  });
  assert.deepEqual(pick(totals, ['calls', 'answeredWithin', 'answerWithinSeconds']), {
    calls: 5,
    answeredWithin: 2,
    answerWithinSeconds: null,
  });
});

test('another threshold - holds for what was counted before', async () => {
  const { key: _key, ...source } = SOURCE;
  const { timeZone, numbers } = source;
  const put = (queueThresholds: object) =>
    v1.ask<ProblemView>('PUT', '/v1/sources/other', {
      body: { kind: 'yeastar', timeZone, numbers, settings: { unsigned: true }, queueThresholds },
    });
  assert.deepEqual((await put({ '6400': 60 })).status, 201);
  const refused = await put({ '6400': 25 });
  assert.deepEqual([refused.status, refused.body.errors?.[0]?.field], [400, 'queueThresholds.6400']);
  assert.match(refused.body.detail, /one of 2, 5, 10, 15, 20, 30, 45, /);
  await push(
    server,
    JSON.stringify({
      type: 30012,
      msg: JSON.stringify({
        call_id: '1772444000.900',
        time_start: '2026-03-02 12:00:00',
        call_from: '+442079460124',
        call_to: '6400',
        call_duration: 90,
        talk_duration: 40,
        status: 'ANSWERED',
        type: 'Inbound',
      }),
    }),
    { source: 'other', signature: null },
  );
  const within = async () => {
    const { rows } = await summary<QueueFiguresView>('queues?by=source&by=queue');
    return rows.map(row => [row.key, row.key2, row.answeredWithin, row.answerWithinSeconds]);
  };
  const before = [
    ['hq', '6400', 1, 10],
    ['hq', '6401', 1, 45],
  ];
  assert.deepEqual(await within(), [...before, ['other', '6400', 1, 60]]);
  await walkFigures(v1, '/v1/statistics/queues');
  assert.equal((await put({ '6400': 45 })).status, 200);
  assert.deepEqual(await within(), [...before, ['other', '6400', 0, 45]]);
  await walkFigures(v1, '/v1/statistics/queues');
  await walkFigures(v1, '/v1/statistics/queues?by=hour');
});

test('pages - every row once, the totals on each', async () => {
  const whole = await summary('summary?by=quarter&by=outcome');
  const seen: object[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page: SummaryView = await summary(`summary?by=quarter&by=outcome&limit=2${cursor && `&cursor=${cursor}`}`);
    assert.ok(page.rows.length <= 2);
    assert.deepEqual(page.totals, whole.totals);
    seen.push(...page.rows);
    cursor = page.next;
  }
  assert.deepEqual(seen, whole.rows);
  assert.ok(seen.length > 2);
});

test('an agent - sees their own statistics, and of others none', async () => {
  const own = createV1Client(server, basic(ANNA.login, ANNA.password));
  const mine = await own.get<SummaryView>('/v1/statistics/summary?by=user');
  const [all] = (await summary('summary?by=user')).rows;
  assert.deepEqual(mine.rows, [all]);
  assert.deepEqual(pick(mine.totals, ['calls', 'rangOnly', 'talkSeconds']), {
    calls: 3,
    rangOnly: 2,
    talkSeconds: 120,
  });
  assert.ok((await walkFigures(own, '/v1/statistics/summary?by=outcome')) > 0);
  assert.ok((await walkFigures(own, '/v1/statistics/queues?by=hour')) > 0);
  assert.equal('rangOnly' in mine.columns, false);
  const bert = createV1Client(server, basic(BERT.login, BERT.password));
  const rang = `${mine.totals.filter}&figure=rangOnly`;
  const [missed, ...others] = await v1.list(rang);
  assert.equal(others.length, 1, 'two calls only rang at Anna');
  assert.deepEqual(await own.list(rang), []);
  assert.deepEqual(await own.list('figure=rangOnly'), []);
  assert.equal((await own.ask('GET', `/v1/calls/${missed!.id}`)).status, 404);
  assert.equal((await bert.ask('GET', `/v1/calls/${missed!.id}`)).status, 200);
  for (const query of [`user=${BERT.id}`, 'user=none']) {
    const theirs = await own.get<SummaryView>(`/v1/statistics/summary?${query}`);
    assert.deepEqual([theirs.rows, theirs.totals.calls], [[], 0], query);
    assert.deepEqual(await own.list(theirs.totals.filter), [], query);
  }
  const token = createV1Client(server, bearer(TOKENS.agent));
  assert.equal((await token.get<SummaryView>('/v1/statistics/summary')).totals.calls, 0);
});

test('cost - by currency, exact, and none where none is known', async () => {
  const { rows } = await summary('summary?by=user');
  assert.deepEqual(
    rows.map(each => each.cost),
    [[], [], [], [{ currency: 'EUR', amount: '0.25' }]],
  );
});

test('a long range that no rollup answers - is refused with what to do', async () => {
  await v1.post('/v1/calls', statedCall({ startedAt: '2024-01-01T00:00:00Z' }), 201);
  const { status, body } = await v1.ask<ProblemView>('GET', '/v1/statistics/summary?by=user&by=queue');
  assert.deepEqual([status, body.errors?.[0]?.field], [400, 'startedFrom']);
  assert.match(body.detail, /at most 400 days before startedTo/);
  const bounded = await summary('summary?by=user&by=queue&startedFrom=2026-01-01T00:00:00Z');
  assert.ok(bounded.rows.length > 3);
  assert.equal((await summary('summary?by=user&by=day')).rows.length > 3, true);
});
