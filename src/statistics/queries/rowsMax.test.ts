import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestLedger } from '../../ledger/testing/testLedger.ts';
import { memoryStore } from '../../ledger/testing/testStores.ts';
import { bucketOf } from '../../values/secondsBuckets.ts';
import { localDay } from '../../values/zonedTime.ts';
import { rollup, statisticsEntities } from '../entities.ts';
import { callAt, countable, countableEntities, storeCalls } from '../testing/testCalls.ts';
import { type SummaryFilter, TooManyRows } from './question.ts';
import { summarize } from './summary.ts';

const AT = Date.UTC(2026, 2, 26);

test('more rows than an answer may have - are refused; as many as it may have are paged', async () => {
  const on = await TestLedger.open(memoryStore([...countableEntities, ...statisticsEntities]));
  await on.ledger.submit(storeCalls([callAt(1, AT)]));
  await on.submit(state => {
    const day = localDay('UTC', AT);
    for (let n = 0; n < 100_001; n++) {
      const queue = { day, dimension: 'queue', id: 1, name: `queue ${n}`, outcome: 'answered', currency: '' } as const;
      const direction = n === 0 ? 'inbound' : 'internal';
      state.add(rollup, { ...queue, direction, waitBucket: bucketOf(3), ringBucket: bucketOf(3) }, { calls: 1 });
    }
  });
  const ask = (filter: SummaryFilter) =>
    summarize(
      on.ledger.reader,
      countable,
      {
        by: ['queue'],
        filter,
        queuedOnly: true,
        startedFrom: null,
        startedTo: null,
        timeZone: 'UTC',
        dayZone: 'UTC',
        answerWithinSeconds: () => 20,
        sourceKeyOf: id => `pbx-${id}`,
      },
      { limit: 10, after: null },
    );
  await assert.rejects(ask({}), (error: unknown) => error instanceof TooManyRows && error.rows === 100_000);
  const most = await ask({ directions: ['internal'] });
  assert.deepEqual([most.rows.length, most.totals.calls], [10, 100_000]);
  await on.close();
});
