import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { type EventStream, openEvents } from '../kit/eventStream.ts';
import { createScratch } from '../kit/scratch.ts';
import { startServer } from '../kit/server.ts';
import { bearer, createV1Client } from '../kit/v1Client.ts';
import type { CallView, ProblemView } from '../kit/v1Views.ts';
import { HOUSE, openHouse, statedCall, TOKENS } from './house.ts';

const { server, v1 } = await openHouse();

const report = (): Promise<CallView> => v1.post('/v1/calls', statedCall(), 201);
const position = async (from = server): Promise<number> =>
  ((await (await from.get('/readyz')).json()) as { position: number }).position;

const told = (events: EventStream, id: number) =>
  events.first(`the end of call ${id}`, each => each.kind === 'call.ended' && each.data.callId === id);
const settled = (events: EventStream, id: number) =>
  events.first(`call ${id} settles`, each => each.kind === 'call.settled' && each.data.callId === id);

/** Positions are the journal's: one after another, none left out; several calls that settled together share one. */
function assertSeamless(events: EventStream, after: number): void {
  const positions = [...new Set(events.received.map(each => each.data.position))];
  assert.deepEqual(
    positions,
    positions.map((_, place) => after + 1 + place),
  );
  const ids = events.received.map(each => each.id);
  assert.equal(new Set(ids).size, ids.length, 'none is repeated');
}

test('events - what happens to a call, as it happens, in the words of its journal', async () => {
  const before = await position();
  await using events = await openEvents(server);
  const { id } = await report();
  await settled(events, id);
  assertSeamless(events, before);
  const { journal } = await v1.call(id);
  assert.deepEqual(
    events.received
      .filter(each => each.data.callId === id)
      .map(({ data, kind }) => (kind === 'call.settled' ? { ...data, position: null } : data)),
    journal,
  );
  assert.ok(events.received.every(each => each.kind === each.data.kind));
});

test('events - carry ids, and nothing about people', async () => {
  await using events = await openEvents(server);
  const { id } = await v1.post<CallView>(
    '/v1/calls',
    statedCall({ from: '+442079460199', note: 'a private note', didName: 'Sales line' }),
    201,
  );
  await v1.post(`/v1/calls/${id}/corrections`, { fields: { note: 'another private note' }, reason: 'a reason' }, 201);
  await told(events, id);
  const text = JSON.stringify(events.received);
  for (const word of ['442079460199', 'private', 'Sales', 'reason']) assert.ok(!text.includes(word), word);
});

test('without Last-Event-ID - the stream begins now', async () => {
  await report();
  await using events = await openEvents(server);
  const before = await position();
  const { id } = await report();
  await told(events, id);
  assert.ok(events.received[0]!.data.position > before - 2);
});

test('with Last-Event-ID - goes on after it, without a gap or a repeat', async () => {
  const first = await openEvents(server);
  const one = await report();
  await first.first('the end', each => each.data.callId === one.id);
  const last = first.received.at(-1)!.data.position;
  await first.close();
  for (let n = 0; n < 20; n++) await report();
  await using events = await openEvents(server, { after: last });
  const other = await report();
  await told(events, other.id);
  assertSeamless(events, last);
});

test('with Last-Event-ID 0 - everything since the beginning, then what comes', async () => {
  // The latter is as good as 0: nothing is before the first entry, a call within it neither.
  for (const after of [0, 0.5]) {
    await using events = await openEvents(server, { after });
    const { id } = await report();
    await told(events, id);
    assertSeamless(events, 0);
  }
});

test('with a Last-Event-ID that is still to come - begins now', async () => {
  await using events = await openEvents(server, { after: 999_999_999 });
  const { id } = await report();
  await told(events, id);
  assert.ok(events.received.length > 0);
});

test('with a Last-Event-ID that is none - 400 that names it', async () => {
  for (const lastEventId of ['x', '-1', '1.', '.5', '1.5.2', '1.-5', '9'.repeat(20)]) {
    const { status, body } = await v1.ask<ProblemView>('GET', '/v1/events', {
      headers: { 'last-event-id': lastEventId },
    });
    assert.deepEqual([status, body.errors?.[0]?.field], [400, 'Last-Event-ID'], lastEventId);
  }
});

test('fifty streams - each gets everything', async () => {
  const before = await position();
  const streams = await Promise.all(Array.from({ length: 50 }, () => openEvents(server, { after: before })));
  const calls = await Promise.all(Array.from({ length: 20 }, report));
  for (const events of streams) {
    for (const { id } of calls) await told(events, id);
    assertSeamless(events, before);
  }
  await Promise.all(streams.map(each => each.close()));
});

test('a stream across a stop and a start - ends with the server, goes on where it was', async () => {
  const scratch = createScratch('events');
  const dataDir = join(scratch.path, 'data');
  await using first = await startServer({ config: HOUSE, dataDir });
  const before = await position(first);
  const events = await openEvents(first, { after: before });
  const one = await createV1Client(first).post<CallView>('/v1/calls', statedCall(), 201);
  await events.first('the end of the call', each => each.data.callId === one.id);
  await first.stop();
  assert.equal(await events.ended, 'finished', 'a stream that holds up a stop is cut');

  await using second = await startServer({ config: HOUSE, dataDir });
  const last = events.received.at(-1)!;
  await using resumed = await openEvents(second, { after: last.id });
  // It was due when the server stopped, and the next one goes on with it.
  await settled(resumed, one.id);
  const two = await createV1Client(second).post<CallView>('/v1/calls', statedCall(), 201);
  await settled(resumed, two.id);
  assertSeamless(resumed, last.data.position);
  assertSeamless(events, before);
});

test('a stream across kill -9 - nothing that was seen is gone, nothing comes twice', async () => {
  const scratch = createScratch('events');
  const dataDir = join(scratch.path, 'data');
  await using first = await startServer({ config: HOUSE, dataDir });
  const events = await openEvents(first, { after: 0 });
  const one = await createV1Client(first).post<CallView>('/v1/calls', statedCall(), 201);
  await events.first('the end of the call', each => each.data.callId === one.id);
  await first.kill();
  assert.equal(await events.ended, 'cut');
  await using second = await startServer({ config: HOUSE, dataDir });
  await using again = await openEvents(second, { after: 0 });
  await settled(again, one.id);
  assertSeamless(again, 0);
  assert.deepEqual(again.received.slice(0, events.received.length), events.received);
});

test('a supervisor - may listen', async () => {
  await using events = await openEvents({ url: server.url, token: TOKENS.supervisor });
  const { id } = await report();
  await told(events, id);
});

test('HEAD - is answered, not kept waiting for what happens', async () => {
  const response = await fetch(`${server.url}/v1/events`, {
    method: 'HEAD',
    headers: { authorization: bearer(server.token) },
    signal: AbortSignal.timeout(10_000),
  });
  assert.equal(response.status, 404);
});
