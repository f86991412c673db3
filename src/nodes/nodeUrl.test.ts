import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeUrlOf } from './nodeUrl.ts';

test('where a node is reached - as told, else where it listens, unless that is everywhere', () => {
  assert.equal(nodeUrlOf(null, '10.0.0.7', 'http://10.0.0.7:8080'), 'http://10.0.0.7:8080');
  assert.equal(nodeUrlOf(null, '::1', 'https://[::1]:8443'), 'https://[::1]:8443');
  assert.equal(nodeUrlOf('http://node-a:8080', '0.0.0.0', 'http://127.0.0.1:8080'), 'http://node-a:8080');
  assert.equal(nodeUrlOf('http://node-a:8080', '10.0.0.7', 'http://10.0.0.7:8080'), 'http://node-a:8080');
  for (const host of ['0.0.0.0', '::', '::0', '0']) assert.equal(nodeUrlOf(null, host, 'http://127.0.0.1:8080'), null);
});
