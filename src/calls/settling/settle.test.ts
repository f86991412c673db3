import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { journal } from '../../ledger/journal.ts';
import { TestLedger } from '../../ledger/testing/testLedger.ts';
import { memoryStore } from '../../ledger/testing/testStores.ts';
import { source, sourceEntities } from '../../sources/entities.ts';
import { call, callEntities, settlingLine } from '../entities.ts';
import type { CallsContext } from '../fold/refold.ts';
import { acceptReport } from '../reports/accept.ts';
import { correctCall, retractCorrection } from '../reports/corrections.ts';
import type { CorrectedFields, IncomingReport } from '../reports/report.ts';
import { legFact, legReport, NATIVE, PBX, START, statedCall, statedReport } from '../testing/testReports.ts';
import { testSources } from '../testing/testSources.ts';
import { settledCalls } from './expansion.ts';
import { isSettled } from './line.ts';
import { settleCalls, settleSoon } from './settle.ts';
import { startSettler } from './settler.ts';

const context: CallsContext = {
  sources: testSources,
  holderOf: () => null,
  dayOf: () => 0,
  reactors: [],
  lateReactors: [],
};
const SAYING = { kind: 'native.correction', author: 'anna', contentType: null, raw: new Uint8Array(0) };

/** A leg that begins so many seconds after the call, so that each one is news. */
const leg = (offsetSeconds: number) => legReport('1.1', legFact('4005', offsetSeconds, 'no_answer', [10, 0]));

async function setUp() {
  const on = await TestLedger.open(memoryStore([...sourceEntities, ...callEntities]));
  await on.submit(state => {
    state.put(source, PBX);
    state.put(source, NATIVE);
  });
  return {
    on,
    accept: (incoming: IncomingReport) => on.ledger.submit(acceptReport(incoming, context)),
    correct: (fields: CorrectedFields) => on.ledger.submit(correctCall(1, fields, null, SAYING, context)),
    retract: (n: number) => on.ledger.submit(retractCorrection(1, n, SAYING, context)),
    settle: (upTo?: number) => on.ledger.submit(settleCalls(upTo)),
    waiting: async () => (await on.rows(call)).map(({ endedSeenAt, settlesAt }) => ({ endedSeenAt, settlesAt }))[0],
    line: async () => (await on.rows(settlingLine))[0]?.at,
    isSettled: async () => {
      const [row] = await on.rows(call);
      return on.submit(state => isSettled(state, row));
    },
    kinds: async () => (await on.rows(journal)).map(row => row.kind),
  };
}

describe('settling', () => {
  test('each new report - moves the due time, a repeat does not', async () => {
    const { on, accept, waiting } = await setUp();
    on.time.now = 100_000;
    await accept(leg(0));
    assert.deepEqual(await waiting(), { endedSeenAt: 100_000, settlesAt: 105_000 });
    on.time.now = 103_000;
    await accept(leg(0));
    assert.equal((await waiting())?.settlesAt, 105_000);
    await accept(leg(1));
    assert.deepEqual(await waiting(), { endedSeenAt: 100_000, settlesAt: 108_000 });
  });

  test('a stated call - waits a second', async () => {
    const { on, accept, waiting } = await setUp();
    on.time.now = 100_000;
    await accept(statedReport(statedCall('x', { durationSeconds: 1 })));
    assert.equal((await waiting())?.settlesAt, 101_000);
  });

  test('a call that goes on being told of - settles ten minutes after its end was first told', async () => {
    const { on, accept, waiting, settle, isSettled: hasSettled } = await setUp();
    on.time.now = 100_000;
    for (let n = 0; n < 150; n++) {
      await accept(leg(n));
      on.time.now += 4_000;
    }
    assert.equal(on.time.now, 700_000);
    assert.equal((await waiting())?.settlesAt, 700_000);
    on.time.now = 699_999;
    await settle();
    assert.equal(await hasSettled(), false);
    on.time.now = 702_000;
    await accept(leg(200));
    assert.equal((await waiting())?.settlesAt, 700_000, 'late already: it is due at once');
    await settle();
    assert.equal(await hasSettled(), true);
  });

  test('the line - moves to the time of the batch or to what it is given, and never back', async () => {
    const { on, settle, line } = await setUp();
    on.time.now = 100_000;
    await settle();
    await settle();
    await settle(90_000);
    assert.equal(await line(), 100_000);
    on.time.now = 200_000;
    await settle(150_000);
    await settle(400_000);
    assert.equal(await line(), 200_000);
    assert.deepEqual(
      (await on.rows(journal)).map(({ kind, callId, data }) => [kind, callId, data]),
      [
        ['calls.settled', null, { from: 0, to: 100_000 }],
        ['calls.settled', null, { from: 100_000, to: 150_000 }],
        ['calls.settled', null, { from: 150_000, to: 200_000 }],
      ],
    );
  });

  test('before the line has passed it - a call has not settled; then it has, and its row is as it was', async () => {
    const { on, accept, settle, isSettled: hasSettled } = await setUp();
    on.time.now = 100_000;
    await accept(leg(0));
    const row = (await on.rows(call))[0];
    on.time.now = 104_999;
    await settle();
    assert.equal(await hasSettled(), false);
    on.time.now = 105_000;
    await settle();
    assert.equal(await hasSettled(), true);
    assert.deepEqual((await on.rows(call))[0], row);
  });

  test('after it has settled - a late report amends the call and settles nothing', async () => {
    const { on, accept, correct, settle, waiting, kinds } = await setUp();
    on.time.now = 100_000;
    await accept(leg(0));
    on.time.now = 105_000;
    await settle();
    const settled = await waiting();
    on.time.now = 110_000;
    await accept(leg(5));
    await correct({ note: 'late' });
    await on.submit(state => settleSoon(state, 1, 0, testSources));
    assert.deepEqual(await waiting(), settled);
    assert.deepEqual(await kinds(), ['call.ended', 'calls.settled', 'call.amended', 'call.amended']);
    assert.equal((await on.rows(call))[0]?.legs.length, 2);
  });

  test('a due time - is never set where the line has been, also when a call has waited long enough', async () => {
    const { on, accept, settle, waiting, line } = await setUp();
    on.time.now = 100_000;
    await accept(leg(0));
    on.time.now = 600_000;
    await settle(104_000);
    // It is reported again while the line is late, and after its ten minutes.
    on.time.now = 701_000;
    await accept(leg(1));
    assert.deepEqual([await line(), (await waiting())?.settlesAt], [104_000, 700_000]);
    await settle(699_000);
    await on.submit(state => settleSoon(state, 1, -600_000, testSources));
    assert.deepEqual([await line(), (await waiting())?.settlesAt], [699_000, 700_000]);
    await on.submit(state => {
      const [row] = [state.get(call, 1)!];
      state.put(call, { ...row, settlesAt: 900_000, endedSeenAt: 1_000 });
    });
    await accept(leg(2));
    assert.equal((await waiting())?.settlesAt, 699_001, 'ten minutes after its end the line had passed already');
  });

  test('a call that a person ended - waits, and no longer when that is taken back', async () => {
    const { on, accept, correct, retract, waiting, settle, kinds, isSettled: hasSettled } = await setUp();
    const nothing = { endedSeenAt: null, settlesAt: null };
    on.time.now = 100_000;
    await accept(statedReport(statedCall('x')));
    assert.deepEqual(await waiting(), nothing);
    await correct({ endedAt: START + 9_000 });
    assert.equal((await waiting())?.settlesAt, 101_000);
    await retract(1);
    assert.deepEqual(await waiting(), nothing);
    on.time.now = 200_000;
    await settle();
    assert.equal(await hasSettled(), false);
    await accept(statedReport(statedCall('x', { durationSeconds: 4 })));
    assert.deepEqual(await waiting(), { endedSeenAt: 200_000, settlesAt: 201_000 });
    assert.deepEqual(await kinds(), ['call.registered', 'call.ended', 'call.amended', 'calls.settled', 'call.ended']);
  });

  test('a call that only imports tell of - is historical until another report comes, and stays so once it has settled', async () => {
    const { on, accept, correct, settle } = await setUp();
    const historical = async () => (await on.rows(call)).map(each => each.historical);
    const imported = (name: string, fields: object = {}) => ({
      ...statedReport(statedCall(name, { durationSeconds: 1, ...fields })),
      historical: true,
    });
    on.time.now = 100_000;
    await accept(imported('x'));
    await accept(imported('x', { note: 'again' }));
    await accept(imported('y'));
    await correct({ note: 'looked through after the import' });
    assert.deepEqual(await historical(), [true, true], 'what a person says is no report');
    await accept(statedReport(statedCall('x', { durationSeconds: 2 })));
    assert.deepEqual(await historical(), [false, true]);
    on.time.now = 101_000;
    await settle();
    await accept(statedReport(statedCall('y', { durationSeconds: 2 })));
    assert.deepEqual(await historical(), [false, true]);
    const marks = (await on.rows(journal)).map(({ kind, data }) => [kind, data?.['historical']]);
    assert.deepEqual(marks, [
      ['call.ended', true],
      ['call.amended', true],
      ['call.ended', true],
      ['call.amended', undefined],
      ['call.amended', undefined],
      ['calls.settled', undefined],
      ['call.amended', undefined],
    ]);
  });
});

describe('startSettler', () => {
  /** The settler's timer, wound by hand; the clock is the ledger's. */
  const wind = (t: TestContext) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    return (ms: number) => t.mock.timers.tick(ms);
  };
  const rethrow = (error: unknown) => {
    throw error;
  };
  /** The next batch with entries. */
  const told = (on: TestLedger) =>
    new Promise<unknown[]>(resolve => {
      const leave = on.ledger.onCommit(entries => {
        leave();
        resolve(entries.map(each => [each.kind, each.data]));
      });
    });
  /** A round has ended when nothing that it waits for is under way. */
  const roundEnds = async () => {
    for (let n = 0; n < 20; n++) await new Promise(resolve => setImmediate(resolve));
  };

  test('settles what is due, and a new worker goes on with it', async t => {
    const tick = wind(t);
    const { on, accept } = await setUp();
    on.time.now = 100_000;
    await accept(leg(0));
    const clock = () => on.time.now;
    const first = startSettler({ ledger: on.ledger, clock, onError: rethrow });
    await first.stop();
    on.time.now = 105_000;
    tick(1_000);
    const second = startSettler({ ledger: on.ledger, clock, onError: rethrow });
    const settled = told(on);
    tick(250);
    assert.deepEqual(await settled, [['calls.settled', { from: 0, to: 105_000 }]]);
    await second.stop();
  });

  test('where nothing is due - writes nothing', async t => {
    const tick = wind(t);
    const { on, accept, line } = await setUp();
    on.time.now = 100_000;
    await accept(leg(0));
    const batches = on.batches.length;
    const settler = startSettler({ ledger: on.ledger, clock: () => on.time.now, onError: rethrow });
    for (const now of [100_250, 104_999, 105_000, 105_250, 900_000]) {
      on.time.now = now;
      tick(250);
      await roundEnds();
    }
    await settler.stop();
    assert.equal(on.batches.length, batches + 1);
    assert.equal(await line(), 105_000);
  });

  test('in a batch that began before the first call was due - the line stays, since it would pass none', async t => {
    const tick = wind(t);
    const { on, accept, line } = await setUp();
    on.time.now = 100_000;
    await accept(leg(0));
    const batchBegan = 104_990;
    on.time.now = batchBegan;
    const settler = startSettler({ ledger: on.ledger, clock: () => on.time.now + 10, onError: rethrow });
    tick(250);
    await roundEnds();
    assert.deepEqual(
      (await on.rows(journal)).filter(each => each.kind === 'calls.settled'),
      [],
    );
    on.time.now = 105_000;
    const settled = told(on);
    tick(250);
    assert.deepEqual(await settled, [['calls.settled', { from: 0, to: 105_000 }]]);
    await settler.stop();
    assert.equal(await line(), 105_000);
  });

  test('more than are settled at once - the line stops at the five thousandth, and goes on', async t => {
    const tick = wind(t);
    const { on, accept } = await setUp();
    on.time.now = 100_000;
    await accept(leg(0));
    const made = (await on.rows(call))[0]!;
    const CALLS = 12_000;
    // Two of them are due in each millisecond.
    await on.submit(state => {
      for (let id = 2; id <= CALLS; id++)
        state.insert(call, { ...made, id: state.next('call'), settlesAt: 105_000 + (id >> 1) });
    });
    on.time.now = 200_000;
    const settler = startSettler({ ledger: on.ledger, clock: () => on.time.now, onError: rethrow });
    tick(250);
    await roundEnds();
    await settler.stop();
    const entries = (await on.rows(journal)).filter(each => each.kind === 'calls.settled');
    assert.deepEqual(
      entries.map(each => each.data),
      [
        { from: 0, to: 107_500 },
        { from: 107_500, to: 110_000 },
        { from: 110_000, to: 200_000 },
      ],
    );
    const settled: number[] = [];
    for (const entry of entries) {
      const { parts } = await settledCalls.parts(on.ledger.reader, [entry], null, CALLS);
      assert.ok(parts.length <= 5_001);
      settled.push(...parts.map(each => each.callId!));
    }
    assert.deepEqual(
      settled,
      Array.from({ length: CALLS }, (_, n) => n + 1),
    );
  });

  test('a round that fails - is told, and the next one tries again', async t => {
    const tick = wind(t);
    const { on, accept } = await setUp();
    on.time.now = 100_000;
    await accept(leg(0));
    on.time.now = 105_000;
    const { ledger } = on;
    let broken = true;
    const reader = {
      ...ledger.reader,
      select: (async question => {
        if (broken) throw new Error('no answer');
        return ledger.reader.select(question);
      }) as typeof ledger.reader.select,
    };
    const failed = Promise.withResolvers<unknown>();
    const through = {
      workReader: reader,
      submit: ledger.submit.bind(ledger),
      directory: ledger.directory,
    } as unknown as typeof ledger;
    const settler = startSettler({ ledger: through, clock: () => on.time.now, onError: failed.resolve });
    tick(250);
    assert.match(String(await failed.promise), /no answer/);
    broken = false;
    const settled = told(on);
    // The next round is arranged once the failed one is over.
    await new Promise(resolve => setImmediate(resolve));
    tick(250);
    assert.deepEqual(await settled, [['calls.settled', { from: 0, to: 105_000 }]]);
    await settler.stop();
  });
});
