/**
 * Any order, repetition and batching of the same reports gives the same calls, on every engine, and what was counted on the
 * way adds up (ARCHITECTURE.md, section 2).
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { createScratch } from '../../test/kit/scratch.ts';
import type { AnyEntity, Counter } from '../ledger/entity.ts';
import type { AggregateRow } from '../ledger/query.ts';
import { TestLedger } from '../ledger/testing/testLedger.ts';
import { memoryStore, postgresStore, type Store, sqliteStore } from '../ledger/testing/testStores.ts';
import { EVERYWHERE, extension, FOREVER } from '../people/entities.ts';
import { holderOf } from '../people/holders.ts';
import { type Source, source, sourceEntities } from '../sources/entities.ts';
import { type Countable, statisticsEntities } from '../statistics/entities.ts';
import { countCall } from '../statistics/onCall.ts';
import { callIdPages, countAgain, emptyRollups, findMiscounts, moveDays } from '../statistics/recount.ts';
import { decidingVisit } from '../values/decidingVisit.ts';
import { OUTCOMES, outcomeInDirection } from '../values/outcome.ts';
import { dayBegun } from '../values/zonedTime.ts';
import { type Call, call, callEntities, participation, queueVisit, sourceCall } from './entities.ts';
import { type CallFields, type FoldedCall, foldCall } from './fold/fold.ts';
import type { KeyedFact } from './fold/foldContext.ts';
import { foldLegs } from './fold/foldLegs.ts';
import { ROUNDING_MS } from './fold/legOutcome.ts';
import { numberPlanOf } from './fold/numberPlan.ts';
import { hasTalk } from './fold/possible.ts';
import type { Visit } from './fold/queueVisits.ts';
import { readLegs } from './fold/readLegs.ts';
import type { CallsContext } from './fold/refold.ts';
import { acceptReport } from './reports/accept.ts';
import { correctCall, ImpossibleCorrection, NoSuchCorrection, retractCorrection } from './reports/corrections.ts';
import type { CorrectedFields, IncomingReport, LegFact, LegStatus, StatedCall } from './reports/report.ts';
import { keyed } from './testing/testFacts.ts';
import {
  CALLER,
  DID,
  legFact,
  legReport,
  NATIVE,
  PBX,
  START,
  statedCall,
  statedReport,
} from './testing/testReports.ts';
import { testSources } from './testing/testSources.ts';
import { withoutSettling } from './testing/withoutSettling.ts';

const ENTITIES: readonly AnyEntity[] = [extension, ...sourceEntities, ...callEntities, ...statisticsEntities];
const ROLLUPS = statisticsEntities as unknown as readonly Counter[];
const COUNTABLE: Countable = { calls: call, participations: participation, visits: queueVisit };
const SAYING = { kind: 'native.correction', author: 'anna', contentType: null, raw: new Uint8Array(0) };

/** Where it is a new day when the calls of the other zone are still in the old one. */
const ZONES = ['Europe/London', 'Pacific/Auckland', 'America/St_Johns', 'Asia/Kathmandu'] as const;

/* Reports. */

const seconds = fc.oneof(fc.constantFrom(0, 5, 20, 74, 85), fc.integer({ min: 0, max: 900 }));
const unanswered = fc.constantFrom<LegStatus>('no_answer', 'busy', 'failed', 'abandoned', 'unknown');
const statuses = fc.oneof(unanswered, fc.constantFrom<LegStatus>('answered', 'voicemail'));
const extensions = fc.constantFrom('4005', '4006', '4007');
const outside = fc.constantFrom(CALLER, '+12025550123', '02079460199', null);
const agents = fc.array(fc.tuple(extensions, unanswered), { maxLength: 3 });

interface Talk {
  readonly duration: number;
  readonly talk: number;
}
const talks: fc.Arbitrary<Talk> = fc.tuple(seconds, seconds).map(([ring, talk]) => ({ duration: ring + talk, talk }));

/** What the first leg of a call from outside knows of its line. */
const lines = fc.constantFrom<Partial<LegFact>>({}, { trunkIn: 'Saf' }, { trunkIn: 'Saf', did: DID, didName: 'Sales' });

/** Queue calls as a PBX tells them: IVR, queues whose time was up, queue, agents who did not, the one who did, a transfer, a survey. */
const queueCall = fc
  .record({
    line: lines,
    ivrs: fc.array(seconds, { maxLength: 2 }),
    earlier: fc.array(fc.tuple(fc.constantFrom('6400', '6401'), seconds), { maxLength: 2 }),
    rung: agents,
    answer: fc.option(fc.tuple(extensions, talks), { freq: 4 }),
    left: seconds,
    status: fc.constantFrom<LegStatus>('no_answer', 'abandoned'),
    transfer: fc.option(fc.tuple(extensions, talks)),
    mailbox: fc.option(fc.tuple(extensions, seconds), { freq: 3 }),
    survey: fc.option(seconds),
  })
  .map(({ line, ivrs, earlier, rung, answer, left, status, transfer, mailbox, survey }) => {
    const legs: LegFact[] = [];
    let at = 0;
    for (const [n, listening] of ivrs.entries()) {
      legs.push(legFact(`620${n}`, at, 'answered', [listening, listening], line));
      at += listening;
    }
    for (const [to, waited] of earlier) {
      legs.push(legFact(to, at, 'no_answer', [waited, 0], line));
      at += waited;
    }
    for (const [to, unheard] of rung) legs.push(legFact(to, at, unheard, [5, 0], line));
    if (answer === null) {
      legs.push(legFact('6400', at, status, [left, 0], line));
    } else {
      const [to, { duration, talk }] = answer;
      legs.push(legFact('6400', at, 'answered', [duration, talk], { ...line, agentRingSeconds: duration - talk }));
      // The agent's leg begins with the answer and repeats the queue's spans.
      legs.push(legFact(to, at + duration - talk, 'answered', [duration, talk], line));
      at += duration;
    }
    if (transfer !== null) legs.push(legFact(transfer[0], at, 'answered', [transfer[1].duration, transfer[1].talk]));
    if (mailbox !== null) legs.push(legFact(mailbox[0], at, 'voicemail', [mailbox[1], mailbox[1]]));
    if (survey !== null) legs.push(legFact('Satisfaction Survey', at, 'answered', [survey, survey]));
    return legs;
  });

const directCall = fc
  .record({
    from: fc.oneof(outside, extensions),
    to: fc.oneof(outside, extensions),
    direction: fc.constantFrom('inbound' as const, 'outbound' as const, 'internal' as const, 'unknown' as const),
    status: statuses,
    span: talks,
    trunkOut: fc.option(fc.constant('SIP-Main')),
  })
  .map(({ from, to, direction, status, span, trunkOut }) => [
    legFact(to, 0, status, [span.duration, status === 'answered' || status === 'voicemail' ? span.talk : 0], {
      from,
      direction,
      trunkOut,
    }),
  ]);

/** Anything at all, close together: ties, unknown spans and contradictions included. */
const oddCall = fc.array(
  fc
    .record({
      from: fc.oneof({ weight: 3, arbitrary: fc.constant(CALLER) }, { weight: 1, arbitrary: extensions }),
      to: fc.oneof(extensions, outside, fc.constantFrom('6200', '6400', '6401', '6001', '*4', '7001', 'Voicemail')),
      at: fc.constantFrom(0, 0, 1, 20),
      status: statuses,
      duration: fc.option(seconds),
      talk: fc.option(seconds),
      uid: fc.option(fc.constantFrom('u1', 'u2')),
      direction: fc.constantFrom('inbound' as const, 'unknown' as const, 'outbound' as const),
    })
    .map(({ to, at, status, duration, talk, ...more }) => legFact(to, at, status, [duration, talk], more)),
  { minLength: 1, maxLength: 6 },
);

/** What fuller copies of the legs add later: recording, DID, note. */
const late = fc.record(
  {
    leg: fc.nat(7),
    recording: fc.constantFrom('a.wav', 'b.wav'),
    did: fc.constantFrom(DID, '+442079460201'),
    noteId: fc.constantFrom('n1', 'n2'),
    noteEditable: fc.boolean(),
  },
  { requiredKeys: ['leg'] },
);

const pbxReports = fc
  .record({
    legs: fc.oneof(queueCall, directCall, oddCall),
    late: fc.array(late, { maxLength: 3 }),
    /** To the other side of midnight in some of the zones. */
    startsHoursLater: fc.constantFrom(0, 0, 3, 15),
  })
  .map(({ legs, late, startsHoursLater }) => {
    const moved = legs.map(each => ({ ...each, startedAt: each.startedAt + startsHoursLater * 3_600_000 }));
    const copies = late.flatMap(({ leg, ...more }) => (moved[leg] === undefined ? [] : [{ ...moved[leg], ...more }]));
    return (externalId: string): IncomingReport[] => [...moved, ...copies].map(each => legReport(externalId, each));
  });

const stated: fc.Arbitrary<Partial<StatedCall>> = fc.record(
  {
    from: outside,
    startedAt: fc.constantFrom(START, START + 1_000, START + 15 * 3_600_000),
    endedAt: fc.option(seconds.map(after => START + 16 * 3_600_000 + after * 1_000)),
    durationSeconds: fc.option(seconds),
    talkSeconds: fc.option(seconds),
    ringSeconds: fc.option(seconds),
    outcome: fc.option(fc.constantFrom(...OUTCOMES)),
    extension: fc.option(extensions),
    userId: fc.option(fc.constantFrom(5, 6)),
    queue: fc.option(fc.constant('6400')),
    did: fc.option(fc.constant(DID)),
    note: fc.option(fc.constantFrom('a', 'b')),
  },
  { requiredKeys: [] },
);
const nativeReports = fc
  .array(stated, { minLength: 1, maxLength: 4 })
  .map(statements => (externalId: string): IncomingReport[] => {
    const reports = statements.map(each => statedReport(statedCall(externalId, each)));
    return reports.filter((each, place) => reports.findIndex(other => other.key === each.key) === place);
  });

const calls = fc
  .array(fc.oneof(pbxReports, pbxReports, nativeReports), { minLength: 1, maxLength: 4 })
  .map(all => all.flatMap((reports, n) => reports(`call-${n}`)));

/* What people say afterwards. */

type Statement =
  | { readonly call: number; readonly fields: CorrectedFields }
  | { readonly call: number; readonly retract: number };

const corrected: fc.Arbitrary<CorrectedFields> = fc.record(
  {
    startedAt: fc.constantFrom(START, START - 24 * 3_600_000, START + 600_000),
    endedAt: fc.constantFrom(START + 60_000, START + 40 * 3_600_000),
    answeredAt: fc.option(fc.constantFrom(START, START + 5_000, START + 55_500)),
    talkSeconds: seconds,
    outcome: fc.constantFrom(...OUTCOMES),
    direction: fc.constantFrom('inbound' as const, 'outbound' as const),
    userId: fc.option(fc.constantFrom(5, 9)),
    queue: fc.option(fc.constant('6499')),
    line: fc.option(fc.constant('+442079460299')),
    from: outside,
    note: fc.constantFrom('said', 'said again'),
  },
  { requiredKeys: [] },
);
const sayings: fc.Arbitrary<Statement[]> = fc.array(
  fc.oneof(
    { weight: 2, arbitrary: fc.record({ call: fc.nat(3), fields: corrected }) },
    { weight: 1, arbitrary: fc.record({ call: fc.nat(3), retract: fc.integer({ min: 1, max: 3 }) }) },
  ),
  { maxLength: 6 },
);

/** How the same reports come: in which order, which of them again, how many at once. */
interface Arrival {
  readonly order: readonly number[];
  readonly repeats: readonly number[];
  readonly together: number;
}
const arrivals: fc.Arbitrary<Arrival> = fc.record({
  order: fc.array(fc.nat(), { minLength: 40, maxLength: 40 }),
  repeats: fc.array(fc.nat(), { maxLength: 8 }),
  together: fc.constantFrom(1, 2, 5, 1_000),
});

/** A program that states a call again means the later report: what it states under one name keeps its order. A repeat comes after. */
function arrange(reports: readonly IncomingReport[], { order, repeats }: Arrival): IncomingReport[] {
  const arranged = reports
    .map((each, place) => [order[place % order.length]!, place, each] as const)
    .sort((a, b) => a[0] - b[0] || a[1] - b[1])
    .map(([, , each]) => each);
  const stated = Map.groupBy(
    reports.filter(each => each.fact.form === 'call'),
    each => each.name,
  );
  for (const inOrder of stated.values()) {
    const places = arranged.flatMap((each, place) => (inOrder.includes(each) ? [place] : []));
    for (const [n, place] of places.entries()) arranged[place] = inOrder[n]!;
  }
  for (const where of repeats) {
    const again = where % arranged.length;
    arranged.splice(again + 1 + (where % (arranged.length - again)), 0, arranged[again]!);
  }
  return arranged;
}

/* The house around them. */

const dayZone = { current: ZONES[0] as string };
const context: CallsContext = {
  sources: testSources,
  holderOf,
  dayOf: (_state, at) => dayBegun(dayZone.current, at),
  reactors: [countCall],
  lateReactors: [],
};

async function furnish(on: TestLedger): Promise<void> {
  await on.submit(state => {
    state.put(source, PBX);
    state.put(source, NATIVE);
    // 4005 changes hands during the calls.
    state.put(extension, { number: '4005', source: EVERYWHERE, from: 0, until: START + 10_000, userId: 5 });
    state.put(extension, { number: '4005', source: EVERYWHERE, from: START + 10_000, until: FOREVER, userId: 6 });
    state.put(extension, { number: '4006', source: EVERYWHERE, from: 0, until: FOREVER, userId: 7 });
  });
}

/** `prefix` keeps the calls of one run apart from others in the same ledger. */
const named = (reports: readonly IncomingReport[], prefix: string): IncomingReport[] =>
  reports.map(each => ({ ...each, name: each.name.replace('call-', `${prefix}call-`) }));

async function submit(on: TestLedger, reports: readonly IncomingReport[], together: number): Promise<void> {
  for (let first = 0; first < reports.length; first += together) {
    const some = reports.slice(first, first + together);
    await Promise.all(some.map(each => on.ledger.submit(acceptReport(each, context))));
    on.time.now += 700;
  }
}

/** What a person may not say is refused the same way whatever order the reports came in. */
async function say(on: TestLedger, prefix: string, said: readonly Statement[]): Promise<string[]> {
  const ids = await idsByGroup(on, prefix);
  const answers: string[] = [];
  for (const each of said) {
    const id = [...ids].filter(([group]) => group.endsWith(`call-${each.call}`)).map(([, callId]) => callId)[0];
    if (id === undefined) continue;
    const command =
      'retract' in each
        ? retractCorrection(id, each.retract, SAYING, context)
        : correctCall(id, each.fields, null, SAYING, context);
    try {
      await on.ledger.submit<unknown>(command);
      answers.push('said');
    } catch (error) {
      assert.ok(error instanceof ImpossibleCorrection || error instanceof NoSuchCorrection, String(error));
      answers.push(error.name);
    }
  }
  return answers;
}

async function idsByGroup(on: TestLedger, prefix: string): Promise<Map<string, number>> {
  const rows = await on.rows(sourceCall);
  return new Map(rows.filter(row => row.name.includes(`${prefix}call-`)).map(row => [row.name, row.id]));
}

/** The calls of one run by their group, without what depends on the order in which they came. */
async function callsOf(on: TestLedger, prefix: string): Promise<Map<string, object>> {
  const ids = await idsByGroup(on, prefix);
  const rows = new Map((await on.rows<Call>(call)).map(row => [row.id, row]));
  const visits = Map.groupBy(await on.rows(queueVisit), each => each.callId);
  const plain = [...ids].map(([group, id]) => {
    const { id: _id, externalId, legs, ...rest } = withoutSettling(rows.get(id)!);
    const meanings = legs.map(({ party, userId }) => ({ party, userId }));
    const queues = (visits.get(id) ?? []).map(({ callId: _callId, ...visit }) => visit);
    return [
      group.replace(prefix, ''),
      { ...rest, externalId: externalId?.replace(prefix, ''), legs: meanings, queues },
    ] as const;
  });
  return new Map(plain.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const rollupsOf = (on: TestLedger): Promise<AggregateRow[][]> => Promise.all(ROLLUPS.map(each => on.sums(each)));

const miscountsOf = (on: TestLedger) =>
  Array.fromAsync(findMiscounts(on.ledger.reader, COUNTABLE, dayZone.current, () => {}));

/** As the server does when the organisation moves. */
async function move(on: TestLedger, zone: string): Promise<void> {
  dayZone.current = zone;
  for await (const ids of callIdPages(on.ledger.reader, call)) {
    await on.ledger.submit(moveDays(COUNTABLE, ids, context.dayOf));
  }
}

async function countEverythingAgain(on: TestLedger): Promise<void> {
  await emptyRollups(on.ledger.reader, command => on.ledger.submit(command));
  assert.deepEqual((await rollupsOf(on)).flat(), [], 'nothing is left of what was counted');
  for await (const ids of callIdPages(on.ledger.reader, call)) {
    await on.ledger.submit(countAgain(COUNTABLE, ids, context.dayOf));
  }
}

const USERS: Readonly<Record<string, number>> = { '4005': 5, '4006': 6 };

/** Whatever is told and said of it. */
function assertPossible({ startedAt, answeredAt, endedAt, durationSeconds, talkSeconds, outcome }: CallFields): void {
  if (!hasTalk(outcome) && outcome !== 'unknown') {
    assert.deepEqual([answeredAt, talkSeconds ?? 0], [null, 0], `answered or talked in, and ${outcome}`);
  }
  assert.ok(endedAt === null || endedAt >= startedAt, 'ends before it starts');
  if (endedAt === null) return;
  assert.ok(answeredAt === null || (answeredAt >= startedAt && answeredAt <= endedAt), 'answered outside of it');
  assert.ok((talkSeconds ?? 0) <= (durationSeconds ?? (endedAt - startedAt) / 1000), 'talks longer than it lasts');
  const since = answeredAt === null ? Number.POSITIVE_INFINITY : Math.ceil((endedAt - answeredAt) / 1000);
  assert.ok((talkSeconds ?? 0) <= since, 'talks before the answer');
}

/** What several source calls tell, what people say of any of them, and from when on those are one call. */
const joinedParts = fc.array(fc.oneof(pbxReports, nativeReports), { minLength: 2, maxLength: 3 }).chain(parts =>
  fc.record({
    parts: fc.constant(parts.map((reports, n) => reports(`call-${n}`))),
    said: fc.array(
      fc.record({
        of: fc.subarray([1, 2, 3].slice(0, parts.length), { minLength: 1 }),
        was: fc.option(fc.constantFrom(5, 6, 9)),
        fields: corrected,
      }),
      { maxLength: 4 },
    ),
  }),
);

/** Seconds that people talked more than the call, beyond what is rounded for each of them. */
const besideEachOther = ({ fields, participants }: FoldedCall): number =>
  participants.reduce((sum, each) => sum + (each.talkSeconds ?? 0), 0) - (fields.talkSeconds ?? 0);

describe('foldCall', () => {
  test('corrections of parts and of wholes, in any order of reports - one call that can have been', () => {
    const plans = { [PBX.id]: numberPlanOf(PBX, testSources), [NATIVE.id]: numberPlanOf(NATIVE, testSources) };
    const context = {
      planOf: (sourceId: number) => plans[sourceId]!,
      holderOf: (number: string | null) => (number === null ? null : (USERS[number] ?? null)),
    };
    fc.assert(
      fc.property(joinedParts, fc.infiniteStream(fc.nat()), ({ parts, said }, shuffle) => {
        const told = parts.flatMap((reports, n) =>
          reports.map(({ sourceId, key, fact }, place) => ({
            reportId: n * 100 + place + 1,
            sourceCallId: n + 1,
            sourceId,
            key,
            fact,
          })),
        );
        const corrections = said.map(({ of, was, fields }, n) => ({
          reportId: 1_000 + n,
          sourceCallId: of[0]!,
          sourceId: 0,
          key: `correction ${n + 1}`,
          fact: { form: 'correction', n: n + 1, author: 'anna', at: n, reason: null, fields, of, was } as const,
        }));
        const all = [...told, ...corrections];
        const { fields, participants } = foldCall(all, context);
        assertPossible(fields);
        for (const { talkSeconds } of participants) {
          assert.ok((talkSeconds ?? 0) <= (fields.talkSeconds ?? Number.POSITIVE_INFINITY), 'nobody talks longer');
        }
        const order = new Map(all.map(each => [each, shuffle.next().value]));
        const shuffled = all.toSorted((a, b) => order.get(a)! - order.get(b)!);
        const again = foldCall(shuffled, context);
        assert.deepEqual([again.fields, again.participants], [fields, participants]);
      }),
      { numRuns: 500 },
    );
  });

  test('whatever is told and corrected - who talked after one another did not talk longer together than the call', () => {
    const of = {
      planOf: () => numberPlanOf(PBX, testSources),
      holderOf: (number: string | null) => (number === null ? null : (USERS[number] ?? null)),
    };
    const said = fc.record(
      {
        startedAt: fc.integer({ min: 0, max: 400 }).map(second => START + second * 1_000),
        answeredAt: fc.integer({ min: 0, max: 900 }).map(second => START + second * 1_000),
        endedAt: fc.integer({ min: 300, max: 2_000 }).map(second => START + second * 1_000),
        talkSeconds: seconds,
        userId: fc.constantFrom(5, 6, 9),
      },
      { requiredKeys: [] },
    );
    let cut = 0;
    fc.assert(
      fc.property(queueCall, fc.array(said, { minLength: 1, maxLength: 2 }), (legs, corrections) => {
        const told = keyed(legs);
        const before = foldCall(told, of);
        const words = corrections.map((fields, n) => ({
          reportId: 1_000 + n,
          sourceCallId: 1,
          sourceId: 0,
          key: `correction ${n + 1}`,
          fact: { form: 'correction', n: n + 1, author: 'anna', at: n, reason: null, fields } as const,
        }));
        const after = foldCall([...told, ...words], of);
        const beside = besideEachOther(before);
        if (beside > 0) return;
        assert.ok(besideEachOther(after) <= 0, `${besideEachOther(after)} seconds more than the call`);
        const { answeredAt, endedAt, talkSeconds } = after.fields;
        if (answeredAt !== null && answeredAt > before.fields.answeredAt!) cut++;
        for (const { role, talkSeconds: own } of after.participants) {
          assert.ok((own ?? 0) <= Math.ceil((endedAt! - (answeredAt ?? 0)) / 1000), 'talks before the answer');
          if (role === 'transferred' && talkSeconds !== null) assert.ok((own ?? 0) <= talkSeconds);
        }
      }),
      { numRuns: 1_000 },
    );
    assert.ok(cut > 50);
  });

  test('any order and repetition of the same facts - is the same call', () => {
    const plans = { [PBX.id]: numberPlanOf(PBX, testSources), [NATIVE.id]: numberPlanOf(NATIVE, testSources) };
    fc.assert(
      fc.property(fc.oneof(pbxReports, nativeReports), arrivals, (reports, arrival) => {
        const fold = (all: readonly IncomingReport[]) => {
          const { fields, legs, participants, visits } = foldCall(
            all.map(({ sourceId, key, fact }, place) => ({
              // What a program states again is the report it was.
              reportId: fact.form === 'call' ? all.findIndex(each => each.key === key) + 1 : place + 1,
              sourceCallId: 1,
              sourceId,
              key,
              fact,
            })),
            {
              planOf: sourceId => plans[sourceId]!,
              holderOf: (number, _source, at) => (number === '4005' ? (at < START + 10_000 ? 5 : 6) : null),
            },
          );
          return { fields, participants, visits, legs: legs.map(({ party, userId }) => ({ party, userId })) };
        };
        const all = reports('call');
        assert.deepEqual(fold(arrange(all, arrival)), fold(all));
      }),
      { numRuns: 500 },
    );
  });

  test('what a program states of one call, in any order of the kept reports - of each field the report received last', () => {
    const plan = numberPlanOf(NATIVE, testSources);
    const free = ['from', 'did', 'userId', 'extension', 'queue', 'note'] as const;
    fc.assert(
      fc.property(
        fc.array(stated, { minLength: 1, maxLength: 5 }),
        fc.infiniteStream(fc.nat()),
        (statements, shuffle) => {
          const all = statements.map((each, place) => ({
            reportId: place + 1,
            sourceCallId: 1,
            sourceId: NATIVE.id,
            key: String(place),
            fact: statedCall('call', { from: null, ...each }),
          }));
          const context = { planOf: () => plan, holderOf: () => null };
          const { fields } = foldCall(all, context);
          for (const name of free) {
            const last = all.findLast(each => each.fact[name] !== null)?.fact[name] ?? null;
            assert.equal(fields[name], last, name);
          }
          assert.equal(fields.startedAt, all.at(-1)!.fact.startedAt);
          const order = new Map(all.map(each => [each, shuffle.next().value]));
          const shuffled = all.toSorted((a, b) => order.get(a)! - order.get(b)!);
          assert.deepEqual(foldCall(shuffled, context), foldCall(all, context));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('a number that nothing names - is told as an extension that nobody holds', () => {
    const named = { ...PBX, numbers: { ...PBX.numbers, internal: ['7xxx'] } };
    const unnamed = { ...PBX, numbers: { ...PBX.numbers, internal: [] } };
    fc.assert(
      fc.property(fc.oneof(queueCall, oddCall), told => {
        const legs = told.map(each => ({
          ...each,
          to: each.to?.replace(/^4(?=\d{3}$)/, '7') ?? null,
          direction: 'inbound' as const,
        }));
        const fold = (pbx: Source) => {
          const { fields, participants } = foldCall(keyed(legs), {
            planOf: () => numberPlanOf(pbx, testSources),
            holderOf: number => (number === '7005' ? 5 : null),
          });
          return { fields, participants };
        };
        assert.deepEqual(fold(unnamed), fold(named));
      }),
      { numRuns: 500 },
    );
  });

  test('whatever is told - two talk at once only where one asked the other, for less than the whole', () => {
    const pbx = {
      planOf: () => numberPlanOf(PBX, testSources),
      holderOf: (extension: string | null) => (extension === null ? null : (USERS[extension] ?? null)),
    };
    fc.assert(
      fc.property(pbxReports, reports => {
        const facts = reports('call').map(each => each.fact as LegFact);
        const { turns } = readLegs(foldLegs(keyed(facts) as (KeyedFact & { fact: LegFact })[], pbx), pbx);
        for (const [place, one] of turns.entries()) {
          for (const other of turns.slice(place + 1)) {
            if (one.extension === null || other.extension === null || one.extension === other.extension) continue;
            const isAsked = other.leg.fact.from === one.extension || other.to < one.to - ROUNDING_MS;
            assert.ok(isAsked || other.from >= one.to, `${one.extension} and ${other.extension}`);
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('whatever is told - the spans of a call fit into it', () => {
    fc.assert(
      fc.property(pbxReports, reports => {
        const { fields, participants, visits } = foldCall(
          reports('call').map(({ sourceId, key, fact }, place) => ({
            reportId: place + 1,
            sourceCallId: 1,
            sourceId,
            key,
            fact,
          })),
          {
            planOf: () => numberPlanOf(PBX, testSources),
            holderOf: extension => (extension === null ? null : (USERS[extension] ?? null)),
          },
        );
        const { startedAt, endedAt, answeredAt, durationSeconds, talkSeconds, ringSeconds } = fields;
        assert.ok(endedAt !== null && endedAt >= startedAt);
        assert.ok(durationSeconds === null || durationSeconds >= 0);
        assert.ok(talkSeconds === null || talkSeconds >= 0);
        assert.ok(ringSeconds === null || Number.isSafeInteger(ringSeconds));
        assert.ok(answeredAt === null || fields.outcome === 'answered');
        assert.ok(OUTCOMES.includes(fields.outcome));
        const { outcome, direction } = fields;
        assert.equal(outcome, outcomeInDirection(outcome, direction), 'an outcome of this direction');
        assert.equal(fields.short, durationSeconds !== null && durationSeconds < PBX.shortSeconds);
        const isAnswered = outcome === 'answered';
        const answered = participants.filter(each => each.role === 'answered');
        assert.ok(
          isAnswered ? answered.length <= 1 : answered.length === 0,
          'one person at most has the call in the end',
        );
        if (answered.length > 0) assert.equal(answered[0]!.userId, fields.userId);
        for (const each of participants) {
          assert.ok(each.ringSeconds === null || Number.isSafeInteger(each.ringSeconds));
          const talk = each.talkSeconds ?? 0;
          assert.ok(talk >= 0 && talk <= (isAnswered ? talkSeconds! : 0), 'nobody talks longer than the call');
        }
        assert.equal(new Set(participants.map(each => each.userId)).size, participants.length);
        checkVisits(visits, fields);
      }),
      { numRuns: 500 },
    );
  });
});

/** Whatever is told: each queue once, none that was answered in a call that was not, and the call has that which decides. */
function checkVisits(visits: readonly Visit[], { queue, queueWaitSeconds, outcome, direction }: CallFields): void {
  assert.equal(new Set(visits.map(each => `${each.sourceId} ${each.queue}`)).size, visits.length);
  const decisive = decidingVisit(visits.map((each, place) => ({ ...each, place })));
  assert.equal(decisive?.place, visits.length === 0 ? undefined : visits.length - 1, 'the last one decides');
  assert.equal(queue, decisive?.queue ?? null);
  if (decisive !== undefined) assert.equal(queueWaitSeconds, decisive.waitSeconds);
  for (const each of visits) {
    assert.ok(each.waitSeconds === null || Number.isSafeInteger(each.waitSeconds));
    assert.ok(each.outcome !== 'answered' || outcome === 'answered', 'answered in a queue, and not at all');
    assert.equal(each.outcome, outcomeInDirection(each.outcome, direction));
  }
}

const scratch = createScratch('calls');

/** `PROPERTY_FACTOR=10` tries ten times as much. */
const FACTOR = Number(process.env['PROPERTY_FACTOR'] ?? 1);
const TOLD_RUNS = 30 * FACTOR;
const MOVED_RUNS = 12 * FACTOR;

describe('on a ledger', () => {
  /** One ledger for all runs: what the runs before left is counted as well. */
  let sqlite: TestLedger;
  let postgres: TestLedger;
  before(async () => {
    sqlite = await TestLedger.open(await sqliteStore(ENTITIES, scratch.path));
    postgres = await TestLedger.open(await postgresStore(ENTITIES));
    await furnish(sqlite);
    await furnish(postgres);
  });
  after(async () => {
    await sqlite.close();
    await postgres.close();
    scratch[Symbol.dispose]();
  });

  const fresh = async (store: Store, batchCommands?: number) => {
    const on = await TestLedger.open(store, batchCommands === undefined ? {} : { batchCommands });
    await furnish(on);
    return on;
  };

  test('any order, repetition and batching of the same reports - gives the same calls and the same counts', async () => {
    let run = 0;
    let told = 0;
    await fc.assert(
      fc.asyncProperty(calls, sayings, arrivals, arrivals, async (reports, said, one, another) => {
        const prefix = `run-${++run}-`;
        dayZone.current = ZONES[0];
        const all = named(reports, prefix);
        // One after the other, as they are; shuffled and together; shuffled, from far away; shuffled, on disk and on a server.
        const plain = await fresh(memoryStore(ENTITIES));
        await submit(plain, all, 1);
        const shuffled = await fresh(memoryStore(ENTITIES));
        await submit(shuffled, arrange(all, one), one.together);
        const far = await fresh(memoryStore(ENTITIES, { readsOnTheSpot: false }), 3);
        await submit(far, arrange(all, another), another.together);
        await submit(sqlite, arrange(all, one), another.together);
        await submit(postgres, arrange(all, another), one.together);

        const sides = [plain, shuffled, far, sqlite, postgres];
        const expected = await callsOf(plain, prefix);
        for (const on of sides.slice(1)) assert.deepEqual(await callsOf(on, prefix), expected);
        const rollups = await rollupsOf(plain);
        for (const on of [shuffled, far]) assert.deepEqual(await rollupsOf(on), rollups);

        const answers = await say(plain, prefix, said);
        for (const on of sides.slice(1)) assert.deepEqual(await say(on, prefix, said), answers);
        const after = await callsOf(plain, prefix);
        for (const each of await plain.rows<Call>(call)) assertPossible(each);
        for (const on of sides.slice(1)) assert.deepEqual(await callsOf(on, prefix), after);
        const counted = await rollupsOf(plain);
        for (const on of [shuffled, far]) assert.deepEqual(await rollupsOf(on), counted);
        for (const on of sides) assert.deepEqual(await miscountsOf(on), []);

        // The same again changes nothing.
        for (const on of sides) await submit(on, all, 1_000);
        for (const on of sides) assert.deepEqual(await callsOf(on, prefix), after);
        assert.deepEqual(await rollupsOf(plain), counted);
        for (const on of [plain, shuffled, far]) await on.close();
        told += after.size;
      }),
      { numRuns: TOLD_RUNS },
    );
    assert.ok(told > TOLD_RUNS);
  });

  test('another zone, late reports, corrections and counting anew - leave counts that add up', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        calls,
        sayings,
        sayings,
        fc.constantFrom(...ZONES),
        fc.constantFrom(...ZONES),
        fc.nat(),
        async (reports, saidBefore, saidAfter, zone, otherZone, cut) => {
          const prefix = `moved-${++run}-`;
          const all = named(reports, prefix);
          const early = all.slice(0, cut % (all.length + 1));
          const on = await fresh(memoryStore(ENTITIES));
          for (const side of [on, sqlite, postgres]) {
            dayZone.current = ZONES[0];
            await move(side, ZONES[0]);
            await submit(side, early, 3);
            await say(side, prefix, saidBefore);
            await move(side, zone);
            assert.deepEqual(await miscountsOf(side), []);
            await submit(side, all.slice(early.length), 1_000);
            await say(side, prefix, saidAfter);
            assert.deepEqual(await miscountsOf(side), []);
            await move(side, otherZone);
            assert.deepEqual(await miscountsOf(side), []);
            const before = await rollupsOf(side);
            await countEverythingAgain(side);
            assert.deepEqual(await rollupsOf(side), before);
          }
          for (const side of [sqlite, postgres])
            assert.deepEqual(await callsOf(side, prefix), await callsOf(on, prefix));
          await on.close();
        },
      ),
      { numRuns: MOVED_RUNS },
    );
  });
});
