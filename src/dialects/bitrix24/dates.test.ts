import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readCallStart, readPortalDate, writePortalDate } from './dates.ts';

const BERLIN = 'Europe/Berlin';
const iso = (at: number | undefined) => (at === undefined ? null : new Date(at).toISOString());

test('case 15 - every form that clients send', () => {
  for (const [text, instant, statedOffset] of [
    ['2024-05-01T10:00:00+03:00', '2024-05-01T07:00:00.000Z', true],
    ['2024-05-01T10:00:00-0330', '2024-05-01T13:30:00.000Z', true],
    ['2024-05-01T10:00:00+03', '2024-05-01T07:00:00.000Z', true],
    ['2024-05-01T10:00:00Z', '2024-05-01T10:00:00.000Z', true],
    ['2024-05-01T10:00:00.123Z', '2024-05-01T10:00:00.123Z', true],
    ['2024-05-01t10:00:00z', '2024-05-01T10:00:00.000Z', true],
    ['2024-05-01T10:00:00.123456', '2024-05-01T08:00:00.123Z', false],
    ['2024-05-01T10:00:00.5', '2024-05-01T08:00:00.500Z', false],
    ['2024-05-01 10:00:00', '2024-05-01T08:00:00.000Z', false],
    ['2024-12-01 10:00', '2024-12-01T09:00:00.000Z', false],
    ['2024-05-01', '2024-04-30T22:00:00.000Z', false],
    [' 2024-05-01T10:00:00+03:00 ', '2024-05-01T07:00:00.000Z', true],
    // A form client that forgot to encode the plus.
    ['2024-05-01T10:00:00 03:00', '2024-05-01T07:00:00.000Z', true],
    // Shown twice, and never.
    ['2025-10-26 02:30:00', '2025-10-26T00:30:00.000Z', false],
    ['2025-03-30 02:30:00', '2025-03-30T01:30:00.000Z', false],
    ['9999-12-31', '9999-12-30T23:00:00.000Z', false],
  ] as const) {
    const read = readPortalDate(text, BERLIN);
    assert.deepEqual([iso(read?.at), read?.statedOffset], [instant, statedOffset], text);
  }
});

test('case 14 - what is no date', () => {
  for (const text of [
    'yesterday-ish',
    '',
    '1714550400',
    '01.05.2024 10:00:00',
    '2024-05',
    '2024-5-1',
    '2024-02-30',
    '2024-13-01',
    '2024-05-01T24:00:00',
    '2024-05-01T10:60',
    '2024-05-01T10:00:60',
    '2024-05-01T10',
    '2024-05-01T10:00:00+25:00',
    '2024-05-01T10:00:00+03:60',
    '2024-05-01T10:00:00 Europe/Berlin',
    '2024-05-01Z',
    `2024-05-01${' '.repeat(100_000)}`,
  ]) {
    assert.equal(readPortalDate(text, BERLIN), null, text);
  }
});

test('starts of calls - lie where calls are', () => {
  assert.equal(iso(readCallStart('2026-05-01T10:00:00Z', BERLIN)?.at), '2026-05-01T10:00:00.000Z');
  for (const text of ['1969-12-31T23:59:59Z', '0000-01-01', '2101-01-01T00:00:00Z', '9999-12-31', 'x']) {
    assert.equal(readCallStart(text, BERLIN), null, text);
  }
});

test('written - in the server’s zone with its offset at that time', () => {
  const at = Date.UTC(2026, 6, 1, 22, 30, 5, 999);
  assert.equal(writePortalDate(at, BERLIN), '2026-07-02T00:30:05+02:00');
  assert.equal(writePortalDate(at, 'UTC'), '2026-07-01T22:30:05+00:00');
  assert.equal(writePortalDate(at, 'America/St_Johns'), '2026-07-01T20:00:05-02:30');
  assert.equal(writePortalDate(at, 'Asia/Kathmandu'), '2026-07-02T04:15:05+05:45');
});

test('fuzz - what is written is read back to the second', () => {
  const zones = fc.constantFrom(BERLIN, 'UTC', 'America/St_Johns', 'Asia/Kathmandu', 'Australia/Lord_Howe');
  const second = fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) / 1000 });
  fc.assert(
    fc.property(second, zones, zones, (seconds, zone, other) => {
      const text = writePortalDate(seconds * 1000, zone);
      assert.match(text, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/);
      if (seconds < Date.UTC(1972, 4, 1) / 1000) return;
      assert.deepEqual(readPortalDate(text, other), { at: seconds * 1000, statedOffset: true });
    }),
  );
});

test('fuzz - any text is a date or none', () => {
  const piece = fc.constantFrom(...'0123456789', '-', ':', 'T', ' ', '+', '.', 'Z', '2024-05-01', '10:00:00');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), pieces => {
      const read = readPortalDate(pieces.join(''), BERLIN);
      assert.ok(read === null || Number.isSafeInteger(read.at));
    }),
    { numRuns: 2000 },
  );
});
