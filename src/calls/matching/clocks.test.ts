import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TestLedger } from '../../ledger/testing/testLedger.ts';
import { memoryStore } from '../../ledger/testing/testStores.ts';
import { callEntities, sourceClock } from '../entities.ts';
import { clockOffsetMs, offsetOf, sampleClock } from './clocks.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** 2026-03-02 09:00:00 UTC. */
const NINE = Date.UTC(2026, 2, 2, 9);

async function setUp() {
  const on = await TestLedger.open(memoryStore(callEntities));
  on.time.now = NINE;
  const offset = (sourceId = 1) => on.submit(state => clockOffsetMs(state, sourceId));
  return {
    on,
    offset,
    /** Reports that arrive now, and the ms since the instants they tell of. */
    sample: (...tookMs: number[]) =>
      on.submit(state => {
        for (const took of tookMs) sampleClock(state, 1, state.now - took);
      }),
    hours: async () => (await on.rows(sourceClock))[0]?.hours ?? [],
  };
}

describe('the clock of a source', () => {
  test('is believed to be right until three reports have shown otherwise', async () => {
    const { offset, sample } = await setUp();
    assert.equal(await offset(), 0);
    await sample(40_000);
    assert.equal(await offset(), 0);
    await sample(41_000);
    assert.equal(await offset(), 0);
    await sample(42_000);
    assert.equal(await offset(), 40_000);
  });

  test('behind ours - everything takes longer than it can, and the least of it is how far', async () => {
    const { offset, sample } = await setUp();
    await sample(95_000, 90_300, 300_000, 91_000);
    assert.equal(await offset(), 90_300);
    await sample(90_100);
    assert.equal(await offset(), 90_100);
    await sample(90_200);
    assert.equal(await offset(), 90_100);
  });

  test('ahead of ours - reports come before what they tell of', async () => {
    const { offset, sample } = await setUp();
    await sample(-30_000, -29_000, 4_000);
    assert.equal(await offset(), -30_000);
  });

  test('off by a second at most - is right, and the way here', async () => {
    for (const took of [-1_000, -1, 0, 300, 1_000]) {
      const { offset, sample } = await setUp();
      await sample(took, took + 5_000, took + 9_000);
      assert.equal(await offset(), 0, `${took} ms`);
    }
    const { offset, sample } = await setUp();
    await sample(1_001, 1_001, 1_001);
    assert.equal(await offset(), 1_001);
  });

  test('one punctual report - says that those of a backlog were late', async () => {
    const { offset, sample } = await setUp();
    await sample(600_000, 500_000, 400_000);
    assert.equal(await offset(), 400_000);
    await sample(200);
    assert.equal(await offset(), 0);
  });

  test('more than a quarter of an hour off - is a wrong zone or a backlog, and no sample', async () => {
    const { offset, sample, hours } = await setUp();
    await sample(15 * MINUTE_MS + 1, -15 * MINUTE_MS - 1, HOUR_MS, 3 * HOUR_MS);
    assert.deepEqual(await hours(), []);
    await sample(15 * MINUTE_MS, 15 * MINUTE_MS, 15 * MINUTE_MS);
    assert.equal(await offset(), 15 * MINUTE_MS);
    await sample(-15 * MINUTE_MS);
    assert.equal(await offset(), -15 * MINUTE_MS);
  });

  test('is measured hour by hour, and forgets after a day', async () => {
    const { on, offset, sample, hours } = await setUp();
    await sample(-30_000, 5_000, 6_000);
    on.time.now = NINE + HOUR_MS;
    await sample(7_000);
    assert.deepEqual(
      (await hours()).map(each => [each.hour - NINE / HOUR_MS, each.leastMs, each.samples]),
      [
        [0, -30_000, 3],
        [1, 7_000, 1],
      ],
    );
    on.time.now = NINE + 23 * HOUR_MS;
    await sample(8_000);
    assert.equal(await offset(), -30_000, 'the clock was set right, and it will show');
    on.time.now = NINE + 24 * HOUR_MS;
    await sample(9_000);
    assert.deepEqual(
      (await hours()).map(each => each.hour - NINE / HOUR_MS),
      [1, 23, 24],
    );
    assert.equal(await offset(), 7_000);
  });

  test('three reports of several hours - are three', async () => {
    const { on, offset, sample } = await setUp();
    for (const n of [0, 1, 2]) {
      assert.equal(await offset(), 0);
      on.time.now = NINE + n * HOUR_MS;
      await sample(20_000 + n);
    }
    assert.equal(await offset(), 20_000);
  });

  test('a source nobody heard of for a week - is as it was', async () => {
    const { on, offset, sample } = await setUp();
    await sample(20_000, 20_000, 20_000);
    on.time.now = NINE + 7 * 24 * HOUR_MS;
    assert.equal(await offset(), 20_000);
    await sample(50);
    assert.equal(await offset(), 0);
  });

  test('a report that says nothing new - writes nothing', async () => {
    const { sample, hours } = await setUp();
    await sample(20_000, 20_000, 20_000, 25_000);
    const before = await hours();
    await sample(20_000, 26_000);
    assert.deepEqual(await hours(), before);
    assert.deepEqual(before, [{ hour: NINE / HOUR_MS, leastMs: 20_000, samples: 3 }]);
  });

  test('of one source - says nothing about another', async () => {
    const { offset, sample } = await setUp();
    await sample(20_000, 20_000, 20_000);
    assert.equal(await offset(2), 0);
  });

  test('corrects what the source’s clock told, and not what we saw ourselves', async () => {
    const { on, sample } = await setUp();
    await sample(-20_000, -20_000, -20_000);
    const offsets = await on.submit(state => [
      offsetOf(state, { sourceId: 1, clocked: true }),
      offsetOf(state, { sourceId: 1, clocked: false }),
    ]);
    assert.deepEqual(offsets, [-20_000, 0]);
  });
});
