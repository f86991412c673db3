import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SERIAL } from '../../kit/organisation.ts';
import { C02, C02_BODY, startPbx, variant } from './cases.ts';

const pbx = await startPbx();

/** docs/yeastar.md, case C01: the guide's example, escaped as a real PBX escapes. */
const GUIDE = {
  call_id: '1651057476.362',
  time_start: '2022-04-27 19:04:36',
  call_from: '2005',
  call_to: '2002',
  call_duration: 24,
  talk_duration: 21,
  src_trunk_name: ' ',
  dst_trunk_name: ' ',
  pin_code: ' ',
  status: 'ANSWERED',
  type: 'Internal',
  recording: '20220427190445-1651057476.362-2005-2002-Internal.wav',
  did_number: ' ',
  did_name: '',
  agent_ring_time: 0,
  uid: '2024111913594421D77',
  call_note_id: '20250307162604-15379',
  enb_call_note: 1,
};

test('C01 guide example - an answered internal call, blanks empty, recording kept', async () => {
  const { call, leg } = await pbx.tellLeg(GUIDE, 'shanghai');
  assert.equal(leg.startedAt, '2022-04-27T11:04:36Z');
  assert.equal(leg.startedAtLocal, '2022-04-27 19:04:36');
  assert.equal(leg.direction, 'internal');
  assert.equal(leg.status, 'answered');
  assert.deepEqual([leg.durationSeconds, leg.talkSeconds, leg.ringSeconds], [24, 21, 3]);
  assert.deepEqual([leg.trunkIn, leg.trunkOut, leg.did, leg.didName], [null, null, null, null]);
  assert.equal(leg.noteEditable, true);
  assert.equal(leg.noteId, '20250307162604-15379');
  assert.equal(leg.uid, '2024111913594421D77');
  assert.equal(leg.recording, '20220427190445-1651057476.362-2005-2002-Internal.wav');
  assert.equal(call.externalId, '1651057476.362');
  assert.equal(call.outcome, 'answered');
  assert.equal(call.cause, 'ANSWERED');
  assert.deepEqual([call.from, call.to, call.extension], ['2005', '2002', '2002']);
  assert.equal(call.answeredAt, '2022-04-27T11:04:39Z');
  assert.equal(call.endedAt, '2022-04-27T11:05:00Z');
});

test('C02 voicemail - inbound, time in the mailbox, unknown fields stay in the raw report', async () => {
  assert.equal(Buffer.byteLength(C02_BODY), 533);
  const { status } = await pbx.push(C02_BODY);
  assert.equal(status, 200);
  const call = await pbx.v1.callOf('1790197458.5215', 'hq');
  const [leg] = call.legs;
  assert.equal(call.direction, 'inbound');
  assert.equal(call.outcome, 'voicemail');
  assert.equal(call.startedAt, '2026-09-23T21:04:18Z');
  assert.deepEqual([call.durationSeconds, call.talkSeconds], [11, 11]);
  assert.equal(call.answeredAt, null);
  assert.equal(leg!.status, 'voicemail');
  assert.equal(leg!.trunkIn, 'Saf');
  assert.deepEqual([leg!.recording, leg!.did, leg!.trunkOut], [null, null, null]);
  assert.equal(leg!.noteEditable, true);
  assert.equal(call.reports[0]!.raw, C02_BODY);
  assert.deepEqual(call.reports[0]!.warnings, []);
});

test('C06 NO ANSWER internal - unanswered, rang for the whole time', async () => {
  const { call, leg } = await pbx.tellLeg(
    variant({ type: 'Internal', call_from: '1001', status: 'NO ANSWER', call_duration: 18, talk_duration: 0 }),
  );
  assert.equal(leg.status, 'no_answer');
  assert.deepEqual([leg.ringSeconds, leg.talkSeconds, leg.recording], [18, 0, null]);
  assert.equal(call.outcome, 'unanswered');
});

test('C07 BUSY internal - a call of no time is a call', async () => {
  const { call, leg } = await pbx.tellLeg(
    variant({ type: 'Internal', call_from: '1001', status: 'BUSY', call_duration: 0, talk_duration: 0 }),
  );
  assert.equal(leg.status, 'busy');
  assert.equal(leg.durationSeconds, 0);
  assert.equal(call.outcome, 'busy');
  assert.equal(call.endedAt, call.startedAt);
});

test('C08 FAILED outbound - failed', async () => {
  const { call, leg } = await pbx.tellLeg(
    variant({
      type: 'Outbound',
      call_from: '1000',
      call_to: '0501234567',
      status: 'FAILED',
      call_duration: 2,
      talk_duration: 0,
    }),
  );
  assert.equal(leg.status, 'failed');
  assert.equal(call.outcome, 'failed');
  assert.equal(call.direction, 'outbound');
  assert.equal(call.durationSeconds, 2);
});

test('C09 ABANDONED inbound - abandoned', async () => {
  const { call, leg } = await pbx.tellLeg(
    variant({ call_to: '6400', status: 'ABANDONED', call_duration: 45, talk_duration: 0 }),
  );
  assert.equal(leg.status, 'abandoned');
  assert.equal(call.outcome, 'abandoned');
  assert.equal(call.durationSeconds, 45);
});

test('C10 status ANSWERD - answered, the word kept', async () => {
  const { call, leg } = await pbx.tellLeg(variant({ status: 'ANSWERD', call_duration: 20, talk_duration: 15 }));
  assert.equal(leg.status, 'answered');
  assert.equal(leg.cause, 'ANSWERD');
  assert.equal(call.outcome, 'answered');
  assert.equal(call.cause, 'ANSWERD');
});

test('C11 status TELEPORTED - stored as unknown, the word kept, a warning', async () => {
  const { call, leg } = await pbx.tellLeg(variant({ status: 'TELEPORTED' }));
  assert.equal(leg.status, 'unknown');
  assert.equal(leg.cause, 'TELEPORTED');
  assert.equal(call.outcome, 'unknown');
  assert.deepEqual(call.reports[0]!.warnings, ['status: TELEPORTED is not a known status']);
});

test('C12 type in lower case - inbound', async () => {
  const { leg } = await pbx.tellLeg(variant({ type: 'inbound' }));
  assert.equal(leg.direction, 'inbound');
});

test('C13 outbound by a trunk - the trunk is the line, the caller has the call', async () => {
  const callId = '1790197458.13';
  const recording = `20260924000418-${callId}-1000-0501234567-Outbound.wav`;
  const { call, leg } = await pbx.tellLeg({
    ...C02,
    call_id: callId,
    type: 'Outbound',
    status: 'ANSWERED',
    call_from: '1000',
    call_to: '0501234567',
    src_trunk_name: '',
    dst_trunk_name: 'SIP-Main',
    call_duration: 140,
    talk_duration: 120,
    recording,
  });
  assert.equal(leg.direction, 'outbound');
  assert.deepEqual([leg.trunkIn, leg.trunkOut], [null, 'SIP-Main']);
  assert.equal(leg.ringSeconds, 20);
  assert.equal(call.recording, recording);
  assert.equal(call.line, 'SIP-Main');
  assert.equal(call.extension, '1000');
});

test('C14 inbound by DID and queue - DID, its name, and the ring before the agent', async () => {
  const { call, leg } = await pbx.tellLeg(
    variant({
      call_to: '6400',
      did_number: '+254200000000',
      did_name: 'Sales line',
      status: 'ANSWERED',
      call_duration: 85,
      talk_duration: 74,
      agent_ring_time: 11,
    }),
  );
  assert.equal(leg.direction, 'inbound');
  assert.equal(leg.agentRingSeconds, 11);
  assert.deepEqual([leg.did, leg.didName], ['+254200000000', 'Sales line']);
  assert.equal(leg.ringSeconds, 11);
  assert.equal(leg.trunkIn, 'Saf');
  assert.equal(call.queue, '6400');
  assert.equal(call.line, '+254200000000');
});

test('C20 fields of the first firmware - read; what it does not send is unknown', async () => {
  const { call, leg } = await pbx.tellLeg(
    variant({
      uid: undefined,
      did_name: undefined,
      call_note_id: undefined,
      enb_call_note: undefined,
      is_display: undefined,
      realclidnum: undefined,
    }),
  );
  assert.deepEqual([leg.uid, leg.noteId, leg.noteEditable, leg.didName], [null, null, null, null]);
  assert.deepEqual(call.reports[0]!.warnings, []);
});

test('C21 enb_call_note 0, 1, 4 and missing - no, yes, yes, unknown', async () => {
  const read = [];
  for (const flag of [0, 1, 4, undefined]) {
    read.push((await pbx.tellLeg(variant({ enb_call_note: flag }))).leg.noteEditable);
  }
  assert.deepEqual(read, [false, true, true, null]);
});

test('C38 voicemail after 20 seconds of ringing - the message is no ringing', async () => {
  const { leg } = await pbx.tellLeg(variant({ call_duration: 31, talk_duration: 11 }));
  assert.equal(leg.ringSeconds, 20);
  assert.equal((await pbx.tellLeg(variant({}))).leg.ringSeconds, null);
});

test('C40 names around numbers - the numbers are read, and a repeat without the name is a repeat', async () => {
  const msg = variant({ call_from: '"Anna B." <0711000001>', call_to: 'Sales<6400>', status: 'NO ANSWER' });
  await pbx.tell(msg);
  const { call, leg } = await pbx.tellLeg({ ...msg, call_from: '0711000001', call_to: '6400' });
  assert.deepEqual([leg.from, leg.to, leg.party], ['0711000001', '6400', 'queue']);
  assert.deepEqual([call.from, call.to, call.queue], ['0711000001', '6400', '6400']);
  assert.equal(call.reports[0]!.deliveries, 2);
});

test('C41 legs with and without sn - of the configured PBX, one call', async () => {
  const msg = variant({ status: 'NO ANSWER', call_to: '1002' });
  await pbx.tell(msg);
  for (const sn of [undefined, '', ' ', null, SERIAL.toLowerCase(), ` ${SERIAL}`]) {
    assert.equal((await pbx.push(JSON.stringify({ sn, type: 30012, msg: { ...msg, call_to: '1003' } }))).status, 200);
  }
  const call = await pbx.v1.callOf(String(msg['call_id']), 'hq');
  assert.equal(call.legs.length, 2);
  assert.deepEqual(
    call.reports.map(each => each.deliveries),
    [1, 6],
  );
  assert.ok(call.reports.every(each => each.warnings.length === 0));
});
