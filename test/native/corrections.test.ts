import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSince } from '../kit/assertSince.ts';
import { push, signatureOf } from '../kit/pbxWebhook.ts';
import type { CallDetail, CallView, ProblemView, SummaryView } from '../kit/v1Views.ts';
import { ANNA, BERT, CARLA, openHouse, statedCall } from './house.ts';
import { freshNumber, pbxTells } from './telephony.ts';

const { server, v1 } = await openHouse();

interface Corrected {
  readonly n: number;
  readonly author: string;
  readonly at: string;
  readonly reason: string | null;
  readonly call: CallView;
}

const correct = (id: number, fields: object, reason?: string): Promise<Corrected> =>
  v1.post(`/v1/calls/${id}/corrections`, { fields, ...(reason === undefined ? {} : { reason }) }, 201);
const takeBack = (id: number, n: number) =>
  v1.ask<CallView & ProblemView>('DELETE', `/v1/calls/${id}/corrections/${n}`);
const report = (changes: Record<string, unknown> = {}): Promise<CallView> =>
  v1.post('/v1/calls', statedCall(changes), 201);

const pair = (number: string) => [number, number];
const bare = ({ settledAt: _settledAt, reports: _reports, journal: _journal, ...call }: CallDetail) => call;

test('a correction - wins over what was reported, and says who, when and why', async () => {
  const { id } = await report({ extension: ANNA.extension });
  const said = await correct(id, { userId: BERT.id, disposition: 'sold', note: 'Bert took it' }, 'swapped desks');
  assert.deepEqual([said.n, said.author, said.reason], [1, 'ops', 'swapped desks']);
  assertSince(said.at);
  const call = await v1.call(id);
  assert.deepEqual([call.userId, call.disposition, call.note], [BERT.id, 'sold', 'Bert took it']);
  assert.equal(call.talkSeconds, 30);
  const kept = call.reports.find(each => each.kind === 'native.correction')!;
  assert.deepEqual(JSON.parse(kept.raw).fields, { userId: BERT.id, disposition: 'sold', note: 'Bert took it' });
  assert.equal(call.extension, null, 'nothing tells of a telephone of his');
  const changed = ['disposition', 'extension', 'note', 'participants', 'userId'];
  assert.deepEqual(call.journal.at(-1)!.fields?.toSorted(), changed);
  const { status, body } = await takeBack(id, 1);
  assert.deepEqual([status, body.userId, body.extension], [200, ANNA.id, ANNA.extension]);
});

test('a corrected user - has the extension that a leg tells of, and nobody has none', async () => {
  const startedAt = Math.floor(Date.now() / 1000) * 1000 - 60_000;
  const number = freshNumber();
  const callId = await pbxTells(server, { number, startedAt, extension: BERT.extension, durationSeconds: 20 });
  await pbxTells(server, { number, callId, startedAt: startedAt + 20_000, durationSeconds: 30, talkSeconds: 25 });
  const { id, ...told } = await v1.callOf(callId, 'hq');
  assert.deepEqual([told.userId, told.extension], [ANNA.id, ANNA.extension]);
  for (const [userId, extension] of [
    [BERT.id, BERT.extension],
    [null, null],
    [CARLA.id, null],
    [ANNA.id, ANNA.extension],
  ]) {
    const { call } = await correct(id, { userId });
    assert.deepEqual([call.userId, call.extension], [userId, extension]);
  }
});

test('every field that may be corrected - comes back as corrected', async () => {
  const { id } = await report();
  const fields = {
    direction: 'outbound',
    from: '+442079460111',
    to: '+442079460112',
    startedAt: '2026-03-02T11:00:00Z',
    answeredAt: '2026-03-02T11:00:05Z',
    endedAt: '2026-03-02T11:01:00Z',
    talkSeconds: 55,
    outcome: 'answered',
    disposition: 'sold',
    userId: ANNA.id,
    queue: '6400',
    line: 'line 1',
    cost: '0.25',
    currency: 'EUR',
    vote: 1,
    failedReason: 'none',
    note: 'a note',
    links: ['urn:deal:1'],
  };
  await correct(id, fields);
  const call = await v1.call(id);
  for (const [name, value] of Object.entries(fields)) assert.deepEqual(call[name as keyof CallView], value, name);
  assert.equal(call.durationSeconds, 60);
  assert.deepEqual([call.fromE164, call.toE164], ['+442079460111', '+442079460112']);
});

test('a corrected queue - is known without what stands around it', async () => {
  const { id } = await report();
  await correct(id, { queue: 'Sales <6400>' });
  assert.equal((await v1.call(id)).queue, '6400');
});

test('K2, K3, K7 a corrected number - without what stands around it, and nobody where it was withheld', async () => {
  const { id } = await report();
  await correct(id, { from: '"Anna" <sip:+442079460111@pbx.example>', to: ' 442079460112' });
  const call = await v1.call(id);
  assert.deepEqual(
    [call.from, call.fromE164, call.to, call.toE164],
    [...pair('+442079460111'), ...pair('+442079460112')],
  );
  await correct(id, { from: '<unknown>' });
  assert.deepEqual([(await v1.call(id)).from, (await v1.call(id)).fromE164], [null, null]);
});

test('a corrected direction - makes a missed call unanswered, and back', async () => {
  const { id } = await report({ talkSeconds: 0 });
  assert.equal((await v1.call(id)).outcome, 'missed');
  await correct(id, { direction: 'outbound' });
  assert.equal((await v1.call(id)).outcome, 'unanswered');
  await correct(id, { outcome: 'abandoned' });
  assert.equal((await v1.call(id)).outcome, 'unanswered');
  await correct(id, { direction: 'inbound', outcome: 'unanswered' });
  assert.equal((await v1.call(id)).outcome, 'missed');
});

test('NUL and lone surrogates in what a person says - replaced', async () => {
  const { id } = await report();
  const text = '{"reason":"a\\u0000b","fields":{"note":"c\\ud800d","links":["urn:\\udc00"]}}';
  const { status, body } = await v1.ask<Corrected>('POST', `/v1/calls/${id}/corrections`, { body: text });
  assert.deepEqual([status, body.reason], [201, 'a\ufffdb']);
  const call = await v1.call(id);
  assert.deepEqual([call.note, call.links], ['c\ufffdd', ['urn:\ufffd']]);
  assert.equal(call.reports.at(-1)!.raw, text);
});

test('null - empties a field', async () => {
  const { id } = await report({ note: 'secret', from: '+442079460123', userId: ANNA.id, cost: 1, currency: 'EUR' });
  await correct(id, { note: null, from: null, userId: null, cost: null });
  const call = await v1.call(id);
  assert.deepEqual([call.note, call.from, call.fromE164, call.userId, call.cost], [null, null, null, null, null]);
  assert.equal(call.currency, 'EUR');
});

test('several corrections - the latest word about each field', async () => {
  const { id } = await report();
  await correct(id, { note: 'first', vote: 1 });
  await correct(id, { note: 'second' });
  const { n } = await correct(id, { vote: 5 });
  assert.equal(n, 3);
  const call = await v1.call(id);
  assert.deepEqual([call.note, call.vote], ['second', 5]);
});

test('a late leg of a PBX - adds to the call, and the correction stays', async () => {
  const leg = (to: string, second: number, duration: number, talk: number) =>
    JSON.stringify({
      sn: '3651X0000001',
      type: 30012,
      msg: {
        call_id: '1772445600.1',
        time_start: `2026-03-02 13:00:${String(second).padStart(2, '0')}`,
        call_from: '0711000001',
        call_to: to,
        call_duration: duration,
        talk_duration: talk,
        status: talk > 0 ? 'ANSWERED' : 'NO ANSWER',
        type: 'Inbound',
      },
    });
  const tell = async (body: string) => {
    assert.equal((await push(server, body, { signature: signatureOf(body) })).status, 200);
    return v1.callOf('1772445600.1', 'hq');
  };
  const first = await tell(leg('2002', 0, 20, 0));
  assert.deepEqual([first.outcome, first.userId], ['missed', BERT.id]);
  await correct(first.id, { outcome: 'cancelled', userId: ANNA.id });
  const later = await tell(leg('2001', 20, 40, 30));
  assert.equal(later.legs.length, 2);
  assert.deepEqual([later.outcome, later.userId], ['cancelled', ANNA.id]);
  assert.equal(later.talkSeconds, 0, 'nobody talks in a call that was cancelled');
  const uncorrected = (await takeBack(first.id, 1)).body;
  assert.deepEqual([uncorrected.outcome, uncorrected.userId, uncorrected.talkSeconds], ['answered', ANNA.id, 30]);
});

test('taken back - the call is as if it had never been said; both stay as reports', async () => {
  const { id } = await report({ extension: ANNA.extension });
  const before = await v1.call(id);
  await correct(id, { userId: BERT.id, startedAt: '2026-03-02T09:00:00Z', outcome: 'missed', talkSeconds: 0 });
  const { status } = await takeBack(id, 1);
  assert.equal(status, 200);
  const after = await v1.call(id);
  assert.deepEqual(bare(after), bare(before));
  assert.deepEqual(
    after.reports.map(each => each.kind),
    ['native.call', 'native.correction', 'native.retraction'],
  );
});

test('the middle one of three taken back - the others hold', async () => {
  const { id } = await report();
  await correct(id, { note: 'one', vote: 1 });
  await correct(id, { note: 'two', vote: 2 });
  await correct(id, { note: 'three' });
  await takeBack(id, 2);
  let call = await v1.call(id);
  assert.deepEqual([call.note, call.vote], ['three', 1]);
  await takeBack(id, 3);
  call = await v1.call(id);
  assert.deepEqual([call.note, call.vote], ['one', 1]);
  assert.equal((await correct(id, { vote: 4 })).n, 4);
});

test('taken back twice, said twice - harmless', async () => {
  const { id } = await report();
  await correct(id, { note: 'x' });
  assert.equal((await correct(id, { note: 'x' })).n, 2);
  assert.deepEqual([(await takeBack(id, 1)).status, (await takeBack(id, 1)).status], [200, 200]);
  const call = await v1.call(id);
  assert.equal(call.note, 'x');
  assert.equal(call.reports.filter(each => each.kind === 'native.retraction').length, 1);
});

test('corrections at once - each is counted, none is lost', async () => {
  const { id } = await report();
  const said = await Promise.all(Array.from({ length: 10 }, (_, n) => correct(id, { note: `${n}` })));
  assert.deepEqual(
    said.map(each => each.n).toSorted((a, b) => a - b),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  );
});

test('an open call - a correction can end it, and taking that back opens it again', async () => {
  const { id } = await report({ durationSeconds: undefined, talkSeconds: undefined });
  const { call } = await correct(id, { endedAt: '2026-03-02T10:05:00Z' });
  assert.deepEqual([call.state, call.durationSeconds], ['ended', 300]);
  const reopened = (await takeBack(id, 1)).body;
  assert.deepEqual([reopened.endedAt, reopened.durationSeconds], [null, null]);
  const { journal } = await v1.call(id);
  assert.deepEqual(
    journal.map(each => each.kind),
    ['call.registered', 'call.ended', 'call.amended'],
  );
});

test('talk and answer against what stands - 400 that names the field, until both are corrected', async () => {
  const refuse = async (id: number, fields: object) => {
    const { status, body } = await v1.ask<ProblemView>('POST', `/v1/calls/${id}/corrections`, { body: { fields } });
    return [status, body.errors?.[0]?.field, body.errors?.[0]?.detail];
  };
  const answered = await report({ answeredAt: '2026-03-02T10:00:10Z' });
  assert.deepEqual(await refuse(answered.id, { answeredAt: '2026-03-02T10:00:20Z' }), [
    400,
    'fields.answeredAt',
    'must leave the 30 seconds of talk: correct talkSeconds with it',
  ]);
  assert.deepEqual(await refuse(answered.id, { talkSeconds: 38 }), [
    400,
    'fields.talkSeconds',
    'must not be more than the 30 seconds from answeredAt to endedAt: correct these with it',
  ]);
  const later = await correct(answered.id, { answeredAt: '2026-03-02T10:00:20Z', talkSeconds: 20 });
  assert.equal(later.n, 1);
  assert.equal((await v1.call(answered.id)).talkSeconds, 20);

  const missed = await report({ talkSeconds: 0 });
  assert.deepEqual(await refuse(missed.id, { talkSeconds: 20 }), [
    400,
    'fields.talkSeconds',
    'must be 0 where outcome is missed: correct outcome with it',
  ]);
  assert.deepEqual(await refuse(missed.id, { answeredAt: '2026-03-02T10:00:10Z' }), [
    400,
    'fields.answeredAt',
    'must be null where outcome is missed: correct outcome with it',
  ]);
  await correct(missed.id, { outcome: 'answered', answeredAt: '2026-03-02T10:00:10Z', talkSeconds: 30 });
  assert.equal((await v1.call(missed.id)).talkSeconds, 30);
});

test('an answer corrected to be later - nobody talked before it, and people do not add up to more than the call', async () => {
  const start = Date.parse('2026-03-05T10:00:00Z');
  const at = (second: number) => new Date(start + second * 1000).toISOString();
  const number = freshNumber();
  const callId = await pbxTells(server, { number, startedAt: start, durationSeconds: 66, talkSeconds: 60 });
  const { extension } = BERT;
  const handedOn = { number, callId, extension, startedAt: start + 66_000, durationSeconds: 127, talkSeconds: 120 };
  await pbxTells(server, handedOn);
  const { id, talkSeconds } = await v1.callOf(callId, 'hq');
  assert.equal(talkSeconds, 180);
  const partsAfter = async (fields: object) => {
    const { n, call } = await correct(id, fields);
    const query = `by=user&startedFrom=${at(0)}&startedTo=${at(86_400)}`;
    const { rows, totals } = await v1.get<SummaryView>(`/v1/statistics/summary?${query}`);
    const sum = rows.reduce((all, each) => all + each.talkSeconds, 0);
    assert.deepEqual([totals.talkSeconds, sum], [call.talkSeconds, call.talkSeconds]);
    await takeBack(id, n);
    return call.participants.map(each => [each.userId, each.role, each.talkSeconds]);
  };
  assert.deepEqual(await partsAfter({ answeredAt: at(70), talkSeconds: 120 }), [
    [ANNA.id, 'rang', 0],
    [BERT.id, 'answered', 120],
  ]);
  assert.deepEqual(await partsAfter({ answeredAt: at(30), talkSeconds: 156 }), [
    [ANNA.id, 'transferred', 36],
    [BERT.id, 'answered', 120],
  ]);
  assert.deepEqual(await partsAfter({ startedAt: at(20), answeredAt: at(40), talkSeconds: 140 }), [
    [ANNA.id, 'transferred', 20],
    [BERT.id, 'answered', 120],
  ]);
  assert.deepEqual(await partsAfter({ note: 'nothing of its talk' }), [
    [ANNA.id, 'transferred', 60],
    [BERT.id, 'answered', 120],
  ]);
});

test('a talk that leaves no room for the ring and the wait that were told - these give way, until it is taken back', async () => {
  const waited = { durationSeconds: 30, ringSeconds: 30, queue: '6400', queueWaitSeconds: 30, talkSeconds: 0 };
  const { id } = await report({ ...waited, userId: ANNA.id, outcome: 'missed' });
  const seconds = ({ talkSeconds, ringSeconds, queueWaitSeconds, participants, queues }: CallView) => [
    [talkSeconds, ringSeconds, queueWaitSeconds],
    participants.map(each => each.ringSeconds),
    queues.map(each => each.waitSeconds),
  ];
  const { call } = await correct(id, { outcome: 'answered', talkSeconds: 20 });
  assert.deepEqual(seconds(call), [[20, 10, 10], [10], [10]]);
  const { body } = await takeBack(id, 1);
  assert.deepEqual(seconds(body), [[0, 30, 30], [30], [30]]);
});

test('talk and answer corrected, then that nobody answered - takes both, until it is taken back', async () => {
  const number = freshNumber();
  const startedAt = Date.parse('2026-03-02T18:00:00Z');
  const callId = await pbxTells(server, { number, startedAt, durationSeconds: 40, talkSeconds: 30 });
  const { id } = await v1.callOf(callId, 'hq');
  await correct(id, { talkSeconds: 25 });
  await correct(id, { endedAt: '2026-03-02T18:00:40Z', answeredAt: '2026-03-02T18:00:15Z' });
  await correct(id, { outcome: 'missed' });
  const missed = await v1.call(id);
  assert.deepEqual([missed.outcome, missed.answeredAt, missed.talkSeconds], ['missed', null, 0]);
  await v1.ask('DELETE', `/v1/calls/${id}/corrections/3`);
  const again = await v1.call(id);
  assert.deepEqual([again.outcome, again.answeredAt, again.talkSeconds], ['answered', '2026-03-02T18:00:15Z', 25]);
});

test('a correction that is impossible - 400 that names its field, nothing changed', async () => {
  const { id } = await report();
  const before = await v1.call(id);
  for (const [fields, field] of [
    [{ endedAt: '2026-03-02T09:59:59Z' }, 'fields.endedAt'],
    [{ startedAt: '2026-03-02T10:00:41Z' }, 'fields.startedAt'],
    [{ startedAt: '2026-03-02T12:00:00Z', endedAt: '2026-03-02T11:00:00Z' }, 'fields.endedAt'],
    [{ endedAt: '2026-04-01T10:00:01Z' }, 'fields.endedAt'],
    [{ startedAt: '2026-01-01T10:00:00Z' }, 'fields.startedAt'],
    [{ startedAt: '1999-12-31T23:59:59Z' }, 'fields.startedAt'],
    [{ answeredAt: '2026-03-02T09:59:59Z' }, 'fields.answeredAt'],
    [{ answeredAt: '2026-03-02T10:00:41Z' }, 'fields.answeredAt'],
    [{ talkSeconds: 41 }, 'fields.talkSeconds'],
    [{ userId: 99 }, 'fields.userId'],
    [{ vote: 9 }, 'fields.vote'],
    [{ outcome: 'won' }, 'fields.outcome'],
    [{ endedAt: null }, 'fields.endedAt'],
    [{ startedAt: 'soon' }, 'fields.startedAt'],
    [{ cost: '1,5' }, 'fields.cost'],
    [{ links: ['nowhere'] }, 'fields.links[0]'],
    [{ legs: [] }, 'fields.legs'],
    [{}, 'fields'],
    [null, 'fields'],
    [undefined, 'fields'],
  ] as const) {
    const { status, body } = await v1.ask<ProblemView>('POST', `/v1/calls/${id}/corrections`, { body: { fields } });
    assert.deepEqual(
      [status, body.errors?.map(each => each.field)],
      [400, [field]],
      `${JSON.stringify(fields)} ${JSON.stringify(body)}`,
    );
  }
  assert.deepEqual(bare(await v1.call(id)), bare(before));
  assert.equal((await v1.call(id)).reports.length, 1);
});

test('a call or a correction that is not there - 404', async () => {
  const { id } = await report();
  assert.equal((await v1.ask('POST', '/v1/calls/99999/corrections', { body: { fields: { vote: 1 } } })).status, 404);
  assert.equal((await takeBack(99_999, 1)).status, 404);
  assert.equal((await takeBack(id, 1)).status, 404);
  assert.equal((await takeBack(id, 0)).status, 400);
});
