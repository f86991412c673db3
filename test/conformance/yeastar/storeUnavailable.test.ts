import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { until } from '../../kit/until.ts';
import { eventOf, startPbx, variant } from './cases.ts';

/** How large a file the process may make, while it runs; true when that could be set. */
function limitFileSize(pid: number, limit: '1' | 'unlimited'): boolean {
  return spawnSync('prlimit', ['--pid', String(pid), `--fsize=${limit}:unlimited`]).status === 0;
}

const canLimit = limitFileSize(process.pid, 'unlimited');
// Another process writes for a server on PostgreSQL.
const pbx = canLimit ? await startPbx({ sqlite: true }) : null;

test('D12 nothing can be written - 503 while it cannot; once it can, the retry is taken once', {
  skip: canLimit ? false : 'prlimit, which makes every write fail, is not to be had here',
}, async () => {
  assert.ok(pbx !== null);
  const { server, v1 } = pbx;
  const before = variant({});
  assert.equal((await pbx.push(eventOf(before))).status, 200);
  const msg = variant({});
  const body = eventOf(msg);

  assert.ok(limitFileSize(server.pid, '1'));
  for (let time = 0; time < 5; time++) {
    const { status } = await pbx.push(body);
    assert.equal(status, 503);
  }
  const native = await v1.ask<{ status: number }>('POST', '/v1/calls', {
    body: { externalId: 'd12', direction: 'inbound', from: null, to: null, startedAt: '2026-09-23T21:04:18Z' },
  });
  assert.deepEqual([native.status, native.body.status, native.headers.get('retry-after')], [503, 503, '1']);
  const unreadable = await pbx.push('{"type":30012,"msg":"{"}');
  assert.equal(unreadable.status, 503);
  // What is stored can still be read, and who asks whether all is well is told that it is not.
  assert.equal((await server.get('/healthz')).status, 200);
  assert.equal((await server.get('/readyz')).status, 503);
  assert.equal((await v1.callOf(String(before['call_id']), 'hq')).outcome, 'voicemail');
  assert.deepEqual(await v1.list(`externalId=${msg['call_id']}`), []);

  assert.ok(limitFileSize(server.pid, 'unlimited'));
  await until('answers resume without a restart', async () =>
    (await pbx.push(body)).status === 200 ? true : undefined,
  );
  assert.equal((await pbx.push(body)).status, 200);
  await until('the server says that it is ready', async () =>
    (await server.get('/readyz')).status === 200 ? true : undefined,
  );
  const call = await v1.callOf(String(msg['call_id']), 'hq');
  assert.equal(call.legs.length, 1);
  assert.equal(call.reports.length, 1);
  assert.equal(call.reports[0]!.deliveries, 2);
  assert.equal(call.journal.filter(each => each.kind === 'call.ended').length, 1);
  assert.deepEqual(await v1.list('externalId=d12'), []);
  assert.deepEqual(await v1.quarantined(), []);
});
