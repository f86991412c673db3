import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { until } from '../../../test/kit/until.ts';
import type { State } from '../state.ts';
import { describeEngine } from '../testing/engineConformance.ts';
import { describeLedger } from '../testing/ledgerConformance.ts';
import { code, item, itemMade, itemRow, member, place, tally, testEntities, ticket } from '../testing/testEntities.ts';
import { TestLedger } from '../testing/testLedger.ts';
import { POSTGRES, postgresDatabase, SCHEMA } from '../testing/testStores.ts';
import { PostgresEngine } from './postgresEngine.ts';

const nowhere = () => '';

describeEngine(POSTGRES, nowhere);
describeLedger(POSTGRES, nowhere);

test('whatever a batch reads or writes - it does by a key or an index', async () => {
  const { server, url } = await postgresDatabase(testEntities);
  const database = new URL(url).pathname.slice(1);
  const on = await TestLedger.open({
    open: () => PostgresEngine.open({ url, schema: SCHEMA, entities: testEntities, nodeId: randomUUID() }),
  });
  const work = (id: number) => (state: State) => {
    state.find(item, 'byGroup', `group ${id % 9}`);
    state.find(item, 'byOwner', id % 7);
    state.find(item, 'byGroupAndOwner', `group ${id % 9}`, id % 7);
    state.find(item, 'byLabel', `label ${id - 1}`);
    state.find(item, 'bySlot', 1, id);
    state.find(place, 'byHouse', `house ${id % 5}`);
    const before = state.get(item, id - 1);
    if (before !== undefined)
      state.put(item, { ...before, name: 'changed', label: id % 3 === 0 ? null : before.label });
    if (id % 10 === 0) state.delete(item, id - 5);
    state.insert(item, itemRow(id, { group: `group ${id % 9}`, ownerId: id % 7, label: `label ${id}` }));
    state.put(place, { day: id % 3, street: 'a', house: `house ${id % 5}`, value: id });
    state.put(code, { code: `code ${id % 4}`, value: id });
    const answered = state.get(ticket, id - 100)?.id ?? null;
    state.insert(ticket, { id: state.next('ticket'), answers: answered, text: `ticket ${id}` });
    state.put(member, { id: id % 3, name: `member ${id % 3}`, team: id });
    state.add(tally, { day: id % 5, label: 'l' }, { calls: id % 2 === 0 ? 1 : -1, talkSeconds: 1 });
    state.journal(itemMade, { callId: id });
  };
  for (let round = 0; round < 4; round++)
    await on.batch(Array.from({ length: 100 }, (_, n) => work(round * 100 + n + 1)));
  await on.close();
  // What a process of the server has counted is there when it has ended.
  const scans = await until('the statistics are there', async () => {
    const rows = await server.run(
      database,
      `SELECT relname, seq_scan::int, idx_scan::int, n_tup_ins::int FROM pg_stat_user_tables WHERE relname LIKE 'test\\_%' ORDER BY relname`,
    );
    return rows.some(row => (row['n_tup_ins'] as number) > 300) ? rows : undefined;
  });
  assert.deepEqual(
    scans.filter(row => row['seq_scan'] !== 0),
    [],
  );
  assert.ok(scans.every(row => (row['idx_scan'] as number) > 0));
});
