import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallView, ProblemView } from '../kit/v1Views.ts';
import { ANNA, BERT, openHouse, statedCall } from './house.ts';

const { v1 } = await openHouse();

const report = (body: unknown, headers: Record<string, string> = {}) =>
  v1.ask<CallView & ProblemView>('POST', '/v1/calls', { body, headers });

const keyed = (key: string, changes: Record<string, unknown> = {}) =>
  report(statedCall({ externalId: undefined, ...changes }), { 'idempotency-key': key });

test('a call reported - 201, its place, and everything that follows from what was said', async () => {
  const { status, headers, body } = await report(statedCall({ externalId: 'first', extension: ANNA.extension }));
  assert.equal(status, 201);
  assert.equal(headers.get('location'), `/v1/calls/${body.id}`);
  assert.equal(body.externalId, 'first');
  assert.equal(body.source, 'native');
  assert.equal(body.state, 'ended');
  assert.equal(body.outcome, 'answered');
  assert.deepEqual(
    [body.startedAt, body.answeredAt, body.endedAt],
    ['2026-03-02T10:00:00Z', '2026-03-02T10:00:10Z', '2026-03-02T10:00:40Z'],
  );
  assert.deepEqual([body.durationSeconds, body.talkSeconds], [40, 30]);
  assert.deepEqual([body.fromE164, body.toE164], ['+442079460123', '+442079460100']);
  assert.equal(body.userId, ANNA.id);
  // What nobody said is unknown, not zero.
  assert.deepEqual(
    [body.cost, body.currency, body.vote, body.queue, body.queueWaitSeconds],
    [null, null, null, null, null],
  );
  assert.deepEqual(body.links, []);
});

test('every field - comes back as it was said', async () => {
  const said = statedCall({
    direction: 'outbound',
    answeredAt: '2026-03-02T10:00:09.500Z',
    endedAt: '2026-03-02T11:00:40+01:00',
    ringSeconds: 9,
    queueWaitSeconds: 3,
    outcome: 'answered',
    cause: 'NORMAL_CLEARING',
    disposition: 'sold',
    userId: ANNA.id,
    extension: '2001',
    queue: 'sales',
    line: '+442079460100',
    trunkIn: 'in',
    trunkOut: 'out',
    did: '+442079460101',
    didName: 'Sales line',
    recording: 'a b+c.wav',
    cost: '0.015',
    currency: 'EUR',
    vote: 5,
    failedReason: 'none',
    note: 'A “note” – with\nlines & signs: ✓ 😀',
    links: ['https://example.com/deals/1', 'urn:deal:2'],
  });
  const { body } = await report(said);
  const { startedAt, endedAt, answeredAt, ...rest } = said;
  for (const [name, value] of Object.entries(rest)) assert.deepEqual(body[name as keyof CallView], value, name);
  assert.deepEqual([body.startedAt, body.answeredAt, body.endedAt], [startedAt, answeredAt, '2026-03-02T10:00:40Z']);
  assert.equal(endedAt, '2026-03-02T11:00:40+01:00');
});

test('whose a call is - the end of it that somebody here holds says it, unless it is stated', async () => {
  const other = '+442079460123';
  const outbound = { direction: 'outbound', from: ANNA.extension, to: other };
  const inbound = { direction: 'inbound', from: other, to: ANNA.extension };
  const inside = { direction: 'internal', from: BERT.extension, to: ANNA.extension };
  for (const [ends, role] of [
    [outbound, 'answered'],
    [inbound, 'answered'],
    [{ ...outbound, talkSeconds: 0, outcome: 'unanswered' }, 'caller'],
    [{ ...inbound, talkSeconds: 0, outcome: 'missed' }, 'rang'],
    [inside, 'answered'],
    [{ ...outbound, userId: ANNA.id }, 'answered'],
  ] as const) {
    const { id } = (await report(statedCall(ends))).body;
    const call = await v1.get<CallView>(`/v1/calls/${id}`);
    assert.deepEqual([call.userId, call.extension], [ANNA.id, ANNA.extension]);
    assert.equal(call.participants.find(each => each.userId === ANNA.id)?.role, role);
  }
  for (const ends of [outbound, inbound]) {
    const stated = (await report(statedCall({ ...ends, userId: BERT.id }))).body;
    assert.deepEqual([stated.userId, stated.extension], [BERT.id, null]);
    const placed = (await report(statedCall({ ...ends, extension: BERT.extension }))).body;
    assert.deepEqual([placed.userId, placed.extension], [BERT.id, BERT.extension]);
  }
  const passing = (await report(statedCall({ direction: 'inbound', from: ANNA.extension, to: other }))).body;
  assert.deepEqual([passing.userId, passing.extension], [null, null]);
});

test('an extension and a queue - are known without what stands around them, and a name stays one', async () => {
  for (const around of ['N', ' N ', 'sip:N@pbx.example', '"Anna" <N>', '\u200eN']) {
    const written = (number: string) => around.replace('N', number);
    const { body } = await report(statedCall({ extension: written(ANNA.extension), queue: written('6400') }));
    assert.deepEqual([body.userId, body.queue], [ANNA.id, '6400'], around);
  }
  const { body } = await report(statedCall({ queue: ' Sales ' }));
  assert.equal(body.queue, 'Sales');
});

test('the same report again - 200, the same call, counted as a repeat', async () => {
  const body = statedCall();
  const first = await report(body);
  const again = await report(JSON.stringify(body, null, 2));
  assert.deepEqual([first.status, again.status], [201, 200]);
  assert.equal(again.body.id, first.body.id);
  const { reports } = await v1.call(first.body.id);
  assert.deepEqual(
    reports.map(each => each.deliveries),
    [2],
  );
});

test('the same report many times at once - one call', async () => {
  const body = statedCall();
  const answers = await Promise.all(Array.from({ length: 30 }, () => report(body)));
  assert.equal(new Set(answers.map(each => each.body.id)).size, 1);
  assert.equal(answers.filter(each => each.status === 201).length, 1);
  assert.equal((await v1.call(answers[0]!.body.id)).journal.filter(each => each.kind === 'call.ended').length, 1);
});

test('a further report under the same externalId - adds to the call, its start opens, its end ends', async () => {
  const start = statedCall({ externalId: 'two-steps', durationSeconds: undefined, talkSeconds: undefined });
  const end = { ...start, endedAt: '2026-03-02T10:01:00Z', talkSeconds: 50, note: 'done' };
  const opened = await report(start);
  assert.deepEqual([opened.status, opened.body.endedAt, opened.body.outcome], [201, null, 'unknown']);
  const ended = await report(end);
  assert.deepEqual([ended.status, ended.body.id], [201, opened.body.id]);
  assert.deepEqual([ended.body.state, ended.body.durationSeconds, ended.body.note], ['ended', 60, 'done']);
  const { reports, journal } = await v1.call(opened.body.id);
  assert.equal(reports.length, 2);
  assert.deepEqual(journal.map(each => each.kind).slice(0, 2), ['call.registered', 'call.ended']);
});

test('several reports that do not contradict each other, in any order - the same call', async () => {
  const start = { durationSeconds: undefined, talkSeconds: undefined };
  const parts = [
    start,
    { ...start, answeredAt: '2026-03-02T10:00:12Z' },
    { ...start, endedAt: '2026-03-02T10:00:55Z', outcome: 'answered' },
    { ...start, durationSeconds: 55, talkSeconds: 43, ringSeconds: 12 },
    { ...start, endedAt: '2026-03-02T10:00:55Z', disposition: 'call back', cost: '1.10', currency: 'EUR' },
    { ...start, note: 'a' },
  ];
  const seen = new Set<string>();
  for (let turn = 0; turn < parts.length; turn++) {
    for (const order of [parts, parts.toReversed()]) {
      const externalId = `order-${turn}-${order === parts}`;
      let last: CallView | undefined;
      for (let place = 0; place < parts.length; place++) {
        last = (await report(statedCall({ externalId, ...order[(place + turn) % parts.length] }))).body;
      }
      const { id: _id, externalId: _externalId, settledAt: _settledAt, ...same } = last!;
      seen.add(JSON.stringify(same));
    }
  }
  assert.equal(seen.size, 1, [...seen].join('\n'));
});

test('a call stated again - of each field the later report, whichever is greater, and silence takes nothing back', async () => {
  const span = { durationSeconds: undefined, talkSeconds: undefined, endedAt: '2026-03-02T10:01:40Z' };
  const pairs = [
    [{ outcome: 'missed' }, { outcome: 'answered', talkSeconds: 60 }],
    [
      { cost: '0.9', currency: 'EUR' },
      { cost: '0.1', currency: 'EUR' },
    ],
    [{ disposition: 'sold' }, { disposition: 'call back' }],
    [{ userId: BERT.id }, { userId: ANNA.id }],
    [{ vote: 5 }, { vote: 2 }],
    [{ note: 'b' }, { note: 'a' }],
    [{ endedAt: '2026-03-02T10:01:40Z' }, { endedAt: '2026-03-02T10:01:00Z' }],
    [{ direction: 'inbound' }, { direction: 'outbound' }],
    [{ startedAt: '2026-03-02T10:00:05Z' }, { startedAt: '2026-03-02T10:00:00Z' }],
    [{ links: ['urn:b'] }, { links: ['urn:a'] }],
  ] as const;
  for (const [n, pair] of pairs.entries()) {
    for (const [turn, [earlier, later]] of [pair, pair.toReversed()].entries()) {
      const externalId = `again-${n}-${turn}`;
      const first = statedCall({ externalId, ...span, extension: '2003', ...earlier });
      const second = statedCall({ externalId, ...span, ...later });
      const answers = [await report(first), await report(second), await report(first)];
      assert.deepEqual(
        answers.map(each => each.status),
        [201, 201, 200],
      );
      const call = await v1.call(answers[0]!.body.id);
      for (const [name, value] of Object.entries(later!)) assert.deepEqual(call[name as keyof CallView], value, name);
      assert.deepEqual([call.extension, call.reports.length], ['2003', 2]);
    }
  }
});

test('a call stated again - what earlier reports state of its times gives way where both cannot be', async () => {
  const whole = {
    answeredAt: '2026-03-02T10:00:10Z',
    endedAt: '2026-03-02T10:00:40Z',
    ringSeconds: 10,
    outcome: 'answered',
  };
  const none = { durationSeconds: undefined, talkSeconds: undefined };
  for (const [n, [later, times]] of (
    [
      [{ endedAt: '2026-03-02T10:00:35Z' }, ['10:00:10', '10:00:35', 35, 25, 10, 'answered']],
      [{ endedAt: '2026-03-02T10:01:40Z' }, ['10:00:10', '10:01:40', 100, 30, 10, 'answered']],
      [{ durationSeconds: 100 }, ['10:00:10', '10:01:40', 100, 30, 10, 'answered']],
      [{ talkSeconds: 35 }, ['10:00:05', '10:00:40', 40, 35, null, 'answered']],
      [{ answeredAt: '2026-03-02T10:00:20Z' }, ['10:00:20', '10:00:40', 40, 20, 10, 'answered']],
      [{ outcome: 'missed' }, [null, '10:00:40', 40, 0, 10, 'missed']],
    ] as const
  ).entries()) {
    const externalId = `gives-way-${n}`;
    await report(statedCall({ externalId, ...whole }));
    const { body } = await report(statedCall({ externalId, ...none, ...later }));
    const at = (time: string | null) => time?.slice(11, 19) ?? null;
    const { answeredAt, endedAt, durationSeconds, talkSeconds, ringSeconds, outcome } = body;
    const told = [at(answeredAt), at(endedAt), durationSeconds, talkSeconds, ringSeconds, outcome];
    assert.deepEqual(told, times, JSON.stringify(later));
  }
});

test('an Idempotency-Key - the same body again is the same call, 200', async () => {
  const first = await keyed('key-1');
  const again = await keyed('key-1');
  assert.deepEqual([first.status, again.status], [201, 200]);
  assert.equal(again.body.id, first.body.id);
  assert.equal(first.body.externalId, null);
});

test('an Idempotency-Key with another body - 409, nothing stored', async () => {
  const first = await keyed('key-2');
  const other = await keyed('key-2', { talkSeconds: 29 });
  assert.equal(other.status, 409);
  assert.equal(other.headers.get('content-type'), 'application/problem+json; charset=utf-8');
  const call = await v1.call(first.body.id);
  assert.equal(call.reports.length, 1);
  assert.equal(call.talkSeconds, 30);
});

test('an Idempotency-Key with different bodies at once - one is taken, the others are told so', async () => {
  const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => keyed('key-3', { talkSeconds: n })));
  assert.deepEqual(answers.map(each => each.status).toSorted(), [201, ...Array.from({ length: 11 }, () => 409)]);
  const { id } = answers.find(each => each.status === 201)!.body;
  assert.equal((await v1.call(id)).reports.length, 1);
});

test('an Idempotency-Key that is empty or endless - 400 that names it', async () => {
  for (const key of [' ', 'x'.repeat(201)]) {
    const { status, body } = await keyed(key);
    assert.equal(status, 400);
    assert.equal(body.errors?.[0]?.field, 'Idempotency-Key');
  }
});

test('neither externalId nor Idempotency-Key - 400 that says what to send', async () => {
  for (const externalId of [undefined, null, '', '  ']) {
    const { status, body } = await report(statedCall({ externalId }));
    assert.equal(status, 400);
    assert.equal(body.errors?.[0]?.field, 'externalId');
  }
});

test('an externalId of any characters - stored, found again, its repeat recognised', async () => {
  for (const externalId of [
    'a|b',
    'id|x',
    'Ünïcödé ✓ 😀',
    "'; DROP TABLE call; --",
    '%',
    'x'.repeat(256),
    'a\u0000b',
    'c\ud800d',
    'a\u0001b',
  ]) {
    const body = statedCall({ externalId });
    const first = await report(body);
    assert.equal(first.status, 201, JSON.stringify(first.body));
    const again = await report(body);
    assert.deepEqual([again.status, again.body.id], [200, first.body.id], externalId);
    const stored = first.body.externalId!;
    assert.deepEqual(
      (await v1.list(`externalId=${encodeURIComponent(stored)}`)).map(each => each.id),
      [first.body.id],
    );
  }
});

test('an externalId with blanks around it - the same call, under the id without them', async () => {
  const first = await report(statedCall({ externalId: ' padded ' }));
  const again = await report(statedCall({ externalId: 'padded' }));
  assert.deepEqual([first.status, again.status], [201, 200]);
  assert.equal(again.body.id, first.body.id);
  assert.equal(again.body.externalId, 'padded');
});

test('a Yeastar call and a native call with the same id - two calls', async () => {
  await report(statedCall({ externalId: '1790197458.1' }));
  const [only] = await v1.list('externalId=1790197458.1');
  assert.equal(only!.source, 'native');
});

test('outcomes that follow - a talk is answered, an end without one is missed, neither is unknown', async () => {
  for (const [said, outcome] of [
    [{ durationSeconds: 20, talkSeconds: 5 }, 'answered'],
    [{ durationSeconds: 20, talkSeconds: 0 }, 'missed'],
    [{ durationSeconds: 20, talkSeconds: undefined }, 'unknown'],
    [{ durationSeconds: 20, talkSeconds: undefined, answeredAt: '2026-03-02T10:00:05Z' }, 'answered'],
    [{ durationSeconds: 20, talkSeconds: 0, outcome: 'declined' }, 'declined'],
    [{ durationSeconds: undefined, talkSeconds: undefined }, 'unknown'],
  ] as const) {
    const { body } = await report(statedCall(said));
    assert.equal(body.outcome, outcome, JSON.stringify(said));
  }
});

test('K2, K3, K7 from and to - a number without what stands around it, and nobody where it was withheld', async () => {
  for (const [from, kept, e164] of [
    ['+44 (20) 7946-0123', '+442079460123', '+442079460123'],
    [' 442079460123', '+442079460123', '+442079460123'],
    ['442079460123', '442079460123', null],
    ['3023125123', '3023125123', null],
    ['493023125123', '493023125123', '+493023125123'],
    ['sip:+442079460123@pbx.example;user=phone', '+442079460123', '+442079460123'],
    ['"Anna" <tel:+44-20-7946-0123;ext=5>', '+442079460123', '+442079460123'],
    ['<unknown>', null, null],
    ['sip:anonymous@anonymous.invalid', null, null],
    ['Private Number', null, null],
    ['alice', 'alice', null],
  ] as const) {
    const { status, body } = await report(statedCall({ from, to: from, did: from }));
    assert.equal(status, 201, from);
    assert.deepEqual([body.from, body.fromE164, body.to, body.toE164, body.did], [kept, e164, kept, e164, kept], from);
  }
});

test('K3 a number nobody guessed - is found by what it could be', async () => {
  const found = async (number: string) =>
    (await v1.list(`number=${encodeURIComponent(number)}`)).map(each => each.externalId);
  await report(statedCall({ externalId: 'bare', from: '3023125199' }));
  await report(statedCall({ externalId: 'foreign', from: '442079460199' }));
  for (const number of ['+493023125199', '030 23125199', '3023125199', 'tel:+49-30-23125199']) {
    assert.deepEqual(await found(number), ['bare'], number);
  }
  for (const number of ['+442079460199', '442079460199', '0044 20 7946 0199']) {
    assert.deepEqual(await found(number), ['foreign'], number);
  }
});

test('a start more than a day ahead of its report - kept as stated, with a warning', async () => {
  const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
  for (const [startedAt, warnings] of [
    [inHours(23), []],
    [inHours(25), ['start: more than a day after it was reported, kept as stated']],
  ] as const) {
    const { body } = await report(statedCall({ startedAt }));
    const call = await v1.call(body.id);
    assert.deepEqual([call.startedAt, call.reports[0]!.warnings], [startedAt, warnings]);
  }
});
