import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { processUse } from '../../kit/processUse.ts';
import { until } from '../../kit/until.ts';
import {
  FINISH,
  type Finished,
  methodPath,
  type PortalAnswer,
  type PortalBody,
  REGISTER,
  STATISTIC,
  startPortal,
  USER_NOT_SET,
} from './cases.ts';

const portal = await startPortal();
const { server } = portal;

const LIMIT_BYTES = 1024 * 1024;
const HUGE_BYTES = 300 * 1024 * 1024;
/** The limit, and what the systems on both ends hold for a reader that has stopped reading; far from all of it. */
const TAKEN_AT_MOST_BYTES = 40 * 1024 * 1024;
const UPLOADERS = 8;
/** One after the other, so that others ask while it goes on. */
const UPLOADS_EACH = 10;
const JSON_TYPE = { 'content-type': 'application/json' };
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };

const post = (method: string, body: string | Uint8Array, headers: Readonly<Record<string, string>> = JSON_TYPE) =>
  portal.send<unknown>(methodPath(method), { method: 'POST', headers, body: body as string });

/** Refused as what cannot be read, in one short sentence; and whoever asks next is answered. */
function assertUnreadable({ status, body, text }: PortalAnswer<unknown>, what: string): void {
  assert.deepEqual([status, body.error], [400, 'INVALID_REQUEST'], `${what}: ${text}`);
  assert.match(body.error_description!, /^The .*\.$/);
  assert.ok(text.length < 300, what);
}

interface Upload {
  /** What came back before the connection ended. */
  readonly received: string;
  readonly sentBytes: number;
}

/** Sends without end, as fast as it is taken, until somebody ends the connection. */
function pour(head: readonly string[], piece: Uint8Array, bytes: number): Promise<Upload> {
  return new Promise(resolve => {
    let received = '';
    let sentBytes = 0;
    const socket: Socket = connect(server.port, server.host, () => {
      socket.write(`${head.join('\r\n')}\r\n\r\n`);
      more();
    });
    const more = (): void => {
      while (sentBytes < bytes && !socket.destroyed) {
        sentBytes += piece.byteLength;
        if (!socket.write(piece)) return;
      }
    };
    socket.on('drain', more);
    socket.setEncoding('utf8').on('data', (text: string) => {
      received += text;
      // All of the answer: the server would wait a while for what was announced.
      if (bytes === 0) socket.end();
    });
    // The other end goes while there is still much to send.
    socket.on('error', () => {});
    socket.on('close', () => resolve({ received, sentBytes: Math.min(sentBytes, socket.bytesWritten) }));
  });
}

async function pourAgain(head: readonly string[], piece: Uint8Array): Promise<readonly Upload[]> {
  const uploads: Upload[] = [];
  while (uploads.length < UPLOADS_EACH) uploads.push(await pour(head, piece, HUGE_BYTES));
  return uploads;
}

const PIECE = Buffer.alloc(64 * 1024, 'a');
const CHUNK = Buffer.concat([Buffer.from('10000\r\n'), PIECE, Buffer.from('\r\n')]);
const HEAD = [`POST ${methodPath(FINISH)} HTTP/1.1`, 'Host: x', 'Content-Type: application/json'];

for (const [name, head, piece] of [
  ['announced', [...HEAD, `Content-Length: ${HUGE_BYTES}`], PIECE],
  ['in chunks of no announced length', [...HEAD, 'Transfer-Encoding: chunked'], CHUNK],
] as const) {
  test(`B24 2.2 300 MB ${name} - cut off after about the limit, and others are answered meanwhile`, async () => {
    const before = processUse(server.pid);
    let pouring = true;
    const uploads = Promise.all(Array.from({ length: UPLOADERS }, () => pourAgain(head, piece))).finally(() => {
      pouring = false;
    });
    let others = 0;
    do {
      const { status } = await portal.ask(STATISTIC, { start: -1 });
      assert.equal(status, 200);
      others++;
    } while (pouring);
    for (const { received, sentBytes } of (await uploads).flat()) {
      assert.ok(sentBytes < TAKEN_AT_MOST_BYTES, `${sentBytes} bytes were taken`);
      // A connection that is cut while it is written to may lose the answer.
      if (received !== '') assert.match(received, /^HTTP\/1\.1 413 [\s\S]*"error":"INVALID_REQUEST"/);
    }
    assert.ok(others > UPLOADS_EACH, `another client was answered ${others} times meanwhile`);
    const after = processUse(server.pid);
    if (before !== null && after !== null) {
      assert.ok(after.residentBytes - before.residentBytes < HUGE_BYTES / 2, 'what was refused is still held');
    }
  });
}

test('B24 2.2 300 MB announced and not yet sent - 413, and the connection ends', async () => {
  const { received, sentBytes } = await pour([...HEAD, `Content-Length: ${HUGE_BYTES}`], PIECE, 0);
  assert.equal(sentBytes, 0);
  assert.match(received, /^HTTP\/1\.1 413 [\s\S]*"The request is larger than 1048576 bytes"/);
  assert.match(received, /\r\nconnection: close\r\n/i);
});

test('B24 2.2 a body of the limit - taken; one byte more is 413', async () => {
  const { CALL_ID: id } = await portal.register();
  const body = `{"CALL_ID":"${id}","USER_ID":1,"JUNK":""}`;
  const filled = body.replace('""', `"${'x'.repeat(LIMIT_BYTES - body.length)}"`);
  assert.equal(filled.length, LIMIT_BYTES);
  const larger = await post(FINISH, `${filled} `);
  assert.deepEqual(
    [larger.status, larger.body.error, larger.body.error_description],
    [413, 'INVALID_REQUEST', 'The request is larger than 1048576 bytes'],
  );
  const { status, body: answer } = (await post(FINISH, filled)) as PortalAnswer<Finished>;
  assert.deepEqual([status, answer.result['CALL_ID']], [200, id]);
});

test('B24 2.2 a client that goes away in the middle of a body - nothing is done and nothing is logged', async () => {
  const { CALL_ID: id } = await portal.register();
  const body = `{"CALL_ID":"${id}","USER_ID":1}`;
  const logged = server.logs.length;
  await Promise.all(
    ['end', 'resetAndDestroy'].map(
      leave =>
        new Promise<void>(resolve => {
          const socket = connect(server.port, server.host, () => {
            const head = [...HEAD, `Content-Length: ${body.length + 1}`, '', body].join('\r\n');
            socket.write(head, () => socket[leave as 'end']());
          });
          socket.on('error', () => {});
          // Unread, an answer would keep the connection from ending.
          socket.resume().on('close', () => resolve());
        }),
    ),
  );
  assert.equal((await portal.finish(id))['CALL_ID'], id);
  assert.deepEqual(server.logs.slice(logged), []);
});

test('B24 2.2 JSON that is none - 400 that says where, and nothing of what came', async () => {
  for (const body of ['{', '{"a":1,}', "{'a':1}", '{"a":1}{"b":2}', '{"a":NaN}', '{"a":01}', '5', '"x"', 'true']) {
    assertUnreadable(await post(FINISH, body), body);
  }
  const quoted = await post(FINISH, '{"CALL_ID": SecretWord}');
  assert.ok(!quoted.text.includes('SecretWord'));
});

test('B24 2.2 bodies that are not as announced - 400', async () => {
  assertUnreadable(await post(FINISH, 'a=b', { 'content-type': 'multipart/form-data' }), 'no boundary');
  assertUnreadable(await post(FINISH, 'a=b', { 'content-type': 'multipart/form-data; boundary=x' }), 'no parts');
  assertUnreadable(await post(FINISH, '--x\r\n\r\n', { 'content-type': 'multipart/form-data; boundary=x' }), 'half');
  assertUnreadable(await post(FINISH, '{}', { 'content-type': 'nonsense' }), 'no content type');
});

test('B24 2.2 bombs of depth - 400', async () => {
  const deep = 100_000;
  for (const [name, bomb] of [
    ['lists', `{"a":${'['.repeat(deep)}${']'.repeat(deep)}}`],
    ['lists that never close', '['.repeat(1_000_000)],
    ['objects', `${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}`],
    ['within a parameter', `{"CALL_ID":${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}}`],
    ['in a filter', `{"FILTER":${'{"ID":'.repeat(deep)}1${'}'.repeat(deep)}}`],
  ] as const) {
    assertUnreadable(await post(STATISTIC, bomb), name);
  }
});

test('B24 2.2 bombs of brackets - 400', async () => {
  for (const [name, bomb] of [
    ['deep', `a${'[a]'.repeat(200)}=1`],
    ['deeper', `a${'[]'.repeat(300)}=1`],
    ['a name of a megabyte', `a${'[a]'.repeat(300_000)}=1`],
    ['opening brackets only', `${'['.repeat(1_000_000)}=1`],
    ['many deep names', `a${'[a]'.repeat(70)}=1&`.repeat(4_000)],
    ['many values', 'a[]=&'.repeat(200_000)],
    ['many names', Array.from({ length: 100_000 }, (_, n) => `k${n}`).join('&')],
  ] as const) {
    assertUnreadable(await post(STATISTIC, bomb, FORM_TYPE), name);
  }
});

test('B24 2.2 a form whose brackets are odd - read as PHP reads it, or passed over', async () => {
  const { CALL_ID: id } = await portal.register();
  const odd = '[=1&]=2&a[=3&a]=4&a[[b]]=5&[]=6&&&=&=7&%5B%5D=8&a[b]c=9&CALL_ID[=x&%=1&%ZZ=%ZZ';
  const { status, body } = (await post(FINISH, `${odd}&CALL_ID=${id}&USER_ID=1`, FORM_TYPE)) as PortalAnswer<Finished>;
  assert.deepEqual([status, body.result['CALL_ID']], [200, id]);
});

test('B24 2.2 ten thousand keys - ignored, in JSON, a form and multipart', async () => {
  const keys = Array.from({ length: 10_000 }, (_, n) => `key${n}`);
  const [json, form, multipart] = await Promise.all([portal.register(), portal.register(), portal.register()]);
  const object = JSON.stringify({
    ...Object.fromEntries(keys.map(key => [key, 1])),
    CALL_ID: json.CALL_ID,
    USER_ID: 1,
  });
  const pairs = `${keys.map(key => `${key}=1`).join('&')}&CALL_ID=${form.CALL_ID}&USER_ID=1`;
  const part = (name: string, value: string) =>
    `--a-boundary\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const parts = `${keys.map(key => part(key, '1')).join('')}${part('CALL_ID', multipart.CALL_ID)}${part('USER_ID', '1')}--a-boundary--\r\n`;
  for (const [body, headers] of [
    [object, JSON_TYPE],
    [pairs, FORM_TYPE],
    [parts, { 'content-type': 'multipart/form-data; boundary=a-boundary' }],
  ] as const) {
    const { status, text } = await post(FINISH, body, headers);
    assert.equal(status, 200, text);
  }
});

test('B24 2.2 __proto__ and its like - names like any other', async () => {
  for (const [body, headers] of [
    ['{"__proto__":{"USER_ID":1,"USER_PHONE_INNER":"101"},"CALL_ID":"x"}', JSON_TYPE],
    ['{"constructor":{"prototype":{"USER_ID":1}},"CALL_ID":"x"}', JSON_TYPE],
    ['__proto__[USER_ID]=1&constructor[prototype][USER_ID]=1&CALL_ID=x', FORM_TYPE],
    ['__proto__=1&__proto__[USER_ID]=1&hasOwnProperty=1&toString=1&CALL_ID=x', FORM_TYPE],
  ] as const) {
    const { status, body: answer } = await post(FINISH, body, headers);
    assert.deepEqual([status, answer.error, answer.error_description], USER_NOT_SET, body);
  }
  for (const filter of [
    '{"__proto__":{"ID":1}}',
    '{"constructor":1,"toString":1,"!__proto__":5,"><hasOwnProperty":[1,2]}',
  ]) {
    assert.equal((await post(STATISTIC, `{"FILTER":${filter},"SORT":"__proto__"}`)).status, 200);
  }
});

test('B24 7 a filter with more values or conditions than any engine takes - 400 that says so', async () => {
  const ids = Array.from({ length: 10_001 }, (_, n) => n);
  const description = async (filter: object) => {
    const { status, body } = await portal.ask<unknown>(STATISTIC, { FILTER: filter });
    return [status, body.error, body.error_description];
  };
  assert.deepEqual(await description({ ID: ids }), [400, 'INVALID_ARGUMENT', 'FILTER has more than 10000 values']);
  const pieces = ids.map(id => `x${id}`);
  assert.deepEqual(await description({ '%CALL_ID': pieces }), [
    400,
    'INVALID_ARGUMENT',
    'FILTER has more than 400 conditions',
  ]);
  const { status } = await portal.ask(STATISTIC, { FILTER: { ID: ids.slice(1) } });
  assert.equal(status, 200);
});

test('B24 2.2 NUL and lone surrogates - replaced in what is kept', async () => {
  const { CALL_ID: id } = await portal.register({ LINE_NUMBER: 'a\0b', EXTERNAL_CALL_ID: 'x' });
  const { text } = await post(
    FINISH,
    `{"CALL_ID":"${id}","USER_ID":1,"FAILED_REASON":"a\\u0000b\\ud800","COST_CURRENCY":"\\udfff"}`,
  );
  const { result } = JSON.parse(text) as PortalBody<Finished>;
  assert.deepEqual(
    [result['PORTAL_NUMBER'], result['CALL_FAILED_REASON'], result['COST_CURRENCY']],
    ['a\ufffdb', 'a\ufffdb\ufffd', '\ufffd'],
  );
  assert.deepEqual((await portal.row(id))['CALL_FAILED_REASON'], 'a\ufffdb\ufffd');
});

test('B24 2.2 bytes that are no UTF-8 - replaced, in a body and in a query', async () => {
  const [first, second] = await Promise.all([portal.register(), portal.register()]);
  const body = Buffer.from(`{"CALL_ID":"${first.CALL_ID}","USER_ID":1,"FAILED_REASON":"?"}`);
  body[body.indexOf('?')] = 0xff;
  assert.equal((await post(FINISH, body)).status, 200);
  assert.equal((await portal.row(first.CALL_ID))['CALL_FAILED_REASON'], '\ufffd');
  const query = `CALL_ID=${second.CALL_ID}&USER_ID=1&FAILED_REASON=%ff%zz%`;
  assert.equal((await portal.send(`${methodPath(FINISH)}?${query}`)).status, 200);
  assert.equal((await portal.row(second.CALL_ID))['CALL_FAILED_REASON'], '\ufffd%zz%');
});

test('B24 after all of that - the server is well, and nothing was stored of what was refused', async () => {
  assert.deepEqual(await portal.refusal(REGISTER, {}), USER_NOT_SET);
  const { state } = await portal.v1.callOf((await portal.register()).CALL_ID, 'bitrix24');
  assert.equal(state, 'open');
  await until('the server says that it is ready', async () =>
    (await server.get('/readyz')).status === 200 ? true : undefined,
  );
  assert.deepEqual(
    server.logs.filter(each => Number(each['level']) >= 50),
    [],
  );
  assert.ok(server.running);
});
