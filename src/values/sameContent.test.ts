import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentText, isSameContent } from './sameContent.ts';

test('content - the order of keys makes no other, at any depth', () => {
  const one = { to: '1001', legs: [{ id: 1, party: 'queue' }], at: null };
  const other = { at: null, legs: [{ party: 'queue', id: 1 }], to: '1001', note: undefined };
  assert.equal(contentText(one), contentText(other));
  assert.ok(isSameContent(one, other));
});

test('content - a value, a null and the order of a list do', () => {
  assert.ok(!isSameContent({ at: 1 }, { at: 2 }));
  assert.ok(!isSameContent({ at: null }, {}));
  assert.ok(!isSameContent([1, 2], [2, 1]));
  assert.ok(!isSameContent(null, undefined));
  assert.ok(isSameContent(null, null));
});

test('content - a list is no object, a text no number, and what only one of them has counts on either side', () => {
  assert.ok(!isSameContent([], {}));
  assert.ok(!isSameContent({}, []));
  assert.ok(!isSameContent('1', 1));
  assert.ok(!isSameContent({ to: '1001' }, { to: '1001', note: 'late' }));
  assert.ok(!isSameContent({ to: '1001', note: 'late' }, { to: '1001' }));
  assert.ok(!isSameContent([{ id: 1 }], [{ id: 1 }, { id: 2 }]));
  assert.ok(!isSameContent({ at: null }, { at: { id: 1 } }));
});
