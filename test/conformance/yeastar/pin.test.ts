import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openEvents } from '../../kit/eventStream.ts';
import { createScratch } from '../../kit/scratch.ts';
import { startServer } from '../../kit/server.ts';
import { C02, eventOf, startPbx, variant } from './cases.ts';

const pbx = await startPbx({ env: { LOG_LEVEL: 'trace' } });

test('C34 pin_code 1234 - in no report, no journal, no event, no log', async () => {
  await using events = await openEvents(pbx.server);
  const call = await pbx.tell(
    variant({ pin_code: '1234', type: 'Outbound', call_from: '1000', call_to: '0501239999' }),
  );
  const ended = await events.first('the end of the call', each => each.data.callId === call.id);
  assert.equal(ended.kind, 'call.ended');
  const { raw } = call.reports[0]!;
  assert.equal(JSON.parse(JSON.parse(raw).msg).pin_code, '****');
  assert.ok(!JSON.stringify(call).includes('"1234"') && !raw.includes('1234'));
  assert.ok(!JSON.stringify(events.received).includes('1234'));
  assert.ok(!pbx.server.output.includes('1234'));
});

test('C34 pin_code however it is written - not kept, the other bytes are', async () => {
  for (const [body, pin] of [
    [JSON.stringify({ sn: '3651X0000001', type: 30012, msg: variant({ pin_code: '73918264' }) }), '73918264'],
    [eventOf(variant({ pin_code: 73918264 })), '73918264'],
    [eventOf(variant({ pin_code: '73918264"}' })), '73918264'],
    [
      JSON.stringify({ type: 30012, msg: JSON.stringify(JSON.stringify(variant({ pin_code: '73918264' }))) }),
      '73918264',
    ],
    [eventOf(variant({ pin_code: '73918264' })).replace('pin_code', 'pin\\\\u005fcode'), '73918264'],
    [eventOf({ pin_code: '73918264', msg: 'unreadable' }), '73918264'],
    [`{"type":30012,"msg":"{\\"pin_code\\":\\"73918264\\", unreadable"}`, '73918264'],
    [JSON.stringify({ type: 31999, msg: { pin_code: '73918264' } }), '73918264'],
  ] as const) {
    assert.ok(body.includes(pin));
    assert.equal((await pbx.push(body)).status, 200, body);
  }
  const calls = await Promise.all((await pbx.v1.list()).map(each => pbx.v1.call(each.id)));
  assert.ok(calls.length >= 5);
  assert.ok(!JSON.stringify(calls).includes('73918264'));
  const kept = await pbx.v1.quarantined();
  assert.equal(kept.length, 3);
  assert.ok(!JSON.stringify(kept).includes('73918264'));
  assert.ok(!pbx.server.output.includes('73918264'));
});

test('C34 pin_code - in no file of the data directory', async () => {
  const scratch = createScratch('pin');
  const dataDir = join(scratch.path, 'data');
  const server = await startServer({ dataDir });
  const { push } = await import('../../kit/pbxWebhook.ts');
  await push(server, eventOf({ ...C02, pin_code: '73918264' }));
  await push(server, eventOf({ pin_code: '73918264' }));
  await server.kill();
  const files = readdirSync(dataDir);
  assert.ok(files.some(each => each.endsWith('-wal')));
  for (const file of files) {
    const bytes = readFileSync(join(dataDir, file));
    assert.ok(!bytes.includes('73918264'), file);
  }
});
