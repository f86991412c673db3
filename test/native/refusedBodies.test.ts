import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import type { CallView, ProblemView } from '../kit/v1Views.ts';
import { openHouse, statedCall } from './house.ts';

const { server, v1 } = await openHouse();

const send = (body: string | Uint8Array, headers: Record<string, string> = {}) =>
  v1.ask<ProblemView & CallView>('POST', '/v1/calls', { body, headers });

const storedNothing = async (work: () => Promise<void>) => {
  const calls = (await v1.list()).length;
  await work();
  assert.equal((await v1.list()).length, calls);
  assert.equal((await server.get('/healthz')).status, 200);
};

test('a body that is not JSON - 400 that says so, nothing stored', () =>
  storedNothing(async () => {
    for (const body of ['', ' ', '{', '{"a":1,}', 'a=b', "{'a':1}", '{"a":1}{"b":2}', 'NaN', '\ufeff{']) {
      const { status, body: problem } = await send(body);
      assert.equal(status, 400, JSON.stringify(body));
      assert.equal(problem.status, 400);
    }
  }));

test('JSON that is no object - 400', () =>
  storedNothing(async () => {
    for (const body of ['null', '[]', '5', '"x"', 'true', '[{"externalId":"x"}]']) {
      const { status, body: problem } = await send(body);
      assert.deepEqual([status, problem.errors?.[0]?.field], [400, 'body'], body);
    }
  }));

test('bytes that are no UTF-8 - 400', () =>
  storedNothing(async () => {
    const bytes = Buffer.from(JSON.stringify(statedCall({ note: 'x?x' })));
    bytes[bytes.indexOf('?')] = 0xff;
    assert.equal((await send(bytes)).status, 400);
  }));

test('a body over the limit - 413, announced or not', () =>
  storedNothing(async () => {
    const body = JSON.stringify(statedCall({ note: 'x'.repeat(300_000) }));
    const { status, body: problem } = await send(body);
    assert.deepEqual([status, problem.status], [413, 413]);
    const chunked = await rawRequest([
      'POST /v1/calls HTTP/1.1',
      'Host: x',
      `Authorization: Bearer ${server.token}`,
      'Content-Type: application/json',
      'Transfer-Encoding: chunked',
      '',
      `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    ]);
    assert.match(chunked, /^HTTP\/1\.1 413 /);
  }));

test('another content type - 415', () =>
  storedNothing(async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/xml',
    ]) {
      const { status, body } = await send(JSON.stringify(statedCall()), { 'content-type': type });
      assert.deepEqual([status, body.status], [415, 415], type);
    }
  }));

test('JSON with a charset or another case in its content type - taken', async () => {
  for (const type of ['application/json; charset=utf-8', 'Application/JSON', 'application/json;charset="UTF-8"']) {
    assert.equal((await send(JSON.stringify(statedCall()), { 'content-type': type })).status, 201, type);
  }
});

test('bombs of brackets - 400, and the server goes on', () =>
  storedNothing(async () => {
    for (const bomb of [
      '['.repeat(250_000),
      `${'['.repeat(120_000)}${']'.repeat(120_000)}`,
      `${'{"a":'.repeat(40_000)}1${'}'.repeat(40_000)}`,
      `{"cost":${'['.repeat(120_000)}${']'.repeat(120_000)}}`,
      `{"links":${'['.repeat(120_000)}${']'.repeat(120_000)}}`,
      `{"note":${'{"note":'.repeat(25_000)}1${'}'.repeat(25_000)}}`,
    ]) {
      const { status } = await send(bomb);
      assert.equal(status, 400, bomb.slice(0, 20));
    }
  }));

test('thousands of unknown fields - 400 with a short answer', () =>
  storedNothing(async () => {
    const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`f${n}`, 1]));
    const { status, body } = await send(JSON.stringify(many));
    assert.equal(status, 400);
    assert.ok(JSON.stringify(body).length < 10_000);
  }));

test('NUL and lone surrogates - replaced in every text, the raw bytes as they came', async () => {
  const text = JSON.stringify(statedCall({ note: 'N', from: 'F', links: ['urn:L'], cause: 'C' }))
    .replace('"N"', '"a\\u0000b"')
    .replace('"F"', '"1\\ud8002"')
    .replace('urn:L', 'urn:\\udfff')
    .replace('"C"', '"\\u0000"');
  const { status, body } = await send(text);
  assert.equal(status, 201, JSON.stringify(body));
  const call = await v1.call(body.id);
  assert.deepEqual([call.note, call.from, call.links, call.cause], ['a\ufffdb', '1\ufffd2', ['urn:\ufffd'], '\ufffd']);
  assert.equal(call.reports[0]!.raw, text);
  assert.deepEqual([(await send(text)).status, (await send(text)).body.id], [200, body.id]);
});

test('the same key twice in a body - the later one counts, as JSON has it', async () => {
  const text = JSON.stringify(statedCall()).replace('{', '{"note":"first",').replace('}', ',"note":"second"}');
  const { body } = await send(text);
  assert.equal(body.note, 'second');
});

test('a request that breaks off - the server goes on', () =>
  storedNothing(async () => {
    await rawRequest(
      [
        'POST /v1/calls HTTP/1.1',
        'Host: x',
        `Authorization: Bearer ${server.token}`,
        'Content-Type: application/json',
        'Content-Length: 1000',
        '',
        '{"externalId":',
      ],
      true,
    );
    assert.match(await rawRequest(['NONSENSE', '', '']), /^HTTP\/1\.1 400 /);
  }));

/** Bytes as nobody's HTTP client would send them; what comes back. */
function rawRequest(lines: readonly string[], breakOff = false): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(server.port, server.host, () => {
      socket.write(lines.join('\r\n'), () => {
        if (breakOff) socket.destroy();
      });
    });
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      answer += text;
      socket.end();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}
