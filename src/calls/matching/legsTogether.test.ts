/**
 * Calls of which no leg alone tells whom outside an agent is with: all legs together do, whichever comes first, on every engine
 * (docs/one-call.md).
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createScratch } from '../../../test/kit/scratch.ts';
import { STORE_KINDS } from '../../ledger/testing/testStores.ts';
import { candidate } from '../entities.ts';
import type { IncomingReport } from '../reports/report.ts';
import {
  ENTITIES,
  finishOf,
  type LegInput,
  legOf,
  type Registered,
  registrationOf,
  TestOffice,
} from '../testing/testOffice.ts';
import { CALLER_E164, START } from '../testing/testReports.ts';

/** CALLER_E164, as this PBX dials it. */
const DIALLED = '902079460123';

const dials = (from: string, to: string, start: number): LegInput => ({
  start,
  more: { from, to, direction: 'internal' },
});
/** By a queue, that then calls the customer. */
const callsAgent: LegInput = { start: 0, duration: 30, more: { from: '6400', direction: 'outbound' } };
const callsCustomer = (from: string, more: Partial<LegInput> = {}): LegInput => ({
  start: 5,
  duration: 25,
  more: { from, to: DIALLED, direction: 'outbound', trunkOut: 'main' },
  ...more,
});
const CALLS_OUT: LegInput = { start: 0, direction: 'outbound', number: DIALLED };
const RINGS: LegInput = { start: 0, duration: 8, status: 'no_answer' };

interface Flow {
  readonly what: string;
  readonly legs: readonly LegInput[];
  readonly registered: readonly Registered[];
  /** User, direction and seconds of each leg that is found. */
  readonly found: readonly string[];
}

const CALLED_BACK: readonly Registered[] = [{ token: 'A', direction: 'outbound', start: 0 }];
const HANDED_ON: readonly Registered[] = [
  { token: 'A', direction: 'outbound', start: 1 },
  { token: 'B', user: 2, direction: 'outbound', start: 31 },
];
const FLOWS: readonly Flow[] = [
  {
    what: 'a queue calls back',
    legs: [callsAgent, callsCustomer('6400')],
    registered: CALLED_BACK,
    found: ['1 outbound 0-30'],
  },
  {
    what: 'a queue calls back and reaches nobody',
    legs: [callsAgent, callsCustomer('6400', { status: 'no_answer' })],
    registered: CALLED_BACK,
    found: ['1 outbound 0-30'],
  },
  {
    what: 'a queue calls the second of its agents for a call-back',
    legs: [
      { ...callsAgent, user: 2, duration: 4, status: 'no_answer' },
      { ...callsAgent, start: 4 },
      callsCustomer('6400', { start: 9 }),
    ],
    registered: CALLED_BACK,
    found: ['1 outbound 4-34', '2 unknown 0-4'],
  },
  {
    what: 'a queue has its agent call back',
    legs: [callsAgent, callsCustomer('2001')],
    registered: CALLED_BACK,
    found: ['1 outbound 5-30'],
  },
  {
    what: 'one picks up what rings at another',
    legs: [RINGS, dials('2002', '*042001', 8)],
    registered: [{ token: 'A', user: 2, start: 8 }],
    found: ['1 inbound 0-8', '2 inbound 8-38'],
  },
  {
    what: 'one takes what another parked',
    legs: [{ start: 0 }, { start: 30, more: { to: '6001' } }, dials('2002', '6001', 60)],
    registered: [
      { token: 'A', start: 1 },
      { token: 'B', user: 2, start: 61 },
    ],
    found: ['1 inbound 0-30', '2 inbound 60-90'],
  },
  {
    what: 'one takes what another parked, and has a leg of that telephone too',
    legs: [{ start: 0 }, { start: 60, user: 2, more: { talkSeconds: 30 } }, dials('2002', '6001', 60)],
    registered: [
      { token: 'A', start: 1 },
      { token: 'B', user: 2, start: 61 },
    ],
    found: ['1 inbound 0-30', '2 inbound 60-90'],
  },
  {
    what: 'a call out is handed on in the name of a colleague',
    legs: [CALLS_OUT, dials('2001', '2002', 30)],
    registered: HANDED_ON,
    found: ['1 outbound 0-30', '2 unknown 30-60'],
  },
  {
    what: 'a call out is handed on in the name of whom it called',
    legs: [CALLS_OUT, dials(DIALLED, '2002', 30)],
    registered: HANDED_ON,
    found: ['1 outbound 0-30', '2 unknown 30-60'],
  },
  {
    what: 'a call out is handed on to one who registers that it came in',
    legs: [CALLS_OUT, dials('2001', '2002', 30)],
    registered: [HANDED_ON[0]!, { token: 'B', user: 2, start: 31 }],
    found: ['1 outbound 0-30', '2 unknown 30-60'],
  },
  {
    what: 'a call in is handed on in the name of a colleague',
    legs: [{ start: 0 }, dials('2001', '2002', 30)],
    registered: [
      { token: 'A', start: 1 },
      { token: 'B', user: 2, start: 31 },
    ],
    found: ['1 inbound 0-30', '2 inbound 30-60'],
  },
];

/** The legs that are found, of the call that began `from` seconds after START. */
async function legsFound(office: TestOffice, from = 0): Promise<readonly string[]> {
  const rows = (await office.on.rows(candidate)).filter(({ role }) => role === 'leg');
  for (const { numberKey } of rows) assert.equal(numberKey, CALLER_E164);
  const seconds = (at: number) => (at - START) / 1000 - from;
  return rows
    .filter(each => Math.abs(seconds(each.startedAt)) < HOUR_SECONDS / 2)
    .map(each => `${each.userId} ${each.direction} ${seconds(each.startedAt)}-${seconds(each.endedAt!)}`)
    .sort();
}

const HOUR_SECONDS = 3_600;

/** Each tells the same call. */
const ORDERS: readonly ((stages: readonly IncomingReport[], apps: readonly IncomingReport[]) => IncomingReport[])[] = [
  (stages, apps) => [...stages, ...apps],
  (stages, apps) => [...apps, ...stages],
  (stages, apps) => [...stages.toReversed(), ...apps],
  (stages, apps) => [...apps, ...stages.toReversed()],
  (stages, [registering, ...finishing]) => [registering!, ...stages.toReversed(), ...finishing],
];

for (const store of STORE_KINDS) {
  describe(`on ${store.name}`, () => {
    for (const { what, legs, registered, found } of FLOWS) {
      test(`${what}, told before, after or while it is registered, either leg first - is one call`, async () => {
        await using office = await TestOffice.open(await store.make(ENTITIES, createScratch('match').path));
        for (const [n, inOrder] of ORDERS.entries()) {
          const from = n * HOUR_SECONDS;
          office.wait(from + 120);
          const stages = legs.map(each => legOf(`1.${n}`, { ...each, start: from + each.start }));
          const apps = registered
            .map(each => ({ ...each, token: `${each.token}${n}`, start: from + each.start }))
            .flatMap(each => [registrationOf(each), finishOf(each, { duration: 20 })]);
          await office.tellAll(...inOrder(stages, apps));
          assert.deepEqual(await legsFound(office, from), found);
          const sizes = (await office.groups()).map(each => each.length);
          assert.deepEqual(sizes, Array(n + 1).fill(1 + registered.length));
        }
        assert.deepEqual(await office.miscounts(), [], 'what is counted');
      });
    }

    /** A code that is dialled while another talks takes no call. Nobody holds that one's telephone. */
    const talks = legOf('1.1', { start: 0, duration: 60, user: 0 });
    const code = [legOf('1.1', RINGS), legOf('1.1', dials('2002', '*042001', 8))];
    const byCode: Registered = { token: 'A', user: 2, start: 8 };

    test('a leg that turns out to be of nobody with a number outside - leaves its registration', async () => {
      await using office = await TestOffice.open(await store.make(ENTITIES, createScratch('match').path));
      office.wait(120);
      await office.tellAll(...code, registrationOf(byCode));
      assert.deepEqual(await office.groups(), [[1, 2]]);
      await office.tell(talks);
      assert.deepEqual(await legsFound(office), ['1 inbound 0-8']);
      assert.deepEqual([await office.groups(), await office.pairs()], [[[1], [2]], []]);
      await office.tell(finishOf(byCode, { duration: 20 }));
      assert.deepEqual(await office.groups(), [[1], [2]]);
      assert.deepEqual(await office.miscounts(), [], 'what is counted');
    });

    test('a leg that turns out so after its call has settled - keeps its registration', async () => {
      await using office = await TestOffice.open(await store.make(ENTITIES, createScratch('match').path));
      office.wait(120);
      await office.tellAll(...code, registrationOf(byCode), finishOf(byCode, { duration: 20 }));
      await office.settleAll();
      await office.tell(talks);
      assert.deepEqual(await legsFound(office), ['1 inbound 0-8']);
      assert.deepEqual([await office.groups(), await office.pairs()], [[[1, 2]], ['2=1']]);
      await office.tell(finishOf({ ...byCode, number: '+442079460199' }, { duration: 20 }));
      assert.deepEqual(await office.groups(), [[1, 2]]);
      assert.deepEqual(await office.miscounts(), [], 'what is counted');
    });
  });
}
