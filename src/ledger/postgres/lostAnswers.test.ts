/** A wire that breaks around a commit, and a server that dies: what was acknowledged is there, once. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, type TestContext, test } from 'node:test';
import { startPostgres } from '../../../test/kit/postgres.ts';
import { createScratch } from '../../../test/kit/scratch.ts';
import { startTcpProxy, type TcpProxy } from '../../../test/kit/tcpProxy.ts';
import { until } from '../../../test/kit/until.ts';
import { journal } from '../journal.ts';
import { CommandFailed, StorageUnavailable } from '../refusals.ts';
import type { State } from '../state.ts';
import { item, itemMade, itemRow, member, testEntities } from '../testing/testEntities.ts';
import { TestLedger } from '../testing/testLedger.ts';
import { makePostgresDatabase, postgresDatabase, SCHEMA } from '../testing/testStores.ts';
import { PostgresEngine } from './postgresEngine.ts';

const openOn = (url: string): Promise<TestLedger> =>
  TestLedger.open({
    open: () => PostgresEngine.open({ url, schema: SCHEMA, entities: testEntities, nodeId: randomUUID() }),
  });

interface Wired {
  readonly on: TestLedger;
  readonly proxy: TcpProxy;
}

/** A ledger whose connections lead over a wire that can be cut. */
async function openWired(t: TestContext): Promise<Wired> {
  const { server, url } = await postgresDatabase(testEntities);
  const proxy = await startTcpProxy(server);
  const wired = new URL(url);
  wired.port = String(proxy.port);
  const on = await openOn(wired.href);
  t.after(async () => {
    await on.close();
    await proxy[Symbol.asyncDispose]();
  });
  return { on, proxy };
}

const take = (state: State) => {
  const id = state.next('item');
  state.insert(item, itemRow(id));
  state.put(member, { id: 1, name: `member ${id}`, team: null });
  state.journal(itemMade, { callId: id });
  return id;
};

const holdsCommit = (bytes: Buffer): boolean => bytes.includes('COMMIT\0');
const ids = async (on: TestLedger): Promise<number[]> => (await on.rows(item)).map(row => row.id);

/** Tries until it is taken, as a sender does. */
const takeAgain = (on: TestLedger) =>
  until('it is stored again', () =>
    on.submit(take).catch(error => void assert.ok(error instanceof StorageUnavailable)),
  );

/** What was told is what is there, once and in order. */
async function checkPublished(on: TestLedger): Promise<void> {
  const entries = await on.rows(journal);
  await until('everything is told', () => (on.told.length >= entries.length ? true : undefined));
  assert.deepEqual(on.told, entries);
  assert.deepEqual(on.ledger.directory.all(member), await on.rows(member));
}

describe('a wire that breaks', () => {
  test('before the server has heard of the commit - nothing is stored, and nobody is told that it is', async t => {
    const { on, proxy } = await openWired(t);
    assert.equal(await on.submit(take), 1);
    let cuts = 0;
    proxy.onRequest = (bytes, link) => {
      if (!holdsCommit(bytes) || cuts++ > 0) return 'pass';
      link.cut();
      return 'swallow';
    };
    await assert.rejects(on.submit(take), StorageUnavailable);
    assert.equal(cuts, 1);
    assert.deepEqual(await ids(on), [1]);
    assert.equal(await takeAgain(on), 2);
    assert.deepEqual(await ids(on), [1, 2]);
    assert.deepEqual(on.faults, ['unavailable']);
    await checkPublished(on);
  });

  test('after the commit and before its answer - the batch is looked up, and acknowledged', async t => {
    const { on, proxy } = await openWired(t);
    let isCommitting = false;
    proxy.onRequest = bytes => {
      isCommitting ||= holdsCommit(bytes);
      return 'pass';
    };
    for (let n = 1; n <= 3; n++) {
      let cuts = 0;
      isCommitting = false;
      proxy.onAnswer = (bytes, link) => {
        // The answer to COMMIT is the last of the message's.
        if (!isCommitting || !bytes.includes('COMMIT\0') || cuts > 0) return 'pass';
        cuts++;
        link.cut();
        return 'swallow';
      };
      assert.equal(await on.submit(take), n);
      assert.equal(cuts, 1);
    }
    assert.deepEqual(await ids(on), [1, 2, 3]);
    assert.deepEqual(on.faults, []);
    await checkPublished(on);
  });

  test('after the commit, and it stays broken for a while - nobody is answered before it is known', async t => {
    const { on, proxy } = await openWired(t);
    let isCut = false;
    proxy.onAnswer = bytes => {
      if (isCut || !bytes.includes('COMMIT\0')) return 'pass';
      isCut = true;
      proxy.cutAll(false);
      return 'swallow';
    };
    let answered = false;
    const answer = on.submit(take).finally(() => {
      answered = true;
    });
    await until('the wire is cut', () => (isCut ? true : undefined));
    const refused = on.submit(take);
    await new Promise(resolve => setImmediate(resolve));
    assert.equal(answered, false);
    proxy.accept();
    assert.equal(await answer, 1);
    assert.equal(await refused, 2);
    assert.deepEqual(await ids(on), [1, 2]);
    assert.deepEqual(on.faults, []);
    await checkPublished(on);
  });

  test('while rows are loaded, or between two batches - what was not stored is refused, and it goes on', async t => {
    const { on, proxy } = await openWired(t);
    assert.equal(await on.submit(take), 1);
    proxy.cutAll();
    // Nobody had noticed; the batch is tried on a new connection.
    assert.equal(await on.submit(take), 2);
    let cuts = 0;
    proxy.onRequest = (bytes, link) => {
      if (!bytes.includes('want number') || cuts++ > 0) return 'pass';
      link.cut();
      return 'swallow';
    };
    const read = on.submit(state => state.get(item, 1)?.id);
    await assert.rejects(read, StorageUnavailable);
    assert.equal(cuts, 1);
    assert.equal(await takeAgain(on), 3);
    await checkPublished(on);
  });

  test('under questions of people - they are refused as unavailable while it lasts, and answered again', async t => {
    const { on, proxy } = await openWired(t);
    await on.submit(take);
    proxy.cutAll(false);
    await assert.rejects(on.rows(item), StorageUnavailable);
    proxy.accept();
    assert.deepEqual(await ids(on), [1]);
    proxy.cutAll();
    assert.deepEqual(await ids(on), [1], 'a connection that has died unnoticed is not worth a refusal');
  });
});

describe('a server', () => {
  test('killed again and again - has everything that was acknowledged, once', { timeout: 600_000 }, async t => {
    const dataDir = createScratch('postgres').path;
    let server = await startPostgres({ dataDir });
    t.after(() => server.stop());
    const { port } = server;
    const on = await openOn(server.url(await makePostgresDatabase(server, testEntities)));
    t.after(() => on.close());
    const acknowledged = new Set<number>();
    for (let round = 0; round < 3; round++) {
      const stop = { now: false };
      const senders = Array.from({ length: 4 }, async () => {
        while (!stop.now) {
          const id = await on.submit(take).catch(error => void assert.ok(error instanceof StorageUnavailable));
          if (id !== undefined) {
            assert.ok(!acknowledged.has(id));
            acknowledged.add(id);
          }
        }
      });
      const before = acknowledged.size;
      await until('some are acknowledged', () => (acknowledged.size > before + 20 ? true : undefined));
      await server.kill();
      server = await startPostgres({ dataDir, port });
      await until('some more are', () => (acknowledged.size > before + 40 ? true : undefined));
      stop.now = true;
      await Promise.all(senders);
    }
    const stored = new Set(await ids(on));
    assert.deepEqual(
      [...acknowledged].filter(id => !stored.has(id)),
      [],
    );
    await checkPublished(on);
  });

  test('a text that is too long for an index - is the fault of its command alone', async () => {
    const { url } = await postgresDatabase(testEntities);
    const on = await openOn(url);
    // What cannot be compressed: PostgreSQL's indexes take a third of a page.
    const long = Array.from({ length: 4_000 }, (_, n) => String.fromCodePoint(0x4e00 + ((n * 7_919) % 20_000))).join(
      '',
    );
    const outcomes = await on.outcomes([take, state => state.insert(item, itemRow(99, { label: long })), take]);
    assert.equal(outcomes[0], 1);
    assert.ok(outcomes[1] instanceof CommandFailed);
    assert.equal(outcomes[2], 2);
    await on.close();
  });
});
