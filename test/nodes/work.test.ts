/** What is due on several servers: done by one of them, and by another when that one is gone or has fallen asleep. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { JOBS } from '../../src/app/organisation.ts';
import { startSite } from '../../src/outbound/testing/testSite.ts';
import { wav } from '../../src/recordings/testing/testAudio.ts';
import type { Node } from '../conformance/genesys/node.ts';
import { type EventStream, openEvents } from '../kit/eventStream.ts';
import { until } from '../kit/until.ts';
import { applicationOf, freshNumber, TELEPHONY } from '../native/telephony.ts';
import { nodesSeenBy, openPair } from './pair.ts';

/** No PBX that a finish would wait for; may fetch from the machine it runs on. */
const HOUSE = { ...TELEPHONY, sources: [], outbound: { allow: ['127.0.0.1'] } };
/** A node is dead after some six seconds, on a machine that is not busy. */
const TAKEN_OVER_WITHIN_MS = 300_000;

const callOf = async ({ v1 }: Node, token: string) => (await v1.callOf(token, 'bitrix24')).id;

/** Registers and finishes a call at the first server, which has the work. */
async function finishAt(node: Node, finished: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const { register, finish } = applicationOf(node.server);
  const token = await register(freshNumber());
  await finish(token, finished);
  return token;
}

const attachedTo = (events: EventStream, callId: number) =>
  events.first('the recording', each => each.kind === 'recording.attached' && each.data.callId === callId);

describe('work that a server has left behind', { timeout: 1_800_000 }, () => {
  test('a finish given to a server that dies - settles, once', async context => {
    const { a, b } = await openPair(context, { config: HOUSE });
    assert.deepEqual(
      (await nodesSeenBy(b)).map(each => each.jobs.length),
      [JOBS.length, 0],
    );
    const token = await finishAt(a);
    await a.server.kill();
    const id = await callOf(b, token);
    const settled = await until(
      'the call settles',
      async () => {
        const call = await b.v1.call(id);
        return call.settledAt === null ? undefined : call;
      },
      TAKEN_OVER_WITHIN_MS,
    );
    assert.equal(settled.journal.filter(each => each.kind === 'call.settled').length, 1);
    // And a call told to the server that is left goes on as ever.
    const next = await finishAt(b);
    await b.v1.settled(await callOf(b, next));
  });

  test('a recording that a server was fetching when it died - is fetched by the other', async context => {
    const { a, b } = await openPair(context, { config: HOUSE });
    const audio = wav(20_000);
    const { site, requested } = await slowSite(context);
    await using events = await openEvents(b.server);
    const token = await finishAt(a, { RECORD_URL: `${site.origin}/one.wav` });
    await requested(1);
    await a.server.kill();
    (await requested(2)).writeHead(200).end(audio);
    const callId = await callOf(b, token);
    const { data } = await attachedTo(events, callId);
    const response = await b.server.get(`/v1/recordings/${(data as { recordingId?: number }).recordingId}`);
    assert.deepEqual(Buffer.from(await response.arrayBuffer()), Buffer.from(audio));
    assert.equal(site.requests.length, 2);
  });

  test('a server that slept while it was fetching - attaches nothing when it wakes up', async context => {
    const { a, b } = await openPair(context, { config: HOUSE });
    const { site, requested } = await slowSite(context);
    await using events = await openEvents(b.server);
    const token = await finishAt(a, { RECORD_URL: `${site.origin}/one.wav` });
    const first = await requested(1);
    const callId = await callOf(b, token);
    process.kill(a.server.pid, 'SIGSTOP');
    try {
      (await requested(2)).writeHead(200).end(wav(20_000));
      await attachedTo(events, callId);
    } finally {
      process.kill(a.server.pid, 'SIGCONT');
    }
    first.writeHead(200).end(wav(30_000));
    // It has all of it, and wants to say so, before it takes another call.
    const late = createHash('sha256').update(wav(30_000)).digest('hex');
    const file = join(a.server.dataDir, 'recordings', late.slice(0, 2), `${late}.wav`);
    await until('it has fetched its file', () => (existsSync(file) ? true : undefined));
    const next = await finishAt(a);
    await b.v1.settled(await callOf(b, next));
    const told = events.received.filter(each => each.kind.startsWith('recording.') && each.data.callId === callId);
    assert.deepEqual(
      told.map(each => each.kind),
      ['recording.requested', 'recording.attached'],
    );
    assert.equal(site.requests.length, 2);
    const [sleeper] = await nodesSeenBy(b);
    assert.deepEqual([sleeper!.state, sleeper!.jobs], ['alive', []]);
    assert.deepEqual(
      a.server.logs.filter(each => Number(each['level']) >= 50),
      [],
      'and it makes no fuss',
    );
  });
});

/** A site that answers when it is told to. */
async function slowSite(context: TestContext) {
  const waiting: ServerResponse[] = [];
  const site = await startSite(context, (_request, response) => waiting.push(response));
  const requested = (times: number) =>
    until(`it is asked ${times} times`, () => waiting[times - 1], TAKEN_OVER_WITHIN_MS);
  return { site, requested };
}
