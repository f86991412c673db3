/** Runs and their taking back that are cut short, wherever they are: begun again, they end as if nothing had happened. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ledger } from '../../ledger/ledger.ts';
import { memoryStore } from '../../ledger/testing/testStores.ts';
import { candidate, movedLeg, refoldRun, report, supersededFact } from '../entities.ts';
import type { IncomingReport, LegFact } from '../reports/report.ts';
import { ENTITIES, finishOf, legOf, registrationOf, TestOffice } from '../testing/testOffice.ts';
import { PBX } from '../testing/testReports.ts';
import { applyRun, takeRunBack } from './steps.ts';

const HOUR_SECONDS = 3_600;

/** A leg whose bytes say when it was, read in a zone an hour off. */
function misread(callId: string, user: number): IncomingReport {
  const right = legOf(callId, { start: HOUR_SECONDS, user });
  const wrong = legOf(callId, { start: 0, user });
  return { ...right, fact: wrong.fact, raw: new TextEncoder().encode(JSON.stringify(right.fact)) };
}

const readRight = (raw: Uint8Array) => ({ fact: JSON.parse(new TextDecoder().decode(raw)) as LegFact, warnings: [] });

const BEGUN = { author: 'anna', sourceId: PBX.id, from: 0, until: Number.MAX_SAFE_INTEGER };

/** Two calls that a PBX and an application told of, and that are not known to be the same by the hour the PBX's were read at. */
async function openOffice(settled: boolean): Promise<TestOffice> {
  const office = await TestOffice.open(memoryStore(ENTITIES));
  office.wait(HOUR_SECONDS + 40);
  const registered = [1, 2].map(user => ({ token: `T${user}`, user, start: HOUR_SECONDS + 1 }));
  await office.tellAll(
    misread('1.1', 1),
    misread('1.2', 2),
    ...registered.flatMap(each => [registrationOf(each), finishOf(each, { duration: 28 })]),
  );
  if (settled) await office.settleAll();
  return office;
}

const stateOf = async (office: TestOffice) => ({
  calls: await office.calls(),
  reports: await office.on.rows(report),
  candidates: await office.on.rows(candidate),
  groups: await office.groups(),
  pairs: await office.pairs(),
  suspicions: (await office.suspicions()).toSorted(),
  moved: await office.on.rows(movedLeg),
  miscounts: await office.miscounts(),
});

/** One call in each command. */
const stepsOn = ({ context }: TestOffice, ledger: Ledger) => ({ ledger, context, atOnce: 1 });

/** The same ledger, which fails before its command of this place. */
function dying(ledger: Ledger, last: number): Ledger {
  let commands = 0;
  const submit: Ledger['submit'] = async command => {
    if (commands++ === last) throw new Error('killed');
    return ledger.submit(command);
  };
  return { directory: ledger.directory, reader: ledger.reader, submit } as Ledger;
}

async function wasKilled(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return false;
  } catch (error) {
    assert.equal((error as Error).message, 'killed');
    return true;
  }
}

for (const settled of [false, true]) {
  const told = settled ? 'settled' : 'fresh';

  test(`a run over ${told} calls, killed before any of its commands - the same again matches all it moved`, async () => {
    await using whole = await openOffice(settled);
    const before = await stateOf(whole);
    await applyRun(stepsOn(whole, whole.on.ledger), BEGUN, readRight);
    const after = await stateOf(whole);
    assert.deepEqual([after.pairs.length, after.suspicions.length], settled ? [0, 2] : [2, 0]);
    assert.deepEqual([after.moved, after.miscounts], [[], []]);

    let left = 0;
    for (let last = 0, isKilled = true; isKilled; last++) {
      await using office = await openOffice(settled);
      const { ledger } = office.on;
      isKilled = await wasKilled(applyRun(stepsOn(office, dying(ledger, last)), BEGUN, readRight));
      left += (await office.on.rows(movedLeg)).length;
      await applyRun(stepsOn(office, ledger), BEGUN, readRight);
      assert.deepEqual(await stateOf(office), after, `killed before command ${last}`);
      if (!settled) continue;
      // The last run first; what was settled is as it was to the last row.
      for (const { id } of (await office.on.rows(refoldRun)).toReversed()) {
        await takeRunBack(stepsOn(office, ledger), id);
      }
      assert.deepEqual(await stateOf(office), before, `killed before command ${last}, and taken back`);
    }
    assert.ok(left > 0, 'some of them left legs to match');
  });

  test(`taking a run over ${told} calls back, killed before any of its commands - again, it restores all`, async () => {
    await using whole = await openOffice(settled);
    const { id } = await applyRun(stepsOn(whole, whole.on.ledger), BEGUN, readRight);
    assert.equal(await takeRunBack(stepsOn(whole, whole.on.ledger), id), 2);
    const after = await stateOf(whole);
    assert.deepEqual([after.pairs, after.suspicions, after.moved], [[], [], []]);

    let left = 0;
    for (let last = 0, isKilled = true; isKilled; last++) {
      await using office = await openOffice(settled);
      const { ledger } = office.on;
      await applyRun(stepsOn(office, ledger), BEGUN, readRight);
      isKilled = await wasKilled(takeRunBack(stepsOn(office, dying(ledger, last)), id));
      left += (await office.on.rows(movedLeg)).length;
      if (isKilled) await takeRunBack(stepsOn(office, ledger), id);
      assert.deepEqual(await stateOf(office), after, `killed before command ${last}`);
      assert.deepEqual(await office.on.rows(supersededFact), []);
    }
    assert.ok(left > 0, 'some of them left legs to match');
  });
}
