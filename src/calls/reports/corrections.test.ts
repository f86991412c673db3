import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { journal } from '../../ledger/journal.ts';
import { TestLedger } from '../../ledger/testing/testLedger.ts';
import { memoryStore } from '../../ledger/testing/testStores.ts';
import { source, sourceEntities } from '../../sources/entities.ts';
import { call, callEntities, report } from '../entities.ts';
import type { CallChange, CallsContext } from '../fold/refold.ts';
import { ENTITIES, TestOffice } from '../testing/testOffice.ts';
import { legFact, legReport, PBX, START, statedCall, statedReport } from '../testing/testReports.ts';
import { testSources } from '../testing/testSources.ts';
import { acceptReport } from './accept.ts';
import { correctCall, ImpossibleCorrection, NoSuchCall, NoSuchCorrection, retractCorrection } from './corrections.ts';
import type { CorrectedFields, StatedCall } from './report.ts';

const RAW = new TextEncoder().encode('{"fields":{}}');
const SAYING = { kind: 'native.correction', author: 'anna', contentType: 'application/json', raw: RAW };
const LEG = legFact('4005', 0, 'answered', [60, 50]);

async function setUp() {
  const on = await TestLedger.open(memoryStore([...sourceEntities, ...callEntities]));
  const changes: CallChange[] = [];
  const context: CallsContext = {
    sources: testSources,
    holderOf: () => null,
    dayOf: (_state, at) => Math.floor(at / 86_400_000),
    reactors: [(_state, change) => changes.push(change)],
    lateReactors: [],
  };
  await on.submit(state => state.put(source, PBX));
  await on.ledger.submit(acceptReport(legReport('1.1', LEG), context));
  return {
    on,
    changes,
    accept: (offset: number) =>
      on.ledger.submit(acceptReport(legReport('1.1', legFact('4006', offset, 'answered', [20, 10])), context)),
    correct: (fields: CorrectedFields, id = 1) => on.ledger.submit(correctCall(id, fields, 'because', SAYING, context)),
    retract: (n: number, id = 1) => on.ledger.submit(retractCorrection(id, n, SAYING, context)),
    current: async () => (await on.rows(call))[0]!,
  };
}

describe('corrections', () => {
  test('are reports of their own, counted from 1, with author and reason', async () => {
    const { on, correct, current } = await setUp();
    on.time.now = 7_000;
    const first = await correct({ note: 'one' });
    assert.deepEqual(first, {
      form: 'correction',
      n: 1,
      author: 'anna',
      at: 7_000,
      reason: 'because',
      fields: { note: 'one' },
    });
    assert.equal((await correct({ vote: 5 })).n, 2);
    const [, stored] = await on.rows(report);
    assert.deepEqual(stored, {
      id: 2,
      sourceId: 0,
      sourceCallId: 1,
      key: 'correction 1',
      kind: 'native.correction',
      receivedAt: 7_000,
      deliveries: 1,
      fact: first,
      warnings: null,
      contentType: 'application/json',
      raw: RAW,
      historical: false,
    });
    const { note, vote } = await current();
    assert.deepEqual([note, vote], ['one', 5]);
  });

  test('survive late facts and the source’s being disabled', async () => {
    const { on, correct, accept, current } = await setUp();
    await correct({ talkSeconds: 1, userId: 9 });
    await accept(30);
    const { talkSeconds, userId, legs } = await current();
    assert.deepEqual([talkSeconds, userId, legs.length], [1, 9, 2]);
    await on.submit(state => state.put(source, { ...PBX, active: false }));
    await correct({ note: 'still' });
    assert.equal((await current()).note, 'still');
  });

  test('can be taken back, in any order and twice', async () => {
    const { on, changes, correct, retract, current } = await setUp();
    const plain = await current();
    await correct({ note: 'one', outcome: 'failed' });
    await correct({ note: 'two' });
    await retract(1);
    assert.deepEqual(await current(), { ...plain, note: 'two' });
    const told = (await on.rows(report)).length;
    await retract(1);
    assert.equal((await on.rows(report)).length, told, 'taking back twice is taking back once');
    await retract(2);
    assert.deepEqual(await current(), plain);
    assert.deepEqual((await correct({ note: 'three' })).n, 3, 'a number is not given twice');
    assert.deepEqual(
      changes.map(({ before, after }) => [before?.note ?? null, after?.note]),
      [
        [null, null],
        [null, 'one'],
        ['one', 'two'],
        ['two', 'two'],
        ['two', null],
        [null, 'three'],
      ],
    );
  });

  test('that change nothing - are kept, and told to nobody', async () => {
    const { on, changes, correct } = await setUp();
    await correct({ outcome: 'answered' });
    assert.equal((await on.rows(report)).length, 2);
    assert.equal((await on.rows(journal)).length, 1);
    assert.equal(changes.length, 1);
  });

  test('of a call or a number that is not there - are refused', async () => {
    const { on, correct, retract } = await setUp();
    await assert.rejects(correct({ note: 'x' }, 2), NoSuchCall);
    await assert.rejects(retract(1, 2), NoSuchCall);
    await assert.rejects(retract(1), NoSuchCorrection);
    await correct({ note: 'x' });
    await assert.rejects(retract(2), NoSuchCorrection);
    assert.equal((await on.rows(report)).length, 2);
  });

  test('that contradict the call - are refused with the field, and leave nothing', async () => {
    const { on, correct, current } = await setUp();
    const plain = await current();
    const impossible: readonly (readonly [CorrectedFields, string])[] = [
      [{ endedAt: START - 1 }, 'endedAt'],
      [{ startedAt: START + 60_001 }, 'startedAt'],
      [{ startedAt: START + 5_000, endedAt: START + 4_000 }, 'endedAt'],
      [{ answeredAt: START - 1 }, 'answeredAt'],
      [{ answeredAt: START + 60_001 }, 'answeredAt'],
      [{ startedAt: START + 2, answeredAt: START + 1 }, 'answeredAt'],
      [{ talkSeconds: 61 }, 'talkSeconds'],
      [{ answeredAt: START, endedAt: START + 10_000, talkSeconds: 11 }, 'talkSeconds'],
      // What stands is contradicted, too: it was answered after 10 s, and talked for 50.
      [{ endedAt: START }, 'endedAt'],
      [{ endedAt: START + 9_999 }, 'endedAt'],
      [{ endedAt: START + 9_999, talkSeconds: 0 }, 'endedAt'],
      [{ endedAt: START + 40_000 }, 'endedAt'],
      [{ startedAt: START + 10_001 }, 'startedAt'],
      [{ startedAt: START + 60_000, endedAt: START + 60_000 }, 'startedAt'],
      [{ startedAt: START + 20_000, answeredAt: START + 20_000 }, 'startedAt'],
      [{ answeredAt: START + 50_000 }, 'answeredAt'],
      [{ talkSeconds: 51 }, 'talkSeconds'],
      [{ answeredAt: START + 30_000, talkSeconds: 31 }, 'talkSeconds'],
      [{ outcome: 'missed', talkSeconds: 20 }, 'talkSeconds'],
      [{ outcome: 'missed', answeredAt: START + 10_000 }, 'answeredAt'],
    ];
    for (const [fields, field] of impossible) {
      await assert.rejects(correct(fields), error => {
        assert.ok(error instanceof ImpossibleCorrection);
        assert.equal(error.field, field, JSON.stringify(fields));
        return true;
      });
    }
    assert.deepEqual(await current(), plain);
    assert.equal((await on.rows(report)).length, 1);
    for (const fields of [
      { endedAt: START + 40_000, talkSeconds: 25 },
      { talkSeconds: 0 },
      { answeredAt: START + 30_000, talkSeconds: 10 },
      { startedAt: START, answeredAt: START, endedAt: START + 10_100, talkSeconds: 10 },
      { answeredAt: null, talkSeconds: 0, endedAt: START },
      { outcome: 'missed' as const, endedAt: START },
      { startedAt: START + 60_000, endedAt: START + 60_000 },
    ]) {
      await correct(fields);
    }
  });

  test('of the start - move the call to another day', async () => {
    const { correct, retract, current } = await setUp();
    const { day } = await current();
    await correct({ startedAt: START - 86_400_000 });
    assert.equal((await current()).day, day - 1);
    await retract(1);
    assert.equal((await current()).day, day);
  });
});

/** A call a program states: of 40 s, with 30 s of talk. */
const stated = (name: string, fields: Partial<StatedCall> = {}) =>
  statedReport(statedCall(name, { durationSeconds: 40, talkSeconds: 30, ...fields }));

async function openWithThree(): Promise<TestOffice> {
  const office = await TestOffice.open(memoryStore(ENTITIES));
  for (const name of ['a', 'b', 'c']) await office.tell(stated(name));
  return office;
}

describe('corrections of calls that are joined', () => {
  test('of both - survive a join, the later one wins, and after a split each has its own', async () => {
    await using office = await openWithThree();
    await office.correct(1, { note: 'first', vote: 1 });
    office.on.time.now += 1_000;
    await office.correct(2, { note: 'second' });
    office.on.time.now += 1_000;
    await office.correct(1, { failedReason: 'third' });
    await office.join(1, 2);
    const joined = await office.call(1);
    assert.deepEqual([joined.note, joined.vote, joined.failedReason], ['second', 1, 'third']);
    await office.split(1);
    const [one, two] = await office.calls();
    assert.deepEqual([one!.note, one!.vote, one!.failedReason], ['first', 1, 'third']);
    assert.deepEqual([two!.note, two!.vote, two!.failedReason], ['second', null, null]);
    assert.deepEqual(await office.miscounts(), []);
  });

  test('with the same number - are taken back by the id that each was said of', async () => {
    await using office = await openWithThree();
    assert.equal(await office.correct(1, { note: 'first' }), 1);
    assert.equal(await office.correct(2, { vote: 2 }), 1);
    await office.join(1, 2);
    await office.takeBack(2, 1);
    const without = await office.call(1);
    assert.deepEqual([without.note, without.vote], ['first', null]);
    await office.takeBack(2, 1);
    await office.takeBack(1, 1);
    assert.equal((await office.call(1)).note, null);
    await office.split(1);
    assert.deepEqual(
      (await office.calls()).map(each => [each.note, each.vote]),
      [
        [null, null],
        [null, null],
        [null, null],
      ],
    );
  });

  test('with the same number - are not taken back by the id of another one', async () => {
    await using office = await openWithThree();
    await office.correct(1, { note: 'first' });
    await office.correct(2, { vote: 2 });
    await office.join(1, 2);
    await office.join(1, 3);
    await assert.rejects(office.takeBack(3, 1), { name: 'AmbiguousCorrection', message: /^calls 1, 2 have each/ });
    const { note, vote } = await office.call(1);
    assert.deepEqual([note, vote], ['first', 2]);
    await office.takeBack(2, 1);
    assert.equal((await office.call(1)).vote, null);
  });

  test('of a joined call - have a number of their own, and are taken back by any of its ids', async () => {
    await using office = await openWithThree();
    await office.correct(2, { vote: 2 });
    await office.correct(2, { vote: 3 });
    await office.join(1, 2);
    assert.equal(await office.correct(1, { note: 'joined' }), 3);
    await office.split(1);
    const [one, two] = await office.calls();
    assert.deepEqual([one!.note, one!.vote, two!.note, two!.vote], ['joined', null, null, 3]);
    assert.equal(await office.correct(1, { note: 'again' }), 4, 'no number twice, whatever was split off');
    await assert.rejects(office.takeBack(2, 3), NoSuchCorrection);
    await office.join(1, 2);
    await office.takeBack(2, 4);
    assert.equal((await office.call(1)).note, 'joined');
  });

  test('of a joined call - stay with the id they were said of when it is split off', async () => {
    await using office = await openWithThree();
    await office.join(1, 2);
    const n = await office.correct(2, { note: 'by the second' });
    assert.equal((await office.call(1)).note, 'by the second');
    await office.split(1);
    assert.deepEqual(
      (await office.calls()).map(each => each.note),
      [null, 'by the second', null],
    );
    await office.takeBack(2, n);
    assert.equal((await office.call(2)).note, null);
  });

  test('that end a call - end that part of what it was joined into', async () => {
    await using office = await TestOffice.open(memoryStore(ENTITIES));
    await office.tellAll(stated('a', { durationSeconds: null, talkSeconds: null }), stated('b'));
    await office.correct(1, { endedAt: START + 5_000 });
    await office.join(1, 2);
    assert.equal((await office.call(1)).endedAt, START + 40_000);
    await office.split(1);
    assert.equal((await office.call(1)).endedAt, START + 5_000);
    await office.join(1, 2);
    await office.takeBack(1, 1);
    assert.equal((await office.call(1)).endedAt, START + 40_000);
    await office.split(1);
    assert.equal((await office.call(1)).endedAt, null);
    assert.deepEqual(await office.miscounts(), []);
  });
});
