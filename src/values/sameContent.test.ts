import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
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

const NAMES = ['to', 'from', 'constructor', 'valueOf', 'toString', 'hasOwnProperty', '0'];
const content = fc.letrec(tie => ({
  any: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, true, false, 0, 1, '', '1', 'a'),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie('any'), { maxKeys: 3 }),
  ),
})).any;

test('content - is the same where it is the same text, whatever its keys are called', () => {
  fc.assert(
    fc.property(content, content, (a, b) => {
      assert.equal(isSameContent(a, b), contentText(a) === contentText(b));
      assert.ok(isSameContent(a, JSON.parse(contentText(a))));
    }),
    {
      numRuns: 2_000,
      examples: [
        [{ to: 1 }, { to: 1, constructor: 'x' }],
        [{ to: 1, valueOf: 'x' }, { to: 1 }],
      ],
    },
  );
});
