import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Lockout } from './lockout.ts';

const MINUTE_MS = 60_000;

function afterWrong(times: number, everyMs = 0): Lockout {
  const lockout = new Lockout();
  for (let i = 0; i < times; i++) lockout.wrong('anna', 'office', i * everyMs);
  return lockout;
}

describe('Lockout', () => {
  test('ten wrong passwords - lock for what is left of the quarter hour', () => {
    assert.equal(afterWrong(9).lockedForSeconds('anna', 'office', 0), 0);
    const lockout = afterWrong(10);
    assert.equal(lockout.lockedForSeconds('anna', 'office', 0), 900);
    assert.equal(lockout.lockedForSeconds('anna', 'office', 899_001), 1);
    assert.equal(lockout.lockedForSeconds('anna', 'office', 900_000), 0);
  });

  test('another login or another address - is not locked', () => {
    const lockout = afterWrong(10);
    assert.equal(lockout.lockedForSeconds('bert', 'office', 0), 0);
    assert.equal(lockout.lockedForSeconds('anna', 'home', 0), 0);
  });

  test('wrong passwords over a longer time - do not lock', () => {
    assert.equal(afterWrong(10, 2 * MINUTE_MS).lockedForSeconds('anna', 'office', 18 * MINUTE_MS), 0);
  });

  test('passwords being checked - count, so that many at once are not many guesses', () => {
    const lockout = new Lockout();
    for (let i = 0; i < 10; i++) lockout.begin('anna', 'office');
    assert.equal(lockout.lockedForSeconds('anna', 'office', 0), 1);
    for (let i = 0; i < 10; i++) lockout.end('anna', 'office');
    assert.equal(lockout.lockedForSeconds('anna', 'office', 0), 0);
    assert.equal(lockout.size, 0);
  });

  test('memory - stays bounded, the oldest goes first, what is being checked stays', () => {
    const lockout = new Lockout();
    lockout.begin('checking', 'x');
    for (let i = 0; i < 10; i++) lockout.wrong('anna', 'office', 0);
    for (let i = 0; i < 20_000; i++) lockout.wrong(`login ${i}`, 'x', 0);
    assert.equal(lockout.size, 10_000);
    assert.equal(lockout.lockedForSeconds('anna', 'office', 0), 0);
    lockout.end('checking', 'x');
    assert.equal(lockout.size, 9_999);
  });
});
