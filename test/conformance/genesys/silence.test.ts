import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Desktop } from './desktop.ts';
import { AGENT2, startNode } from './node.ts';

/** `maxInterval` of CometD, a sweep, and the tenth of a second by which a hold may be shorter. */
const SILENCE_MS = 10_000 + 997 + 500;

const node = await startNode(1);

test('B19 no connect for longer than maxInterval - the session is gone, one that is held is not', async () => {
  await using silent = await Desktop.open(node);
  await using restless = await Desktop.open(node);
  // Their server’s own clock: the reply to a connect that it holds as long.
  await using clock = await Desktop.open(node, AGENT2);
  const half = clock.connect({ timeout: SILENCE_MS / 2 });
  const held = restless.connect({ timeout: SILENCE_MS });
  await half;
  await clock.connect({ timeout: SILENCE_MS / 2 });
  const [reply] = await silent.connect();
  assert.deepEqual(
    [reply!.successful, reply!.error, reply!.advice],
    [false, '402::Unknown client', { reconnect: 'handshake', interval: 0 }],
  );
  assert.equal((await held)[0]!.successful, true);
  assert.equal((await restless.connect({ timeout: 0 }))[0]!.successful, true);
});
