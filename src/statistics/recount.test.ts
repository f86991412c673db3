import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createScratch } from '../../test/kit/scratch.ts';
import type { Counter } from '../ledger/entity.ts';
import type { AggregateRow } from '../ledger/query.ts';
import { TestLedger } from '../ledger/testLedger.ts';
import { memoryStore, postgresStore, type Store, sqliteStore } from '../ledger/testStores.ts';
import { localDay } from '../values/zonedTime.ts';
import { BUCKETS, rollupQuarter, rollupQueue, rollupSource, rollupUser, statisticsEntities } from './entities.ts';
import { callIdPages, countAgain, emptyRollups, findMiscounts, moveDays } from './recount.ts';
import { callAt, countable, storeCalls } from './testing/testCalls.ts';

const ENTITIES = [countable, ...statisticsEntities];
const ROLLUPS = statisticsEntities as unknown as readonly Counter[];
const NOON = Date.UTC(2026, 2, 2, 12);
const LATE = Date.UTC(2026, 2, 2, 23, 30);

const rollupsOf = async (on: TestLedger): Promise<AggregateRow[][]> => Promise.all(ROLLUPS.map(each => on.sums(each)));
const miscountsOf = (on: TestLedger, zone = 'UTC') => findMiscounts(on.ledger.reader, countable, zone, () => {});

const daysOf = (zone: string) => (_state: unknown, at: number) => localDay(zone, at);

const CALLS = [
  callAt(1, NOON, { userId: 5, line: 'Sales', queue: '6400', queueWaitSeconds: 7 }),
  callAt(2, NOON + 1, { userId: 5, outcome: 'missed', talkSeconds: 0, ringSeconds: 31 }),
  callAt(3, NOON, { endedAt: null, userId: 6 }),
  callAt(4, LATE, { outcome: 'voicemail', talkSeconds: 11, ringSeconds: null, sourceId: 2 }),
  callAt(5, LATE, { durationSeconds: null, talkSeconds: null, direction: 'outbound', line: 'Sales' }),
];

const scratch = createScratch('recount');
const STORES: readonly (readonly [name: string, make: () => Store | Promise<Store>])[] = [
  ['memory', () => memoryStore(ENTITIES)],
  ['SQLite', () => sqliteStore(ENTITIES, scratch.path)],
  ['PostgreSQL', () => postgresStore(ENTITIES)],
];
after(() => scratch[Symbol.dispose]());

for (const [name, make] of STORES) {
  describe(`counting on ${name}`, () => {
    let on: TestLedger;
    before(async () => {
      on = await TestLedger.open(await make());
      await on.ledger.submit(storeCalls(CALLS));
    });
    after(() => on.close());

    test('a call - is counted once it has ended, where it belongs', async () => {
      const quarter = NOON / 900_000;
      const late = LATE / 900_000;
      const day = CALLS[0]!.day;
      const sums = (calls: number, durationSeconds: number, ringSeconds: number, talkSeconds: number) => ({
        count: 1,
        calls,
        durationSeconds,
        ringSeconds,
        talkSeconds,
      });
      assert.deepEqual(await on.sums(rollupQuarter), [
        { quarter, direction: 'inbound', outcome: 'answered', ...sums(1, 60, 10, 50) },
        { quarter, direction: 'inbound', outcome: 'missed', ...sums(1, 60, 31, 0) },
        // Time in a mailbox is nobody's talk.
        { quarter: late, direction: 'inbound', outcome: 'voicemail', ...sums(1, 60, 0, 0) },
        { quarter: late, direction: 'outbound', outcome: 'answered', ...sums(1, 0, 10, 0) },
      ]);
      assert.deepEqual(await on.sums(rollupUser), [
        { day, userId: 5, direction: 'inbound', outcome: 'answered', ...sums(1, 60, 10, 50) },
        { day, userId: 5, direction: 'inbound', outcome: 'missed', ...sums(1, 60, 31, 0) },
      ]);
      assert.deepEqual(await on.sums(rollupQueue), [
        { day, queue: '6400', direction: 'inbound', outcome: 'answered', ...sums(1, 60, 10, 50), queueWaitSeconds: 7 },
      ]);
      assert.deepEqual(await miscountsOf(on), []);
    });

    test('an amendment - takes out exactly what was in, and a call that is open again is not counted', async () => {
      const before = await rollupsOf(on);
      const amended = callAt(1, NOON - 900_000, {
        userId: 9,
        outcome: 'busy',
        queue: null,
        line: 'Other',
        talkSeconds: 0,
      });
      await on.ledger.submit(storeCalls([amended]));
      assert.deepEqual(await miscountsOf(on), []);
      assert.notDeepEqual(await rollupsOf(on), before);
      await on.ledger.submit(storeCalls([{ ...CALLS[0]!, endedAt: null }]));
      assert.deepEqual(await miscountsOf(on), []);
      assert.ok((await on.sums(rollupQueue)).length === 0);
      await on.ledger.submit(storeCalls([CALLS[0]!]));
      assert.deepEqual(await rollupsOf(on), before);
    });

    test('another zone - moves calls into its days and is whole on the way back', async () => {
      const before = await rollupsOf(on);
      for (const zone of ['Pacific/Auckland', 'America/Los_Angeles', 'Asia/Kathmandu']) {
        for await (const ids of callIdPages(on.ledger.reader, countable)) {
          await on.ledger.submit(moveDays(countable, [...ids, 999], daysOf(zone)));
        }
        assert.deepEqual(await miscountsOf(on, zone), []);
      }
      // Most of a call's day is another one at 23:30 UTC.
      assert.ok((await miscountsOf(on, 'UTC')).some(problem => /^call 4 is counted in another day$/.test(problem)));
      await on.ledger.submit(
        moveDays(
          countable,
          CALLS.map(each => each.id),
          daysOf('UTC'),
        ),
      );
      assert.deepEqual(await rollupsOf(on), before);
    });

    test('emptied and counted again - the rows are identical', async () => {
      const before = await rollupsOf(on);
      await emptyRollups(on.ledger.reader, command => on.ledger.submit(command));
      assert.deepEqual((await rollupsOf(on)).flat(), []);
      for await (const ids of callIdPages(on.ledger.reader, countable)) {
        await on.ledger.submit(countAgain(countable, [...ids, 999], daysOf('UTC')));
      }
      assert.deepEqual(await rollupsOf(on), before);
      assert.deepEqual(await miscountsOf(on), []);
    });

    test('calls that are counted in another day - are put right by counting again', async () => {
      const before = await rollupsOf(on);
      const rows = await on.rows(countable);
      const strays = CALLS.map((each, n) => ({ ...each, day: each.day + (n % 3) - 1 }));
      await on.ledger.submit(storeCalls(strays));
      const problems = await miscountsOf(on);
      assert.deepEqual(
        problems,
        [1, 3, 4].map(id => `call ${id} is counted in another day`),
      );
      await emptyRollups(on.ledger.reader, command => on.ledger.submit(command));
      for await (const ids of callIdPages(on.ledger.reader, countable)) {
        await on.ledger.submit(countAgain(countable, ids, daysOf('UTC')));
      }
      assert.deepEqual(await miscountsOf(on), []);
      assert.deepEqual(await rollupsOf(on), before);
      assert.deepEqual(await on.rows(countable), rows);
    });

    test('what does not add up - is found: too much, too little, and what is in no call', async () => {
      const { day } = CALLS[0]!;
      const known = { day, userId: 5, direction: 'inbound', outcome: 'answered' } as const;
      const missed = { quarter: NOON / 900_000, direction: 'inbound', outcome: 'missed' } as const;
      await on.submit(state => {
        state.add(rollupUser, known, { talkSeconds: 3 });
        state.add(rollupUser, { ...known, userId: 77 }, { calls: 1 });
        state.add(rollupQuarter, missed, { calls: -1, durationSeconds: -60, ringSeconds: -31 });
      });
      const problems = await miscountsOf(on);
      assert.equal(problems.length, 3);
      assert.match(problems[0]!, /^rollupQuarter ".*" is missing$/);
      assert.match(problems[1]!, /^rollupUser ".*": talkSeconds is 53, counted 50$/);
      assert.match(problems[2]!, /^rollupUser ".*": calls is 1, counted 0$/);
      await on.submit(state => {
        state.add(rollupUser, known, { talkSeconds: -3 });
        state.add(rollupUser, { ...known, userId: 77 }, { calls: -1 });
        state.add(rollupQuarter, missed, { calls: 1, durationSeconds: 60, ringSeconds: 31 });
      });
      assert.deepEqual(await miscountsOf(on), []);
    });
  });
}

test('histograms - every call is in the bucket its seconds fit into, bounds included', async () => {
  const on = await TestLedger.open(memoryStore(ENTITIES));
  const edges = [0, ...BUCKETS.flatMap(bound => [bound, bound + 1]), 100_000];
  await on.ledger.submit(
    storeCalls(edges.map((each, n) => callAt(n + 1, NOON, { ringSeconds: each, talkSeconds: each }))),
  );
  await on.ledger.submit(
    storeCalls([
      callAt(100, NOON, { outcome: 'missed', ringSeconds: null, talkSeconds: 5 }),
      callAt(101, NOON, { outcome: 'answered', ringSeconds: null, talkSeconds: null }),
    ]),
  );
  const [answered, missed] = await on.sums(rollupSource);
  const bucketsOf = (row: AggregateRow | undefined, what: string) =>
    Array.from({ length: BUCKETS.length + 1 }, (_, n) => row![`${what}${n}`]);
  assert.deepEqual(bucketsOf(answered, 'ring'), [2, 2, 2, 2, 2, 2, 2, 2]);
  assert.deepEqual(bucketsOf(answered, 'talk'), [3, 2, 2, 2, 2, 2, 2, 2], 'talk that is not known is none');
  assert.deepEqual(bucketsOf(missed, 'ring'), Array(8).fill(0));
  assert.deepEqual(bucketsOf(missed, 'talk'), Array(8).fill(0));
  await on.close();
});

test('more calls than a page - are all looked at, and progress is told', async () => {
  const on = await TestLedger.open(memoryStore(ENTITIES));
  const calls = Array.from({ length: 2_500 }, (_, n) => callAt(n + 1, NOON + n * 60_000));
  await on.ledger.submit(storeCalls(calls));
  const progress: number[] = [];
  assert.deepEqual(await findMiscounts(on.ledger.reader, countable, 'UTC', counted => progress.push(counted)), []);
  assert.deepEqual(progress, [1_000, 2_000, 2_500]);
  const ids: number[] = [];
  for await (const page of callIdPages(on.ledger.reader, countable)) ids.push(...page);
  assert.deepEqual(
    ids,
    calls.map(each => each.id),
  );
  await emptyRollups(on.ledger.reader, command => on.ledger.submit(command));
  assert.deepEqual((await rollupsOf(on)).flat(), []);
  await on.close();
});
