import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineFault } from './engine.ts';
import { StoreTrust } from './storeTrust.ts';

const FULL = new EngineFault('full', 'the disk is full');
const OUTDATED = new EngineFault('outdated', 'a newer version has changed the tables');
const FATAL = new EngineFault('fatal', 'the disk could not confirm what was written');

test('a store that is full - is left alone for a moment, tried again, and trusted once that works', t => {
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const trust = new StoreTrust(assert.fail);
  trust.worked();
  assert.deepEqual([trust.isFaulty, trust.refusesNow()], [false, false]);
  trust.failed(FULL);
  now = 199;
  assert.deepEqual([trust.isFaulty, trust.refusesNow()], [true, true]);
  now = 200;
  assert.deepEqual([trust.isFaulty, trust.refusesNow(), trust.refusal], [true, false, null]);
  trust.failed(FULL);
  now = 399;
  assert.equal(trust.refusesNow(), true);
  trust.worked();
  assert.deepEqual([trust.isFaulty, trust.refusesNow()], [false, false]);
});

for (const [fault, refusal] of [
  [FATAL, 'the store failed: the disk could not confirm what was written'],
  [OUTDATED, 'a newer version has changed the tables'],
] as const) {
  test(`a store that is ${fault.kind} - is reported once, and never trusted again`, () => {
    const lost: Error[] = [];
    const trust = new StoreTrust(error => lost.push(error));
    trust.failed(FULL);
    trust.failed(fault);
    assert.deepEqual([trust.isLost, trust.refusesNow(), trust.refusal, lost], [true, true, refusal, [fault]]);
    assert.throws(() => trust.worked(), /a store that is lost became working/);
    assert.throws(() => trust.failed(FULL), /a store that is lost became faulty/);
  });
}
