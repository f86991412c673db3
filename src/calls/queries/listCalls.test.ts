/** Lists that ask for as much as `/v1` lets them, on the engine that allows statements the least. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createScratch } from '../../../test/kit/scratch.ts';
import { TestLedger } from '../../ledger/testing/testLedger.ts';
import { sqliteStore } from '../../ledger/testing/testStores.ts';
import {
  type Call,
  call,
  participation,
  type QueueVisit,
  queueVisit,
  type SourceCall,
  sourceCall,
} from '../entities.ts';
import type { SourceThresholds } from './callFilter.ts';
import { type CallCursor, listCalls } from './listCalls.ts';

const USERS = Array.from({ length: 100 }, (_, n) => n + 1);
const CALLS_PER_USER = 250;
const SOURCES = 12;
const WAITS = [1, 2, 3, 20, 21, 45, 46, 300, 301, 3_600, 3_601];

/** A name that every third call has; every eleventh is joined with one that another source calls so. */
const ALIKE = 'unknown';
const ALIKE_SOURCE = 50;
const JOINED = 100_000;
const isJoined = (id: number) => id % 11 === 0;
const isAlike = (id: number) => id % 3 === 1;
function sourceCallsOf({ id, sourceId }: Call): SourceCall[] {
  const own = { id, sourceId, name: String(id), kind: 'call', callId: id } as const;
  const joined = { ...own, id: JOINED + id, sourceId: ALIKE_SOURCE, externalId: ALIKE };
  return [{ ...own, externalId: isAlike(id) ? ALIKE : String(id) }, ...(isJoined(id) ? [joined] : [])];
}

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
  sourceCalls: isJoined(id) ? [JOINED + id] : null,
  historical: false,
});
const CALLS = Array.from({ length: USERS.length * CALLS_PER_USER }, (_, n) => callOf(n + 1));
const onlyRang = ({ id }: Pick<Call, 'id'>) => id % 3 === 0;

/** Every fifth call was given on by the queue all of these share; a third of them came back to one of the same number elsewhere. */
const SHARED = '7000';
function visitsOf({ id, sourceId, startedAt, queue, queueWaitSeconds }: Call): QueueVisit[] {
  if (queue === null) return [];
  const stays = [
    ...(id % 5 === 0 ? [{ sourceId, queue: SHARED, outcome: 'overflowed' as const, waitSeconds: 9 }] : []),
    ...(id % 15 === 0 ? [{ sourceId: 99, queue: SHARED, outcome: 'abandoned' as const, waitSeconds: 9 }] : []),
    { sourceId, queue, outcome: 'answered' as const, waitSeconds: queueWaitSeconds },
  ];
  return stays.map((each, place) => ({ ...each, callId: id, startedAt, place }));
}

const scratch = createScratch('listCalls');
let on: TestLedger;
before(async () => {
  on = await TestLedger.open(await sqliteStore([call, sourceCall, participation, queueVisit], scratch.path), {
    given: { call: 2 * JOINED },
  });
  for (let from = 0; from < CALLS.length; from += 5_000) {
    await on.submit(state => {
      for (const each of CALLS.slice(from, from + 5_000)) {
        state.insert(call, each);
        for (const told of sourceCallsOf(each)) state.insert(sourceCall, told);
        state.insert(participation, {
          callId: each.id,
          userId: (each.id % USERS.length) + 1,
          role: onlyRang(each) ? 'rang' : 'answered',
          startedAt: each.startedAt,
          ringSeconds: null,
          talkSeconds: null,
        });
        for (const visit of visitsOf(each)) state.insert(queueVisit, visit);
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

test('a name outside that thousands of calls have - leads to all of them, page by page, and the other filters choose', async () => {
  const alike = CALLS.filter(({ id }) => isAlike(id) || isJoined(id));
  assert.ok(alike.length > 5_000, 'more than are looked up by their name');
  assert.deepEqual(await idsOf({ externalId: ALIKE }), newestFirst(alike));
  assert.deepEqual(await idsOf({ externalId: '3' }), [3]);
  const joined = alike.filter(({ id }) => isJoined(id));
  assert.deepEqual(await idsOf({ externalId: ALIKE, sourceIds: [ALIKE_SOURCE] }), newestFirst(joined));
  const theirs = alike.filter(each => each.id % USERS.length === 1 && !onlyRang(each));
  assert.deepEqual(await idsOf({ externalId: ALIKE, users: [2] }), newestFirst(theirs));
  const found: number[] = [];
  for (let after: CallCursor | null = null; ; ) {
    const { items, next } = await listCalls(on.ledger.reader, { externalId: ALIKE, now: 0 }, 1_500, after);
    found.push(...items.map(each => each.id));
    if (next === null) break;
    after = next;
  }
  assert.deepEqual(found, newestFirst(alike));
});

test('a name outside that thousands of calls have - is said to have been looked for up to a call', async () => {
  const filter = { externalId: ALIKE, users: [9_999], now: 0 };
  const { items, next, searchedTo } = await listCalls(on.ledger.reader, filter, 10, null, { callsMost: 2_000 });
  assert.deepEqual(items, []);
  assert.ok(searchedTo !== null && searchedTo < CALLS.at(-1)!.startedAt && next?.startedAt === searchedTo);
});

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
  assert.deepEqual(await idsOf({ queued: true, figure: { answeredWithin } }), expected);
});

test('calls of a queue - each once, newest first, under what became of it there', async () => {
  const shared = CALLS.filter(each => each.queue !== null && each.id % 5 === 0);
  const back = shared.filter(each => each.id % 15 === 0);
  const passed = shared.filter(each => each.id % 15 !== 0);
  const queues = [SHARED];
  assert.ok(passed.length > 2_000, 'more than one window');
  assert.deepEqual(await idsOf({ queues }), newestFirst(shared));
  assert.deepEqual(await idsOf({ queues, outcomes: ['overflowed'] }), newestFirst(passed));
  assert.deepEqual(await idsOf({ queues, figure: { outcome: 'abandoned' } }), newestFirst(back));
  assert.deepEqual(await idsOf({ queues, sourceIds: [99] }), newestFirst(back));
  assert.deepEqual(await idsOf({ queues, outcomes: ['answered'] }), []);
  const from6000 = CALLS.filter(each => each.queue === '6000');
  const either = newestFirst(CALLS.filter(each => shared.includes(each) || from6000.includes(each)));
  assert.deepEqual(await idsOf({ queues: [SHARED, '6000'] }), either);
  const answered = await idsOf({ queues: [SHARED, '6000'], outcomes: ['answered'] });
  assert.deepEqual(answered, newestFirst(from6000));
});

test('calls of a queue, and others asked for with them - those without one, of users, at a time', async () => {
  const unqueued = CALLS.filter(each => each.queue === null);
  assert.deepEqual(await idsOf({ queues: [null] }), newestFirst(unqueued));
  const shared = CALLS.filter(each => each.queue !== null && each.id % 5 === 0);
  assert.deepEqual(
    await idsOf({ queues: [null, SHARED] }),
    newestFirst(CALLS.filter(each => unqueued.includes(each) || shared.includes(each))),
  );
  const ofUser = shared.filter(each => (each.id % USERS.length) + 1 === 6 && !onlyRang(each));
  assert.ok(ofUser.length > 10);
  assert.deepEqual(await idsOf({ queues: [SHARED], users: [6] }), newestFirst(ofUser));
  const late = shared.filter(each => each.startedAt >= 20_000_000);
  assert.deepEqual(await idsOf({ queues: [SHARED], startedFrom: 20_000_000 }), newestFirst(late));
  assert.deepEqual(await idsOf({ queues: [SHARED], lines: ['nowhere'] }), []);
});

test('pages of a queue - go on where the page before ended', async () => {
  const shared = newestFirst(CALLS.filter(each => each.queue !== null && each.id % 5 === 0));
  const seen: number[] = [];
  let cursor: CallCursor | null = null;
  do {
    const page: Awaited<ReturnType<typeof listCalls>> = await listCalls(
      on.ledger.reader,
      { queues: [SHARED], now: 0 },
      700,
      cursor,
    );
    seen.push(...page.items.map(each => each.id));
    cursor = page.next;
  } while (cursor !== null);
  assert.deepEqual(seen, shared);
});

test('rare calls - a page ends where it has looked far enough, says so, and `next` goes on', async () => {
  const filter = { sourceIds: [3], now: 0 };
  const wanted = CALLS.filter(each => each.sourceId === 3);
  const found: number[] = [];
  let ended = 0;
  for (let after: Awaited<ReturnType<typeof listCalls>>['next'] = null; ; ) {
    const page = await listCalls(on.ledger.reader, filter, 1_000, after, { callsMost: 2_000 });
    found.push(...page.items.map(each => each.id));
    if (page.next === null) {
      assert.equal(page.searchedTo, null, 'the last page looked to the end');
      break;
    }
    assert.ok(page.items.length < 1_000);
    assert.equal(page.searchedTo, page.next.startedAt);
    ended++;
    after = page.next;
  }
  assert.deepEqual(found, newestFirst(wanted));
  assert.ok(ended > 3, `${ended} pages ended early`);
});
