import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { test } from 'node:test';
import Fastify from 'fastify';
import { SharedMemory } from '../../ledger/memory/testing/sharedMemory.ts';
import { SharedMemoryEngine, type Wire } from '../../ledger/memory/testing/sharedMemoryEngine.ts';
import { bareEvent, testEntities } from '../../ledger/testing/testEntities.ts';
import { TestLedger } from '../../ledger/testing/testLedger.ts';
import { MACHINE_TIMERS } from '../../ledger/timers.ts';
import type { NativeDoor } from './context.ts';
import { eventRoutes } from './eventRoutes.ts';

const WIRE: Wire = { there: async () => {}, back: async () => {}, commit: () => 'works', notify: deliver => deliver() };
/** A node that nobody tells anything: it has heard of what it was there for. */
const DEAF: Wire = { ...WIRE, notify: () => {} };

async function openDoor(ledger: TestLedger, stopping: AbortSignal) {
  const app = Fastify();
  app.decorateRequest('caller', null);
  const gate = { may: () => true };
  const door = { ledger: ledger.ledger, timers: MACHINE_TIMERS, events: [bareEvent('a.said')], gate, stopping };
  eventRoutes(app, door as unknown as NativeDoor);
  return app;
}

test('a stream that goes on at a node which has not heard of everything - tells nothing twice', async t => {
  const store = new SharedMemory(testEntities);
  const open = (nodeId: string, wire: Wire) =>
    TestLedger.open({ open: async () => new SharedMemoryEngine({ store, nodeId, wire }) });
  const one = await open('one', WIRE);
  const two = await open('two', DEAF);
  const stopping = new AbortController();
  const app = await openDoor(two, stopping.signal);
  t.after(async () => {
    stopping.abort();
    await app.close();
    await one.close();
    await two.close();
  });
  const say = (kind: string) => one.submit(state => state.journal(bareEvent(kind), {}));
  await say('a.said');
  await say('b.said');
  assert.equal(two.ledger.position, 0);
  // The other node has told of both.
  const headers = { 'last-event-id': '2' };
  const answer = await app.inject({ method: 'GET', url: '/events', headers, payloadAsStream: true });
  const stream = answer.stream() as Readable;
  let text = '';
  stream.on('data', piece => {
    text += piece;
  });
  await two.submit(state => state.journal(bareEvent('c.said'), {}));
  while (!text.includes('c.said')) await once(stream, 'data');
  const ids = text.match(/^id: \d+$/gm);
  assert.deepEqual(ids, ['id: 3']);
});

test('a position that nobody has told of - is taken for the newest one there is', async t => {
  const store = new SharedMemory(testEntities);
  const one = await TestLedger.open({ open: async () => new SharedMemoryEngine({ store, nodeId: 'one', wire: WIRE }) });
  const stopping = new AbortController();
  const app = await openDoor(one, stopping.signal);
  t.after(async () => {
    stopping.abort();
    await app.close();
    await one.close();
  });
  await one.submit(state => state.journal(bareEvent('a.said'), {}));
  const headers = { 'last-event-id': '900' };
  const answer = await app.inject({ method: 'GET', url: '/events', headers, payloadAsStream: true });
  const stream = answer.stream() as Readable;
  let text = '';
  stream.on('data', piece => {
    text += piece;
  });
  await one.submit(state => state.journal(bareEvent('b.said'), {}));
  while (!text.includes('b.said')) await once(stream, 'data');
  assert.deepEqual(text.match(/^id: \d+$/gm), ['id: 2']);
});

test('a server that stops while a stream reads - ends the stream', async t => {
  const store = new SharedMemory(testEntities);
  const one = await TestLedger.open({ open: async () => new SharedMemoryEngine({ store, nodeId: 'one', wire: WIRE }) });
  await one.submit(state => state.journal(bareEvent('a.said'), {}));
  const stopping = new AbortController();
  const isQueried = Promise.withResolvers<void>();
  const mayAnswer = Promise.withResolvers<void>();
  const { select } = one.ledger.reader;
  t.mock.method(one.ledger.reader, 'select', async (...requested: Parameters<typeof select>) => {
    isQueried.resolve();
    await mayAnswer.promise;
    return select(...requested);
  });
  const app = await openDoor(one, stopping.signal);
  t.after(async () => {
    await app.close();
    await one.close();
  });
  const headers = { 'last-event-id': '0' };
  const answer = await app.inject({ method: 'GET', url: '/events', headers, payloadAsStream: true });
  await isQueried.promise;
  stopping.abort();
  mayAnswer.resolve();
  const stream = answer.stream() as Readable;
  stream.resume();
  await once(stream, 'end');
});
