import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createScratch } from '../../test/kit/scratch.ts';
import { keyOf } from '../ledger/entity.ts';
import type { AggregateRow } from '../ledger/query.ts';
import { TestLedger } from '../ledger/testing/testLedger.ts';
import { memoryStore, postgresStore, type Store, sqliteStore } from '../ledger/testing/testStores.ts';
import { BOUNDS, bucketOf, NOT_KNOWN } from '../values/secondsBuckets.ts';
import { localDay } from '../values/zonedTime.ts';
import { NOBODY, rollup, statisticsEntities } from './entities.ts';
import { contribute } from './onCall.ts';
import { callIdPages, countAgain, emptyRollups, findMiscounts, moveDays } from './recount.ts';
import { callAt, countable, countableEntities, storeCalls, type TestCall } from './testing/testCalls.ts';

const ENTITIES = [...countableEntities, ...statisticsEntities];
const NOON = Date.UTC(2026, 2, 2, 12);
const LATE = Date.UTC(2026, 2, 2, 23, 30);

const isInAnotherDay = (id: number): RegExp =>
  new RegExp(`^call ${id} is counted in \\d{4}-\\d\\d-\\d\\d and began in \\d{4}-\\d\\d-\\d\\d$`);

const rollupsOf = (on: TestLedger): Promise<AggregateRow[]> => on.sums(rollup);
const miscountsOf = (on: TestLedger, zone = 'UTC') =>
  Array.fromAsync(findMiscounts(on.ledger.reader, countable, zone, () => {}));

const daysOf = (zone: string) => (_state: unknown, at: number) => localDay(zone, at);

const CALLS: readonly TestCall[] = [
  callAt(1, NOON, {
    line: 'Sales',
    queue: '6400',
    queueWaitSeconds: 7,
    costMicros: 250_000,
    currency: 'EUR',
    people: [
      { userId: 5, ringSeconds: 4, talkSeconds: 20 },
      { userId: 6, role: 'transferred', ringSeconds: 6, talkSeconds: 30 },
      { userId: 7, role: 'rang', ringSeconds: 11 },
    ],
  }),
  callAt(2, NOON + 1, { outcome: 'missed', talkSeconds: 0, ringSeconds: 31, people: [{ userId: 5, role: 'rang' }] }),
  callAt(3, NOON, { endedAt: null, people: [{ userId: 6 }] }),
  callAt(4, LATE, { outcome: 'voicemail', talkSeconds: 11, ringSeconds: null, sourceId: 2, short: true }),
  callAt(5, LATE, { talkSeconds: null, direction: 'outbound', line: 'Sales', costMicros: 3 }),
];

const scratch = createScratch('recount');
const ofLargeSums = createScratch('recount-large-sums');
const STORES: readonly (readonly [name: string, make: (directory: string) => Store | Promise<Store>])[] = [
  ['memory', () => memoryStore(ENTITIES)],
  ['SQLite', directory => sqliteStore(ENTITIES, directory)],
  ['PostgreSQL', () => postgresStore(ENTITIES)],
];
after(() => {
  scratch[Symbol.dispose]();
  ofLargeSums[Symbol.dispose]();
});

/** Of the rows of one dimension, what is not zero or empty. */
async function rowsOf(on: TestLedger, dimension: string): Promise<object[]> {
  const rows = (await rollupsOf(on)).filter(each => each['dimension'] === dimension);
  return rows.map(({ dimension: _dimension, count: _count, ...row }) =>
    Object.fromEntries(Object.entries(row).filter(([, value]) => value !== 0 && value !== '' && value !== NOT_KNOWN)),
  );
}

for (const [name, make] of STORES) {
  describe(`counting on ${name}`, () => {
    let on: TestLedger;
    before(async () => {
      on = await TestLedger.open(await make(scratch.path));
      await on.ledger.submit(storeCalls(CALLS));
    });
    after(() => on.close());

    test('a call - is counted once it has ended, where it belongs', async () => {
      const { day } = CALLS[0]!;
      const inbound = { day, direction: 'inbound' };
      const [quarter, late] = [NOON / 900_000, LATE / 900_000];
      const cost = { currency: 'EUR', costMicros: 250_000 };
      assert.deepEqual(await rowsOf(on, 'quarter'), [
        {
          ...inbound,
          id: quarter,
          outcome: 'answered',
          ...cost,
          calls: 1,
          talkSeconds: 50,
          ringSeconds: 10,
          waitSeconds: 7,
        },
        { ...inbound, id: quarter, outcome: 'missed', calls: 1, ringSeconds: 31 },
        // Time in a mailbox is no person's talk.
        { ...inbound, id: late, outcome: 'voicemail', calls: 1, short: 1 },
        {
          day,
          id: late,
          direction: 'outbound',
          outcome: 'answered',
          currency: 'XXX',
          costMicros: 3,
          calls: 1,
          ringSeconds: 10,
        },
      ]);
      assert.deepEqual(await rowsOf(on, 'queue'), [
        {
          ...inbound,
          id: 1,
          name: '6400',
          outcome: 'answered',
          ...cost,
          waitBucket: bucketOf(7),
          ringBucket: bucketOf(10),
          calls: 1,
          talkSeconds: 50,
          ringSeconds: 10,
          waitSeconds: 7,
        },
      ]);
      assert.deepEqual(await miscountsOf(on), []);
    });

    test('people - have their own talk and ring; rung while another answered is counted apart', async () => {
      const { day } = CALLS[0]!;
      const answered = { day, direction: 'inbound', outcome: 'answered' };
      const took = { ...answered, currency: 'EUR', costMicros: 250_000, calls: 1, waitSeconds: 7 };
      assert.deepEqual(await rowsOf(on, 'user'), [
        // Calls in which no user took part.
        { day, direction: 'inbound', outcome: 'voicemail', calls: 1, short: 1 },
        {
          day,
          direction: 'outbound',
          outcome: 'answered',
          currency: 'XXX',
          ringBucket: bucketOf(10),
          calls: 1,
          costMicros: 3,
          ringSeconds: 10,
        },
        { ...took, id: 5, ringBucket: bucketOf(4), talkSeconds: 20, ringSeconds: 4 },
        { day, id: 5, direction: 'inbound', outcome: 'missed', calls: 1 },
        { ...took, id: 6, ringBucket: bucketOf(6), talkSeconds: 30, ringSeconds: 6 },
        { ...answered, id: 7, ringBucket: bucketOf(11), rangOnly: 1, ringSeconds: 11 },
      ]);
    });

    test('an amendment - takes out exactly what was in, and a call that is open again is not counted', async () => {
      const before = await rollupsOf(on);
      const amended = callAt(1, NOON - 900_000, {
        outcome: 'busy',
        line: 'Other',
        talkSeconds: 0,
        people: [{ userId: 9 }],
      });
      await on.ledger.submit(storeCalls([amended]));
      assert.deepEqual(await miscountsOf(on), []);
      assert.notDeepEqual(await rollupsOf(on), before);
      await on.ledger.submit(storeCalls([{ ...CALLS[0]!, endedAt: null }]));
      assert.deepEqual(await miscountsOf(on), []);
      assert.deepEqual(await rowsOf(on, 'queue'), []);
      await on.ledger.submit(storeCalls([CALLS[0]!]));
      assert.deepEqual(await rollupsOf(on), before);
    });

    test('who took part changes alone - their shares are taken out and put in', async () => {
      const before = await rollupsOf(on);
      const { people, ...rest } = CALLS[0]!;
      const others = [
        { ...people[0]!, talkSeconds: 49 },
        { ...people[2]!, role: 'answered', talkSeconds: 1 },
      ];
      await on.ledger.submit(storeCalls([{ ...rest, people: others }]));
      assert.deepEqual(await miscountsOf(on), []);
      const ids = (await rowsOf(on, 'user')).map(each => (each as { readonly id?: number }).id ?? NOBODY);
      assert.deepEqual(ids, [NOBODY, NOBODY, 5, 5, 7]);
      await on.ledger.submit(storeCalls([CALLS[0]!]));
      assert.deepEqual(await rollupsOf(on), before);
    });

    test('another zone - moves calls into its days and is whole on the way back', async () => {
      const before = await rollupsOf(on);
      for (const zone of ['Pacific/Auckland', 'America/Los_Angeles', 'Asia/Kathmandu']) {
        for await (const ids of callIdPages(on.ledger.reader, countable.calls)) {
          await on.ledger.submit(moveDays(countable, [...ids, 999], daysOf(zone)));
        }
        assert.deepEqual(await miscountsOf(on, zone), []);
      }
      // Most of a call's day is another one at 23:30 UTC.
      assert.ok(
        (await miscountsOf(on, 'UTC')).some(problem =>
          /^call 4 is counted in \d{4}-\d\d-\d\d and began in \d{4}-\d\d-\d\d$/.test(problem),
        ),
      );
      const all = CALLS.map(each => each.id);
      await on.ledger.submit(moveDays(countable, all, daysOf('UTC')));
      assert.deepEqual(await rollupsOf(on), before);
    });

    test('emptied and counted again - the rows are identical', async () => {
      const before = await rollupsOf(on);
      await emptyRollups(on.ledger.reader, command => on.ledger.submit(command));
      assert.deepEqual(await rollupsOf(on), []);
      for await (const ids of callIdPages(on.ledger.reader, countable.calls)) {
        await on.ledger.submit(countAgain(countable, [...ids, 999], daysOf('UTC')));
      }
      assert.deepEqual(await rollupsOf(on), before);
      assert.deepEqual(await miscountsOf(on), []);
    });

    test('calls that are counted in another day - are put right by counting again', async () => {
      const before = await rollupsOf(on);
      const rows = await on.rows(countable.calls);
      const strays = CALLS.map((each, n) => ({ ...each, day: each.day + (n % 3) - 1 }));
      await on.ledger.submit(storeCalls(strays));
      const problems = await miscountsOf(on);
      assert.equal(problems.length, 3);
      for (const [n, id] of [1, 3, 4].entries()) assert.match(problems[n]!, isInAnotherDay(id));
      await emptyRollups(on.ledger.reader, command => on.ledger.submit(command));
      for await (const ids of callIdPages(on.ledger.reader, countable.calls)) {
        await on.ledger.submit(countAgain(countable, ids, daysOf('UTC')));
      }
      assert.deepEqual(await miscountsOf(on), []);
      assert.deepEqual(await rollupsOf(on), before);
      assert.deepEqual(await on.rows(countable.calls), rows);
    });

    test('what does not add up - is found: too much, too little, and what is in no call', async () => {
      const { day } = CALLS[0]!;
      const row = { day, name: '', direction: 'inbound', currency: '', waitBucket: NOT_KNOWN } as const;
      const rung = { ...row, dimension: 'user', id: 7, outcome: 'answered', ringBucket: bucketOf(11) } as const;
      const missed = { ...row, day, dimension: 'quarter', id: NOON / 900_000, outcome: 'missed' } as const;
      const sign = async (by: 1 | -1) =>
        on.submit(state => {
          state.add(rollup, rung, { ringSeconds: 3 * by });
          state.add(rollup, { ...rung, id: 77 }, { calls: by });
          state.add(rollup, { ...missed, ringBucket: NOT_KNOWN }, { calls: -by, ringSeconds: -31 * by });
        });
      await sign(1);
      const problems = await miscountsOf(on);
      assert.equal(problems.length, 3, problems.join('\n'));
      assert.match(problems[0]!, /^statistics of [\d-]+, user 7, inbound, .*: ringSeconds is 14, counted 11$/);
      assert.match(problems[1]!, /^statistics of [\d-]+, user 77, inbound, .*: calls is 1, counted 0$/);
      assert.match(problems[2]!, /^statistics of [\d-]+, quarter hour from .*: is missing, calls counted \d+/);
      await sign(-1);
      assert.deepEqual(await miscountsOf(on), []);
    });
  });
}

test('a call - touches a row of its quarter, its source, its line, its queue and each of its people, and no other', async () => {
  const touched = (call: TestCall): number => {
    const keys = new Set<unknown>();
    contribute(
      { add: (counter, key) => void keys.add(keyOf(counter, key)) },
      call,
      { participants: call.people, visits: call.visits },
      1,
    );
    return keys.size;
  };
  assert.equal(touched(CALLS[0]!), 4 + 3);
  assert.equal(touched(callAt(1, NOON, { people: [{ userId: 5 }] })), 3);
  assert.equal(touched(callAt(1, NOON)), 3, 'one for nobody');
});

test('histograms - every call is in the bucket its seconds fit into, bounds included', async () => {
  const on = await TestLedger.open(memoryStore(ENTITIES));
  const edges = [0, ...BOUNDS.flatMap(bound => [bound, bound + 1]), 100_000];
  await on.ledger.submit(
    storeCalls(
      edges.map((each, n) => callAt(n + 1, NOON, { queue: '6400', queueWaitSeconds: each, ringSeconds: each })),
    ),
  );
  await on.ledger.submit(storeCalls([callAt(100, NOON, { outcome: 'missed', ringSeconds: null })]));
  const counts = (bucket: string, rows: readonly AggregateRow[]) => {
    const byBucket = Map.groupBy(rows, each => each[bucket] as number);
    return [...byBucket].map(([at, each]) => [at, each.reduce((sum, { calls }) => sum + (calls as number), 0)]);
  };
  const twoEach = [...BOUNDS, 0].map((_, bucket) => [bucket, 2]);
  const rows = await rollupsOf(on);
  const ofQueue = rows.filter(each => each['dimension'] === 'queue');
  assert.deepEqual(counts('waitBucket', ofQueue), twoEach);
  assert.deepEqual(counts('ringBucket', ofQueue), twoEach);
  const ofSource = rows.filter(each => each['dimension'] === 'source');
  const inOrder = counts('ringBucket', ofSource).toSorted((a, b) => a[0]! - b[0]!);
  assert.deepEqual(inOrder, [[NOT_KNOWN, 1], ...twoEach]);
  await on.close();
});

for (const [name, make] of STORES) {
  test(`${name}, costs beyond 2^53, and beyond 2^63 - add up to the millionth, and are emptied and counted again`, async () => {
    const sums = await TestLedger.open(await make(ofLargeSums.path));
    const dearest = { costMicros: 999_999_999_999_999, currency: 'VND' };
    await sums.ledger.submit(storeCalls(Array.from({ length: 601 }, (_, n) => callAt(n + 1, NOON, dearest))));
    const counted = await rollupsOf(sums);
    assert.deepEqual([...new Set(counted.map(each => each['costMicros']))], [600_999_999_999_999_399n]);
    assert.deepEqual(await miscountsOf(sums), []);
    await emptyRollups(sums.ledger.reader, command => sums.ledger.submit(command));
    assert.deepEqual(await rollupsOf(sums), []);
    const ids = Array.from({ length: 601 }, (_, n) => n + 1);
    await sums.ledger.submit(countAgain(countable, ids, daysOf('UTC')));
    assert.deepEqual(await rollupsOf(sums), counted);
    const { count: _count, ...row } = counted[0]!;
    await sums.ledger.submit({
      name: 'large sums',
      bytes: 0,
      apply: state => {
        for (const day of [1, 2, 3])
          state.add(rollup, { ...row, day } as never, { calls: 1, costMicros: 2n ** 62n + 1n });
      },
    });
    const [total] = await sums.ledger.reader.aggregate({
      from: rollup,
      where: [{ column: 'day', is: '<', value: 4 }],
      groupBy: ['currency'],
      sum: ['calls', 'costMicros'],
    });
    assert.deepEqual([total!['calls'], total!['costMicros']], [3, 3n * (2n ** 62n + 1n)]);
    await sums.close();
  });
}

test('what does not add up - is told as it is found, and nothing of it is kept', async () => {
  const on = await TestLedger.open(memoryStore(ENTITIES));
  const calls = Array.from({ length: 2_500 }, (_, n) => callAt(n + 1, NOON, { day: 1 }));
  await on.ledger.submit(storeCalls(calls));
  const progress: number[] = [];
  const told = findMiscounts(on.ledger.reader, countable, 'UTC', counted => progress.push(counted));
  for (let id = 1; id <= 1_001; id++) {
    const { value } = await told.next();
    assert.match(value!, isInAnotherDay(id));
    assert.deepEqual(progress, id <= 1_000 ? [] : [1_000]);
  }
  await told.return(undefined);
  await on.close();
});

test('more calls than a page - are all looked at, and progress is told', async () => {
  const on = await TestLedger.open(memoryStore(ENTITIES));
  const calls = Array.from({ length: 2_500 }, (_, n) => callAt(n + 1, NOON + n * 60_000, { people: [{ userId: 3 }] }));
  await on.ledger.submit(storeCalls(calls));
  const progress: number[] = [];
  assert.deepEqual(
    await Array.fromAsync(findMiscounts(on.ledger.reader, countable, 'UTC', counted => progress.push(counted))),
    [],
  );
  assert.deepEqual(progress, [1_000, 2_000, 2_500]);
  const ids: number[] = [];
  for await (const page of callIdPages(on.ledger.reader, countable.calls)) ids.push(...page);
  assert.deepEqual(
    ids,
    calls.map(each => each.id),
  );
  await emptyRollups(on.ledger.reader, command => on.ledger.submit(command));
  assert.deepEqual(await rollupsOf(on), []);
  await on.close();
});
