import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readLegStart } from './legStart.ts';
import type { YeastarSettings } from './settings.ts';
import { bodyOf, legOf, PBX, read, reportOf } from './testing/testSamples.ts';

const BERLIN = { ...PBX, timeZone: 'Europe/Berlin' };
const UTC = { ...PBX, timeZone: 'Etc/UTC' };

/** The UTC instant, the wall clock and the warnings, or the problem. */
function startOf(
  timeStart: string | null,
  callId: string | null,
  settings: YeastarSettings,
  uid: string | null = null,
): readonly unknown[] | string {
  const warnings: string[] = [];
  const start = readLegStart({ timeStart, callId, uid }, settings, warnings);
  if (typeof start === 'string') return start;
  return [new Date(start.startedAt).toISOString(), start.startedAtLocal, ...warnings];
}

test('C26 - an unreadable or blank time_start is replaced by the epoch of call_id', () => {
  for (const [time_start, how] of [
    ['2026-02-30 10:00:00', 'not a time'],
    ['', 'missing'],
    [' ', 'missing'],
    ['04/27/2026 18:41:34', 'not a time'],
    [1790197458, 'not a time'],
  ] as const) {
    const { fact, warnings } = reportOf(bodyOf({ time_start }));
    assert.deepEqual([fact.startedAt, fact.startedAtLocal], [1790197458000, null]);
    assert.deepEqual(warnings, [`time_start: ${how}, the start was taken from call_id`]);
  }
});

test('C26 - with neither a time nor an epoch there is no report, and both fields are named', () => {
  for (const call_id of ['', 'abc', '12.5', '99999999999.1', '1e9.1', '-1790197458.1']) {
    const problem = read(bodyOf({ time_start: 'soon', call_id }));
    assert.equal(problem, 'time_start, call_id: neither holds a readable time', call_id);
  }
});

test('C27 - a time in the display format of the PBX is the same instant', () => {
  for (const [displayFormat, time_start] of [
    ['MM/DD/YYYY', '04/27/2026 18:41:34'],
    ['MM/DD/YYYY HH:mm:ss', '04/27/2026 18:41:34'],
    ['MM/DD/YYYY hh:mm:ss A', '04/27/2026 06:41:34 PM'],
    ['MM/DD/YYYY', '2026-04-27 18:41:34'],
  ] as const) {
    const leg = legOf({ time_start, call_id: '1777304494.1' }, { ...PBX, displayFormat });
    assert.deepEqual([leg.startedAt, leg.startedAtLocal], [1777304494000, '2026-04-27 18:41:34']);
  }
});

test('C28, C29 - an hour that comes twice is told by the epoch of call_id', () => {
  const local = '2025-10-26 02:30:00';
  assert.deepEqual(startOf(local, '1761438600.5', BERLIN), ['2025-10-26T00:30:00.000Z', local]);
  assert.deepEqual(startOf(local, '1761442200.5', BERLIN), ['2025-10-26T01:30:00.000Z', local]);
  // A leg that starts later in the call, and a wall clock read a moment before the id was made.
  assert.deepEqual(startOf('2025-10-26 02:31:30', '1761438600.5', BERLIN), [
    '2025-10-26T00:31:30.000Z',
    '2025-10-26 02:31:30',
  ]);
  assert.deepEqual(startOf('2025-10-26 02:29:58', '1761438600.5', BERLIN), [
    '2025-10-26T00:29:58.000Z',
    '2025-10-26 02:29:58',
  ]);
  assert.deepEqual(startOf(local, null, BERLIN), ['2025-10-26T00:30:00.000Z', local]);
});

test('C28 - a call across either change of the clocks is no zone mismatch', () => {
  // 01:59:50 CET, then 03:00:10 CEST twenty seconds later.
  assert.deepEqual(startOf('2026-03-29 03:00:10', '1774745990.1', BERLIN), [
    '2026-03-29T01:00:10.000Z',
    '2026-03-29 03:00:10',
  ]);
  // 02:59:50 CEST, then 02:00:10 CET.
  assert.deepEqual(startOf('2025-10-26 02:00:10', '1761440390.1', BERLIN), [
    '2025-10-26T01:00:10.000Z',
    '2025-10-26 02:00:10',
  ]);
  // A wall clock that the change leaves out moves forward.
  assert.deepEqual(startOf('2026-03-29 02:30:00', '1774747800.1', BERLIN), [
    '2026-03-29T01:30:00.000Z',
    '2026-03-29 02:30:00',
  ]);
});

test('C30 - a zone that call_id contradicts is a warning; the configured zone is kept', () => {
  const { fact, warnings } = reportOf(bodyOf({}), UTC);
  assert.equal(new Date(fact.startedAt).toISOString(), '2026-09-24T00:04:18.000Z');
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!, /PBX zone mismatch 180 min/);
});

test('C30 - with auto-zone the implied offset is used', () => {
  const { fact, warnings } = reportOf(bodyOf({}), { ...UTC, autoZone: true });
  assert.equal(new Date(fact.startedAt).toISOString(), '2026-09-23T21:04:18.000Z');
  assert.match(warnings.join(), /PBX zone mismatch 180 min/);
});

/** The minutes of the warning, for a leg of C02's call; undefined without one. */
function mismatchOf(timeStart: string, zone: string, uid: string | null): string | undefined {
  const start = startOf(timeStart, '1790197458.5215', { ...PBX, timeZone: zone }, uid);
  return typeof start === 'string' ? start : /mismatch (-?\d+) min/.exec(start.slice(2).join())?.[1];
}

test('C30 - every leg of a call gives the same difference, west is negative, half hours count', () => {
  const nairobi = '2026092400041852EE8';
  for (const timeStart of [
    '2026-09-24 00:04:17',
    '2026-09-24 00:22:00',
    '2026-09-24 02:04:18',
    '2026-09-25 00:04:18',
  ]) {
    assert.equal(mismatchOf(timeStart, 'Etc/UTC', nairobi), '180', timeStart);
    assert.equal(mismatchOf(timeStart, 'Africa/Nairobi', nairobi), undefined, timeStart);
  }
  assert.equal(mismatchOf('2026-09-24 00:04:18', 'Asia/Kolkata', nairobi), '-150');
  assert.equal(mismatchOf('2026-09-24 02:34:18', 'Africa/Nairobi', '20260924023418AAAAA'), '150');
  assert.equal(mismatchOf('2026-09-24 02:49:18', 'Asia/Kolkata', '20260924024918AAAAA'), '15');
  // The two clocks are read a moment apart.
  assert.equal(mismatchOf('2026-09-24 00:04:20', 'Etc/UTC', '2026092400042152EE8'), '180');
});

test('C39 - a leg an hour into its call warns of nothing and is not moved, whatever uid says', () => {
  const opaque = [null, '2024111913594421D77', 'C02', '2026992400041852EE8', '2026092400101852EE8'];
  for (const uid of ['2026092400041852EE8', ...opaque]) {
    for (const autoZone of [false, true]) {
      const start = startOf('2026-09-24 01:04:18', '1790197458.5215', { ...PBX, autoZone }, uid);
      assert.deepEqual(start, ['2026-09-23T22:04:18.000Z', '2026-09-24 01:04:18'], `${uid} ${autoZone}`);
    }
  }
});

test('C39 - with auto-zone every leg of a call is moved alike', () => {
  const settings = { ...UTC, autoZone: true };
  for (const [timeStart, startedAt] of [
    ['2026-09-24 00:04:18', '2026-09-23T21:04:18.000Z'],
    ['2026-09-24 01:04:18', '2026-09-23T22:04:18.000Z'],
    ['2026-09-24 03:10:00', '2026-09-24T00:10:00.000Z'],
  ] as const) {
    const [moved] = startOf(timeStart, '1790197458.5215', settings, '2026092400041852EE8');
    assert.equal(moved, startedAt);
  }
});

test('C39 - a later leg in the hour that comes twice is not before its call', () => {
  // 02:50 CEST, then 02:10 on the same clock, turned back meanwhile.
  const local = '2025-10-26 02:10:00';
  assert.deepEqual(startOf(local, '1761439800.1', BERLIN), ['2025-10-26T01:10:00.000Z', local]);
  // The call began the evening before: both are after it, and the nearer one is meant.
  assert.deepEqual(startOf(local, '1761426000.1', BERLIN), ['2025-10-26T00:10:00.000Z', local]);
});

test('C30 - a call_id that is no epoch of this time is not compared', () => {
  for (const callId of ['1651057476.362', '1999999999.1', '362.1', 'uuid-1', null]) {
    const uid = '2026092400041852EE8';
    const start = startOf('2026-09-24 00:04:18', callId, { ...UTC, autoZone: true }, uid);
    assert.deepEqual(start, ['2026-09-24T00:04:18.000Z', '2026-09-24 00:04:18'], String(callId));
  }
});

test('start - years nobody can have meant give a problem that names the field', () => {
  for (const year of ['1970', '1999', '2101', '9999', '0000']) {
    assert.equal(startOf(`${year}-06-01 00:00:00`, null, PBX), 'time_start: not between the years 2000 and 2100');
  }
  for (const year of ['2000', '2100']) assert.equal(typeof startOf(`${year}-06-01 00:00:00`, null, PBX), 'object');
});
