import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { journal } from '../../ledger/journal.ts';
import { TestLedger } from '../../ledger/testing/testLedger.ts';
import { memoryStore } from '../../ledger/testing/testStores.ts';
import { source, sourceEntities } from '../../sources/entities.ts';
import { call, callEntities, settling } from '../entities.ts';
import type { CallsContext } from '../fold/refold.ts';
import { acceptReport } from '../reports/accept.ts';
import { correctCall, retractCorrection } from '../reports/corrections.ts';
import type { CorrectedFields, IncomingReport } from '../reports/report.ts';
import { legFact, legReport, NATIVE, PBX, START, statedCall, statedReport } from '../testing/testReports.ts';
import { testSources } from '../testing/testSources.ts';
import { settleCalls } from './settle.ts';
import { startSettler } from './settler.ts';

const context: CallsContext = { sources: testSources, holderOf: () => null, dayOf: () => 0, reactors: [] };
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
    settle: (...ids: number[]) => on.ledger.submit(settleCalls(ids)),
    waiting: async () => (await on.rows(settling))[0],
    kinds: async () => (await on.rows(journal)).map(row => row.kind),
  };
}

describe('settling', () => {
  test('each new report - moves the due time, a repeat does not', async () => {
    const { on, accept, waiting } = await setUp();
    on.time.now = 100_000;
    await accept(leg(0));
    assert.deepEqual(await waiting(), { callId: 1, endedSeenAt: 100_000, dueAt: 105_000, settledAt: null });
    on.time.now = 103_000;
    await accept(leg(0));
    assert.equal((await waiting())?.dueAt, 105_000);
    await accept(leg(1));
    assert.deepEqual(await waiting(), { callId: 1, endedSeenAt: 100_000, dueAt: 108_000, settledAt: null });
  });

  test('a stated call - waits a second', async () => {
    const { on, accept, waiting } = await setUp();
    on.time.now = 100_000;
    await accept(statedReport(statedCall('x', { durationSeconds: 1 })));
    assert.equal((await waiting())?.dueAt, 101_000);
  });

  test('a call that goes on being told of - settles ten minutes after its end was first told', async () => {
    const { on, accept, waiting, settle } = await setUp();
    on.time.now = 100_000;
    for (let n = 0; n < 150; n++) {
      await accept(leg(n));
      on.time.now += 4_000;
    }
    assert.equal(on.time.now, 700_000);
    assert.equal((await waiting())?.dueAt, 700_000);
    on.time.now = 699_999;
    assert.equal(await settle(1), 0);
    on.time.now = 702_000;
    await accept(leg(200));
    assert.equal((await waiting())?.dueAt, 700_000, 'late already: it is due at once');
    assert.equal(await settle(1), 1);
  });

  test('before it is due - nothing settles, and what has settled does not again', async () => {
    const { on, accept, settle, waiting, kinds } = await setUp();
    on.time.now = 100_000;
    await accept(leg(0));
    on.time.now = 104_999;
    assert.equal(await settle(1, 2), 0);
    on.time.now = 105_000;
    assert.equal(await settle(1, 2, 1), 1);
    assert.deepEqual(await waiting(), { callId: 1, endedSeenAt: 100_000, dueAt: null, settledAt: 105_000 });
    on.time.now = 200_000;
    assert.equal(await settle(1), 0);
    assert.deepEqual(await kinds(), ['call.ended', 'call.settled']);
  });

  test('after it has settled - a late report amends the call and settles nothing', async () => {
    const { on, accept, correct, settle, waiting, kinds } = await setUp();
    on.time.now = 100_000;
    await accept(leg(0));
    on.time.now = 105_000;
    await settle(1);
    const settled = await waiting();
    on.time.now = 110_000;
    await accept(leg(5));
    await correct({ note: 'late' });
    assert.deepEqual(await waiting(), settled);
    on.time.now = 900_000;
    assert.equal(await settle(1), 0);
    assert.deepEqual(await kinds(), ['call.ended', 'call.settled', 'call.amended', 'call.amended']);
    assert.equal((await on.rows(call))[0]?.legs.length, 2);
  });

  test('a call that a person ended - waits, and no longer when that is taken back', async () => {
    const { on, accept, correct, retract, settle, waiting, kinds } = await setUp();
    on.time.now = 100_000;
    await accept(statedReport(statedCall('x')));
    assert.equal(await waiting(), undefined);
    await correct({ endedAt: START + 9_000 });
    assert.equal((await waiting())?.dueAt, 101_000);
    await retract(1);
    assert.equal(await waiting(), undefined);
    on.time.now = 200_000;
    assert.equal(await settle(1), 0);
    await accept(statedReport(statedCall('x', { durationSeconds: 4 })));
    assert.deepEqual(await waiting(), { callId: 1, endedSeenAt: 200_000, dueAt: 201_000, settledAt: null });
    assert.deepEqual(await kinds(), ['call.registered', 'call.ended', 'call.amended', 'call.ended']);
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
    new Promise<string[]>(resolve => {
      const leave = on.ledger.onCommit(entries => {
        leave();
        resolve(entries.map(each => `${each.kind} ${each.callId}`));
      });
    });

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
    assert.deepEqual(await settled, ['call.settled 1']);
    await second.stop();
  });

  test('more than a command takes - settles all of it', async t => {
    const tick = wind(t);
    const { on, accept } = await setUp();
    on.time.now = 100_000;
    const fact = legFact('4005', 0, 'no_answer', [10, 0]);
    await Promise.all(Array.from({ length: 450 }, (_, n) => accept(legReport(`1.${n}`, fact))));
    on.time.now = 105_000;
    const all = Promise.withResolvers<void>();
    let entries = 0;
    on.ledger.onCommit(settled => {
      entries += settled.length;
      if (entries === 450) all.resolve();
    });
    const settler = startSettler({ ledger: on.ledger, clock: () => on.time.now, onError: rethrow });
    tick(250);
    await all.promise;
    await settler.stop();
    assert.ok((await on.rows(settling)).every(row => row.settledAt === 105_000 && row.dueAt === null));
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
    const through = { workReader: reader, submit: ledger.submit.bind(ledger) } as unknown as typeof ledger;
    const settler = startSettler({ ledger: through, clock: () => on.time.now, onError: failed.resolve });
    tick(250);
    assert.match(String(await failed.promise), /no answer/);
    broken = false;
    const settled = told(on);
    // The next round is arranged once the failed one is over.
    await new Promise(resolve => setImmediate(resolve));
    tick(250);
    assert.deepEqual(await settled, ['call.settled 1']);
    await settler.stop();
  });
});
