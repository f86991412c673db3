import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isChannel, isSubscribable, patternsMatching } from './channel.ts';

describe('channel', () => {
  test('names - are segments of certain characters', () => {
    for (const name of ['/a', '/v2/me/outbound', '/notifications/services', '/A-z_0!~()$@'])
      assert.ok(isChannel(name), name);
    for (const name of ['', '/', 'a', 'a/b', '/a/', '//a', '/a b', '/a/*', '/**', '/ä', '/a\n', 7, null, undefined]) {
      assert.ok(!isChannel(name), String(name));
    }
  });

  test('what may be subscribed to - is a name or ends in a wildcard, and is not the protocol itself', () => {
    for (const name of ['/*', '/**', '/v2/me/*', '/v2/me/**', '/v2/me', '/service/x', '/metals/*']) {
      assert.ok(isSubscribable(name), name);
    }
    for (const name of ['', '/', 'x', '*', '/a*', '/a/***', '/*/a', '/**/a', '/meta/connect', '/meta/*', '/meta/**']) {
      assert.ok(!isSubscribable(name), name);
    }
  });

  test('a wildcard - stands for one more segment, a double one for one or more', () => {
    const patterns = (channel: string) => [...patternsMatching(channel)].sort();
    assert.deepEqual(patterns('/me'), ['/*', '/**', '/me']);
    assert.deepEqual(patterns('/me/internal'), ['/**', '/me/*', '/me/**', '/me/internal']);
    assert.deepEqual(patterns('/v2/me/outbound'), ['/**', '/v2/**', '/v2/me/*', '/v2/me/**', '/v2/me/outbound']);
  });

  test('the protocol itself - matches nothing, whatever is subscribed to', () => {
    assert.deepEqual(patternsMatching('/meta/connect'), []);
  });

  test('a very long name - is judged in a moment', () => {
    const long = '/a'.repeat(500_000);
    assert.ok(isChannel(long));
    assert.ok(!isChannel(`${long}?`));
    assert.ok(!isSubscribable(`${long}/*/`));
  });
});
