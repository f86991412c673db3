import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maySubscribe } from './subscriptions.ts';

test('subscriptions - the vendor’s channels and the patterns that match them are allowed', () => {
  for (const subscription of [
    '/v2/me',
    '/v2/me/outbound',
    '/v2/me/*',
    '/v2/me/**',
    '/v2/*',
    '/v2/**',
    '/**',
    '/me/internal',
    '/me/*',
    '/v2/users',
    '/notifications/services',
  ]) {
    assert.equal(maySubscribe('1', subscription), null, subscription);
  }
});

test('B11 - anything else is refused', () => {
  for (const subscription of ['/*', '/v3/**', '/v2/me/other', '/v2/me/outbound/*', '/v2/users/*', '/chat', '/me', '']) {
    assert.equal(maySubscribe('1', subscription), 'unknown_channel', subscription);
  }
});
