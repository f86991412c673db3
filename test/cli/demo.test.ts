import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { brokenPromises, type Picture, paint } from '../../examples/demoPicture.ts';
import { createScratch } from '../kit/scratch.ts';
import { blocksOf, README, run, withoutAccidents } from './readmeHouse.ts';

const CALL = {
  id: 1,
  aliases: [2],
  direction: 'outbound',
  from: '2005',
  toE164: '+493023125010',
  outcome: 'answered',
  durationSeconds: 3,
  talkSeconds: 2,
  cost: '0.024',
  currency: 'EUR',
  reports: [{ kind: 'yeastar.30012', source: 'hq', receivedAt: '2026-03-02T09:00:03.000Z', sourceCallId: 2 }],
  records: [],
};
const ROW = { ID: '1', CALL_DURATION: '2', COST: '0.0240', CALL_FAILED_CODE: '200' };
const GOOD: Picture = { acknowledged: '33', calls: [CALL], records: [], rows: [ROW] };

test('demo - three clients make one call, and the README shows what it prints', () => {
  const scratch = createScratch('demo');
  const temporary = join(scratch.path, 'tmp');
  mkdirSync(temporary);
  const demo = run(['npm', 'run', '--silent', 'demo'], { TMPDIR: temporary });
  assert.equal(demo.status, 0, demo.stdout + demo.stderr);
  assert.equal(demo.stderr, '');
  const pasted = blocksOf(README, '').map(withoutAccidents);
  assert.ok(pasted.includes(withoutAccidents(demo.stdout)), demo.stdout);
  // npm may keep a cache of its own there.
  const left = readdirSync(temporary).filter(name => name.startsWith('aftercall'));
  assert.deepEqual(left, []);
});

test('demo - ends with a sentence and 1 where it cannot do what it promises', () => {
  const demo = run(['node', 'examples/demo.ts'], { TMPDIR: '/nowhere/at/all' });
  assert.equal(demo.status, 1);
  assert.match(demo.stderr, /^\nThe demo is not as promised: ENOENT.*\n$/);
});

test('demo - two calls, another acknowledgement or more rows are not what it promises', () => {
  assert.deepEqual(brokenPromises(GOOD), []);
  assert.deepEqual(brokenPromises({ ...GOOD, calls: [CALL, CALL] }), ['there are 2 calls instead of one']);
  assert.deepEqual(brokenPromises({ ...GOOD, acknowledged: '28' }), [
    'the desktop was acknowledged with 28 instead of 33',
  ]);
  assert.deepEqual(brokenPromises({ ...GOOD, rows: [ROW, ROW] }), ['there are 2 statistics rows instead of one']);
  assert.match(paint(GOOD), /^PBX {2}yeastar\.30012 {2}09:00:03\.000 {2}2, found to be 1$/m);
});
