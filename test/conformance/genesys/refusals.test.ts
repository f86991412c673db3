import assert from 'node:assert/strict';
import { test } from 'node:test';
import { basic } from '../../kit/v1Client.ts';
import { Desktop, HANDSHAKE, kindsOf } from './desktop.ts';
import { answerOn, cookiesOf, openRequest, type Sending } from './exchange.ts';
import { AGENT1, AGENT2, authorizationOf, completing, DONE, startNode } from './node.ts';

const node = await startNode(2);
const authorization = authorizationOf(AGENT1);
const desktop = await Desktop.open(node);
const { handle } = await desktop.retrieve();

const MEGABYTE = 1024 * 1024;
const RECORD = `/me/outbound-records/${handle}`;
const READING = [RECORD, '/me/outbound-campaigns/Campaign1', '/me', '/me/channels/voice'];

/** Refused with this status and code, in the shape of every refusal (docs/genesys.md, sections 5.2 and 5.4). */
async function assertRefused(path: string, sending: Sending, status: number, statusCode: number): Promise<string> {
  const answer = await node.send(path, { authorization, ...sending });
  const about = `${sending.method ?? ''} ${path} ${String(sending.body).slice(0, 60)}`;
  assert.equal(answer.status, status, `${about}: ${answer.text}`);
  assert.match(answer.headers['content-type']!, /^application\/json(;|$)/);
  assert.equal(answer.headers['www-authenticate'], undefined);
  const body = JSON.parse(answer.text);
  assert.deepEqual(Object.keys(body), ['statusCode', 'statusMessage']);
  assert.equal(body.statusCode, statusCode, about);
  assert.match(body.statusMessage, /^\S.*\S$/);
  return body.statusMessage;
}

/** The record is still the agent's to complete, and nobody was told anything. */
async function assertUntouched(): Promise<void> {
  await node.preview('StartPreviewSession');
  assert.deepEqual(kindsOf(await desktop.connect()), ['PreviewSessionStarted', '/meta/connect']);
}

test('H2 nobody’s request - 403 and 20 before anything else is looked at', async () => {
  for (const path of READING) {
    await assertRefused(path, { body: '{', authorization: basic('nobody', 'x') }, 403, 20);
    const { status, body } = await node.ask(path, { body: completing() });
    assert.deepEqual([status, body], [403, { statusCode: 20, statusMessage: 'Access denied' }]);
  }
});

test('5.4 what is not JSON, or no object - 400 and 1', async () => {
  const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`;
  for (const path of READING) {
    for (const body of [
      '',
      '{',
      'null',
      '[]',
      '"text"',
      '7',
      JSON.stringify(completing()).replaceAll('"', "'"),
      JSON.stringify(completing()).replace('}', ',}'),
      Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
      deep,
      `[${deep}]`,
    ]) {
      await assertRefused(path, { body }, 400, 1);
    }
  }
  await assertUntouched();
});

test('5.4 nested beyond all measure within a parameter - 400 and 1', async () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  for (const name of ['referenceId', 'otherFields', 'callResult']) {
    const body = JSON.stringify(completing({ [name]: 'here' })).replace('"here"', deep);
    await assertRefused(RECORD, { body }, 400, 1);
  }
  await assertUntouched();
});

test('5.4 another content type - 415 and 1; none, or one with a charset, is JSON', async () => {
  const body = JSON.stringify(completing());
  for (const contentType of ['text/plain', 'application/x-www-form-urlencoded', 'text/json', 'application/jsonp']) {
    await assertRefused(RECORD, { body, contentType }, 415, 1);
  }
  await assertUntouched();
  for (const contentType of [null, 'application/json;charset=UTF-8', 'Application/JSON ; charset=utf-8']) {
    const { status, body: said } = await node.ask('/me/channels/voice', {
      body: JSON.stringify({ operationName: 'Ready' }),
      contentType,
      authorization,
    });
    assert.deepEqual([status, said], [200, { statusCode: 0 }], String(contentType));
  }
});

test('5.4 a body above the limit - 413 and 1, without reading it', async () => {
  await assertRefused(RECORD, { body: ' '.repeat(MEGABYTE + 1), chunked: true }, 413, 1);
  const request = { authorization, body: '{', announcedBytes: 1_000 * MEGABYTE };
  const answer = await answerOn(openRequest(node.server.port, `/api/v2${RECORD}`, request));
  assert.match(answer, /^HTTP\/1\.1 413 [\s\S]+\r\n\r\n\{"statusCode":1,"statusMessage":"[^"]+"\}$/);
  await assertUntouched();
});

test('5.4 another method - 405 and 3, and which there are', async () => {
  for (const [path, method, allow] of [
    [RECORD, 'GET', 'POST'],
    [RECORD, 'DELETE', 'POST'],
    ['/me', 'PUT', 'GET, POST, HEAD'],
    ['/me/devices', 'POST', 'GET, HEAD'],
    ['/notifications', 'DELETE', 'GET, POST, HEAD'],
  ] as const) {
    await assertRefused(path, { method }, 405, 3);
    assert.equal((await node.send(path, { method, authorization })).headers['allow'], allow);
  }
});

test('5.4 values that cannot be - 400 and 10, and which one it was', async () => {
  for (const [name, values] of [
    ['applicationId', ['x', -1, 1.5, 2 ** 31, '1e3', true, [134], {}]],
    ['campaignName', [7, true, ['Campaign1'], {}, 'x'.repeat(256)]],
    ['callingList', [7, {}, 'x'.repeat(256)]],
    ['devicePath', [7, ['/devices']]],
    ['phoneNumber', [442079460001, {}, '1'.repeat(256)]],
    ['referenceId', [{}, [], { a: 1 }, 'x'.repeat(1_025)]],
  ] as const) {
    for (const value of values) {
      const said = await assertRefused(RECORD, { body: completing({ [name]: value }) }, 400, 10);
      assert.match(said, new RegExp(name));
    }
  }
  await assertUntouched();
});

test('5.5 channels of a session - voice, and word of those that there are not', async () => {
  const start = (channels: unknown) => ({
    body: { operationName: 'StartContactCenterSession', channels },
    authorization,
  });
  assert.deepEqual(await node.ask('/me', start(['voice'])), DONE);
  const partly = await node.ask('/me', start(['voice', 'chat']));
  assert.deepEqual([partly.status, partly.body['statusCode']], [200, 7], 'H9');
  assert.deepEqual(partly.body['succeeded'], [{ statusCode: 0, channel: 'voice' }]);
  assert.equal((partly.body['failed'] as { channel: string }[])[0]!.channel, 'chat');
  await assertRefused('/me', start(['chat']), 500, 4);
  await assertRefused('/me', start(undefined), 400, 1);
  await assertRefused('/me', start('voice'), 400, 10);
});

test('5.1 ten wrong passwords from one address - lock this login out there, and nobody else', async () => {
  const from = '127.0.0.2';
  const ask = (sending: Sending) => node.send('/me', { from, ...sending });
  const cookie = cookiesOf(await ask({ authorization }));
  for (let n = 1; n <= 10; n++) {
    // One of them by Bayeux, which counts as well.
    const wrong = { from, authorization: basic(AGENT1.login, `wrong ${n}`) };
    const answer = n === 5 ? await node.send('/notifications', { body: [HANDSHAKE], ...wrong }) : await ask(wrong);
    assert.equal(answer.status, n === 5 ? 200 : 403);
    assert.equal(answer.headers['retry-after'], undefined, `not after ${n}`);
  }
  const locked = await ask({ authorization });
  assert.deepEqual([locked.status, JSON.parse(locked.text).statusCode], [403, 20]);
  assert.equal(locked.headers['www-authenticate'], undefined);
  const seconds = Number(locked.headers['retry-after']);
  assert.ok(seconds > 800 && seconds <= 900, String(seconds));
  const [reply] = JSON.parse((await node.send('/notifications', { body: [HANDSHAKE], from, authorization })).text);
  assert.deepEqual([reply.successful, reply.error], [false, '403::Handshake denied']);
  assert.equal((await ask({ body: completing(), authorization })).status, 403);

  assert.equal((await ask({ authorization: authorizationOf(AGENT2) })).status, 200, 'another login from there');
  assert.equal((await node.send('/me', { from: '127.0.0.3', authorization })).status, 200, 'from elsewhere');
  assert.equal((await ask({ cookie })).status, 200, 'who was in already');
});
