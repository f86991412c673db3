import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { TestLedger } from '../ledger/testing/testLedger.ts';
import { MEMORY } from '../ledger/testing/testStores.ts';
import { placeNode } from './entities.ts';
import { addPlaces, MAX_PLACES, placesFrom, removePlace } from './places.ts';

const LANE = 7;

/** Near each other, and near the ends of nodes on every level. */
const place = fc
  .tuple(fc.constantFrom(0, 250, 511, 65_530, 131_070, 16_000_000, MAX_PLACES - 20), fc.nat(19))
  .map(([from, more]) => from + more);

test('places - are an ordered set, whatever comes and goes', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'aftercall-places-'));
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.boolean(), fc.uniqueArray(place, { maxLength: 6 }))), async steps => {
        const house = await TestLedger.open(await MEMORY.make([placeNode], directory));
        const model = new Set<number>();
        for (const [isAdding, places] of steps) {
          await house.submit(state => {
            if (isAdding) {
              const fresh = places.filter(each => !model.has(each)).sort((a, b) => a - b);
              addPlaces(state, LANE, fresh, Math.max(-1, ...model) + 1);
              for (const each of fresh) model.add(each);
            } else {
              for (const each of places.filter(one => model.has(one))) {
                const wasLowest = Math.min(...model) === each;
                model.delete(each);
                const lowest = removePlace(state, LANE, each);
                if (wasLowest) assert.equal(lowest, model.size === 0 ? null : Math.min(...model));
              }
            }
          });
        }
        const nodes = await house.rows(placeNode);
        const stored = nodes
          .filter(each => each.level === 0)
          .flatMap(({ node, bits }) =>
            bits.flatMap((word, i) =>
              Array.from({ length: 32 }, (_, bit) => bit)
                .filter(bit => (word >>> bit) & 1)
                .map(bit => node * 256 + 32 * i + bit),
            ),
          );
        assert.deepEqual(
          stored,
          [...model].sort((a, b) => a - b),
        );
        for (const from of model) {
          const besides = stored.filter(each => each >= from && each < (Math.floor(from / 256) + 1) * 256);
          assert.deepEqual(await house.submit(state => placesFrom(state, LANE, from, 4)), besides.slice(0, 4));
        }
        assert.ok(nodes.every(each => each.bits.some(word => word !== 0)));
        await house.close();
      }),
      { numRuns: 200 },
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
