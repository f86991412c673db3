import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freshCallId, startPbx, variant } from './cases.ts';

const pbx = await startPbx();

for (const given of ['2026-02-30 10:00:00', '']) {
  test(`C26 time_start ${JSON.stringify(given)} - the start comes from call_id, a warning`, async () => {
    const { call, leg } = await pbx.tellLeg(variant({ time_start: given }));
    assert.equal(leg.startedAt, '2026-09-23T21:04:18Z');
    assert.equal(leg.startedAtLocal, null);
    assert.equal(call.reports[0]!.warnings.length, 1);
    assert.match(call.reports[0]!.warnings[0]!, /^time_start: .*taken from call_id/);
  });
}

test('C27 time_start in the PBX’s display format - read by it', async () => {
  const msg = variant({ call_id: freshCallId(1777304494), time_start: '04/27/2026 18:41:34' });
  const { call, leg } = await pbx.tellLeg(msg, 'american');
  assert.equal(leg.startedAt, '2026-04-27T15:41:34Z');
  assert.equal(leg.startedAtLocal, '2026-04-27 18:41:34');
  assert.deepEqual(call.reports[0]!.warnings, []);
});

for (const [id, epochSeconds, startedAt] of [
  ['C28', 1761438600, '2025-10-26T00:30:00Z'],
  ['C29', 1761442200, '2025-10-26T01:30:00Z'],
] as const) {
  test(`${id} 02:30 in the night that has it twice - the one that call_id says`, async () => {
    const msg = variant({ call_id: `${epochSeconds}.5`, time_start: '2025-10-26 02:30:00' });
    const { call } = await pbx.tellLeg(msg, 'berlin');
    assert.equal(call.startedAt, startedAt);
    assert.deepEqual(call.reports[0]!.warnings, []);
  });
}

test('1.3 02:30 in the night that lacks it - shifted forward as the zone does', async () => {
  const msg = variant({ call_id: freshCallId(1774747800), time_start: '2026-03-29 02:30:00' });
  const { call } = await pbx.tellLeg(msg, 'berlin');
  assert.equal(call.startedAt, '2026-03-29T01:30:00Z');
});

test('C30 the configured zone contradicts call_id - the configured zone is kept, a warning, a line in the log', async () => {
  const { call, leg } = await pbx.tellLeg(variant({}), 'wrong-zone');
  assert.equal(leg.startedAt, '2026-09-24T00:04:18Z');
  assert.equal(leg.startedAtLocal, '2026-09-24 00:04:18');
  assert.match(call.reports[0]!.warnings.join(), /PBX zone mismatch 180 min/);
  const logged = pbx.server.logs.filter(each => each['source'] === 'wrong-zone').map(each => String(each['warning']));
  assert.equal(logged.length, 1);
  assert.match(logged[0]!, /PBX zone mismatch 180 min/);
});

test('C30 the same warning with every call - logged once, kept with each', async () => {
  const first = await pbx.tell(variant({}), 'wrong-zone');
  const second = await pbx.tell(variant({}), 'wrong-zone');
  assert.deepEqual(first.reports[0]!.warnings, second.reports[0]!.warnings);
  assert.equal(pbx.server.logs.filter(each => each['source'] === 'wrong-zone').length, 1);
});

test('C30 with autoZone - the implied zone is used, the warning stays', async () => {
  const { call, leg } = await pbx.tellLeg(variant({}), 'auto-zone');
  assert.equal(leg.startedAt, '2026-09-23T21:04:18Z');
  assert.match(call.reports[0]!.warnings.join(), /PBX zone mismatch 180 min/);
});

test('C30 a leg that starts minutes into its call - no mismatch', async () => {
  const { call, leg } = await pbx.tellLeg(variant({ time_start: '2026-09-24 00:14:18' }));
  assert.equal(leg.startedAt, '2026-09-23T21:14:18Z');
  assert.deepEqual(call.reports[0]!.warnings, []);
});

for (const source of ['hq', 'wrong-zone', 'auto-zone']) {
  test(`C39 a transfer after an hour, told by ${source}, last leg first - moved with its call and not by itself`, async () => {
    const call_id = freshCallId();
    const later = variant({ call_id, time_start: '2026-09-24 01:04:18', call_to: '1003', status: 'ANSWERED' });
    await pbx.tell(later, source);
    const call = await pbx.tell(variant({ call_id, call_to: '1002', status: 'ANSWERED' }), source);
    const starts = call.legs.map(each => Date.parse(each.startedAt));
    assert.equal(starts[1]! - starts[0]!, 3_600_000);
    assert.equal(call.startedAt, source === 'wrong-zone' ? '2026-09-24T00:04:18Z' : '2026-09-23T21:04:18Z');
    for (const { warnings } of call.reports) {
      assert.equal(warnings.length, source === 'hq' ? 0 : 1);
      if (source !== 'hq') assert.match(warnings[0]!, /^PBX zone mismatch 180 min/);
    }
  });
}

test('C39 a transfer after an hour by a PBX without uid - warns of nothing, and is not moved', async () => {
  for (const [source, startedAt] of [
    ['hq', '2026-09-23T22:04:18Z'],
    ['open', '2026-09-23T22:04:18Z'],
  ] as const) {
    const msg = variant({ uid: undefined, time_start: '2026-09-24 01:04:18' });
    const { call, leg } = await pbx.tellLeg(msg, source);
    assert.equal(leg.startedAt, startedAt);
    assert.deepEqual(call.reports[0]!.warnings, []);
  }
});

test('C30 three calls of a PBX without uid in another zone - one line in the log', async () => {
  const ownLines = () => pbx.server.logs.filter(each => each['source'] === 'old-firmware');
  for (const place of [1, 2, 3, 4]) {
    const call = await pbx.tell(variant({ uid: undefined }), 'old-firmware');
    assert.equal(call.startedAt, '2026-09-24T00:04:18Z');
    assert.deepEqual(call.reports[0]!.warnings, []);
    assert.equal(ownLines().length, place < 3 ? 0 : 1);
  }
  assert.match(String(ownLines()[0]!['warning']), /^PBX zone mismatch 180 min/);
});

test('C39 a later leg in the hour that comes twice - not before its call', async () => {
  const call_id = freshCallId(1761439800);
  await pbx.tell(variant({ call_id, time_start: '2025-10-26 02:10:00', call_to: '1003', uid: undefined }), 'berlin');
  const first = variant({ call_id, time_start: '2025-10-26 02:50:00', call_to: '1002', uid: undefined });
  const call = await pbx.tell(first, 'berlin');
  assert.deepEqual(
    call.legs.map(each => [each.to, each.startedAt]),
    [
      ['1002', '2025-10-26T00:50:00Z'],
      ['1003', '2025-10-26T01:10:00Z'],
    ],
  );
});

test('C26 neither time_start nor call_id readable - taken aside, no call', async () => {
  const kept = (await pbx.v1.quarantined()).length;
  const uid = '2026092400041852EEA';
  const body = JSON.stringify({ type: 30012, msg: variant({ call_id: 'x', time_start: 'yesterday', uid }) });
  assert.equal((await pbx.push(body)).status, 200);
  const [last] = (await pbx.v1.quarantined()).slice(kept);
  assert.equal(last!.problem, 'time_start, call_id: neither holds a readable time');
  assert.deepEqual(await pbx.v1.list('externalId=x'), []);
});
