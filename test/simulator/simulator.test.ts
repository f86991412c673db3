/**
 * Design section 4: every seed twice and the same to the last byte, nothing wrong in any of them, and bugs that are put in on
 * purpose are found. A seed that fails: `npm run simulate -- --seed N`.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { findPlanted, SEEDS_PER_PLANT } from './findPlanted.ts';
import { Fleet } from './fleet.ts';
import { PLANTS } from './plants.ts';

const SEEDS = 500;

describe('the simulator', { timeout: 900_000 }, () => {
  let fleet: Fleet;
  before(async () => {
    fleet = await Fleet.open();
  });
  after(() => fleet[Symbol.asyncDispose]());

  test(`${SEEDS} seeds, each twice - are the same both times, and nothing is wrong in any`, async () => {
    const wrong: unknown[] = [];
    const seen = { seeds: 0, entries: 0 };
    const asked = Array.from({ length: SEEDS }, (_, n) => ({ seed: n + 1, plant: null }));
    await fleet.run(asked, ({ seed, findings, entries }) => {
      seen.seeds++;
      seen.entries += entries;
      if (findings.length > 0) wrong.push({ seed, ...findings[0] });
      return false;
    });
    assert.deepEqual(wrong, []);
    assert.equal(seen.seeds, SEEDS);
    assert.ok(seen.entries > SEEDS * 20, `something happens in a seed: ${seen.entries} entries`);
  });

  for (const { name, what } of PLANTS) {
    test(`planted bug "${name}", ${what} - is found within ${SEEDS_PER_PLANT} seeds`, async () => {
      const found = await findPlanted(fleet, name);
      assert.ok(found !== null, 'nobody has found it');
    });
  }
});
