import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { poolRandom } from './randomPool.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

test('poolRandom - gives out every byte once, in pieces of any size, and keeps none of them', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 30 }), sizes => {
      const pools: Uint8Array[] = [];
      const made: string[] = [];
      const random = poolRandom(bytes => {
        const pool = randomBytes(bytes);
        pools.push(pool);
        made.push(hex(pool));
        return pool;
      });
      const given = sizes.map(random);
      assert.deepEqual(
        given.map(each => each.length),
        sizes,
      );
      // One after another they are what was made, with what a piece found too short left out.
      let at = 0;
      let pool = 0;
      for (const each of given) {
        if (at + each.length > made[pool]!.length / 2) {
          pool++;
          at = 0;
        }
        assert.equal(hex(each), made[pool]!.slice(2 * at, 2 * (at + each.length)));
        at += each.length;
      }
      assert.equal(made.length, pool + 1);
      assert.ok(
        pools
          .at(-1)!
          .subarray(0, at)
          .every(byte => byte === 0),
      );
    }),
  );
});

test('poolRandom - asks for many bytes at a time, and for a large piece on its own', () => {
  const asked: number[] = [];
  const random = poolRandom(bytes => {
    asked.push(bytes);
    return randomBytes(bytes);
  });
  const given = new Set(Array.from({ length: 1_000 }, () => hex(random(10))));
  assert.equal(given.size, 1_000);
  assert.deepEqual(asked, [8_192, 8_192]);
  assert.equal(random(10_000).length, 10_000);
  assert.deepEqual(asked, [8_192, 8_192, 10_000]);
});
