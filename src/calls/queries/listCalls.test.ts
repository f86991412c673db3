/** Lists that ask for as much as `/v1` lets them, on the engine that allows statements the least. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createScratch } from '../../../test/kit/scratch.ts';
import { TestLedger } from '../../ledger/testing/testLedger.ts';
import { sqliteStore } from '../../ledger/testing/testStores.ts';
import { type Call, call, participation, queueVisit } from '../entities.ts';
import type { SourceThresholds } from './callFilter.ts';
import { listCalls } from './listCalls.ts';

const USERS = Array.from({ length: 100 }, (_, n) => n + 1);
const CALLS_PER_USER = 250;
const SOURCES = 12;
const WAITS = [1, 2, 3, 20, 21, 45, 46, 300, 301, 3_600, 3_601];

const EMPTY = Object.fromEntries(call.columnNames.map(name => [name, null])) as unknown as Call;
/** The calls of all users take turns. Every third only rang at its user, and another one answered. */
const callOf = (id: number): Call => ({
  ...EMPTY,
  id,
  sourceId: (id % SOURCES) + 1,
  direction: 'inbound',
  startedAt: 1_000 * id,
  day: 0,
  endedAt: 1_000 * id,
  outcome: 'answered',
  short: false,
  queue: id % 7 === 0 ? null : String(6_000 + (id % 211)),
  queueWaitSeconds: id % 13 === 0 ? null : WAITS[id % WAITS.length]!,
  legs: [],
  historical: false,
});
const CALLS = Array.from({ length: USERS.length * CALLS_PER_USER }, (_, n) => callOf(n + 1));
const onlyRang = ({ id }: Pick<Call, 'id'>) => id % 3 === 0;

const scratch = createScratch('listCalls');
let on: TestLedger;
before(async () => {
  on = await TestLedger.open(await sqliteStore([call, participation, queueVisit], scratch.path));
  for (let from = 0; from < CALLS.length; from += 5_000) {
    await on.submit(state => {
      for (const each of CALLS.slice(from, from + 5_000)) {
        state.insert(call, each);
        state.insert(participation, {
          callId: each.id,
          userId: (each.id % USERS.length) + 1,
          role: onlyRang(each) ? 'rang' : 'answered',
          startedAt: each.startedAt,
          ringSeconds: null,
          talkSeconds: null,
        });
      }
    });
  }
});
after(async () => {
  await on.close();
  scratch[Symbol.dispose]();
});

const idsOf = async (filter: Omit<Parameters<typeof listCalls>[1], 'now'>): Promise<number[]> => {
  const { items, next } = await listCalls(on.ledger.reader, { ...filter, now: 0 }, CALLS.length, null);
  assert.equal(next, null);
  return items.map(each => each.id);
};
const newestFirst = (calls: readonly Call[]) => calls.map(each => each.id).reverse();

for (const count of [1, 30, USERS.length]) {
  test(`calls of ${count} users - each call they took part in, and none that only rang`, async () => {
    const users = USERS.slice(0, count);
    const theirs = CALLS.filter(each => each.id % USERS.length < count);
    assert.deepEqual(await idsOf({ users }), newestFirst(theirs.filter(each => !onlyRang(each))));
    assert.deepEqual(await idsOf({ users, figure: { rangOnly: true } }), newestFirst(theirs.filter(onlyRang)));
  });
}

test('answered within the thresholds of twelve sources with 200 queues each - the calls that waited no longer', async () => {
  const SECONDS = [2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1_200, 3_600];
  const answeredWithin: SourceThresholds[] = Array.from({ length: SOURCES }, (_, n) => ({
    sourceId: n + 1,
    answerWithinSeconds: SECONDS[n]!,
    queueThresholds: Object.fromEntries(
      Array.from({ length: 200 }, (_, at) => [String(6_000 + at), SECONDS[(at * (n + 1)) % SECONDS.length]!]),
    ),
  }));
  const within = ({ sourceId, queue, queueWaitSeconds }: Call) => {
    if (queue === null || queueWaitSeconds === null) return false;
    const { queueThresholds, answerWithinSeconds } = answeredWithin[sourceId - 1]!;
    return queueWaitSeconds <= (queueThresholds[queue] ?? answerWithinSeconds);
  };
  const expected = newestFirst(CALLS.filter(within));
  assert.ok(expected.length > 1_000 && expected.length < CALLS.length - 1_000);
  assert.deepEqual(await idsOf({ figure: { answeredWithin } }), expected);
});
