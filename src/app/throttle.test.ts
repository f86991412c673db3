import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createThrottle } from './throttle.ts';

test('a throttle - lets each key pass once per interval', () => {
  let now = 5;
  const pass = createThrottle(100, { monotonicMs: () => now });
  assert.deepEqual([pass('a'), pass('a'), pass('b')], [true, false, true]);
  now += 99;
  assert.equal(pass('a'), false);
  now += 1;
  assert.deepEqual([pass('a'), pass('a')], [true, false]);
});

test('a throttle with very many keys - forgets rather than fills memory', () => {
  const pass = createThrottle(100, { monotonicMs: () => 0 });
  for (let n = 0; n < 1_000; n++) assert.ok(pass(`key ${n}`));
  assert.equal(pass('key 0'), false);
  assert.ok(pass('one more'));
  assert.ok(pass('key 0'));
});
