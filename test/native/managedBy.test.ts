/** What the organisation file and the API make of the same rows, one start after another. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { createScratch } from '../kit/scratch.ts';
import { type RunningServer, ServerEndedEarly, startServer } from '../kit/server.ts';
import { basic, bearer, createV1Client, type V1Client } from '../kit/v1Client.ts';
import type { ProblemView } from '../kit/v1Views.ts';
import { ANNA, BERT, HOUSE } from './house.ts';

type Rows = Readonly<Record<string, readonly [active: boolean, managedBy: string]>>;

/** Everything that can be managed: `users 1`, `tokens ops`. */
async function rowsOf(v1: V1Client): Promise<Rows> {
  const found: Record<string, readonly [boolean, string]> = {};
  for (const [plural, key] of [
    ['users', 'id'],
    ['tokens', 'name'],
    ['sources', 'key'],
    ['webhooks', 'id'],
    ['campaigns', 'name'],
  ] as const) {
    const { items } = await v1.get<{ items: Record<string, unknown>[] }>(`/v1/${plural}`);
    for (const each of items) {
      found[`${plural} ${each[key]}`] = [each['active'] as boolean, each['managedBy'] as string];
    }
  }
  return found;
}

test('the file and the API - each keeps its own rows, and the file takes over what it names', async () => {
  const dataDir = join(createScratch('managed-by').path, 'data');
  const era = async (config: object, work: (v1: V1Client, server: RunningServer) => Promise<void>) => {
    await using server = await startServer({ config, dataDir, env: { LOG_LEVEL: 'info' } });
    await work(createV1Client(server), server);
  };
  const changes = (server: RunningServer) =>
    server.logs.filter(each => each['msg'] === 'organisation changed').map(each => each['change']);
  const put = async (v1: V1Client, path: string, body: object, status = 201) => {
    const answer = await v1.ask<ProblemView>('PUT', path, { body });
    assert.equal(answer.status, status, JSON.stringify(answer.body));
  };
  const eva = { login: 'eva', password: 'eva-has-a-password', extensions: [{ number: '2050' }] };
  let before: Rows = {};
  await era(HOUSE, async (v1, server) => {
    assert.ok(changes(server).includes(`+ user ${ANNA.id}`), 'a first start');
    await put(v1, '/v1/users/50', eva);
    await put(v1, '/v1/users/51', { login: 'otto' });
    await put(v1, '/v1/tokens/reports', { roles: ['supervisor'], token: 'reports-token-0123456789' });
    await put(v1, '/v1/sources/branch', { kind: 'yeastar', settings: { unsigned: true, serial: '3651X0000009' } });
    await put(v1, '/v1/webhooks/7', { userId: 50, code: 'hook-0123456789' });
    await put(v1, '/v1/campaigns/Spring', { applicationId: 134 });
    before = await rowsOf(v1);
    assert.deepEqual(before['users 50'], [true, 'api']);
    assert.deepEqual(before['sources bitrix24'], [true, 'server']);
  });

  await era(HOUSE, async (v1, server) => {
    assert.deepEqual(changes(server), [], 'a file that does not name them leaves them alone');
    assert.deepEqual(await rowsOf(v1), before);
    assert.equal((await createV1Client(server, basic('eva', eva.password)).ask('GET', '/v1/calls')).status, 200);
  });

  const naming = {
    ...HOUSE,
    users: [...HOUSE.users, { id: 50, login: 'eva', password: eva.password, roles: ['supervisor'], extension: '2050' }],
    tokens: [...HOUSE.tokens, { name: 'reports', token: 'reports-token-0123456789', roles: ['supervisor'] }],
    bitrix24: { webhooks: [{ user: 50, code: 'hook-0123456789' }] },
  };
  await era(naming, async (v1, server) => {
    assert.deepEqual(changes(server), [
      '~ user 50 (taken over): roles',
      '~ token reports (taken over)',
      '~ webhook of user 50 (taken over)',
    ]);
    const now = await rowsOf(v1);
    for (const row of ['users 50', 'tokens reports', 'webhooks 7']) assert.deepEqual(now[row], [true, 'file'], row);
    for (const row of ['users 51', 'sources branch', 'campaigns Spring'])
      assert.deepEqual(now[row], [true, 'api'], row);
    await put(v1, '/v1/users/50', eva, 409);
  });

  await era({ ...HOUSE, users: HOUSE.users.slice(1) }, async (v1, server) => {
    assert.deepEqual(changes(server), [
      `- user ${ANNA.id} (deactivated): extension`,
      '- user 50 (deactivated): extension',
      '- token reports (deactivated)',
      '- source bitrix24 (deactivated)',
      '- webhook of user 50 (deactivated)',
    ]);
    const now = await rowsOf(v1);
    for (const row of ['users 1', 'users 50', 'tokens reports', 'webhooks 7'])
      assert.deepEqual(now[row], [false, 'api'], row);
    await put(v1, '/v1/users/50', { ...eva, extensions: [{ number: ANNA.extension }] }, 200);
    const token = 'reports-token-0123456789';
    const statusOf = async (given: string) =>
      (await createV1Client(server, bearer(given)).ask('GET', '/v1/calls')).status;
    assert.equal(await statusOf(token), 401);
    const back = await v1.ask<{ token: string }>('PUT', '/v1/tokens/reports', { body: { roles: ['supervisor'] } });
    assert.deepEqual([back.status, await statusOf(token)], [200, 401], 'what the file let go opens nothing again');
    assert.equal(await statusOf(back.body.token), 200);
    const code = 'hook-0123456789';
    const hookStatus = async (given: string) =>
      (await fetch(`${server.url}/rest/50/${given}/voximplant.statistic.get`)).status;
    const hook = await v1.ask<{ code: string }>('PUT', '/v1/webhooks/7', { body: { userId: 50 } });
    assert.deepEqual([hook.status, await hookStatus(code)], [200, 401]);
    assert.equal(await hookStatus(hook.body.code), 200);
    assert.equal((await createV1Client(server, basic('eva', eva.password)).ask('GET', '/v1/calls')).status, 200);
  });

  const twin = { key: 'twin', kind: 'yeastar', unsigned: true, serial: '3651X0000009' };
  await assert.rejects(
    startServer({ config: { ...naming, sources: [...HOUSE.sources, twin] }, dataDir }),
    error =>
      error instanceof ServerEndedEarly &&
      /sources branch and twin would both have the serial 3651X0000009/.test(error.output),
  );
  const grasping = { ...HOUSE, users: [{ ...BERT, extension: ANNA.extension }] };
  await assert.rejects(
    startServer({ config: grasping, dataDir }),
    error => error instanceof ServerEndedEarly && /2001 cannot be user 2’s: user 50 holds it/.test(error.output),
  );
});

test('an inactive user of the file keeps what it says they hold - not given away over the API, and the next start is as before', async () => {
  const dataDir = join(createScratch('inactive-by-file').path, 'data');
  const carl = { id: 60, login: 'carl', active: false, extension: [{ number: '2060', from: '2026-03-01' }] };
  const config = { ...HOUSE, users: [...HOUSE.users, carl] };
  const heldByCarl = async (v1: V1Client) => {
    const { active, extensions } = await v1.get<{ active: boolean; extensions: object[] }>('/v1/users/60');
    assert.equal(active, false);
    assert.equal(extensions.length, 1);
    return extensions;
  };
  let before: object[] = [];
  {
    await using server = await startServer({ config, dataDir });
    const v1 = createV1Client(server);
    before = await heldByCarl(v1);
    for (const extension of [{ number: '2060', from: '2026-04-01' }, { number: '2060' }]) {
      const answer = await v1.ask<ProblemView>('PUT', '/v1/users/61', {
        body: { login: 'dora', extensions: [extension] },
      });
      assert.equal(answer.status, 409, JSON.stringify(answer.body));
      assert.match(answer.body.detail ?? '', /2060 cannot be user 61’s: user 60 holds it/);
    }
    assert.deepEqual(await heldByCarl(v1), before);
  }
  await using server = await startServer({ config, dataDir });
  assert.deepEqual(await heldByCarl(createV1Client(server)), before);
});
