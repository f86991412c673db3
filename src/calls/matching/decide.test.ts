/** What people say about which reports are one call (ARCHITECTURE.md, "One call, several reporters"). */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { memoryStore } from '../../ledger/testing/testStores.ts';
import { report } from '../entities.ts';
import { NoSuchCall } from '../reports/corrections.ts';
import type { StatedCall } from '../reports/report.ts';
import { ENTITIES, finishOf, legOf, registrationOf, TestOffice } from '../testing/testOffice.ts';
import { START, statedCall, statedReport } from '../testing/testReports.ts';
import { ImpossibleDecision } from './decide.ts';

const open = () => TestOffice.open(memoryStore(ENTITIES));

/** A call a program states: of 40 s, with 30 s of talk. */
const stated = (name: string, fields: Partial<StatedCall> = {}) =>
  statedReport(statedCall(name, { durationSeconds: 40, talkSeconds: 30, ...fields }));

/** Three calls of a program, a minute apart. */
async function openWithThree(): Promise<TestOffice> {
  const office = await open();
  for (const [n, name] of ['a', 'b', 'c'].entries()) {
    await office.tell(stated(name, { startedAt: START + n * 60_000, costMicros: 10, currency: 'EUR' }));
  }
  return office;
}

const R = { token: 'T', start: 1 };
/** A PBX's call 1 that a registration, source call 2, was found to be. */
async function openWithPair(): Promise<TestOffice> {
  const office = await open();
  office.wait(31);
  await office.tellAll(legOf('1.1', { start: 0, duration: 30 }), registrationOf(R), finishOf(R, { duration: 28 }));
  assert.deepEqual(await office.groups(), [[1, 2]]);
  return office;
}

const refuses = (field: 'with' | 'calls', said: RegExp) => (error: unknown) => {
  assert.ok(error instanceof ImpossibleDecision, String(error));
  assert.equal(error.field, field);
  assert.match(error.message, said);
  return true;
};

describe('joinCalls', () => {
  test('two calls - are one, of the older id, whichever is named first', async () => {
    for (const [one, other] of [
      [1, 2],
      [2, 1],
    ] as const) {
      await using office = await openWithThree();
      const since = (await office.told()).length;
      assert.equal(await office.join(one, other), 1);
      assert.deepEqual(await office.groups(), [[1, 2], [3]]);
      assert.deepEqual(await office.aliases(), ['2>1']);
      assert.deepEqual(await office.told(since), ['call.joined 1', 'call.amended 1']);
      const call = await office.call(2);
      assert.deepEqual(
        [call.id, call.startedAt, call.endedAt, call.durationSeconds, call.talkSeconds, call.costMicros],
        [1, START, START + 100_000, 100, 60, 20],
      );
      assert.deepEqual(await office.miscounts(), []);
    }
  });

  test('a third one, by the id that leads there - is one with both', async () => {
    await using office = await openWithThree();
    await office.join(2, 3);
    assert.equal(await office.join(3, 1), 1);
    assert.deepEqual(await office.groups(), [[1, 2, 3]]);
    assert.deepEqual(await office.aliases(), ['2>1', '3>1']);
    assert.deepEqual(await office.miscounts(), []);
  });

  test('a person’s word - is a report of the call, with author, time and reason', async () => {
    await using office = await openWithThree();
    office.on.time.now += 7_000;
    await office.join(1, 2, 'the customer says so');
    const kept = (await office.on.rows(report)).at(-1)!;
    assert.deepEqual([kept.sourceId, kept.sourceCallId, kept.kind], [0, 1, 'native.joined']);
    assert.deepEqual(kept.fact, {
      form: 'joined',
      sourceCalls: [2],
      author: 'anna',
      at: START + 7_000,
      reason: 'the customer says so',
    });
  });

  test('one that is open and one that has ended - has ended, and waits a second', async () => {
    await using office = await open();
    await office.tellAll(stated('a', { durationSeconds: null, talkSeconds: null }), stated('b'));
    assert.equal(await office.dueIn(1), undefined);
    await office.join(1, 2);
    assert.equal((await office.call(1)).endedAt, START + 40_000);
    assert.deepEqual([await office.dueIn(1), await office.dueIn(2)], [1, undefined]);
    assert.deepEqual(await office.miscounts(), []);
  });

  test('two that have settled - stay settled', async () => {
    await using office = await openWithThree();
    await office.settleAll();
    await office.join(1, 2);
    assert.equal(await office.dueIn(1), null);
    await office.settleAll();
    assert.equal((await office.told()).filter(each => each === 'call.settled 1').length, 1);
  });

  test('calls of two PBXs, or two of one - are one when a person says so', async () => {
    await using office = await open();
    office.wait(80);
    await office.tell(legOf('1.1', { start: 0, duration: 20 }));
    await office.tell(legOf('1.2', { start: 30, duration: 20, user: 2 }));
    assert.equal(await office.join(2, 1), 1);
    const call = await office.call(1);
    assert.deepEqual([call.legs.length, call.durationSeconds, call.talkSeconds, call.userId], [2, 50, 36, 2]);
    await office.tell(legOf('1.2', { start: 50, duration: 10, user: 3 }));
    assert.deepEqual(await office.groups(), [[1, 2]]);
    assert.equal((await office.call(1)).userId, 3);
  });

  test('a call with itself or with what is part of it, or one that is not there - is refused and changes nothing', async () => {
    await using office = await openWithThree();
    await office.join(1, 2);
    const [groups, told] = [await office.groups(), await office.told()];
    await assert.rejects(office.join(1, 1), refuses('with', /call 1 is part of call 1 already/));
    await assert.rejects(office.join(1, 2), refuses('with', /call 2 is part of call 1 already/));
    await assert.rejects(office.join(2, 1), refuses('with', /call 1 is part of call 1 already/));
    await assert.rejects(office.join(1, 99), NoSuchCall);
    await assert.rejects(office.join(99, 1), NoSuchCall);
    assert.deepEqual([await office.groups(), await office.told()], [groups, told]);
  });
});

describe('splitCall', () => {
  test('of two - the younger gets its old id back, and everything that was told under it', async () => {
    await using office = await openWithPair();
    const since = (await office.told()).length;
    assert.equal(await office.split(1), 2);
    assert.deepEqual(await office.groups(), [[1], [2]]);
    assert.deepEqual(await office.aliases(), []);
    assert.deepEqual(await office.pairs(), []);
    assert.deepEqual(await office.told(since), ['call.amended 1', 'call.split 2', 'call.ended 2']);
    const [leg, registration] = await office.calls();
    assert.deepEqual([leg!.externalId, leg!.startedAt, leg!.legs.length], ['1.1', START, 1]);
    assert.deepEqual([registration!.externalId, registration!.startedAt], ['T', START + 1_000]);
    assert.deepEqual([registration!.legs.length, registration!.talkSeconds], [0, 28]);
    assert.deepEqual(await office.miscounts(), []);
  });

  test('of two, the older taken out - is the same, and the answer is the older', async () => {
    await using office = await openWithPair();
    assert.equal(await office.split(2, [1]), 1);
    assert.deepEqual(await office.groups(), [[1], [2]]);
  });

  test('of three - must name which, and takes out what is named as one call', async () => {
    const partings: readonly (readonly [readonly number[], number, readonly (readonly number[])[]])[] = [
      [[3], 3, [[1, 2], [3]]],
      [[2], 2, [[1, 3], [2]]],
      [[1], 1, [[1], [2, 3]]],
      [[3, 2, 3], 2, [[1], [2, 3]]],
      [[3, 1], 1, [[1, 3], [2]]],
    ];
    for (const [named, out, groups] of partings) {
      await using office = await openWithThree();
      await office.join(1, 2);
      await office.join(1, 3);
      await assert.rejects(office.split(1), refuses('calls', /must name which of 1, 2, 3 to take out of call 1/));
      assert.equal(await office.split(3, named), out, named.join());
      assert.deepEqual(await office.groups(), groups);
      assert.deepEqual(await office.miscounts(), []);
    }
  });

  test('of a transfer - takes one registration out and leaves the other', async () => {
    await using office = await openWithPair();
    const second = { token: 'second', start: 31, user: 2 };
    office.wait(60);
    await office.tell(legOf('1.1', { start: 30, duration: 30, user: 2 }));
    await office.tellAll(registrationOf(second), finishOf(second, { duration: 28 }));
    assert.deepEqual(await office.groups(), [[1, 2, 3]]);
    assert.equal(await office.split(1, [2]), 2);
    assert.deepEqual(await office.groups(), [[1, 3], [2]]);
    assert.deepEqual(await office.pairs(), ['3=1']);
  });

  test('a part of a call that has settled - counts as settled from then on, and the split alone announces it', async () => {
    await using office = await openWithPair();
    await office.settleAll();
    const since = (await office.told()).length;
    await office.split(1);
    assert.deepEqual(await office.told(since), ['call.amended 1', 'call.split 2', 'call.ended 2']);
    const [, part] = await office.calls();
    assert.deepEqual([await office.dueIn(1), await office.dueIn(2)], [null, null]);
    assert.deepEqual([part!.settlesAt, part!.splitAt], [null, office.on.time.now]);
    const row = { ...part! };
    await office.tell(finishOf(R, { duration: 27 }));
    await office.settleAll();
    assert.deepEqual(
      (await office.told(since)).filter(each => each.startsWith('call.settled')),
      [],
    );
    assert.equal((await office.calls())[1]!.splitAt, row.splitAt);
  });

  test('a part of a call that waits - waits as well, and settles by itself', async () => {
    await using office = await openWithPair();
    await office.split(1);
    const now = (office.on.time.now - START) / 1000;
    assert.equal(await office.dueIn(2), now + 1);
    const since = (await office.told()).length;
    await office.settleAll();
    assert.deepEqual(await office.told(since), ['call.settled 2', 'call.settled 1']);
  });

  test('a part that had settled before it was joined - has settled when it did, and is told once', async () => {
    await using office = await open();
    office.wait(41);
    await office.tell(stated('a'));
    office.wait(45);
    await office.tell(stated('b', { startedAt: START + 60_000 }));
    await office.settleDue();
    office.wait(50);
    await office.settleDue();
    const told = await office.told();
    assert.deepEqual(told.slice(-2), ['call.settled 1', 'call.settled 2']);
    const settledAt = (await office.calls()).map(each => each.settlesAt);
    for (let n = 0; n < 2; n++) {
      office.on.time.now += 5_000;
      await office.join(1, 2);
      assert.deepEqual((await office.told()).slice(0, told.length), told, 'as it was told before the join');
      await office.split(1);
      assert.deepEqual((await office.told()).slice(0, told.length), told);
      assert.deepEqual(
        (await office.calls()).map(each => each.settlesAt),
        settledAt,
      );
    }
    await office.settleAll();
    assert.equal((await office.told()).filter(each => each.startsWith('call.settled')).length, 2);
  });

  test('an open part of a call that has settled - settles when its end is known', async () => {
    await using office = await open();
    office.wait(31);
    await office.tellAll(legOf('1.1', { start: 0, duration: 30 }), registrationOf(R));
    await office.settleAll();
    await office.split(1);
    assert.equal(await office.dueIn(2), undefined);
    await office.tell(finishOf(R, { duration: 28 }));
    await office.settleAll();
    assert.equal((await office.told()).at(-1), 'call.settled 2');
  });

  test('a part that is none - is refused with what is wrong, and changes nothing', async () => {
    await using office = await openWithThree();
    await office.join(1, 2);
    const [groups, told] = [await office.groups(), await office.told()];
    await assert.rejects(office.split(3), refuses('calls', /call 3 consists of one source call only/));
    await assert.rejects(office.split(3, [3]), refuses('calls', /one source call only/));
    await assert.rejects(office.split(1, [3]), refuses('calls', /must be of 1, 2, which call 1 was made of; 3 is not/));
    await assert.rejects(office.split(1, [2, 99]), refuses('calls', /99 is not/));
    await assert.rejects(office.split(1, [1, 2]), refuses('calls', /must leave something/));
    await assert.rejects(office.split(1, []), refuses('calls', /must not be empty/));
    await assert.rejects(office.split(99), NoSuchCall);
    assert.deepEqual([await office.groups(), await office.told()], [groups, told]);
    assert.equal((await office.on.rows(report)).filter(each => each.kind === 'native.separated').length, 0);
  });

  test('a person’s word - is kept with the call that stays', async () => {
    await using office = await openWithPair();
    await office.split(1, null, 'two callers');
    const kept = (await office.on.rows(report)).at(-1)!;
    assert.deepEqual([kept.sourceCallId, kept.kind], [1, 'native.separated']);
    assert.deepEqual(kept.fact, {
      form: 'separated',
      sourceCalls: [2],
      author: 'anna',
      at: START + 31_000,
      reason: 'two callers',
    });
  });
});

describe('a person’s word', () => {
  test('is not contradicted by what is told later', async () => {
    await using office = await open();
    office.wait(31);
    await office.tellAll(legOf('1.1', { start: 0, duration: 30 }), registrationOf(R));
    await office.split(1);
    await office.tell(finishOf(R, { duration: 28 }));
    await office.tell(legOf('1.1', { start: 2, duration: 28 }));
    assert.deepEqual(await office.groups(), [[1], [2]]);
    await office.tell(legOf('1.2', { start: 1, duration: 29 }));
    assert.deepEqual(await office.groups(), [[1], [2, 3]], 'of another call it may be');
  });

  test('the latest one holds - joined after a split, split after a join, as often as they like', async () => {
    await using office = await openWithPair();
    const [before] = await office.calls();
    for (const _time of [1, 2, 3]) {
      assert.equal(await office.split(1), 2);
      assert.equal(await office.join(2, 1), 1);
      assert.deepEqual(await office.calls(), [before]);
      assert.deepEqual(await office.aliases(), ['2>1']);
    }
    await office.split(2);
    assert.deepEqual(await office.groups(), [[1], [2]]);
    assert.deepEqual(await office.decisions(), ['1/2']);
    assert.deepEqual(await office.miscounts(), []);
  });

  test('what was split and joined elsewhere - stays there, and the rest stays together', async () => {
    await using office = await openWithThree();
    await office.tell(stated('d', { startedAt: START + 180_000 }));
    await office.join(1, 2);
    await office.join(3, 4);
    await office.split(1);
    assert.equal(await office.join(2, 4), 2);
    assert.deepEqual(await office.groups(), [[1], [2, 3, 4]]);
    assert.equal(await office.split(3, [4]), 4);
    assert.deepEqual(await office.groups(), [[1], [2, 3], [4]]);
    assert.equal(await office.join(1, 3), 1);
    assert.deepEqual(await office.groups(), [[1, 2, 3], [4]], 'what was split from 2 is joined with it again');
    assert.deepEqual(
      (await office.decisions()).filter(each => each.includes('/')),
      ['2/4', '3/4'],
    );
  });

  test('a registration that a person joined to a call - is not found to be another one’s leg', async () => {
    await using office = await open();
    await office.tell(legOf('1.1', { start: -3_600, duration: 5 }));
    await office.tell(registrationOf(R));
    await office.join(1, 2);
    await office.tell(legOf('1.2', { start: 1 }));
    assert.deepEqual(await office.groups(), [[1, 2], [3]]);
    await office.tell(finishOf(R, { duration: 20 }));
    assert.deepEqual(await office.groups(), [[1, 2], [3]]);
    await office.tell(legOf('1.1', { start: 0, duration: 30 }));
    assert.deepEqual(await office.pairs(), ['2=1'], 'of its own call it may be a leg');
  });

  test('two registrations that a person took out together - do not make two calls of a PBX one', async () => {
    await using office = await openWithPair();
    const second = { token: 'second', start: 31, user: 2 };
    office.wait(60);
    await office.tell(legOf('1.1', { start: 30, duration: 30, user: 2 }));
    await office.tell(registrationOf(second));
    await office.split(1, [2, 3]);
    assert.deepEqual(await office.groups(), [[1], [2, 3]]);
    await office.tell(legOf('1.2', { start: 1, duration: 30 }));
    assert.deepEqual(await office.groups(), [[1], [2, 3, 4]]);
    await office.tell(legOf('1.3', { start: 31, duration: 30, user: 2 }));
    assert.deepEqual(await office.groups(), [[1], [2, 3, 4], [5]]);
    await office.tell(legOf('1.2', { start: 31, duration: 30, user: 2 }));
    assert.deepEqual((await office.pairs()).toSorted(), ['2=4', '3=4']);
  });

  test('two registrations that a person joined - are legs of one call, whichever is chosen first', async () => {
    await using office = await open();
    const second = { token: 'second', start: 40 };
    office.wait(80);
    await office.tellAll(registrationOf(R), registrationOf(second));
    await office.join(1, 2);
    await office.tell(legOf('1.1', { start: 0, duration: 20 }));
    await office.tell(legOf('1.2', { start: 39, duration: 20 }));
    assert.deepEqual(await office.groups(), [[1, 2, 3], [4]]);
    await office.tell(legOf('1.1', { start: 38, duration: 20 }));
    assert.deepEqual(await office.pairs(), ['1=3', '2=3']);
  });

  test('what a person took apart - is not brought together again by way of a third', async () => {
    await using office = await open();
    office.wait(31);
    await office.tellAll(legOf('1.1', { start: 0, duration: 30 }), registrationOf(R));
    await office.split(1);
    await office.tell(legOf('1.2', { start: 1_200, duration: 30 }));
    await office.join(1, 3);
    office.wait(1_300);
    await office.tell(finishOf(R, { duration: 1_190 }));
    await office.tell(legOf('1.2', { start: 1_185, duration: 15 }));
    assert.deepEqual(await office.groups(), [[1, 3], [2]]);
  });
});
