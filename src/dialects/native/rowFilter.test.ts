import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hourOf } from '../../statistics/queries/rowKeys.ts';
import { dayBegun, formatLocalDay } from '../../values/zonedTime.ts';
import { rowFilter } from './rowFilter.ts';

const [MINUTE_MS, QUARTER_MS, HOUR_MS] = [60_000, 900_000, 3_600_000];

interface Change {
  readonly zone: string;
  readonly at: number;
}

/** Changes of clocks since calls have a plausible start; zones that change alike come once. */
function changes(): readonly Change[] {
  const found = new Map<string, Change>();
  for (const zone of Intl.supportedValuesOf('timeZone')) {
    let clock = Temporal.Instant.from('2000-01-01T00:00:00Z').toZonedDateTimeISO(zone);
    for (;;) {
      const next = clock.getTimeZoneTransition('next');
      if (next === null || next.year > 2030) break;
      const before = next.subtract({ milliseconds: 1 }).offsetNanoseconds;
      found.set(`${next.epochMilliseconds} ${before} ${next.offsetNanoseconds}`, { zone, at: next.epochMilliseconds });
      clock = next;
    }
  }
  return [...found.values()];
}

const CHANGES = changes();

/** The span a row's filter asks for. */
function spanOf(by: 'hour' | 'day', key: number | string, timeZone: string) {
  const query = new URLSearchParams(rowFilter({ by: [by], timeZone, filter: {}, query: {} }, [key]));
  return { from: Date.parse(query.get('startedFrom')!), to: Date.parse(query.get('startedTo')!) };
}

/** Each instant must lie in the span of its own key, and of no other that is there. */
function assertAgree(by: 'hour' | 'day', zone: string, keyed: readonly (readonly [number, number | string])[]): void {
  for (const key of new Set(keyed.map(([, each]) => each))) {
    const { from, to } = spanOf(by, key, zone);
    for (const [at, own] of keyed) {
      const isIn = at >= from && at < to;
      assert.equal(isIn, own === key, `${zone}, ${new Date(at).toISOString()}, ${by} ${key} for ${own}`);
    }
  }
}

const every = (stepMs: number, from: number, to: number) =>
  Array.from({ length: Math.floor((to - from) / stepMs) }, (_, n) => from + n * stepMs);

test('an hour around any change of any clock - its key begins it, and its filter has what it counts', () => {
  assert.ok(CHANGES.length > 2_000, `${CHANGES.length} changes`);
  for (const { zone, at } of CHANGES) {
    const first = Math.floor((at - 3 * HOUR_MS) / QUARTER_MS) * QUARTER_MS;
    // Counted by the quarter in which they started.
    const started = every(7 * MINUTE_MS, first, at + 4 * HOUR_MS);
    const keyed = started.map(each => [each, hourOf(zone, Math.floor(each / QUARTER_MS) * QUARTER_MS)] as const);
    for (const [each, key] of keyed) assert.ok(key <= each && hourOf(zone, key) === key, `${zone} ${key}`);
    assertAgree('hour', zone, keyed);
  }
});

test('a day around any change of any clock - its filter has what it counts, by the call and by the quarter', () => {
  for (const { zone, at } of CHANGES) {
    const first = Math.floor((at - 26 * HOUR_MS) / QUARTER_MS) * QUARTER_MS;
    const started = [
      ...every(53 * MINUTE_MS, first, at + 27 * HOUR_MS),
      ...every(MINUTE_MS, at - 5 * MINUTE_MS, at + 20 * MINUTE_MS),
    ];
    const dayOf = (instant: number) => formatLocalDay(dayBegun(zone, instant));
    assertAgree(
      'day',
      zone,
      started.map(each => [each, dayOf(each)] as const),
    );
    const quarterOf = (instant: number) => Math.floor(instant / QUARTER_MS) * QUARTER_MS;
    assertAgree(
      'day',
      zone,
      started.map(each => [each, dayOf(quarterOf(each))] as const),
    );
  }
});

test('the half hour that Lord Howe has twice - is two hours of the clock, each under its own beginning', () => {
  const zone = 'Australia/Lord_Howe';
  const keys = ['14:00', '14:45', '15:00', '15:15', '15:30'].map(each => Date.parse(`2026-04-04T${each}:00Z`));
  assert.deepEqual(
    keys.map(each => new Date(hourOf(zone, each)).toISOString().slice(11, 16)),
    ['14:00', '14:00', '15:00', '15:00', '15:30'],
  );
});
