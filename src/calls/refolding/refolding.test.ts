/** What a run does to facts and matches, on a store that is read on the spot and on one that is far away. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { journal } from '../../ledger/journal.ts';
import { memoryStore } from '../../ledger/testing/testStores.ts';
import { candidate, participation, refoldRun, report, supersededFact } from '../entities.ts';
import type { IncomingReport, LegFact } from '../reports/report.ts';
import { ENTITIES, finishOf, legOf, registrationOf, TestOffice } from '../testing/testOffice.ts';
import { PBX } from '../testing/testReports.ts';
import type { Retold } from './foldAgain.ts';
import {
  beginRun,
  beginTakingBack,
  endRun,
  matchLegs,
  NoSuchRun,
  RunStands,
  refoldCalls,
  restoreFacts,
} from './runs.ts';

const HOUR_SECONDS = 3_600;

/** A leg whose bytes say when it was, read in a zone an hour off. */
function misread(callId: string, start: number, more: Partial<LegFact> = {}): IncomingReport {
  const right = legOf(callId, { start, more });
  const wrong = legOf(callId, { start: start - HOUR_SECONDS, more });
  return { ...right, fact: wrong.fact, raw: new TextEncoder().encode(JSON.stringify(right.fact)) };
}

const ODD_LEG = { ...legOf('1.2', { start: 10, user: 2 }), raw: new TextEncoder().encode('odd') };

const readRight = (raw: Uint8Array) => ({
  fact: JSON.parse(new TextDecoder().decode(raw)) as LegFact,
  warnings: ['read again'],
});

async function refold(office: TestOffice, runId: number): Promise<Retold> {
  const { ledger } = office.on;
  const ids = (await office.calls()).map(each => each.id);
  const retold = await ledger.submit(refoldCalls(ids, { sourceId: PBX.id, runId, read: readRight }, office.context));
  await ledger.submit(matchLegs(retold.moved, office.context));
  await ledger.submit(endRun(runId, 'applied'));
  return retold;
}

async function begin(office: TestOffice): Promise<number> {
  return (await office.on.ledger.submit(beginRun({ author: 'anna', sourceId: PBX.id, from: 0, until: 1 }))).id;
}

async function takeBack(office: TestOffice, runId: number): Promise<void> {
  const { ledger } = office.on;
  await ledger.submit(beginTakingBack(runId));
  const ids = (await office.on.rows(supersededFact)).filter(each => each.runId === runId).map(each => each.reportId);
  const retold = await ledger.submit(restoreFacts(ids, { sourceId: PBX.id, runId }, office.context));
  await ledger.submit(matchLegs(retold.moved, office.context));
  await ledger.submit(endRun(runId, 'takenBack'));
}

/** Everything that a run may change, and its taking back must restore. */
const stateOf = async (office: TestOffice) => ({
  calls: await office.calls(),
  reports: await office.on.rows(report),
  candidates: await office.on.rows(candidate),
  pairs: await office.pairs(),
  suspicions: await office.suspicions(),
});

const R = { token: 'T', start: HOUR_SECONDS + 1 };

const STORES = [
  { name: 'read on the spot', readsOnTheSpot: true },
  { name: 'far away', readsOnTheSpot: false },
];

for (const { name, readsOnTheSpot } of STORES) {
  const open = () => TestOffice.open(memoryStore(ENTITIES, { readsOnTheSpot }));

  test(`refold, ${name} - reads bytes again, keeps what they had told, and restores exactly that`, async () => {
    await using office = await open();
    office.wait(HOUR_SECONDS + 40);
    const [first] = await office.tellAll(misread('1.1', HOUR_SECONDS), ODD_LEG);
    await office.settleAll();
    await office.correct(first!, { note: 'a note' });
    const before = await stateOf(office);
    const runId = await begin(office);
    const entries = (await office.on.rows(journal)).length;
    const { changes, unchanged, readOtherwise, unreadable } = await office.on.ledger.submit(
      refoldCalls(
        before.calls.map(each => each.id),
        {
          sourceId: PBX.id,
          runId,
          // The bytes of the other leg are not understood any more.
          read: raw => (new TextDecoder().decode(raw) === 'odd' ? 'not understood' : readRight(raw)),
        },
        office.context,
      ),
    );
    assert.deepEqual([changes.length, unchanged.length, readOtherwise, unreadable], [1, 1, 1, 1]);
    const call = await office.call(first!);
    assert.equal(call.startedAt, before.calls[0]!.startedAt + HOUR_SECONDS * 1000);
    assert.deepEqual([call.note, call.settlesAt], ['a note', before.calls[0]!.settlesAt]);
    const amended = (await office.on.rows(journal)).slice(entries);
    assert.deepEqual(
      amended.map(({ kind: what, callId, data }) => [what, callId, (data as { historical?: boolean }).historical]),
      [['call.amended', first, true]],
    );
    // Who took part did so as before, and goes with the call.
    assert.deepEqual((amended[0]!.data as { fields?: readonly string[] }).fields, [
      'startedAt',
      'answeredAt',
      'endedAt',
      'legs',
    ]);
    const [part] = (await office.on.rows(participation)).filter(each => each.callId === first);
    assert.equal(part!.startedAt, call.startedAt);
    assert.deepEqual((await office.on.rows(report))[0]!.warnings, ['read again']);
    assert.deepEqual(await office.miscounts(), []);
    const [{ calls, reports } = { calls: 0, reports: 0 }] = await office.on.rows(refoldRun);
    assert.deepEqual([calls, reports], [1, 1]);

    await takeBack(office, runId);
    assert.deepEqual(await stateOf(office), before);
    assert.deepEqual(await office.on.rows(supersededFact), []);
    assert.deepEqual(await office.miscounts(), []);
  });

  test(`refold, ${name} - what had settled becomes a possible match, and stops being one when it is taken back`, async () => {
    await using office = await open();
    office.wait(HOUR_SECONDS + 40);
    await office.tellAll(misread('1.1', HOUR_SECONDS), registrationOf(R), finishOf(R, { duration: 28 }));
    await office.settleAll();
    const before = await stateOf(office);
    assert.deepEqual([before.pairs, before.suspicions], [[], []]);
    const runId = await begin(office);
    await refold(office, runId);
    assert.deepEqual([await office.pairs(), await office.suspicions()], [[], ['1?2']]);
    await takeBack(office, runId);
    assert.deepEqual(await stateOf(office), before);
  });

  test(`refold, ${name} - what is fresh is joined, and split when it is taken back`, async () => {
    await using office = await open();
    office.wait(HOUR_SECONDS + 40);
    await office.tellAll(misread('1.1', HOUR_SECONDS), registrationOf(R), finishOf(R, { duration: 28 }));
    const runId = await begin(office);
    await refold(office, runId);
    assert.deepEqual([await office.groups(), await office.pairs()], [[[1, 2]], ['2=1']]);
    await takeBack(office, runId);
    assert.deepEqual([await office.groups(), await office.pairs()], [[[1], [2]], []]);
    assert.deepEqual(await office.miscounts(), []);
  });

  test(`refold, ${name} - what one leg says of another is found as if it had been told so`, async () => {
    await using office = await open();
    await using fresh = await open();
    const registered = { token: 'T', user: 2, start: HOUR_SECONDS + 8 };
    const rings = legOf('1.1', { start: HOUR_SECONDS, duration: 8, status: 'no_answer' });
    const code = { from: '2002', to: '*042001', direction: 'internal' } as const;
    const taken = legOf('1.1', { start: HOUR_SECONDS + 8, more: code });
    for (const each of [office, fresh]) each.wait(HOUR_SECONDS + 40);
    // An hour before the call it takes, the code takes none.
    await office.tellAll(rings, misread('1.1', HOUR_SECONDS + 8, code), registrationOf(registered));
    await fresh.tellAll(rings, taken, registrationOf(registered));
    const before = await stateOf(office);
    assert.deepEqual([before.calls.length, before.pairs], [2, []]);
    const runId = await begin(office);
    await refold(office, runId);
    const found = async (each: TestOffice) =>
      (await each.on.rows(candidate)).map(({ tie: _tie, ...row }) => row).sort((a, b) => a.id - b.id);
    assert.deepEqual(await found(office), await found(fresh));
    assert.deepEqual([await office.groups(), await office.pairs()], [[[1, 2]], ['2=1']]);
    await takeBack(office, runId);
    const { candidates, pairs } = await stateOf(office);
    assert.deepEqual([candidates, pairs], [before.candidates, []]);
    assert.deepEqual(await office.groups(), [[1], [2]]);
    assert.deepEqual(await office.miscounts(), []);
  });
}

test('runs - the last of a source is taken back first, each once', async () => {
  await using office = await TestOffice.open(memoryStore(ENTITIES));
  const { ledger } = office.on;
  const [first, second] = [await begin(office), await begin(office)];
  await ledger.submit(endRun(first, 'applied'));
  await assert.rejects(ledger.submit(beginTakingBack(first)), RunStands);
  await assert.rejects(ledger.submit(beginTakingBack(9)), NoSuchRun);
  // One that was interrupted can be taken back, also in two goes.
  await ledger.submit(beginTakingBack(second));
  await ledger.submit(beginTakingBack(second));
  await ledger.submit(endRun(second, 'takenBack'));
  await assert.rejects(ledger.submit(beginTakingBack(second)), RunStands);
  await ledger.submit(beginTakingBack(first));
});
