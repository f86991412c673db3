/**
 * ARCHITECTURE.md, section 4: every seed twice and the same to the last byte, nothing wrong in any of them, and bugs that
 * are put in on purpose are found. A seed that fails: `npm run simulate -- --seed N`.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { findMutant, SEEDS_PER_MUTANT } from './findMutant.ts';
import { Fleet } from './fleet.ts';
import { MUTANTS } from './mutants.ts';
import { ALL_SIGHTS } from './sightings.ts';
import type { Verdict } from './twice.ts';

/** A short form: `npm run simulate -- --seeds 5000` is the long one. */
const SEEDS = 200;
const REPLAYED = 15;
/** Each kind of trouble, in so many of them. */
const SEEN_AT_LEAST = 5;

describe('the simulator', { timeout: 3_600_000 }, () => {
  let fleet: Fleet;
  before(async () => {
    fleet = await Fleet.open();
  });
  after(() => fleet[Symbol.asyncDispose]());

  test(`${SEEDS} seeds, each twice - are the same both times, and nothing is wrong in any`, async () => {
    const wrong: unknown[] = [];
    let seeds = 0;
    const seen = new Map(ALL_SIGHTS.map(sight => [sight, 0]));
    const requested = Array.from({ length: SEEDS }, (_, n) => ({ seed: n + 1, mutant: null }));
    await fleet.run(requested, ({ seed, findings, sights }) => {
      seeds++;
      for (const sight of sights) seen.set(sight, seen.get(sight)! + 1);
      if (findings.length > 0) wrong.push({ seed, ...findings[0] });
      return false;
    });
    assert.deepEqual(wrong, []);
    assert.equal(seeds, SEEDS);
    for (const [sight, times] of seen) assert.ok(times >= SEEN_AT_LEAST, `${sight}: in ${times} seeds`);
  });

  test('a seed in another process, after other ones - is the same again', async () => {
    const digests = new Map<number, string>();
    const note = ({ seed, digest }: Verdict) => {
      assert.equal(digests.get(seed) ?? digest, digest, `seed ${seed}`);
      digests.set(seed, digest);
      return false;
    };
    const requested = Array.from({ length: REPLAYED }, (_, n) => ({ seed: n + 1, mutant: null }));
    await fleet.run(requested, note);
    await using other = await Fleet.open(1);
    await other.run(requested.toReversed(), note);
    assert.equal(digests.size, REPLAYED);
    assert.equal(new Set(digests.values()).size, REPLAYED, 'every seed is another story');
  });

  for (const { name, what, firstSeed } of MUTANTS) {
    test(`mutant "${name}", ${what} - is found within ${SEEDS_PER_MUTANT} seeds`, async () => {
      const found = await findMutant(fleet, name, firstSeed);
      assert.ok(found !== null, 'no checker has found it');
    });
  }
});
