import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertLinear } from './linearCost.ts';

/** Looks for a sign that is not there, from every `step`th place on. */
function search(text: string, step: number): void {
  for (let at = 0; at < text.length; at += step) if (text.indexOf('c', at) !== -1) return;
}

test('linear cost - a pass over the text is, one from each of its places is not', () => {
  assertLinear('ab', text => search(text, text.length));
  assert.throws(() => assertLinear('ab', text => search(text, 8)), /µs in one piece/);
});

test('linear cost - what is thrown is an end like any other', () => {
  assertLinear('ab', text => {
    throw new SyntaxError(text);
  });
});
