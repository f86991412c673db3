import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from './random.ts';
import { type CallShape, createCalls, signedEvent } from './yeastarEvents.ts';

const SETTINGS = { startedAtSeconds: 1_790_197_458, callsPerSecond: 3, queueShare: 0.2, firmware: 'mixed' } as const;

test('generated 30012 - the same seed gives the same bytes, another seed others', () => {
  const bytes = (seed: number): string => {
    const calls = createCalls(createRandom(seed), SETTINGS);
    return JSON.stringify(Array.from({ length: 200 }, () => calls.next()));
  };
  assert.equal(bytes(1), bytes(1));
  assert.notEqual(bytes(1), bytes(2));
});

test('generated 30012 - call ids increase, legs share the call id, every shape occurs', () => {
  const calls = createCalls(createRandom(3), SETTINGS);
  const shapes = new Set<CallShape>();
  let counter = 0;
  for (let n = 0; n < 2000; n++) {
    const call = calls.next();
    shapes.add(call.shape);
    assert.ok(Number(call.callId.split('.')[1]) > counter);
    counter = Number(call.callId.split('.')[1]);
    assert.equal(new Set(call.events.map(event => event.body)).size, call.events.length, 'legs differ');
    assert.ok(call.shape === 'queue' ? call.events.length > 1 : call.events.length === 1);
    for (const event of call.events) {
      const envelope = JSON.parse(event.body) as { type: number; msg: string };
      const msg = JSON.parse(envelope.msg) as { call_id: string; time_start: string };
      assert.equal(envelope.type, 30012);
      assert.equal(msg.call_id, call.callId);
      const local = Date.parse(`${msg.time_start.replace(' ', 'T')}+03:00`) / 1000;
      assert.ok(local >= call.startedAtSeconds && local < call.startedAtSeconds + 1200);
    }
  }
  assert.equal(shapes.size, 6);
});

test('generated 30012 - the signature is the one of the first known vector', () => {
  const { signature } = signedEvent(
    '1.1',
    '{"type":30012,"sn":"S","msg":{"call_id":"1.1"}}',
    'AftercallTestSecret0123456789abc',
  );
  assert.equal(signature, 'X4+lTOf6mvgaN20h3wWsTfewaxwa2M9LghJKQHRUk9Y=');
});
