import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  formatLocalDateTime,
  formatLocalDay,
  instantsOf,
  isTimeZone,
  type LocalDateTime,
  localAt,
  localDay,
  localDayStart,
  offsetMinutesAt,
  parseLocalDateTime,
  resolveLocal,
  startOfLocalDay,
} from './zonedTime.ts';

const ZONES = [...Intl.supportedValuesOf('timeZone'), 'UTC', 'Etc/GMT+12', 'Etc/GMT-14', 'US/Eastern'];
const FROM_MS = Date.UTC(1990, 0, 1);
const TO_MS = Date.UTC(2061, 0, 1);
const DAY_MS = 86_400_000;

function local(text: string): LocalDateTime {
  const parsed = parseLocalDateTime(text);
  assert.ok(parsed !== null, text);
  return parsed;
}

const iso = (instantMs: number): string => new Date(instantMs).toISOString().replace('.000Z', 'Z');
const day = (text: string): number => Date.parse(text) / DAY_MS;

const zoned = (zone: string, instantMs: number): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(instantMs).toZonedDateTimeISO(zone);

/** What Temporal itself says: one instant for each way of reading the wall clock, without repeats; in a gap "compatible". */
function instantsByTemporal(zone: string, clock: LocalDateTime): number[] {
  const plain = zoned('UTC', clock).toPlainDateTime();
  const at = (disambiguation: 'earlier' | 'later' | 'compatible') =>
    plain.toZonedDateTime(zone, { disambiguation }).epochMilliseconds;
  const isShown = zoned(zone, at('earlier')).toPlainDateTime().equals(plain);
  return isShown ? [...new Set([at('earlier'), at('later')])] : [at('compatible')];
}

describe('resolveLocal - one wall clock, one instant', () => {
  const cases: readonly (readonly [zone: string, text: string, hintMs: number | null, expected: string])[] = [
    ['Asia/Shanghai', '2022-04-27 19:04:36', 1651057476000, '2022-04-27T11:04:36Z'],
    ['Africa/Nairobi', '2026-09-24 00:04:18', 1790197458000, '2026-09-23T21:04:18Z'],
    ['Europe/Berlin', '2025-10-26 02:30:00', 1761438600000, '2025-10-26T00:30:00Z'],
    ['Europe/Berlin', '2025-10-26 02:30:00', 1761442200000, '2025-10-26T01:30:00Z'],
    ['Europe/Berlin', '2025-10-26 02:30:00', 1761438600999, '2025-10-26T00:30:00Z'],
    ['Europe/Berlin', '2025-10-26 02:30:00', 1761438601000, '2025-10-26T01:30:00Z'],
    ['Europe/Berlin', '2025-10-26 02:30:00', 0, '2025-10-26T00:30:00Z'],
    ['Europe/Berlin', '2025-10-26 02:30:00', 1761449400000, '2025-10-26T01:30:00Z'],
    ['Europe/Berlin', '2025-10-26 02:30:00', null, '2025-10-26T00:30:00Z'],
    ['Europe/Berlin', '2025-10-26 01:59:59', 1761449400000, '2025-10-25T23:59:59Z'],
    ['Europe/Berlin', '2025-10-26 02:00:00', 1761440400000, '2025-10-26T01:00:00Z'],
    ['Europe/Berlin', '2025-10-26 03:00:00', 0, '2025-10-26T02:00:00Z'],
    ['Europe/Berlin', '2026-03-29 01:59:59', null, '2026-03-29T00:59:59Z'],
    ['Europe/Berlin', '2026-03-29 02:00:00', null, '2026-03-29T01:00:00Z'],
    ['Europe/Berlin', '2026-03-29 02:30:00', null, '2026-03-29T01:30:00Z'],
    ['Europe/Berlin', '2026-03-29 03:00:00', null, '2026-03-29T01:00:00Z'],
    ['Asia/Kolkata', '2026-01-01 00:00:00', null, '2025-12-31T18:30:00Z'],
    ['Asia/Kathmandu', '2026-01-01 00:00:00', null, '2025-12-31T18:15:00Z'],
    ['Australia/Lord_Howe', '2026-04-05 01:45:00', null, '2026-04-04T14:45:00Z'],
    ['Australia/Lord_Howe', '2026-04-05 01:45:00', Date.UTC(2026, 3, 4, 15), '2026-04-04T15:15:00Z'],
    ['Australia/Lord_Howe', '2026-10-04 02:15:00', null, '2026-10-03T15:45:00Z'],
    ['Pacific/Apia', '2011-12-30 12:00:00', null, '2011-12-30T22:00:00Z'],
    ['Pacific/Apia', '2011-12-31 00:00:00', null, '2011-12-30T10:00:00Z'],
    ['Pacific/Apia', '2011-12-29 23:59:59', null, '2011-12-30T09:59:59Z'],
    ['Australia/Sydney', '2026-01-15 12:00:00', null, '2026-01-15T01:00:00Z'],
    ['Australia/Sydney', '2026-07-15 12:00:00', null, '2026-07-15T02:00:00Z'],
    ['America/Santiago', '2038-01-19 00:14:08', null, '2038-01-19T03:14:08Z'],
    ['Europe/Berlin', '2038-07-01 12:00:00', null, '2038-07-01T10:00:00Z'],
    ['America/New_York', '2028-02-29 23:59:59', null, '2028-03-01T04:59:59Z'],
    ['UTC', '1970-01-01 00:00:00', null, '1970-01-01T00:00:00Z'],
  ];
  for (const [zone, text, hintMs, expected] of cases) {
    test(`${zone} ${text}, hint ${hintMs === null ? 'none' : iso(hintMs)}`, () => {
      assert.equal(iso(resolveLocal(zone, local(text), hintMs)), expected);
    });
  }
});

test('instantsOf - two instants in a fold, one elsewhere, ascending', () => {
  const instants = (zone: string, text: string) => instantsOf(zone, local(text)).map(iso);
  assert.deepEqual(instants('Europe/Berlin', '2025-10-26 02:30:00'), ['2025-10-26T00:30:00Z', '2025-10-26T01:30:00Z']);
  assert.deepEqual(instants('Europe/Berlin', '2025-10-26 03:00:00'), ['2025-10-26T02:00:00Z']);
  assert.deepEqual(instants('Europe/Berlin', '2026-03-29 02:30:00'), ['2026-03-29T01:30:00Z']);
  assert.deepEqual(instants('Australia/Lord_Howe', '2026-04-05 01:29:59'), ['2026-04-04T14:29:59Z']);
});

test('instantsOf - agrees with Temporal in any zone at any time from 1990 to 2060', () => {
  const clock = fc.integer({ min: FROM_MS / 1000, max: TO_MS / 1000 }).map(second => (second * 1000) as LocalDateTime);
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), clock, (zone, at) => {
      assert.deepEqual(instantsOf(zone, at), instantsByTemporal(zone, at));
    }),
    { numRuns: 5000 },
  );
});

test('instantsOf - agrees with Temporal around every change of clocks of every zone from 1990 to 2060', () => {
  let changes = 0;
  for (const zone of ZONES) {
    let change = zoned(zone, FROM_MS).getTimeZoneTransition('next');
    while (change !== null && change.epochMilliseconds < TO_MS) {
      changes += 1;
      const afterMs = change.offsetNanoseconds / 1e6;
      const beforeMs = zoned(zone, change.epochMilliseconds - 1).offsetNanoseconds / 1e6;
      const [low, high] = [Math.min(beforeMs, afterMs), Math.max(beforeMs, afterMs)];
      for (const shiftMs of [low - 1000, low, (low + high) / 2, high - 1000, high]) {
        const clock = (change.epochMilliseconds + shiftMs) as LocalDateTime;
        assert.deepEqual(
          instantsOf(zone, clock),
          instantsByTemporal(zone, clock),
          `${zone} ${formatLocalDateTime(clock)}`,
        );
      }
      change = change.getTimeZoneTransition('next');
    }
  }
  assert.ok(changes > 10_000, `${changes} changes were found`);
});

test('localAt, offsetMinutesAt, localDay, startOfLocalDay - agree with Temporal in any zone from 1990 to 2060', () => {
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), fc.integer({ min: FROM_MS, max: TO_MS }), (zone, instantMs) => {
      const expected = zoned(zone, instantMs);
      const date = expected.toPlainDate();
      assert.equal(offsetMinutesAt(zone, instantMs), expected.offsetNanoseconds / 60e9);
      assert.equal(localAt(zone, instantMs), instantMs + expected.offsetNanoseconds / 1e6);
      assert.equal(formatLocalDay(localDay(zone, instantMs)), date.toString());
      assert.equal(startOfLocalDay(zone, instantMs), expected.startOfDay().epochMilliseconds);
      assert.equal(localDayStart(zone, day(date.toString())), date.toZonedDateTime(zone).epochMilliseconds);
    }),
    { numRuns: 5000 },
  );
});

test('localAt - goes back to the instant it came from, with the instant as hint', () => {
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), fc.integer({ min: FROM_MS / 1000, max: TO_MS / 1000 }), (zone, second) => {
      assert.equal(resolveLocal(zone, localAt(zone, second * 1000), second * 1000), second * 1000);
    }),
    { numRuns: 5000 },
  );
});

test('offsetMinutesAt - changes with the first instant of the new offset', () => {
  const change = Date.UTC(2026, 2, 29, 1);
  assert.equal(offsetMinutesAt('Europe/Berlin', change - 1), 60);
  assert.equal(offsetMinutesAt('Europe/Berlin', change), 120);
  assert.equal(offsetMinutesAt('Asia/Kathmandu', change), 345);
  assert.equal(offsetMinutesAt('America/St_Johns', Date.UTC(2026, 0, 1)), -210);
  assert.equal(offsetMinutesAt('Africa/Monrovia', 0), -44.5);
});

describe('localDayStart - days that do not begin with one midnight', () => {
  const cases: readonly (readonly [zone: string, date: string, expected: string, why: string])[] = [
    ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00Z', 'clocks jump from 00:00 to 01:00'],
    ['America/Toronto', '1919-03-31', '1919-03-31T04:30:00Z', 'clocks jump from 23:30 to 00:30'],
    ['America/Havana', '2026-11-01', '2026-11-01T04:00:00Z', 'midnight comes twice'],
    ['Pacific/Apia', '2011-12-30', '2011-12-30T10:00:00Z', 'the day does not exist'],
    ['Pacific/Apia', '2011-12-31', '2011-12-30T10:00:00Z', 'the day before does not exist'],
    ['Asia/Kathmandu', '2026-01-01', '2025-12-31T18:15:00Z', 'an ordinary day'],
  ];
  for (const [zone, date, expected, why] of cases) {
    test(`${zone} ${date}, ${why}`, () => assert.equal(iso(localDayStart(zone, day(date))), expected));
  }
});

test('startOfLocalDay - a day of 23 or 25 hours', () => {
  const hours = (date: string) =>
    (localDayStart('Europe/Berlin', day(date) + 1) - startOfLocalDay('Europe/Berlin', Date.parse(`${date}T12:00Z`))) /
    3.6e6;
  assert.deepEqual(['2026-03-29', '2026-03-30', '2025-10-26'].map(hours), [23, 24, 25]);
});

describe('parseLocalDateTime', () => {
  test('reads the fixed format exactly', () => {
    assert.equal(local('2022-04-27 19:04:36'), Date.UTC(2022, 3, 27, 19, 4, 36));
    assert.equal(local('2028-02-29 23:59:59'), Date.UTC(2028, 1, 29, 23, 59, 59));
    assert.equal(local('1969-12-31 23:59:59'), -1000);
    assert.equal(local('0099-01-01 00:00:00'), Date.parse('0099-01-01T00:00:00Z'));
  });

  test('refuses what no clock shows and what is not exactly the format', () => {
    const refused = [
      '2026-02-30 10:00:00',
      '2027-02-29 10:00:00',
      '2026-04-31 10:00:00',
      '2026-13-01 10:00:00',
      '2026-00-10 10:00:00',
      '2026-01-00 10:00:00',
      '0000-00-00 00:00:00',
      '2026-01-01 24:00:00',
      '2026-01-01 10:60:00',
      '2026-01-01 10:00:60',
      '2026-01-01T10:00:00',
      '2026-01-01 10:00',
      '2026-01-01 10:00:00 ',
      ' 2026-01-01 10:00:00',
      '2026-01-01 10:00:0x',
      '2026-01-01 -1:00:00',
      '+026-01-01 10:00:00',
      '２０２６-01-01 10:00:00',
      '',
    ];
    for (const text of refused) assert.equal(parseLocalDateTime(text), null, text);
  });

  test('reads a display format', () => {
    assert.equal(parseLocalDateTime('04/27/2026 18:41:34', 'MM/DD/YYYY'), local('2026-04-27 18:41:34'));
  });

  test('reads back what formatLocalDateTime wrote, over the years 0 to 9999', () => {
    const seconds = fc.integer({
      min: Date.parse('0000-01-01T00:00Z') / 1000,
      max: Date.parse('9999-12-31T23:59:59Z') / 1000,
    });
    fc.assert(
      fc.property(seconds, second => {
        const clock = (second * 1000) as LocalDateTime;
        const text = formatLocalDateTime(clock);
        assert.equal(parseLocalDateTime(text), clock);
        assert.equal(text, new Date(clock).toISOString().slice(0, 19).replace('T', ' '));
      }),
      { numRuns: 2000 },
    );
  });
});

test('formatLocalDay - four digits of year, nothing outside them', () => {
  assert.equal(formatLocalDay(0), '1970-01-01');
  assert.equal(formatLocalDay(-1), '1969-12-31');
  assert.equal(formatLocalDay(day('0000-01-01')), '0000-01-01');
  assert.equal(formatLocalDay(day('9999-12-31')), '9999-12-31');
  for (const outside of [day('0000-01-01') - 1, day('9999-12-31') + 1, Number.NaN]) {
    assert.throws(() => formatLocalDay(outside), RangeError);
  }
});

test('isTimeZone - IANA names and nothing else', () => {
  for (const zone of ZONES) assert.equal(isTimeZone(zone), true, zone);
  for (const other of [
    '',
    '+03:00',
    '-05',
    'Z',
    'Berlin',
    'Europe/Atlantis',
    '__proto__',
    '\0',
    'UTC+3',
    'x'.repeat(10_000),
  ]) {
    assert.equal(isTimeZone(other), false, other.slice(0, 20));
  }
});

test('zoned time - an unknown zone or an instant that is none is refused, each time', () => {
  for (let n = 0; n < 2; n += 1) {
    for (const zone of ['', '+03:00', 'Europe/Atlantis']) {
      assert.throws(() => resolveLocal(zone, local('2026-01-01 00:00:00'), null), RangeError);
      assert.throws(() => localDay(zone, 0), RangeError);
    }
    assert.throws(() => localDay('Europe/Berlin', Number.NaN), RangeError);
    assert.throws(() => offsetMinutesAt('Europe/Berlin', 9e15), RangeError);
  }
});

test('zoned time - stays right when more spans or zones were asked for than are remembered', () => {
  for (let year = 1900; year <= 2300; year += 1) {
    for (const month of [0, 6]) {
      const instantMs = Date.UTC(year, month, 15);
      assert.equal(
        localAt('Europe/Berlin', instantMs) - instantMs,
        zoned('Europe/Berlin', instantMs).offsetNanoseconds / 1e6,
      );
    }
  }
  const spelling = (n: number) =>
    [...'america/new_york'].map((c, bit) => (n & (1 << bit) ? c.toUpperCase() : c)).join('');
  for (let n = 0; n < 3000; n += 1) assert.equal(offsetMinutesAt(spelling(n), 1790197458000), -240);
  assert.equal(iso(resolveLocal('Europe/Berlin', local('2026-03-29 02:30:00'), null)), '2026-03-29T01:30:00Z');
});
