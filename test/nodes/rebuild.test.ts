/** A rebuild of the statistics that is interrupted, wherever it is: the next start ends with every call counted once. */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { entities } from '../../src/app/entities.ts';
import { callsContext, counted } from '../../src/app/reactors.ts';
import { finishRebuild, RebuildTakenOver, rebuildStatistics } from '../../src/app/rebuildStatistics.ts';
import { acceptReport } from '../../src/calls/reports/accept.ts';
import { NATIVE, START, statedCall, statedReport } from '../../src/calls/testing/testReports.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { sharedMemoryStore } from '../../src/ledger/testing/testStores.ts';
import { source } from '../../src/sources/entities.ts';
import { findMiscounts } from '../../src/statistics/recount.ts';

const log = pino({ level: 'silent' });
const noProgress = (): void => {};

/** A store with three calls, and ledgers on it as several servers have them. */
async function openHouse(t: TestContext) {
  const store = sharedMemoryStore(entities);
  const open = async () => {
    const ledger = await Ledger.open({ engine: await store.open(), clock: () => START, onFatal: assert.fail });
    t.after(() => ledger.close());
    return ledger;
  };
  const first = await open();
  await first.submit({ name: 'store sources', bytes: 100, apply: state => state.put(source, NATIVE) });
  for (const name of ['a', 'b', 'c']) {
    const fact = statedCall(name, { startedAt: START, durationSeconds: 60 });
    await first.submit(acceptReport(statedReport(fact), callsContext));
  }
  const miscounts = () => Array.fromAsync(findMiscounts(first.reader, counted, 'UTC', noProgress));
  return { first, open, miscounts };
}

/** The same ledger, on which `before` happens before each command. */
function slowed(ledger: Ledger, before: (command: string) => Promise<void>): Ledger {
  const submit: Ledger['submit'] = async command => {
    await before(command.name);
    return ledger.submit(command);
  };
  return { directory: ledger.directory, reader: ledger.reader, submit } as Ledger;
}

describe('a rebuild of the statistics', () => {
  test('that is killed before any of its steps - is done again by the next start, once', async t => {
    const wrong: number[] = [];
    for (let last = 0, isDone = false; !isDone; last++) {
      const { first, open, miscounts } = await openHouse(t);
      let steps = 0;
      const dying = slowed(first, async () => {
        if (steps++ === last) throw new Error('killed');
      });
      isDone = await rebuildStatistics(dying, noProgress).then(
        () => true,
        error => {
          assert.equal(error.message, 'killed');
          return false;
        },
      );
      if ((await miscounts()).length > 0) wrong.push(last);
      await finishRebuild(await open(), log);
      assert.deepEqual(await miscounts(), [], `killed before step ${last}`);
      const again: string[] = [];
      await finishRebuild(
        slowed(await open(), async name => void again.push(name)),
        log,
      );
      assert.deepEqual(again, [], 'a rebuild that has ended is nothing to do');
    }
    assert.ok(wrong.length > 0, 'some of them left wrong statistics');
  });

  test('whose server slept while another one began it again - counts no call twice', async t => {
    const { first, open, miscounts } = await openHouse(t);
    const other = await open();
    let hasSlept = false;
    const sleepy = slowed(first, async name => {
      if (hasSlept || name !== 'count calls again') return;
      hasSlept = true;
      await finishRebuild(other, log);
    });
    await assert.rejects(rebuildStatistics(sleepy, noProgress), RebuildTakenOver);
    assert.equal(hasSlept, true);
    assert.deepEqual(await miscounts(), []);
  });
});
