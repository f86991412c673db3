/** Agents, calls and imports in any order: what must hold after every step, against a plain reading of the rules. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { MEMORY, POSTGRES, SQLITE } from '../ledger/testing/testStores.ts';
import { OUTCOMES, type Outcome } from '../values/outcome.ts';
import { completeRecord } from './completeRecord.ts';
import { type AgentDevice, OutboundError } from './context.ts';
import { isOpen } from './dailyWindow.ts';
import { type CallRecord, doNotCall, lane, placeNode } from './entities.ts';
import { getPreviewRecord } from './previewRecord.ts';
import { isPersonal } from './recordState.ts';
import { resultOfOutcome } from './resultOutcome.ts';
import {
  ANNA,
  APPLICATION,
  BERT,
  CAMPAIGN,
  CONTEXT,
  completion,
  House,
  LIST,
  NOON,
  number,
  type TestCall,
  tellCall,
  testCall,
} from './testing/testCampaigns.ts';
import { wakeDue } from './waker.ts';

const AGENTS: readonly AgentDevice[] = [ANNA, BERT, { userId: 3, login: 'carl', deviceId: 'c259da54' }];
const SECOND = 'Second';

/* The lists. */

interface FileRow {
  readonly id: number;
  readonly number: number;
  readonly chain: number | null;
  readonly type: number;
  readonly agent: string;
  readonly from: number;
  readonly dueSeconds: number | null;
}

const fileRow = fc.record({
  number: fc.nat(5),
  chain: fc.option(fc.nat(2), { freq: 2 }),
  type: fc.constantFrom(2, 2, 2, 2, 5, 7),
  agent: fc.constantFrom('', 'anna', 'bert'),
  // New York's clocks show ten in the morning at first.
  from: fc.constantFrom(0, 0, 0, 36_060),
  dueSeconds: fc.option(fc.constantFrom(-10, 20, 90), { freq: 5 }),
});
const fileRows = fc
  .array(fileRow, { minLength: 1, maxLength: 9 })
  .map(rows => rows.map((each, i): FileRow => ({ ...each, id: i + 1 })));

function csvOf(rows: readonly FileRow[], custom: string): string {
  const lines = rows.map(each =>
    [
      each.id,
      number(each.number),
      each.chain ?? '',
      each.type,
      each.agent,
      each.from,
      each.dueSeconds === null ? '' : NOON / 1000 + each.dueSeconds,
      custom,
    ].join(),
  );
  return ['record_id,contact_info,chain_id,record_type,agent_id,daily_from,dial_sched_time,custom1', ...lines].join(
    '\n',
  );
}

/* What happens. */

type Step =
  | { readonly do: 'retrieve'; readonly agents: readonly number[] }
  | {
      readonly do: 'complete';
      /** Null: the one who holds it. */
      readonly agent: number | null;
      /** Which of the handles given out so far, the latest first. */
      readonly handle: number;
      readonly result: number | null;
      readonly number: number | null;
    }
  | {
      readonly do: 'call';
      readonly id: number;
      /** Of the holder to the number of a record with one of the handles given out; null: of anybody to anybody. */
      readonly handle: number | null;
      readonly agent: number | null;
      readonly number: number;
      /** Before now. */
      readonly startedSeconds: number;
      readonly outcome: Outcome;
      readonly ended: boolean;
    }
  | { readonly do: 'wait'; readonly seconds: number }
  | {
      readonly do: 'import';
      readonly list: string;
      readonly rows: readonly FileRow[];
      readonly custom: string;
    };

const agent = fc.nat(AGENTS.length - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('retrieve' as const),
      agents: fc.array(agent, { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('complete' as const),
      agent: fc.option(agent, { freq: 2 }),
      handle: fc.nat(3),
      result: fc.option(fc.constantFrom(7, 33, 51, 52), { freq: 2 }),
      number: fc.option(fc.nat(5), { freq: 2 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('call' as const),
      id: fc.integer({ min: 1, max: 12 }),
      handle: fc.option(fc.nat(2), { freq: 4 }),
      agent: fc.option(agent, { freq: 9 }),
      number: fc.nat(5),
      startedSeconds: fc.constantFrom(0, 1, 3, 10, 40),
      outcome: fc.oneof(fc.constantFrom(...OUTCOMES), fc.constant('unknown' as const)),
      ended: fc.constantFrom(true, true, true, false),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.constantFrom(1, 5, 60) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('import' as const),
      list: fc.constantFrom(LIST, SECOND),
      rows: fileRows,
      custom: fc.constantFrom('a', 'b'),
    }),
  },
);
const story = fc.record({
  first: fileRows,
  second: fileRows,
  steps: fc.array(step, { minLength: 5, maxLength: 40 }),
});
type Story = typeof story extends fc.Arbitrary<infer T> ? T : never;

/* A plain reading of the rules. */

interface Seen {
  readonly rows: readonly CallRecord[];
  readonly calls: readonly TestCall[];
  readonly forbidden: ReadonlySet<string>;
  readonly now: number;
}

async function look(house: House): Promise<Seen> {
  const { ledger } = house;
  return {
    rows: await house.records(),
    calls: await ledger.rows(testCall),
    forbidden: new Set((await ledger.rows(doNotCall)).map(each => each.numberKey)),
    now: ledger.time.now,
  };
}

const sameChain = (a: CallRecord) => (b: CallRecord) => a.listId === b.listId && a.chainId === b.chainId;
const ownerOf = (row: CallRecord) => (isPersonal(row.recordType) ? (row.agentId ?? '') : '');

/** Whether it can be handed out, hours and due time aside. */
const isAvailable = (row: CallRecord, { rows, forbidden }: Seen) =>
  row.recordStatus === 1 &&
  row.recordType !== 7 &&
  !(row.numberKey !== null && forbidden.has(row.numberKey)) &&
  !rows.some(each => sameChain(row)(each) && each.recordStatus === 2);

/** The record an agent is to get next. */
function expectedNext(seen: Seen, login: string): number | null {
  const { rows, now } = seen;
  const can = rows.filter(
    each =>
      isAvailable(each, seen) &&
      isOpen(each, now) &&
      (each.dialSchedTime === null || each.dialSchedTime <= now) &&
      ['', login].includes(ownerOf(each)),
  );
  const key = (each: CallRecord) => [ownerOf(each) === login ? 0 : 1, each.listId, each.place];
  const [first] = can.toSorted((a, b) => compare(key(a), key(b)));
  if (first === undefined) return null;
  // A personal callback is that record; otherwise the order of the chain counts.
  const mates = can.filter(each => sameChain(first)(each) && ownerOf(each) === ownerOf(first));
  const chain = mates.toSorted((a, b) => compare([a.chainN, a.place], [b.chainN, b.place]));
  const least = chain.filter(each => each.chainN === chain[0]!.chainN);
  return (least.find(each => each.id === first.id) ?? least[0]!).id;
}

const compare = (a: readonly number[], b: readonly number[]) =>
  a.map((each, i) => each - b[i]!).find(each => each !== 0) ?? 0;

/** What calls make of a record: each that ended counts, the latest that tells something gives the result. */
function expectedFromCalls(row: CallRecord, calls: readonly TestCall[]) {
  // Clocks may be two seconds apart.
  const till = row.completedAt === null ? Number.POSITIVE_INFINITY : row.completedAt + 2_000;
  const joined = calls
    .filter(each => each.endedAt !== null && each.userId === row.heldBy && each.numberKey === row.joinKey)
    .filter(each => row.retrievedAt! - 2_000 <= each.startedAt && each.startedAt <= till)
    .toSorted((a, b) => b.startedAt - a.startedAt);
  const decisive = joined.find(each => each.outcome !== 'unknown');
  const own = decisive === undefined ? row.callResultBefore : resultOfOutcome(decisive.outcome).code;
  return {
    attempt: row.attemptBefore + joined.length,
    callTime: joined[0]?.startedAt ?? row.callTimeBefore,
    callId: (decisive ?? joined[0])?.id ?? null,
    callResult: row.resultFrom === 'agent' ? row.callResult : own,
  };
}

async function checkAll(house: House, seen: Seen): Promise<void> {
  const lanes = new Map((await house.ledger.rows(lane)).map(each => [each.id, each]));
  const handles = seen.rows.filter(each => each.handle !== null).map(each => each.handle);
  assert.equal(new Set(handles).size, handles.length, 'a handle means one record');
  for (const row of seen.rows) {
    const others = seen.rows.filter(each => sameChain(row)(each) && each.recordStatus === 2);
    assert.ok(others.length <= 1, `chain ${row.chainId} is with ${others.length} agents`);
    if (row.recordStatus === 2) assert.notEqual(row.heldBy, null);
    const waits = row.laneId !== null || row.dueAt !== null;
    assert.equal(waits, isAvailable(row, seen), `record ${row.id} ${waits ? 'waits' : 'does not wait'}`);
    if (row.laneId !== null) {
      const { listId, agentId, timeZone, dailyFrom, dailyTill } = lanes.get(row.laneId)!;
      assert.deepEqual(
        [listId, agentId, timeZone, dailyFrom, dailyTill],
        [row.listId, ownerOf(row), row.timeZone, row.dailyFrom, row.dailyTill],
      );
    }
    if (row.heldBy !== null) {
      assert.equal(row.joinKey, row.completedAt === null ? row.numberKey : row.completedKey);
      const { attempt, callTime, callId, callResult } = row;
      assert.deepEqual({ attempt, callTime, callId, callResult }, expectedFromCalls(row, seen.calls));
    }
  }
  for (const { id, first } of lanes.values()) {
    const places = seen.rows.filter(each => each.laneId === id).map(each => each.place);
    assert.equal(first, Math.min(...places), 'a lane that is empty does not exist');
  }
  const nodes = await house.ledger.rows(placeNode);
  const stored = nodes
    .filter(each => each.level === 0)
    .map(({ laneId, bits }) => [
      laneId,
      bits.map(word => word.toString(2).replaceAll('0', '').length).reduce((a, b) => a + b),
    ]);
  const counted = [...lanes.keys()].map(id => [id, seen.rows.filter(each => each.laneId === id).length]);
  assert.deepEqual(stored, counted, 'the tree has the places of the lanes');
}

/* Running a story. */

class Run {
  readonly house: House;
  /** Results agents gave, by record. */
  readonly said = new Map<number, number>();
  readonly handles: number[] = [];

  constructor(house: House) {
    this.house = house;
  }

  async take(each: Step): Promise<void> {
    const { ledger } = this.house;
    if (each.do === 'wait') ledger.time.now += each.seconds * 1_000;
    else if (each.do === 'retrieve') await this.retrieve(each.agents.map(at => AGENTS[at]!));
    else if (each.do === 'complete') await this.complete(each);
    else if (each.do === 'call') await this.call(each);
    else await this.import(each);
  }

  private async call({ id, handle, agent: at, number: n, startedSeconds, outcome, ended }: Step & { do: 'call' }) {
    const { ledger } = this.house;
    const to = handle === null ? undefined : await this.withHandle(handle);
    const userId = to?.heldBy ?? (at === null ? null : AGENTS[at]!.userId);
    const numberKey = to?.joinKey ?? number(n);
    // Calls never start in the same millisecond, and tell of the past.
    const startedAt = ledger.time.now - startedSeconds * 1_000 - id;
    const endedAt = ended ? startedAt + 500 : null;
    await ledger.submit(state => tellCall(state, id, { userId, numberKey, startedAt, endedAt, outcome }));
  }

  /** The record with one of the handles given out so far, the latest first. */
  private async withHandle(which: number): Promise<CallRecord | undefined> {
    const handle = this.handles.at(-1 - which);
    return (await this.house.records()).find(each => each.handle !== null && each.handle === handle);
  }

  private async retrieve(agents: readonly AgentDevice[]): Promise<void> {
    const { house } = this;
    await wakeDue(house.ledger.ledger, house.ledger.time.now);
    const before = await look(house);
    const given = await house.ledger.batch(
      agents.map(each => state => getPreviewRecord(state, each, CAMPAIGN, APPLICATION, 'guid', CONTEXT)),
    );
    const ids: number[] = [];
    for (const each of given) {
      if (each instanceof OutboundError) assert.equal(each.reason, 'no_record');
      else {
        ids.push(each.record.id);
        this.handles.push(each.record.handle!);
      }
    }
    assert.equal(new Set(ids).size, ids.length, 'no record is given to two');
    const [first] = given;
    const expected = expectedNext(before, agents[0]!.login);
    assert.equal(first instanceof OutboundError ? null : first!.record.id, expected);
  }

  private async complete({ agent: at, handle: which, result, number: n }: Step & { do: 'complete' }): Promise<void> {
    const { house } = this;
    const before = await this.withHandle(which);
    const handle = before?.handle ?? 999;
    const who = at === null ? (AGENTS.find(each => each.userId === before?.heldBy) ?? ANNA) : AGENTS[at]!;
    const requested = {
      callingList: before?.listId === 2 ? SECOND : LIST,
      callResult: result,
      phoneNumber: n === null ? null : number(n),
    };
    const done = await house.ledger.submit(state => completeRecord(state, who, completion(handle, requested), CONTEXT));
    if (done instanceof OutboundError) {
      const rows = (await house.records()).filter(each => before !== undefined && sameChain(before)(each));
      const expected =
        before === undefined
          ? 'unknown_handle'
          : before.heldBy !== who.userId
            ? 'not_yours'
            : before.recordStatus !== 2
              ? 'already_final'
              : 'not_in_chain';
      assert.equal(done.reason, expected);
      if (expected === 'not_in_chain') assert.ok(n !== null && rows.every(each => each.numberKey !== number(n)));
      assert.deepEqual(
        (await house.records()).find(each => each.handle === handle),
        before,
      );
      return;
    }
    assert.equal(before!.recordStatus, 2);
    assert.equal(done.record.completedKey, requested.phoneNumber ?? before!.numberKey);
    assert.equal(done.record.recordStatus, result === 52 ? 5 : 3);
    if (result !== null) this.said.set(done.record.id, result);
  }

  private async import({ list, rows, custom }: Step & { do: 'import' }): Promise<void> {
    const { house } = this;
    const before = await house.records();
    await house.import(csvOf(rows, custom), list);
    for (const row of before.filter(each => each.recordStatus !== 1)) {
      assert.deepEqual((await house.records())[row.id - 1], row, 'what is not Ready does not follow the file');
    }
    const once = await house.records();
    const again = await house.import(`${csvOf(rows, custom)}\n\n`, list);
    assert.deepEqual([again.new, again.changed], [0, 0]);
    assert.deepEqual(await house.records(), once);
  }
}

const FINAL = [3, 5, 7];

async function tell(kind: typeof MEMORY, { first, second, steps }: Story): Promise<void> {
  const house = await House.open(kind, [LIST, SECOND]);
  try {
    await house.import(csvOf(first, 'a'));
    await house.import(csvOf(second, 'a'), SECOND);
    const run = new Run(house);
    let before = await look(house);
    await checkAll(house, before);
    for (const each of steps) {
      await run.take(each);
      const after = await look(house);
      await checkAll(house, after);
      for (const row of before.rows.filter(one => FINAL.includes(one.recordStatus))) {
        const now = after.rows.find(one => one.id === row.id)!;
        assert.equal(now.recordStatus, row.recordStatus, 'finished is finished');
      }
      for (const [id, result] of run.said) assert.equal(after.rows.find(one => one.id === id)!.callResult, result);
      before = after;
    }
  } finally {
    await house.close();
  }
}

/** `PROPERTY_FACTOR=10` tries ten times as much. */
const FACTOR = Number(process.env['PROPERTY_FACTOR'] ?? 1);

describe('agents, calls and imports in any order', () => {
  for (const { kind, numRuns } of [
    { kind: MEMORY, numRuns: 150 * FACTOR },
    { kind: SQLITE, numRuns: 10 * FACTOR },
    { kind: POSTGRES, numRuns: 10 * FACTOR },
  ]) {
    test(`${kind.name} - no record is with two agents, attempts and results are what the calls say`, async () => {
      await fc.assert(
        fc.asyncProperty(story, each => tell(kind, each)),
        { numRuns },
      );
    });
  }
});

/* One record, and everything about it in two orders. */

const told = fc.record({
  id: fc.integer({ min: 1, max: 4 }),
  startedSeconds: fc.integer({ min: -4, max: 70 }),
  outcome: fc.constantFrom(...OUTCOMES),
  number: fc.constantFrom(1, 1, 2),
  ended: fc.constantFrom(true, true, false),
});

test('a completion - leaves the same record whether calls are told before or after it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(told, { maxLength: 8 }),
      fc.array(fc.tuple(fc.nat(8), fc.nat(8)), { minLength: 2, maxLength: 2 }),
      fc.option(fc.constant(2)),
      fc.option(fc.constantFrom(7, 33), { freq: 5 }),
      async (calls, [one, other], phone, callResult) => {
        const outcomes = [];
        for (const [completedAfter, shift] of [one!, other!]) {
          const house = await House.open(MEMORY);
          await house.import(`contact_info,chain_id,attempt\n${number(1)},1,2\n${number(2)},1,0`);
          const { ledger } = house;
          await ledger.submit(state => getPreviewRecord(state, ANNA, CAMPAIGN, APPLICATION, 'guid', CONTEXT));
          const complete = async () => {
            ledger.time.now = NOON + 60_000;
            const requested = completion(1, { callResult, phoneNumber: phone === null ? null : number(phone) });
            const done = await ledger.submit(state => completeRecord(state, ANNA, requested, CONTEXT));
            assert.ok(!(done instanceof OutboundError), String(done));
          };
          for (const [i, each] of inAnotherOrder(calls, shift).entries()) {
            if (i === completedAfter) await complete();
            const startedAt = NOON + each.startedSeconds * 1_000 + each.id;
            await ledger.submit(state =>
              tellCall(state, each.id, {
                userId: 1,
                numberKey: number(each.number),
                startedAt,
                endedAt: each.ended ? startedAt + 100 : null,
                outcome: each.outcome,
              }),
            );
          }
          if (completedAfter >= calls.length) await complete();
          outcomes.push(await house.records());
          await house.close();
        }
        assert.deepEqual(outcomes[0], outcomes[1]);
      },
    ),
    { numRuns: 200 },
  );
});

/** What is told of one call stays in its order, since the last word counts; calls change places. */
function inAnotherOrder<T extends { readonly id: number }>(calls: readonly T[], shift: number): readonly T[] {
  return calls
    .map((each, i) => ({ each, i }))
    .toSorted((a, b) => ((a.each.id + shift) % 5) - ((b.each.id + shift) % 5) || a.i - b.i)
    .map(({ each }) => each);
}
