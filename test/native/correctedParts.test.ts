/** What people say of a call is about that call, whatever it is joined with or split into later (docs/one-call.md, "Join and split"). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallDetail, CallView, ProblemView, SummaryView } from '../kit/v1Views.ts';
import { ANNA, BERT, CARLA, openHouse, statedCall } from './house.ts';
import { freshNumber, pbxTells } from './telephony.ts';

const { server, v1 } = await openHouse();

const correct = (id: number, fields: object) => v1.post<{ n: number }>(`/v1/calls/${id}/corrections`, { fields }, 201);
const refused = async (id: number, fields: object) => {
  const { status, body } = await v1.ask<ProblemView>('POST', `/v1/calls/${id}/corrections`, { body: { fields } });
  return [status, body.errors?.map(each => each.field)];
};
const join = (id: number, other: number) => v1.post<CallView>(`/v1/calls/${id}/join`, { with: other }, 200);
const split = (id: number) => v1.post<CallView>(`/v1/calls/${id}/split`, {}, 200);
const warnings = ({ reports }: CallDetail) =>
  reports.filter(each => each.kind === 'native.correction').flatMap(each => each.warnings);
const talks = ({ participants }: CallView) => participants.map(each => [each.userId, each.role, each.talkSeconds]);

/** Of the fictitious hour of this test; whole seconds, as a PBX tells them. */
const HOUR_MS = 3_600_000;
let hours = 0;
const nextHour = (): number => Date.parse('2026-03-03T03:00:00Z') + ++hours * HOUR_MS;
const at = (startedAt: number, second: number) => new Date(startedAt + second * 1000).toISOString();
const seconds = ({ startedAt, endedAt }: CallView) => (Date.parse(endedAt!) - Date.parse(startedAt)) / 1000;

interface Told {
  readonly extension?: string;
  readonly ring: number;
  readonly talk: number;
}
async function told(startedAt: number, { extension = ANNA.extension, ring, talk }: Told): Promise<CallDetail> {
  const leg = { number: freshNumber(), startedAt, extension, durationSeconds: ring + talk, talkSeconds: talk };
  return v1.callOf(await pbxTells(server, leg), 'hq');
}

/** Anna for 594 s, and Bert for 30 s a quarter of an hour after she began. */
async function twoCalls(): Promise<readonly [CallDetail, CallDetail, number]> {
  const start = nextHour();
  const one = await told(start, { ring: 6, talk: 594 });
  return [one, await told(start + 900_000, { extension: BERT.extension, ring: 4, talk: 30 }), start];
}

test('a corrected end of the one and start of the other, then joined - each part is corrected, and the whole is possible', async () => {
  const [one, other, start] = await twoCalls();
  await correct(one.id, { endedAt: at(start, 300), talkSeconds: 294 });
  await correct(other.id, { startedAt: at(start, 902) });
  await join(one.id, other.id);
  const joined = await v1.call(one.id);
  assert.deepEqual([joined.startedAt, joined.endedAt], [one.startedAt, other.endedAt]);
  assert.deepEqual([joined.durationSeconds, joined.talkSeconds, joined.outcome], [934, 324, 'answered']);
  assert.deepEqual(talks(joined), [
    [ANNA.id, 'transferred', 294],
    [BERT.id, 'answered', 30],
  ]);
  assert.equal(warnings(joined).length, 2, 'each says of which part it holds');
});

test('a call corrected to be another one’s, then joined - whose it was takes no part, and only the two have its talk', async () => {
  const start = nextHour();
  const outgoing = (second: number, userId: number) => {
    const startedAt = at(start, second);
    const ends = { direction: 'outbound', from: ANNA.extension, to: freshNumber() };
    return v1.post<CallView>('/v1/calls', statedCall({ ...ends, startedAt, talkSeconds: 30, userId }), 201);
  };
  const [one, other] = [await outgoing(0, ANNA.id), await outgoing(100, BERT.id)];
  await correct(one.id, { userId: CARLA.id });
  await join(one.id, other.id);
  const expected = [
    [BERT.id, 'answered', 30],
    [CARLA.id, 'transferred', 30],
  ];
  assert.deepEqual(talks(await v1.call(one.id)), expected);
  const range = `startedFrom=${at(start, 0)}&startedTo=${at(start, 200)}`;
  const { rows } = await v1.get<SummaryView>(`/v1/statistics/summary?by=user&${range}`);
  assert.deepEqual(
    rows.map(each => [each.key, each.talkSeconds]),
    expected.map(([userId, , talk]) => [String(userId), talk]),
  );
});

test('a leg left out of a corrected part, then joined - does not come back', async () => {
  const start = nextHour();
  const number = freshNumber();
  const callId = await pbxTells(server, { number, startedAt: start, durationSeconds: 66, talkSeconds: 60 });
  const transfer = { number, callId, extension: BERT.extension, startedAt: start + 66_000 };
  await pbxTells(server, { ...transfer, durationSeconds: 304, talkSeconds: 300 });
  const { id } = await v1.callOf(callId, 'hq');
  await correct(id, { endedAt: at(start, 60), talkSeconds: 54 });
  const other = await told(start + 900_000, { ring: 4, talk: 30 });
  await join(id, other.id);
  assert.deepEqual(talks(await v1.call(id)), [[ANNA.id, 'answered', 84]]);
});

test('the younger corrected to missed, joined with one that was talked in - that part alone was missed', async () => {
  const [one, other] = await twoCalls();
  await correct(other.id, { outcome: 'missed' });
  await join(one.id, other.id);
  const joined = await v1.call(one.id);
  assert.deepEqual([joined.outcome, joined.talkSeconds, joined.userId], ['answered', 594, ANNA.id]);
  assert.deepEqual(talks(joined), [
    [ANNA.id, 'answered', 594],
    [BERT.id, 'rang', 0],
  ]);
});

test('talk and end of a joined call corrected, then split - set aside and said so, and held again when it is joined again', async () => {
  const [one, other, start] = await twoCalls();
  await join(one.id, other.id);
  await correct(one.id, { talkSeconds: 140, note: 'of both' });
  await correct(one.id, { endedAt: at(start, 920) });
  const whole = await v1.call(one.id);
  assert.deepEqual([whole.durationSeconds, whole.talkSeconds], [920, 140]);
  assert.deepEqual(warnings(whole), []);
  await split(one.id);
  const first = await v1.call(one.id);
  assert.deepEqual([first.endedAt, first.durationSeconds, first.talkSeconds], [one.endedAt, 600, 594]);
  assert.equal(first.note, 'of both');
  assert.deepEqual(
    warnings(first).map(each => each.split(':')[0]),
    ['talkSeconds', 'endedAt'],
  );
  const second = await v1.call(other.id);
  assert.deepEqual([second.endedAt, second.talkSeconds], [other.endedAt, 30]);
  await join(one.id, other.id);
  const again = await v1.call(one.id);
  assert.deepEqual([again.durationSeconds, again.talkSeconds, talks(again)], [920, 140, talks(whole)]);
});

test('an end that contradicts what stands - is refused by name, until what it contradicts is corrected with it', async () => {
  const start = nextHour();
  const { id } = await told(start, { ring: 6, talk: 594 });
  assert.deepEqual(await refused(id, { endedAt: at(start, 3) }), [400, ['fields.endedAt']], 'before the answer');
  assert.deepEqual(await refused(id, { endedAt: at(start, 300) }), [400, ['fields.endedAt']], 'less than the talk');
  assert.deepEqual(await refused(id, { startedAt: at(start, 7) }), [400, ['fields.startedAt']], 'after the answer');
  await correct(id, { endedAt: at(start, 3), outcome: 'missed' });
  const missed = await v1.call(id);
  assert.deepEqual([missed.outcome, missed.short, missed.answeredAt], ['missed', true, null]);
  assert.deepEqual([missed.durationSeconds, missed.talkSeconds, talks(missed)], [3, 0, [[ANNA.id, 'rang', 0]]]);
});

test('a leg told after the end was corrected - is not talked in, and the correction says that it is left out', async () => {
  const start = nextHour();
  const number = freshNumber();
  const callId = await pbxTells(server, { number, startedAt: start, durationSeconds: 66, talkSeconds: 60 });
  const { id } = await v1.callOf(callId, 'hq');
  await correct(id, { endedAt: at(start, 60), talkSeconds: 54 });
  const late = { number, callId, extension: BERT.extension, startedAt: start + 66_000 };
  await pbxTells(server, { ...late, durationSeconds: 304, talkSeconds: 300 });
  const call = await v1.call(id);
  assert.deepEqual([seconds(call), call.durationSeconds, call.talkSeconds, call.userId], [60, 60, 54, ANNA.id]);
  assert.deepEqual(talks(call), [[ANNA.id, 'answered', 54]]);
  assert.deepEqual(warnings(call), ['endedAt: a leg that begins then or later is left out of the call']);
  await v1.ask('DELETE', `/v1/calls/${id}/corrections/1`);
  assert.deepEqual([(await v1.call(id)).talkSeconds, (await v1.call(id)).userId], [360, BERT.id]);
});

test('the user corrected, then a leg by which the call was handed on - the first part is theirs, and the call is the last one’s', async () => {
  const start = nextHour();
  const number = freshNumber();
  const callId = await pbxTells(server, { number, startedAt: start, durationSeconds: 60, talkSeconds: 50 });
  const { id } = await v1.callOf(callId, 'hq');
  await correct(id, { userId: BERT.id });
  await correct(id, { userId: CARLA.id });
  const late = { number, callId, extension: BERT.extension, startedAt: start + 60_000 };
  await pbxTells(server, { ...late, durationSeconds: 60, talkSeconds: 50 });
  const call = await v1.call(id);
  assert.deepEqual([call.userId, call.extension, call.talkSeconds], [BERT.id, BERT.extension, 100]);
  assert.deepEqual(talks(call), [
    [ANNA.id, 'rang', 0],
    [BERT.id, 'answered', 50],
    [CARLA.id, 'transferred', 50],
  ]);
  assert.deepEqual(warnings(call), [`userId: said of the part of user ${ANNA.id}, holds for that part of the call`]);
  await v1.ask('DELETE', `/v1/calls/${id}/corrections/2`);
  assert.deepEqual(talks(await v1.call(id)), [
    [ANNA.id, 'transferred', 50],
    [BERT.id, 'answered', 50],
  ]);
  await correct(id, { userId: CARLA.id });
  const whole = await v1.call(id);
  assert.deepEqual([whole.userId, whole.extension], [CARLA.id, null]);
  assert.deepEqual(talks(whole).at(-1), [CARLA.id, 'answered', 50]);
  assert.deepEqual(warnings(whole), []);
});

test('a missed call given to another user, then a leg of who answered it - is that one’s', async () => {
  const start = nextHour();
  const number = freshNumber();
  const callId = await pbxTells(server, { number, startedAt: start, durationSeconds: 15, talkSeconds: 0 });
  const { id } = await v1.callOf(callId, 'hq');
  await correct(id, { userId: CARLA.id });
  assert.equal((await v1.call(id)).userId, CARLA.id);
  const late = { number, callId, extension: BERT.extension, startedAt: start + 15_000 };
  await pbxTells(server, { ...late, durationSeconds: 60, talkSeconds: 50 });
  const call = await v1.call(id);
  assert.equal(call.userId, BERT.id);
  assert.deepEqual(talks(call), [
    [ANNA.id, 'rang', 0],
    [BERT.id, 'answered', 50],
    [CARLA.id, 'rang', 0],
  ]);
});
const queues = ({ queues: all }: CallView) => all.map(each => [each.queue, each.outcome, each.waitSeconds]);
const stated = (startedAt: number, changes: object) =>
  v1.post<CallView>('/v1/calls', statedCall({ startedAt: new Date(startedAt).toISOString(), ...changes }), 201);

for (const fields of [null, { talkSeconds: 25 }, { outcome: 'answered' }]) {
  const said = fields === null ? 'nothing' : Object.keys(fields).join();
  test(`${said} corrected in one part - the queues of the joined call are those it would have without`, async () => {
    const start = nextHour();
    const left = { durationSeconds: 40, talkSeconds: 0, outcome: 'abandoned', queue: '6400', queueWaitSeconds: 40 };
    const one = await stated(start, left);
    const other = await stated(start + 40_000, { queue: '6401', queueWaitSeconds: 10, userId: BERT.id });
    if (fields !== null) await correct(other.id, fields);
    await join(one.id, other.id);
    assert.deepEqual(queues(await v1.call(one.id)), [
      ['6400', 'overflowed', 40],
      ['6401', 'answered', 10],
    ]);
    const visit = { queue: '6400', queueWaitSeconds: 10, userId: ANNA.id };
    const [first, again] = [await stated(start + 600_000, visit), await stated(start + 600_000, visit)];
    if (fields !== null) await correct(again.id, fields);
    await join(first.id, again.id);
    assert.deepEqual(queues(await v1.call(first.id)), [['6400', 'answered', 10]], 'one visit told twice');
  });
}
