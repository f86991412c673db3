import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { user } from '../../people/entities.ts';
import { cookiesOf } from './testing/testExchange.ts';
import {
  AGENT1,
  AGENT2,
  AGENT3,
  basic,
  CHANGED_PASSWORD,
  DEVICE,
  OTHER_DEVICE,
  startNode,
  type TestNode,
} from './testing/testNode.ts';

const DENIED = { statusCode: 20, statusMessage: 'Access denied' };

describe('logging in', () => {
  test('H1 - the version is told to anybody', async () => {
    await using node = await startNode();
    assert.deepEqual(await node.ask('/diagnostics/version'), {
      status: 200,
      body: { statusCode: 0, version: '8.5.202.96' },
    });
  });

  test('H2 - without credentials, or with wrong ones, it is 403 and no browser asks for a password', async () => {
    await using node = await startNode();
    for (const authorization of [undefined, basic('agent1', 'wrong'), basic('nobody', 'pass'), 'Basic', 'Bearer x']) {
      const { status, headers, text } = await node.send('/me', authorization === undefined ? {} : { authorization });
      assert.equal(status, 403);
      assert.deepEqual(JSON.parse(text), DENIED);
      assert.match(headers['content-type']!, /^application\/json/);
      assert.equal(headers['www-authenticate'], undefined);
      assert.equal(headers['set-cookie'], undefined);
    }
  });

  test('H3, H4 - Basic makes a session, and its cookie alone is enough', async () => {
    await using node = await startNode();
    const login = await node.send('/me', { authorization: AGENT1 });
    assert.match(login.headers['set-cookie']![0]!, /^JSESSIONID=[^;]+; Path=\/; HttpOnly; SameSite=Lax$/);
    const { user: shown } = JSON.parse(login.text);
    assert.equal(shown.userName, 'agent1');
    assert.match(shown.path, /^\/users\/[0-9a-f]{32}$/);
    const again = await node.send('/me', { cookie: `other=1; ${cookiesOf(login)}` });
    assert.deepEqual(JSON.parse(again.text).user, shown);
    assert.equal(again.headers['set-cookie'], undefined);
  });

  test('a session - is renewed while it is used, and ends half an hour after it was not', async () => {
    await using node = await startNode();
    const first = cookiesOf(await node.send('/me', { authorization: AGENT1 }));
    node.time.now += 1_790_000;
    const renewed = cookiesOf(await node.send('/me', { cookie: first }));
    assert.match(renewed, /^JSESSIONID=/);
    node.time.now += 10_000;
    assert.equal((await node.send('/me', { cookie: first })).status, 403);
    assert.equal((await node.send('/me', { cookie: renewed })).status, 200);
  });

  test('a session - outlives the process, not the password', async () => {
    await using node = await startNode();
    const cookie = cookiesOf(await node.send('/me', { authorization: AGENT1 }));
    await node.restart();
    assert.equal((await node.send('/me', { cookie })).status, 200);
    const agent = node.ledger.directory.get(user, 1)!;
    await node.put(user, { ...agent, password: CHANGED_PASSWORD });
    assert.equal((await node.send('/me', { cookie })).status, 403);
    await node.put(user, { ...agent, active: false });
    assert.equal((await node.send('/me', { cookie })).status, 403);
  });

  test('Basic - wins over a cookie, and makes a new one', async () => {
    await using node = await startNode();
    const cookie = cookiesOf(await node.send('/me', { authorization: AGENT1 }));
    const both = await node.send('/me', { authorization: AGENT2, cookie });
    assert.equal(JSON.parse(both.text).user.userName, 'agent2');
    assert.match(cookiesOf(both), /^JSESSIONID=2\./);
    assert.equal((await node.send('/me', { authorization: basic('agent1', 'wrong'), cookie })).status, 403);
  });

  test('Basic - is UTF-8, or ISO-8859-1 where it is not', async () => {
    await using node = await startNode();
    for (const encoding of ['utf8', 'latin1'] as const) {
      const { status } = await node.send('/me', { authorization: basic('agent2', 'paß', encoding) });
      assert.equal(status, 200, encoding);
    }
  });

  test('a cookie - is for https only where the client came over it', async () => {
    await using node = await startNode({ publicUrl: () => 'https://calls.example.com' });
    const plain = await node.send('/me', { authorization: AGENT1 });
    assert.doesNotMatch(plain.headers['set-cookie']![0]!, /Secure/);
    const proxied = await node.send('/me', { authorization: AGENT1, host: 'calls.example.com' });
    assert.match(proxied.headers['set-cookie']![0]!, /; Secure/);
    assert.match(JSON.parse(proxied.text).user.uri, /^https:\/\/calls\.example\.com\/api\/v2\/users\//);
  });

  test('too many wrong passwords - say when to come back', async () => {
    await using node = await startNode();
    const wrong = { authorization: basic('agent1', 'wrong') };
    for (let i = 0; i < 10; i++) assert.deepEqual((await node.ask('/me', wrong)).body, DENIED);
    const { status, headers, text } = await node.send('/me', { authorization: AGENT1 });
    assert.equal(status, 403);
    assert.equal(headers['retry-after'], '900');
    const { statusCode, statusMessage } = JSON.parse(text);
    assert.equal(statusCode, 20);
    assert.match(statusMessage, /900 seconds/);
  });
});

describe('the agent', () => {
  const subresources = async (node: TestNode, query: string) =>
    (await node.ask(`/me${query}`, { authorization: AGENT1 })).body['user'] as Record<string, unknown[]>;

  test('H5 - comes with what was asked for', async () => {
    await using node = await startNode();
    const shown = await subresources(node, '?subresources=features,devices,channels');
    assert.deepEqual(
      shown['features']!.map(each => (each as { id: string }).id),
      ['api-voice-outbound'],
    );
    const [device] = shown['devices'] as { id: string; phoneNumber: string; path?: string }[];
    assert.equal(device!.id, DEVICE);
    assert.equal(device!.phoneNumber, '1003');
    assert.ok(!('path' in device!));
    assert.ok('channels' in shown && !('calls' in shown) && !('settings' in shown));
    assert.ok(!('features' in (await subresources(node, ''))));
  });

  test('subresources=* - is everything', async () => {
    await using node = await startNode();
    const shown = await subresources(node, '?subresources=*');
    for (const name of ['features', 'devices', 'channels', 'calls', 'settings']) assert.ok(name in shown, name);
    assert.deepEqual(shown['calls'], []);
  });

  test('H7 - is the same with a slash before the query', async () => {
    await using node = await startNode();
    const query = '?subresources=devices,calls,channels,interactions,chats';
    assert.deepEqual(await subresources(node, `/${query}`), await subresources(node, query));
  });

  test('H6 - has devices, as addresses or whole, and nobody else’s', async () => {
    await using node = await startNode();
    const { uris } = (await node.ask('/me/devices', { authorization: AGENT1 })).body as { uris: string[] };
    assert.equal(uris.length, 1);
    const path = new URL(uris[0]!).pathname.replace('/api/v2', '');
    const { device } = (await node.ask(path, { authorization: AGENT1 })).body as { device: object };
    const listed = await node.ask('/me/devices?fields=*', { authorization: AGENT1 });
    assert.deepEqual(listed.body, { statusCode: 0, devices: [device] });
    for (const id of [OTHER_DEVICE, 'x', '42e3alc6-fc5e-425b-9411-125f536fde00']) {
      const { status, body } = await node.ask(`/me/devices/${id}`, { authorization: AGENT1 });
      assert.deepEqual([status, body['statusCode']], [404, 6]);
    }
    assert.equal((await node.ask(`/me/devices/${DEVICE.toUpperCase()}`, { authorization: AGENT1 })).status, 200);
    assert.deepEqual((await node.ask('/me/devices', { authorization: AGENT3 })).body, { statusCode: 0, uris: [] });
  });
});

describe('sessions and states', () => {
  const ask = async (node: TestNode, path: string, body: unknown): Promise<Record<string, unknown>> => {
    const answer = await node.ask(path, { body, authorization: AGENT1 });
    return { status: answer.status, ...answer.body };
  };

  test('H8, H9 - voice is there, other channels are not', async () => {
    await using node = await startNode();
    const start = (channels?: unknown) => ask(node, '/me', { operationName: 'StartContactCenterSession', channels });
    assert.deepEqual(await start(['voice']), { status: 200, statusCode: 0 });
    assert.deepEqual(await start(['voice', 'chat']), {
      status: 200,
      statusCode: 7,
      failed: [{ statusCode: 4, statusMessage: 'There is no channel chat', channel: 'chat' }],
      succeeded: [{ statusCode: 0, channel: 'voice' }],
    });
    assert.deepEqual(await start(['chat']), { status: 500, statusCode: 4, statusMessage: 'There is no channel chat' });
    assert.equal((await start())['statusCode'], 1);
    assert.equal((await start('voice'))['statusCode'], 10);
    assert.equal((await start([1]))['statusCode'], 10);
  });

  test('the other operations - are accepted, unknown ones are not', async () => {
    await using node = await startNode();
    for (const operationName of ['EndContactCenterSession', 'Ready', 'NotReady']) {
      assert.deepEqual(await ask(node, '/me/', { operationName }), { status: 200, statusCode: 0 });
    }
    for (const operationName of ['Ready', 'NotReady', 'AfterCallWork']) {
      assert.deepEqual(await ask(node, '/me/channels/voice', { operationName }), { status: 200, statusCode: 0 });
    }
    const unknown = await ask(node, '/me/channels/voice', { operationName: 'Dance' });
    assert.deepEqual([unknown['status'], unknown['statusCode']], [400, 10]);
  });
});

describe('requests that cannot be', () => {
  test('H11 - an unknown path is 404, a method a path does not have 405', async () => {
    await using node = await startNode();
    for (const path of ['/nothing', '/me/outbound-records', '/me/outbound-records/', '/me/channels', '/']) {
      const { status, body } = await node.ask(path, { method: 'POST', body: 'x', contentType: 'text/plain' });
      assert.deepEqual([status, body['statusCode']], [404, 6], path);
    }
    for (const [method, path, allow] of [
      ['DELETE', '/me', 'GET, POST, HEAD'],
      ['GET', '/me/outbound-records/12', 'POST'],
      ['PUT', '/me/outbound-campaigns/Campaign1', 'POST'],
      ['POST', '/me/devices', 'GET, HEAD'],
      ['PUT', '/notifications/connect', 'GET, POST, HEAD'],
    ] as const) {
      const { status, headers, text } = await node.send(path, { method, authorization: AGENT1 });
      assert.deepEqual([status, JSON.parse(text).statusCode, headers['allow']], [405, 3, allow], path);
    }
  });

  test('a body - is JSON by its type, or without a type', async () => {
    await using node = await startNode();
    const body = '{"operationName":"Ready"}';
    for (const contentType of ['application/json', 'application/json;charset=UTF-8', 'Application/JSON ; x=y', null]) {
      const { status } = await node.ask('/me', { body, contentType, authorization: AGENT1 });
      assert.equal(status, 200, String(contentType));
    }
    for (const contentType of ['text/plain', 'application/jsonp', 'application/x-www-form-urlencoded', 'nonsense']) {
      const answer = await node.ask('/me', { body, contentType, authorization: AGENT1 });
      assert.deepEqual([answer.status, answer.body['statusCode']], [415, 1], contentType);
    }
  });

  test('a body - that is no JSON object is refused', async () => {
    await using node = await startNode();
    for (const body of ['{', '', "{'operationName':'Ready'}", '[]', '"x"', 'null', '{"operationName":"\xff']) {
      const answer = await node.ask('/me', { body: Buffer.from(body, 'latin1'), authorization: AGENT1 });
      assert.deepEqual([answer.status, answer.body['statusCode']], [400, 1], body);
    }
    const large = await node.ask('/me', { body: 'x'.repeat(1024 * 1024 + 1), authorization: AGENT1 });
    assert.deepEqual([large.status, large.body['statusCode']], [413, 1]);
    const marked = await node.ask('/me', { body: '\ufeff{"operationName":"Ready"}', authorization: AGENT1 });
    assert.equal(marked.status, 200);
  });

  test('who is nobody - learns nothing of what is wrong with the body', async () => {
    await using node = await startNode();
    assert.deepEqual((await node.ask('/me', { body: '{' })).body, DENIED);
    assert.deepEqual((await node.ask('/me/outbound-records/12abc', { body: {} })).body, DENIED);
  });
});
