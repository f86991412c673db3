/** Two PBXs with one extension number: whose it is at each, and what becomes of reports that do not say which they mean. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { push } from '../kit/pbxWebhook.ts';
import { createScratch } from '../kit/scratch.ts';
import { type RunningServer, startServer } from '../kit/server.ts';
import { createV1Client, type V1Client } from '../kit/v1Client.ts';
import type { CallDetail, CallView } from '../kit/v1Views.ts';
import { ANNA, BERT, HOUSE, statedCall } from './house.ts';

const PBX = { kind: 'yeastar', unsigned: true, timeZone: 'Etc/UTC' };
const WEBHOOK = { user: ANNA.id, code: 'b24codeb24code' };
const MINE = 'Etc/UTC';

const organisation = (anna: unknown, bert: unknown) => ({
  ...HOUSE,
  timeZone: MINE,
  users: [
    { ...ANNA, roles: ['agent'], extension: anna },
    { ...BERT, roles: ['agent'], extension: bert },
  ],
  sources: [
    { key: 'hq', ...PBX },
    { key: 'branch', ...PBX },
  ],
  bitrix24: { webhooks: [WEBHOOK] },
});

let told = 0;
/** A caller reached extension 1001 of the PBX, talked 300 s, and hung up. */
async function reached(server: RunningServer, v1: V1Client, source: string, startedAt = Date.now()) {
  const call_id = `${Math.floor(startedAt / 1000)}.${++told}`;
  const msg = {
    call_id,
    time_start: new Date(startedAt).toISOString().slice(0, 19).replace('T', ' '),
    call_from: '03023125101',
    call_to: '1001',
    call_duration: 306,
    talk_duration: 300,
    status: 'ANSWERED',
    type: 'Inbound',
  };
  const body = JSON.stringify({ type: 30012, msg: JSON.stringify(msg) });
  assert.equal((await push(server, body, { source, signature: null })).errcode, 0);
  return v1.callOf(call_id, source);
}

const talks = ({ participants }: CallDetail) => participants.map(each => [each.userId, each.talkSeconds]);

async function registered(server: RunningServer): Promise<{ status: number; description: string | undefined }> {
  const path = `/rest/${WEBHOOK.user}/${WEBHOOK.code}/telephony.externalCall.register`;
  const input = { USER_PHONE_INNER: '1001', PHONE_NUMBER: '03023125102', TYPE: 1 };
  const response = await fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });
  const answer = (await response.json()) as { error_description?: string };
  return { status: response.status, description: answer.error_description };
}

test('an extension without a source - is held at every PBX, as with one PBX alone', async () => {
  await using server = await startServer({ config: organisation('1001', null) });
  const v1 = createV1Client(server);
  for (const source of ['hq', 'branch']) {
    assert.deepEqual(talks(await reached(server, v1, source)), [[ANNA.id, 300]], source);
  }
  assert.equal((await registered(server)).status, 200);
});

const ATTEMPTS: readonly (readonly [what: string, anna: unknown, bert: unknown])[] = [
  ['one holds at every PBX and another at theirs', '1001', { number: '1001', source: 'branch' }],
  [
    'each holds at a PBX of their own',
    [{ number: '1001', source: 'hq' }],
    ['1002', { number: '1001', source: 'branch' }],
  ],
];
for (const [what, anna, bert] of ATTEMPTS) {
  test(`an extension that ${what} - is whose it is at the PBX that tells of it`, async () => {
    await using server = await startServer({ config: organisation(anna, bert) });
    const v1 = createV1Client(server);
    const [hq, branch] = [await reached(server, v1, 'hq'), await reached(server, v1, 'branch')];
    assert.deepEqual([hq.userId, talks(hq)], [ANNA.id, [[ANNA.id, 300]]]);
    assert.deepEqual([branch.userId, talks(branch)], [BERT.id, [[BERT.id, 300]]]);
    const holder = async (source: string) =>
      (await v1.get<{ userId: number | null }>(`/v1/sources/${source}/plan?number=1001`)).userId;
    assert.deepEqual([await holder('hq'), await holder('branch')], [ANNA.id, BERT.id]);

    // A program does not say which of them it means.
    const stated = statedCall({ startedAt: new Date().toISOString(), extension: '1001' });
    const { id, userId } = await v1.post<CallView>('/v1/calls', stated, 201);
    assert.equal(userId, null);
    const [report] = (await v1.call(id)).reports;
    assert.match(report!.warnings.join(), /^extension: several users hold it .* state userId$/);
    const { status, description } = await registered(server);
    assert.deepEqual([status, description], [400, 'USER_ID or USER_PHONE_INNER should be set']);
  });
}

test('an extension held at one PBX only - is found by programs, and is nobody’s at the other', async () => {
  await using server = await startServer({ config: organisation({ number: '1001', source: 'hq' }, null) });
  const v1 = createV1Client(server);
  assert.deepEqual(talks(await reached(server, v1, 'hq')), [[ANNA.id, 300]]);
  const branch = await reached(server, v1, 'branch');
  assert.deepEqual([branch.userId, branch.extension, branch.talkSeconds], [null, '1001', 300]);
  const stated = statedCall({ startedAt: new Date().toISOString(), extension: '1001' });
  assert.equal((await v1.post<CallView>('/v1/calls', stated, 201)).userId, ANNA.id);
  assert.equal((await registered(server)).status, 200);
});

test('an extension with dates and a source - is held there and then, and changes nothing elsewhere', async () => {
  const dataDir = join(createScratch('two-pbxs').path, 'data');
  const branch = { number: '1001', source: 'branch', from: '2026-03-10' };
  const [before, after] = [Date.UTC(2026, 2, 9, 12), Date.UTC(2026, 2, 10, 12)];
  {
    await using server = await startServer({ config: organisation('1001', [branch]), dataDir });
    const v1 = createV1Client(server);
    const users = async (source: string) => [
      (await reached(server, v1, source, before)).userId,
      (await reached(server, v1, source, after)).userId,
    ];
    assert.deepEqual(await users('hq'), [ANNA.id, ANNA.id]);
    assert.deepEqual(await users('branch'), [ANNA.id, BERT.id]);
  }
  // What the file no longer says ends now; the past stands.
  await using server = await startServer({ config: organisation('1001', null), dataDir });
  const v1 = createV1Client(server);
  assert.equal((await reached(server, v1, 'branch', after + 60_000)).userId, BERT.id);
  // The PBX tells whole seconds.
  const next = await reached(server, v1, 'branch', Date.now() + 1_000);
  assert.equal(next.userId, ANNA.id);
});

test('users over /v1 - hold extensions of a source, are shown them, and are refused by name', async () => {
  await using server = await startServer({ config: organisation('1001', null) });
  const v1 = createV1Client(server);
  const put = (id: number, login: string, extensions: readonly object[]) =>
    v1.ask<{ detail: string; extensions: readonly object[] }>('PUT', `/v1/users/${id}`, {
      body: { login, extensions },
    });
  const refusedAlike = await put(50, 'eva', [{ number: '1001' }]);
  assert.equal(refusedAlike.status, 409);
  assert.match(
    refusedAlike.body.detail,
    /1001 cannot be user 50’s: user 1 holds it; .* say at which: \{"number", "source"\}/,
  );
  const unknown = await put(50, 'eva', [{ number: '1001', source: 'brunch' }]);
  assert.deepEqual(
    [unknown.status, /there is no source brunch/.test(JSON.stringify(unknown.body))],
    [400, true],
    JSON.stringify(unknown.body),
  );
  const made = await put(50, 'eva', [{ number: '1001', source: 'branch' }]);
  assert.deepEqual(
    [made.status, made.body.extensions],
    [201, [{ number: '1001', source: 'branch', from: null, to: null }]],
  );
  assert.equal((await reached(server, v1, 'branch')).userId, 50);
  const again = await put(50, 'eva', made.body.extensions);
  assert.deepEqual(
    [again.status, again.body.extensions],
    [200, made.body.extensions],
    'what is shown can be put again',
  );
  const twice = await put(51, 'udo', [{ number: '1001', source: 'branch' }]);
  assert.match(twice.body.detail, /1001 at branch cannot be user 51’s: user 50 holds it/);
});
