/** Which registration is which leg, situation by situation (ARCHITECTURE.md, "One call, several reporters"). */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Candidate } from '../entities.ts';
import { BLOCK_GAP_MS, blockAround, choosePairs, type NamedCall, type Pair, type Timed } from './choosePairs.ts';
import { chooseNamed, isWhole, wholeRow } from './namedCalls.ts';

/** 2026-03-02 09:00:00 UTC. */
const NINE = Date.UTC(2026, 2, 2, 9);

interface Input extends Partial<Pick<Candidate, 'id' | 'userId' | 'numberKey' | 'direction' | 'name'>> {
  /** Milliseconds to add to what was told, to have it by our clock. */
  readonly offsetMs?: number;
}

let ids = 0;
/** From and to in seconds after nine, as the source told them; `end` null while it is not known. */
function timed(role: Candidate['role'], tie: string, start: number, end: number | null, told: Input): Timed {
  const { offsetMs = 0, ...more } = told;
  const startedAt = NINE + start * 1000;
  const endedAt = end === null ? null : NINE + end * 1000;
  const id = more.id ?? ++ids;
  const row: Candidate = {
    sourceCallId: role === 'leg' && more.name != null ? Number(more.name.replace('.', '')) : id,
    sourceId: role === 'leg' ? 1 : 3,
    role,
    userId: 1,
    numberKey: '+442079460123',
    day: Math.floor(startedAt / 86_400_000),
    startedAt,
    endedAt,
    clocked: true,
    direction: 'inbound',
    name: null,
    tie,
    ...more,
    id,
  };
  return { row, startedAt: startedAt + offsetMs, endedAt: (endedAt ?? startedAt) + offsetMs };
}
const leg = (tie: string, start: number, end: number, told: Input = {}) => timed('leg', tie, start, end, told);
const registration = (tie: string, start: number, end: number | null, told: Input = {}) =>
  timed('registration', tie, start, end, told);

const written = (pairs: readonly Pair[]): string[] =>
  pairs.map(each => `${each.registration.row.tie}=${each.leg.row.tie}`).sort();

/** Of the legs that bear one name, as the PBX's call that it is. */
function callOf(name: string, legs: readonly Timed[]): NamedCall {
  const directions = new Set(legs.map(({ row }) => row.direction));
  return {
    row: wholeRow(legs[0]!.row.sourceCallId, `call ${name}`),
    startedAt: Math.min(...legs.map(each => each.startedAt)),
    endedAt: Math.max(...legs.map(each => each.endedAt)),
    direction: directions.size === 1 ? [...directions][0]! : 'unknown',
    userIds: new Set(legs.map(({ row }) => row.userId)),
    numberKeys: new Set(legs.map(({ row }) => row.numberKey)),
  };
}

function namedIn(block: readonly Timed[]): ReadonlyMap<number, NamedCall> {
  const legs = Map.groupBy(
    block.filter(({ row }) => row.role === 'leg' && row.name !== null),
    ({ row }) => row.name!,
  );
  const calls = new Map([...legs].map(([name, those]) => [name, callOf(name, those)]));
  const found = new Map<number, NamedCall>();
  for (const each of block) {
    const call = each.row.role === 'registration' ? calls.get(each.row.name ?? '') : undefined;
    const chosen = call === undefined ? null : chooseNamed(each, [call]);
    if (chosen !== null) found.set(each.row.id, chosen);
  }
  return found;
}

const ANY = () => true;
const NEVER = () => false;
const chosen = (block: readonly Timed[], fixed: readonly Pair[] = [], allowed: (pair: Pair) => boolean = ANY) =>
  written(choosePairs(block, namedIn(block), fixed, allowed, NEVER));

/** What was told, and the pairs it makes. */
const SITUATIONS: readonly (readonly [title: string, block: readonly Timed[], pairs: readonly string[]])[] = [
  ['nothing', [], []],
  ['a registration without a leg', [registration('R', 0, 30)], []],
  ['a leg without a registration', [leg('L', 0, 30)], []],
  ['two legs', [leg('L', 0, 30), leg('M', 1, 31)], []],
  ['two registrations', [registration('R', 0, 30), registration('S', 1, 31)], []],
  ['the same start', [leg('L', 0, 30), registration('R', 0, 30)], ['R=L']],

  ['starts 10 s apart, the registration later', [leg('L', 0, 5), registration('R', 10, 40)], ['R=L']],
  ['starts 10 s apart, the leg later', [registration('R', 0, 5), leg('L', 10, 40)], ['R=L']],
  ['starts more than 10 s apart', [leg('L', 0, 5), registration('R', 10.001, 40)], []],
  ['spans that overlap a minute after the start', [leg('L', 0, 61), registration('R', 60, 90)], ['R=L']],
  ['spans that touch', [leg('L', 0, 60), registration('R', 60, 90)], ['R=L']],
  ['spans that miss each other by a millisecond', [leg('L', 0, 60), registration('R', 60.001, 90)], []],
  ['a registration without an end within the leg', [leg('L', 0, 60), registration('R', 50, null)], ['R=L']],
  ['a registration without an end long before the leg', [leg('L', 40, 60), registration('R', 0, null)], []],
  ['a call of no length that starts at the same time', [leg('L', 5, 5), registration('R', 5, 5)], ['R=L']],

  ['another user', [leg('L', 0, 30), registration('R', 0, 30, { userId: 2 })], []],
  ['another number', [leg('L', 0, 30), registration('R', 0, 30, { numberKey: '+442079460199' })], []],
  ['contradictory directions', [leg('L', 0, 30), registration('R', 0, 30, { direction: 'outbound' })], []],
  [
    'a direction that one does not know',
    [leg('L', 0, 30, { direction: 'unknown' }), registration('R', 0, 30)],
    ['R=L'],
  ],
  [
    'a contradictory one nearer than one that fits',
    [leg('out', 1, 30, { direction: 'outbound' }), leg('in', 8, 30), registration('R', 1, 30)],
    ['R=in'],
  ],

  [
    'a named call of another user and number',
    [leg('L', 0, 30, { name: '1.7' }), registration('R', 60, 90, { name: '1.7', userId: 2, numberKey: 'withheld' })],
    ['R=call 1.7'],
  ],
  [
    'a call named by one agent, of which only the leg of another is told: that leg is left to the other',
    [
      leg('L', 1, 5, { name: '1.7', userId: 3 }),
      registration('R', 0, 2, { name: '1.7' }),
      registration('S', 1, 5, { userId: 3 }),
    ],
    ['R=call 1.7', 'S=L'],
  ],
  [
    'a named call whose directions contradict',
    [leg('L', 0, 30, { name: '1.7' }), registration('R', 0, 30, { name: '1.7', direction: 'outbound' })],
    [],
  ],
  [
    'a name 15 minutes later is another call: ids are given again',
    [leg('L', 0, 30, { name: '1.7' }), registration('R', 900, 930, { name: '1.7' })],
    [],
  ],
  [
    'a name a moment before',
    [leg('L', 0, 30, { name: '1.7' }), registration('R', 899.999, 930, { name: '1.7' })],
    ['R=L'],
  ],
  [
    'a name within a call of hours',
    [leg('L', 0, 7_200, { name: '1.7' }), registration('R', 3_600, 7_200, { name: '1.7' })],
    ['R=L'],
  ],
  [
    'a name the PBX does not use, as connectors give their own: by time',
    [leg('L', 0, 30, { name: '1.7' }), registration('R', 2, 30, { name: 'app-9' })],
    ['R=L'],
  ],
  ['no name on either side is not the same name', [leg('L', 0, 5), registration('R', 60, 90)], []],
  [
    'the one that is named before the one that is nearer',
    [leg('named', 9, 40, { name: '1.7' }), leg('near', 0, 40), registration('R', 0, 30, { name: '1.7' })],
    ['R=named'],
  ],
  [
    'two that name the same call: the nearer one, and the other by time',
    [
      leg('L', 0, 30, { name: '1.7' }),
      leg('M', 40, 60, { name: '1.8' }),
      registration('R', 1, 30, { name: '1.7' }),
      registration('S', 41, 60, { name: '1.7' }),
    ],
    ['R=L', 'S=M'],
  ],
  [
    'two stages of a named call: each registration its own',
    [
      leg('L', 0, 30, { name: '1.7' }),
      leg('M', 30, 60, { name: '1.7', userId: 2 }),
      registration('R', 0, 30, { name: '1.7' }),
      registration('S', 31, 60, { name: '1.7', userId: 2 }),
    ],
    ['R=L', 'S=M'],
  ],
  [
    'more that name a call than it has legs: the others are the call',
    [
      leg('L', 0, 30, { name: '1.7' }),
      registration('R', 1, 30, { name: '1.7' }),
      registration('S', 2, 30, { name: '1.7' }),
    ],
    ['R=L', 'S=call 1.7'],
  ],
  [
    'a call that is named before a leg of another that is nearer',
    [
      leg('out', 0, 30, { name: '1.7', direction: 'outbound' }),
      leg('in', 0, 30, { name: '1.7', userId: 2 }),
      leg('near', 1, 30, { name: '1.8' }),
      registration('Q', 0, 30, { name: '1.7', userId: 2 }),
      registration('R', 1, 30, { name: '1.7' }),
    ],
    ['Q=in', 'R=call 1.7'],
  ],

  [
    'a redial after 12 s: each its own',
    [leg('L', 0, 5), leg('M', 12, 40), registration('R', 1, 5), registration('S', 13, 40)],
    ['R=L', 'S=M'],
  ],
  [
    'a redial after 3 s, told a second late: each its own',
    [leg('L', 0, 2), leg('M', 3, 40), registration('R', 1, 2), registration('S', 4, 40)],
    ['R=L', 'S=M'],
  ],
  [
    'a redial of which one leg is there: the nearer registration',
    [leg('M', 12, 40), registration('R', 4, 10), registration('S', 13, 40)],
    ['S=M'],
  ],
  [
    'a redial of which one registration is there: the nearer leg',
    [leg('L', 0, 5), leg('M', 8, 40), registration('S', 7, 40)],
    ['S=M'],
  ],
  [
    'the nearest pair comes first, though it leaves another one over',
    [leg('L', 5, 6), leg('M', 25, 30), registration('R', 0, 4), registration('S', 9, 10)],
    ['S=L'],
  ],
  [
    'the nearer start before the longer overlap',
    [leg('long', 0, 600), leg('near', 58, 70), registration('R', 60, 70)],
    ['R=near'],
  ],
  [
    'one registration for each leg of a transfer back',
    [leg('L', 0, 30), leg('M', 60, 90), registration('R', 0, 30), registration('S', 60, 90)],
    ['R=L', 'S=M'],
  ],
  [
    'more registrations than legs: the others stay alone',
    [leg('L', 0, 30), registration('R', 1, 30), registration('S', 2, 30), registration('T', 0.5, 30)],
    ['T=L'],
  ],

  [
    'legs as near before as after: the smaller tie',
    [leg('b', 0, 30), leg('a', 10, 40), registration('R', 5, 30)],
    ['R=a'],
  ],
  [
    'registrations as near before as after: the smaller tie',
    [leg('L', 5, 30), registration('b', 0, 30), registration('a', 10, 40)],
    ['a=L'],
  ],
  [
    'two and two at the same time: in the order of their ties',
    [leg('M', 0, 30), leg('L', 0, 30), registration('S', 0, 30), registration('R', 0, 30)],
    ['R=L', 'S=M'],
  ],

  [
    'a clock that is a minute ahead, corrected',
    [leg('L', 60, 90, { offsetMs: -60_000 }), registration('R', 1, 30)],
    ['R=L'],
  ],
  [
    'a clock measured wrong by a backlog: what was told is near',
    [leg('L', 0, 5, { offsetMs: 120_000 }), registration('R', 8, 12)],
    ['R=L'],
  ],
  [
    'what was told is near enough also where the clock was measured little off',
    [leg('L', 0, 5, { offsetMs: 30_000 }), registration('R', 8, 12)],
    ['R=L'],
  ],
  [
    'what was told is near enough by 10 s and no more',
    [leg('L', 0, 5, { offsetMs: 120_000 }), registration('R', 10.001, 12)],
    [],
  ],
  [
    'near by corrected clocks before near by what was told',
    [
      leg('told', 0, 5, { offsetMs: 120_000 }),
      leg('corrected', -130, -90, { offsetMs: 120_000 }),
      registration('R', 0, 5),
    ],
    ['R=corrected'],
  ],
  [
    'far away within a corrected span before near by what was told',
    [
      leg('told', 0, 5, { offsetMs: 7_200_000 }),
      leg('corrected', -14_000, 30, { offsetMs: 7_200_000 }),
      registration('R', 0, 5),
    ],
    ['R=corrected'],
  ],
];

describe('choosePairs', () => {
  for (const [title, block, pairs] of SITUATIONS) {
    test(`${title} - ${pairs.join(', ') || 'none'}`, () => {
      assert.deepEqual(chosen(block), pairs);
      assert.deepEqual(chosen(block.toReversed()), pairs, 'whatever came first');
    });
  }

  test('a pair that is fixed - keeps both, and others choose among the rest', () => {
    const [far, near, late] = [leg('far', 9, 30), leg('near', 1, 30), leg('late', 12, 30)];
    const [R, S] = [registration('R', 0, 30), registration('S', 2, 30)];
    const fixed = [{ registration: R, leg: far }];
    assert.deepEqual(chosen([far, near, late, R, S], fixed), ['S=near']);
    assert.deepEqual(chosen([far, R], fixed), [], 'what is fixed is not chosen again');
  });

  test('a pair that is not allowed - is passed over for the next nearest', () => {
    const requested: string[] = [];
    const block = [leg('near', 1, 30), leg('next', 3, 30), leg('other', 400, 500), registration('R', 0, 30)];
    const pairs = chosen(block, [], pair => {
      requested.push(...written([pair]));
      return pair.leg.row.tie !== 'near';
    });
    assert.deepEqual(pairs, ['R=next']);
    assert.deepEqual(requested.toSorted(), ['R=near', 'R=next'], 'only of what could be a pair');
  });

  const told: fc.Arbitrary<Input> = fc.record(
    {
      userId: fc.constantFrom(1, 1, 2),
      numberKey: fc.constantFrom('+442079460123', '+442079460123', 'withheld'),
      direction: fc.constantFrom('inbound' as const, 'inbound' as const, 'outbound' as const, 'unknown' as const),
      name: fc.constantFrom(null, null, '1.7', '1.8'),
      offsetMs: fc.constantFrom(0, 0, 0, 45_000),
    },
    { requiredKeys: [] },
  );
  const row = fc.record({
    role: fc.constantFrom('leg' as const, 'registration' as const),
    start: fc.integer({ min: 0, max: 90 }),
    length: fc.option(fc.integer({ min: 0, max: 60 }), { freq: 5 }),
    told,
  });
  const blocks = fc
    .array(row, { maxLength: 10 })
    .map(rows =>
      rows.map(({ role, start, length, told: more }, n) =>
        timed(role, `${role} ${n}`, start, role === 'leg' ? start + (length ?? 0) : length && start + length, more),
      ),
    );
  const orders = fc.array(fc.nat(), { minLength: 10, maxLength: 10 });
  const shuffled = (block: readonly Timed[], order: readonly number[]) =>
    block
      .map(
        (each, n) => [order[n]!, n, { ...each, row: { ...each.row, id: 1_000 + (order[n]! % 97) * 10 + n } }] as const,
      )
      .sort((a, b) => a[0] - b[0] || a[1] - b[1])
      .map(([, , each]) => each);

  test('in any order and under any ids - are the same pairs, each row in one at most', () => {
    let pairs = 0;
    let wholes = 0;
    fc.assert(
      fc.property(blocks, orders, (block, order) => {
        const expected = choosePairs(block, namedIn(block), [], ANY, NEVER);
        assert.deepEqual(chosen(shuffled(block, order)), written(expected));
        const ofLegs = expected.filter(({ leg: other }) => !isWhole(other));
        const registered = expected.map(each => each.registration.row.id);
        const reached = ofLegs.map(each => each.leg.row.id);
        assert.equal(new Set([...registered, ...reached]).size, registered.length + reached.length);
        for (const { registration: one } of expected) assert.equal(one.row.role, 'registration');
        for (const { leg: other } of ofLegs)
          assert.ok(block.some(({ row: { role }, row }) => row === other.row && role === 'leg'));
        wholes += expected.length - ofLegs.length;
        pairs += expected.length;
      }),
      { numRuns: 1_000 },
    );
    assert.ok(pairs > 500 && wholes > 20, `${pairs}, of which ${wholes} by a name alone`);
  });

  test('two that are left over - could not have been a pair', () => {
    fc.assert(
      fc.property(blocks, block => {
        const paired = new Set(
          choosePairs(block, namedIn(block), [], ANY, NEVER).flatMap(each => [each.registration, each.leg]),
        );
        const left = block.filter(each => !paired.has(each));
        assert.deepEqual(choosePairs(left, namedIn(left), [], ANY, NEVER), []);
      }),
      { numRuns: 500 },
    );
  });
});

describe('chooseNamed', () => {
  const R = registration('R', 0, 30, { name: '1.7' });
  const at = (tie: string, start: number, told: Input = {}) => ({
    ...callOf('1.7', [leg(tie, start, start + 30, { name: '1.7', ...told })]),
    row: wholeRow(ids, tie),
  });
  const chosenOf = (...calls: readonly NamedCall[]) => {
    const [one, other] = [calls, calls.toReversed()].map(each => chooseNamed(R, each)?.row.tie ?? null);
    assert.equal(one, other, 'whatever came first');
    return one;
  };
  const STRANGERS = { userId: 8, numberKey: '+442079460111' };

  test('one call - is the one, whomever it was with', () => {
    assert.equal(chosenOf(at('A', 0, STRANGERS)), 'A');
    assert.equal(chosenOf(at('A', 901, STRANGERS)), null, 'too late');
    assert.equal(chosenOf(at('A', 0, { direction: 'outbound' })), null, 'the other way');
  });

  test('of two PBXs - is the one that shares more of the parties, then the one at the same time', () => {
    assert.equal(chosenOf(at('A', 0, STRANGERS), at('B', 5, { userId: 8 })), 'B');
    assert.equal(chosenOf(at('A', 0, { userId: 8 }), at('B', 5)), 'B');
    assert.equal(chosenOf(at('A', 60, STRANGERS), at('B', 5, STRANGERS)), 'B');
  });

  test('of two PBXs that nothing tells apart - is none', () => {
    assert.equal(chosenOf(at('A', 0), at('B', 5)), null);
    assert.equal(chosenOf(at('A', 0, STRANGERS), at('B', 5, STRANGERS)), null);
    assert.equal(chosenOf(at('A', 0, { userId: 8 }), at('B', 0, { numberKey: 'withheld' })), null);
  });
});

describe('blockAround', () => {
  const GAP = BLOCK_GAP_MS / 1000;
  const named = (block: readonly Timed[]) => block.map(each => each.row.tie);

  test('a gap under 15 minutes - holds together, one of 15 does not', () => {
    const seed = leg('seed', 0, 60);
    const before = leg('before', -GAP - 99, -GAP + 0.001);
    const long = leg('long before', -2 * GAP - 200, -2 * GAP - 99);
    const after = leg('after', 60 + GAP - 0.001, 60 + GAP);
    const later = leg('later', 60 + 2 * GAP, 60 + 2 * GAP + 5);
    assert.deepEqual(named(blockAround(seed, [later, seed, long, after, before])), ['before', 'seed', 'after']);
    assert.deepEqual(named(blockAround(later, [later, seed, long, after, before])), ['later']);
    assert.deepEqual(named(blockAround(long, [later, seed, long, after, before])), ['long before']);
  });

  test('a long call - bridges what short ones within it do not', () => {
    const long = leg('long', 0, 2 * GAP);
    const short = leg('short', 10, 20);
    const late = leg('late', 2 * GAP + 30, 2 * GAP + 40);
    for (const seed of [long, short, late]) {
      assert.deepEqual(named(blockAround(seed, [late, short, long])), ['long', 'short', 'late']);
    }
  });

  test('a registration without an end - counts by its start', () => {
    const open = registration('open', 0, null);
    const later = leg('later', GAP, GAP + 10);
    assert.deepEqual(named(blockAround(open, [open, later])), ['open']);
  });
});
