/** A change of the time zone while others serve: wherever it is interrupted, every call ends up in the day it belongs to. */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { entities } from '../../src/app/entities.ts';
import { callsContext, counted } from '../../src/app/reactors.ts';
import { keepDays } from '../../src/app/startup.ts';
import { acceptReport } from '../../src/calls/reports/accept.ts';
import { NATIVE, START, statedCall, statedReport } from '../../src/calls/testing/testReports.ts';
import { readSetting } from '../../src/config/setting.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { sharedMemoryStore } from '../../src/ledger/testing/testStores.ts';
import { source } from '../../src/sources/entities.ts';
import { findMiscounts } from '../../src/statistics/recount.ts';

const log = pino({ level: 'silent' });
/** At any time it is another day in one of them than in UTC. */
const EAST = 'Pacific/Auckland';
const WEST = 'America/Los_Angeles';
const HOUR_MS = 3_600_000;

/** Two servers on one store; `tell` has the other one accept calls of all hours of a day. */
async function openHouse(t: TestContext) {
  const store = sharedMemoryStore(entities);
  const open = async () => {
    const ledger = await Ledger.open({ engine: await store.open(), clock: () => START, onFatal: assert.fail });
    t.after(() => ledger.close());
    return ledger;
  };
  const starting = await open();
  const serving = await open();
  await serving.submit({ name: 'store sources', bytes: 100, apply: state => state.put(source, NATIVE) });
  let received = 0;
  const tell = async () => {
    for (let hour = 0; hour < 24; hour += 3) {
      const fact = statedCall(`call-${++received}`, { startedAt: START + hour * HOUR_MS, durationSeconds: 60 });
      await serving.submit(acceptReport(statedReport(fact), callsContext));
    }
  };
  const misplaced = async () => {
    const zone = readSetting(serving.directory, 'rollupZone');
    return { zone, problems: await Array.fromAsync(findMiscounts(serving.reader, counted, zone, () => {})) };
  };
  return { open, starting, serving, tell, misplaced };
}

/** The same ledger, on which `before` happens before each command. */
function slowed(ledger: Ledger, before: (command: string) => Promise<void>): Ledger {
  const submit: Ledger['submit'] = async command => {
    await before(command.name);
    return ledger.submit(command);
  };
  return { directory: ledger.directory, reader: ledger.reader, submit } as Ledger;
}

describe('a change of the time zone', () => {
  test('while another server counts calls between any two steps - misplaces none', async t => {
    const { starting, tell, misplaced } = await openHouse(t);
    await tell();
    const steps: string[] = [];
    const busy = slowed(starting, async name => {
      steps.push(name);
      await tell();
    });
    for (const zone of [EAST, WEST]) {
      await keepDays(busy, zone, log);
      await tell();
      assert.deepEqual(await misplaced(), { zone, problems: [] });
    }
    assert.ok(steps.length >= 6, steps.join());
    const before = steps.length;
    await keepDays(busy, WEST, log);
    assert.equal(steps.length, before, 'the same zone again is nothing to do');
  });

  test('whose server is killed before any of its steps - is finished by the next one that starts', async t => {
    for (let last = 0, isDone = false; !isDone; last++) {
      const { open, starting, tell, misplaced } = await openHouse(t);
      await tell();
      let steps = 0;
      const dying = slowed(starting, async () => {
        if (steps++ === last) throw new Error('killed');
        await tell();
      });
      isDone = await keepDays(dying, EAST, log).then(
        () => true,
        error => {
          assert.equal(error.message, 'killed');
          return false;
        },
      );
      await keepDays(await open(), EAST, log);
      assert.deepEqual(await misplaced(), { zone: EAST, problems: [] }, `killed before step ${last}`);
    }
  });

  test('whose server slept while another one changed it otherwise - leaves the days as that one wants them', async t => {
    const { starting, serving, tell, misplaced } = await openHouse(t);
    await tell();
    let hasSlept = false;
    const sleepy = slowed(starting, async name => {
      if (hasSlept || name !== 'move calls to other days') return;
      hasSlept = true;
      await keepDays(serving, WEST, log);
    });
    await keepDays(sleepy, EAST, log);
    assert.equal(hasSlept, true);
    assert.deepEqual(await misplaced(), { zone: WEST, problems: [] });
  });
});
