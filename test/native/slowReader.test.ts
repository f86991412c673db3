import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { openEvents } from '../kit/eventStream.ts';
import { processUse } from '../kit/processUse.ts';
import { createRandom } from '../kit/random.ts';
import { startLoad } from '../kit/rawClient.ts';
import { pushRequest } from '../kit/requestSlab.ts';
import type { CallView } from '../kit/v1Views.ts';
import { createCalls } from '../kit/yeastarEvents.ts';
import { openHouse, statedCall } from './house.ts';

const { server, v1 } = await openHouse();

/** Two events each: with these, a stream from the beginning is longer than what the system's socket buffers take in. */
const CALLS = 18_000;
const READERS = 5;
const MEBIBYTE = 1024 * 1024;

const position = async (): Promise<number> =>
  ((await (await server.get('/readyz')).json()) as { position: number }).position;

const positionIn = (id: string): number => Number(id.split('.')[0]);

async function fillJournal(): Promise<void> {
  const settings = { startedAtSeconds: Date.UTC(2026, 2, 2) / 1000, callsPerSecond: 10, queueShare: 0 };
  const calls = createCalls(createRandom(3), settings);
  let left = CALLS;
  const refused: number[] = [];
  await startLoad({
    host: server.host,
    port: server.port,
    connections: 32,
    next: () => (left-- > 0 ? Buffer.from(pushRequest(calls.next().events[0]!)) : null),
    answered: (_connection, status) => {
      if (status !== 200) refused.push(status);
    },
  }).ended;
  assert.deepEqual(refused, []);
  // It was taken last, and those before were due before it.
  await v1.settled(CALLS);
}

/** Asks for everything since the beginning and does not read the answer. */
async function openWithoutReading(): Promise<Socket> {
  const socket = connect({ host: server.host, port: server.port });
  await once(socket, 'connect');
  socket.pause();
  socket.write(
    `GET /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.token}\r\nLast-Event-ID: 0\r\n\r\n`,
  );
  return socket;
}

test('readers that do not read - hold up nobody, cost no memory, and get everything when they read again', {
  timeout: 900_000,
}, async () => {
  await fillJournal();
  const usedBefore = processUse(server.pid);
  const slow = await Promise.all(Array.from({ length: READERS }, openWithoutReading));

  await using live = await openEvents(server);
  for (let n = 0; n < 100; n++) {
    const { id } = await v1.post<CallView>('/v1/calls', statedCall(), 201);
    await live.first(`the end of call ${id}`, each => each.data.callId === id);
  }
  const usedAfter = processUse(server.pid);
  if (usedBefore !== null && usedAfter !== null) {
    assert.ok(usedAfter.residentBytes - usedBefore.residentBytes < 96 * MEBIBYTE);
  }

  const upTo = await position();
  const [reader, ...others] = slow;
  const ids: string[] = [];
  let bytes = 0;
  let rest = '';
  for await (const chunk of reader!) {
    bytes += (chunk as Buffer).length;
    rest += String(chunk);
    const lines = rest.split('\n');
    rest = lines.pop()!;
    for (const line of lines) if (line.startsWith('id: ')) ids.push(line.slice(4));
    if (positionIn(ids.at(-1) ?? '0') >= upTo) break;
  }
  assert.ok(bytes > 4 * MEBIBYTE, `the stream had ${bytes} bytes, too few to prove anything`);
  const positions = [...new Set(ids.map(positionIn))];
  assert.ok(
    positions.every((position, place) => position === place + 1),
    'everything, in order',
  );
  assert.equal(new Set(ids).size, ids.length, 'once');
  assert.ok(ids.filter(id => id.includes('.')).length >= CALLS, 'each call has settled');

  await server.stop();
  for (const socket of others) socket.destroy();
});
