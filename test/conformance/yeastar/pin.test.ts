import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openEvents } from '../../kit/eventStream.ts';
import { push } from '../../kit/pbxWebhook.ts';
import { createScratch } from '../../kit/scratch.ts';
import { startServer } from '../../kit/server.ts';
import { C02, eventOf, startPbx, variant } from './cases.ts';

/** No id, time or number of these tests holds these digits. */
const PIN = '73918264';

const pbx = await startPbx({ env: { LOG_LEVEL: 'trace' } });

test('C34 pin_code 1234 - in no report, no journal, no event, no log', async () => {
  await using events = await openEvents(pbx.server);
  const call = await pbx.tell(
    variant({ pin_code: '1234', type: 'Outbound', call_from: '1000', call_to: '+442079460100' }),
  );
  const ended = await events.first('the end of the call', each => each.data.callId === call.id);
  assert.equal(ended.kind, 'call.ended');
  const { raw } = call.reports[0]!;
  assert.equal(JSON.parse(JSON.parse(raw).msg).pin_code, '****');
  assert.ok(!JSON.stringify(call).includes('"1234"') && !raw.includes('1234'));
  assert.ok(!JSON.stringify(events.received).includes('1234'));
  // A time in milliseconds may hold these digits.
  const logged = pbx.server.logs.map(({ time: _time, pid: _pid, ...said }) => said);
  assert.ok(!JSON.stringify(logged).includes('1234'));
});

test('C34 pin_code however it is written - not kept, the other bytes are', async () => {
  for (const body of [
    JSON.stringify({ sn: '3651X0000001', type: 30012, msg: variant({ pin_code: PIN }) }),
    eventOf(variant({ pin_code: Number(PIN) })),
    eventOf(variant({ pin_code: `${PIN}"}` })),
    JSON.stringify({ type: 30012, msg: JSON.stringify(JSON.stringify(variant({ pin_code: PIN }))) }),
    eventOf(variant({ pin_code: PIN })).replace('pin_code', 'pin\\\\u005fcode'),
    eventOf({ pin_code: PIN, msg: 'unreadable' }),
    `{"type":30012,"msg":"{\\"pin_code\\":\\"${PIN}\\", unreadable"}`,
    JSON.stringify({ type: 31999, msg: { pin_code: PIN } }),
  ]) {
    assert.ok(body.includes(PIN));
    assert.equal((await pbx.push(body)).status, 200, body);
  }
  const calls = await Promise.all((await pbx.v1.list()).map(each => pbx.v1.call(each.id)));
  assert.ok(calls.length >= 5);
  assert.ok(!JSON.stringify(calls).includes(PIN));
  const kept = await pbx.v1.quarantined();
  assert.equal(kept.length, 3);
  assert.ok(!JSON.stringify(kept).includes(PIN));
  assert.ok(!pbx.server.output.includes(PIN));
});

test('C34 pin_code - in no file of the data directory', async () => {
  const scratch = createScratch('pin');
  const dataDir = join(scratch.path, 'data');
  const server = await startServer({ dataDir, sqlite: true });
  await push(server, eventOf({ ...C02, pin_code: PIN }));
  await push(server, eventOf({ pin_code: PIN }));
  await server.kill();
  const files = readdirSync(dataDir, { recursive: true, withFileTypes: true })
    .filter(each => each.isFile())
    .map(each => join(each.parentPath, each.name));
  assert.ok(files.some(each => each.endsWith('-wal')));
  for (const file of files) {
    const bytes = readFileSync(file);
    assert.ok(!bytes.includes(PIN), file);
  }
});
