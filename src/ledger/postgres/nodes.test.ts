/** Several nodes that write to the same schema: one order, seen by all of them. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { Client } from 'pg';
import { isStartup, tapPostgres } from '../../../test/kit/postgresWire.ts';
import { type Link, startTcpProxy } from '../../../test/kit/tcpProxy.ts';
import { until } from '../../../test/kit/until.ts';
import { EngineFault } from '../engine.ts';
import { findGaps, journal } from '../journal.ts';
import { CommandFailed, StorageUnavailable } from '../refusals.ts';
import { table } from '../sqlNames.ts';
import { Refusal, type State } from '../state.ts';
import { bareEvent, code, item, itemMade, itemRow, member, tally, testEntities } from '../testing/testEntities.ts';
import { TestLedger } from '../testing/testLedger.ts';
import { postgresDatabase, SCHEMA } from '../testing/testStores.ts';
import { applicationName } from './connection.ts';
import { DatabaseError } from './databaseError.ts';
import { PostgresEngine } from './postgresEngine.ts';

type Made = Awaited<ReturnType<typeof postgresDatabase>>;

const openEngine = ({ url }: Made, alone = false) =>
  PostgresEngine.open({ url, schema: SCHEMA, entities: testEntities, nodeId: randomUUID(), alone });

/** Nodes of one organisation, closed after the test. */
async function openNodes(t: TestContext, count: number): Promise<{ nodes: TestLedger[]; made: Made }> {
  const made = await postgresDatabase(testEntities);
  const nodes: TestLedger[] = [];
  for (let n = 0; n < count; n++) {
    const node = await TestLedger.open({ open: () => openEngine(made) });
    nodes.push(node);
    t.after(() => node.close());
  }
  return { nodes, made };
}

const say = (kind: string) => (state: State) => state.journal(bareEvent(kind), {});
const bump = (name: string) => (state: State) => {
  const value = (state.get(code, name)?.value ?? 0) + 1;
  state.put(code, { code: name, value });
  return value;
};
const toldEverything = (nodes: readonly TestLedger[], position: number) =>
  until('every node has told every entry', () =>
    nodes.every(each => each.told.at(-1)?.position === position) ? true : undefined,
  );

describe('several nodes', () => {
  test('commands of all of them at once - come out as one after another, without gaps', async t => {
    const { nodes, made } = await openNodes(t, 3);
    const EACH = 120;
    const take = (state: State) => {
      const id = state.next('item');
      const before = state.get(item, id - 1)?.amount ?? 0;
      state.insert(item, itemRow(id, { amount: before + 1, label: `label ${id}` }));
      state.add(tally, { day: 1, label: 'all' }, { calls: 1 });
      state.journal(itemMade, { callId: id });
      if (id % 7 === 0 && before === 0) throw new Refusal('no');
      return id;
    };
    const answers = await Promise.all(
      nodes.map(async node => {
        const ids: number[] = [];
        while (ids.length < EACH) {
          const some = await Promise.all(Array.from({ length: 8 }, () => node.submit(take)));
          ids.push(...some);
        }
        return ids;
      }),
    );
    const total = EACH * nodes.length;
    const ids = answers.flat().sort((a, b) => a - b);
    assert.deepEqual(
      ids,
      Array.from({ length: total }, (_, n) => n + 1),
    );
    const [first] = nodes;
    const rows = await first!.rows(item);
    assert.deepEqual(
      rows.map(row => row.amount),
      rows.map(row => row.id),
    );
    assert.equal((await first!.sums(tally))[0]?.['calls'], total);
    assert.deepEqual(await findGaps(first!.ledger.reader), []);
    await toldEverything(nodes, total);
    const entries = await first!.rows(journal);
    for (const node of nodes) assert.deepEqual(node.told, entries);
    assert.ok(made.url.length > 0);
  });

  test('numbers of a sequence - every node hears which were taken, whoever took them', async t => {
    const { nodes } = await openNodes(t, 2);
    const heard: [from: number, to: number][][] = nodes.map(() => []);
    for (const [n, { ledger }] of nodes.entries()) {
      ledger.onNumbers('item', (to, from) => heard[n]!.push([from, to]));
    }
    const take = (state: State) => state.next('item');
    await nodes[0]!.batch([take, take]);
    await nodes[1]!.submit(say('something.else'));
    await nodes[1]!.submit(take);
    await until('all are heard of', () => (heard.every(each => each.at(-1)?.[1] === 3) ? true : undefined));
    for (const each of heard) {
      // Without gaps, and no number twice.
      for (const [place, [from]] of each.entries()) assert.equal(from, each[place - 1]?.[1] ?? 0);
      assert.ok(each.every(([from, to]) => to > from));
    }
    assert.deepEqual(heard[0]![0], [0, 2]);
  });

  test('an entry - is told by every node, in order and once', async t => {
    const { nodes } = await openNodes(t, 2);
    const [one, two] = nodes as [TestLedger, TestLedger];
    await one.submit(say('a.said'));
    await two.submit(say('b.said'));
    await one.batch([say('c.said'), say('d.said')]);
    await toldEverything(nodes, 4);
    for (const node of nodes) {
      assert.deepEqual(
        node.told.map(row => [row.position, row.kind]),
        [
          [1, 'a.said'],
          [2, 'b.said'],
          [3, 'c.said'],
          [4, 'd.said'],
        ],
      );
    }
    assert.equal(two.ledger.position, 4);
  });

  test('a node that was not told - looks, and finds it', async t => {
    const { nodes, made } = await openNodes(t, 2);
    const [one, two] = nodes as [TestLedger, TestLedger];
    await until('both listen', async () => ((await listeners(made)) === 2 ? true : undefined));
    await made.server.run(
      'postgres',
      `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name LIKE 'aftercall watcher%' AND datname = '${databaseOf(made)}'`,
    );
    // Nobody listens, and nobody can say anything.
    await one.submit(say('a.said'));
    await toldEverything([two], 1);
    assert.deepEqual(two.faults, []);
  });

  test('a node that hears nothing any more, and is not told so - finds out by itself', async t => {
    const { nodes, made } = await openNodes(t, 1);
    const proxy = await startTcpProxy(made.server);
    const wire = tapPostgres(proxy);
    const watchers = new Set<Link>();
    wire.onRequest = (message, link) => {
      if (isStartup(message, applicationName('watcher'))) watchers.add(link);
      return 'pass';
    };
    const url = new URL(made.url);
    url.port = String(proxy.port);
    const deaf = await TestLedger.open({ open: () => openEngine({ ...made, url: url.href }) });
    t.after(async () => {
      await deaf.close();
      await proxy[Symbol.asyncDispose]();
    });
    await until('both listen', async () => ((await listeners(made)) === 2 ? true : undefined));
    const silenced = new Set(watchers);
    wire.onAnswer = (_, link) => (silenced.has(link) ? 'silence' : 'pass');
    await nodes[0]!.submit(say('a.said'));
    await toldEverything([deaf], 1);
    assert.deepEqual(deaf.faults, []);
  });

  test('questions of people that take long - keep no entry from being told', async t => {
    const { nodes, made } = await openNodes(t, 2);
    const [one, two] = nodes as [TestLedger, TestLedger];
    const { url } = made;
    const locker = new Client({ connectionString: url });
    await locker.connect();
    t.after(() => locker.end());
    await locker.query(`BEGIN; LOCK TABLE ${SCHEMA}.${table(item)} IN ACCESS EXCLUSIVE MODE`);
    const questions = Array.from({ length: 8 }, () => two.rows(item));
    await until('they wait', async () => {
      const { rows } = await locker.query('SELECT count(*) AS waiting FROM pg_locks WHERE NOT granted');
      return Number(rows[0]!['waiting']) >= 4 ? true : undefined;
    });
    await one.submit(say('a.said'));
    await toldEverything([two], one.ledger.position);
    await locker.query('COMMIT');
    await Promise.all(questions);
  });

  test('a resident row - changed by one node is there for the commands and the doors of another', async t => {
    const { nodes } = await openNodes(t, 2);
    const [one, two] = nodes as [TestLedger, TestLedger];
    await one.submit(state => state.put(member, { id: 1, name: 'anna', team: 1 }));
    assert.equal(await two.submit(state => state.get(member, 1)?.name), 'anna');
    assert.equal(two.ledger.directory.get(member, 1)?.name, 'anna');
    await two.submit(state => {
      state.put(member, { id: 1, name: 'berta', team: 2 });
      state.put(member, { id: 2, name: 'carla', team: 1 });
    });
    const seen = await one.submit(state => [
      state.all(member).map(row => row.name),
      state.find(member, 'byTeam', 1).map(row => row.name),
    ]);
    assert.deepEqual(seen, [['berta', 'carla'], ['carla']]);
    await one.submit(state => state.delete(member, 2));
    await until('a node that does nothing knows it too', () =>
      two.ledger.directory.get(member, 2) === undefined ? true : undefined,
    );
  });

  test('a row one node has read before - is read again by its next batch', async t => {
    const { nodes } = await openNodes(t, 2);
    for (let round = 0; round < 10; round++) {
      for (const [place, node] of nodes.entries()) assert.equal(await node.submit(bump('a')), round * 2 + place + 1);
    }
  });

  test('a poisoned command on one node - hurts nobody on the other', async t => {
    const { nodes } = await openNodes(t, 2);
    const [one, two] = nodes as [TestLedger, TestLedger];
    const poisoned = (state: State) => state.insert(item, itemRow(state.next('item'), { name: null as never }));
    const [bad, good] = await Promise.all([
      one.outcomes([bump('a'), poisoned, bump('a')]),
      two.outcomes([bump('a'), bump('a')]),
    ]);
    assert.ok(bad[1] instanceof CommandFailed);
    const values = [bad[0], bad[2], ...good] as number[];
    assert.deepEqual(
      values.sort((a, b) => a - b),
      [1, 2, 3, 4],
    );
  });

  test('time - never goes backwards, though the clocks of the nodes differ', async t => {
    const { nodes } = await openNodes(t, 2);
    const [one, two] = nodes as [TestLedger, TestLedger];
    one.time.now = 9_000;
    two.time.now = 4_000;
    assert.equal(await one.submit(state => state.now), 9_000);
    await one.submit(say('a.said'));
    await two.submit(say('b.said'));
    two.time.now = 9_500;
    await two.submit(say('c.said'));
    assert.deepEqual(
      (await one.rows(journal)).map(row => row.at),
      [9_000, 9_000, 9_500],
    );
  });

  test('one that stops in the middle of a batch - is ended so that others go on, and stores nothing', async t => {
    const { nodes, made } = await openNodes(t, 1);
    const [node] = nodes as [TestLedger];
    const stopped = await openEngine(made);
    t.after(() => stopped.close());
    // To the server, a node that does not go on looks like one that was stopped.
    const head = await stopped.begin();
    await node.submit(say('a.said'));
    const rows = [{ entity: code, inserts: [{ code: 'late', value: 1 }], updates: [], deletes: [] }];
    await assert.rejects(
      stopped.commit({ number: 1, after: 0, head, tookNumbers: false, rows, counters: [] }),
      error => error instanceof EngineFault && error.kind === 'unavailable',
    );
    assert.deepEqual(await node.rows(code), []);
    // It goes on as if nothing had been.
    assert.equal((await stopped.begin()).position, 1);
    await stopped.abandon();
    assert.deepEqual(node.faults, []);
  });

  test('one that is cut off with an answer on its way - is ended by whoever waits', async t => {
    const { nodes, made } = await openNodes(t, 1);
    const [node] = nodes as [TestLedger];
    const ids = Array.from({ length: 40 }, (_, n) => n + 1);
    await node.batch(ids.map(id => state => state.insert(item, itemRow(id, { raw: new Uint8Array(200_000) }))));
    // Over a socket in the file system, where the server's own timeout for what is not taken does not hold.
    const proxy = await startTcpProxy({ path: join(made.server.dataDir, `.s.PGSQL.${made.server.port}`) });
    const url = new URL(made.url);
    url.port = String(proxy.port);
    const cutOff = await openEngine({ ...made, url: url.href });
    t.after(async () => {
      await proxy[Symbol.asyncDispose]();
      await cutOff.close();
    });
    await cutOff.begin();
    const held = Promise.withResolvers<void>();
    proxy.onAnswer = () => {
      held.resolve();
      return 'hold';
    };
    const load = cutOff.load(ids.map(id => ({ entity: item, index: null, values: [id] })));
    const lost = assert.rejects(load, error => error instanceof EngineFault && error.kind === 'unavailable');
    await held.promise;
    await node.submit(say('a.said'));
    assert.deepEqual(node.faults, []);
    proxy.cutAll(false);
    await lost;
  });

  test('a newer schema - is noticed by a node that works and by one that does not, and both stop', async t => {
    const { nodes, made } = await openNodes(t, 2);
    const [works, idle] = nodes as [TestLedger, TestLedger];
    await works.submit(say('a.said'));
    await made.server.run(
      databaseOf(made),
      `UPDATE ${SCHEMA}.head SET schema_version = schema_version + 1, batch = batch + 1`,
    );
    await assert.rejects(works.submit(say('b.said')), StorageUnavailable);
    await until('the other has seen it', () => (idle.fatal.length > 0 ? true : undefined));
    for (const node of nodes) {
      await assert.rejects(node.submit(say('c.said')), StorageUnavailable);
      assert.equal(node.fatal.length, 1);
      assert.match(String(node.fatal[0]), /the database has been changed to version \d+/);
    }
    assert.equal((await works.rows(journal)).length, 1);
  });

  test('one that must be alone - waits for nobody, and keeps the others away', async t => {
    const { nodes, made } = await openNodes(t, 1);
    const refused = (sentence: RegExp) => (error: unknown) =>
      error instanceof DatabaseError && sentence.test(error.message) && !error.message.includes(passwordOf(made));
    await assert.rejects(openEngine(made, true), refused(/cannot be used: other servers use it: stop them first\.$/));
    await nodes[0]!.ledger.close();
    const alone = await openEngine(made, true);
    t.after(() => alone.close());
    await assert.rejects(
      openEngine(made),
      refused(/cannot be used: it is being rebuilt or copied: wait until that is done\.$/),
    );
  });
});

const databaseOf = ({ url }: Made): string => new URL(url).pathname.slice(1);
const passwordOf = ({ url }: Made): string => new URL(url).password;

async function listeners(made: Made): Promise<number> {
  const rows = await made.server.run(
    'postgres',
    `SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'aftercall watcher%' AND datname = '${databaseOf(made)}' AND state = 'idle'`,
  );
  return rows.length;
}
