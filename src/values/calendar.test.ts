import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { dateOfDays, daysOfDate } from './calendar.ts';

test('calendar - every month of every year from 0 to 9999 agrees with Date, both ways', () => {
  for (let year = 0; year <= 9999; year += 1) {
    for (let month = 1; month <= 12; month += 1) {
      const expected = Date.parse(`${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-01`) / 86_400_000;
      assert.equal(daysOfDate(year, month, 1), expected);
      assert.deepEqual(dateOfDays(expected), { year, month, day: 1 });
    }
  }
});

test('calendar - dates that exist come back from their number, others have none', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 9999 }),
      fc.integer({ min: -1, max: 14 }),
      fc.integer({ min: -1, max: 33 }),
      (year, month, day) => {
        const days = daysOfDate(year, month, day);
        const exists =
          month >= 1 &&
          month <= 12 &&
          day >= 1 &&
          day <= new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
        assert.equal(days !== null, exists, `${year}-${month}-${day}`);
        if (days !== null) assert.deepEqual(dateOfDays(days), { year, month, day });
      },
    ),
    { numRuns: 5000 },
  );
});

test('calendar - leap days', () => {
  for (const year of [0, 1600, 2000, 2024, 2400]) {
    const days = daysOfDate(year, 2, 29);
    assert.ok(days !== null, String(year));
    assert.deepEqual(dateOfDays(days), { year, month: 2, day: 29 });
  }
  for (const year of [1, 1700, 1900, 2023, 2100]) assert.equal(daysOfDate(year, 2, 29), null, String(year));
});
