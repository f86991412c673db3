import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMetrics } from '../../kit/metrics.ts';
import { signatureOf } from '../../kit/pbxWebhook.ts';
import { C02, C02_BODY, eventOf, freshCallId, startPbx, variant } from './cases.ts';

const pbx = await startPbx();
const C02_ID = '1790197458.5215';

async function metric(name: string): Promise<number> {
  return parseMetrics(await (await pbx.server.get('/metrics')).text()).get(name) ?? 0;
}

const verdicts = (verdict: string): Promise<number> =>
  metric(`aftercall_reports_total{dialect="yeastar",verdict="${verdict}"}`);

test('C03 msg as object - the same leg as C02: its record, its key', async () => {
  assert.equal((await pbx.push(C02_BODY)).status, 200);
  const before = await pbx.v1.callOf(C02_ID, 'hq');
  assert.equal((await pbx.push(JSON.stringify({ sn: '3651X0000001', type: 30012, msg: C02 }))).status, 200);
  const after = await pbx.v1.callOf(C02_ID, 'hq');
  assert.deepEqual(after.legs, before.legs);
  assert.equal(after.reports.length, 1);
  assert.equal(after.reports[0]!.deliveries, before.reports[0]!.deliveries + 1);
});

test('C03 msg as object - arriving first, the same record as from a string', async () => {
  const msg = variant({});
  await pbx.push(JSON.stringify({ sn: '3651X0000001', type: 30012, msg }));
  const asObject = await pbx.v1.callOf(String(msg['call_id']), 'hq');
  const asString = await pbx.tell(variant({}));
  const bare = ({ id: _id, ...leg }: (typeof asObject.legs)[0]) => leg;
  assert.deepEqual(asObject.legs.map(bare), asString.legs.map(bare));
});

test('C04 msg encoded twice - decoded twice, the same leg as C02', async () => {
  const twice = JSON.stringify({ sn: '3651X0000001', type: 30012, msg: JSON.stringify(JSON.stringify(C02)) });
  await pbx.push(C02_BODY);
  const before = await pbx.v1.callOf(C02_ID, 'hq');
  assert.equal((await pbx.push(twice)).status, 200);
  const after = await pbx.v1.callOf(C02_ID, 'hq');
  assert.deepEqual(after.legs, before.legs);
  assert.equal(after.reports.length, 1);
});

test('C04 msg encoded three times - taken aside, no call', async () => {
  const msg = variant({});
  const thrice = JSON.stringify({ type: 30012, msg: JSON.stringify(JSON.stringify(JSON.stringify(msg))) });
  assert.equal((await pbx.push(thrice)).status, 200);
  assert.deepEqual(await pbx.v1.list(`externalId=${msg['call_id']}`), []);
  const kept = (await pbx.v1.quarantined()).find(each => each.raw === thrice);
  assert.equal(kept?.problem, 'msg: encoded more than twice');
});

test('C05 type "30012" - taken as C02', async () => {
  const msg = variant({});
  const body = JSON.stringify({ sn: '3651X0000001', type: '30012', msg: JSON.stringify(msg) });
  assert.equal((await pbx.push(body)).status, 200);
  assert.equal((await pbx.v1.callOf(String(msg['call_id']), 'hq')).outcome, 'voicemail');
});

test('C31 msg that is not JSON - 200, raw bytes kept, no call, counted', async () => {
  const before = await verdicts('quarantined');
  const calls = (await pbx.v1.list()).length;
  const body = '{"sn":"3651X0000001","type":30012,"msg":"{not json"}';
  const { status, errcode } = await pbx.push(body);
  assert.deepEqual({ status, errcode }, { status: 200, errcode: 0 });
  const kept = (await pbx.v1.quarantined()).find(each => each.raw === body);
  assert.equal(kept?.reason, 'unreadable');
  assert.equal(kept.state, 'waiting');
  assert.equal(kept.source, 'hq');
  assert.equal((await pbx.v1.list()).length, calls);
  assert.equal(await verdicts('quarantined'), before + 1);
  const logged = pbx.server.logs.filter(each => each['msg'] === 'report quarantined');
  assert.ok(logged.some(({ source, problem }) => source === 'hq' && problem === kept.problem));
});

test('C31 the same unreadable bytes again - 200, kept once', async () => {
  const body = '{"sn":"3651X0000001","type":30012,"msg":"{not json either"}';
  for (let time = 0; time < 3; time++) assert.equal((await pbx.push(body)).status, 200);
  assert.equal((await pbx.v1.quarantined()).filter(each => each.raw === body).length, 1);
});

for (const [name, body] of [
  ['[]', '[]'],
  ['null', 'null'],
  ['"x"', '"x"'],
  ['empty', ''],
  ['blank', ' \n'],
] as const) {
  test(`C32 body ${name} - 400 signed or not, nothing kept`, async () => {
    const kept = (await pbx.v1.quarantined()).length;
    const signed = await pbx.push(body);
    assert.deepEqual([signed.status, signed.errcode, signed.field], [400, 40001, 'body']);
    const unsigned = await pbx.push(body, { source: 'open', signature: null });
    assert.deepEqual([unsigned.status, unsigned.errcode], [400, 40001]);
    assert.equal((await pbx.v1.quarantined()).length, kept);
  });
}

test('C32 two mebibytes of "a" - 413, and the server goes on', async () => {
  const body = 'a'.repeat(2 * 1024 * 1024);
  assert.equal((await pbx.push(body)).status, 413);
  assert.equal((await pbx.push(body, { source: 'open', signature: null })).status, 413);
  assert.equal((await pbx.tell(variant({}))).outcome, 'voicemail');
});

test('C32 not JSON at all - 400 from a source that does not sign, kept from one that does', async () => {
  const body = '{"sn":"3651X0000001","type":30012,';
  const kept = (await pbx.v1.quarantined()).length;
  const unsigned = await pbx.push(body, { source: 'open', signature: null });
  assert.deepEqual([unsigned.status, unsigned.errcode, unsigned.field], [400, 40001, 'body']);
  assert.equal((await pbx.v1.quarantined()).length, kept);
  assert.equal((await pbx.push(body)).status, 200);
  assert.equal((await pbx.v1.quarantined()).length, kept + 1);
});

test('C32 an envelope without an event number - 400 that names it from a source that does not sign', async () => {
  for (const body of ['{"msg":"{}"}', '{"type":"abc","msg":"{}"}', '{"type":{},"msg":"{}"}']) {
    const { status, errcode, field } = await pbx.push(body, { source: 'open', signature: null });
    assert.deepEqual([status, errcode, field], [400, 40002, 'type']);
  }
});

test('C33 msg with a type of its own - the envelope keeps its type', async () => {
  const msg = variant({ type: 'Outbound', call_from: '1000', call_to: '0501234567' });
  const call = await pbx.tell(msg);
  assert.equal(call.direction, 'outbound');
  assert.equal(call.reports[0]!.kind, 'yeastar.30012');
  const other = variant({ type: 30011 });
  await pbx.push(JSON.stringify({ sn: '3651X0000001', type: 30012, msg: other }));
  const [told] = (await pbx.v1.callOf(String(other['call_id']), 'hq')).reports;
  assert.equal(told!.kind, 'yeastar.30012');
  assert.deepEqual(told!.warnings, ['type: 30011 is not a known call type']);
});

test('D14 event 31999 - 200, kept for a look, no call', async () => {
  const calls = (await pbx.v1.list()).length;
  const body = JSON.stringify({ type: 31999, sn: '3651X0000001', msg: JSON.stringify({ call_id: freshCallId() }) });
  const { status, errcode } = await pbx.push(body);
  assert.deepEqual({ status, errcode }, { status: 200, errcode: 0 });
  const kept = (await pbx.v1.quarantined()).find(each => each.raw === body);
  assert.equal(kept?.reason, 'other_event');
  assert.equal((await pbx.v1.list()).length, calls);
});

test('2 events of the catalogue that end no call - 200 and not kept', async () => {
  const kept = (await pbx.v1.quarantined()).length;
  const before = await verdicts('ignored');
  for (const type of [30005, 30011, 30029, 30039]) {
    const body = JSON.stringify({ type, sn: '3651X0000001', msg: JSON.stringify({ call_id: freshCallId() }) });
    assert.equal((await pbx.push(body)).status, 200);
  }
  assert.equal((await pbx.v1.quarantined()).length, kept);
  assert.equal(await verdicts('ignored'), before + 4);
});

test('1.2 keys that JavaScript gives a meaning - read as any other key', async () => {
  const msg = variant({});
  const body = eventOf(msg).replace(
    '{\\"call_id',
    '{\\"__proto__\\":{\\"status\\":\\"BUSY\\"},\\"constructor\\":1,\\"call_id',
  );
  assert.ok(body.includes('__proto__'));
  assert.equal((await pbx.push(body)).status, 200);
  assert.equal((await pbx.v1.callOf(String(msg['call_id']), 'hq')).cause, 'VOICEMAIL');
  const outside = `{"__proto__":{"type":30012},"msg":"{}"}`;
  assert.equal((await pbx.push(outside, { source: 'open', signature: null })).field, 'type');
});

test('C32 a bomb of braces - answered, and the server goes on', async () => {
  for (const bomb of [
    '['.repeat(500_000),
    `{"type":30012,"msg":${'{"a":'.repeat(150_000)}`,
    '{"msg":"{'.repeat(100_000),
  ]) {
    const { status } = await pbx.push(bomb, { source: 'open', signature: null });
    assert.equal(status, 400);
  }
  const deep = `{"type":30012,"msg":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  assert.equal((await pbx.push(deep, { source: 'open', signature: null })).status, 200);
  const inField = `{"type":30012,"msg":{"call_id":"${freshCallId()}","time_start":"2026-09-24 00:04:18","call_to":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`;
  assert.equal((await pbx.push(inField, { source: 'open', signature: null })).status, 200);
  assert.equal((await pbx.tell(variant({}))).outcome, 'voicemail');
});

test('1.2 NUL and lone surrogates - replaced in fields, the raw bytes as they came', async () => {
  const callId = freshCallId();
  const body = `{"sn":"3651X0000001","type":30012,"msg":{"call_id":"${callId}","time_start":"2026-09-24 00:04:18","call_from":"07\\u000011","call_to":"10\\ud80002","call_duration":1,"talk_duration":0,"status":"NO ANSWER","type":"Inbound"}}`;
  assert.equal((await pbx.push(body)).status, 200);
  const call = await pbx.v1.callOf(callId, 'hq');
  assert.deepEqual([call.from, call.to], ['07\ufffd11', '10\ufffd02']);
  assert.equal(call.reports[0]!.raw, body);
  // Sent again, it is the same report.
  assert.equal((await pbx.push(body)).status, 200);
  assert.equal((await pbx.v1.callOf(callId, 'hq')).reports[0]!.deliveries, 2);
});

test('4.4 a path that no source has - 404 for anybody, before the signature is looked at', async () => {
  const answer = await pbx.push(C02_BODY, { source: 'nobody' });
  assert.deepEqual([answer.status, answer.errcode], [404, 10001]);
  const native = await pbx.push(C02_BODY, { source: 'native', signature: null });
  assert.equal(native.status, 404);
});

test('4 another method than POST - 405 that says what to set', async () => {
  for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
    const response = await fetch(`${pbx.server.url}/yeastar/hq`, { method });
    assert.equal(response.status, 405);
    assert.equal(response.headers.get('allow'), 'POST');
  }
});

test('4 any content type, or none - the bytes are what counts', async () => {
  for (const contentType of ['text/plain', 'application/x-www-form-urlencoded', 'x/y; charset=nonsense', null]) {
    const msg = variant({});
    const body = eventOf(msg);
    const answer = await pbx.push(new TextEncoder().encode(body), { contentType, signature: signatureOf(body) });
    assert.equal(answer.status, 200, String(contentType));
    await pbx.v1.callOf(String(msg['call_id']), 'hq');
  }
});
