/**
 * Whatever is told, joined, split, corrected and settled, in whatever order: every source call is in one call, a call bears its
 * oldest source call's id, the others lead there, a person's last word holds, and what was counted adds up.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createScratch } from '../../../test/kit/scratch.ts';
import { memoryStore, type Store, sqliteStore } from '../../ledger/testing/testStores.ts';
import { type Call, link, type Report, report, sourceCall } from '../entities.ts';
import { foldCall } from '../fold/fold.ts';
import { numberPlanOf } from '../fold/numberPlan.ts';
import { AmbiguousCorrection, ImpossibleCorrection, NoSuchCorrection } from '../reports/corrections.ts';
import type { CorrectedFields, IncomingReport } from '../reports/report.ts';
import { sourceCallsOf } from '../reports/sourceCalls.ts';
import type { Settling } from '../settling/settle.ts';
import {
  AGENTS,
  ENTITIES,
  extensionOf,
  finishOf,
  type LegInput,
  legOf,
  OTHER_PBX,
  PORTAL,
  type Registered,
  registrationOf,
  TestOffice,
} from '../testing/testOffice.ts';
import { CALLER_E164, NATIVE, PBX, statedCall, statedReport } from '../testing/testReports.ts';
import { testSources } from '../testing/testSources.ts';
import { withoutSettling } from '../testing/withoutSettling.ts';
import { ImpossibleDecision } from './decide.ts';

const SOURCES = [PBX, NATIVE, PORTAL, OTHER_PBX];

/* What happens. It is small, so that a counterexample can be read. */

type Deed =
  | { readonly do: 'tell a leg'; readonly callId: string; readonly other: boolean; readonly input: LegInput }
  | { readonly do: 'register'; readonly n: number }
  | { readonly do: 'finish'; readonly n: number; readonly duration: number; readonly user: number }
  | { readonly do: 'state'; readonly name: string; readonly duration: number }
  /** Source calls by their place among those there are. */
  | { readonly do: 'join'; readonly one: number; readonly other: number }
  | { readonly do: 'keep apart'; readonly one: number; readonly other: number }
  | { readonly do: 'split'; readonly one: number; readonly out: readonly number[] | null }
  | { readonly do: 'correct'; readonly one: number; readonly fields: CorrectedFields }
  | { readonly do: 'take back'; readonly one: number; readonly n: number }
  | { readonly do: 'wait'; readonly seconds: number };

const lengths = fc.constantFrom(0, 5, 5, 20, 590);
const leg: fc.Arbitrary<Deed> = fc.record({
  do: fc.constant('tell a leg' as const),
  callId: fc.constantFrom('1.1', '1.2', '1.3', '1.4'),
  other: fc.constantFrom(false, false, false, true),
  input: fc.record({
    user: fc.constantFrom(1, 1, 1, 2, 0),
    number: fc.constantFrom(CALLER_E164, CALLER_E164, CALLER_E164, null),
    direction: fc.constantFrom('inbound' as const, 'inbound' as const, 'inbound' as const, 'outbound' as const),
    start: fc.constantFrom(0, 3, 8, 14, 21, 30, 600, 1_800),
    duration: lengths,
    status: fc.constantFrom('answered' as const, 'no_answer' as const, 'unknown' as const),
  }),
});

/** What an application says of one of a few calls is the same every time, as it is of a real one. */
const REGISTERED: readonly Registered[] = [0, 1, 5, 9, 15, 22, 31, 602].map((start, n) => ({
  token: `T${n}`,
  start,
  user: n === 3 ? 2 : 1,
  ...(n === 2 ? { name: '1.3' } : n === 4 || n === 7 ? { name: '1.2' } : {}),
  ...(n === 6 ? { number: null } : {}),
}));
const n = fc.nat({ max: REGISTERED.length - 1 });
const registered: fc.Arbitrary<Deed> = fc.record({ do: fc.constant('register' as const), n });
const finished: fc.Arbitrary<Deed> = fc.record({
  do: fc.constant('finish' as const),
  n,
  duration: lengths,
  user: fc.constantFrom(1, 1, 2),
});
const stated: fc.Arbitrary<Deed> = fc.record({
  do: fc.constant('state' as const),
  name: fc.constantFrom('a', 'b'),
  duration: lengths,
});

function reportOf(deed: Deed): IncomingReport | null {
  switch (deed.do) {
    case 'tell a leg':
      return legOf(deed.callId, { ...deed.input, pbx: deed.other ? OTHER_PBX : PBX });
    case 'register':
      return registrationOf(REGISTERED[deed.n]!);
    case 'finish': {
      const { duration, user } = deed;
      return finishOf(REGISTERED[deed.n]!, { duration, user, states: { costMicros: 10_000 } });
    }
    case 'state': {
      const { name, duration } = deed;
      return statedReport(statedCall(name, { durationSeconds: duration, talkSeconds: duration }));
    }
    default:
      return null;
  }
}

const place = fc.nat({ max: 20 });
const told: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 5, arbitrary: leg },
  { weight: 3, arbitrary: registered },
  { weight: 2, arbitrary: finished },
  { weight: 1, arbitrary: stated },
);
const waited: fc.Arbitrary<Deed> = fc.record({ do: fc.constant('wait' as const), seconds: fc.constantFrom(1, 6, 31) });
const split: fc.Arbitrary<Deed> = fc.record({
  do: fc.constant('split' as const),
  one: place,
  out: fc.oneof(fc.constant(null), fc.array(place, { minLength: 1, maxLength: 3 })),
});
const input: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('join' as const), one: place, other: place }) },
  { weight: 3, arbitrary: split },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('keep apart' as const), one: place, other: place }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('correct' as const),
      one: place,
      fields: fc.constantFrom<CorrectedFields>({ note: 'said' }, { outcome: 'busy' }, { userId: 3 }, { line: null }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('take back' as const), one: place, n: fc.integer({ min: 1, max: 2 }) }),
  },
);
const deeds = fc.array(
  fc.oneof({ weight: 5, arbitrary: told }, { weight: 1, arbitrary: waited }, { weight: 3, arbitrary: input }),
  { minLength: 1, maxLength: 30 },
);
const untouched = fc.array(
  fc.oneof({ weight: 5, arbitrary: told }, { weight: 1, arbitrary: waited }, { weight: 1, arbitrary: split }),
  { minLength: 1, maxLength: 30 },
);

/** Does it; what is impossible is refused with an error of its own, and changes nothing. */
async function doIt(office: TestOffice, deed: Deed, sourceCalls: Set<number>): Promise<void> {
  const known = [...sourceCalls];
  const nth = (n: number) => known[n % known.length]!;
  if (deed.do === 'wait') {
    office.on.time.now += deed.seconds * 1000;
    await office.settleDue();
    return;
  }
  const incoming = reportOf(deed);
  if (incoming !== null) {
    const { sourceCallId, callId } = await office.tell(incoming);
    sourceCalls.add(sourceCallId);
    assert.equal((await office.call(sourceCallId)).id, callId, 'what was answered is a call');
    return;
  }
  if (!('one' in deed) || known.length === 0) return;
  const id = nth(deed.one);
  const before = await office.groups();
  try {
    if (deed.do === 'correct') await office.correct(id, deed.fields);
    if (deed.do === 'take back') await office.takeBack(id, deed.n);
    if (deed.do === 'keep apart') await office.keepApart(id, nth(deed.other));
    if (deed.do === 'join') {
      const withId = nth(deed.other);
      assert.equal(await office.join(id, withId), Math.min((await office.call(id)).id, (await office.call(withId)).id));
    }
    if (deed.do === 'split') {
      const whole = sourceCallsOf(await office.call(id));
      const out = deed.out?.map(n => whole[n % whole.length]!) ?? null;
      const taken = await office.split(id, out);
      const gone = out ?? whole.slice(1);
      for (const each of gone) assert.equal((await office.call(each)).id, taken);
      for (const each of whole.filter(other => !gone.includes(other))) {
        assert.notEqual((await office.call(each)).id, taken);
      }
    }
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    assert.ok(
      [ImpossibleDecision, NoSuchCorrection, AmbiguousCorrection, ImpossibleCorrection].some(
        each => error instanceof each,
      ),
      String(error),
    );
    assert.deepEqual(await office.groups(), before);
  }
}

/* What must hold. */

async function check(office: TestOffice, sourceCalls: ReadonlySet<number>): Promise<void> {
  const calls = await office.calls();
  const placed = calls.flatMap(each => [...sourceCallsOf(each)]);
  assert.deepEqual(placed.toSorted(ascending), [...sourceCalls].sort(ascending), 'every source call is in one call');
  for (const each of calls) {
    const own = sourceCallsOf(each);
    assert.deepEqual(own, own.toSorted(ascending), 'the oldest source call gives the id');
  }
  const aliases = calls.flatMap(each => (each.sourceCalls ?? []).map(id => ({ id, into: each.id })));
  const led = (await office.on.rows(sourceCall)).filter(each => each.callId !== each.id);
  assert.deepEqual(
    led.map(({ id, callId }) => ({ id, into: callId })),
    aliases.sort((a, b) => a.id - b.id),
    'the others lead there, and nothing else does',
  );

  const callOf = new Map(calls.flatMap(each => sourceCallsOf(each).map(id => [id, each.id] as const)));
  for (const { a, b, by, verdict } of await office.on.rows(link)) {
    const areOne = callOf.get(a) === callOf.get(b);
    if (by === 'person') assert.equal(areOne, verdict === 'joined', `${a} and ${b} are ${verdict}`);
    else assert.equal(areOne, verdict === 'matched', `${a} and ${b} are ${verdict}`);
  }

  const reports = await office.on.rows(report);
  const names = new Map((await office.on.rows(sourceCall)).map(each => [each.id, each.name]));
  for (const each of calls) assert.deepEqual(withoutSettling(each), foldedAnew(each, reports, names));
  for (const each of calls) {
    const due = await office.dueIn(each.id);
    if (each.endedAt !== null) assert.notEqual(due, undefined, `call ${each.id} has ended, and settles`);
    else assert.ok(due == null, `call ${each.id} is open, and waits for nothing`);
  }
  const settled = (await office.told()).filter(each => each.startsWith('call.settled'));
  assert.equal(new Set(settled).size, settled.length, 'no id settles twice');
  assert.deepEqual(await office.miscounts(), []);
}

/** Whatever becomes of calls, what was told of their settling is told again. */
async function tellAgain(office: TestOffice, before: readonly string[]): Promise<readonly string[]> {
  const told = await office.told();
  assert.deepEqual(told.slice(0, before.length), before);
  return told;
}

const ascending = (a: number, b: number): number => a - b;

/** The call as it is when nobody patches anything: from all of its reports. */
function foldedAnew(row: Call, all: readonly Report[], names: ReadonlyMap<number, string>): Omit<Call, keyof Settling> {
  const reports = sourceCallsOf(row).flatMap(id => all.filter(each => each.sourceCallId === id));
  const { fields, legs } = foldCall(
    reports.map(({ id, sourceCallId, sourceId, key, fact }) => ({ reportId: id, sourceCallId, sourceId, key, fact })),
    {
      planOf: sourceId => numberPlanOf(SOURCES.find(each => each.id === sourceId)!, testSources),
      holderOf: number => AGENTS.find(each => extensionOf(each) === number) ?? null,
    },
  );
  const ofSources = reports.filter(({ fact }) => fact.form === 'leg' || fact.form === 'call');
  const first = (ofSources.some(({ fact }) => fact.form === 'leg') ? ofSources.filter(isLeg) : ofSources).sort(
    (a, b) => a.id - b.id,
  )[0]!;
  const externalId = first.fact.form === 'call' ? first.fact.externalId : names.get(first.sourceCallId)!.split('|')[1]!;
  const { id, sourceCalls, records, day } = row;
  return { id, sourceId: first.sourceId, externalId, ...fields, day, legs, sourceCalls, records };
}

const isLeg = ({ fact }: Report): boolean => fact.form === 'leg';

/** A room that keeps a copy of every call by what it is told knows them all, and was never told of one it did not know. */
function follow(office: TestOffice, known: Map<number, Call>): void {
  for (const { before, after: now } of office.changes.splice(0)) {
    const id = (before ?? now)!.id;
    const was = known.get(id);
    // When a call is due to settle is of its own room only.
    assert.deepEqual(
      was === undefined ? null : withoutSettling(was),
      before === null ? null : withoutSettling(before),
      `what call ${id} was`,
    );
    if (now === null) known.delete(id);
    else known.set(id, now);
  }
}

/** `JUDGE_FACTOR=10` tries ten times as much. */
const FACTOR = Number(process.env['JUDGE_FACTOR'] ?? process.env['PROPERTY_FACTOR'] ?? 1);

const answeredLeg = (callId: string, number: string | null): Deed => ({
  do: 'tell a leg',
  callId,
  other: false,
  input: { user: 1, number, direction: 'inbound', start: 0, duration: 0, status: 'answered' },
});
/** A registration that was matched is finished by another user, and names a call that is told later and split off. */
const CHANGED_HANDS: Deed[] = [
  answeredLeg('1.1', '+442079460123'),
  { do: 'register', n: 2 },
  { do: 'wait', seconds: 6 },
  { do: 'finish', n: 2, duration: 0, user: 2 },
  answeredLeg('1.3', null),
  { do: 'split', one: 0, out: [0] },
];

const STORES: readonly (readonly [name: string, runs: number, make: () => Store | Promise<Store>])[] = [
  ['memory', 150 * FACTOR, () => memoryStore(ENTITIES)],
  ['memory, far away', 50 * FACTOR, () => memoryStore(ENTITIES, { readsOnTheSpot: false })],
  ['SQLite', 8, () => sqliteStore(ENTITIES, createScratch('judge').path)],
];

for (const [name, runs, make] of STORES) {
  describe(`on ${name}`, { timeout: 900_000 * FACTOR }, () => {
    test('told, joined, split, corrected and settled in any order - the calls are sound after every step', async () => {
      await fc.assert(
        fc.asyncProperty(deeds, async all => {
          await using office = await TestOffice.open(await make());
          const sourceCalls = new Set<number>();
          const copy = new Map<number, Call>();
          let told: readonly string[] = [];
          for (const deed of all) {
            await doIt(office, deed, sourceCalls);
            told = await tellAgain(office, told);
            // A command that is run again, because something was not loaded, reacts again.
            if (name !== 'memory, far away') follow(office, copy);
            await check(office, sourceCalls);
          }
          if (name !== 'memory, far away') {
            const kept = [...copy.values()].sort(byId);
            assert.deepEqual(kept.map(withoutSettling), (await office.calls()).map(withoutSettling));
          }
        }),
        { numRuns: runs, examples: [[CHANGED_HANDS]] },
      );
    });

    test('told, split and settled in any order, and never joined by anybody - two calls of PBXs are never one', async () => {
      await fc.assert(
        fc.asyncProperty(untouched, async all => {
          await using office = await TestOffice.open(await make());
          const sourceCalls = new Set<number>();
          for (const deed of all) await doIt(office, deed, sourceCalls);
          await check(office, sourceCalls);
          const legs = (await office.on.rows(report)).filter(isLeg);
          const told = new Set(legs.map(each => each.sourceCallId));
          for (const group of await office.groups()) {
            assert.ok(group.filter(id => told.has(id)).length <= 1, `call ${group.join(', ')} is two of a PBX`);
          }
        }),
        { numRuns: runs },
      );
    });
  });
}

const byId = (a: Call, b: Call): number => a.id - b.id;
