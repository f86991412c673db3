/** Two calls that look like one, found when both had settled: a person decides (ARCHITECTURE.md, section 2). */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { memoryStore } from '../../ledger/testing/testStores.ts';
import { report } from '../entities.ts';
import { NoSuchCall } from '../reports/corrections.ts';
import { ENTITIES, finishOf, legOf, registrationOf, TestOffice } from '../testing/testOffice.ts';
import { statedCall, statedReport } from '../testing/testReports.ts';
import { ImpossibleDecision } from './decide.ts';

const open = () => TestOffice.open(memoryStore(ENTITIES));

const R = { token: 'T', start: 1 };

const refuses = (said: RegExp) => (error: unknown) => {
  assert.ok(error instanceof ImpossibleDecision && error.field === 'with', String(error));
  assert.match(error.message, said);
  return true;
};

describe('possible matches', () => {
  /** Calls 1, a registration, and 2, a PBX's, that look like one and have both settled. */
  async function openWithDoubt(): Promise<TestOffice> {
    const office = await open();
    office.wait(31);
    await office.tellAll(registrationOf(R), finishOf(R, { duration: 28 }));
    await office.tell(legOf('1.1', { start: 0, duration: 1, user: 2, status: 'no_answer' }));
    await office.settleAll();
    await office.tell(legOf('1.1', { start: 2, duration: 28 }));
    assert.deepEqual([await office.groups(), await office.suspicions()], [[[1], [2]], ['1?2']]);
    return office;
  }

  test('joined - are decided', async () => {
    for (const [one, other] of [
      [1, 2],
      [2, 1],
    ] as const) {
      await using office = await openWithDoubt();
      await office.join(one, other);
      assert.deepEqual([await office.groups(), await office.suspicions()], [[[1, 2]], []]);
      await office.tell(legOf('1.1', { start: 30, duration: 5 }));
      assert.deepEqual([await office.groups(), await office.suspicions()], [[[1, 2]], []]);
    }
  });

  test('joined and split again - are two for good', async () => {
    await using office = await openWithDoubt();
    await office.join(1, 2);
    await office.split(1);
    await office.settleAll();
    await office.tell(legOf('1.1', { start: 3, duration: 28 }));
    assert.deepEqual([await office.groups(), await office.suspicions()], [[[1], [2]], []]);
  });

  test('said to be two - are suspected no more, whatever is told later', async () => {
    await using office = await openWithDoubt();
    const before = await office.calls();
    const since = (await office.told()).length;
    await office.keepApart(2, 1);
    assert.deepEqual(await office.suspicions(), []);
    assert.deepEqual([await office.calls(), await office.told(since)], [before, []]);
    await office.tell(legOf('1.1', { start: 3, duration: 28 }));
    assert.deepEqual([await office.groups(), await office.suspicions()], [[[1], [2]], []]);
    const kept = (await office.on.rows(report)).find(each => each.kind === 'native.separated')!;
    assert.deepEqual([kept.sourceCallId, kept.fact.form === 'separated' && kept.fact.sourceCalls], [2, [1]]);
    assert.equal(await office.join(1, 2), 1, 'a later word stands');
    assert.deepEqual(await office.groups(), [[1, 2]]);
  });

  test('said to be two before it was suspected - are never joined', async () => {
    await using office = await open();
    office.wait(31);
    await office.tell(registrationOf(R));
    await office.tell(legOf('1.1', { start: 0, duration: 30, user: 2 }));
    await office.keepApart(1, 2);
    await office.keepApart(1, 2);
    await office.tell(finishOf(R, { duration: 28, user: 2 }));
    assert.deepEqual([await office.groups(), await office.suspicions()], [[[1], [2]], []]);
  });

  test('one call, or none - cannot be said to be two', async () => {
    await using office = await open();
    office.wait(31);
    await office.tellAll(legOf('1.1', { start: 0, duration: 30 }), registrationOf(R));
    await assert.rejects(office.keepApart(1, 2), refuses(/call 2 is part of call 1: split it/));
    await assert.rejects(office.keepApart(1, 1), refuses(/call 1 is part of call 1/));
    await assert.rejects(office.keepApart(1, 99), NoSuchCall);
    await assert.rejects(office.keepApart(99, 1), NoSuchCall);
    assert.deepEqual(await office.groups(), [[1, 2]]);
  });

  test('one of which was part of another call meanwhile - has settled still, and they stay two', async () => {
    await using office = await open();
    await office.tell(statedReport(statedCall('other', { durationSeconds: 40 })));
    office.wait(31);
    await office.tellAll(registrationOf(R), finishOf(R, { duration: 28 }));
    await office.tell(legOf('1.1', { start: 0, duration: 1, user: 2, status: 'no_answer' }));
    await office.settleAll();
    await office.tell(legOf('1.1', { start: 2, duration: 28 }));
    assert.deepEqual(await office.suspicions(), ['2?3']);
    await office.join(1, 2);
    await office.split(1);
    assert.deepEqual([await office.groups(), await office.suspicions()], [[[1], [2], [3]], ['2?3']]);
    await office.tell(legOf('1.1', { start: 3, duration: 28 }));
    assert.deepEqual([await office.groups(), await office.suspicions()], [[[1], [2], [3]], ['2?3']]);
  });
});
