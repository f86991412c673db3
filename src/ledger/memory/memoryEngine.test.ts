import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { journal } from '../journal.ts';
import { StorageUnavailable } from '../refusals.ts';
import type { State } from '../state.ts';
import { describeEngine } from '../testing/engineConformance.ts';
import { describeLedger } from '../testing/ledgerConformance.ts';
import { item, itemMade, itemRow, testEntities } from '../testing/testEntities.ts';
import { TestLedger } from '../testing/testLedger.ts';
import { FAR_MEMORY, MEMORY, memoryStore } from '../testing/testStores.ts';
import type { DiskBehaviour } from './memoryEngine.ts';

const nowhere = () => '';

for (const kind of [MEMORY, FAR_MEMORY]) {
  describeEngine(kind, nowhere);
  describeLedger(kind, nowhere);
}

const take = (state: State) => {
  const id = state.next('item');
  state.insert(item, itemRow(id, { label: `item ${id}` }));
  state.journal(itemMade, { callId: id });
  return id;
};

const takePoisoned = (state: State) => {
  state.insert(item, itemRow(state.next('item'), { name: null as never }));
};

const words = (outcomes: readonly unknown[]) => outcomes.map(each => (each instanceof Error ? each.name : each));

for (const readsOnTheSpot of [true, false]) {
  /** `disk`: what it does with one commit after the other; it works when nothing is said. */
  const check = (
    title: string,
    body: (on: TestLedger, disk: DiskBehaviour[], t: TestContext) => Promise<void>,
    options: { batchCommands?: number } = {},
  ) =>
    test(title, async t => {
      const disk: DiskBehaviour[] = [];
      const store = memoryStore(testEntities, { readsOnTheSpot, disk: () => disk.shift() ?? 'works' });
      const { batchCommands } = options;
      const on = await TestLedger.open(store, batchCommands === undefined ? {} : { batchCommands });
      await body(on, disk, t);
      await on.close();
      // What was told is what is there, once and in order.
      assert.deepEqual(on.told, await on.rows(journal));
      assert.deepEqual(
        on.told.map(row => row.position),
        on.told.map((_, place) => place + 1),
      );
    });

  describe(`a disk that fails under the ledger, reads ${readsOnTheSpot ? 'on the spot' : 'from far away'}`, () => {
    check('full - refuses, stores nothing by halves, and resumes when there is room', async (on, disk, t) => {
      let now = 0;
      t.mock.method(performance, 'now', () => now);
      disk.push('full');
      assert.deepEqual(words(await on.outcomes([take, take])), ['StorageUnavailable', 'StorageUnavailable']);
      assert.ok(on.ledger.storageFault);
      assert.deepEqual(await on.rows(item), []);
      // The disk has room, and nobody asks it yet.
      await assert.rejects(on.submit(take), StorageUnavailable);
      now = 200;
      assert.deepEqual(await on.outcomes([take, take]), [1, 2]);
      assert.ok(!on.ledger.storageFault);
      disk.push('full', 'full');
      await assert.rejects(on.submit(take), StorageUnavailable);
      now = 400;
      await assert.rejects(on.submit(take), StorageUnavailable);
      now = 600;
      assert.equal(await on.submit(take), 3);
      assert.deepEqual(on.faults, ['full', 'full', 'full']);
      assert.deepEqual(on.fatal, []);
    });

    check('full while a batch is run by halves - refuses what could not be stored only', async (on, disk) => {
      disk.push('works', 'works', 'full');
      const outcomes = words(await on.outcomes([take, take, take, takePoisoned]));
      assert.deepEqual(outcomes.slice(0, 2), [1, 2]);
      assert.deepEqual(outcomes.slice(2), ['StorageUnavailable', 'StorageUnavailable']);
      assert.deepEqual(
        (await on.rows(item)).map(row => row.id),
        [1, 2],
      );
    });

    check('an answer that is lost - the batch is looked up, and acknowledged', async (on, disk) => {
      disk.push('lostAnswer');
      assert.deepEqual(await on.outcomes([take, take]), [1, 2]);
      assert.equal(await on.submit(take), 3);
      assert.deepEqual(on.faults, []);
    });

    check('a sync that fails - stops everything, once', async (on, disk) => {
      disk.push('works', 'failedSync');
      assert.equal(await on.submit(take), 1);
      assert.deepEqual(words(await on.outcomes([take, take])), ['StorageUnavailable', 'StorageUnavailable']);
      assert.equal(on.fatal.length, 1);
      await assert.rejects(on.submit(take), /the store failed/);
      assert.deepEqual(
        (await on.rows(item)).map(row => row.id),
        [1],
        'what was acknowledged can still be read',
      );
    });

    check(
      'a sync that fails - nothing that waited is stored after it',
      async (on, disk) => {
        disk.push('failedSync');
        const outcomes = words(await on.outcomes(Array(6).fill(take)));
        assert.deepEqual(outcomes, Array(6).fill('StorageUnavailable'));
        assert.deepEqual(await on.rows(item), []);
        assert.equal(on.fatal.length, 1);
      },
      { batchCommands: 2 },
    );

    check(
      'a sync that fails while a batch is run by halves - nothing of the other half is stored',
      async (on, disk) => {
        disk.push('works', 'failedSync');
        const outcomes = words(await on.outcomes([take, takePoisoned, take, take]));
        assert.deepEqual(outcomes, Array(4).fill('StorageUnavailable'));
        assert.deepEqual(await on.rows(item), []);
        assert.equal(on.fatal.length, 1);
      },
    );

    check('a crash while a batch is being stored - it was not acknowledged and is not there', async on => {
      assert.equal(await on.submit(take), 1);
      const { engine } = on;
      const commit = engine.commit.bind(engine);
      const handedOver = Promise.withResolvers<void>();
      engine.commit = changes => {
        handedOver.resolve();
        return commit(changes);
      };
      const lost = on.submit(take);
      await handedOver.promise;
      engine.commit = commit;
      await on.crash();
      await assert.rejects(lost, StorageUnavailable);
      assert.equal(await on.submit(take), 2);
      assert.deepEqual(
        (await on.rows(item)).map(row => row.id),
        [1, 2],
      );
    });
  });
}
