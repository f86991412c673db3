/** Users, tokens, sources, webhooks and campaigns over `/v1`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openEvents, type ServerEvent } from '../kit/eventStream.ts';
import { push, signatureOf } from '../kit/pbxWebhook.ts';
import { createRandom } from '../kit/random.ts';
import { startServer } from '../kit/server.ts';
import { until } from '../kit/until.ts';
import { basic, bearer, createV1Client, type V1Client } from '../kit/v1Client.ts';
import type { CallView, ProblemView } from '../kit/v1Views.ts';
import { createCalls } from '../kit/yeastarEvents.ts';
import { ANNA, HOUSE, openHouse, statedCall } from './house.ts';

const { server, v1 } = await openHouse();

interface Managed {
  readonly active: boolean;
  readonly managedBy: string;
}
interface UserView extends Managed {
  readonly id: number;
  readonly login: string;
  readonly hasPassword: boolean;
  readonly roles: readonly string[];
  readonly extensions: readonly { number: string; source: string | null; from: string | null; to: string | null }[];
  readonly devices: readonly string[];
}
interface SourceView extends Managed {
  readonly key: string;
  readonly kind: string;
  readonly reports: readonly string[];
  readonly settings: Readonly<Record<string, unknown>>;
  readonly secrets: readonly string[];
}

async function put<T>(path: string, body: object, status: number, client: V1Client = v1): Promise<T> {
  const answer = await client.ask<T>('PUT', path, { body });
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  return answer.body;
}

async function remove<T>(path: string, status = 200, client: V1Client = v1): Promise<T> {
  const answer = await client.ask<T>('DELETE', path);
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  return answer.body;
}

/** What a change that cannot be is answered. */
async function refused(method: string, path: string, body: object | undefined, problem: RegExp, status = 409) {
  const answer = await v1.ask<ProblemView>(method, path, body === undefined ? {} : { body });
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  assert.match(answer.body.detail, problem);
  return answer.body;
}

const as = (login: string, password: string): V1Client => createV1Client(server, basic(login, password));

test('a user - is made, logs in, is changed by halves, and leaves; the calls stay', async () => {
  const eva = { login: 'eva', name: 'Eva Ort', password: 'eva-has-a-password', extensions: [{ number: '2050' }] };
  const made = await v1.ask<UserView>('PUT', '/v1/users/50', { body: eva });
  assert.deepEqual([made.status, made.headers.get('location')], [201, '/v1/users/50']);
  assert.deepEqual(
    [made.body.login, made.body.hasPassword, made.body.roles, made.body.active, made.body.managedBy],
    ['eva', true, ['agent'], true, 'api'],
  );
  assert.deepEqual(made.body.extensions, [{ number: '2050', source: null, from: null, to: null }]);
  assert.ok(!JSON.stringify(made.body).includes('scrypt'));
  assert.equal((await as('eva', eva.password).ask('GET', '/v1/calls')).status, 200);
  const call = await v1.post<CallView>('/v1/calls', statedCall({ extension: '2050' }), 201);
  assert.equal(call.userId, 50);

  const { password: _password, ...rest } = eva;
  const renamed = await put<UserView>('/v1/users/50', { ...rest, login: 'eva.ort', roles: ['supervisor'] }, 200);
  assert.deepEqual([renamed.login, renamed.roles, renamed.hasPassword], ['eva.ort', ['supervisor'], true]);
  assert.deepEqual(renamed.extensions, made.body.extensions);
  assert.equal((await as('eva', eva.password).ask('GET', '/v1/calls')).status, 401);
  assert.equal((await as('eva.ort', eva.password).ask('GET', `/v1/calls/${call.id}`)).status, 200);

  const left = await remove<UserView>('/v1/users/50');
  assert.equal(left.active, false);
  assert.notEqual(left.extensions[0]!.to, null);
  assert.equal((await as('eva.ort', eva.password).ask('GET', '/v1/calls')).status, 401);
  assert.equal((await v1.call(call.id)).userId, 50);
  assert.deepEqual(await remove('/v1/users/50'), left, 'again changes nothing');
  assert.deepEqual(await v1.get('/v1/users/50'), left);
});

test('a user without a password - cannot log in, and what is put twice is there once', async () => {
  const body = { login: 'otto', devices: ['42E3A1C6-FC5E-425B-9411-125F536FDE51'] };
  const first = await put<UserView>('/v1/users/51', body, 201);
  assert.deepEqual([first.hasPassword, first.devices], [false, ['42e3a1c6-fc5e-425b-9411-125f536fde51']]);
  assert.deepEqual(await put('/v1/users/51', body, 200), first);
  await put('/v1/users/51', { ...body, password: 'otto-has-a-password' }, 200);
  assert.equal((await as('otto', 'otto-has-a-password').ask('GET', '/v1/calls')).status, 200);
  const without = await put<UserView>('/v1/users/51', { ...body, password: null }, 200);
  assert.equal(without.hasPassword, false);
  assert.equal((await as('otto', 'otto-has-a-password').ask('GET', '/v1/calls')).status, 401);
});

test('changes - are told to those who follow the events, and what changes nothing is not', async () => {
  await using events = await openEvents(server);
  const told = () => events.received.filter(each => each.kind === 'organisation.changed').map(countsOf);
  const countsOf = ({ data }: ServerEvent) => {
    const { created, changed, deactivated, activated } = data as unknown as Readonly<Record<string, number>>;
    return { created, changed, deactivated, activated };
  };
  const count = (changes: object) => ({ created: 0, changed: 0, deactivated: 0, activated: 0, ...changes });
  const body = { login: 'olga', extensions: [{ number: '2055' }] };
  await put('/v1/users/55', body, 201);
  await put('/v1/users/55', body, 200);
  await put('/v1/users/55', { ...body, extensions: [] }, 200);
  await put('/v1/users/55', { ...body, extensions: [], password: 'olga-has-a-password' }, 200);
  await remove('/v1/users/55');
  await remove('/v1/users/55');
  await put('/v1/users/55', { login: 'olga' }, 200);
  await events.first('her coming back', each => countsOf(each).activated === 1);
  assert.deepEqual(
    told(),
    [{ created: 1 }, { changed: 1 }, { changed: 1 }, { deactivated: 1 }, { activated: 1 }].map(count),
  );
});

test('extensions with dates - decide whose a call is, and are shown as they were said', async () => {
  const extensions = [{ number: '2060', from: '2026-01-01', to: '2026-03-02T09:30:00Z' }];
  await put('/v1/users/60', { login: 'uma', extensions }, 201);
  const shown = await put<UserView>(
    '/v1/users/61',
    { login: 'udo', extensions: [{ number: '2060', from: '2026-03-02T10:30:00+01:00' }] },
    201,
  );
  assert.deepEqual(shown.extensions, [{ number: '2060', source: null, from: '2026-03-02T09:30:00Z', to: null }]);
  const [berlin] = (await v1.get<UserView>('/v1/users/60')).extensions;
  assert.deepEqual(berlin, { number: '2060', source: null, from: '2025-12-31T23:00:00Z', to: '2026-03-02T09:30:00Z' });
  for (const [startedAt, userId] of [
    ['2025-12-31T22:59:59Z', null],
    ['2026-03-02T09:29:59Z', 60],
    ['2026-03-02T09:30:00Z', 61],
  ] as const) {
    const call = await v1.post<CallView>('/v1/calls', statedCall({ extension: '2060', startedAt }), 201);
    assert.equal(call.userId, userId, startedAt);
  }
  // What is shown can be put again.
  assert.deepEqual(
    (await put<UserView>('/v1/users/61', { login: 'udo', extensions: shown.extensions }, 200)).extensions,
    [...shown.extensions],
  );
});

test('an extension, a device or a login that is somebody’s - is refused by name, and nothing changes', async () => {
  const device = '42e3a1c6-fc5e-425b-9411-125f536fde70';
  await put('/v1/users/70', { login: 'hans', extensions: [{ number: '2070' }], devices: [device] }, 201);
  const before = await v1.get('/v1/users');
  const other = { login: 'horst' };
  await refused('PUT', '/v1/users/71', { ...other, extensions: [{ number: '2070' }] }, /2070 .*user 70 holds it/);
  await refused('PUT', '/v1/users/71', { ...other, extensions: [{ number: '2001' }] }, /2001 .*user 1 holds it/);
  await refused('PUT', '/v1/users/71', { ...other, devices: [device] }, /user 70 holds it/);
  await refused('PUT', '/v1/users/71', { login: 'hans' }, /login hans is that of user 70/);
  await refused('PUT', '/v1/users/71', { login: ANNA.login }, /login anna is that of user 1/);
  const twice = [{ number: '2071' }, { number: '2071' }];
  await refused('PUT', '/v1/users/71', { ...other, extensions: twice }, /the same user holds it/);
  assert.deepEqual(await v1.get('/v1/users'), before);
  await remove('/v1/users/70');
  const heir = await put<UserView>(
    '/v1/users/71',
    { ...other, extensions: [{ number: '2070' }], devices: [device] },
    201,
  );
  assert.deepEqual([heir.extensions[0]!.to, heir.devices], [null, [device]]);
});

test('what is not as it should be - is named by its field', async () => {
  const problems = async (path: string, body: object) => {
    const { status, body: problem } = await v1.ask<ProblemView>('PUT', path, { body });
    assert.equal(status, 400, JSON.stringify(problem));
    return problem.errors?.map(each => each.field);
  };
  assert.deepEqual(await problems('/v1/users/80', {}), ['login']);
  assert.deepEqual(await problems('/v1/users/80', { login: 'a:b' }), ['login']);
  assert.deepEqual(await problems('/v1/users/80', { login: 'x', surname: 'y' }), ['surname']);
  assert.deepEqual(await problems('/v1/users/80', { login: 'x', devices: ['phone'] }), ['devices[0]']);
  const dated = (from: string, to: string) => ({ login: 'x', extensions: [{ number: '2080', from, to }] });
  assert.deepEqual(await problems('/v1/users/80', dated('2026-02-30', '2026-03-01')), ['extensions[0].from']);
  assert.deepEqual(await problems('/v1/users/80', dated('2026-03-02', '2026-03-01')), ['extensions[0].to']);
  assert.deepEqual(await problems('/v1/users/none', { login: 'x' }), ['id']);
  assert.deepEqual(await problems('/v1/tokens/new', { roles: ['agent'], token: 'too short' }), ['token']);
  assert.deepEqual(await problems('/v1/tokens/%00', { roles: ['agent'] }), ['name']);
  assert.deepEqual(await problems('/v1/sources/a%2Fb', { kind: 'yeastar', settings: { unsigned: true } }), ['key']);
  const source = (more: object) => ({ kind: 'yeastar', settings: { unsigned: true }, ...more });
  assert.deepEqual(await problems('/v1/sources/new', source({ settings: {} })), ['settings']);
  assert.deepEqual(await problems('/v1/sources/new', source({ settings: { displayFormat: 'QQ', unsigned: true } })), [
    'settings.displayFormat',
  ]);
  assert.deepEqual(await problems('/v1/sources/new', source({ numbers: { ivr: ['6[2'] } })), ['numbers.ivr[0]']);
  assert.deepEqual(await problems('/v1/sources/new', source({ timeZone: 'Berlin' })), ['timeZone']);
  assert.deepEqual(await problems('/v1/sources/new', source({ country: 'Germany' })), ['country']);
  assert.deepEqual(await problems('/v1/webhooks/80', { userId: 99_999 }), ['userId']);
  assert.deepEqual(await problems('/v1/webhooks/80', { userId: 1, scope: ['telefony'] }), ['scope[0]']);
  assert.deepEqual(await problems('/v1/webhooks/80', { userId: 1, code: 'a b' }), ['code']);
  assert.deepEqual(await problems('/v1/webhooks/80', { userId: 1, withheld: 'never' }), ['withheld']);
  assert.deepEqual(await problems('/v1/campaigns/new', {}), ['applicationId']);
  for (const path of ['users/80', 'tokens/new', 'sources/new', 'webhooks/80', 'campaigns/new']) {
    assert.equal((await v1.ask('GET', `/v1/${path}`)).status, 404, path);
    assert.equal((await v1.ask('DELETE', `/v1/${path}`)).status, 404, path);
  }
});

test('what the organisation file says - is read here, and changed there', async () => {
  const users = await v1.get<{ items: UserView[] }>('/v1/users');
  assert.ok(users.items.filter(each => each.id <= 3).every(each => each.managedBy === 'file'));
  for (const path of ['users/1', 'tokens/ops', 'sources/hq']) {
    const before = await v1.get(`/v1/${path}`);
    const bodies: Readonly<Record<string, object>> = {
      'users/1': { login: 'anna' },
      'tokens/ops': { roles: ['administrator'] },
      'sources/hq': { kind: 'yeastar', settings: { unsigned: true } },
    };
    await refused('PUT', `/v1/${path}`, bodies[path], /is managed by the organisation file: change it there/);
    await refused('DELETE', `/v1/${path}`, undefined, /is managed by the organisation file: change it there/);
    assert.deepEqual(await v1.get(`/v1/${path}`), before);
  }
});

test('a token that the server makes - is shown once and opens what its roles may', async () => {
  const made = await put<{ token: string; roles: readonly string[] }>(
    '/v1/tokens/reports',
    { roles: ['supervisor'] },
    201,
  );
  assert.match(made.token, /^[\w-]{43}$/);
  const client = createV1Client(server, bearer(made.token));
  assert.equal((await client.ask('GET', '/v1/calls')).status, 200);
  assert.equal((await client.ask('GET', '/v1/users')).status, 403);
  const again = await put<object>('/v1/tokens/reports', { roles: ['reporter'] }, 200);
  assert.deepEqual(again, { name: 'reports', roles: ['reporter'], active: true, managedBy: 'api' });
  assert.equal((await client.ask('GET', '/v1/calls')).status, 403, 'with other roles at once');
  await refused('PUT', '/v1/tokens/twin', { roles: ['agent'], token: made.token }, /there already, as reports/);
  const own = 'a-token-of-my-own-0123456789';
  await put('/v1/tokens/reports', { roles: ['supervisor'], token: own }, 200);
  assert.equal((await client.ask('GET', '/v1/calls')).status, 401, 'the old one opens nothing');
  assert.equal((await createV1Client(server, bearer(own)).ask('GET', '/v1/calls')).status, 200);
  await remove('/v1/tokens/reports');
  assert.equal((await createV1Client(server, bearer(own)).ask('GET', '/v1/calls')).status, 401);
  const odd = encodeURIComponent('a name/with signs?');
  assert.equal(
    (await put<{ name: string }>(`/v1/tokens/${odd}`, { roles: ['agent'] }, 201)).name,
    'a name/with signs?',
  );
  assert.equal((await v1.get<{ name: string }>(`/v1/tokens/${odd}`)).name, 'a name/with signs?');
});

test('a user whom several put at once - is new in one answer', async () => {
  for (let id = 91; id <= 95; id++) {
    const body = { login: `at-once-${id}` };
    const answers = await Promise.all(
      Array.from({ length: 3 }, () => v1.ask<UserView>('PUT', `/v1/users/${id}`, { body })),
    );
    assert.deepEqual(answers.map(each => each.status).sort(), [200, 200, 201]);
    assert.deepEqual(answers.map(each => each.headers.get('location')).filter(Boolean), [`/v1/users/${id}`]);
  }
});

test('a token that many ask for at once - is made once, and only one answer shows it', async () => {
  const requested = await Promise.all(
    Array.from({ length: 8 }, () =>
      v1.ask<{ token?: string }>('PUT', '/v1/tokens/rush', { body: { roles: ['agent'] } }),
    ),
  );
  const shown = requested.filter(each => each.body.token !== undefined);
  assert.deepEqual(
    shown.map(each => each.status),
    [201],
  );
  assert.ok(requested.every(each => each.status === 200 || each.status === 201));
  const client = createV1Client(server, bearer(shown[0]!.body.token!));
  assert.equal((await client.ask('GET', '/v1/calls')).status, 200);
});

test('a PBX - reports from the moment it is put, signed with a secret nobody sees again', async () => {
  const secret = 'BranchTestSecret0123456789abcdef';
  const body = {
    kind: 'yeastar',
    timeZone: 'Africa/Nairobi',
    numbers: { ivr: ['62xx'], internal: ['[1-4]xxx'] },
    settings: { secret, serial: '3651X0000009' },
  };
  const made = await put<SourceView>('/v1/sources/branch', body, 201);
  assert.deepEqual([made.reports, made.secrets, made.managedBy], [['legs'], ['secret'], 'api']);
  assert.deepEqual(made.settings, { serial: '3651X0000009', unsigned: false, autoZone: false, displayFormat: null });
  const [event] = createCalls(createRandom(11), {
    startedAtSeconds: 1772445600,
    callsPerSecond: 1,
    queueShare: 0,
  }).next().events;
  const send = (signedWith: string) =>
    push(server, event!.body, { source: 'branch', signature: signatureOf(event!.body, signedWith) });
  assert.equal((await send('another')).status, 401);
  assert.equal((await send(secret)).status, 200);
  const { secret: _secret, ...settings } = body.settings;
  const kept = await put<SourceView>('/v1/sources/branch', { ...body, settings }, 200);
  assert.deepEqual(kept, made, 'the secret stays as it is');
  assert.equal((await send(secret)).status, 200);
  await put('/v1/sources/branch', { ...body, settings: { secret: 'Another0123456789abcdef' } }, 200);
  assert.equal((await send(secret)).status, 401);
  assert.equal((await remove<SourceView>('/v1/sources/branch')).active, false);
  assert.equal((await send('Another0123456789abcdef')).status, 404);
  assert.equal((await v1.list('source=branch')).length, 1, 'its call stays');
  for (const key of ['native', 'bitrix24', 'genesys']) {
    await refused('PUT', `/v1/sources/${key}`, { kind: 'yeastar', settings: { unsigned: true } }, /keeps itself/);
  }
  await refused('DELETE', '/v1/sources/native', undefined, /behind \/v1, which the server keeps itself/);
});

test('a serial - of one active source only, whatever else of it changes', async () => {
  const settings = { unsigned: true, serial: '3651X0000008' };
  await put('/v1/sources/twin-a', { kind: 'yeastar', settings }, 201);
  const said = /sources twin-a and twin-b would both have the serial 3651X0000008/;
  await refused('PUT', '/v1/sources/twin-b', { kind: 'yeastar', settings }, said);
  for (const serial of ['3651X0000008 ', ' 3651x0000008']) {
    const same = { kind: 'yeastar', settings: { unsigned: true, serial } };
    await refused('PUT', '/v1/sources/twin-b', same, new RegExp(`the serial ${serial.trim()}`));
  }
  await put('/v1/sources/twin-b', { kind: 'yeastar', settings: { unsigned: true, serial: '3651X0000007' } }, 201);
  await refused('PUT', '/v1/sources/twin-b', { kind: 'yeastar', settings }, said);
  assert.equal((await v1.get<SourceView>('/v1/sources/twin-b')).settings['serial'], '3651X0000007');
  const blanks = { unsigned: true, serial: ' 3651X0000008 ' };
  await put('/v1/sources/twin-a', { kind: 'yeastar', country: 'KE', settings: blanks }, 200);
  assert.equal((await v1.get<SourceView>('/v1/sources/twin-a')).settings['serial'], '3651X0000008');
  await remove('/v1/sources/twin-a');
  await put('/v1/sources/twin-b', { kind: 'yeastar', settings }, 200);
  await refused('PUT', '/v1/sources/twin-a', { kind: 'yeastar', settings }, said);
  await remove('/v1/sources/twin-b');
});

test('a secret that is replaced - stays replaced by whatever is put beside it', async () => {
  const [event] = createCalls(createRandom(12), {
    startedAtSeconds: 1772445600,
    callsPerSecond: 1,
    queueShare: 0,
  }).next().events;
  const path = '/v1/sources/rotated';
  const put200 = (settings: object) => put(path, { kind: 'yeastar', settings }, 200);
  await put(path, { kind: 'yeastar', settings: { secret: 'RotatedTestSecret-first' } }, 201);
  for (let round = 0; round < 40; round++) {
    const secret = `RotatedTestSecret-${round}`;
    await Promise.all([
      put200({ secret }),
      ...Array.from({ length: 3 }, (_, i) => put200({ serial: `3651X${round}${i}` })),
    ]);
    const sent = await push(server, event!.body, { source: 'rotated', signature: signatureOf(event!.body, secret) });
    assert.equal(sent.status, 200, `round ${round}`);
  }
});

test('the first webhook - opens the portal: what ended before is listed, and its code is shown once', async () => {
  const earlier = await v1.post<CallView>('/v1/calls', statedCall({ userId: 3 }), 201);
  const made = await put<{ code: string }>('/v1/webhooks/7', { userId: 3, name: 'PBX connector' }, 201);
  assert.match(made.code, /^[\w-]{32}$/);
  assert.deepEqual(await v1.get('/v1/webhooks/7'), {
    id: 7,
    userId: 3,
    name: 'PBX connector',
    scope: ['telephony', 'crm', 'user'],
    withheld: 'accept',
    active: true,
    managedBy: 'api',
  });
  const statistic = async () => {
    const answer = await fetch(`${server.url}/rest/3/${made.code}/voximplant.statistic.get`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ FILTER: { ID: earlier.id } }),
    });
    return { status: answer.status, body: (await answer.json()) as { result?: { ID: string }[] } };
  };
  await until('the call is listed', async () => {
    const { status, body } = await statistic();
    assert.equal(status, 200);
    return body.result!.length === 1 ? true : undefined;
  });
  const portal = await v1.get<SourceView>('/v1/sources/bitrix24');
  assert.deepEqual([portal.active, portal.managedBy, portal.reports], [true, 'server', ['registrations']]);
  await refused('PUT', '/v1/webhooks/8', { userId: 3, code: made.code }, /there already, as webhook 7/);
  await remove('/v1/webhooks/7');
  assert.equal((await statistic()).status, 401);
  assert.equal((await v1.get<SourceView>('/v1/sources/bitrix24')).active, false);
});

test('a token that was revoked - stays revoked: a PUT without one makes another', async () => {
  const statusOf = async (token: string) =>
    (await createV1Client(server, bearer(token)).ask('GET', '/v1/calls')).status;
  const path = '/v1/tokens/leaked';
  const leaked = (await put<{ token: string }>(path, { roles: ['supervisor'] }, 201)).token;
  assert.equal(await statusOf(leaked), 200);
  await remove(path);
  assert.equal(await statusOf(leaked), 401);
  const fresh = await put<{ token: string; active: boolean }>(path, { roles: ['supervisor'] }, 200);
  assert.match(fresh.token, /^[\w-]{43}$/);
  assert.equal(fresh.active, true);
  assert.equal(await statusOf(leaked), 401);
  assert.equal(await statusOf(fresh.token), 200);
  assert.equal((await put<{ token?: string }>(path, { roles: ['supervisor'] }, 200)).token, undefined);
  assert.equal(await statusOf(fresh.token), 200);
});

test('a webhook - is of a user who is active', async () => {
  await put('/v1/users/96', { login: 'gone-soon' }, 201);
  const body = { userId: 96 };
  await put('/v1/webhooks/19', body, 201);
  await remove('/v1/users/96');
  for (const path of ['/v1/webhooks/19', '/v1/webhooks/20']) {
    const answer = await v1.ask<ProblemView>('PUT', path, { body });
    assert.equal(answer.status, 400, JSON.stringify(answer.body));
    assert.deepEqual(answer.body.errors, [{ field: 'userId', detail: 'must be a user who is active' }]);
  }
  assert.equal((await v1.ask('GET', '/v1/webhooks/20')).status, 404);
  await remove('/v1/webhooks/19');
});

test('a code that was revoked - stays revoked: a PUT without one makes another', async () => {
  const statusOf = async (code: string) =>
    (await fetch(`${server.url}/rest/3/${code}/voximplant.statistic.get`)).status;
  const path = '/v1/webhooks/17';
  // Another one keeps the portal open meanwhile.
  await put('/v1/webhooks/18', { userId: 3 }, 201);
  const leaked = (await put<{ code: string }>(path, { userId: 3 }, 201)).code;
  assert.equal(await statusOf(leaked), 200);
  await remove(path);
  assert.equal(await statusOf(leaked), 401);
  const fresh = await put<{ code: string; active: boolean }>(path, { userId: 3 }, 200);
  assert.match(fresh.code, /^[\w-]{32}$/);
  assert.equal(fresh.active, true);
  assert.equal(await statusOf(leaked), 401);
  assert.equal(await statusOf(fresh.code), 200);
  assert.equal((await put<{ code?: string }>(path, { userId: 3 }, 200)).code, undefined);
  assert.equal(await statusOf(fresh.code), 200);
  await remove(path);
  await remove('/v1/webhooks/18');
});

test('a campaign - is there for the desktops as long as it is active', async () => {
  const made = await put<object>('/v1/campaigns/Spring', { applicationId: 134, group: 'Sales' }, 201);
  assert.deepEqual(made, {
    name: 'Spring',
    applicationId: 134,
    group: 'Sales',
    timeZone: 'Europe/Berlin',
    country: 'DE',
    lists: [],
    active: true,
    managedBy: 'api',
  });
  assert.equal((await v1.get<SourceView>('/v1/sources/genesys')).active, true);
  assert.equal((await remove<Managed>('/v1/campaigns/Spring')).active, false);
  assert.equal((await v1.get<SourceView>('/v1/sources/genesys')).active, false);
  assert.equal((await put<Managed>('/v1/campaigns/Spring', { applicationId: 135 }, 200)).active, true);
});

test('a DELETE that names the type of a body it has not - deactivates', async () => {
  await put('/v1/users/90', { login: 'nele' }, 201);
  const headers = { 'content-type': 'application/json' };
  const left = await v1.ask<UserView>('DELETE', '/v1/users/90', { headers });
  assert.deepEqual([left.status, left.body.active], [200, false], JSON.stringify(left.body));
  assert.equal((await v1.ask('PUT', '/v1/users/90', { headers })).status, 400, 'a body is missing');
});

test('a list - goes on after what was seen', async () => {
  const all = await v1.get<{ items: UserView[]; next: null }>('/v1/users');
  assert.equal(all.next, null);
  const ids = all.items.map(each => each.id);
  assert.deepEqual(
    ids,
    ids.toSorted((a, b) => a - b),
  );
  const rest = await v1.get<{ items: UserView[] }>('/v1/users?after=2');
  assert.deepEqual(
    rest.items.map(each => each.id),
    ids.filter(each => each > 2),
  );
  assert.equal((await v1.ask('GET', '/v1/users?after=x')).status, 400);
});

test('administrators only - and no answer or log holds a secret', async () => {
  for (const each of ['users', 'tokens', 'sources', 'webhooks', 'campaigns']) {
    assert.equal((await createV1Client(server, null).ask('GET', `/v1/${each}`)).status, 401, each);
  }
  for (const token of ['supervisor-token-0123456789', 'agent-token-0123456789', 'reporter-token-0123456789']) {
    const client = createV1Client(server, bearer(token));
    for (const [method, path, body] of [
      ['GET', '/v1/users', undefined],
      ['GET', '/v1/tokens/ops', undefined],
      ['PUT', '/v1/users/1', { login: 'x' }],
      ['PUT', '/v1/webhooks/9', { userId: 1 }],
      ['DELETE', '/v1/sources/hq', undefined],
      ['DELETE', '/v1/campaigns/Spring', undefined],
    ] as const) {
      assert.equal(
        (await client.ask(method, path, body === undefined ? {} : { body })).status,
        403,
        `${method} ${path}`,
      );
    }
  }
  const shown = await Promise.all(
    ['users', 'tokens', 'sources', 'webhooks', 'campaigns'].map(each => v1.ask('GET', `/v1/${each}`)),
  );
  const everything = JSON.stringify(shown.map(each => each.body)) + server.output;
  for (const secret of [
    'eva-has-a-password',
    'scrypt',
    'BranchTestSecret',
    'a-token-of-my-own',
    HOUSE.sources[0].secret,
  ]) {
    assert.ok(!everything.includes(secret), secret);
  }
  assert.doesNotMatch(everything, /"hash"|"codeHash"|v1\.[\w-]{40}/);
});

test('the last administrator - remains', async () => {
  await using alone = await startServer({ config: { country: 'DE' } });
  const password = /^ {2}password {2}(\S+)$/m.exec(alone.stderr)![1]!;
  const admin = createV1Client(alone, basic('admin', password));
  const first = await admin.get<UserView>('/v1/users/1000000');
  assert.deepEqual([first.login, first.roles, first.managedBy], ['admin', ['administrator'], 'server']);
  const last = async (method: string, body?: object) => {
    const answer = await admin.ask<ProblemView>(method, '/v1/users/1000000', body === undefined ? {} : { body });
    assert.equal(answer.status, 409);
    assert.match(answer.body.detail, /nobody would be left who can administer/);
  };
  await last('DELETE');
  await last('PUT', { login: 'admin' });
  await last('PUT', { login: 'admin', roles: ['administrator'], active: false });
  await last('PUT', { login: 'admin', roles: ['administrator'], password: null });
  const { token } = await put<{ token: string }>('/v1/tokens/ops', { roles: ['administrator'] }, 201, admin);
  const ops = createV1Client(alone, bearer(token));
  assert.equal((await remove<UserView>('/v1/users/1000000', 200, ops)).active, false);
  assert.equal((await admin.ask('GET', '/v1/users')).status, 401);
  const answer = await ops.ask<ProblemView>('DELETE', '/v1/tokens/ops');
  assert.equal(answer.status, 409);
});
