/** Whatever is asked, the answer is what counting the calls one by one gives. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { createRandom } from '../../../test/kit/random.ts';
import { createScratch } from '../../../test/kit/scratch.ts';
import { TestLedger } from '../../ledger/testing/testLedger.ts';
import { memoryStore, postgresStore, type Store, sqliteStore } from '../../ledger/testing/testStores.ts';
import { DIRECTIONS } from '../../values/direction.ts';
import { OUTCOMES, QUEUE_OUTCOMES } from '../../values/outcome.ts';
import { BOUNDS } from '../../values/secondsBuckets.ts';
import { dayBegun } from '../../values/zonedTime.ts';
import { statisticsEntities } from '../entities.ts';
import { type Counted, countByHand, nothing } from '../testing/countByHand.ts';
import { callAt, countable, countableEntities, storeCalls, type TestCall } from '../testing/testCalls.ts';
import type { Figures } from './figures.ts';
import { planOf } from './plan.ts';
import { RangeTooLong, SUMMARY_KEYS, type SummaryFilter, type SummaryQuestion } from './question.ts';
import { compareKeys, type RowKey } from './rowKeys.ts';
import { summarize } from './summary.ts';

const ENTITIES = [...countableEntities, ...statisticsEntities];
const QUARTER_MS = 900_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Zones whose clocks change in these days, by an hour and by half of one, and zones off the full hour. */
const FIRST = Date.UTC(2026, 2, 26);
const LAST = Date.UTC(2026, 3, 8);
const ZONES = ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Auckland'];

const QUEUES = ['6400', '6401', '6402'];
const LINES = [null, 'Sales', '+442079460200', 'Ünï'];
const SOURCES = [1, 2, 10];
const USERS = [2, 5, 11];

const random = createRandom(30_012);
/** Some on the edges of quarters, days and the range itself. */
const instants = (n: number) => {
  const at = random.integer(FIRST - DAY_MS, LAST + DAY_MS);
  return n % 4 === 0
    ? Math.floor(at / QUARTER_MS) * QUARTER_MS
    : n % 9 === 0
      ? Math.floor(at / DAY_MS) * DAY_MS - 1
      : at;
};
const seconds = () => random.pick([null, 0, random.pick(BOUNDS), random.pick(BOUNDS) + 1, random.integer(0, 4_000)]);
const person = (userId: number) => ({
  userId,
  role: random.pick(['answered', 'transferred', 'caller', 'forwarded', 'rang', 'rang']),
  ringSeconds: seconds(),
  talkSeconds: seconds(),
});
/** Most calls were in no queue or in one; some in the same one of two PBXs. The last one is the call's. */
const visitsOf = (outcome: (typeof OUTCOMES)[number]) => {
  const stays = Array.from({ length: random.pick([0, 0, 1, 1, 2, 4]) }, () => ({
    queue: random.pick(QUEUES),
    sourceId: random.pick(SOURCES),
    outcome: random.chance(0.3) && outcome === 'answered' ? ('answered' as const) : random.pick(QUEUE_OUTCOMES),
    waitSeconds: seconds(),
  }));
  const apart = stays.filter(
    (each, n) => stays.findIndex(({ queue, sourceId }) => queue === each.queue && sourceId === each.sourceId) === n,
  );
  const isLast = apart.findLast(each => each.outcome === 'answered') ?? apart.at(-1);
  return [...apart.filter(each => each !== isLast), ...(isLast === undefined ? [] : [isLast])];
};
const CALLS: readonly TestCall[] = Array.from({ length: 700 }, (_, n) =>
  made(n, random.chance(0.6) ? 'answered' : random.pick(OUTCOMES)),
);

function made(n: number, outcome: (typeof OUTCOMES)[number]): TestCall {
  return callAt(n + 1, instants(n), {
    direction: random.pick(DIRECTIONS),
    outcome,
    short: random.chance(0.2),
    visits: visitsOf(outcome),
    line: random.pick(LINES),
    sourceId: random.pick(SOURCES),
    talkSeconds: seconds(),
    ringSeconds: seconds(),
    costMicros: random.pick([null, null, 0, 1, 250_000]),
    currency: random.pick([null, 'EUR', 'GBP']),
    people: USERS.filter(() => random.chance(0.4)).map(person),
    ...(random.chance(0.1) ? { endedAt: null } : {}),
  });
}

/** As `Counted` shows them. */
function plainOf(figures: Figures, ringsKnown: boolean): Counted {
  const byBound = (counts: readonly number[]) =>
    Object.fromEntries(counts.map((each, n) => [BOUNDS[n] ?? 'over', each]).filter(([, each]) => each !== 0));
  return {
    calls: figures.calls,
    short: figures.short,
    rangOnly: figures.rangOnly,
    outcomes: Object.fromEntries(Object.entries(figures.outcomes).filter(([, each]) => each !== 0)),
    talkSeconds: figures.talkSeconds,
    ringSeconds: figures.ringSeconds,
    answeredWithin: figures.answeredWithin,
    costs: Object.fromEntries(
      [...figures.costs].flatMap(([currency, { micros, calls }]) => (calls > 0 ? [[currency, Number(micros)]] : [])),
    ),
    rings: ringsKnown ? byBound(figures.rings) : {},
    waits: byBound(figures.waits),
  };
}

const instant = fc.oneof(
  fc.integer({ min: FIRST, max: LAST }),
  fc.integer({ min: FIRST / QUARTER_MS, max: LAST / QUARTER_MS }).map(quarter => quarter * QUARTER_MS),
  // The beginning of a day in one of the zones, and next to it.
  fc
    .tuple(fc.integer({ min: 0, max: 12 }), fc.constantFrom(...ZONES), fc.constantFrom(-1, 0, 0, 1))
    .map(([days, zone, off]) => {
      const day = Temporal.PlainDate.from('2026-03-26').add({ days });
      return day.toZonedDateTime(zone).startOfDay().epochMilliseconds + off;
    }),
  fc.constantFrom(...CALLS.map(each => each.startedAt)),
);
const edge = fc.option(instant, { freq: 6 });
const short = fc
  .tuple(instant, fc.integer({ min: 0, max: 2 * HOUR_MS }))
  .map(([from, length]) => [from, from + length]);
const ranges = fc.oneof(
  fc.tuple(edge, edge).map(([a, b]) => (a !== null && b !== null && a > b ? [b, a] : [a, b])),
  short,
) as fc.Arbitrary<[number | null, number | null]>;

const some = <T>(values: readonly T[]) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 });
const filters: fc.Arbitrary<SummaryFilter> = fc.record(
  {
    directions: some(DIRECTIONS),
    queues: some([null, ...QUEUES]),
    lines: some(LINES),
    sources: some(SOURCES),
    users: some([null, ...USERS]),
  },
  { requiredKeys: [] },
);
/** Half of the questions have one filter at most: rollups answer these. */
const fewFilters = fc.oneof(
  fc.constant<SummaryFilter>({}),
  filters.map(all => Object.fromEntries(Object.entries(all).slice(0, 1)) as SummaryFilter),
  filters,
);
const bys = fc.uniqueArray(fc.constantFrom(...SUMMARY_KEYS), { minLength: 0, maxLength: 2 });

const askedIn = (dayZone: string) =>
  fc.record({
    by: bys,
    filter: fewFilters,
    queuedOnly: fc.boolean(),
    range: ranges,
    timeZone: fc.oneof(fc.constant(dayZone), fc.constantFrom(...ZONES)),
  });
type Asked = ReturnType<typeof askedIn> extends fc.Arbitrary<infer T> ? T : never;
/** Whatever the seed: by each rollup that there is, and by the calls, which answer what none of them can. */
const eachPlan = (timeZone: string): [Asked][] =>
  [[], ['line'], ['queue'], ['source'], ['user'], ['user', 'queue']].map(by => [
    { by: by as Asked['by'], filter: {}, queuedOnly: false, range: [null, null], timeZone },
  ]);

/** Two PBXs that have the same queue, and other thresholds for it. */
const answerWithinSeconds = (sourceId: number, queue: string): number =>
  sourceId === 1 ? 20 : queue === '6400' ? 600 : 45;

const askedOf = (dayZone: string, asked: Partial<SummaryQuestion> = {}): SummaryQuestion => ({
  by: [],
  filter: {},
  queuedOnly: false,
  startedFrom: null,
  startedTo: null,
  timeZone: dayZone,
  dayZone,
  answerWithinSeconds,
  sourceKeyOf: id => `pbx-${id}`,
  ...asked,
});

const scratch = createScratch('summary');
after(() => scratch[Symbol.dispose]());
const STORES: readonly (readonly [name: string, runs: number, make: () => Store | Promise<Store>])[] = [
  ['memory', 150, () => memoryStore(ENTITIES)],
  ['SQLite', 150, () => sqliteStore(ENTITIES, scratch.path)],
  ['PostgreSQL', 60, () => postgresStore(ENTITIES)],
];

for (const [name, runs, make] of STORES) {
  describe(`summary on ${name}`, () => {
    let on: TestLedger;
    before(async () => {
      on = await TestLedger.open(await make());
    });
    after(() => on.close());

    const ask = (question: SummaryQuestion) =>
      summarize(on.ledger.reader, countable, question, { limit: 100_000, after: null });

    for (const dayZone of ZONES) {
      test(`any question, days kept in ${dayZone} - adds up to the calls`, async () => {
        const inDays = CALLS.map(each => ({ ...each, day: dayBegun(dayZone, each.startedAt) }));
        await on.ledger.submit(storeCalls(inDays));
        const plans = new Set<string>();
        let rows = 0;
        await fc.assert(
          fc.asyncProperty(askedIn(dayZone), async ({ range: [startedFrom, startedTo], ...asked }) => {
            const question = askedOf(dayZone, { ...asked, startedFrom, startedTo });
            const answer = await ask(question);
            const expected = countByHand(inDays, question);
            const found = answer.rows.map(each => [
              JSON.stringify(each.keys),
              plainOf(each.figures, answer.ringsKnown),
            ]);
            const rings = (each: Counted) => (answer.ringsKnown ? each : { ...each, rings: {} });
            // Waits are told where queues are: elsewhere a rollup does not keep them.
            const inTotals = question.queuedOnly || asked.filter.queues !== undefined;
            const withoutWaits = (each: Counted) => ({ ...each, waits: {}, answeredWithin: 0 });
            const ofTotals = (each: Counted) => rings(inTotals ? each : withoutWaits(each));
            const plain = (each: Counted) => (asked.by.includes('queue') ? rings(each) : ofTotals(each));
            const ofRows = Object.entries(expected.rows).map(([key, each]) => [key, plain(each)]);
            if (asked.by.length > 0) {
              assert.deepEqual(
                Object.fromEntries(found.map(([key, each]) => [key, plain(each as Counted)])),
                Object.fromEntries(ofRows),
              );
            }
            assert.deepEqual(ofTotals(plainOf(answer.totals, answer.ringsKnown)), ofTotals(expected.totals));
            plans.add(planOf(question, answer.unit));
            rows += answer.rows.length;
          }),
          { numRuns: runs, examples: eachPlan(dayZone) },
        );
        assert.ok(rows > runs, 'the ranges were too short to mean anything');
        assert.deepEqual([...plans].sort(), ['calls', 'line', 'quarter', 'queue', 'source', 'user']);
      });
    }

    test('rows - come in the order of their keys, what has none last', async () => {
      for (const by of SUMMARY_KEYS) {
        const keys = (await ask(askedOf('Pacific/Auckland', { by: [by] }))).rows.map(row => row.keys);
        assert.deepEqual(keys, keys.toSorted(compareKeys));
      }
      const keysOf = async (asked: Partial<SummaryQuestion>) =>
        (await ask(askedOf('Pacific/Auckland', asked))).rows.map(row => row.keys[0]);
      assert.deepEqual(await keysOf({ by: ['user'] }), [2, 5, 11, null]);
      assert.deepEqual(await keysOf({ by: ['queue'] }), ['6400', '6401', '6402', null]);
      assert.deepEqual(await keysOf({ by: ['queue'], queuedOnly: true }), ['6400', '6401', '6402']);
    });

    test('pages - every row once, in order, and the same totals on each', async () => {
      const question = askedOf('Pacific/Auckland', { by: ['hour', 'outcome'] });
      const whole = await ask(question);
      const seen: (readonly RowKey[])[] = [];
      let next: readonly RowKey[] | null = null;
      do {
        const page = await summarize(on.ledger.reader, countable, question, { limit: 37, after: next });
        assert.deepEqual(page.totals, whole.totals);
        assert.equal(page.rows.length === 37 || page.next === null, true);
        seen.push(...page.rows.map(each => each.keys));
        next = page.next;
      } while (next !== null);
      assert.deepEqual(
        seen,
        whole.rows.map(each => each.keys),
      );
      assert.ok(seen.length > 300);
    });

    test('a range that is empty or ends before it begins - has no calls', async () => {
      for (const by of SUMMARY_KEYS) {
        for (const [startedFrom, startedTo] of [
          [FIRST, FIRST],
          [FIRST + 5, FIRST + 5],
          [LAST, FIRST],
          [FIRST + 20, FIRST + 10],
          [0, 1],
        ] as const) {
          const answer = await ask(askedOf('Pacific/Auckland', { by: [by], startedFrom, startedTo }));
          assert.deepEqual(answer.rows, []);
          assert.deepEqual(plainOf(answer.totals, true), nothing());
        }
      }
    });
  });
}

test('a long range that no rollup answers - is refused, with how long it may be; rollups answer it', async () => {
  const on = await TestLedger.open(memoryStore(ENTITIES));
  const people = [{ userId: 2 }];
  await on.ledger.submit(
    storeCalls([
      callAt(1, FIRST, { queue: '6400', people }),
      callAt(2, FIRST + 500 * DAY_MS, { queue: '6400', people }),
    ]),
  );
  const ask = (asked: Partial<SummaryQuestion>) =>
    summarize(on.ledger.reader, countable, askedOf('UTC', asked), { limit: 10, after: null });
  for (const by of [
    ['user', 'queue'],
    ['queue', 'hour'],
  ] as const) {
    await assert.rejects(ask({ by }), (error: unknown) => error instanceof RangeTooLong && error.days === 400);
    const answer = await ask({ by, startedFrom: FIRST, startedTo: FIRST + 400 * DAY_MS });
    assert.equal(answer.totals.calls, 1);
  }
  for (const by of [['user', 'day'], ['queue', 'source'], ['hour', 'outcome'], ['weekdayHour']] as const) {
    assert.equal((await ask({ by })).totals.calls, 2);
  }
  await on.close();
});

test('more calls than one statement looks at, many in one millisecond - are each counted once', async () => {
  const on = await TestLedger.open(memoryStore(ENTITIES));
  const calls = Array.from({ length: 4_500 }, (_, n) =>
    callAt(n + 1, FIRST + Math.floor(n / 1_500), {
      queue: '6400',
      people: [{ userId: 2 }, ...(n % 2 === 0 ? [{ userId: 5 }] : [])],
    }),
  );
  await on.ledger.submit(storeCalls(calls));
  const ask = (filter: SummaryFilter) =>
    summarize(on.ledger.reader, countable, askedOf('UTC', { by: ['queue'], filter }), { limit: 10, after: null });
  assert.equal((await ask({ users: [2, 5] })).totals.calls, 4_500);
  assert.equal((await ask({ users: [5] })).totals.calls, 2_250);
  assert.equal((await ask({ users: [null, 5] })).totals.calls, 2_250);
  await on.close();
});
