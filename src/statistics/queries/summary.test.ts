/** Whatever the range and the zone, a summary is what counting the calls one by one gives. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { createRandom } from '../../../test/kit/random.ts';
import { createScratch } from '../../../test/kit/scratch.ts';
import { TestLedger } from '../../ledger/testLedger.ts';
import { memoryStore, postgresStore, type Store, sqliteStore } from '../../ledger/testStores.ts';
import { OUTCOMES } from '../../values/outcome.ts';
import { localDay } from '../../values/zonedTime.ts';
import { type CountableCall, statisticsEntities } from '../entities.ts';
import { callAt, countable, storeCalls } from '../testing/testCalls.ts';
import { type SummaryKey, type SummaryQuestion, type Sums, summary } from './summary.ts';

const ENTITIES = [countable, ...statisticsEntities];
const QUARTER_MS = 900_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Zones whose clocks change in these days, by an hour and by half of one, and zones off the full hour. */
const FIRST = Date.UTC(2026, 2, 26);
const LAST = Date.UTC(2026, 3, 8);
const ZONES = ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Auckland'];
const KEYS: readonly SummaryKey[] = ['quarter', 'hour', 'day', 'user', 'line', 'source', 'outcome'];

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
const CALLS: readonly CountableCall[] = Array.from({ length: 700 }, (_, n) =>
  callAt(n + 1, instants(n), {
    direction: random.pick(['inbound', 'outbound', 'internal'] as const),
    outcome: random.chance(0.6) ? 'answered' : random.pick(OUTCOMES),
    userId: random.pick([null, 2, 5, 11]),
    line: random.pick([null, 'Sales', '+442079460200', 'Ünï']),
    sourceId: random.pick([1, 2, 10]),
    talkSeconds: random.pick([null, 0, 7, 350]),
    ...(random.chance(0.1) ? { endedAt: null } : {}),
  }),
);

/** What a call counts under: what the zone's own clock shows, read from the platform. */
function keyOf(call: CountableCall, by: SummaryKey, timeZone: string): string | null {
  if (by === 'user') return call.userId === null ? null : String(call.userId);
  if (by === 'line') return call.line;
  if (by === 'source') return String(call.sourceId);
  if (by === 'outcome') return call.outcome;
  const quarter = Math.floor(call.startedAt / QUARTER_MS) * QUARTER_MS;
  if (by === 'quarter') return String(quarter);
  const clock = Temporal.Instant.fromEpochMilliseconds(quarter).toZonedDateTimeISO(timeZone);
  if (by === 'day') return clock.toPlainDate().toString();
  return String(quarter - clock.minute * 60_000);
}

const NONE: Sums = { calls: 0, answered: 0, missed: 0, abandoned: 0, talkSeconds: 0 };

function countOneByOne({ by, startedFrom, startedTo, timeZone }: SummaryQuestion) {
  const rows: Record<string, Sums> = {};
  const totals = { ...NONE };
  for (const call of CALLS) {
    if (call.endedAt === null) continue;
    if (startedFrom !== null && call.startedAt < startedFrom) continue;
    if (startedTo !== null && call.startedAt >= startedTo) continue;
    const key = keyOf(call, by, timeZone);
    if (key !== null) rows[key] ??= { ...NONE };
    for (const sums of key === null ? [totals] : [totals, rows[key]!]) {
      const { outcome } = call;
      sums.calls++;
      if (outcome === 'answered' || outcome === 'missed' || outcome === 'abandoned') sums[outcome]++;
      if (outcome === 'answered') sums.talkSeconds += call.talkSeconds ?? 0;
    }
  }
  return { rows, totals };
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

const scratch = createScratch('summary');
after(() => scratch[Symbol.dispose]());
const STORES: readonly (readonly [name: string, runs: number, make: () => Store | Promise<Store>])[] = [
  ['memory', 60, () => memoryStore(ENTITIES)],
  ['SQLite', 60, () => sqliteStore(ENTITIES, scratch.path)],
  ['PostgreSQL', 40, () => postgresStore(ENTITIES)],
];

for (const [name, runs, make] of STORES) {
  describe(`summary on ${name}`, () => {
    let on: TestLedger;
    before(async () => {
      on = await TestLedger.open(await make());
    });
    after(() => on.close());

    const ask = (question: SummaryQuestion) => summary(on.ledger.reader, countable, question);

    for (const dayZone of ZONES) {
      test(`any range, any zone, days kept in ${dayZone} - adds up to the calls`, async () => {
        const inDays = CALLS.map(each => ({ ...each, day: localDay(dayZone, each.startedAt) }));
        await on.ledger.submit(storeCalls(inDays));
        let rows = 0;
        await fc.assert(
          fc.asyncProperty(
            fc.constantFrom(...KEYS),
            ranges,
            fc.constantFrom(...ZONES),
            async (by, [startedFrom, startedTo], timeZone) => {
              const question = { by, startedFrom, startedTo, timeZone, dayZone };
              const answer = await ask(question);
              const expected = countOneByOne(question);
              const found = Object.fromEntries(answer.rows.map(({ key, ...sums }) => [key, sums]));
              assert.deepEqual(found, expected.rows);
              assert.deepEqual(answer.totals, expected.totals);
              rows += answer.rows.length;
            },
          ),
          { numRuns: runs },
        );
        assert.ok(rows > runs, 'the ranges were too short to mean anything');
      });
    }

    test('rows - come in the order of time, of users’ numbers, else of their keys', async () => {
      const keys = async (by: SummaryKey) => {
        const question = { by, startedFrom: null, startedTo: null, timeZone: 'UTC', dayZone: 'Pacific/Auckland' };
        return (await ask(question)).rows.map(row => row.key);
      };
      const numbers = (all: readonly string[]) => all.toSorted((a, b) => Number(a) - Number(b));
      for (const by of ['quarter', 'hour', 'user'] as const) assert.deepEqual(await keys(by), numbers(await keys(by)));
      for (const by of ['day', 'line', 'outcome'] as const)
        assert.deepEqual(await keys(by), (await keys(by)).toSorted());
      assert.deepEqual(await keys('user'), ['2', '5', '11']);
    });

    test('sources - come in the order of their numbers', async () => {
      const question = { startedFrom: null, startedTo: null, timeZone: 'UTC', dayZone: 'Pacific/Auckland' };
      const { rows } = await ask({ by: 'source', ...question });
      assert.deepEqual(
        rows.map(row => row.key),
        ['1', '2', '10'],
      );
    });

    test('a range that is empty or ends before it begins - has no calls', async () => {
      for (const by of KEYS) {
        for (const [startedFrom, startedTo] of [
          [FIRST, FIRST],
          [FIRST + 5, FIRST + 5],
          [LAST, FIRST],
          [FIRST + 20, FIRST + 10],
          [0, 1],
        ] as const) {
          const answer = await ask({ by, startedFrom, startedTo, timeZone: 'UTC', dayZone: 'Pacific/Auckland' });
          assert.deepEqual(answer, { rows: [], totals: NONE });
        }
      }
    });
  });
}
