import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Browsers } from './browsers.ts';

describe('Browsers', () => {
  test('as many as allowed - and one more for each that leaves', () => {
    const browsers = new Browsers(2);
    assert.deepEqual([browsers.enter('a'), browsers.enter('a'), browsers.enter('a')], [true, true, false]);
    assert.ok(browsers.enter('b'));
    browsers.leave('a');
    assert.deepEqual([browsers.enter('a'), browsers.enter('a')], [true, false]);
  });

  test('no cookie, or a negative number - counts nobody', () => {
    const none = new Browsers(0);
    assert.deepEqual([none.enter('a'), none.enter(null)], [false, true]);
    const any = new Browsers(-1);
    for (let n = 0; n < 10; n++) assert.ok(any.enter('a'));
  });
});
