import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCallDetails } from './callDetails.ts';
import { readEnvelope } from './envelope.ts';
import {
  bodyOf,
  C02_BODY,
  C02_MESSAGE,
  GUIDE_EXAMPLE,
  GUIDE_MESSAGE,
  legOf,
  PBX,
  read,
  reportOf,
  warningsOf,
} from './testing/testSamples.ts';

const SHANGHAI = { ...PBX, serial: null, timeZone: 'Asia/Shanghai' };

/** docs/yeastar.md, case C14: an inbound call that reached the queue 6400. */
const C14 = {
  call_from: '0711000001',
  call_to: '6400',
  call_duration: 85,
  talk_duration: 74,
  agent_ring_time: 11,
  status: 'ANSWERED',
  did_number: '+254200000000',
  did_name: 'Sales line',
};

test('C01 - the example of the guide, escaped correctly or as printed', () => {
  const escaped = JSON.stringify({ type: 30012, sn: '3631A2124XXX', msg: JSON.stringify(GUIDE_MESSAGE) });
  const { fact, warnings, name } = reportOf(escaped, SHANGHAI);
  assert.deepEqual(fact, {
    form: 'leg',
    startedAt: Date.parse('2022-04-27T11:04:36Z'),
    startedAtLocal: '2022-04-27 19:04:36',
    from: '2005',
    to: '2002',
    direction: 'internal',
    status: 'answered',
    cause: 'ANSWERED',
    durationSeconds: 24,
    talkSeconds: 21,
    ringSeconds: 3,
    agentRingSeconds: 0,
    trunkIn: null,
    trunkOut: null,
    did: null,
    didName: null,
    recording: '20220427190445-1651057476.362-2005-2002-Internal.wav',
    noteId: '20250307162604-15379',
    noteEditable: true,
    uid: '2024111913594421D77',
  });
  assert.deepEqual(warnings, []);
  assert.equal(name, '3631A2124XXX|1651057476.362');
  const printed = reportOf(GUIDE_EXAMPLE, SHANGHAI);
  assert.deepEqual({ ...printed, raw: null }, { ...reportOf(escaped, SHANGHAI), raw: null });
  assert.equal(Buffer.from(printed.raw).toString(), GUIDE_EXAMPLE);
});

test('C02 - a voicemail as a live PBX tells it', () => {
  const report = reportOf(C02_BODY);
  assert.deepEqual(report.fact, {
    form: 'leg',
    startedAt: Date.parse('2026-09-23T21:04:18Z'),
    startedAtLocal: '2026-09-24 00:04:18',
    from: '0711000001',
    to: '1002',
    direction: 'inbound',
    status: 'voicemail',
    cause: 'VOICEMAIL',
    durationSeconds: 11,
    talkSeconds: 11,
    ringSeconds: null,
    agentRingSeconds: 0,
    trunkIn: 'Saf',
    trunkOut: null,
    did: null,
    didName: null,
    recording: null,
    noteId: '20260924000418-0FA8E',
    noteEditable: true,
    uid: '2026092400041852EE8',
  });
  assert.deepEqual([report.kind, report.sourceId, report.contentType], ['yeastar.30012', 7, 'application/json']);
  assert.deepEqual(report.warnings, []);
  // Unknown keys are kept where everything is kept: in the bytes.
  assert.equal(Buffer.from(report.raw).toString(), C02_BODY);
  assert.match(report.key, /^[\w-]{22}$/);
});

test('C03, C04, C05 - the form of the message and of the type change nothing', () => {
  const expected = { ...reportOf(C02_BODY), raw: null };
  const twice = JSON.stringify(JSON.stringify(C02_MESSAGE));
  for (const body of [
    JSON.stringify({ sn: PBX.serial, type: 30012, msg: C02_MESSAGE }),
    JSON.stringify({ msg: twice, type: 30012, sn: PBX.serial }),
    C02_BODY.replace('30012', '"30012"'),
  ]) {
    assert.deepEqual({ ...reportOf(body), raw: null }, expected);
  }
});

test('C04, C31 - a message that cannot be read gives a problem and no report', () => {
  const message = JSON.stringify(JSON.stringify(JSON.stringify(C02_MESSAGE)));
  assert.equal(read(JSON.stringify({ type: 30012, sn: 'S', msg: message })), 'msg: encoded more than twice');
  assert.equal(read('{"type":30012,"sn":"S","msg":"{not json"}'), 'msg: the text in it is not JSON');
});

test('C06 - NO ANSWER', () => {
  const sent = { status: 'NO ANSWER', type: 'Internal', call_duration: 18, talk_duration: 0, call_note_id: '' };
  const leg = legOf(sent);
  assert.deepEqual([leg.status, leg.cause, leg.direction], ['no_answer', 'NO ANSWER', 'internal']);
  assert.deepEqual([leg.ringSeconds, leg.talkSeconds, leg.recording, leg.noteId], [18, 0, null, null]);
});

test('C07 - BUSY with durations of 0', () => {
  const leg = legOf({ status: 'BUSY', type: 'Internal', call_duration: 0, talk_duration: 0 });
  assert.deepEqual([leg.status, leg.durationSeconds, leg.ringSeconds], ['busy', 0, 0]);
});

test('C08, C09 - FAILED and ABANDONED', () => {
  const failed = legOf({ status: 'FAILED', type: 'Outbound', call_duration: 2, talk_duration: 0 });
  assert.deepEqual([failed.status, failed.direction, failed.durationSeconds], ['failed', 'outbound', 2]);
  assert.equal(legOf({ status: 'ABANDONED', call_duration: 45, talk_duration: 0 }).status, 'abandoned');
});

test('C10 - the misspelt ANSWERD is answered, the word stays', () => {
  const leg = legOf({ status: 'ANSWERD' });
  assert.deepEqual([leg.status, leg.cause, warningsOf({ status: 'ANSWERD' })], ['answered', 'ANSWERD', []]);
});

test('C11 - an unknown status is stored as unknown with its word', () => {
  const leg = legOf({ status: 'TELEPORTED' });
  assert.deepEqual([leg.status, leg.cause], ['unknown', 'TELEPORTED']);
  assert.deepEqual(warningsOf({ status: 'TELEPORTED' }), ['status: TELEPORTED is not a known status']);
  assert.deepEqual([legOf({ status: ' ' }).status, legOf({ status: ' ' }).cause], ['unknown', null]);
});

test('C12 - status and type in any case', () => {
  for (const type of ['inbound', 'INBOUND', ' Inbound ']) assert.equal(legOf({ type }).direction, 'inbound');
  assert.equal(legOf({ status: ' no answer ' }).status, 'no_answer');
  assert.deepEqual([legOf({ type: 'Sideways' }).direction, legOf({ type: null }).direction], ['unknown', 'unknown']);
  assert.deepEqual(warningsOf({ type: 'Sideways' }), ['type: Sideways is not a known call type']);
});

test('C13 - outbound through a trunk', () => {
  const leg = legOf({
    call_from: '1000',
    call_to: '0501234567',
    src_trunk_name: '',
    dst_trunk_name: 'SIP-Main',
    status: 'ANSWERED',
    type: 'Outbound',
    call_duration: 140,
    talk_duration: 120,
    recording: '20260924000430-1790197458.5215-1000-0501234567-Outbound.wav',
  });
  assert.deepEqual([leg.direction, leg.from, leg.to], ['outbound', '1000', '0501234567']);
  assert.deepEqual([leg.trunkIn, leg.trunkOut, leg.ringSeconds], [null, 'SIP-Main', 20]);
  assert.equal(leg.recording, '20260924000430-1790197458.5215-1000-0501234567-Outbound.wav');
});

test('C14 - inbound over a DID to a queue', () => {
  const leg = legOf(C14);
  assert.deepEqual([leg.direction, leg.trunkIn, leg.agentRingSeconds, leg.ringSeconds], ['inbound', 'Saf', 11, 11]);
  assert.deepEqual([leg.did, leg.didName], ['+254200000000', 'Sales line']);
});

test('C15 - four payloads of one queue call give four legs of one group', () => {
  const legs = [
    { ...C14, time_start: '2026-09-24 00:04:18', call_to: '6200', call_duration: 13, talk_duration: 13 },
    { ...C14, time_start: '2026-09-24 00:04:31', call_to: '6201', call_duration: 5, talk_duration: 5 },
    { ...C14, time_start: '2026-09-24 00:04:36' },
    { ...C14, time_start: '2026-09-24 00:04:47', call_to: '4005' },
  ].map(changes => reportOf(bodyOf(changes)));
  assert.deepEqual([...new Set(legs.map(leg => leg.name))], ['3651X0000001|1790197458.5215']);
  assert.equal(new Set(legs.map(leg => leg.key)).size, 4);
  assert.deepEqual(
    legs.map(leg => (leg.fact.startedAt - legs[0]!.fact.startedAt) / 1000),
    [0, 13, 18, 29],
  );
  for (const leg of legs) assert.deepEqual(leg.warnings, []);
});

test('C16 - an IVR leg alone is an answered leg with its talk; what that means is for the fold', () => {
  const leg = legOf({ ...C14, call_to: '6200', call_duration: 13, talk_duration: 13, agent_ring_time: 0 });
  assert.deepEqual([leg.to, leg.status, leg.talkSeconds, leg.ringSeconds], ['6200', 'answered', 13, 0]);
});

test('C17, C18 - a queue leg nobody answered has rung to its end', () => {
  for (const seconds of [62, 3]) {
    const leg = legOf({ ...C14, status: 'NO ANSWER', call_duration: seconds, talk_duration: 0, agent_ring_time: 0 });
    assert.deepEqual([leg.status, leg.ringSeconds, leg.talkSeconds], ['no_answer', seconds, 0]);
  }
});

test('C19 - a survey leg has a name where a number belongs', () => {
  const leg = legOf({ ...C14, call_to: 'Satisfaction Survey', call_duration: 4, talk_duration: 4 });
  assert.deepEqual([leg.to, leg.talkSeconds], ['Satisfaction Survey', 4]);
});

test('C20 - the fields of every firmware generation', () => {
  const missing = { uid: undefined, did_name: undefined, call_note_id: undefined, enb_call_note: undefined };
  const g1 = { ...missing, is_display: undefined, realclidnum: undefined };
  const oldest = reportOf(bodyOf(g1));
  const { uid, didName, noteId, noteEditable } = oldest.fact;
  assert.deepEqual([uid, didName, noteId, noteEditable], [null, null, null, null]);
  assert.deepEqual(oldest.warnings, []);
  const { uid: newer, noteEditable: newerNote } = legOf({ ...g1, uid: C02_MESSAGE['uid'] });
  assert.deepEqual([newer, newerNote], ['2026092400041852EE8', null]);
  const latest = legOf({ ...C14, aNewKey: { deep: [1] } });
  assert.deepEqual([latest.didName, latest.noteEditable], ['Sales line', true]);
});

test('C21 - enb_call_note', () => {
  const editable = (enb_call_note: unknown) => legOf({ enb_call_note }).noteEditable;
  assert.deepEqual([0, 1, 4, undefined].map(editable), [false, true, true, null]);
  assert.deepEqual(['0', '4', '', null, true].map(editable), [false, true, null, null, true]);
  assert.equal(editable('yes'), null);
  assert.deepEqual(warningsOf({ enb_call_note: 'yes' }), ['enb_call_note: not a number, left empty']);
});

test('C22 - numbers sent as strings', () => {
  const leg = legOf({ call_duration: '24', talk_duration: ' 21 ', agent_ring_time: '0', status: 'ANSWERED' });
  assert.deepEqual([leg.durationSeconds, leg.talkSeconds, leg.ringSeconds, leg.agentRingSeconds], [24, 21, 3, 0]);
  assert.equal(reportOf(bodyOf({ call_duration: '11' })).key, reportOf(C02_BODY).key);
});

test('C23 - impossible durations are null with a warning that names the field', () => {
  for (const [call_duration, why] of [
    [-1, 'negative'],
    ['-1', 'negative'],
    ['abc', 'not a number of seconds'],
    ['0x18', 'not a number of seconds'],
    ['1e1', 'not a number of seconds'],
    [{}, 'not a number of seconds'],
    [true, 'not a number of seconds'],
    [31 * 86400, 'longer than 30 days'],
  ] as const) {
    const { fact, warnings } = reportOf(bodyOf({ call_duration }));
    assert.deepEqual([fact.durationSeconds, fact.ringSeconds, fact.talkSeconds], [null, null, 11]);
    assert.deepEqual(warnings, [`call_duration: ${why}, left empty`]);
  }
  const infinite = C02_BODY.replace('\\"talk_duration\\":11', '\\"talk_duration\\":1e999');
  assert.equal(reportOf(infinite).fact.talkSeconds, null);
  assert.ok(Object.is(reportOf(C02_BODY.replace('time\\":0', 'time\\":-0')).fact.agentRingSeconds, 0));
  for (const call_duration of [' ', '', null, undefined]) {
    const { fact, warnings } = reportOf(bodyOf({ call_duration, status: 'ANSWERED' }));
    assert.deepEqual([fact.durationSeconds, fact.ringSeconds, warnings], [null, null, []]);
  }
  assert.deepEqual(
    [legOf({ call_duration: 11.7 }).durationSeconds, legOf({ call_duration: '11.0' }).durationSeconds],
    [11, 11],
  );
});

test('C24 - a talk longer than the call is kept as sent, with ring 0 and a warning', () => {
  for (const status of ['ANSWERED', 'VOICEMAIL']) {
    const { fact, warnings } = reportOf(bodyOf({ call_duration: 24, talk_duration: 30, status }));
    assert.deepEqual([fact.durationSeconds, fact.talkSeconds, fact.ringSeconds], [24, 30, 0]);
    assert.deepEqual(warnings, ['talk_duration: longer than call_duration, kept as sent']);
  }
});

test('C25 - without call_id the uid groups, without both the leg itself does', () => {
  const byUid = reportOf(bodyOf({ call_id: ' ' }));
  assert.equal(byUid.name, '3651X0000001|uid:2026092400041852EE8');
  assert.deepEqual(byUid.key, reportOf(bodyOf({ call_id: undefined })).key);
  assert.equal(byUid.fact.startedAt, Date.parse('2026-09-23T21:04:18Z'));
  const neither = reportOf(bodyOf({ call_id: null, uid: '' }));
  assert.equal(neither.name, `3651X0000001|leg:${neither.key}`);
});

test('C32 - what is no object gives no report', () => {
  for (const body of ['[]', 'null', '"x"', '', 'a'.repeat(2 << 20)]) assert.equal(typeof read(body), 'string');
});

test('C33 - the type of the call is not the type of the event', () => {
  assert.equal(legOf({ type: 'Outbound' }).direction, 'outbound');
  assert.equal(read(C02_BODY.replace('30012', '30011')), 'type: 30011 is not the end of a call');
});

test('D04, D05 - another callee is another leg, a recording filled in later is the same one', () => {
  const first = reportOf(C02_BODY);
  const filled = reportOf(bodyOf({ recording: '20260924000419-1790197458.5215-0711000001-1002-Inbound.wav' }));
  assert.deepEqual([filled.name, filled.key], [first.name, first.key]);
  assert.notEqual(reportOf(bodyOf({ call_to: '1003' })).key, first.key);
  for (const field of ['uid', 'time_start', 'call_from', 'type', 'status', 'call_duration', 'src_trunk_name']) {
    assert.notEqual(
      reportOf(bodyOf({ [field]: field === 'time_start' ? '2026-09-24 00:04:19' : '99' })).key,
      first.key,
    );
  }
});

test('key - blank forms and blanks around values are one value, adjacent fields never share one', () => {
  const first = reportOf(C02_BODY).key;
  for (const dst_trunk_name of [' ', null, undefined]) assert.equal(reportOf(bodyOf({ dst_trunk_name })).key, first);
  assert.equal(reportOf(bodyOf({ call_to: ' 1002 ' })).key, first);
  const shifted = bodyOf({ src_trunk_name: '', dst_trunk_name: 'Saf' });
  assert.notEqual(reportOf(shifted).key, first);
  assert.notEqual(reportOf(bodyOf({ call_to: { a: 1 } })).key, reportOf(bodyOf({ call_to: { a: 2 } })).key);
});

test('serial - the event names its PBX, the settings stand in, a difference is a warning', () => {
  const nameless = reportOf(C02_BODY.replace('"sn":"3651X0000001",', ''));
  assert.deepEqual([nameless.name, nameless.key], [reportOf(C02_BODY).name, reportOf(C02_BODY).key]);
  const unknown = reportOf(C02_BODY.replace('"sn":"3651X0000001",', ''), { ...PBX, serial: null });
  assert.equal(unknown.name, '|1790197458.5215');
  const other = reportOf(C02_BODY, { ...PBX, serial: '3651X0000002' });
  assert.equal(other.name, '3651X0000001|1790197458.5215');
  assert.deepEqual(other.warnings, ['PBX serial 3651X0000001 does not match the configured 3651X0000002']);
});

test('fields - wrong types are null with the name of the field, numbers become their digits', () => {
  const { fact, warnings } = reportOf(
    bodyOf({ call_from: 2005, call_to: { number: '1002' }, src_trunk_name: ['Saf'], did_number: true, uid: 12 }),
  );
  assert.deepEqual([fact.from, fact.to, fact.trunkIn, fact.did, fact.uid], ['2005', null, null, null, '12']);
  assert.deepEqual(warnings, [
    'call_to: an object where text belongs, left empty',
    'src_trunk_name: a list where text belongs, left empty',
    'did_number: true or false where text belongs, left empty',
  ]);
  const numeric = reportOf(bodyOf({ call_id: 1790197458.5215 }));
  assert.equal(numeric.name, '3651X0000001|1790197458.5215');
  assert.deepEqual(numeric.warnings, ['call_id: a number where text belongs; closing zeros may be lost']);
});

test('fields - long texts are cut with a warning, no half characters, NUL and lone surrogates replaced', () => {
  const { fact, warnings } = reportOf(bodyOf({ did_name: `${'x'.repeat(255)}😀 tail`, src_trunk_name: 'a\0b\ud800' }));
  assert.equal(fact.didName, 'x'.repeat(255));
  assert.equal(fact.trunkIn, 'a\ufffdb\ufffd');
  assert.deepEqual(warnings, ['did_name: 262 characters, cut to 256']);
});

test('fields - what an object inherits is not a field', () => {
  const body = '{"type":30012,"msg":{"__proto__":{"call_to":"1002"},"call_id":"1790197458.5215","constructor":1}}';
  const { fact } = reportOf(body);
  assert.deepEqual([fact.to, fact.from, fact.startedAt], [null, null, 1790197458000]);
});

test('call details - the same envelope read again gives the same report', () => {
  const envelope = readEnvelope(C02_BODY);
  assert.ok(!('fault' in envelope));
  const raw = Buffer.from(C02_BODY);
  assert.deepEqual(readCallDetails(envelope, PBX, raw, null), readCallDetails(envelope, PBX, raw, null));
});

test('C38 - the message in a mailbox is no ringing: what a leg tells of before it is', () => {
  const rang = (call_duration: unknown, talk_duration: unknown) => legOf({ call_duration, talk_duration }).ringSeconds;
  assert.equal(rang(31, 11), 20);
  assert.equal(rang(11, 11), null);
  assert.equal(rang(11, ''), null);
  assert.equal(rang('', 11), null);
});

test('C40 - names around numbers are read, and do not make another leg', () => {
  for (const [given, read] of [
    ['Sales<6400>', '6400'],
    ['Queue Sales <6400>', '6400'],
    ['"Anna B." < +254711000001 >', '+254711000001'],
    ['<6400>', '6400'],
    ['6400', '6400'],
    ['Satisfaction Survey', 'Satisfaction Survey'],
    ['sip:6400@pbx.example', '6400'],
    ['Anonymous', null],
  ] as const) {
    const { fact } = reportOf(bodyOf({ call_to: given, call_from: given }));
    assert.deepEqual([fact.from, fact.to], [read, read], given);
  }
  const bare = reportOf(bodyOf({ call_to: '6400' }));
  assert.equal(reportOf(bodyOf({ call_to: 'Sales<6400>' })).key, bare.key);
  assert.equal(reportOf(bodyOf({ call_to: 6400 })).key, bare.key);
  assert.notEqual(reportOf(bodyOf({ call_to: 'Sales<6401>' })).key, bare.key);
});

test('C41 - a leg without a serial is of the configured PBX; with another one it is not', () => {
  const withSerial = reportOf(bodyOf({}));
  for (const sn of [undefined, null, '', ' ']) {
    const without = reportOf(JSON.stringify({ sn, type: 30012, msg: C02_MESSAGE }));
    assert.deepEqual([without.name, without.key], [withSerial.name, withSerial.key]);
    assert.deepEqual(without.warnings, []);
  }
  assert.notEqual(reportOf(JSON.stringify({ sn: 'X', type: 30012, msg: C02_MESSAGE })).name, withSerial.name);
});
