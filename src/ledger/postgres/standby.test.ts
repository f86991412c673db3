/** A primary that is gone, and its standby: nobody is answered by what the standby does not show yet. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { type RunningPostgres, startPostgres } from '../../../test/kit/postgres.ts';
import { isCommitted, isStartup, tapPostgres } from '../../../test/kit/postgresWire.ts';
import { createScratch } from '../../../test/kit/scratch.ts';
import { startStandby } from '../../../test/kit/standby.ts';
import { startTcpProxy } from '../../../test/kit/tcpProxy.ts';
import { until } from '../../../test/kit/until.ts';
import { StorageUnavailable } from '../refusals.ts';
import { item, itemRow, testEntities } from '../testing/testEntities.ts';
import { TestLedger } from '../testing/testLedger.ts';
import { makePostgresDatabase, SCHEMA } from '../testing/testStores.ts';
import { applicationName } from './connection.ts';
import { DatabaseError } from './databaseError.ts';
import { PostgresEngine } from './postgresEngine.ts';

/** A primary, a standby it waits for, and a ledger whose address leads to the primary until it is told otherwise. */
async function openPair(t: TestContext) {
  const scratches = [createScratch('primary'), createScratch('standby')] as const;
  const primary = await startPostgres({ dataDir: scratches[0].path });
  const name = await makePostgresDatabase(primary, testEntities);
  const standby = await startStandby(primary, scratches[1].path);
  const proxy = await startTcpProxy(primary);
  const wire = tapPostgres(proxy);
  const open = (url: string) =>
    PostgresEngine.open({ url, schema: SCHEMA, entities: testEntities, nodeId: randomUUID() });
  const on = await TestLedger.open({ open: () => open(leadingTo(primary, name, proxy.port)) });
  t.after(async () => {
    await on.close();
    await proxy[Symbol.asyncDispose]();
    await Promise.all([primary.kill(), standby.kill()]);
  });
  return { primary, standby, proxy, wire, on, openStandby: () => open(standby.url(name)) };
}

function leadingTo(server: RunningPostgres, database: string, port: number): string {
  const url = new URL(server.url(database));
  url.port = String(port);
  return url.href;
}

test('a standby that does not show all it has - says nothing about a batch whose answer was lost', async t => {
  const { primary, standby, proxy, wire, on, openStandby } = await openPair(t);
  await on.submit(state => state.insert(item, itemRow(1)));
  await standby.run('postgres', 'SELECT pg_wal_replay_pause()');
  let requested = 0;
  wire.onRequest = message => {
    if (isStartup(message, applicationName('writer'))) requested++;
    return 'pass';
  };
  wire.onAnswer = message => {
    if (!isCommitted(message)) return 'pass';
    wire.onAnswer = () => 'pass';
    proxy.lead(standby);
    return 'cut';
  };
  const answers: unknown[] = [];
  const answer = on.submit(state => state.insert(item, itemRow(2))).finally(() => answers.push('answered'));
  answer.catch(() => {});
  await until('the standby was asked more than once', () => (requested > 1 || answers.length > 0 ? true : undefined));
  await primary.kill();
  await assert.rejects(openStandby(), error => error instanceof DatabaseError && /is a standby/.test(error.message));
  await assert.rejects(on.rows(item), StorageUnavailable, 'what was acknowledged may be missing there');
  assert.deepEqual(answers, [], 'nobody knows yet');
  await standby.promote();
  await answer;
  const third = () => on.submit(state => state.insert(item, itemRow(3)));
  await until('it goes on', () => third().then(() => true, refused));
  assert.deepEqual(
    (await on.rows(item)).map(row => row.id),
    [1, 2, 3],
  );
});

function refused(error: unknown): undefined {
  assert.ok(error instanceof StorageUnavailable);
}
