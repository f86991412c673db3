import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOpen, LAST_SECOND_OF_DAY } from './dailyWindow.ts';

const timeZone = 'America/New_York';
const at = (hour: number, minute = 0, second = 0) => Date.UTC(2026, 2, 2, hour + 5, minute, second);
const open = (dailyFrom: number, dailyTill: number, now: number) => isOpen({ timeZone, dailyFrom, dailyTill }, now);

test('a daily window - is open between both ends, they included, on the clocks of its zone', () => {
  const [nine, five] = [9 * 3600, 17 * 3600];
  const whether = [at(8, 59, 59), at(9), at(12), at(17), at(17, 0, 1)].map(now => open(nine, five, now));
  assert.deepEqual(whether, [false, true, true, true, false]);
  assert.ok(open(five, five, at(17) + 999), 'a second has a thousand milliseconds');
  assert.ok([at(0), at(23, 59, 59) + 999].every(now => open(0, LAST_SECOND_OF_DAY, now)));
});

test('a window that ends before it begins - is open over midnight', () => {
  const [ten, two] = [22 * 3600, 2 * 3600];
  const whether = [at(21, 59, 59), at(22), at(23, 59), at(0), at(2), at(2, 0, 1)].map(now => open(ten, two, now));
  assert.deepEqual(whether, [false, true, true, true, true, false]);
});

test('clocks put forward - shut the window an hour sooner', () => {
  // 2026-03-08 07:00 UTC: New York goes from 2:00 to 3:00.
  assert.equal(open(2 * 3600, 3 * 3600 - 1, Date.UTC(2026, 2, 8, 6, 59, 59)), false);
  assert.equal(open(2 * 3600, 3 * 3600 - 1, Date.UTC(2026, 2, 8, 7)), false);
  assert.equal(open(3 * 3600, 4 * 3600, Date.UTC(2026, 2, 8, 7)), true);
});
