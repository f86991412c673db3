import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { until } from '../../../test/kit/until.ts';
import type { Delivery } from '../../bayeux/bayeux.ts';
import { confirmOutboxEntries, putOutboxEntry } from '../../campaigns/agentOutbox.ts';
import { agentOutbox, campaignEntities } from '../../campaigns/entities.ts';
import { PostgresEngine } from '../../ledger/postgres/postgresEngine.ts';
import { TestLedger } from '../../ledger/testing/testLedger.ts';
import { postgresDatabase, SCHEMA } from '../../ledger/testing/testStores.ts';
import { MACHINE_TIMERS } from '../../ledger/timers.ts';
import { AgentOutbox } from './agentOutbox.ts';
import { OutboxFeed } from './outboxFeed.ts';

/** Servers that tell one user, who has a session with each of them; what each session was told. */
async function openServers(t: TestContext, count: number) {
  const { url } = await postgresDatabase(campaignEntities);
  const servers = [];
  for (let n = 0; n < count; n++) {
    const nodeId = `server${n}`;
    const on = await TestLedger.open({
      open: () => PostgresEngine.open({ url, schema: SCHEMA, entities: campaignEntities, nodeId }),
    });
    t.after(() => on.close());
    const received: number[] = [];
    const deliverTo = (_session: string, messages: readonly Delivery[]) => {
      received.push(...messages.map(({ data }) => (data as { n: number }).n));
      return true;
    };
    const outbox = new AgentOutbox(deliverTo, () => on.time.now);
    outbox.subscribed({ id: 'session', identity: '1' });
    const errors: unknown[] = [];
    const stopping = new AbortController().signal;
    const onError = (error: unknown) => errors.push(error);
    const unreadable: number[] = [];
    const onUnreadable = (id: number) => unreadable.push(id);
    const feed = new OutboxFeed({ ledger: on.ledger, outbox, timers: MACHINE_TIMERS, stopping, onError, onUnreadable });
    /** As an operation does it: stored, and told by whoever stored it. */
    const tell = async (): Promise<number> => {
      const entry = await on.submit(state => {
        const messages = [{ channel: '/v2/me/outbound', data: { n: state.next('told') } }];
        return { id: putOutboxEntry(state, 1, messages), userId: 1, at: state.now, messages };
      });
      feed.deliver(entry, 0);
      return entry.id;
    };
    servers.push({ on, received, tell, errors, unreadable });
  }
  return servers;
}

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n + 1);

describe('the outbox feed of several servers', () => {
  test('all of them told at once - every session hears all of them, in the order of the ledger', async t => {
    const servers = await openServers(t, 3);
    const EACH = 60;
    await Promise.all(
      servers.map(async ({ tell }) => {
        for (let n = 0; n < EACH; n += 4) await Promise.all([tell(), tell(), tell(), tell()]);
      }),
    );
    const total = EACH * servers.length;
    for (const { received, errors } of servers) {
      await until('all are told', () => (received.length >= total ? true : undefined));
      assert.deepEqual(received, upTo(total));
      assert.deepEqual(errors, []);
    }
  });

  test('one after the other, each by another server - keeps its turn also where it was told itself', async t => {
    const [one, two] = (await openServers(t, 2)) as [
      Awaited<ReturnType<typeof openServers>>[number],
      Awaited<ReturnType<typeof openServers>>[number],
    ];
    for (let n = 0; n < 20; n++) {
      await one.tell();
      await two.tell();
    }
    for (const { received } of [one, two]) {
      await until('all are told', () => (received.length >= 40 ? true : undefined));
      assert.deepEqual(received, upTo(40));
    }
  });

  test('confirmed before the others looked - they go on without it', async t => {
    const [one, two] = (await openServers(t, 2)) as [
      Awaited<ReturnType<typeof openServers>>[number],
      Awaited<ReturnType<typeof openServers>>[number],
    ];
    const id = await one.on.submit(state => putOutboxEntry(state, 1, [{ channel: '/a', data: { n: 100 } }]));
    await one.on.ledger.submit(confirmOutboxEntries([id]));
    await two.tell();
    await one.tell();
    await until('the others are told', () => (two.received.includes(2) && one.received.includes(2) ? true : undefined));
    assert.deepEqual(
      two.received.filter(each => each < 100),
      [1, 2],
    );
  });

  test('one that cannot be read - is named by the server that read it, and the others go on', async t => {
    const [one, two] = (await openServers(t, 2)) as [
      Awaited<ReturnType<typeof openServers>>[number],
      Awaited<ReturnType<typeof openServers>>[number],
    ];
    await one.tell();
    const damaged = await one.on.submit(state => {
      const id = state.next('agentOutbox');
      state.insert(agentOutbox, { id, userId: 1, at: state.now, messages: '{broken' });
      return id;
    });
    await one.tell();
    await two.tell();
    await until('all are told', () => (two.received.length >= 3 ? true : undefined));
    assert.deepEqual(two.received, [1, 2, 3]);
    assert.deepEqual([two.unreadable, two.errors], [[damaged], []]);
  });
});
