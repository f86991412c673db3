import assert from 'node:assert/strict';
import { test } from 'node:test';
import { basic } from '../../kit/v1Client.ts';
import { cookiesOf } from './exchange.ts';
import { AGENT1, AGENT2, authorizationOf, PLAIN, startNode } from './node.ts';

const node = await startNode(1);
const authorization = authorizationOf(AGENT1);
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const me = async (sending: Parameters<typeof node.ask>[1], query = '') => {
  const { status, body } = await node.ask(`/me${query}`, sending);
  assert.deepEqual([status, body['statusCode']], [200, 0]);
  return body['user'] as Readonly<Record<string, unknown>>;
};

test('H1 the version - known to everybody', async () => {
  const { status, body } = await node.ask('/diagnostics/version');
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(body), ['statusCode', 'version']);
  assert.equal(body['statusCode'], 0);
  assert.match(String(body['version']), /^8\.5\.2\d\d\./);
});

test('H2 without credentials, or with wrong ones - 403 and 20, and no browser asks for a password', async () => {
  for (const sending of [
    {},
    { authorization: basic('agent2', 'wrong') },
    { authorization: basic('nobody', AGENT1.password) },
    { authorization: basic('AGENT1 ', AGENT1.password) },
    { authorization: 'Basic' },
    { authorization: 'Basic !!!' },
    { authorization: `Bearer ${node.server.token}` },
    { authorization: basic('x'.repeat(5_000), 'x') },
    { cookie: 'JSESSIONID=' },
    { cookie: 'JSESSIONID=1.1.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' },
  ]) {
    const { status, headers, text } = await node.send('/me', sending);
    assert.equal(status, 403);
    assert.deepEqual(JSON.parse(text), { statusCode: 20, statusMessage: 'Access denied' });
    assert.match(headers['content-type']!, /^application\/json(;|$)/);
    assert.equal(headers['www-authenticate'], undefined);
    assert.equal(headers['set-cookie'], undefined);
  }
});

test('H3 with Basic - the user, and a session', async () => {
  const answer = await node.send('/me', { authorization });
  const { user, statusCode } = JSON.parse(answer.text);
  assert.deepEqual([answer.status, statusCode, user.userName], [200, 0, 'agent1']);
  assert.match(user.path, /^\/users\/[0-9a-f]{32}$/);
  assert.equal(user.uri, `${node.server.url}/api/v2${user.path}`);
  const cookie = answer.headers['set-cookie']!.find(each => each.startsWith('JSESSIONID='))!;
  assert.match(cookie, /; Path=\/(;|$)/);
  assert.match(cookie, /; HttpOnly(;|$)/);
});

test('the session - opens /api/v2 and no other door', async () => {
  const cookie = cookiesOf(await node.send('/me', { authorization }));
  assert.equal((await node.send('/me', { cookie })).status, 200);
  for (const path of [
    '/v1/calls',
    '/v1/events',
    '/v1/statistics/summary',
    '/v1/nodes',
    `/v1/users/${AGENT1.id}/messages`,
  ]) {
    const answer = await fetch(`${node.server.url}${path}`, { headers: { cookie } });
    assert.equal(answer.status, 401, path);
    await answer.body?.cancel();
  }
  const portal = await fetch(`${node.server.url}/rest/telephony.externalcall.finish`, { headers: { cookie } });
  assert.equal(portal.status, 401);
  await portal.body?.cancel();
});

test('H4 with only the cookie - the same user', async () => {
  const answer = await node.send('/me', { authorization });
  const cookie = cookiesOf(answer);
  assert.deepEqual(await me({ cookie }), JSON.parse(answer.text).user);
  assert.equal((await me({ cookie, authorization: authorizationOf(AGENT2) }))['userName'], 'agent2', 'Basic wins');
  // One character of the user, of the issue time, of the nonce and of the signature.
  for (const place of [11, 15, 30, 50]) {
    const given = cookie[place]!;
    const changed = cookie.slice(0, place) + (given === '2' ? '3' : '2') + cookie.slice(place + 1);
    assert.equal((await node.send('/me', { cookie: changed })).status, 403, changed);
  }
});

test('5.1 a password that is no ASCII - in UTF-8, and in ISO-8859-1 as the .NET client writes it', async () => {
  for (const encoding of ['utf8', 'latin1'] as const) {
    const credentials = Buffer.from(`${PLAIN.login}:${PLAIN.password}`, encoding).toString('base64');
    assert.equal((await me({ authorization: `Basic ${credentials}` }))['userName'], 'plain');
  }
});

test('H5, H7 subresources - features and devices, with a slash before the query too', async () => {
  const query = '?subresources=features,devices,channels';
  const user = await me({ authorization }, query);
  assert.deepEqual(
    (user['features'] as { id: string }[]).map(each => each.id),
    ['api-voice-outbound'],
  );
  const [device, ...others] = user['devices'] as { id: string; phoneNumber: string }[];
  assert.equal(others.length, 0);
  assert.match(device!.id, UUID);
  assert.deepEqual([device!.id, device!.phoneNumber], [AGENT1.device, AGENT1.extension]);
  assert.deepEqual(await me({ authorization }, `/${query}`), user);
});

test('H6 devices - addresses, or all of them when fields are asked for', async () => {
  const ask = async (query = '') => (await node.ask(`/me/devices${query}`, { authorization })).body;
  assert.deepEqual(await ask(), {
    statusCode: 0,
    uris: [`${node.server.url}/api/v2/me/devices/${AGENT1.device}`],
  });
  const { devices, ...rest } = await ask('?fields=*');
  assert.deepEqual(rest, { statusCode: 0 });
  assert.deepEqual(
    (devices as { id: string }[]).map(each => each.id),
    [AGENT1.device],
  );
});

test('H11 what there is not - 404 and 6', async () => {
  for (const path of ['/nothing', '/me/nothing', '/me/devices/none', '/me/outbound-records', '']) {
    const { status, body } = await node.ask(path, { authorization });
    assert.deepEqual([status, body['statusCode']], [404, 6], path);
  }
});
