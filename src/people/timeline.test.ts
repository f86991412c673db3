import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ALWAYS, FOREVER } from './entities.ts';
import { type Held, type Stated, timelineOf } from './timeline.ts';

const NOW = 1_000;

/** `1: 0-500, 2: 500-` */
function holdings(text: string): readonly Held[] {
  return ranges(text).map(({ userId, from, to }) => ({ userId, from: from ?? ALWAYS, until: to ?? FOREVER }));
}

/** `1: 0-500, 2: 500-, 3: -800, 4`: an end that is left out is not stated. */
function ranges(text: string): readonly Stated[] {
  return text
    .split(', ')
    .filter(Boolean)
    .map(each => {
      const match = /^(\d+)(?:: (\d*)-(\d*))?$/.exec(each)!;
      const number = (digits: string | undefined) => (digits ? Number(digits) : null);
      return { userId: Number(match[1]), from: number(match[2]), to: number(match[3]) };
    });
}

const written = (held: readonly Held[]): string =>
  held.map(({ userId, from, until }) => `${userId}: ${from}-${until === FOREVER ? '' : until}`).join(', ');

function after(existing: readonly Held[], stated: readonly Stated[], now = NOW): readonly Held[] {
  const held = new Set(existing.map(each => each.userId));
  return timelineOf(existing, stated, { now, isNew: userId => !held.has(userId) });
}

const CASES: readonly (readonly [what: string, existing: string, stated: string, expected: string])[] = [
  ['a new user with a number nobody had has always held it', '', '1', '1: 0-'],
  ['what runs goes on', '1: 300-', '1', '1: 300-'],
  ['what is no longer named ends now', '1: 0-', '', '1: 0-1000'],
  ['what ended before stays as it was', '1: 0-500', '', '1: 0-500'],
  ['what had not begun yet was never held', '1: 2000-', '', ''],
  ['a number that moves to another user moves now', '1: 0-', '2', '1: 0-1000, 2: 1000-'],
  ['a number that was free is taken from now on', '1: 0-500', '2', '1: 0-500, 2: 1000-'],
  ['who had it before takes it again now', '1: 0-500', '1', '1: 0-500, 1: 1000-'],
  ['dates are kept', '', '1: 100-500, 2: 500-', '1: 100-500, 2: 500-'],
  ['a later beginning corrects the earlier one', '1: 0-', '1: 400-', '1: 400-'],
  ['an earlier end corrects the later one', '1: 0-900', '1: -400', '1: 0-400'],
  ['a hand-over is dated back', '1: 0-900, 2: 900-', '1: -400, 2: 400-', '1: 0-400, 2: 400-'],
  ['a hand-over is dated back with one date only', '1: 0-900, 2: 900-', '1: -950, 2', '1: 0-950, 2: 950-'],
  ['dated holdings of others are left out', '', '1: 100-500, 2', '2: 0-100, 1: 100-500, 2: 500-'],
  ['a holding of others to come is left out', '1: 0-', '2: 2000-3000, 1', '1: 0-2000, 2: 2000-3000, 1: 3000-'],
  ['an unstated beginning takes nothing from those before', '2: 0-500, 1: 800-', '1: -1200', '2: 0-500, 1: 800-1200'],
  ['an unstated beginning begins after who left', '2: 0-500', '1: -900', '2: 0-500, 1: 500-900'],
  ['stated dates win over what was', '2: 0-', '1: 100-200', '2: 0-100, 1: 100-200, 2: 200-1000'],
];

describe('timelineOf', () => {
  for (const [what, existing, stated, expected] of CASES) {
    test(what, () => {
      const result = after(holdings(existing), ranges(stated));
      assert.equal(written(result), expected);
      assert.equal(written(after(result, ranges(stated))), expected, 'a second time changes nothing');
      assert.equal(written(after(result, ranges(stated), NOW + 1)), expected, 'nor does it a moment later');
    });
  }

  /** Statements that do not contradict themselves: dated ones between ascending cuts, and one without dates. */
  const statements = fc
    .tuple(
      fc.uniqueArray(fc.integer({ min: 1, max: 200 }), { maxLength: 6 }),
      fc.array(fc.option(fc.integer({ min: 1, max: 3 })), { minLength: 7, maxLength: 7 }),
      fc.boolean(),
      fc.option(fc.integer({ min: 1, max: 3 })),
    )
    .map(([cuts, holders, hasStart, undated]): readonly Stated[] => {
      const points = cuts.toSorted((a, b) => a - b);
      const stated: Stated[] = [];
      for (let i = 0; i + 1 < points.length; i++) {
        const userId = holders[i];
        const from = stated.length === 0 && i === 0 && !hasStart ? null : points[i]!;
        if (userId != null && userId !== undated) stated.push({ userId, from, to: points[i + 1]! });
      }
      if (undated !== null) stated.push({ userId: undated, from: null, to: null });
      return stated;
    });

  test('any files, one after another - the past stays, dates are kept, a second time changes nothing', () => {
    const files = fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), statements), { maxLength: 6 });
    fc.assert(
      fc.property(files, steps => {
        let held: readonly Held[] = [];
        let now = 0;
        for (const [passed, stated] of steps) {
          now += passed;
          const next = after(held, stated, now);
          assert.deepEqual(after(next, stated, now), next);
          for (const { userId, from, to } of stated) {
            if (from !== null)
              assert.ok(next.some(each => each.userId === userId && each.from === from && each.until === to));
            else if (to !== null) assert.ok(next.some(each => each.userId === userId && each.until === to));
          }
          if (held.length > 0 && stated.every(each => each.from === null && each.to === null)) {
            for (let at = 0; at < now; at++) assert.equal(holderAt(next, at), holderAt(held, at));
          }
          assert.ok(next.every(each => each.until <= now || stated.some(({ userId }) => userId === each.userId)));
          held = next;
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

const holderAt = (held: readonly Held[], at: number): number | null =>
  held.find(each => each.from <= at && at < each.until)?.userId ?? null;
