import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ParamsProblem } from './paramsLimits.ts';
import { UploadedFile } from './paramsValue.ts';
import { plainMap, request } from './testing/testParams.ts';

const TYPE = 'multipart/form-data; boundary=xYz';

const part = (head: string, content: string) =>
  `--xYz\r\nContent-Disposition: form-data; ${head}\r\n\r\n${content}\r\n`;
const field = (name: string, content: string) => part(`name="${name}"`, content);

async function refused(contentType: string, body: string): Promise<string> {
  try {
    await request(contentType, body);
  } catch (error) {
    assert.ok(error instanceof ParamsProblem, String(error));
    return error.message;
  }
  throw new assert.AssertionError({ message: 'not refused' });
}

test('multipart - fields, brackets and files, over the query', async () => {
  const file = 'name="file"; filename="a.mp3"\r\nContent-Type: audio/mpeg';
  const body = `${field('CALL_ID', 'x & y=%41+')}${field('USER_ID[0]', '1')}${field('USER_ID[1]', '2')}${part(file, 'ID3\r\n--')}--xYz--\r\n`;
  const params = await request(TYPE, body, 'CALL_ID=q&auth=t');
  assert.deepEqual(plainMap(params.all), {
    CALL_ID: 'x & y=%41+',
    auth: 't',
    USER_ID: ['1', '2'],
    file: 'a.mp3 (audio/mpeg, 7 bytes)',
  });
  const uploaded = params.raw('file');
  assert.ok(uploaded instanceof UploadedFile);
  assert.equal(Buffer.from(uploaded.bytes).toString(), 'ID3\r\n--');
});

test('multipart - bytes of a file come through as they are', async () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const head = '--xYz\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n';
  const body = Buffer.concat([Buffer.from(head), bytes, Buffer.from('\r\n--xYz--\r\n')]);
  const raw = (await request('multipart/form-data; boundary="xYz"', body)).raw('file');
  assert.ok(raw instanceof UploadedFile);
  assert.deepEqual(new Uint8Array(raw.bytes), bytes);
});

test('multipart - what is none is refused with a sentence', async () => {
  assert.match(await refused('multipart/form-data', field('A', '1')), /names no boundary/);
  for (const body of ['{}', '--xYz', field('A', '1'), '--xYz\r\n\r\nx\r\n--xYz--', '\0\xff']) {
    assert.match(await refused(TYPE, body), /not the multipart form/, body);
  }
  assert.match(await refused('multipart/form-data; boundary=x; \u0416', field('A', '1')), /not the multipart form/);
});

test('multipart - a bomb of parts is refused before they are made', async () => {
  assert.match(await refused(TYPE, '--xYz\r\n'.repeat(1_000_000)), /more than 50000 values/);
  const nested = `${field(`A${'[a]'.repeat(65)}`, '1')}--xYz--\r\n`;
  assert.match(await refused(TYPE, nested), /more than 64 levels deep/);
});
