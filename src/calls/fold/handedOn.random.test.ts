/** A caller who is handed from one to the next: whichever rows last as long as the call, each has the talk that was theirs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LegFact } from '../reports/report.ts';
import { context, keyed } from '../testing/testFacts.ts';
import { CALLER, legFact } from '../testing/testReports.ts';
import { foldCall } from './fold.ts';

const EXTENSIONS = ['2001', '2002', '2003', '2004'];

/** One person's time with the caller. */
interface Stay {
  readonly extension: string;
  readonly ring: number;
  readonly talk: number;
  /** Seconds in a parking slot before it. */
  readonly parked: number;
  /** The person's row lasts until the call ends, as that of the agent of a queue or of a call out may. */
  readonly goesOn: boolean;
  /** Rung in the name of the person before, where it is known that this one does not only ask: that row ends here, or may last as long as the call. */
  readonly isNamed: boolean;
}
const stays: fc.Arbitrary<readonly Stay[]> = fc
  .array(
    fc.record({
      extension: fc.constantFrom(...EXTENSIONS),
      ring: fc.nat(10),
      talk: fc.integer({ min: 5, max: 600 }),
      parked: fc.oneof(fc.constant(0), fc.integer({ min: 5, max: 90 })),
      goesOn: fc.boolean(),
      isNamed: fc.boolean(),
    }),
    { minLength: 2, maxLength: 6 },
  )
  .filter(all => all.every((each, i) => i === 0 || each.extension !== all[i - 1]!.extension));

type Way = 'to a desk' | 'to a queue' | 'out';

interface Told {
  readonly legs: readonly LegFact[];
  /** From the answer to the hand-over or the end of the row, UTC seconds after the call's start. */
  readonly spans: readonly (readonly [extension: string, from: number, to: number])[];
}

function tell(all: readonly Stay[], way: Way): Told {
  const starts: number[] = [];
  let at = 0;
  const legs: LegFact[] = [];
  for (const [i, { ring, talk, parked }] of all.entries()) {
    if (i > 0 && parked > 0) {
      legs.push(legFact('6001', at, 'answered', [parked, parked]));
      at += parked;
    }
    starts.push(at);
    at += ring + talk;
  }
  const spans = all.map(({ extension, ring, talk, goesOn }, i) => {
    const from = starts[i]! + ring;
    const next = all[i + 1] === undefined ? at : starts[i + 1]! - all[i + 1]!.parked;
    return [extension, from, goesOn ? next : from + talk] as const;
  });
  for (const [i, { extension, ring, talk, goesOn }] of all.entries()) {
    const lasts = goesOn ? at - starts[i]! : ring + talk;
    const told = [lasts, lasts - ring] as const;
    const before = all[i - 1];
    const isOwnRow = i > 1 || way === 'to a desk';
    const isInTheirName = all[i]!.isNamed && before !== undefined && !(before.goesOn && isOwnRow);
    const named = isInTheirName ? { from: before.extension, direction: 'internal' as const } : {};
    if (i > 0 || way === 'to a desk') legs.push(legFact(extension, starts[i]!, 'answered', told, named));
    else if (way === 'out') {
      const dialled = { from: extension, direction: 'outbound' as const, trunkOut: 'SIP-Main' };
      legs.push(legFact(CALLER, 0, 'answered', told, dialled));
    } else {
      legs.push(legFact('6400', 0, 'answered', told), legFact(extension, ring, 'answered', told));
    }
  }
  return { legs, spans };
}

test('handed on any number of times - each has their own talk, and together they have that of the call', () => {
  fc.assert(
    fc.property(stays, fc.constantFrom<Way>('to a desk', 'to a queue', 'out'), (all, way) => {
      const { legs, spans } = tell(all, way);
      const { fields, participants } = foldCall(keyed(legs), {
        ...context(),
        holderOf: extension => (extension !== null && EXTENSIONS.includes(extension) ? Number(extension) : null),
      });
      const expected = new Map<number, number>();
      for (const [extension, from, to] of spans) {
        expected.set(Number(extension), (expected.get(Number(extension)) ?? 0) + to - from);
      }
      const read = new Map(participants.map(each => [each.userId, each.talkSeconds]));
      assert.deepEqual(read, new Map([...expected].sort(([a], [b]) => a - b)));
      const together = participants.reduce((sum, each) => sum + (each.talkSeconds ?? 0), 0);
      assert.equal(together, fields.talkSeconds);
      assert.equal(String(fields.userId), all.at(-1)!.extension);
    }),
    { numRuns: 500 },
  );
});
