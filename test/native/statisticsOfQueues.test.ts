/** Calls in several queues, or answered elsewhere than in theirs: in the rows of queues, in totals, lists and figures. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PBX_OFFSET_SECONDS, SERIAL } from '../kit/organisation.ts';
import { push } from '../kit/pbxWebhook.ts';
import { runCommand } from '../kit/server.ts';
import type { CallDetail, CallView, QueueFiguresView, SummaryView } from '../kit/v1Views.ts';
import { ANNA, BERT, HOUSE, openHouse, statedCall } from './house.ts';
import { COLUMNS, walkFigures } from './recount.ts';

const OTHER_SERIAL = '3651X0000099';
const SOURCE = { ...HOUSE.sources[0], answerWithinSeconds: 10 };
const { secret: _secret, ...rest } = SOURCE;
const OTHER = { ...rest, key: 'other', serial: OTHER_SERIAL, unsigned: true };
const { server, v1 } = await openHouse({ config: { ...HOUSE, sources: [SOURCE, OTHER] } });
const AT = Date.UTC(2026, 2, 2, 9);

/** `[to, seconds after the start, ring, talk]`; one without talk was not answered. */
type Leg = readonly [to: string, at: number, ring: number, talk: number];

let count = 0;
async function told(legs: readonly Leg[], source: 'hq' | 'other' = 'hq'): Promise<number> {
  const startedAt = AT / 1000 + ++count * 3_600;
  const callId = `${startedAt}.${count}`;
  for (const [to, at, ring, talk] of legs) {
    const local = new Date((startedAt + PBX_OFFSET_SECONDS + at) * 1000).toISOString();
    const msg = {
      call_id: callId,
      time_start: local.slice(0, 19).replace('T', ' '),
      call_from: '+442079460123',
      call_to: to,
      call_duration: ring + talk,
      talk_duration: talk,
      src_trunk_name: 'Saf',
      status: talk > 0 ? 'ANSWERED' : 'NO ANSWER',
      type: 'Inbound',
    };
    const sn = source === 'hq' ? SERIAL : OTHER_SERIAL;
    const body = JSON.stringify({ sn, type: 30012, msg: JSON.stringify(msg) });
    const signature = source === 'hq' ? {} : { signature: null };
    assert.equal((await push(server, body, { source, ...signature })).status, 200);
  }
  return (await v1.callOf(callId, source)).id;
}

const [anna, bert] = [ANNA.extension, BERT.extension];
const answeredInSecond = await told([
  ['6400', 0, 30, 0],
  [anna, 0, 30, 0],
  ['6401', 30, 8, 40],
  [bert, 38, 8, 40],
]);
const leftInSecond = await told([
  ['6400', 0, 30, 0],
  ['6401', 30, 25, 0],
]);
const fromDesk = await told([
  [anna, 0, 6, 60],
  ['6400', 66, 40, 0],
]);
const toDesk = await told([
  ['6400', 0, 15, 0],
  [bert, 15, 5, 50],
]);
const back = await told([
  ['6400', 0, 20, 0],
  ['6401', 20, 30, 0],
  ['6400', 50, 7, 0],
]);
const inBoth = await told([
  ['6400', 0, 9, 20],
  [anna, 9, 9, 20],
  ['6401', 29, 12, 30],
  [bert, 41, 12, 30],
]);
const elsewhere = await told(
  [
    ['6400', 0, 5, 50],
    [anna, 5, 5, 50],
  ],
  'other',
);

const NAMES = [...COLUMNS, 'calls', 'overflowed', 'offered', 'answeredWithin', 'waitSeconds', 'talkSeconds'];
/** What is none is left out. */
const told1 = (row: object) =>
  NAMES.map(name => [name, (row as Record<string, unknown>)[name]])
    .filter(([, value]) => value !== undefined && value !== 0)
    .map(each => each.join(' '))
    .join(', ');
const queues = (query = '') => v1.get<SummaryView<QueueFiguresView>>(`/v1/statistics/queues?${query}`);
const rowsOf = async (query: string) =>
  Object.fromEntries(
    (await queues(query)).rows.map(row => [
      [row.key, row.key2].filter(each => each !== undefined).join(' '),
      told1(row),
    ]),
  );
const listed = async (query: string) => (await v1.list(query)).map(each => each.id).sort((a, b) => a - b);

test('by queue - each call once in each of its queues, and once in the totals', async () => {
  const answer = await queues();
  assert.equal(answer.rowsMayExceedTotals, true);
  assert.equal(answer.rowsCountUsers, false);
  assert.deepEqual(await rowsOf(''), {
    6400: 'answered 2, abandoned 2, calls 7, overflowed 3, offered 7, answeredWithin 2, waitSeconds 156, talkSeconds 100',
    6401: 'answered 2, abandoned 1, calls 4, overflowed 1, offered 4, answeredWithin 1, waitSeconds 75, talkSeconds 90',
  });
  assert.equal(
    told1(answer.totals),
    'answered 3, abandoned 3, calls 7, overflowed 1, offered 7, answeredWithin 2, waitSeconds 132, talkSeconds 140',
  );
  const summary = await v1.get<SummaryView>('/v1/statistics/summary?by=queue');
  assert.equal(told1(summary.totals), 'answered 5, abandoned 2, calls 7, talkSeconds 250');
});

test('the same number at two PBXs - apart by source, together by number', async () => {
  assert.deepEqual(await rowsOf('by=source&by=queue&queue=6400'), {
    'hq 6400':
      'answered 1, abandoned 2, calls 6, overflowed 3, offered 6, answeredWithin 1, waitSeconds 151, talkSeconds 50',
    'other 6400': 'answered 1, calls 1, offered 1, answeredWithin 1, waitSeconds 5, talkSeconds 50',
  });
  assert.deepEqual(await listed('queue=6400&source=other'), [elsewhere]);
});

test('one queue by day - adds up to its row, with the outcomes of the queue', async () => {
  const [row] = (await queues('queue=6400')).rows;
  for (const by of ['day', 'outcome', 'hour', 'direction']) {
    const { rows, totals } = await queues(`queue=6400&by=${by}`);
    assert.equal(told1(totals), told1(row!), by);
    assert.equal(
      rows.reduce((sum, each) => sum + each.calls, 0),
      row!.calls,
      by,
    );
  }
  const outcomes = (await queues('queue=6400&by=outcome')).rows.map(each => [each.key, each.calls]);
  assert.deepEqual(outcomes, [
    ['abandoned', 2],
    ['answered', 2],
    ['overflowed', 3],
  ]);
});

test('lists - have a call under each of its queues, by what became of it there', async () => {
  assert.deepEqual(await listed('queue=6401'), [answeredInSecond, leftInSecond, back, inBoth]);
  assert.deepEqual(await listed('queue=6400&outcome=abandoned'), [fromDesk, back]);
  assert.deepEqual(await listed('queue=6400&outcome=overflowed'), [answeredInSecond, leftInSecond, toDesk]);
  assert.deepEqual(await listed('queue=6401&figure=overflowed'), [back]);
  assert.deepEqual(await listed('queue=any&outcome=overflowed'), [toDesk]);
  assert.deepEqual(await listed(`queue=6400&outcome=overflowed&user=${BERT.id}`), [answeredInSecond, toDesk]);
  assert.deepEqual(await listed('outcome=overflowed'), [], 'no call as a whole');
  assert.deepEqual(await listed('queue=none'), []);
});

test('a call - shows its queues, and as its queue the one that decides', async () => {
  const shown = async (id: number) => {
    const { queue, queueWaitSeconds, queues: all } = await v1.get<CallDetail>(`/v1/calls/${id}`);
    return [queue, queueWaitSeconds, all.map(each => `${each.queue} ${each.outcome} ${each.waitSeconds}`)];
  };
  assert.deepEqual(await shown(answeredInSecond), ['6401', 8, ['6400 overflowed 30', '6401 answered 8']]);
  assert.deepEqual(await shown(fromDesk), ['6400', 40, ['6400 abandoned 40']]);
  assert.deepEqual(await shown(back), ['6400', 27, ['6401 overflowed 30', '6400 abandoned 27']]);
  const [inList] = (await v1.list('queue=6401')).filter(each => each.id === back);
  assert.deepEqual(inList!.queues, (await v1.get<CallDetail>(`/v1/calls/${back}`)).queues);
});

async function walk(queries: readonly string[]): Promise<void> {
  for (const query of queries) assert.ok((await walkFigures(v1, `/v1/statistics/${query}`)) > 0, query);
}

/** One of each way in which queues and sources are told apart. */
const SOME = [
  'queues',
  'queues?by=source',
  'queues?by=day&queue=6400',
  'queues?by=queue&by=source',
  'summary?by=queue',
];

test('every figure of queues - lists exactly its calls', async () => {
  await v1.post('/v1/calls', statedCall({ outcome: 'missed', talkSeconds: 0 }), 201);
  await walk([
    ...SOME,
    'queues?by=queue&by=outcome',
    'queues?by=outcome',
    'queues?by=hour&queue=6400&queue=6401',
    'queues?by=line&source=hq',
    'queues?by=queue&source=hq&source=other',
    'queues?by=user',
    'queues?by=user&by=queue',
    `queues?by=outcome&user=${ANNA.id}&user=${BERT.id}`,
    'summary?by=queue&by=source',
    'summary?by=queue&queue=none&queue=6401',
    'summary?by=outcome&queue=6401',
    'summary?by=outcome&queue=none&queue=6400',
    'summary?by=source&by=outcome&queue=any',
  ]);
});

test('a program that states the queue too, joined - the stay is counted once, and apart again when split', async () => {
  const before = await rowsOf('by=source&by=queue');
  const stated = await v1.post<CallView>(
    '/v1/calls',
    statedCall({ queue: '6400', queueWaitSeconds: 16, outcome: 'abandoned', talkSeconds: 0 }),
    201,
  );
  const apart = await rowsOf('by=source&by=queue');
  assert.equal(apart['native 6400'], 'abandoned 1, calls 1, offered 1, waitSeconds 16');
  await v1.post(`/v1/calls/${toDesk}/join`, { with: stated.id }, 200);
  const joined = await v1.get<CallDetail>(`/v1/calls/${toDesk}`);
  assert.deepEqual(
    joined.queues.map(each => `${each.source} ${each.queue} ${each.outcome}`),
    ['hq 6400 overflowed'],
  );
  assert.deepEqual(await rowsOf('by=source&by=queue'), before);
  await v1.post(`/v1/calls/${toDesk}/split`, { calls: [stated.id] }, 200);
  assert.deepEqual(await rowsOf('by=source&by=queue'), apart);
});

test('calls of two PBXs that are joined - both queues stay apart, the call counts once', async () => {
  const callsOf = async (query: string) => (await queues(query)).totals.calls;
  const [all, both] = [await callsOf(''), await callsOf('queue=6400')];
  await v1.post(`/v1/calls/${leftInSecond}/join`, { with: elsewhere }, 200);
  const { queues: stays } = await v1.get<CallDetail>(`/v1/calls/${leftInSecond}`);
  assert.deepEqual(
    stays.map(each => `${each.source} ${each.queue} ${each.outcome}`),
    ['hq 6400 overflowed', 'hq 6401 overflowed', 'other 6400 answered'],
  );
  assert.deepEqual([await callsOf(''), await callsOf('queue=6400')], [all - 1, both - 1]);
  assert.equal((await queues('by=queue&by=source&queue=6400&source=other')).totals.calls, 1);
  await walk(SOME);
});

test('a corrected queue and outcome - move the call to that queue, and back', async () => {
  const before = await rowsOf('');
  const fields = { queue: '6499', outcome: 'missed' };
  const { n, call } = await v1.post<{ n: number; call: CallView }>(
    `/v1/calls/${answeredInSecond}/corrections`,
    { fields },
    201,
  );
  assert.deepEqual(
    call.queues.map(each => `${each.queue} ${each.outcome}`),
    ['6400 overflowed', '6499 missed'],
  );
  assert.equal((await rowsOf(''))['6499'], 'missed 1, calls 1, offered 1, waitSeconds 8');
  assert.deepEqual(await listed('queue=6499'), [answeredInSecond]);
  await walk(SOME);
  await v1.ask('DELETE', `/v1/calls/${answeredInSecond}/corrections/${n}`);
  assert.deepEqual(await rowsOf(''), before);
});

test('counted and folded again - everything is the same', async () => {
  const { exitCode, output } = await runCommand(['verify'], { dataDir: server.dataDir });
  assert.equal(exitCode, 0, output);
});
