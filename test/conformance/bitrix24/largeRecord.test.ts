/**
 * Records as large as they come (docs/bitrix24.md, sections 2.2 and 11.4): taken from those who may, and nobody else waits
 * for them.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { wav } from '../../../src/recordings/testing/testAudio.ts';
import { until } from '../../kit/until.ts';
import { ATTACH, FINISH, HOOKS, methodPath, type PortalBody, STATISTIC, startPortal } from './cases.ts';

const portal = await startPortal();
const { server } = portal;

const MEBIBYTE = 1024 * 1024;
const RECORD_BYTES = 30 * MEBIBYTE;
/**
 * What a body of the method may have, docs/bitrix24.md, section 2.2: a hundred megabytes of audio in base64, and its
 * escapes.
 */
const LIMIT_BYTES = 145 * MEBIBYTE;
/** The limit of others, and what the systems on both ends hold for a reader that has stopped reading. */
const TAKEN_AT_MOST_BYTES = 40 * MEBIBYTE;
/** A server that answers nobody until a file is there answers one, who has asked before it came. */
const OTHERS_AT_LEAST = 5;

interface Attached {
  readonly FILE_ID: number;
}

function audio(seed: number): Buffer {
  const file = wav(RECORD_BYTES);
  for (let at = 44; at < file.byteLength; at += 4)
    file.writeUInt32LE((at * 2_654_435_761 + seed) >>> 0, at < file.byteLength - 4 ? at : file.byteLength - 4);
  return file;
}

const ended = async (): Promise<string> => String((await portal.call())['CALL_ID']);
const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Asks for the list again and again until it is over; how often there was an answer. */
async function othersWhile(work: Promise<unknown>): Promise<number> {
  let going = true;
  const over = work.finally(() => {
    going = false;
  });
  let others = 0;
  while (going) {
    const { status } = await portal.ask(STATISTIC, { start: -1 });
    assert.equal(status, 200);
    others++;
  }
  await over;
  return others;
}

/** Of a call that has ended: where its record is uploaded to. */
async function slot(): Promise<{ readonly id: string; readonly path: string }> {
  const id = await ended();
  const { uploadUrl } = await portal.result<{ readonly uploadUrl: string }>(ATTACH, { CALL_ID: id, FILENAME: 'a.wav' });
  return { id, path: uploadUrl.slice(server.url.length) };
}

async function assertRecord(callId: string, { FILE_ID: id }: Attached, file: Buffer): Promise<void> {
  assert.equal((await portal.row(callId))['RECORD_FILE_ID'], id);
  const response = await server.get(`/v1/recordings/${id}`);
  assert.equal(digest(new Uint8Array(await response.arrayBuffer())), digest(file));
}

/** A request as bytes, which leave as fast as they are taken; what comes back before the connection ends. */
function exchanged(
  head: readonly string[],
  pieces: Iterable<Uint8Array>,
): Promise<{ received: string; sentBytes: number }> {
  return new Promise(resolve => {
    const rest = pieces[Symbol.iterator]();
    let received = '';
    let sentBytes = 0;
    const socket = connect(server.port, server.host, () => {
      socket.write([...head, '', ''].join('\r\n'));
      more();
    });
    const more = (): void => {
      while (!socket.destroyed) {
        const { value, done } = rest.next();
        if (done === true) return;
        sentBytes += value.byteLength;
        if (!socket.write(value)) return;
      }
    };
    socket.on('drain', more);
    socket.setEncoding('utf8').on('data', (text: string) => {
      received += text;
      // All of the answer: the server would wait a while for what was announced.
      if (sentBytes === 0) socket.end();
    });
    // The other end may go while there is still much to send.
    socket.on('error', () => {});
    socket.on('close', () => resolve({ received, sentBytes }));
  });
}

function* cutUp(body: Buffer): Generator<Uint8Array> {
  for (let at = 0; at < body.byteLength; at += 65_536) yield body.subarray(at, at + 65_536);
}

const answerIn = (received: string): PortalBody<Attached> => {
  assert.match(received, /^HTTP\/1\.1 200 /);
  return JSON.parse(received.slice(received.indexOf('\r\n\r\n') + 4));
};

/** The server ends the connection after its answer, as it does by itself where it refuses to read on. */
const LAST = 'Connection: close';

const post = (path: string, contentType: string, length: number) => [
  `POST ${path} HTTP/1.1`,
  'Host: x',
  `Content-Type: ${contentType}`,
  `Content-Length: ${length}`,
];

const BOUNDARY = '------------------------1f5a9c3b7d2e8a46';
const BODIES = {
  'JSON as PHP writes it': (id, base64) => [
    'application/json',
    `{"CALL_ID":"${id}","FILENAME":"a.wav","FILE_CONTENT":"${base64.replaceAll('/', '\\/')}"}`,
  ],
  'a form, percent-encoded': (id, base64) => [
    'application/x-www-form-urlencoded',
    `FILE_CONTENT=${encodeURIComponent(base64)}&CALL_ID=${id}&FILENAME=a.wav`,
  ],
  'a multipart form': (id, base64) => {
    const part = (name: string, value: string) =>
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
    return [
      `multipart/form-data; boundary=${BOUNDARY}`,
      `${part('CALL_ID', id)}${part('FILE_CONTENT', base64)}${part('FILENAME', 'a.wav')}--${BOUNDARY}--\r\n`,
    ];
  },
} as const satisfies Record<string, (id: string, base64: string) => readonly [string, string]>;

for (const [n, [name, write]] of Object.entries(BODIES).entries()) {
  test(`B24 11.4 a record of 30 MB in ${name} - the same bytes, and others are answered meanwhile`, async () => {
    const id = await ended();
    const file = audio(n);
    const [contentType, text] = write(id, file.toString('base64'));
    const body = Buffer.from(text);
    const sending = exchanged([...post(methodPath(ATTACH), contentType, body.byteLength), LAST], cutUp(body));
    const others = await othersWhile(sending);
    await assertRecord(id, answerIn((await sending).received).result, file);
    assert.ok(others >= OTHERS_AT_LEAST, `another client was answered ${others} times meanwhile`);
  });
}

test('B24 11.4 a record of 30 MB to the slot - the same bytes, and others are answered meanwhile', async () => {
  const { id, path } = await slot();
  const file = audio(10);
  const sending = exchanged([...post(path, 'audio/wav', file.byteLength), LAST], cutUp(file));
  const others = await othersWhile(sending);
  await assertRecord(id, answerIn((await sending).received).result, file);
  assert.ok(others >= OTHERS_AT_LEAST, `another client was answered ${others} times meanwhile`);
});

test('B24 11.4 half of a record to the slot - is on the disk already, and gone when the rest does not come', async () => {
  const { id, path } = await slot();
  const file = audio(11);
  const incoming = join(server.dataDir, 'recordings', 'incoming');
  const half = file.subarray(0, RECORD_BYTES / 2);
  const socket = connect(server.port, server.host, () => {
    socket.write([...post(path, 'audio/wav', file.byteLength), '', ''].join('\r\n'));
    socket.write(half);
  });
  socket.on('error', () => {});
  await until('the first half is on the disk', () => {
    const [name] = readdirSync(incoming);
    return name !== undefined && statSync(join(incoming, name)).size === half.byteLength ? true : undefined;
  });
  socket.destroy();
  await until('nothing is left of it', () => (readdirSync(incoming).length === 0 ? true : undefined));
  assert.equal((await portal.row(id))['RECORD_FILE_ID'], null);
});

test('B24 2.2 megabytes from those who may not - answered with who they are not, and cut off', async () => {
  const [user, code] = HOOKS.administrator.split('/');
  const invalid = /"error":"INVALID_CREDENTIALS"/;
  for (const [path, expected] of [
    [`/rest/${user}/${code}x/${ATTACH}`, invalid],
    [`/rest/2/${code}/${ATTACH}`, invalid],
    [`/rest/${HOOKS.dismissed}/${ATTACH}`, invalid],
    [methodPath(ATTACH, 'withoutTelephony'), /"error":"insufficient_scope"/],
    [methodPath('no.such.method'), /"error":"ERROR_METHOD_NOT_FOUND"/],
    [methodPath(FINISH), /^HTTP\/1\.1 413 /],
    [`/rest/${ATTACH}?auth=x`, /^HTTP\/1\.1 413 /],
    ['/rest/upload.json', /"error":"NO_AUTH_FOUND"/],
    ['/rest/upload.json?token=telephony%7CeyJ9%7Cabc', /"error":"invalid_token"/],
  ] as const) {
    // Announced, and not sent: whoever is told before sending hears it.
    const told = await exchanged(post(path, 'application/json', 100 * MEBIBYTE), []);
    assert.match(told.received, expected, path);
    assert.match(told.received, /\r\nconnection: close\r\n/i);
    const piece = Buffer.alloc(65_536, 'a');
    const pieces = Array.from({ length: 1_600 }, () => piece);
    const { received, sentBytes } = await exchanged(post(path, 'application/json', 1_600 * 65_536), pieces);
    assert.ok(sentBytes < TAKEN_AT_MOST_BYTES, `${path} took ${sentBytes} bytes`);
    // A connection that is cut while it is written to may lose the answer.
    if (received !== '') assert.match(received, expected, path);
  }
});

test('B24 2.2 more than a record may have - 413, announced or found out, by both ways', async () => {
  const { id, path: uploadPath } = await slot();
  const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(MEBIBYTE, 'QUJD'), Buffer.from('\r\n')]);
  for (const path of [methodPath(ATTACH), uploadPath]) {
    const told = await exchanged(post(path, 'audio/wav', LIMIT_BYTES + 1), []);
    assert.match(
      told.received,
      new RegExp(`^HTTP/1\\.1 413 [\\s\\S]*"The request is larger than ${LIMIT_BYTES} bytes"`),
    );
    assert.match(told.received, /\r\nconnection: close\r\n/i);
    const head = [`POST ${path} HTTP/1.1`, 'Host: x', 'Content-Type: text/plain', 'Transfer-Encoding: chunked'];
    const chunks = Array.from({ length: 300 }, () => chunk);
    const { received, sentBytes } = await exchanged(head, chunks);
    assert.ok(sentBytes < 200 * MEBIBYTE, `${sentBytes} bytes were taken`);
    if (received !== '') assert.match(received, /^HTTP\/1\.1 413 /);
  }
  assert.equal((await portal.row(id))['RECORD_FILE_ID'], null);
});

test('B24 2.2 megabytes beside the record - 413, since only the file may be large', async () => {
  const id = await ended();
  const base64 = wav(3_000).toString('base64');
  const junk = 'x'.repeat(MEBIBYTE);
  for (const said of [
    { CALL_ID: id, FILENAME: 'a.wav', FILE_CONTENT: base64, JUNK: junk },
    { CALL_ID: id, FILENAME: junk, FILE_CONTENT: base64 },
  ]) {
    const [status, code] = await portal.refusal(ATTACH, said);
    assert.deepEqual([status, code], [413, 'INVALID_REQUEST']);
  }
});
