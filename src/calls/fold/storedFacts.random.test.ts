/** A fact that was stored and read again is the same fact: whatever order its keys are in then, the call it makes is the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readJson, writeJson } from '../../ledger/storedJson.ts';
import type { Fact, LegFact, StatedCall } from '../reports/report.ts';
import { FACT_SHAPE } from '../reports/storedFact.ts';
import { context } from '../testing/testFacts.ts';
import { keyOfLeg, legFact, NATIVE, PBX, START, statedCall } from '../testing/testReports.ts';
import { foldCall } from './fold.ts';
import type { KeyedFact } from './foldContext.ts';

/** Few ends and many values: most of what is stated of a call ends when another one does, and says otherwise. */
const stated: fc.Arbitrary<StatedCall> = fc
  .record(
    {
      endedAt: fc.constantFrom(null, START + 60_000),
      durationSeconds: fc.constantFrom(null, 60),
      talkSeconds: fc.constantFrom(null, 10, 30),
      costMicros: fc.constantFrom(null, 500_000, 900_000),
      currency: fc.constantFrom('EUR', 'GBP'),
      note: fc.constantFrom('a', 'b'),
      links: fc.constantFrom(null, ['https://example.com/a'], []),
      extension: fc.constantFrom('4006', '2000'),
      cause: fc.constantFrom(null, 'x', 'y'),
    },
    { requiredKeys: [] },
  )
  .map(fields => statedCall('c', fields));

const leg: fc.Arbitrary<LegFact> = fc
  .record({
    to: fc.constantFrom('4005', '6400'),
    at: fc.constantFrom(0, 0, 1),
    duration: fc.constantFrom(null, 20),
    more: fc.record({ didName: fc.constantFrom(null, 'a'), recording: fc.constantFrom(null, 'a.wav', 'b.wav') }),
  })
  .map(({ to, at, duration, more }) => legFact(to, at, 'answered', [duration, duration], more));

const saying: fc.Arbitrary<Fact> = fc.record({
  form: fc.constant('correction' as const),
  n: fc.constantFrom(1, 2),
  author: fc.constant('anna'),
  at: fc.constantFrom(START, START + 1),
  reason: fc.constant(null),
  fields: fc.record(
    { note: fc.constantFrom('said', null), links: fc.constantFrom(['b'], ['c']), vote: fc.constantFrom(1, 5) },
    { requiredKeys: [] },
  ),
});

const SOURCE_CALLS = [1, 2, 3];
const facts: fc.Arbitrary<KeyedFact[]> = fc
  .tuple(
    fc.array(fc.tuple(fc.constantFrom(...SOURCE_CALLS), fc.oneof(stated, stated, leg)), { minLength: 1, maxLength: 6 }),
    fc.array(fc.tuple(fc.constantFrom(...SOURCE_CALLS), saying), { maxLength: 2 }),
  )
  .map(([told, said]) =>
    [...told, ...said].map(([sourceCallId, fact], place) => ({
      reportId: place + 1,
      sourceCallId,
      sourceId: sourceCallId,
      key: fact.form === 'leg' ? keyOfLeg(fact) : String(place),
      fact,
    })),
  );

/** As another version, another engine or a hand may have stored it. */
function shuffled(text: string, seed: number): string {
  const reordered = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(reordered);
    const entries = Object.entries(value).map(([name, field]) => [name, reordered(field)] as const);
    for (let i = entries.length - 1; i > 0; i--) {
      const other = (seed * (i + 7)) % (i + 1);
      [entries[i], entries[other]] = [entries[other]!, entries[i]!];
    }
    return Object.fromEntries(entries);
  };
  return JSON.stringify(reordered(JSON.parse(text)));
}

/** A batch folds what it was just told with what was stored before: some are read, and some are as a door made them. */
test('fold - facts some of which were stored and read again make the same call', () => {
  fc.assert(
    fc.property(facts, fc.array(fc.nat(), { minLength: 8, maxLength: 8 }), (fresh, seeds) => {
      const read = fresh.map((each, place): KeyedFact => {
        const seed = seeds[place]!;
        if (seed % 2 === 0) return each;
        return { ...each, fact: readJson(shuffled(writeJson(each.fact, FACT_SHAPE), seed), FACT_SHAPE) as Fact };
      });
      const plans = context(fresh.some(each => each.fact.form === 'leg') ? PBX : NATIVE);
      assert.deepEqual(foldCall(read, plans), foldCall(fresh, plans));
    }),
    { numRuns: 500 },
  );
});
