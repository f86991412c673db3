/**
 * What several systems tell of the same calls becomes as many calls as were made (ARCHITECTURE.md, section 2), on every
 * engine.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createScratch } from '../../../test/kit/scratch.ts';
import { memoryStore, STORE_KINDS } from '../../ledger/testing/testStores.ts';
import { source } from '../../sources/entities.ts';
import { type Call, sourceCall } from '../entities.ts';
import type { CallChange } from '../fold/refold.ts';
import type { IncomingReport } from '../reports/report.ts';
import { sourceCallsOf } from '../reports/sourceCalls.ts';
import {
  ENTITIES,
  finishOf,
  legOf,
  OTHER_PBX,
  PORTAL,
  type Registered,
  registrationOf,
  TestOffice,
} from '../testing/testOffice.ts';
import { CALLER_E164, legFact, legReport, PBX, SERIAL, START } from '../testing/testReports.ts';
import { withoutSettling } from '../testing/withoutSettling.ts';

type Scenario = (office: TestOffice) => Promise<void>;
type Options = Parameters<typeof TestOffice.open>[1];

const SCENARIOS: (readonly [title: string, play: Scenario, options: Options])[] = [];
const scenario = (title: string, play: Scenario, options: Options = {}) => SCENARIOS.push([title, play, options]);

/** `2 → -`: call 2 vanished. */
const written = (changes: readonly CallChange[]): string[] =>
  changes.map(({ before, after }) => `${before?.id ?? '-'} → ${after?.id ?? '-'}`);

/** A call without what depends on who came first. */
const bare = ({ id: _id, legs, sourceCalls, ...rest }: Pick<Call, 'id' | 'legs' | 'sourceCalls'>) => ({
  ...rest,
  legs: legs.map(({ party, userId }) => ({ party, userId })),
  sourceCalls: sourceCalls?.length,
});

const R: Registered = { token: 'T', start: 1 };
const FINISH = finishOf(R, { duration: 28, states: { costMicros: 70_000, currency: 'EUR', vote: 4 } });

/* One call, told by a PBX and an application. */

const LEG = legOf('1.1', { start: 0, duration: 30 });
const ORDERS: readonly (readonly [string, readonly IncomingReport[], readonly string[]])[] = [
  ['before', [LEG, registrationOf(R), FINISH], ['call.ended 1', 'call.amended 1', 'call.amended 1']],
  ['in between', [registrationOf(R), LEG, FINISH], ['call.registered 1', 'call.ended 1', 'call.amended 1']],
  ['after', [registrationOf(R), FINISH, LEG], ['call.registered 1', 'call.ended 1', 'call.amended 1']],
];
for (const [when, reports, entries] of ORDERS) {
  scenario(`a leg told ${when} the registration is finished - is the same one call`, async office => {
    office.wait(31);
    const sourceCalls = await office.tellAll(...reports);
    assert.deepEqual(await office.groups(), [[1, 2]]);
    assert.deepEqual(new Set(sourceCalls), new Set([1, 2]));
    assert.deepEqual(await office.told(), entries);
    const [one] = await office.calls();
    assert.deepEqual(
      [one!.sourceId, one!.externalId, one!.outcome, one!.talkSeconds, one!.userId, one!.extension],
      [1, '1.1', 'answered', 28, 1, '2001'],
    );
    assert.deepEqual(
      [one!.startedAt, one!.endedAt, one!.costMicros, one!.currency, one!.vote],
      [START, START + 30_000, 70_000, 'EUR', 4],
    );
    assert.deepEqual(await office.aliases(), ['2>1']);
    assert.equal(written(office.changes).at(-1), '1 → 1');
  });
}

scenario('whatever came first - the call is the same but for its ids', async office => {
  office.wait(31);
  const calls: Call[] = [];
  for (const [n, [, reports]] of ORDERS.entries()) {
    // Another caller each time, so that nothing of it is about the call before.
    const number = `+4420794601${20 + n}`;
    const named = { ...R, token: `T${n}`, number };
    const states = { costMicros: 70_000, currency: 'EUR', vote: 4 };
    for (const each of reports) {
      const what =
        each === LEG
          ? legOf(`1.${n}`, { start: 0, duration: 30, number })
          : each === FINISH
            ? finishOf(named, { duration: 28, states })
            : registrationOf(named);
      await office.tell(what);
    }
    calls.push((await office.calls()).at(-1)!);
  }
  const [first, ...others] = calls.map(each => ({
    ...bare(withoutSettling(each)),
    externalId: '',
    from: '',
    fromE164: '',
  }));
  for (const each of others) assert.deepEqual(each, first);
});

scenario('two calls that turn out to be one - the younger vanishes, and its id leads to the older', async office => {
  // Nobody can know until the application says who it really was.
  office.wait(31);
  await office.tell(legOf('1.1', { start: 0, duration: 30, user: 2 }));
  await office.tell(registrationOf(R));
  assert.deepEqual(await office.groups(), [[1], [2]]);
  office.changes.length = 0;
  const since = (await office.told()).length;
  const accepted = await office.tell(finishOf(R, { duration: 28, user: 2 }));
  assert.deepEqual([accepted.callId, accepted.sourceCallId], [1, 2]);
  assert.deepEqual(await office.groups(), [[1, 2]]);
  assert.deepEqual(await office.told(since), ['call.joined 1', 'call.amended 1']);
  if (office.on.engine.readNow !== undefined) assert.deepEqual(written(office.changes), ['2 → -', '1 → 1']);
  assert.deepEqual((await office.call(2)).id, 1);
});

scenario('a transfer that both agents registered - is one call of two legs, and costs what both cost', async office => {
  const [R1, R2] = [
    { token: 'first', start: 0, user: 1 },
    { token: 'second', start: 31, user: 2 },
  ];
  office.wait(1);
  await office.tell(registrationOf(R1));
  office.wait(30);
  await office.tell(legOf('1.1', { start: 0, duration: 30, user: 1 }));
  await office.tell(finishOf(R1, { duration: 28, states: { costMicros: 100, currency: 'EUR' } }));
  office.wait(32);
  await office.tell(registrationOf(R2));
  office.wait(60);
  await office.tell(finishOf(R2, { duration: 28, states: { costMicros: 20, currency: 'EUR' } }));
  await office.tell(legOf('1.1', { start: 30, duration: 30, user: 2 }));
  assert.deepEqual(await office.groups(), [[1, 2, 3]]);
  assert.deepEqual((await office.pairs()).toSorted(), ['1=2', '3=2']);
  const [one] = await office.calls();
  assert.deepEqual(
    [one!.legs.length, one!.userId, one!.extension, one!.talkSeconds, one!.costMicros, one!.durationSeconds],
    [2, 2, '2002', 56, 120, 60],
  );
});

/* What stays apart. */

for (const seconds of [12, 3]) {
  scenario(`a redial after ${seconds} s - stays two calls, in every order`, async office => {
    const [first, second] = [
      { token: 'first', start: 1 },
      { token: 'second', start: seconds + 1 },
    ];
    const legs = [
      legOf('1.1', { start: 0, duration: 2, status: 'busy' }),
      legOf('1.2', { start: seconds, duration: 20 }),
    ];
    office.wait(40);
    await office.tellAll(registrationOf(second), legs[0]!, finishOf(second, { duration: 18 }));
    await office.tellAll(registrationOf(first), finishOf(first, { duration: 0 }), legs[1]!);
    const calls = await office.calls();
    assert.deepEqual(calls.map(each => each.externalId).toSorted(), ['1.1', '1.2']);
    const outcomes = new Map(calls.map(each => [each.externalId, [each.outcome, sourceCallsOf(each).length]]));
    assert.deepEqual(outcomes.get('1.1'), ['busy', 2]);
    assert.deepEqual(outcomes.get('1.2'), ['answered', 2]);
  });
}

const APART: readonly (readonly [string, IncomingReport])[] = [
  ['an extension nobody holds', legOf('1.1', { start: 0, user: 0 })],
  ['somebody else’s extension', legOf('1.1', { start: 0, user: 2 })],
  ['another number', legOf('1.1', { start: 0, number: '+442079460199' })],
  ['a withheld number', legOf('1.1', { start: 0, number: null })],
  ['the other direction', legOf('1.1', { start: 0, direction: 'outbound' })],
  ['eleven seconds before, and over', legOf('1.1', { start: -10, duration: 5 })],
  ['a queue', legReport('1.1', legFact('6400', 0, 'answered', [30, 20], { from: CALLER_E164 }))],
  [
    'two extensions',
    legReport('1.1', legFact('2001', 0, 'answered', [30, 20], { from: '2002', direction: 'internal' })),
  ],
];
for (const [what, leg] of APART) {
  scenario(`a leg of ${what} - is not the registered call`, async office => {
    office.wait(31);
    await office.tellAll(registrationOf(R), leg, FINISH);
    assert.deepEqual(await office.groups(), [[1], [2]]);
    assert.deepEqual(await office.suspicions(), []);
  });
}

scenario('two PBXs that tell of the same - are two calls, and the registration is of one of them', async office => {
  office.wait(31);
  await office.tell(legOf('1.1', { start: 0, duration: 30 }));
  await office.tell(legOf('1.1', { start: 0, duration: 30, pbx: OTHER_PBX }));
  await office.tellAll(registrationOf({ ...R, name: '1.1' }), finishOf({ ...R, name: '1.1' }, { duration: 28 }));
  const groups = await office.groups();
  assert.deepEqual(groups.map(each => each.length).toSorted(), [1, 2]);
  assert.deepEqual(
    groups.map(each => each.includes(1) && each.includes(2)),
    [false, false],
  );
});

scenario('two registrations of one leg - the nearer one has it, the other is a call of its own', async office => {
  office.wait(31);
  const other = { token: 'other', start: 4 };
  await office.tellAll(registrationOf(other), LEG, registrationOf(R), FINISH, finishOf(other, { duration: 20 }));
  assert.deepEqual(await office.groups(), [[1], [2, 3]]);
});

scenario(
  'without an application that could tell of it too - legs leave nothing to be found by',
  async office => {
    office.wait(31);
    await office.tell(LEG);
    await office.on.submit(state => state.put(source, PORTAL));
    await office.tellAll(registrationOf(R), FINISH);
    assert.deepEqual(await office.groups(), [[1], [2]]);
  },
  { portalActive: false },
);

/* What brings together. */

scenario('withheld numbers - are one party to both who tell of it', async office => {
  office.wait(31);
  await office.tellAll(legOf('1.1', { start: 0, number: 'anonymous' }), registrationOf({ ...R, number: '' }));
  assert.deepEqual(await office.groups(), [[1, 2]]);
});

scenario('the same number, written as everybody does - is one party', async office => {
  office.wait(31);
  const dialled = { start: 0, direction: 'outbound', number: '902079460123' } as const;
  await office.tell(legOf('1.1', dialled));
  await office.tell(registrationOf({ ...R, direction: 'outbound', number: '0044 20 7946 0123' }));
  assert.deepEqual(await office.groups(), [[1, 2]]);
});

scenario('an application that names the PBX’s call - is believed whoever it says it was', async office => {
  office.wait(120);
  await office.tell(legOf('1.1', { start: 0, duration: 30, user: 2, number: '+442079460199' }));
  await office.tell(registrationOf({ ...R, start: 90, name: '1.1' }));
  assert.deepEqual(await office.groups(), [[1, 2]]);
});

/* A call that is named, and none of whose legs is of an agent with somebody outside. */

const menuAndQueue = [
  legReport('1.1', legFact('6200', 0, 'answered', [10, 10])),
  legReport('1.1', legFact('6400', 10, 'no_answer', [20, 0])),
];
const NAMED: readonly (readonly [
  string,
  legs: readonly IncomingReport[],
  registered: Partial<Registered>,
  talk?: number,
])[] = [
  ['menu and queue only', menuAndQueue, {}],
  ['an extension that nobody holds', [legOf('1.1', { start: 0, duration: 30, user: 0 })], {}, 28],
  [
    'one colleague who calls another',
    [legOf('1.1', { start: 0, duration: 30, direction: 'outbound', number: '2002', more: { direction: 'internal' } })],
    { direction: 'outbound', number: '2002' },
    28,
  ],
  ['parties that the application calls otherwise', menuAndQueue, { user: 3, number: '+442079460199' }],
];

/** Every order of these. */
function ordersOf<T>(all: readonly T[]): readonly (readonly T[])[] {
  if (all.length < 2) return [all];
  return all.flatMap((first, n) => ordersOf(all.toSpliced(n, 1)).map(rest => [first, ...rest]));
}

for (const [what, legs, said, talk] of NAMED) {
  const named = { ...R, name: '1.1', ...said };
  scenario(`a named call, ${what} - is one call, whatever came first`, async office => {
    for (const order of ordersOf([...legs, registrationOf(named)])) {
      await using another = await TestOffice.open(memoryStore(ENTITIES));
      another.wait(31);
      await another.tellAll(...order, finishOf(named, { duration: talk ?? 0 }));
      assert.deepEqual(await another.groups(), [[1, 2]], order.map(each => each.kind).join(', '));
      assert.equal((await another.calls())[0]!.talkSeconds ?? 0, talk ?? 0);
    }
    office.wait(31);
    await office.tellAll(registrationOf(named), finishOf(named, { duration: talk ?? 0 }), ...legs);
    assert.deepEqual(await office.groups(), [[1, 2]]);
    await office.split(1);
    await office.tellAll(legOf('1.1', { start: 5, duration: 25, user: 0 }));
    assert.deepEqual(await office.groups(), [[1], [2]], 'what a person separated stays so');
  });
}

scenario('two PBXs with one id of a call - the parties decide whose it is, whatever came first', async office => {
  const named = { ...R, name: '1.1' };
  const strangers = legOf('1.1', { start: 1, user: 0, number: '+442079460199', pbx: OTHER_PBX });
  for (const order of ordersOf([...menuAndQueue, strangers, registrationOf(named)])) {
    await using another = await TestOffice.open(memoryStore(ENTITIES));
    another.wait(31);
    await another.tellAll(...order);
    const [ours, theirs, registered] = [`${SERIAL}|1.1`, strangers.name, named.token].map(async name => {
      const found = (await another.on.rows(sourceCall)).find(each => each.name === name)!;
      return found.callId;
    });
    assert.equal(await registered, await ours);
    assert.notEqual(await registered, await theirs);
  }
  office.wait(31);
  await office.tellAll(menuAndQueue[0]!, { ...menuAndQueue[0]!, sourceId: OTHER_PBX.id, name: strangers.name });
  await office.tell(registrationOf(named));
  assert.deepEqual(await office.groups(), [[1], [2], [3]], 'nothing tells them apart');
});

scenario(
  'a named call and its registration that have both settled - are suspected, and a person decides',
  async office => {
    office.wait(31);
    const named = { ...R, name: '1.1' };
    await office.tellAll(registrationOf(named), finishOf(named, { duration: 28, user: 3 }));
    await office.tell(legOf('1.1', { start: 16 * 60, duration: 1, user: 0 }));
    await office.settleAll();
    await office.tell(menuAndQueue[0]!);
    assert.deepEqual([await office.groups(), await office.suspicions()], [[[1], [2]], ['1?2']]);
    await office.join(1, 2);
    assert.deepEqual([await office.groups(), await office.suspicions()], [[[1, 2]], []]);
  },
);

scenario('either side of midnight - is as near as at noon', async office => {
  const midnight = 15 * 3_600;
  office.wait(midnight + 60);
  await office.tell(legOf('1.1', { start: midnight - 2, duration: 1 }));
  await office.tell(registrationOf({ ...R, start: midnight + 4 }));
  await office.tell(registrationOf({ ...R, token: 'U', start: midnight + 1_000 }));
  await office.tell(legOf('1.2', { start: midnight + 1_000 - 3 * 3_600, duration: 3 * 3_600 + 5, number: null }));
  await office.tell(legOf('1.3', { start: midnight + 1_000 - 3 * 3_600, duration: 3 * 3_600 + 5 }));
  assert.deepEqual(await office.groups(), [[1, 2], [3, 5], [4]]);
});

scenario('a block that reaches back over midnight - is looked at as a whole', async office => {
  const midnight = 15 * 3_600;
  const late = { token: 'T', start: midnight + 300 };
  office.wait(midnight + 21_000);
  await office.tell(legOf('1.1', { start: midnight - 1, duration: 400 }));
  await office.tell(legOf('1.2', { start: midnight + 700, duration: 20_000 }));
  await office.tellAll(registrationOf(late), finishOf(late, { duration: 1_700 }));
  assert.deepEqual(await office.groups(), [[1, 3], [2]]);
  await office.tell(legOf('1.3', { start: midnight + 17_100, duration: 5 }));
  assert.deepEqual(await office.groups(), [[1, 3], [2], [4]]);
});

scenario(
  'an application whose clock is a minute behind - is measured by the starts it states, and by no others',
  async office => {
    for (const n of [0, 1, 2]) {
      office.wait(n * 100);
      await office.tell(registrationOf({ token: `T${n}`, start: n * 100 - 60, number: `+44207946015${n}` }));
    }
    await office.tell(registrationOf({ token: 'unstated', start: 200, number: '+442079460160', clocked: false }));
    office.wait(400);
    await office.tell(registrationOf({ token: 'late', start: 340 }));
    office.wait(405);
    await office.tell(legOf('1.1', { start: 400, duration: 5 }));
    assert.deepEqual((await office.groups()).at(-1), [5, 6]);
  },
  { clocksKnown: false },
);

scenario(
  'a PBX whose clock is a minute ahead - is understood once three reports have shown it',
  async office => {
    const told = (n: number, trueStart: number) => {
      office.wait(trueStart + 5);
      return office.tellAll(
        registrationOf({ token: `T${n}`, start: trueStart, clocked: false }),
        legOf(`1.${n}`, { start: trueStart + 60, duration: 5, number: CALLER_E164 }),
      );
    };
    for (const n of [0, 1, 2, 3]) await told(n, n * 2_000);
    const groups = await office.groups();
    assert.deepEqual(groups.slice(0, 4), [[1], [2], [3], [4]]);
    assert.deepEqual(
      groups.slice(4),
      [
        [5, 6],
        [7, 8],
      ],
      'with the third report the clock is known',
    );
  },
  { clocksKnown: false },
);

scenario(
  'a leg of a PBX that is ahead, told before it can have been by that clock - is no call that was registered later',
  async office => {
    const aheadBy = 60;
    const leg = (n: number, start: number) =>
      office.tell(legOf(`1.${n}`, { start: start + aheadBy, duration: 5, number: n < 3 ? null : CALLER_E164 }));
    for (const n of [0, 1, 2]) {
      office.wait(n * 1_000 + 5);
      await leg(n, n * 1_000);
    }
    office.wait(3_006);
    await leg(3, 3_000);
    office.wait(3_055);
    await office.tell(registrationOf({ token: 'T', start: 3_055, clocked: false }));
    assert.deepEqual((await office.groups()).slice(3), [[4], [5]], 'not by what was told, which was 5 s apart');
    await office.settleAll();
    await leg(4, 3_055);
    assert.deepEqual((await office.groups()).slice(3), [[4], [5, 6]]);
  },
  { clocksKnown: false },
);

/* What changes its mind. */

scenario(
  'a nearer leg that comes later - takes the registration, and the other call is one of its own again',
  async office => {
    const early = { token: 'T', start: 8 };
    office.wait(31);
    await office.tellAll(registrationOf(early), legOf('1.1', { start: 0, duration: 5, status: 'no_answer' }));
    assert.deepEqual(await office.groups(), [[1, 2]]);
    office.changes.length = 0;
    const since = (await office.told()).length;
    await office.tell(legOf('1.2', { start: 9, duration: 20 }));
    assert.deepEqual(await office.groups(), [[1, 3], [2]]);
    assert.deepEqual(await office.aliases(), ['3>1']);
    assert.deepEqual(await office.pairs(), ['1=3']);
    assert.deepEqual(await office.told(since), ['call.amended 1', 'call.split 2', 'call.ended 2']);
    const [one, two] = await office.calls();
    assert.deepEqual([one!.externalId, one!.outcome, one!.startedAt], ['1.2', 'answered', START + 9_000]);
    assert.deepEqual([two!.externalId, two!.outcome, two!.startedAt], ['1.1', 'missed', START]);
    if (office.on.engine.readNow !== undefined) assert.deepEqual(written(office.changes), ['1 → 1', '- → 2']);
  },
);

scenario('a nearer leg, when the farther one is the oldest - the registration gets its own id back', async office => {
  const early = { token: 'T', start: 8 };
  office.wait(31);
  await office.tellAll(
    legOf('1.1', { start: 0, duration: 5 }),
    registrationOf(early),
    finishOf(early, { duration: 9 }),
  );
  assert.deepEqual(await office.groups(), [[1, 2]]);
  const since = (await office.told()).length;
  await office.tell(legOf('1.2', { start: 9, duration: 20 }));
  assert.deepEqual(await office.groups(), [[1], [2, 3]]);
  assert.deepEqual(await office.aliases(), ['3>2']);
  assert.deepEqual(await office.told(since), ['call.amended 1', 'call.split 2', 'call.ended 2']);
  assert.deepEqual(
    (await office.calls()).map(each => each.externalId),
    ['1.1', '1.2'],
  );
});

scenario('a nearer registration that comes later - takes the leg', async office => {
  office.wait(31);
  const other = { token: 'other', start: 6 };
  await office.tellAll(registrationOf(other), finishOf(other, { duration: 20 }), LEG);
  assert.deepEqual(await office.groups(), [[1, 2]]);
  await office.tell(registrationOf(R));
  assert.deepEqual(await office.groups(), [[1], [2, 3]]);
  const [one, two] = await office.calls();
  assert.deepEqual([one!.sourceId, one!.externalId], [PORTAL.id, 'other']);
  assert.deepEqual([two!.sourceId, two!.externalId], [PBX.id, '1.1']);
});

scenario('a pair whose call has settled - stays, whatever is nearer', async office => {
  const early = { token: 'T', start: 8 };
  office.wait(31);
  await office.tellAll(
    legOf('1.1', { start: 0, duration: 5 }),
    registrationOf(early),
    finishOf(early, { duration: 9 }),
  );
  await office.settleAll();
  await office.tell(legOf('1.2', { start: 9, duration: 20 }));
  assert.deepEqual(await office.groups(), [[1, 2], [3]]);
  assert.deepEqual(await office.suspicions(), []);
});

scenario('a finish by somebody else - moves the registration to that one’s leg', async office => {
  office.wait(31);
  await office.tell(registrationOf(R));
  await office.tell(legOf('1.1', { start: 0, duration: 10, user: 1, status: 'no_answer' }));
  await office.tell(legOf('1.2', { start: 4, duration: 20, user: 2 }));
  assert.deepEqual(await office.groups(), [[1, 2], [3]]);
  await office.tell(finishOf(R, { duration: 18, user: 2 }));
  assert.deepEqual(await office.groups(), [[1, 3], [2]]);
  const [one, two] = await office.calls();
  assert.deepEqual([one!.userId, one!.externalId, two!.userId, two!.outcome], [2, '1.2', 1, 'missed']);
});

scenario('a finish by somebody no PBX told of - takes the registration away from the leg', async office => {
  office.wait(31);
  await office.tellAll(LEG, registrationOf(R));
  assert.deepEqual(await office.groups(), [[1, 2]]);
  const since = (await office.told()).length;
  await office.tell(finishOf(R, { duration: 28, user: 3 }));
  assert.deepEqual(await office.groups(), [[1], [2]]);
  assert.deepEqual(await office.pairs(), []);
  assert.deepEqual(await office.told(since), ['call.amended 1', 'call.split 2', 'call.ended 2']);
  assert.equal((await office.call(2)).userId, 3);
});

scenario('a finish by somebody else of a call that is named - changes nothing about which it is', async office => {
  office.wait(31);
  await office.tellAll(LEG, registrationOf({ ...R, name: '1.1' }));
  await office.tell(finishOf({ ...R, name: '1.1' }, { duration: 28, user: 3 }));
  assert.deepEqual(await office.groups(), [[1, 2]]);
});

scenario(
  'a leg by which a clock becomes known - moves others, and is a call of its own all the same',
  async office => {
    const { time } = office.on;
    const now = (seconds: number) => {
      time.now = START + seconds * 1000;
    };
    // The PBX’s clock is a minute ahead; it tells of calls that are over at once.
    now(-52);
    await office.tell(legOf('1.1', { start: 8, duration: 0 }));
    now(0);
    await office.tell(legOf('1.2', { start: 60, duration: 0 }));
    now(0.3);
    await office.tell(registrationOf({ token: 'T', start: 0 }));
    assert.deepEqual(await office.groups(), [[1, 3], [2]], 'by what was told');
    now(3);
    const { callId } = await office.tell(legOf('1.3', { start: 63, duration: 0 }));
    assert.deepEqual(await office.groups(), [[1], [2, 3], [4]], 'by our clock');
    assert.equal((await office.call(callId)).externalId, '1.3');
  },
  { clocksKnown: false },
);

/* Settled. */

scenario('a fresh leg of a registration that has settled - joins it, and nothing settles twice', async office => {
  office.wait(31);
  await office.tellAll(registrationOf(R), FINISH);
  await office.settleAll();
  const since = (await office.told()).length;
  await office.tell(LEG);
  assert.deepEqual(await office.groups(), [[1, 2]]);
  await office.settleAll();
  assert.deepEqual(await office.told(since), ['call.amended 1']);
  assert.deepEqual(await office.suspicions(), []);
});

scenario('a fresh registration of a call that has settled - joins it, and so does its finish', async office => {
  office.wait(31);
  await office.tell(LEG);
  await office.settleAll();
  const since = (await office.told()).length;
  await office.tellAll(registrationOf(R), FINISH);
  assert.deepEqual(await office.groups(), [[1, 2]]);
  await office.settleAll();
  assert.deepEqual(await office.told(since), ['call.amended 1', 'call.amended 1']);
  assert.equal((await office.call(1)).costMicros, 70_000);
});

/** A registration and a call of the PBX that have both settled, and a late leg by which they are found to be one. */
async function foundTooLate(office: TestOffice): Promise<void> {
  office.wait(31);
  await office.tellAll(registrationOf(R), FINISH);
  await office.tell(legOf('1.1', { start: 0, duration: 1, user: 2, status: 'no_answer' }));
  await office.settleAll();
  await office.tell(legOf('1.1', { start: 2, duration: 28, user: 1 }));
}

scenario('two that have both settled - are suspected and left two', async office => {
  await foundTooLate(office);
  assert.deepEqual(await office.groups(), [[1], [2]]);
  assert.deepEqual(await office.suspicions(), ['1?2']);
  assert.deepEqual((await office.told()).slice(-2), ['call.possible_match_found 1', 'call.amended 2']);
  assert.deepEqual(await office.pairs(), []);
});

scenario('a suspicion - is raised once, whatever comes after it', async office => {
  await foundTooLate(office);
  await office.tell(legOf('1.1', { start: 2, duration: 28, user: 1 }));
  await office.tell(legOf('1.1', { start: 2, duration: 28, user: 1, more: { recording: 'a.wav' } }));
  await office.tell(legOf('1.1', { start: 30, duration: 5, user: 1 }));
  await office.tell(legOf('1.2', { start: 300, duration: 5, user: 1 }));
  assert.equal((await office.told()).filter(each => each.startsWith('call.possible_match_found')).length, 1);
  assert.deepEqual(await office.suspicions(), ['1?2']);
  assert.deepEqual(await office.groups(), [[1], [2], [3]]);
});

scenario(
  'a settled registration that is nearest to a settled call - does not keep a fresh one from its own',
  async office => {
    await foundTooLate(office);
    const again = { token: 'again', start: 301 };
    await office.tellAll(legOf('1.2', { start: 300, duration: 5, user: 1 }), registrationOf(again));
    assert.deepEqual(await office.groups(), [[1], [2], [3, 4]]);
  },
);

/** A registration that had settled when the PBX told of its call, a leg nine seconds before it. */
async function joinedTooLate(office: TestOffice): Promise<void> {
  const early = { token: 'T', start: 9 };
  office.wait(31);
  await office.tellAll(registrationOf(early), finishOf(early, { duration: 20 }));
  await office.tell(legOf('1.2', { start: 0, duration: 1, user: 2, status: 'no_answer' }));
  await office.settleAll();
  office.on.time.now += 1_000;
  await office.tell(legOf('1.1', { start: 0, duration: 5 }));
  assert.deepEqual(await office.groups(), [[1, 3], [2]]);
}

scenario('a pair that was found after its call had settled - is found anew when a nearer leg comes', async office => {
  await joinedTooLate(office);
  await office.tell(legOf('1.3', { start: 9, duration: 20 }));
  assert.deepEqual(await office.groups(), [[1, 4], [2], [3]]);
  assert.deepEqual(await office.suspicions(), []);
});

scenario('a nearer leg of a call that has settled too - is suspected, and the pair stays while it is', async office => {
  await joinedTooLate(office);
  await office.tell(legOf('1.2', { start: 9, duration: 20 }));
  assert.deepEqual(await office.groups(), [[1, 3], [2]]);
  assert.deepEqual(await office.pairs(), ['1=3']);
  assert.deepEqual(await office.suspicions(), ['1?2']);
  // Another one that the leg is nearer to takes it, and the suspected one is alone.
  await office.tell(registrationOf({ token: 'U', start: 1 }));
  assert.deepEqual(await office.groups(), [[1], [2], [3, 4]]);
  assert.deepEqual(await office.suspicions(), ['1?2']);
});

/** `0` for a line, and a number of Berlin; without the prefix it would be one of Dortmund. */
const DIALLED_LOCALLY = legOf('1.1', { number: '023125010', direction: 'outbound', start: 0 });
for (const [number, of, groups] of [
  ['+493023125010', 'the number', [[1, 2]]],
  ['+4923125010', 'another number that its digits could be', [[1], [2]]],
] as const) {
  for (const legFirst of [true, false]) {
    scenario(
      `a local call dialled behind the outside prefix, told ${legFirst ? 'before' : 'after'} an application registers ${of} - ${groups.length === 1 ? 'is that call' : 'is a call of its own'}`,
      async office => {
        const berlin = { ...PBX, country: 'DE', areaCode: '30', outsidePrefix: '0' };
        await office.on.submit(state => state.put(source, berlin));
        office.wait(31);
        const registered: Registered = { token: 'T', number, direction: 'outbound', start: 0 };
        const byApp = [registrationOf(registered), finishOf(registered, { duration: 30 })];
        await office.tellAll(...(legFirst ? [DIALLED_LOCALLY, ...byApp] : [...byApp, DIALLED_LOCALLY]));
        assert.deepEqual(await office.groups(), groups);
        const [first] = await office.calls();
        if (groups.length === 1) assert.deepEqual([first!.externalId, first!.toE164], ['1.1', number]);
      },
    );
  }
}

/* Ids. */

scenario('whatever is told under a name - is of its call, however late and whichever id that bears', async office => {
  office.wait(31);
  const first = await office.tell(registrationOf(R));
  const leg = await office.tell(LEG);
  assert.deepEqual([first.callId, leg.callId, leg.sourceCallId], [1, 1, 2]);
  const again = await office.tell(LEG);
  assert.deepEqual([again.verdict, again.callId, again.sourceCallId], ['repeated', 1, 2]);
  await office.settleAll();
  const further = await office.tell(legOf('1.1', { start: 30, duration: 10, user: 3 }));
  assert.deepEqual([further.callId, further.sourceCallId], [1, 2]);
  const call = await office.call(2);
  assert.deepEqual([call.id, call.legs.length, call.userId], [1, 2, 3]);
});

for (const store of STORE_KINDS) {
  describe(`on ${store.name}`, () => {
    for (const [title, play, options] of SCENARIOS) {
      test(title, async () => {
        await using office = await TestOffice.open(await store.make(ENTITIES, createScratch('match').path), options);
        await play(office);
        assert.deepEqual(await office.miscounts(), [], 'what is counted');
      });
    }
  });
}
