import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecentCache } from './recentCache.ts';

test('RecentCache - remembers null as an answer, and knows what it was never told', () => {
  const cache = new RecentCache<string | null>(10);
  cache.set('a', null);
  assert.equal(cache.get('a'), null);
  assert.equal(cache.get('b'), undefined);
});

test('RecentCache - never holds more than its limit, and holds the latest half of it', () => {
  const cache = new RecentCache<number>(100);
  for (let n = 0; n < 10_000; n += 1) {
    cache.set(`key ${n}`, n);
    assert.ok(cache.size <= 100);
    assert.equal(cache.get(`key ${n}`), n);
  }
  for (let n = 9_950; n < 10_000; n += 1) assert.equal(cache.get(`key ${n}`), n);
  assert.equal(cache.get('key 9800'), undefined);
});

test('RecentCache - a key that is asked for again stays, whatever else comes', () => {
  const cache = new RecentCache<number>(100);
  cache.set('asked again', 1);
  for (let n = 0; n < 10_000; n += 1) {
    cache.set(`other ${n}`, n);
    if (n % 40 === 0) assert.equal(cache.get('asked again'), 1);
  }
  assert.equal(cache.get('asked again'), 1);
});

test('RecentCache - the latest answer replaces the one before, in either generation', () => {
  const cache = new RecentCache<number>(4);
  cache.set('a', 1);
  cache.set('a', 2);
  assert.equal(cache.get('a'), 2);
  for (const key of ['b', 'c']) cache.set(key, 0);
  cache.set('a', 3);
  assert.equal(cache.get('a'), 3);
});
