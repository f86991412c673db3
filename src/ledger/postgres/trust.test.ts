/** When PostgreSQL, or what stands before it, is not what it was when the node connected. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { assertSince } from '../../../test/kit/assertSince.ts';
import { type RunningPostgres, startPostgres } from '../../../test/kit/postgres.ts';
import { startTcpProxy } from '../../../test/kit/tcpProxy.ts';
import { until } from '../../../test/kit/until.ts';
import { journal } from '../journal.ts';
import { CommandFailed, StorageUnavailable } from '../refusals.ts';
import type { State } from '../state.ts';
import { bareEvent, item, itemRow, testEntities } from '../testing/testEntities.ts';
import { TestLedger } from '../testing/testLedger.ts';
import { makePostgresDatabase, postgresDatabase, SCHEMA } from '../testing/testStores.ts';
import { applicationName } from './connection.ts';
import { DatabaseError } from './databaseError.ts';
import { endStuckBatch, lockArguments } from './names.ts';
import { PostgresEngine } from './postgresEngine.ts';

const say = (kind: string) => (state: State) => state.journal(bareEvent(kind), {});

async function openOn(t: TestContext, url: string, tellsTime = false): Promise<TestLedger> {
  const on = await TestLedger.open({
    open: () => PostgresEngine.open({ url, schema: SCHEMA, entities: testEntities, nodeId: randomUUID(), tellsTime }),
  });
  t.after(() => on.close());
  return on;
}

/** A server of its own, whose settings may be changed while it runs. */
async function ownServer(t: TestContext) {
  const server = await startPostgres();
  t.after(() => server.stop());
  const database = await makePostgresDatabase(server, testEntities);
  const set = async (name: string, value: string) => {
    await server.run(database, `ALTER SYSTEM SET ${name} = '${value}'`);
    await server.run(database, 'SELECT pg_reload_conf()');
  };
  return { server, database, set };
}

/** Who waits for a standby, by process id. */
const waitsForStandby = ({ server, database }: { server: RunningPostgres; database: string }) =>
  until('a commit waits for the standby', async () => {
    const [row] = await server.run(database, "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
    return row?.['pid'] as number | undefined;
  });

/** A standby is asked for, and something is said that waits for it: the server takes a while to hear of the setting. */
async function sayWaiting(own: Awaited<ReturnType<typeof ownServer>>, on: TestLedger) {
  await own.set('synchronous_standby_names', 'nobody');
  for (let n = 0; n < 500; n++) {
    let isAcknowledged = false;
    const said = on.submit(say('b.said')).then(() => {
      isAcknowledged = true;
    });
    const pid = await until('it waits or is acknowledged', async () => {
      const [row] = await own.server.run(own.database, "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
      return isAcknowledged ? null : (row?.['pid'] as number | undefined);
    });
    if (pid !== null) return { said, pid, isAcknowledged: () => isAcknowledged };
  }
  throw new Error('nothing waits for the standby that is asked for');
}

test('a commit that no standby has, and whose node is cut off - is acknowledged when a standby has it, not before', async t => {
  const own = await ownServer(t);
  const { server, database, set } = own;
  const on = await openOn(t, server.url(database));
  await on.submit(say('a.said'));
  const { said, pid, isAcknowledged } = await sayWaiting(own, on);
  await server.run(database, `SELECT pg_terminate_backend(${pid}, 5000)`);
  // The lookup finds it, and waits for the same standby.
  await until('somebody else waits', async () => ((await waitsForStandby(own)) === pid ? undefined : true));
  assert.equal(isAcknowledged(), false);
  await set('synchronous_standby_names', '');
  await said;
  assert.equal((await on.rows(journal)).at(-1)!.kind, 'b.said');
});

test('the waiting for a standby ended by a person - is no acknowledgement', async t => {
  const own = await ownServer(t);
  const { server, database, set } = own;
  const on = await openOn(t, server.url(database));
  await on.submit(say('a.said'));
  const { said, pid, isAcknowledged } = await sayWaiting(own, on);
  await server.run(database, `SELECT pg_cancel_backend(${pid})`);
  await until('it is waited for again', async () => ((await waitsForStandby(own)) === pid ? undefined : true));
  assert.equal(isAcknowledged(), false);
  await set('synchronous_standby_names', '');
  await said;
});

test('synchronous_commit switched off while servers run - changes nothing for them', async t => {
  const own = await ownServer(t);
  const { server, database, set } = own;
  const on = await openOn(t, server.url(database));
  await on.submit(say('a.said'));
  await set('synchronous_commit', 'off');
  // One that does not wait for its own disk does not wait for a standby either.
  const { said } = await sayWaiting(own, on);
  await set('synchronous_standby_names', '');
  await said;
});

test('a lookup that waits for the commit it looks for - sees it, whatever isolation is the default', async t => {
  const own = await ownServer(t);
  const { server, database, set } = own;
  await server.run(database, `ALTER DATABASE "${database}" SET default_transaction_isolation = 'repeatable read'`);
  await using proxy = await startTcpProxy(server);
  const wired = new URL(server.url(database));
  wired.port = String(proxy.port);
  const on = await openOn(t, wired.href);
  await on.submit(say('a.said'));
  const { said } = await sayWaiting(own, on);
  proxy.cutAll();
  await until('the lookup waits for the lock', async () => {
    const waiting = await server.run(database, "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted");
    return waiting.length > 0 ? true : undefined;
  });
  await set('synchronous_standby_names', '');
  await said;
  assert.deepEqual(on.faults, []);
});

test('a database that has gone back - is not gone on with', async t => {
  const { server, url } = await postgresDatabase(testEntities);
  const on = await openOn(t, url);
  for (const kind of ['a.said', 'b.said', 'c.said']) await on.submit(say(kind));
  const database = new URL(url).pathname.slice(1);
  await server.run(
    database,
    `DELETE FROM ${SCHEMA}.journal WHERE position > 1; UPDATE ${SCHEMA}.head SET batch = batch - 2, position = 1`,
  );
  await assert.rejects(on.submit(say('d.said')), StorageUnavailable);
  assert.match(String(on.fatal[0]), /has gone back from batch \d+ to batch \d+/);
  assert.equal((await on.rows(journal)).length, 1);
});

test('something between that leaves out the settings of a connection - is refused with one sentence', async t => {
  const { server, url } = await postgresDatabase(testEntities);
  await using proxy = await startTcpProxy(server);
  // A message without a type: length, version, then names and values, each with a zero behind it.
  proxy.onRequest = bytes => {
    if (bytes.length < 8 || bytes.readInt32BE(4) !== 3 << 16) return 'pass';
    const fields = bytes.subarray(8, -1).toString('latin1').split('\0').slice(0, -1);
    const kept = fields.flatMap((name, n) => (n % 2 === 0 && name !== 'options' ? [name, fields[n + 1]!] : []));
    const rest = Buffer.from(`${kept.join('\0')}\0\0`, 'latin1');
    const head = Buffer.alloc(8);
    head.writeInt32BE(rest.length + 8, 0);
    head.writeInt32BE(3 << 16, 4);
    return Buffer.concat([head, rest]);
  };
  const wired = new URL(url);
  wired.port = String(proxy.port);
  await assert.rejects(openOn(t, wired.href), (error: unknown) => {
    assert.ok(error instanceof DatabaseError, String(error));
    assert.match(error.message, /connect to PostgreSQL itself, and not through a pooler/);
    return true;
  });
});

test('nodes whose clocks differ by an hour - have the time of the database, and work is due by it', async t => {
  const { url } = await postgresDatabase(testEntities);
  const [ahead, behind] = [await openOn(t, url, true), await openOn(t, url, true)];
  ahead.time.now = Date.now() + 3_600_000;
  behind.time.now = Date.now() - 3_600_000;
  for (const node of [ahead, behind, ahead, behind]) {
    const now = await node.submit(state => {
      state.journal(bareEvent('a.said'), {});
      return state.now;
    });
    // The tests and their database are on one machine.
    assertSince(now);
    assertSince(node.ledger.now());
  }
});

test('who has waited for the lock for long - is not taken for stuck as soon as it has it', async t => {
  const { url } = await postgresDatabase(testEntities);
  const client = async (name: string) => {
    const made = new Client({ connectionString: url, application_name: name });
    await made.connect();
    made.on('error', () => {});
    t.after(() => made.end().catch(() => {}));
    return made;
  };
  const [waits, judge] = [await client(applicationName('writer')), await client('judge')];
  const STUCK_MS = 1_500;
  const end = () => judge.query(endStuckBatch(SCHEMA, applicationName('writer'), STUCK_MS));
  const lock = `SELECT pg_advisory_xact_lock(${lockArguments(SCHEMA)})`;
  await waits.query(`BEGIN; SELECT pg_sleep(${(STUCK_MS + 200) / 1000}); ${lock}`);
  assert.equal((await end()).rowCount, 0);
  await sleep(STUCK_MS + 200);
  assert.equal((await end()).rowCount, 1, 'it has not got on since');
});

test('a row that another program has damaged - fails the command that reads it, and no other of its batch', async t => {
  const { server, url } = await postgresDatabase(testEntities);
  const database = new URL(url).pathname.slice(1);
  const on = await openOn(t, url);
  await on.submit(state => {
    for (const id of [1, 2]) state.insert(item, itemRow(id, { name: `item ${id}` }));
  });
  await server.run(database, `ALTER TABLE ${SCHEMA}.test_item ALTER name DROP NOT NULL`);
  await server.run(database, `UPDATE ${SCHEMA}.test_item SET name = NULL WHERE id = 1`);
  const outcomes = await on.outcomes([
    state => state.get(item, 1)?.name,
    state => state.get(item, 2)?.name,
    state => state.next('item'),
  ]);
  assert.ok(outcomes[0] instanceof CommandFailed, String(outcomes[0]));
  assert.match(outcomes[0].message, /a stored testItem\.name is no text/);
  assert.deepEqual(outcomes.slice(1), ['item 2', 1]);
  assert.deepEqual(on.fatal, []);
});
