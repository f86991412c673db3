import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Role } from './entities.ts';
import { may, PERMISSIONS, type Permission } from './permissions.ts';

const allowed = (...roles: Role[]): readonly Permission[] =>
  PERMISSIONS.filter(each => may({ kind: 'user', name: 'anna', userId: 1, roles }, each));

test('may - each role has its permissions and no others', () => {
  assert.deepEqual(allowed('administrator'), PERMISSIONS);
  assert.deepEqual(allowed('supervisor'), [
    'calls.read',
    'calls.correct',
    'statistics.read',
    'events.read',
    'clients.manage',
  ]);
  assert.deepEqual(allowed('agent'), ['calls.readOwn']);
  assert.deepEqual(allowed('reporter'), ['calls.report']);
  assert.deepEqual(allowed(), []);
});

test('may - roles add up', () => {
  assert.deepEqual(allowed('agent', 'reporter'), ['calls.report', 'calls.readOwn']);
});
