import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { test } from 'node:test';
import { BODY_LIMIT_BYTES, BodyRoom, BodyStream, collectBody, SenderSilent } from './body.ts';
import { MethodError } from './errors.ts';

const LARGE_BYTES = 3 * BODY_LIMIT_BYTES;
const isError = (kind: MethodError['kind']) => (error: unknown) => error instanceof MethodError && error.kind === kind;
/** In pieces as a network brings them. */
function* piecesOf(body: Buffer): Generator<Buffer> {
  for (let at = 0; at < body.byteLength; at += 60_000) yield body.subarray(at, at + 60_000);
}
const source = (body: Buffer) => Readable.from(piecesOf(body), { objectMode: false });
const BODY = Buffer.alloc(LARGE_BYTES, 'abcdefghijk');

test('a body - small or large, announced or not, is what came', async () => {
  const room = new BodyRoom(LARGE_BYTES);
  for (const bytes of [0, 1, BODY_LIMIT_BYTES, BODY_LIMIT_BYTES + 1, LARGE_BYTES]) {
    const body = BODY.subarray(0, bytes);
    for (const announced of [bytes, null]) {
      const held = await collectBody(source(body), announced, LARGE_BYTES, room);
      assert.ok(held.bytes.equals(body), `${bytes} bytes`);
      held.release();
    }
  }
});

test('a body - of more than the limit is refused', async () => {
  const room = new BodyRoom(LARGE_BYTES);
  await assert.rejects(collectBody(source(BODY), null, LARGE_BYTES - 1, room), isError('tooLarge'));
  await assert.rejects(collectBody(source(BODY), null, BODY_LIMIT_BYTES, room), isError('tooLarge'));
});

test('room - is taken by large bodies only, and there again once they are released, however they end', async () => {
  const room = new BodyRoom(LARGE_BYTES);
  const first = await collectBody(source(BODY), LARGE_BYTES, LARGE_BYTES, room);
  await assert.rejects(collectBody(source(BODY), LARGE_BYTES, LARGE_BYTES, room), isError('overload'));
  const small = await collectBody(source(BODY.subarray(0, 1_000)), 1_000, LARGE_BYTES, room);
  assert.equal(small.bytes.byteLength, 1_000);
  first.release();
  first.release();
  const broken = new PassThrough();
  const collecting = collectBody(broken, LARGE_BYTES, LARGE_BYTES, room);
  broken.write(BODY.subarray(0, LARGE_BYTES - 1));
  broken.destroy(new Error('gone'));
  await assert.rejects(collecting, /gone/);
  await assert.rejects(collectBody(source(BODY), null, LARGE_BYTES - 1, room), isError('tooLarge'));
  const last = await collectBody(source(BODY), null, LARGE_BYTES, room);
  assert.ok(last.bytes.equals(BODY));
  assert.equal(room.take(1), false);
  last.release();
  assert.equal(room.take(LARGE_BYTES), true);
});

test('a sender that falls silent - is given up, and its room is there again', async () => {
  const room = new BodyRoom(LARGE_BYTES);
  const held = new PassThrough();
  held.write(BODY.subarray(0, LARGE_BYTES - 1));
  await assert.rejects(collectBody(held, LARGE_BYTES, LARGE_BYTES, room, 20), SenderSilent);
  assert.equal(room.take(LARGE_BYTES), true);
  const read = new PassThrough();
  read.write(BODY.subarray(0, 1_000));
  await assert.rejects(new BodyStream(read, LARGE_BYTES, 20).drain(), SenderSilent);
  assert.ok(held.destroyed && read.destroyed);
});

test('a body as it comes - can be left, and read to its end afterwards', async () => {
  const stream = source(BODY);
  const body = new BodyStream(stream, LARGE_BYTES);
  for await (const piece of body.pieces()) {
    assert.ok(piece.byteLength > 0);
    break;
  }
  assert.equal(stream.destroyed, false);
  await body.drain();
  assert.equal(stream.readableEnded, true);
});

test('a body as it comes - of more than the limit is refused, also while it is passed over', async () => {
  const read = async () => {
    for await (const _ of new BodyStream(source(BODY), LARGE_BYTES - 1).pieces());
  };
  await assert.rejects(read, isError('tooLarge'));
  await assert.rejects(new BodyStream(source(BODY), LARGE_BYTES - 1).drain(), isError('tooLarge'));
});
