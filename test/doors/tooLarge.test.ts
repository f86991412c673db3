/** What is refused for its size is refused readably, at every door, also to a client that writes all of it before it reads. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { connect as tlsConnect } from 'node:tls';
import { selfSigned } from '../cli/certificate.ts';
import { ORGANISATION } from '../kit/organisation.ts';
import { createScratch } from '../kit/scratch.ts';
import { startServer } from '../kit/server.ts';
import { basic } from '../kit/v1Client.ts';

const HOOK = 'k4t9w2h7m1x8q5zr';
const AGENT = { id: 1, login: 'agent', password: 'agent-has-a-password', extension: '1003' };

const server = await startServer({
  config: { ...ORGANISATION, users: [AGENT], bitrix24: { webhooks: [{ name: 'hook', user: AGENT.id, code: HOOK }] } },
});
after(() => server[Symbol.asyncDispose]());

const MEBIBYTE = 1024 * 1024;
const PIECE = Buffer.alloc(64 * 1024, 'a');
const BODY = Buffer.alloc(2 * MEBIBYTE, 'a');
/** What is thrown away at most, what a door reads before, and what the systems on both ends hold. */
const TAKEN_AT_MOST_BYTES = 40 * MEBIBYTE;

interface Request {
  readonly at: string;
  readonly method?: string;
  readonly headers?: readonly string[];
}

interface Refused extends Request {
  readonly status: number;
  /** What the body of the answer is to match. */
  readonly says: RegExp;
}

const JSON_TYPE = 'Content-Type: application/json';
const TOKEN = `Authorization: Bearer ${server.token}`;
const LOGIN = `Authorization: ${basic(AGENT.login, AGENT.password)}`;

/** By the word of the dialect, for who is known and for who is not. */
const REFUSED: readonly Refused[] = [
  { at: '/yeastar/hq', status: 413, says: /"errcode":40004,"errmsg":"FILE SIZE EXCEEDED"/ },
  { at: '/yeastar/nobody', status: 413, says: /"errcode":40004/ },
  { at: '/yeastar/no/such/path', status: 413, says: /"errcode":40004/ },
  { at: `/rest/1/${HOOK}/telephony.externalcall.finish`, status: 413, says: /"error":"INVALID_REQUEST"/ },
  { at: '/rest/1/wrong/telephony.externalcall.finish', status: 401, says: /"error":"INVALID_CREDENTIALS"/ },
  { at: '/rest/telephony.externalcall.finish', status: 413, says: /"error":"INVALID_REQUEST"/ },
  { at: '/v1/calls', headers: [JSON_TYPE, TOKEN], status: 413, says: /"type":"aftercall:too_large"/ },
  { at: '/v1/calls', headers: [JSON_TYPE], status: 401, says: /"type":"aftercall:unauthenticated"/ },
  { at: '/v1/calls', headers: ['Content-Type: text/csv', TOKEN], status: 415, says: /"type":"aftercall:unsupported"/ },
  { at: '/v1/calls/1', method: 'DELETE', headers: [TOKEN], status: 404, says: /"type":"aftercall:not_found"/ },
  { at: '/api/v2/me', headers: [JSON_TYPE, LOGIN], status: 413, says: /"statusCode":1,/ },
  { at: '/api/v2/me', headers: [JSON_TYPE], status: 403, says: /"statusCode":20,/ },
  { at: '/api/v2/notifications', headers: [JSON_TYPE], status: 413, says: /^$/ },
  { at: '/api/v2/no/such/path', status: 413, says: /"statusCode":1,/ },
  { at: '/nowhere', headers: [JSON_TYPE], status: 413, says: /"statusCode":413/ },
  { at: '/nowhere', headers: ['Content-Type: audio/wav'], status: 404, says: /"statusCode":404/ },
  { at: '/healthz', method: 'GET', status: 200, says: /"status":"ok"/ },
];

const headOf = ({ at, method = 'POST', headers = [] }: Request, ...more: readonly string[]): string =>
  [`${method} ${at} HTTP/1.1`, 'Host: x', ...headers, ...more, '', ''].join('\r\n');

/** How a body of two mebibytes is announced and written. */
const WAYS: Readonly<Record<string, (request: Request) => readonly [head: string, body: Uint8Array]>> = {
  announced: request => [headOf(request, `Content-Length: ${BODY.byteLength}`), BODY],
  'in chunks': request => [headOf(request, 'Transfer-Encoding: chunked'), inChunks(BODY)],
  'after "Expect: 100-continue"': request => [
    headOf(request, `Content-Length: ${BODY.byteLength}`, 'Expect: 100-continue'),
    BODY,
  ],
};

function inChunks(body: Uint8Array): Buffer {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < body.byteLength; at += PIECE.byteLength) {
    const piece = body.subarray(at, at + PIECE.byteLength);
    pieces.push(Buffer.from(`${piece.byteLength.toString(16)}\r\n`), piece, Buffer.from('\r\n'));
  }
  return Buffer.concat([...pieces, Buffer.from('0\r\n\r\n')]);
}

interface Client {
  /** Resolves when the system has taken all of it; rejects when the other end has gone. */
  write(bytes: string | Uint8Array): Promise<void>;
  /** Reads for the first time when it is asked; resolves when the other end has closed, rejects when it has reset. */
  readToEnd(): Promise<string>;
  /** Reads until this much matches. */
  readUntil(pattern: RegExp): Promise<string>;
  close(): void;
}

/** A client that takes nothing off the connection before it reads, as one does that writes and reads in turn. */
function connected(): Client {
  // Paused before it connects: what has arrived stays with the system, where a reset takes it away.
  const socket = new Socket().pause();
  socket.connect(server.port, server.host);
  return clientOn(socket);
}

function clientOn(socket: Socket): Client {
  let failure: Error | null = null;
  socket.on('error', error => {
    failure = error;
  });
  let received = '';
  const read = (isEnough: () => boolean): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = () => {
        if (!isEnough()) return;
        socket.pause();
        leave();
        resolve(received);
      };
      const take = (piece: Buffer) => {
        received += piece.toString('latin1');
        look();
      };
      const end = () => {
        leave();
        if (failure === null) resolve(received);
        else reject(failure);
      };
      const leave = () => socket.off('data', take).off('close', end);
      socket.on('data', take).on('close', end);
      socket.resume();
      look();
    });
  return {
    write: bytes =>
      new Promise((resolve, reject) => {
        socket.write(bytes, error => (error == null ? resolve() : reject(error)));
      }),
    readToEnd: () => read(() => false),
    readUntil: pattern => read(() => pattern.test(received)),
    close: () => socket.destroy(),
  };
}

function assertAnswer(received: string, { at, status, says }: Refused): void {
  const [head, ...body] = received.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, '').split('\r\n\r\n');
  assert.match(head!, new RegExp(`^HTTP/1\\.1 ${status} `), `${at}: ${received}`);
  assert.match(body.join('\r\n\r\n'), says, at);
}

for (const [way, write] of Object.entries(WAYS)) {
  test(`two mebibytes ${way}, written before anything is read - every door answers in its own words`, async () => {
    for (const refused of REFUSED) {
      const client = connected();
      const [head, body] = write({ ...refused, headers: [...(refused.headers ?? []), 'Connection: close'] });
      await client.write(head);
      await client.write(body);
      assertAnswer(await client.readToEnd(), refused);
    }
  });
}

test('413 - the server closes the connection, which the client did not ask for', async () => {
  for (const refused of REFUSED.filter(each => each.status === 413)) {
    const client = connected();
    await client.write(headOf(refused, `Content-Length: ${BODY.byteLength}`));
    await client.write(BODY);
    const received = await client.readToEnd();
    assertAnswer(received, refused);
    assert.match(received, /\r\nconnection: close\r\n/i, refused.at);
  }
});

test('refused for something else before its body was read - the connection serves the next request', async () => {
  const client = connected();
  for (let times = 1; times <= 2; times++) {
    await client.write(headOf({ at: '/v1/calls', headers: [JSON_TYPE] }, `Content-Length: ${BODY.byteLength}`));
    await client.write(BODY);
    await client.readUntil(new RegExp(`(?:HTTP/1\\.1 401 [\\s\\S]*?"aftercall:unauthenticated"[\\s\\S]*?){${times}}`));
  }
  client.close();
});

test('a body that never ends - answered, and cut off', async () => {
  const chunk = Buffer.concat([Buffer.from('10000\r\n'), PIECE, Buffer.from('\r\n')]);
  for (const refused of REFUSED) {
    const client = connected();
    await client.write(headOf(refused, 'Transfer-Encoding: chunked'));
    // Read meanwhile: what is cut off may lose what it has not read.
    const answer = client.readUntil(/\r\n\r\n/);
    assert.ok(await isCutOff(client, chunk), `${refused.at}: ${TAKEN_AT_MOST_BYTES} bytes were taken`);
    assertAnswer(await answer, refused);
  }
});

async function isCutOff(client: Client, piece: Uint8Array): Promise<boolean> {
  for (let bytes = 0; bytes < TAKEN_AT_MOST_BYTES; bytes += piece.byteLength) {
    try {
      await client.write(piece);
      // What the system takes at once would leave no turn for reading.
      await setImmediate();
    } catch {
      return true;
    }
  }
  return false;
}

test('a body that is announced and does not come, or stops - answered at once, and closed after a while', async () => {
  const refused = REFUSED[0]!;
  await Promise.all(
    [0, MEBIBYTE].map(async bytes => {
      const client = connected();
      await client.write(headOf(refused, `Content-Length: ${BODY.byteLength}`));
      await client.write(BODY.subarray(0, bytes));
      assertAnswer(await client.readToEnd(), refused);
    }),
  );
});

test('two mebibytes over TLS - answered like any other', async () => {
  using scratch = createScratch('lingering');
  const { cert, key } = selfSigned('localhost');
  const env = { TLS_CERT: join(scratch.path, 'cert.pem'), TLS_KEY: join(scratch.path, 'key.pem') };
  writeFileSync(env.TLS_CERT, cert);
  writeFileSync(env.TLS_KEY, key, { mode: 0o600 });
  await using secure = await startServer({ env, memory: true });
  const { host, port } = secure;
  const client = clientOn(tlsConnect({ host, port, ca: cert, servername: 'localhost' }).pause());
  await client.write(headOf(REFUSED[0]!, `Content-Length: ${BODY.byteLength}`));
  await client.write(BODY);
  assertAnswer(await client.readToEnd(), REFUSED[0]!);
});

test('an address or headers of megabytes - 431, which is read too', async () => {
  const long = 'a'.repeat(2 * MEBIBYTE);
  for (const head of [
    headOf({ at: `/v1/calls?from=${long}`, method: 'GET' }),
    headOf({ at: '/', headers: [`X: ${long}`] }),
  ]) {
    const client = connected();
    await client.write(head);
    assert.match(await client.readToEnd(), /^HTTP\/1\.1 431 [\s\S]*\r\nConnection: close\r\n[\s\S]*"statusCode":431/);
  }
});

test('what is not HTTP - 400, and closed', async () => {
  const client = connected();
  await client.write('NONSENSE\r\n\r\n');
  await client.write(BODY);
  assert.match(await client.readToEnd(), /^HTTP\/1\.1 400 [\s\S]*"statusCode":400/);
});
