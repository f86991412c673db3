import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { push } from '../kit/pbxWebhook.ts';
import { createScratch } from '../kit/scratch.ts';
import { startServer } from '../kit/server.ts';
import { createV1Client } from '../kit/v1Client.ts';
import type { ProblemView, QuarantinedView } from '../kit/v1Views.ts';
import { HOUSE, openHouse } from './house.ts';

const { server: common, v1: commonV1 } = await openHouse();

interface Replayed {
  readonly id: number;
  readonly callId: number;
  readonly verdict: string;
}

/** A leg whose only time is written in the display format of a PBX. */
const displayed = (uid: string): string =>
  JSON.stringify({
    sn: '3651X0000001',
    type: 30012,
    msg: {
      time_start: '04/27/2026 18:41:34',
      call_from: '0711000001',
      call_to: '1002',
      call_duration: 18,
      talk_duration: 0,
      status: 'NO ANSWER',
      type: 'Inbound',
      uid,
    },
  });

const displaying = (displayFormat: string) => ({ ...HOUSE, sources: [{ ...HOUSE.sources[0], displayFormat }] });

test('what could not be read - waits while its source is off, is read once it says how, and is not read twice', async () => {
  const scratch = createScratch('quarantine');
  const dataDir = join(scratch.path, 'data');
  const body = displayed('2026042718413400001');
  let id: number;
  {
    await using server = await startServer({ config: HOUSE, dataDir });
    const v1 = createV1Client(server);
    assert.equal((await push(server, body)).status, 200);
    const [kept] = await v1.quarantined();
    assert.deepEqual([kept!.reason, kept!.state, kept!.source, kept!.callId], ['unreadable', 'waiting', 'hq', null]);
    assert.deepEqual([kept!.raw, kept!.contentType], [body, 'application/json']);
    assert.match(kept!.problem, /time_start/);
    assert.deepEqual(await v1.list(), []);
    id = kept!.id;
    const { status, body: problem } = await v1.ask<ProblemView>('POST', `/v1/quarantine/${id}/replay`);
    assert.equal(status, 409);
    assert.match(problem.detail, /still cannot be understood.*time_start/);
    assert.equal((await v1.quarantined())[0]!.state, 'waiting');
  }
  {
    await using server = await startServer({ config: { ...HOUSE, sources: [] }, dataDir });
    const v1 = createV1Client(server);
    const [kept] = await v1.quarantined();
    assert.deepEqual([kept!.source, kept!.state], ['hq', 'waiting']);
    const { status, body: problem } = await v1.ask<ProblemView>('POST', `/v1/quarantine/${id}/replay`);
    assert.equal(status, 409);
    assert.match(problem.detail, /not active/);
  }
  await using server = await startServer({ config: displaying('MM/DD/YYYY HH:mm:ss'), dataDir });
  const v1 = createV1Client(server);
  const replayed = await v1.post<Replayed>(`/v1/quarantine/${id}/replay`, undefined, 200);
  assert.equal(replayed.verdict, 'accepted');
  const call = await v1.call(replayed.callId);
  assert.deepEqual([call.startedAt, call.outcome, call.source], ['2026-04-27T15:41:34Z', 'missed', 'hq']);
  assert.equal(call.reports[0]!.raw, body);
  assert.deepEqual(call.journal.map(each => each.kind).toSorted(), ['call.ended', 'report.replayed']);
  const [kept] = await v1.quarantined();
  assert.deepEqual([kept!.state, kept!.callId, kept!.raw], ['replayed', call.id, '']);
  const again = await v1.post<Replayed>(`/v1/quarantine/${id}/replay`, undefined, 200);
  assert.deepEqual([again.verdict, again.callId], ['repeated', call.id]);
  // And the PBX that sends it again now is understood, and repeats itself.
  assert.equal((await push(server, body)).status, 200);
  assert.equal((await v1.list()).length, 1);
  assert.equal((await v1.call(call.id)).reports[0]!.deliveries, 2);
});

test('an id that is not there, none, or of another event - 404, 400, 409', async () => {
  const [server, v1] = [common, commonV1];
  await push(server, '{"type":31999,"msg":"{}"}');
  const other = (await v1.quarantined()).find(each => each.reason === 'other_event')!;
  assert.equal((await v1.ask('POST', `/v1/quarantine/${other.id}/replay`)).status, 409);
  assert.equal((await v1.ask('POST', '/v1/quarantine/99999/replay')).status, 404);
  for (const id of ['x', '-1', '1.5']) assert.equal((await v1.ask('POST', `/v1/quarantine/${id}/replay`)).status, 400);
  assert.equal((await v1.ask('GET', '/v1/quarantine?after=x')).status, 400);
});

test('more than a page - all of it, oldest first, each once', async () => {
  const [server, v1] = [common, commonV1];
  const before = (await v1.quarantined()).length;
  const bodies = Array.from({ length: 250 }, (_, n) => `{"type":30012,"msg":"{page ${n}"}`);
  await pushAll(server, bodies, 200);
  const kept = await v1.quarantined();
  assert.equal(kept.length, before + 250);
  assert.deepEqual(
    kept.map(each => each.id),
    kept.map(each => each.id).toSorted((a, b) => a - b),
  );
  assert.equal(new Set(kept.map(each => each.id)).size, kept.length);
});

test('more than a source may have waiting - refused so that the PBX keeps it; readable reports still come in', async () => {
  const [server, v1] = [common, commonV1];
  const waiting = (await v1.quarantined()).filter(each => each.reason === 'unreadable').length;
  const bodies = Array.from({ length: 1_000 - waiting }, (_, n) => `{"type":30012,"msg":"{full ${n}"}`);
  await pushAll(server, bodies, 200);
  const { status, errcode } = await push(server, '{"type":30012,"msg":"{one too many"}');
  assert.deepEqual([status, errcode], [503, -2]);
  // What is kept already is kept once, and said again it is no more.
  assert.equal((await push(server, bodies[0]!)).status, 200);
  const readable = displayed('2026042718413400003').replace('04/27/2026', '2026-04-27');
  assert.equal((await push(server, readable)).status, 200);
  assert.equal((await v1.list()).length, 1);
});

test('more other events than are kept - the oldest make room', async () => {
  const [server, v1] = [common, commonV1];
  const others = async (): Promise<QuarantinedView[]> =>
    (await v1.quarantined()).filter(each => each.reason === 'other_event');
  for (let n = 0; n < 120; n++) {
    assert.equal((await push(server, `{"type":31998,"msg":"{\\"n\\":${n}}"}`)).status, 200);
  }
  const kept = await others();
  assert.equal(kept.length, 100);
  assert.ok(kept.at(-1)!.raw.includes('119') && kept[0]!.raw.includes('20'));
});

async function pushAll(server: Parameters<typeof push>[0], bodies: readonly string[], status: number): Promise<void> {
  for (let n = 0; n < bodies.length; n += 50) {
    const answers = await Promise.all(bodies.slice(n, n + 50).map(body => push(server, body)));
    assert.deepEqual(new Set(answers.map(each => each.status)), new Set([status]));
  }
}
