import assert from 'node:assert/strict';
import { test } from 'node:test';
import { push, signatureOf } from '../kit/pbxWebhook.ts';
import { createRandom } from '../kit/random.ts';
import { runCommand } from '../kit/server.ts';
import type { CallView, ProblemView, SummaryView } from '../kit/v1Views.ts';
import { createCalls } from '../kit/yeastarEvents.ts';
import { ANNA, BERT, CARLA, openHouse, statedCall } from './house.ts';
import { KEYS, plain, type Question, queryOf, recount, walkFigures } from './recount.ts';

const { server, v1 } = await openHouse();
const random = createRandom(300);

/** Two days around the night in which Berlin has the hour from two to three twice. */
const FIRST_MS = Date.UTC(2025, 9, 25, 12);
const SPAN_SECONDS = 48 * 3_600;
const OUTCOMES = ['answered', 'missed', 'abandoned', 'busy', 'voicemail', 'unknown'];
const TALKLESS = new Set<string | undefined>(['missed', 'abandoned', 'busy']);
const LINES = ['+442079460100', '+442079460101', 'SIP-Main', null];
const USERS = [ANNA.id, BERT.id, CARLA.id, undefined];

/** Instants that edges are made of: full hours, quarters, a second and a millisecond beside them, and anywhere. */
function anyInstant(): string {
  const grain = random.pick([3_600, 900, 1]);
  const seconds = Math.floor(random.integer(0, SPAN_SECONDS) / grain) * grain;
  const besideMs = random.pick([0, 0, 0, 1_000, -1_000, 1, -1]);
  return new Date(FIRST_MS + seconds * 1000 + besideMs).toISOString();
}

const stated = (): Readonly<Record<string, unknown>> => {
  const durationSeconds = random.integer(0, 900);
  const outcome = random.pick([undefined, ...OUTCOMES]);
  const talkSeconds = random.pick([0, random.integer(0, durationSeconds)]);
  return statedCall({
    direction: random.pick(['inbound', 'outbound', 'internal', 'unknown']),
    startedAt: anyInstant(),
    durationSeconds,
    talkSeconds: TALKLESS.has(outcome) ? 0 : talkSeconds,
    outcome,
    userId: random.pick(USERS),
    line: random.pick(LINES),
    queue: random.pick(['6400', null]),
    queueWaitSeconds: random.pick([
      undefined,
      ...[0, 20, 21].filter(each => each <= durationSeconds),
      random.integer(0, durationSeconds),
    ]),
    ...(random.chance(0.3)
      ? { cost: random.pick(['0.1', '0.000002', '0']), currency: random.pick(['EUR', 'GBP', null]) }
      : {}),
    ...(random.chance(0.1) ? { durationSeconds: undefined, talkSeconds: undefined } : {}),
  });
};

const pbx = createCalls(random, {
  startedAtSeconds: FIRST_MS / 1000,
  callsPerSecond: 100 / SPAN_SECONDS,
  queueShare: 0.4,
  amendedShare: 0.5,
});
const pbxCalls = Array.from({ length: 100 }, () => pbx.next());
const pushAll = async (bodies: readonly string[]) => {
  for (const { status } of await Promise.all(
    bodies.map(body => push(server, body, { signature: signatureOf(body) })),
  )) {
    assert.equal(status, 200);
  }
};

const QUESTIONS: readonly Omit<Question, 'by' | 'timeZone'>[] = [
  {},
  { startedFrom: '2025-10-25T22:00:00Z', startedTo: '2025-10-26T23:00:00Z' },
  { startedFrom: '2025-10-26T00:00:00Z', startedTo: '2025-10-27T00:00:00Z' },
  { startedFrom: '2025-10-26T01:15:00Z' },
  { startedTo: '2025-10-26T01:15:00Z' },
  { startedFrom: '2025-10-25T17:03:21Z', startedTo: '2025-10-26T22:47:59Z' },
  { startedFrom: '2025-10-26T10:00:00.001Z', startedTo: '2025-10-26T21:14:59.999Z' },
  { startedFrom: '2025-10-26T10:01:00Z', startedTo: '2025-10-26T10:14:00Z' },
  { startedFrom: '2025-10-26T10:14:59Z', startedTo: '2025-10-26T10:15:01Z' },
  { startedFrom: '2025-10-25T22:59:00Z', startedTo: '2025-10-25T23:01:00Z' },
  { startedFrom: '2030-01-01T00:00:00Z' },
];
const ZONES = ['Europe/Berlin', 'Etc/UTC', 'Asia/Kathmandu', 'America/St_Johns', 'Pacific/Kiritimati'];

async function compare(question: Question, calls: readonly CallView[]): Promise<void> {
  const query = queryOf(question);
  const told = await v1.get<SummaryView>(`/v1/statistics/summary?${query}`);
  assert.deepEqual(plain(told), recount(calls, question), String(query));
}

function twoKeys(): Question['by'] {
  const [one, other] = [random.pick(KEYS), random.pick(KEYS)];
  return one === other ? [one] : [one, other];
}

/** `zones`: all of them, or one after the other in turn. */
async function compareEverything(zones: 'all' | 'in turn'): Promise<void> {
  const calls = await v1.list();
  let turn = 0;
  for (const range of QUESTIONS) {
    for (const by of KEYS) {
      const asked = zones === 'all' ? ZONES : [ZONES[turn++ % ZONES.length]!];
      for (const timeZone of asked) await compare({ by: [by], timeZone, ...range }, calls);
    }
  }
  for (let round = 0; round < 150; round++) {
    const [startedFrom, startedTo] = [anyInstant(), anyInstant()].toSorted();
    if (startedFrom === startedTo) continue;
    await compare(
      { by: twoKeys(), timeZone: random.pick(ZONES), startedFrom: startedFrom!, startedTo: startedTo! },
      calls,
    );
  }
}

async function verify(): Promise<void> {
  const { exitCode, output } = await runCommand(['verify'], { dataDir: server.dataDir });
  assert.equal(exitCode, 0, output);
}

test('the summary - by anything, over any range, in any zone, what counting the list gives', async () => {
  await Promise.all([
    pushAll(pbxCalls.flatMap(call => call.events).map(each => each.body)),
    ...Array.from({ length: 200 }, () => v1.post('/v1/calls', stated(), 201)),
  ]);
  const calls = await v1.list();
  assert.equal(calls.length, 300);
  for (const outcome of OUTCOMES)
    assert.ok(
      calls.some(each => each.outcome === outcome),
      outcome,
    );
  assert.ok(calls.some(each => each.endedAt === null));
  await compareEverything('all');
  await verify();
});

test('after amendments, corrections and corrections taken back - the same', async () => {
  const calls = await v1.list();
  const said: { id: number; n: number }[] = [];
  const correct = async () => {
    const { id, startedAt, endedAt } = random.pick(calls);
    const endsAt = new Date(Date.parse(startedAt) + random.integer(0, 900) * 1000).toISOString();
    const fields = random.pick([
      { outcome: random.pick(OUTCOMES) },
      { userId: random.pick([...USERS.filter(each => each !== undefined), null]) },
      { line: random.pick(LINES), queue: random.pick(['6401', null]) },
      { startedAt: anyInstant(), endedAt: '2025-10-28T00:00:00Z' },
      { talkSeconds: 0, direction: 'outbound' },
      { endedAt: endsAt },
      endedAt === null ? { note: 'still open' } : { outcome: 'answered', userId: ANNA.id },
    ]);
    const { status, body } = await v1.ask<{ n: number }>('POST', `/v1/calls/${id}/corrections`, { body: { fields } });
    if (status === 201) said.push({ id, n: body.n });
    // What another correction has made impossible meanwhile is refused.
    else assert.equal(status, 400, JSON.stringify(body));
  };
  await Promise.all([
    pushAll(pbxCalls.flatMap(call => [...call.amendments, ...call.events.slice(0, 1)]).map(each => each.body)),
    ...Array.from({ length: 150 }, correct),
  ]);
  assert.ok(said.length > 100);
  await compareEverything('in turn');
  await Promise.all(
    said.filter((_, n) => n % 2 === 0).map(({ id, n }) => v1.ask('DELETE', `/v1/calls/${id}/corrections/${n}`)),
  );
  await compareEverything('in turn');
  await verify();
});

test('nothing said - by day, in the organisation’s zone, since ever', async () => {
  const calls = await v1.list();
  const told = await v1.get<SummaryView>('/v1/statistics/summary');
  assert.deepEqual(plain(told), recount(calls, { by: ['day'], timeZone: 'Europe/Berlin' }));
});

test('queues, whatever is said of those without - counts calls that waited in one, and its filters list them', async () => {
  for (const query of [
    'by=outcome&queue=any&queue=none',
    'by=outcome&queue=none&queue=6400',
    'by=queue&queue=none&queue=6400',
  ]) {
    assert.ok((await walkFigures(v1, `/v1/statistics/queues?${query}`)) > 0, query);
  }
  const { totals } = await v1.get<SummaryView>('/v1/statistics/queues?queue=none&queue=6400');
  const only = await v1.get<SummaryView>('/v1/statistics/queues?queue=6400');
  assert.equal(totals.calls, only.totals.calls);
  const refused = await v1.ask<ProblemView>('GET', '/v1/statistics/queues?queue=none');
  assert.deepEqual([refused.status, refused.body.errors?.map(each => each.field)], [400, ['queue']]);
});

test('queues and lines called none, any, or what these are written as - each row lists its own calls', async () => {
  for (const name of ['none', 'any', '\\none', '\\any', '\\', '\\nones']) {
    await v1.post('/v1/calls', statedCall({ line: name, queue: name, queueWaitSeconds: 3 }), 201);
    const written = encodeURIComponent(/(none|any)$/.test(name) ? `\\${name}` : name);
    for (const key of ['line', 'queue'] as const) {
      const found = await v1.list(`${key}=${written}`);
      assert.deepEqual(
        found.map(each => each[key]),
        [name],
      );
    }
  }
  for (const query of [
    'summary?by=line',
    'summary?by=queue',
    'queues?by=line&by=queue',
    'summary?by=queue&line=%5Cnone',
  ]) {
    assert.ok((await walkFigures(v1, `/v1/statistics/${query}`)) > 0, query);
  }
});

test('rings - known of days of the organisation however its zone is written, and where the calls are counted', async () => {
  const knownOf = async (query: string) => {
    const { totals, timeZone } = await v1.get<SummaryView>(`/v1/statistics/summary?${query}`);
    return [totals.rings !== null, timeZone];
  };
  assert.deepEqual(await knownOf('by=day&timeZone=europe/berlin'), [true, 'Europe/Berlin']);
  assert.deepEqual(await knownOf('by=day&timeZone=Etc/UTC'), [false, 'Etc/UTC']);
  assert.deepEqual(await knownOf('by=hour'), [false, 'Europe/Berlin']);
  assert.deepEqual(await knownOf(`by=hour&user=${ANNA.id}`), [true, 'Europe/Berlin']);
});

const cursorOf = (by: readonly string[], keys: readonly unknown[]) =>
  Buffer.from(JSON.stringify([by, keys])).toString('base64url');

test('a question that is none - 400 that names what is wrong', async () => {
  for (const [query, field] of [
    ['by=month', 'by'],
    ['by=day&by=day', 'by'],
    ['by=day&by=hour&by=user', 'by'],
    ['user=anna', 'user'],
    ['user=1&user=anna', 'user'],
    ['source=nowhere', 'source'],
    ['direction=up', 'direction'],
    ['limit=1001', 'limit'],
    ['cursor=x', 'cursor'],
    [`cursor=${Buffer.from('[1,2]').toString('base64url')}`, 'cursor'],
    [`by=day&cursor=${cursorOf(['hour'], [5])}`, 'cursor'],
    [`by=day&by=line&cursor=${cursorOf(['line', 'day'], ['SIP-Main', '2025-10-26'])}`, 'cursor'],
    [`by=day&cursor=${cursorOf(['day'], [[]])}`, 'cursor'],
    ['outcome=missed', 'outcome'],
    ['timeZone=Berlin', 'timeZone'],
    ['timeZone=', 'timeZone'],
    ['startedFrom=now', 'startedFrom'],
    ['startedTo=2025-10-26', 'startedTo'],
    ['startedFrom=2025-10-26T00:00:00Z&startedTo=2025-10-25T00:00:00Z', 'startedTo'],
    ['from=2025-10-26T00:00:00Z', 'from'],
    ['user=0', 'user'],
    ['user=777777', 'user'],
  ] as const) {
    const { status, body } = await v1.ask<ProblemView>('GET', `/v1/statistics/summary?${query}`);
    assert.deepEqual([status, body.errors?.map(each => each.field)], [400, [field]], query);
  }
});

test('mistakes that are easily made - are understood, or told how to be mended', async () => {
  const detailOf = async (query: string) => {
    const { status, body } = await v1.ask<ProblemView>('GET', `/v1/statistics/summary?${query}`);
    assert.equal(status, 400, query);
    return body.errors?.[0]?.detail;
  };
  const blank = await v1.get<SummaryView>('/v1/statistics/summary?startedFrom=2025-10-26T02:00:00+01:00');
  const escaped = await v1.get<SummaryView>('/v1/statistics/summary?startedFrom=2025-10-26T02:00:00%2B01:00');
  assert.deepEqual(blank, escaped);
  assert.match((await detailOf('by=day,user'))!, /; several are given as by=…&by=…$/);
  assert.equal(await detailOf('user=0'), 'must be a number from 1 or none');
  assert.match((await detailOf('user=777777'))!, /^must be the id of a user, and there is no user 777777: /);
  const { next } = await v1.get<SummaryView>('/v1/statistics/summary?by=outcome&limit=1');
  await v1.get(`/v1/statistics/summary?by=outcome&limit=5&cursor=${next}`);
  for (const other of ['timeZone=Asia/Kolkata', 'direction=inbound', 'startedFrom=2025-10-26T00:00:00Z']) {
    assert.match((await detailOf(`by=outcome&cursor=${next}&${other}`))!, /another question/);
  }
});

test('pages by the longest names there are - each cursor is taken', async () => {
  const line = '\u0007'.repeat(256);
  await v1.post('/v1/calls', statedCall({ line, queue: '"'.repeat(64), startedAt: '2025-10-26T12:00:00Z' }), 201);
  let cursor = '';
  do {
    const page: SummaryView = await v1.get(`/v1/statistics/summary?by=line&by=queue&limit=1${cursor}`);
    cursor = page.next === null ? '' : `&cursor=${page.next}`;
  } while (cursor !== '');
});

/** Every way to ask, and some of the filters. */
const ASKED = [
  ...[...KEYS, 'user'].map(by => `summary?by=${by}`),
  'summary?by=user&by=outcome',
  'summary?by=user&by=queue&timeZone=America/St_Johns',
  'summary?by=outcome&by=direction',
  'summary?by=day&by=hour&timeZone=Asia/Kathmandu&startedFrom=2025-10-26T01:13:21Z&startedTo=2025-10-26T22:47:59.001Z',
  'summary?by=weekdayHour&user=1&user=2',
  'summary?by=day&user=2',
  'summary?by=day&user=none&user=1',
  'summary?by=user&user=1&user=none',
  'summary?by=line&line=none&line=SIP-Main&direction=inbound&direction=outbound',
  'summary?by=source&queue=none',
  'summary?by=source&queue=any&source=hq',
  'queues',
  'queues?by=user',
  'queues?by=day&by=queue&startedFrom=2025-10-26T00:00:00Z',
  'queues?by=outcome&user=1&user=3',
];

for (const asked of ASKED) {
  test(`${asked} - every figure is the number of calls its filter lists`, async () => {
    const seen = await walkFigures(v1, `/v1/statistics/${asked}`);
    assert.ok(seen > 0, 'nothing was counted');
  });
}

test('while calls are corrected - each answer is of one moment: every call once, in the rows and in the totals', async () => {
  const dayMs = 86_400_000;
  const [first, days] = [Date.UTC(2025, 5, 1, 12), 60];
  const at = (day: number) => ({
    startedAt: new Date(first + day * dayMs).toISOString(),
    answeredAt: new Date(first + day * dayMs + 30_000).toISOString(),
    endedAt: new Date(first + day * dayMs + 60_000).toISOString(),
  });
  const fields = (day: number) =>
    statedCall({ ...at(day), direction: 'outbound', durationSeconds: 60, userId: ANNA.id });
  const calls = await Promise.all(
    Array.from({ length: 60 }, (_, n) => v1.post<CallView>('/v1/calls', fields(n % days), 201)),
  );
  let isDone = false;
  const correcting = [0, 1, 2, 3].map(async n => {
    for (let i = n; !isDone; i += 4) {
      const { id } = calls[i % calls.length]!;
      await v1.post(`/v1/calls/${id}/corrections`, { fields: at(random.integer(0, days - 1)) }, 201);
    }
  });
  const range = 'startedFrom=2025-05-31T10:30:00Z&startedTo=2025-08-30T07:07:00Z';
  const counts = new Set<string>();
  try {
    for (let i = 0; i < 40; i++) {
      for (const by of ['by=outcome', 'by=user', 'by=user&by=hour']) {
        const { rows, totals } = await v1.get<SummaryView>(`/v1/statistics/summary?${by}&${range}`);
        counts.add(`${rows.reduce((sum, each) => sum + each.calls, 0)} in rows, ${totals.calls} in totals`);
      }
    }
  } finally {
    isDone = true;
    await Promise.all(correcting);
  }
  assert.deepEqual([...counts], ['60 in rows, 60 in totals']);
});
