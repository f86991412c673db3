import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Reader } from '../../ledger/query.ts';
import { TestLedger } from '../../ledger/testing/testLedger.ts';
import { memoryStore } from '../../ledger/testing/testStores.ts';
import { bucketOf } from '../../values/secondsBuckets.ts';
import { localDay } from '../../values/zonedTime.ts';
import { rollup, statisticsEntities } from '../entities.ts';
import { callAt, countable, countableEntities, storeCalls } from '../testing/testCalls.ts';
import { type SummaryFilter, type SummaryKey, type SummaryQuestion, TooManyRows } from './question.ts';
import type { RowKey } from './rowKeys.ts';
import { type Summary, summarize } from './summary.ts';

const AT = Date.UTC(2026, 2, 26);

const askedBy = (by: readonly SummaryKey[]): SummaryQuestion => ({
  by,
  filter: {},
  queuedOnly: false,
  startedFrom: null,
  startedTo: null,
  timeZone: 'UTC',
  dayZone: 'UTC',
  answerWithinSeconds: () => 20,
  sourceKeyOf: id => `pbx-${id}`,
});

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
      { ...askedBy(['queue']), filter, queuedOnly: true },
      { limit: 10, after: null },
    );
  await assert.rejects(ask({}), (error: unknown) => error instanceof TooManyRows && error.rows === 100_000);
  const most = await ask({ directions: ['internal'] });
  assert.deepEqual([most.rows.length, most.totals.calls], [10, 100_000]);
  await on.close();
});

test('a page of many rows - reads little more than its own, no statement answers with many, and all pages are the whole', async () => {
  const on = await TestLedger.open(memoryStore([...countableEntities, ...statisticsEntities]));
  const [users, days, buckets] = [100, 60, 10];
  const firstDay = localDay('UTC', AT);
  await on.ledger.submit(storeCalls([callAt(1, AT), callAt(2, AT + (days - 1) * 86_400_000)]));
  await on.submit(state => {
    for (let user = 1; user <= users; user++) {
      for (let day = 0; day < days; day++) {
        for (let ringBucket = 0; ringBucket < buckets; ringBucket++) {
          const key = { day: firstDay + day, dimension: 'user', id: user, name: '', direction: 'inbound' } as const;
          const rest = { outcome: 'answered', currency: '', waitBucket: -1, ringBucket } as const;
          state.add(rollup, { ...key, ...rest }, { calls: 1, talkSeconds: user });
        }
      }
    }
  });
  let rowsRead: number[] = [];
  const { reader } = on.ledger;
  const counting: Reader = {
    ...reader,
    aggregate: async query => {
      const rows = await reader.aggregate(query);
      rowsRead.push(rows.length);
      return rows;
    },
  };
  for (const by of [
    ['user', 'day'],
    ['day', 'user'],
  ] as const) {
    const seen = new Set<string>();
    let talkSeconds = 0;
    let after: readonly RowKey[] | null = null;
    do {
      rowsRead = [];
      const page: Summary = await summarize(counting, countable, askedBy(by), { limit: 500, after });
      for (const { keys, figures } of page.rows) {
        if (keys.includes(null)) continue;
        seen.add(JSON.stringify(keys));
        talkSeconds += figures.talkSeconds;
        assert.equal(figures.calls, buckets);
        assert.equal(
          figures.rings.slice(0, buckets).every(each => each === 1),
          true,
        );
      }
      const read = rowsRead.reduce((sum, each) => sum + each, 0);
      // All keys once, and the rows of the page with the users or days it ends within.
      assert.ok(read < users * days + 2 * 700 * buckets, `${by}: ${read} rows`);
      assert.ok(Math.max(...rowsRead) <= 10_000, `${by}: ${rowsRead}`);
      after = page.next;
    } while (after !== null);
    assert.equal(seen.size, users * days);
    assert.equal(talkSeconds, ((users * (users + 1)) / 2) * days * buckets);
  }
  await on.close();
});
