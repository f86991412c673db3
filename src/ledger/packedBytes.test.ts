import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createRandom } from '../../test/kit/random.ts';
import { createCalls } from '../../test/kit/yeastarEvents.ts';
import { RAW_WORDS } from '../calls/reports/rawWords.ts';
import { packBytes, unpackBytes } from './packedBytes.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const WORDS = encode('{"from":"","to":"","n":0}');
const throughStore = (bytes: Uint8Array): Uint8Array => new Uint8Array(unpackBytes(packBytes(bytes, WORDS), WORDS)!);

/** Made of words, of bytes that look like lengths and forms, and of anything. */
const someBytes = fc
  .array(
    fc.oneof(
      fc
        .tuple(fc.nat(WORDS.length), fc.nat(WORDS.length))
        .map(([from, until]) => WORDS.slice(Math.min(from, until), until)),
      fc.constantFrom(Uint8Array.of(0), Uint8Array.of(1), new Uint8Array(200).fill(0x80)),
      fc.uint8Array({ maxLength: 300 }),
    ),
    { maxLength: 12 },
  )
  .map(parts => new Uint8Array(Buffer.concat(parts)));

describe('packed bytes', () => {
  test('any - come back as they were, and take one byte more at most', () => {
    fc.assert(
      fc.property(someBytes, bytes => {
        assert.deepEqual(throughStore(bytes), bytes);
        assert.ok(packBytes(bytes, WORDS).length <= bytes.length + 1);
      }),
      { numRuns: 2_000 },
    );
  });

  test('longer than are packed - come back as they were', () => {
    for (const length of [65_535, 65_536, 65_537, 1_000_000]) {
      const bytes = new Uint8Array(length).fill(7);
      bytes.set(WORDS, length - WORDS.length);
      assert.deepEqual(throughStore(bytes), bytes);
      bytes[0] = 1;
      assert.deepEqual(throughStore(bytes), bytes);
    }
  });

  test('that were stored before any were packed - are read as they are', () => {
    for (const text of ['', '{"from":""}', '\u0002']) assert.deepEqual(unpackBytes(encode(text), WORDS), encode(text));
  });

  test('cut short, or of words that are not there - are none', () => {
    const packed = packBytes(encode('{"from":"1","to":"2","n":0}{"from":"1","to":"2","n":0}'), WORDS);
    assert.equal(packed[0], 1);
    for (let end = 1; end < packed.length; end++) assert.equal(unpackBytes(packed.subarray(0, end), WORDS), undefined);
    assert.equal(unpackBytes(packed, WORDS.subarray(0, 10)), undefined);
  });

  test('whatever is stored - is read or is none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), stored => {
        const read = unpackBytes(Uint8Array.of(1, ...stored), WORDS);
        assert.ok(read === undefined || read instanceof Uint8Array);
      }),
      { numRuns: 5_000 },
    );
  });

  test('of events of a PBX - take a third', () => {
    const settings = {
      startedAtSeconds: 1_772_442_000,
      callsPerSecond: 1,
      queueShare: 0.12,
      firmware: 'mixed',
    } as const;
    const calls = createCalls(createRandom(1), settings);
    let sent = 0;
    let stored = 0;
    for (let n = 0; n < 500; n++) {
      for (const { body } of calls.next().events) {
        sent += body.length;
        stored += packBytes(encode(body), RAW_WORDS).length;
      }
    }
    assert.ok(stored < 0.35 * sent, `${stored} of ${sent}`);
  });
});
