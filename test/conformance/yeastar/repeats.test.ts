import assert from 'node:assert/strict';
import { test } from 'node:test';
import { C02_BODY, eventOf, freshCallId, startPbx, variant } from './cases.ts';

const pbx = await startPbx();

test('D01 C02 twice - 200 both times, one record, delivered twice', async () => {
  const first = await pbx.push(C02_BODY);
  const second = await pbx.push(C02_BODY);
  assert.deepEqual([first.status, first.errcode, second.status, second.errcode], [200, 0, 200, 0]);
  const call = await pbx.v1.callOf('1790197458.5215', 'hq');
  assert.equal(call.legs.length, 1);
  assert.equal(call.reports.length, 1);
  assert.equal(call.reports[0]!.deliveries, 2);
  assert.deepEqual(
    call.journal.map(each => each.kind).filter(kind => kind !== 'call.settled'),
    ['call.ended'],
  );
});

test('D01 the same event forty times at once - one record, one end', async () => {
  const msg = variant({});
  const answers = await Promise.all(Array.from({ length: 40 }, () => pbx.push(eventOf(msg))));
  assert.ok(answers.every(each => each.status === 200));
  const call = await pbx.v1.callOf(String(msg['call_id']), 'hq');
  assert.equal(call.reports.length, 1);
  assert.equal(call.reports[0]!.deliveries, 40);
  assert.equal(call.journal.filter(each => each.kind === 'call.ended').length, 1);
});

test('D05 C02 again with its recording - the same leg, now with it, one amendment', async () => {
  const callId = freshCallId();
  const recording = `20260924000418-${callId}-0711000001-1002-Inbound.wav`;
  const before = await pbx.tell(variant({ call_id: callId }));
  const after = await pbx.tell(variant({ call_id: callId, recording }));
  assert.equal(after.id, before.id);
  assert.equal(after.legs.length, 1);
  assert.equal(after.legs[0]!.id, before.legs[0]!.id);
  assert.equal(after.legs[0]!.recording, recording);
  assert.equal(after.recording, recording);
  const amended = after.journal.filter(each => each.kind === 'call.amended');
  assert.equal(amended.length, 1);
  assert.deepEqual(amended[0]!.fields?.toSorted(), ['legs', 'recording']);
});

test('D05 the recording of a leg that is not the call’s - one amendment that says so', async () => {
  const callId = freshCallId();
  const common = { call_id: callId, status: 'ANSWERED', call_duration: 20, talk_duration: 15 };
  await pbx.tell(variant({ ...common, call_to: '1002', recording: 'first.wav' }));
  await pbx.tell(variant({ ...common, call_to: '1003' }));
  const call = await pbx.tell(variant({ ...common, call_to: '1003', recording: 'second.wav' }));
  assert.equal(call.recording, 'first.wav');
  assert.equal(call.legs.find(each => each.to === '1003')!.recording, 'second.wav');
  assert.deepEqual(call.journal.filter(each => each.kind === 'call.amended').at(-1)!.fields, ['legs']);
});

test('D05 the copy without the recording afterwards - takes nothing away', async () => {
  const callId = freshCallId();
  const recording = `20260924000418-${callId}-0711000001-1002-Inbound.wav`;
  await pbx.tell(variant({ call_id: callId, recording }));
  const call = await pbx.tell(variant({ call_id: callId }));
  assert.equal(call.recording, recording);
  assert.equal(call.legs.length, 1);
  assert.equal(call.journal.filter(each => each.kind === 'call.amended').length, 0);
});

test('1.2 the same ids from another PBX - another call', async () => {
  const msg = variant({});
  await pbx.tell(msg);
  await pbx.tell(msg, 'open');
  const both = await pbx.v1.list(`externalId=${msg['call_id']}`);
  assert.deepEqual(both.map(each => each.source).toSorted(), ['hq', 'open']);
});
