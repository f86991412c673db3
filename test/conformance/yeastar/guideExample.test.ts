import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { startPbx } from './cases.ts';

const pbx = await startPbx();

/** The example of the vendor's guide as it is printed there, to the byte: not JSON, its quotes unescaped, its lines broken. */
const PRINTED = readFileSync(new URL('./fixtures/guideExample.txt', import.meta.url));
const CALL_ID = '1651057476.362';

test('T2 the guide’s printed example - taken as it stands, the call it means', async () => {
  assert.throws(() => JSON.parse(PRINTED.toString('utf8')));
  const { status, errcode } = await pbx.push(PRINTED, { source: 'guide', signature: null });
  assert.deepEqual({ status, errcode }, { status: 200, errcode: 0 });
  const call = await pbx.v1.callOf(CALL_ID, 'guide');
  const [leg] = call.legs;
  assert.equal(call.startedAt, '2022-04-27T11:04:36Z');
  assert.equal(call.outcome, 'answered');
  assert.equal(call.direction, 'internal');
  assert.deepEqual([call.from, call.to], ['2005', '2002']);
  assert.deepEqual([leg!.durationSeconds, leg!.talkSeconds, leg!.ringSeconds], [24, 21, 3]);
  assert.deepEqual([leg!.trunkIn, leg!.trunkOut, leg!.did, leg!.didName], [null, null, null, null]);
  assert.equal(leg!.recording, '20220427190445-1651057476.362-2005-2002-Internal.wav');
  assert.equal(leg!.uid, '2024111913594421D77');
  assert.equal(leg!.noteId, '20250307162604-15379');
  assert.equal(leg!.noteEditable, true);
  assert.equal(call.reports[0]!.raw, PRINTED.toString('utf8'));
  assert.deepEqual(call.reports[0]!.warnings, []);
});

test('T2 the guide’s example, printed and escaped - the same leg', async () => {
  const text = PRINTED.toString('utf8');
  const msg = JSON.parse(text.slice(text.indexOf('"msg":"') + 7, text.lastIndexOf('"')));
  const escaped = JSON.stringify({ type: 30012, sn: '3631A2124XXX', msg: JSON.stringify(msg) });
  assert.equal((await pbx.push(PRINTED, { source: 'shanghai', signature: null })).status, 200);
  assert.equal((await pbx.push(escaped, { source: 'shanghai', signature: null })).status, 200);
  const call = await pbx.v1.callOf(CALL_ID, 'shanghai');
  assert.equal(call.reports.length, 1);
  assert.equal(call.reports[0]!.deliveries, 2);
});

test('T2 the guide’s printed example with the line breaks of Windows, and signed - taken', async () => {
  const windows = PRINTED.toString('utf8').replaceAll('\n', '\r\n');
  assert.equal((await pbx.push(windows)).status, 200);
  assert.equal((await pbx.v1.callOf(CALL_ID, 'hq')).legs.length, 1);
});

test('T2 the guide’s printed example with a PIN - taken, the PIN is not kept', async () => {
  const text = PRINTED.toString('utf8')
    .replace('"pin_code":" "', '"pin_code":"80417263"')
    .replaceAll(CALL_ID, '1651057476.363');
  assert.ok(text.includes('80417263'));
  assert.equal((await pbx.push(text, { source: 'guide', signature: null })).status, 200);
  const call = await pbx.v1.callOf('1651057476.363', 'guide');
  assert.ok(!JSON.stringify(call).includes('80417263'));
});
