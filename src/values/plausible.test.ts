import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAhead, isPlausibleDuration, isPlausibleStart } from './plausible.ts';

const at = (text: string): number => Date.parse(text);

test('a start - lies between the years 2000 and 2100', () => {
  for (const text of ['2000-01-01T00:00:00Z', '2026-03-02T10:00:00Z', '2100-12-31T23:59:59.999Z']) {
    assert.equal(isPlausibleStart(at(text)), true, text);
  }
  for (const text of ['1970-01-01T00:00:00Z', '1999-12-31T23:59:59.999Z', '2101-01-01T00:00:00Z']) {
    assert.equal(isPlausibleStart(at(text)), false, text);
  }
});

test('a start - is at most a day after the call was reported, as far as zones can be mistaken', () => {
  const receivedAt = at('2026-03-02T10:00:00Z');
  assert.equal(isAhead(at('2026-03-03T10:00:00Z'), receivedAt), false);
  assert.equal(isAhead(at('2026-03-03T10:00:00.001Z'), receivedAt), true);
});

test('a duration - is at most 30 days', () => {
  for (const seconds of [0, 1, 30 * 86_400]) assert.equal(isPlausibleDuration(seconds), true, String(seconds));
  for (const seconds of [-1, 30 * 86_400 + 1, Number.NaN, Infinity]) {
    assert.equal(isPlausibleDuration(seconds), false, String(seconds));
  }
});
