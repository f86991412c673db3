import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JOBS } from '../../src/app/organisation.ts';
import { parseMetrics } from '../kit/metrics.ts';
import { push } from '../kit/pbxWebhook.ts';
import { createRandom } from '../kit/random.ts';
import { until } from '../kit/until.ts';
import { createCalls } from '../kit/yeastarEvents.ts';
import { openHouse, statedCall } from './house.ts';

const { server, v1 } = await openHouse();
const pbx = createCalls(createRandom(9), { startedAtSeconds: 1772445600, callsPerSecond: 1, queueShare: 0 });

const metrics = async () => parseMetrics(await (await fetch(`${server.url}/metrics`)).text());

test('/healthz and /readyz - 200 for anybody, with the place in the journal', async () => {
  const health = await fetch(`${server.url}/healthz`);
  assert.deepEqual([health.status, await health.json()], [200, { status: 'ok' }]);
  const before = ((await (await fetch(`${server.url}/readyz`)).json()) as { position: number }).position;
  await v1.post('/v1/calls', statedCall(), 201);
  const ready = await fetch(`${server.url}/readyz`);
  const { status, position } = (await ready.json()) as { status: string; position: number };
  assert.deepEqual([ready.status, status], [200, 'ready']);
  assert.ok(position > before);
});

test('/metrics - what Prometheus reads: reports by what became of them, batches, the journal, the log', async () => {
  const page = await fetch(`${server.url}/metrics`);
  assert.equal(page.status, 200);
  assert.match(page.headers.get('content-type') ?? '', /^text\/plain/);
  const before = await metrics();
  const { body } = pbx.next().events[0]!;
  assert.equal((await push(server, body)).status, 200);
  assert.equal((await push(server, body)).status, 200);
  assert.equal((await push(server, body, { signature: null })).status, 401);
  const after = await metrics();
  const grown = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0);
  for (const verdict of ['accepted', 'repeated', 'refused']) {
    assert.equal(grown(`aftercall_reports_total{dialect="yeastar",verdict="${verdict}"}`), 1, verdict);
  }
  assert.ok(grown('aftercall_journal_position') >= 1);
  assert.ok(grown('aftercall_batch_commands_count') >= 2);
  assert.ok(after.has('aftercall_commands_waiting'));
  assert.ok((after.get('aftercall_process_resident_memory_bytes') ?? 1) > 0);
  await until('the log’s size is known', async () => ((await metrics()).has('aftercall_wal_pages') ? true : undefined));
});

test('/metrics - counts calls reported over /v1 too', async () => {
  const name = (verdict: string) => `aftercall_reports_total{dialect="native",verdict="${verdict}"}`;
  const before = await metrics();
  const body = statedCall();
  await v1.post('/v1/calls', body, 201);
  await v1.post('/v1/calls', body, 200);
  await v1.post('/v1/calls', {}, 400);
  const after = await metrics();
  for (const verdict of ['accepted', 'repeated', 'refused']) {
    assert.equal((after.get(name(verdict)) ?? 0) - (before.get(name(verdict)) ?? 0), 1, verdict);
  }
});

test('/v1/nodes - one server, which does everything, and has nobody beside it', async () => {
  const { items } = await v1.get<{ items: readonly Record<string, unknown>[] }>('/v1/nodes');
  assert.deepEqual(
    items.map(({ state, jobs }) => [state, (jobs as string[]).length]),
    [['alive', JOBS.length]],
  );
  assert.equal((await metrics()).get('aftercall_nodes_alive'), 1);
});

test('a path that nobody serves - 404', async () => {
  for (const path of ['/nothing', '/yeastar', '/v1', '/..%2f..%2fetc/passwd', '/v1/docs/../../package.json']) {
    const { status } = await fetch(server.url + path);
    assert.ok([401, 404].includes(status), `${path} ${status}`);
  }
});

test('slashes twice or at the end - the same path', async () => {
  for (const path of ['//healthz', '/healthz/', '//v1//calls/']) {
    assert.equal((await server.get(path)).status, 200, path);
  }
});

test('the log - names routes, not addresses or numbers', () => {
  for (const text of ['0711000001', '+442079460123', server.token])
    assert.ok(!JSON.stringify(server.logs).includes(text), text);
});
