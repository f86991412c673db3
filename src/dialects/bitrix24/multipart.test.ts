import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { boundaryOf, filePart, partsOf } from './multipart.ts';
import { ParamsProblem } from './paramsLimits.ts';

const BOUNDARY = 'xYz';

const part = (disposition: string, content: string | Uint8Array): Buffer =>
  Buffer.concat([
    Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: ${disposition}\r\n\r\n`),
    Buffer.from(content),
    Buffer.from('\r\n'),
  ]);
const END = Buffer.from(`--${BOUNDARY}--\r\n`);

async function* inPieces(body: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < body.byteLength; at += pieceBytes) yield body.subarray(at, at + pieceBytes);
}

async function fileOf(body: Uint8Array, pieceBytes = 7): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of filePart(inPieces(body, pieceBytes), BOUNDARY, 'file')) pieces.push(piece);
  return Buffer.concat(pieces).toString('latin1');
}

test('boundaries - plain, quoted, and none', () => {
  assert.equal(boundaryOf('multipart/form-data; boundary=abc'), 'abc');
  assert.equal(boundaryOf('Multipart/Form-Data; charset=utf-8; BOUNDARY="a;b c"'), 'a;b c');
  assert.equal(boundaryOf('multipart/form-data'), null);
  assert.equal(boundaryOf('application/x-www-form-urlencoded; boundary=abc'), null);
  assert.equal(boundaryOf(null), null);
});

test('a file - is the part of its name, wherever it stands', async () => {
  const file = part('form-data; name="file"; filename="a.mp3"', 'audio');
  const field = part('form-data; name="FILENAME"', 'not this');
  for (const body of [
    [file, END],
    [field, file, field, END],
    [Buffer.from('a preamble\r\n'), file, END, Buffer.from('an epilogue')],
    [part('form-data; name=file', 'audio'), END],
    [part('form-data; filename=b.mp3; name=file', 'audio'), END],
    // Of another name, but a file all the same.
    [field, part('form-data; name="record"; filename="a.mp3"', 'audio'), END],
  ]) {
    assert.equal(await fileOf(Buffer.concat(body)), 'audio');
  }
});

test('a file - that is not there is nothing', async () => {
  assert.equal(await fileOf(Buffer.concat([part('form-data; name="FILENAME"', 'not this'), END])), '');
  assert.equal(await fileOf(END), '');
});

test('a body - that is no form, or ends too early, is refused', async () => {
  const whole = Buffer.concat([part('form-data; name="file"; filename="a"', 'audio'), END]);
  for (const body of [
    Buffer.alloc(0),
    Buffer.from('audio'),
    whole.subarray(0, 10),
    whole.subarray(0, whole.indexOf('audio') + 3),
    Buffer.concat([Buffer.from(`--${BOUNDARY}\r\n`), Buffer.alloc(20_000, 'a')]),
    part('form-data; name="FILENAME"', 'and then nothing'),
  ]) {
    await assert.rejects(fileOf(body, 1_000), ParamsProblem);
  }
});

test('a file - has the same bytes in pieces of any size, whatever is in them', async () => {
  const like = fc.constantFrom('\r', '\n', '\r\n', '--', `\r\n-${BOUNDARY}`, `\r\n--${BOUNDARY.slice(0, -1)}`, 'a');
  await fc.assert(
    fc.asyncProperty(fc.array(like), fc.integer({ min: 1, max: 30 }), async (pieces, pieceBytes) => {
      const content = pieces.join('');
      const body = Buffer.concat([part('form-data; name="a"', 'b'), part('form-data; name="file"', content), END]);
      assert.equal(await fileOf(body, pieceBytes), content);
      const spans = [...partsOf(body, BOUNDARY)];
      assert.deepEqual(
        spans.map(({ name, start, end }) => [name, body.toString('latin1', start, end)]),
        [
          ['a', 'b'],
          ['file', content],
        ],
      );
    }),
  );
});
