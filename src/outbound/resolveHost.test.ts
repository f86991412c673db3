import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressKind } from './addressKind.ts';
import { systemResolver } from './resolveHost.ts';

test('systemResolver - many names at once are all answered, those that do not exist among them', async () => {
  const resolve = systemResolver();
  const names = Array.from({ length: 12 }, (_, n) => (n % 3 === 0 ? `n${n}.invalid` : 'localhost'));
  const found = await Promise.allSettled(names.map(resolve));
  assert.deepEqual(
    found.map(each => each.status),
    names.map(name => (name === 'localhost' ? 'fulfilled' : 'rejected')),
  );
  for (const each of found) {
    if (each.status === 'fulfilled') assert.ok(each.value.every(address => addressKind(address) === 'loopback'));
  }
  assert.ok((await resolve('localhost')).length > 0, 'a place is free again');
});
