import assert from 'node:assert/strict';
import { test } from 'node:test';
import { push } from '../../kit/pbxWebhook.ts';
import { createRandom } from '../../kit/random.ts';
import { createCalls } from '../../kit/yeastarEvents.ts';
import { startPbx } from './cases.ts';

const PARALLEL = 100;
const ROUNDS = 5;

const pbx = await startPbx();

test('D13 a hundred posts at a time - all answered, all there', async () => {
  const calls = createCalls(createRandom(13), {
    startedAtSeconds: Date.UTC(2026, 8, 24, 8) / 1000,
    callsPerSecond: 20,
    queueShare: 0.2,
  });
  const sent = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    const events = Array.from({ length: PARALLEL }, () => calls.next()).flatMap(call => call.events);
    const answers = await Promise.all(
      events.slice(0, PARALLEL).map(event => {
        sent.add(event.callId);
        return push(pbx.server, event.body, { signature: event.signature });
      }),
    );
    for (const answer of answers) assert.equal(answer.status, 200);
  }
  const listed = await pbx.v1.list('source=hq');
  assert.deepEqual(new Set(listed.map(each => each.externalId)), sent);
  assert.equal(listed.length, sent.size);
});
