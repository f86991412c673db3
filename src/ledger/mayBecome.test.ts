import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertMayBecome, type MayBecome } from './mayBecome.ts';

const DOOR: MayBecome<'open' | 'shut' | 'walled up'> = {
  open: ['shut'],
  shut: ['open', 'walled up'],
  'walled up': [],
};

test('a state that may not follow - is a bug, and named with the one before', () => {
  assertMayBecome('door', DOOR, 'open', 'shut');
  assertMayBecome('door', DOOR, 'shut', 'walled up');
  for (const [from, to] of [
    ['open', 'walled up'],
    ['open', 'open'],
    ['walled up', 'open'],
  ] as const) {
    assert.throws(() => assertMayBecome('door', DOOR, from, to), { message: `a door that is ${from} became ${to}` });
  }
});
