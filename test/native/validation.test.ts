import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProblemView } from '../kit/v1Views.ts';
import { openHouse, statedCall } from './house.ts';

const { v1 } = await openHouse();

/** A value that is wrong for a field, and the field the answer must name when it is not the same. */
const WRONG: readonly (readonly [string, unknown, string?])[] = [
  ['externalId', 5],
  ['externalId', 'x'.repeat(257)],
  ['direction', 'sideways'],
  ['direction', 'Inbound'],
  ['direction', null],
  ['direction', undefined],
  ['from', 5],
  ['from', undefined],
  ['from', { number: '1' }],
  ['from', '1'.repeat(65)],
  ['to', ['1']],
  ['to', undefined],
  ['startedAt', undefined],
  ['startedAt', null],
  ['startedAt', ''],
  ['startedAt', 'yesterday'],
  ['startedAt', '2026-03-02 10:00:00'],
  ['startedAt', '2026-03-02T10:00:00'],
  ['startedAt', '2026-02-30T10:00:00Z'],
  ['startedAt', '2026-03-02T25:00:00Z'],
  ['startedAt', '1969-12-31T23:59:59Z'],
  ['startedAt', '1999-12-31T23:59:59Z'],
  ['startedAt', '2101-01-01T00:00:00Z'],
  ['startedAt', 1772445600],
  ['startedAt', '2'.repeat(41)],
  ['answeredAt', 'soon'],
  ['answeredAt', '2026-03-02T09:59:59Z'],
  ['endedAt', 5],
  ['endedAt', '2026-03-02T09:59:59Z'],
  ['endedAt', '2026-04-01T10:00:01Z'],
  ['durationSeconds', -1],
  ['durationSeconds', 1.5],
  ['durationSeconds', '40'],
  ['durationSeconds', 2_592_001],
  ['durationSeconds', 1e300],
  ['ringSeconds', -1],
  ['talkSeconds', 'x'],
  ['talkSeconds', 41],
  ['queueWaitSeconds', true],
  ['outcome', 'ANSWERED'],
  ['outcome', 1],
  ['cause', {}],
  ['disposition', 'x'.repeat(257)],
  ['userId', 0],
  ['userId', '1'],
  ['userId', 999],
  ['extension', 2001],
  ['queue', 6400],
  ['line', []],
  ['trunkIn', 1],
  ['trunkOut', 1],
  ['did', 1],
  ['didName', 1],
  ['recording', 'x'.repeat(1001)],
  ['vote', 0],
  ['vote', 6],
  ['vote', 2.5],
  ['failedReason', 1],
  ['note', 'x'.repeat(10_001)],
  ['links', 'https://example.com'],
  ['links', ['https://example.com', 'not a link'], 'links[1]'],
  ['links', [5], 'links[0]'],
  ['links', Array.from({ length: 51 }, () => 'urn:a')],
  ['callId', 5],
  ['id', 5],
  ['status', 'ended'],
  ['__proto__', { direction: 'inbound' }],
  ['constructor', 'x'],
  ['toString', 'x'],
  ['', 'x'],
];

test('every wrong value - 400 that names its field and nothing else, and nothing is stored', async () => {
  const calls = (await v1.list()).length;
  for (const [name, value, field = name] of WRONG) {
    // `__proto__` in a literal would be no key of its own.
    const said = Object.entries(statedCall({ externalId: `wrong-${name}` })).filter(([key]) => key !== name);
    const parts = [...said, [name, value] as const].filter(([, each]) => each !== undefined);
    const text = `{${parts.map(([key, each]) => `${JSON.stringify(key)}:${JSON.stringify(each)}`).join(',')}}`;
    const { status, headers, body } = await v1.ask<ProblemView>('POST', '/v1/calls', { body: text });
    const about = `${name}: ${JSON.stringify(value)?.slice(0, 60)} → ${JSON.stringify(body)}`;
    assert.equal(status, 400, about);
    assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/);
    assert.equal(body.status, 400);
    assert.deepEqual(
      body.errors?.map(each => each.field),
      [field],
      about,
    );
    assert.ok(body.errors[0]!.detail.length > 3, about);
    assert.ok(body.detail.includes(field), about);
  }
  assert.equal((await v1.list()).length, calls);
});

test('a start before or after all calls - is refused with the same words', async () => {
  for (const startedAt of ['1969-12-31T23:59:59Z', '1999-12-31T23:59:59Z', '2101-01-01T00:00:00Z']) {
    const { body } = await v1.ask<ProblemView>('POST', '/v1/calls', { body: statedCall({ startedAt }) });
    assert.equal(body.errors?.[0]?.detail, 'must lie between the years 2000 and 2100', startedAt);
  }
});

test('several wrong values - one answer names them all', async () => {
  const { body } = await v1.ask<ProblemView>('POST', '/v1/calls', {
    body: { externalId: 'many', direction: 'up', from: 5, startedAt: '2026-03-02T10:00:00Z', colour: 'red' },
  });
  assert.deepEqual(body.errors?.map(each => each.field).toSorted(), ['colour', 'direction', 'from', 'to']);
});

test('an answer after its end, a talk longer than the call - 400 that names the field', async () => {
  for (const [changes, field] of [
    [{ endedAt: '2026-03-02T10:00:40Z', answeredAt: '2026-03-02T10:00:41Z' }, 'answeredAt'],
    [{ durationSeconds: undefined, endedAt: '2026-03-02T10:00:40Z', talkSeconds: 41 }, 'talkSeconds'],
  ] as const) {
    const { status, body } = await v1.ask<ProblemView>('POST', '/v1/calls', { body: statedCall(changes) });
    assert.deepEqual([status, body.errors?.[0]?.field], [400, field], JSON.stringify(body));
  }
});

/** Three hundred seconds, of which two hundred were talked. */
const LONG = {
  answeredAt: '2026-03-02T10:01:40Z',
  endedAt: '2026-03-02T10:05:00Z',
  durationSeconds: 300,
  talkSeconds: 200,
};
const open = { answeredAt: undefined, endedAt: undefined, durationSeconds: undefined };

test('seconds that contradict the times or each other - 400 that names the field, and nothing stored', async () => {
  const externalId = 'contradicts-itself';
  for (const [changes, field, detail] of [
    [
      { durationSeconds: 1000, talkSeconds: 900 },
      'durationSeconds',
      'must be the 300 seconds from startedAt to endedAt',
    ],
    [{ durationSeconds: 297 }, 'durationSeconds', 'must be the 300 seconds from startedAt to endedAt'],
    [{ queueWaitSeconds: 4000 }, 'queueWaitSeconds', 'must not be more than the 300 seconds of the call'],
    [{ ringSeconds: 4000 }, 'ringSeconds', 'must not be more than the 300 seconds of the call'],
    [
      { ringSeconds: 280, answeredAt: undefined },
      'ringSeconds',
      'must leave the 200 seconds of talk in the 300 of the call',
    ],
    [{ ringSeconds: 103 }, 'ringSeconds', 'must leave the 200 seconds of talk in the 300 of the call'],
    [
      { ...open, answeredAt: LONG.answeredAt, ringSeconds: 103 },
      'ringSeconds',
      'must not be more than the seconds from startedAt to answeredAt',
    ],
    [{ talkSeconds: 203 }, 'talkSeconds', 'must not be more than the seconds from answeredAt to the end'],
    [
      { endedAt: undefined, durationSeconds: 97, talkSeconds: undefined },
      'answeredAt',
      'must not be after the 97 seconds of the call',
    ],
    [{ outcome: 'missed' }, 'talkSeconds', 'must be 0 where outcome is missed'],
    [{ outcome: 'busy', talkSeconds: 0 }, 'answeredAt', 'must be null where outcome is busy'],
  ] as const) {
    const body = statedCall({ externalId, ...LONG, ...changes });
    const answer = await v1.ask<ProblemView>('POST', '/v1/calls', { body });
    assert.deepEqual([answer.status, answer.body.errors], [400, [{ field, detail }]], JSON.stringify(changes));
  }
  assert.deepEqual(await v1.list(`externalId=${externalId}`), []);
});

test('seconds that are rounded, or of which the end is not known - taken as they are stated', async () => {
  for (const changes of [
    { durationSeconds: 298 },
    { durationSeconds: 302, ringSeconds: 102 },
    { ringSeconds: 101, queueWaitSeconds: 302 },
    { answeredAt: undefined, ringSeconds: 20, queueWaitSeconds: 250 },
    { ...open, ringSeconds: 4000, queueWaitSeconds: 4000 },
    { outcome: 'voicemail' },
    { outcome: 'unknown' },
  ]) {
    const said = statedCall({ ...LONG, ...changes });
    const { id } = await v1.post<{ id: number }>('/v1/calls', said, 201);
    const call = await v1.call(id);
    for (const name of ['durationSeconds', 'talkSeconds', 'ringSeconds', 'queueWaitSeconds'] as const) {
      if (said[name] !== undefined) assert.equal(call[name], said[name], `${name} of ${JSON.stringify(changes)}`);
    }
  }
});

test('a blank where text is optional - the same as nothing', async () => {
  const call = await v1.post<{ id: number }>('/v1/calls', statedCall({ note: '  ', queue: '', from: ' ' }), 201);
  const { note, queue, from } = await v1.call(call.id);
  assert.deepEqual([note, queue, from], [null, null, null]);
});

test('every wrong filter - 400 that names it', async () => {
  for (const [query, field] of [
    ['startedFrom=yesterday', 'startedFrom'],
    ['startedTo=2026-03-02', 'startedTo'],
    ['startedFrom=2026-03-02T10:00:00Z&startedTo=2026-03-02T10:00:00Z', 'startedTo'],
    ['source=nowhere', 'source'],
    ['user=anna', 'user'],
    ['user=0', 'user'],
    ['direction=up', 'direction'],
    ['outcome=ANSWERED', 'outcome'],
    ['state=closed', 'state'],
    ['limit=0', 'limit'],
    ['limit=501', 'limit'],
    ['limit=-1', 'limit'],
    ['limit=10&limit=20', 'limit'],
    ['cursor=x', 'cursor'],
    ['number=', 'number'],
    ['number=+', 'number'],
    ['externalId=', 'externalId'],
    ['queue=', 'queue'],
    ['line=%20', 'line'],
    ['colour=red', 'colour'],
    ['__proto__=x', '__proto__'],
  ] as const) {
    const { status, body } = await v1.ask<ProblemView>('GET', `/v1/calls?${query}`);
    assert.deepEqual(
      [status, body.errors?.map(each => each.field)],
      [400, [field]],
      `${query}: ${JSON.stringify(body)}`,
    );
  }
});

test('a blank filter - is told in words', async () => {
  for (const query of ['number=', 'externalId=%20', 'queue=', 'line=%20']) {
    const { body } = await v1.ask<ProblemView>('GET', `/v1/calls?${query}`);
    assert.deepEqual(
      body.errors?.map(each => each.detail),
      ['must not be blank'],
      query,
    );
  }
});

test('an id that is none - 400; a call that is not there - 404', async () => {
  for (const id of ['0', '-1', 'x', '1.5', '%00', '9'.repeat(16)]) {
    const { status } = await v1.ask('GET', `/v1/calls/${id}`);
    assert.equal(status, 400, id);
  }
  const { status, body } = await v1.ask<ProblemView>('GET', '/v1/calls/999999');
  assert.deepEqual([status, body.title], [404, 'Not Found']);
});

test('a path that is not there - 404 as a problem', async () => {
  const { status, headers, body } = await v1.ask<ProblemView>('GET', '/v1/nothing?token=secret');
  assert.equal(status, 404);
  assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/);
  assert.ok(!body.detail.includes('secret'));
});
