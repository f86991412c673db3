import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startPbx, variant } from './cases.ts';

const pbx = await startPbx();

test('C22 call_duration "24" - 24 seconds', async () => {
  const { call, leg } = await pbx.tellLeg(variant({ call_duration: '24' }));
  assert.equal(leg.durationSeconds, 24);
  assert.equal(call.durationSeconds, 24);
});

for (const [given, warning] of [
  [-1, 'call_duration: negative, left empty'],
  ['abc', 'call_duration: not a number of seconds, left empty'],
] as const) {
  test(`C23 call_duration ${JSON.stringify(given)} - stored without a duration, a warning`, async () => {
    const { call, leg } = await pbx.tellLeg(variant({ call_duration: given, talk_duration: 0, status: 'NO ANSWER' }));
    assert.equal(leg.durationSeconds, null);
    assert.equal(leg.endedAt, null);
    assert.equal(call.durationSeconds, null);
    assert.deepEqual(call.reports[0]!.warnings, [warning]);
  });
}

test('C24 talk longer than the call - kept as sent, no ring, a warning', async () => {
  const { call, leg } = await pbx.tellLeg(variant({ status: 'ANSWERED', call_duration: 24, talk_duration: 30 }));
  assert.deepEqual([leg.durationSeconds, leg.talkSeconds, leg.ringSeconds], [24, 30, 0]);
  assert.deepEqual(call.reports[0]!.warnings, ['talk_duration: longer than call_duration, kept as sent']);
  assert.equal(call.ringSeconds, 0);
});

test('C25 call_id missing - legs with the same uid are one call, a repeat is a repeat', async () => {
  const uid = '2026092400041852EE9';
  const queue = variant({ call_id: undefined, uid, call_to: '6400', status: 'NO ANSWER', call_duration: 20 });
  const agent = { ...queue, call_to: '4005', call_duration: 18 };
  await pbx.tell(queue);
  await pbx.tell(agent);
  const call = await pbx.tell(queue);
  assert.equal(call.legs.length, 2);
  assert.deepEqual(
    call.reports.map(each => each.deliveries),
    [2, 1],
  );
});

test('C24 an odd value - logged for a person to look at, by its source, without its numbers', async () => {
  await pbx.tell(variant({ call_duration: 24, talk_duration: 31, status: 'ANSWERED' }));
  const said = pbx.server.logs
    .filter(each => each['msg'] === 'report warning')
    .map(each => [each['source'], each['warning']]);
  assert.ok(said.some(([source, warning]) => source === 'hq' && String(warning).startsWith('talk_duration:')));
  assert.ok(!pbx.server.output.includes('0711000001'));
});

test('4.4 a serial that is not the configured one - taken, with a warning', async () => {
  const msg = variant({});
  const body = JSON.stringify({ sn: '3651X0000002', type: 30012, msg });
  assert.equal((await pbx.push(body)).status, 200);
  const call = await pbx.v1.callOf(String(msg['call_id']), 'hq');
  assert.deepEqual(call.reports[0]!.warnings, ['PBX serial 3651X0000002 does not match the configured 3651X0000001']);
});
