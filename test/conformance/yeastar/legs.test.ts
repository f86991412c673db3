import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallDetail } from '../../kit/v1Views.ts';
import { freshCallId, type Message, startPbx, variant } from './cases.ts';

const pbx = await startPbx();

/** The wall clock of the common PBX some seconds into the call. */
const atSecond = (second: number): string => `2026-09-24 00:04:${String(18 + second).padStart(2, '0')}`;

/**
 * The chain of docs/yeastar.md, section 1.4: two menus, a queue, the agent who answers, a survey; five payloads of one
 * call.
 */
function chainOf(callId: string = freshCallId()): Record<'menu' | 'submenu' | 'queue' | 'agent' | 'survey', Message> {
  const leg = (second: number, to: string, duration: number, talk: number, agentRing: number): Message =>
    variant({
      call_id: callId,
      time_start: atSecond(second),
      call_to: to,
      call_duration: duration,
      talk_duration: talk,
      status: 'ANSWERED',
      agent_ring_time: agentRing,
      did_number: '+254200000000',
      did_name: 'Sales line',
    });
  return {
    menu: leg(0, '6200', 13, 13, 0),
    submenu: leg(13, '6201', 5, 5, 0),
    queue: leg(18, '6400', 85, 74, 11),
    agent: leg(29, '4005', 85, 74, 11),
    survey: leg(41, 'Satisfaction Survey', 4, 4, 0),
  };
}

async function tellAll(messages: readonly Message[]): Promise<CallDetail> {
  let call: CallDetail | undefined;
  for (const msg of messages) call = await pbx.tell(msg);
  return call!;
}

test('C15 four legs of one call - one call, talk counted once, the agent answered', async () => {
  const { menu, submenu, queue, agent } = chainOf();
  const call = await tellAll([menu, submenu, queue, agent]);
  assert.equal(call.legs.length, 4);
  assert.deepEqual(
    call.legs.map(each => [each.to, each.party]),
    [
      ['6200', 'ivr'],
      ['6201', 'ivr'],
      ['6400', 'queue'],
      ['4005', 'extension'],
    ],
  );
  assert.equal(call.talkSeconds, 74);
  assert.equal(call.extension, '4005');
  assert.equal(call.queue, '6400');
  assert.equal(call.outcome, 'answered');
  assert.equal(call.queueWaitSeconds, 11);
  assert.equal(call.startedAt, '2026-09-23T21:04:18Z');
  // The agent's leg repeats the queue's 85 seconds: the call ends with the queue, 18 + 85 seconds in.
  assert.equal(call.endedAt, '2026-09-23T21:06:01Z');
  assert.equal(call.durationSeconds, 103);
  assert.equal(call.answeredAt, '2026-09-23T21:04:47Z');
  assert.equal(call.line, '+254200000000');
});

test('C15 the legs in any order - the same call', async () => {
  const told: string[] = [];
  for (const order of permutations([0, 1, 2, 3])) {
    const { menu, submenu, queue, agent } = chainOf();
    const legs = [menu, submenu, queue, agent];
    const call = await tellAll(order.map(place => legs[place]!));
    const { id: _id, externalId: _externalId, settledAt: _settledAt, reports, journal: _journal, ...same } = call;
    assert.equal(reports.length, 4);
    told.push(JSON.stringify({ ...same, legs: same.legs.map(({ id: _leg, ...leg }) => leg) }));
  }
  assert.equal(told.length, 24);
  assert.equal(new Set(told).size, 1);
});

test('C15 the legs all at once - the same call, every leg once', async () => {
  const { menu, submenu, queue, agent } = chainOf();
  await Promise.all([menu, submenu, queue, agent, menu, agent].map(msg => pbx.tell(msg)));
  const call = await pbx.v1.callOf(String(menu['call_id']), 'hq');
  assert.deepEqual(
    call.legs.map(each => each.to),
    ['6200', '6201', '6400', '4005'],
  );
  assert.equal(
    call.reports.reduce((sum, each) => sum + each.deliveries, 0),
    6,
  );
  assert.equal(call.talkSeconds, 74);
});

test('C16 only the menu - nobody was reached, nobody talked', async () => {
  const call = await pbx.tell(chainOf().menu);
  assert.equal(call.outcome, 'ivr_only');
  assert.equal(call.talkSeconds, 0);
  assert.equal(call.answeredAt, null);
  assert.deepEqual([call.userId, call.extension], [null, null]);
});

test('C17 menu, then 62 seconds in a queue - abandoned, waited 62 seconds', async () => {
  for (const status of ['NO ANSWER', 'ABANDONED']) {
    const { menu, queue } = chainOf();
    const call = await tellAll([menu, { ...queue, status, call_duration: 62, talk_duration: 0, agent_ring_time: 0 }]);
    assert.deepEqual([call.outcome, call.short, call.queueWaitSeconds], ['abandoned', false, 62], status);
    assert.equal(call.extension, null);
    assert.equal(call.queue, '6400');
    assert.equal(call.talkSeconds, 0);
  }
});

test('C17 the queue says ANSWERED and every agent NO ANSWER - abandoned', async () => {
  const { menu, queue, agent } = chainOf();
  const rang = { status: 'NO ANSWER', call_duration: 15, talk_duration: 0, agent_ring_time: 0 };
  const call = await tellAll([
    menu,
    { ...queue, call_duration: 62, talk_duration: 62, agent_ring_time: 0 },
    { ...agent, ...rang, time_start: atSecond(18) },
    { ...agent, ...rang, time_start: atSecond(18), call_to: '4006' },
  ]);
  assert.deepEqual([call.outcome, call.queueWaitSeconds, call.talkSeconds], ['abandoned', 62, 0]);
  assert.deepEqual([call.answeredAt, call.extension, call.userId], [null, null, null]);
});

test('C18 left the queue after three seconds - abandoned, and short', async () => {
  const left = { status: 'NO ANSWER', talk_duration: 0, call_to: '6400' };
  for (const [seconds, short] of [
    [3, true],
    [4, true],
    [5, false],
  ] as const) {
    const call = await pbx.tell(variant({ ...left, call_duration: seconds }));
    assert.deepEqual([call.outcome, call.short, call.queueWaitSeconds], ['abandoned', short, seconds]);
  }
});

test('C19 a survey after the call - the talk stays what it was', async () => {
  const { menu, submenu, queue, agent, survey } = chainOf();
  const call = await tellAll([menu, submenu, queue, agent, survey]);
  assert.equal(call.legs.length, 5);
  assert.equal(call.legs.at(-1)!.party, 'service');
  assert.equal(call.talkSeconds, 74);
  assert.equal(call.extension, '4005');
  assert.equal(call.outcome, 'answered');
});

for (const call_to of ['', ' ', null, undefined]) {
  test(`C42 a prompt whose call_to is ${JSON.stringify(call_to)} - a leg that a machine played, taken`, async () => {
    const prompt = { call_to, status: 'ANSWERED', call_duration: 8, talk_duration: 8 };
    const { call, leg } = await pbx.tellLeg(variant(prompt));
    assert.deepEqual([leg.to, leg.party], [null, 'service']);
    assert.deepEqual([call.outcome, call.talkSeconds, call.answeredAt], ['ivr_only', 0, null]);
    assert.deepEqual(call.reports[0]!.warnings, []);
  });
}

test('C43 a row marked Inbound that comes from an extension - outbound, or internal where no trunk brought it in', async () => {
  const row = { call_from: '1001', call_to: '0711000001', status: 'ANSWERED', call_duration: 40, talk_duration: 30 };
  const { call, leg } = await pbx.tellLeg(variant({ ...row, src_trunk_name: '', dst_trunk_name: 'SIP-Main' }));
  assert.deepEqual([leg.direction, leg.party, call.direction], ['outbound', 'external', 'outbound']);
  assert.deepEqual([call.extension, call.outcome, call.line], ['1001', 'answered', 'SIP-Main']);
  const unmarked = await pbx.tellLeg(variant({ call_to: '1001', status: 'ANSWERED' }));
  assert.deepEqual([unmarked.leg.direction, unmarked.call.direction], ['inbound', 'inbound']);
  for (const call_to of ['4005', '6400', '6200', '7777', '']) {
    const colleague = variant({ call_from: '1001', call_to, status: 'NO ANSWER', talk_duration: 0 });
    const inside = await pbx.tellLeg({ ...colleague, src_trunk_name: '' });
    assert.deepEqual(
      [inside.leg.direction, inside.call.direction, inside.call.outcome],
      ['internal', 'internal', 'unanswered'],
    );
    const byTrunk = await pbx.tellLeg({ ...colleague, call_id: freshCallId() });
    assert.deepEqual([byTrunk.leg.direction, byTrunk.call.direction], ['inbound', 'inbound'], call_to);
  }
});

test('C44 legs of one second - menu, queue or group, extensions by number, in whatever order they arrive', async () => {
  const reached = ['6200', '6300', '6400', '4005', '4006'].map(call_to => ({
    call_to,
    status: 'NO ANSWER',
    call_duration: 10,
    talk_duration: 0,
  }));
  for (const order of [reached, reached.toReversed(), [...reached.slice(3), ...reached.slice(0, 3)]]) {
    const call_id = freshCallId();
    const call = await tellAll(order.map(each => variant({ ...each, call_id })));
    assert.deepEqual(
      call.legs.map(each => each.to),
      ['6200', '6300', '6400', '4005', '4006'],
    );
  }
});

test('D04 two legs equal in everything but call_to - two legs', async () => {
  const callId = freshCallId();
  const rang = { call_id: callId, status: 'NO ANSWER', call_duration: 15, talk_duration: 0 };
  await pbx.tell(variant({ ...rang, call_to: '4005' }));
  const call = await pbx.tell(variant({ ...rang, call_to: '4006' }));
  assert.deepEqual(
    call.legs.map(each => each.to),
    call.legs.map(each => each.to).toSorted(),
  );
  assert.equal(call.legs.length, 2);
  assert.equal(call.reports.length, 2);
  assert.equal(call.outcome, 'missed');
});

function permutations<T>(values: readonly T[]): T[][] {
  if (values.length === 0) return [[]];
  return values.flatMap((value, place) => permutations(values.toSpliced(place, 1)).map(rest => [value, ...rest]));
}
