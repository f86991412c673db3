/**
 * A PBX, a telephony application and agents' desktops tell of the same calls, with clocks of their own, late, twice, and in
 * any order: there are as many calls as were made, and each is told of by those who told of it (ARCHITECTURE.md, section
 * 2).
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { entities } from '../../src/app/entities.ts';
import { callsContext, counted } from '../../src/app/reactors.ts';
import { call } from '../../src/calls/entities.ts';
import { findUnlikeCalls } from '../../src/calls/queries/unlikeCalls.ts';
import { callIdOf } from '../../src/calls/reports/sourceCalls.ts';
import { settleCalls } from '../../src/calls/settling/settle.ts';
import { record } from '../../src/campaigns/entities.ts';
import type { AnyEntity } from '../../src/ledger/entity.ts';
import { memoryStore, postgresStore, type Store, sqliteStore } from '../../src/ledger/testing/testStores.ts';
import { portalCall } from '../../src/portal/entities.ts';
import { source } from '../../src/sources/entities.ts';
import { findMiscounts } from '../../src/statistics/recount.ts';
import { Office } from './office.ts';
import { AGENTS, beginningOf, type Day, days, endOf, type Leg, type MadeCall, NUMBERS } from './switchboard.ts';

const HOUR_MS = 3_600_000;
const RECORDS = Array.from({ length: 60 }, (_, n) => NUMBERS[n % NUMBERS.length]!);
/** Of the call results of the desktops' vendor. */
const WRONG_PARTY = 40;
const RESULT_OF = { ANSWERED: 33, 'NO ANSWER': 7, BUSY: 6 } as const;

/** One thing that is told, at an instant of the true time. */
interface Delivery {
  readonly at: number;
  /** Those of one thread keep their order, whatever else is shuffled. */
  readonly thread: string;
  readonly tell: () => Promise<void>;
}

/** What was told about each call that was made. */
class Reported {
  /** The number that was really called: a desktop's record says which. */
  readonly numbers = new Map<MadeCall, string>();
  readonly tokens = new Map<Leg, string>();
  readonly handles = new Map<MadeCall, number>();
}

function deliveriesOf(day: Day, office: Office, reported: Reported, lateMs: (n: number) => number): Delivery[] {
  const deliveries: Delivery[] = [];
  let nth = 0;
  const late = () => lateMs(nth++);
  for (const made of day.calls) {
    const first = made.legs[0]!;
    const number = () => reported.numbers.get(made) ?? made.number;
    if (made.record !== null) {
      const { saysResult } = made.record;
      deliveries.push({
        at: first.startedAt - 3_000,
        thread: `desktop ${first.agent.id}`,
        tell: async () => {
          const got = await office.retrieve(first.agent);
          assert.ok(got !== null);
          reported.numbers.set(made, got.number);
          reported.handles.set(made, got.handle);
        },
      });
      deliveries.push({
        at: endOf(first) + 2_000,
        thread: `desktop ${first.agent.id}`,
        tell: () => office.completeRecord(first.agent, reported.handles.get(made)!, saysResult ? WRONG_PARTY : null),
      });
    }
    for (const [place, leg] of made.legs.entries()) {
      const rows = leg.written === 'callBack' ? ['agent', 'customer'] : ['own'];
      for (const [nthRow, row] of rows.entries()) {
        const event = () => {
          const whole = eventOf(day, made, leg, number());
          return row === 'own' ? whole : calledBack(whole, row === 'agent' ? leg : null);
        };
        const pushed: Delivery = {
          at: endOf(leg) + 200 + late(),
          thread: `leg ${made.no} ${place} ${nthRow}`,
          tell: () => office.push(event()),
        };
        // A PBX that got no answer sends the event again.
        deliveries.push(pushed, { ...pushed, at: pushed.at + 500, thread: `again ${made.no} ${place} ${nthRow}` });
      }
      if (leg.registered !== null) deliveries.push(...registrationOf(day, made, leg, office, reported, number, late));
    }
  }
  return deliveries;
}

function registrationOf(
  day: Day,
  made: MadeCall,
  leg: Leg,
  office: Office,
  reported: Reported,
  number: () => string,
  late: () => number,
): Delivery[] {
  const { lateMs, statesStart, statesCode, namesCall } = leg.registered!;
  const thread = `registration ${made.no} ${leg.agent.id}`;
  const params = () => ({
    USER_ID: leg.agent.id,
    PHONE_NUMBER: number(),
    TYPE: made.direction === 'outbound' ? 1 : 2,
    SHOW: 0,
    // Without it, a redial before the first finish is the same call to a portal.
    EXTERNAL_CALL_ID: namesCall ? `1700000000.${made.no}` : `app-${made.no}-${leg.agent.id}`,
    ...(statesStart ? { CALL_START_DATE: new Date(leg.startedAt + day.appAheadMs).toISOString() } : {}),
  });
  const CODES = { ANSWERED: 200, 'NO ANSWER': 304, BUSY: 486 } as const;
  return [
    {
      at: leg.startedAt + lateMs,
      thread,
      tell: async () => {
        const token = await office.register(params());
        reported.tokens.set(leg, token);
        assert.equal(await office.register(params()), token, 'a repeat is the same call');
      },
    },
    {
      at: Math.max(endOf(leg) + 300, leg.startedAt + lateMs + 100) + late(),
      thread,
      tell: () =>
        office.finish({
          CALL_ID: reported.tokens.get(leg)!,
          USER_ID: leg.agent.id,
          DURATION: leg.talkSeconds,
          ...(statesCode ? { STATUS_CODE: CODES[leg.status] } : {}),
        }),
    },
  ];
}

/** Of a queue that calls its agent, and then the customer; `leg` is the agent's. */
function calledBack(event: ReturnType<typeof eventOf>, leg: Leg | null) {
  const byQueue = { ...event, call_from: '6400' };
  if (leg === null) return byQueue;
  const { extension } = leg.agent;
  return { ...byQueue, call_to: extension, dst_trunk_name: '', talk_duration: event.call_duration, status: 'ANSWERED' };
}

/** Event 30012 of a leg, by the PBX's clock, in whole seconds. */
function eventOf(day: Day, made: MadeCall, leg: Leg, number: string) {
  const start = new Date(leg.startedAt + day.pbxAheadMs).toISOString().slice(0, 19).replace('T', ' ');
  const outbound = made.direction === 'outbound';
  const { extension } = leg.agent;
  const lasted = { call_duration: leg.ringSeconds + leg.talkSeconds, talk_duration: leg.talkSeconds };
  const told = { call_id: `1700000000.${made.no}`, time_start: start, ...lasted, status: leg.status };
  const within = { src_trunk_name: '', dst_trunk_name: '', type: 'Internal' };
  const dialled = `9${number.replace('+1', '').replace('+', '011')}`;
  if (leg.written === 'fromSlot') return { ...told, ...within, call_from: extension, call_to: '6001' };
  if (leg.written === 'byColleague') {
    return { ...told, ...within, call_from: made.legs[0]!.agent.extension, call_to: extension };
  }
  if (leg.written === 'byCustomer' && outbound) return { ...told, ...within, call_from: dialled, call_to: extension };
  return {
    ...told,
    call_from: outbound ? extension : number,
    call_to: outbound ? dialled : extension,
    src_trunk_name: outbound ? '' : 'Trunk1',
    dst_trunk_name: outbound ? 'Trunk1' : '',
    type: outbound ? 'Outbound' : 'Inbound',
  };
}

/** Calls about which only one system tells, in time: by these the clocks are known. Six of them. */
async function showClocks(office: Office, day: Day, at: number): Promise<void> {
  const { time } = office.on;
  for (let n = 1; n <= 3; n++) {
    time.now = at + n * 60_000;
    const startedAt = time.now - 300;
    const number = `+1212555019${n}`;
    const { agent } = day.calls[0]!.legs[0]!;
    const leg = { agent, startedAt, ringSeconds: 0, talkSeconds: 0, written: 'own' as const };
    const made = { no: 1_000 + n, number, direction: 'inbound' as const, legs: [], record: null };
    await office.push(eventOf(day, made, { ...leg, status: 'BUSY', registered: null }, number));
    const token = await office.register({
      USER_ID: 2,
      PHONE_NUMBER: `+1212555018${n}`,
      TYPE: 2,
      SHOW: 0,
      CALL_START_DATE: new Date(startedAt + day.appAheadMs).toISOString(),
    });
    await office.finish({ CALL_ID: token, USER_ID: 2, DURATION: 0 });
  }
}
const CLOCK_CALLS = 6;

/** What the settling worker does when its time has come. */
async function settleDue(office: Office): Promise<void> {
  await office.on.ledger.submit(settleCalls());
}

async function check(office: Office, day: Day, reported: Reported): Promise<void> {
  const { on } = office;
  const calls = await on.rows(call);
  assert.equal(calls.length, day.calls.length + CLOCK_CALLS, 'as many calls as were made');
  const pbx = on.ledger.directory.find(source, 'byKey', 'hq')[0]!;
  const registrations = new Map((await on.rows(portalCall)).map(each => [each.token, each]));
  let finished = CLOCK_CALLS / 2;
  let unregistered = CLOCK_CALLS / 2;
  for (const made of day.calls) {
    const own = calls.filter(each => each.sourceId === pbx.id && each.externalId === `1700000000.${made.no}`);
    assert.equal(own.length, 1, `call ${made.no} is the PBX's`);
    const [mine] = own;
    const tokens = made.legs.flatMap(leg => reported.tokens.get(leg) ?? []);
    for (const token of tokens) {
      const { id } = registrations.get(token)!;
      const callId = await on.submit(state => callIdOf(state, id));
      assert.equal(callId, mine!.id, `registration of call ${made.no}`);
    }
    finished += tokens.length;
    if (tokens.length === 0) unregistered++;
    await checkRecord(office, made, reported, mine!.id);
  }
  const listed = await office.listed();
  assert.equal(listed.length, finished + unregistered, 'a line per finished registration, and per call without one');
  assert.equal(new Set(listed.map(each => each['ID'])).size, listed.length);
  assert.deepEqual(await Array.fromAsync(findMiscounts(on.ledger.reader, counted, 'UTC', () => {})), []);
  const unlike = findUnlikeCalls(on.ledger.reader, on.ledger.directory, callsContext, () => {});
  assert.deepEqual(await Array.fromAsync(unlike), [], 'calls are the folds of their reports');
}

async function checkRecord(office: Office, made: MadeCall, reported: Reported, callId: number): Promise<void> {
  const handle = reported.handles.get(made);
  if (handle === undefined) return;
  const row = (await office.on.rows(record)).find(each => each.handle === handle)!;
  assert.equal(row.callId, callId, `record of call ${made.no}`);
  assert.equal(row.callResult, made.record!.saysResult ? WRONG_PARTY : RESULT_OF[made.legs[0]!.status]);
  assert.equal(row.attempt, 1);
}

/** Taken away whatever happens: a counterexample is told by its seed. */
function directory(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'aftercall-crossing-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Everything of a day in the order of `arrange`, which must keep threads in order. */
async function tellAll(
  store: Store,
  day: Day,
  lateMs: (n: number) => number,
  arrange: (deliveries: readonly Delivery[]) => readonly Delivery[],
  settles: boolean,
): Promise<void> {
  using scratch = directory();
  const office = await Office.open(store, scratch.path, RECORDS, beginningOf(day) - 2 * HOUR_MS);
  const { time } = office.on;
  try {
    await showClocks(office, day, beginningOf(day) - HOUR_MS);
    const reported = new Reported();
    for (const delivery of arrange(deliveriesOf(day, office, reported, lateMs))) {
      if (settles) {
        // The worker looks four times a second.
        for (const at of [time.now + 1_200, time.now + 5_300]) {
          if (at >= delivery.at) break;
          time.now = at;
          await settleDue(office);
        }
      }
      time.now = Math.max(time.now, delivery.at);
      if (settles) await settleDue(office);
      await delivery.tell();
    }
    await check(office, day, reported);
  } finally {
    await office.close();
  }
}

const inTime = (deliveries: readonly Delivery[]): readonly Delivery[] =>
  deliveries
    .map((delivery, place) => ({ delivery, place }))
    .sort((a, b) => a.delivery.at - b.delivery.at || a.place - b.place)
    .map(({ delivery }) => delivery);

/**
 * Desktops as they were, everything else after it and in any order: `weights` say which thread goes on next.
 */
const shuffled =
  (weights: readonly number[]) =>
  (deliveries: readonly Delivery[]): readonly Delivery[] => {
    const desktops = inTime(deliveries.filter(each => each.thread.startsWith('desktop')));
    const threads = new Map<string, Delivery[]>();
    for (const each of inTime(deliveries.filter(other => !other.thread.startsWith('desktop')))) {
      threads.set(each.thread, [...(threads.get(each.thread) ?? []), each]);
    }
    const waiting = [...threads.values()];
    const order: Delivery[] = [];
    for (let step = 0; waiting.length > 0; step++) {
      const place = (weights[step % weights.length]! + step) % waiting.length;
      order.push(waiting[place]!.shift()!);
      if (waiting[place]!.length === 0) waiting.splice(place, 1);
    }
    return [...desktops, ...order];
  };

/** In any order, a registration that says nothing of its start started when it came: such a one was not late. */
const withStarts = (day: Day): Day => ({
  ...day,
  calls: day.calls.map(made => ({
    ...made,
    legs: made.legs.map(leg => ({
      ...leg,
      registered: leg.registered === null ? null : { ...leg.registered, statesStart: true },
    })),
  })),
});

const lateness = fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 12 });
const weights = fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 40 });

/** `CROSSING_FACTOR=10` tries ten times as much. */
const FACTOR = Number(process.env['CROSSING_FACTOR'] ?? process.env['PROPERTY_FACTOR'] ?? 1);

const stores: readonly { name: string; runs: number; make: (directory: string) => Store | Promise<Store> }[] = [
  { name: 'memory', runs: 20 * FACTOR, make: () => memoryStore(entities as readonly AnyEntity[]) },
  {
    name: 'memory, loaded',
    runs: 20 * FACTOR,
    make: () => memoryStore(entities as readonly AnyEntity[], { readsOnTheSpot: false }),
  },
  { name: 'sqlite', runs: 5 * FACTOR, make: directory => sqliteStore(entities as readonly AnyEntity[], directory) },
  { name: 'PostgreSQL', runs: 5 * FACTOR, make: () => postgresStore(entities as readonly AnyEntity[]) },
];

const AN_AGENT = AGENTS[0];
const dialled = (no: number, startedAt: number, record: MadeCall['record']): MadeCall => ({
  no,
  number: NUMBERS[0],
  direction: 'outbound',
  legs: [
    {
      agent: AN_AGENT,
      startedAt,
      ringSeconds: 0,
      talkSeconds: 1,
      status: 'ANSWERED',
      written: 'own',
      registered: null,
    },
  ],
  record,
});

/** By the PBX's own clock, the first call seems to be of the record that the agent got after it. */
test('a PBX that is ahead, and a call just before one from a list - is no attempt of the record', async () => {
  using scratch = directory();
  const at = Date.UTC(2026, 2, 2, 15);
  const calls = [dialled(1, at, null), dialled(2, at + 11_000, { saysResult: false })];
  const store = await sqliteStore(entities as readonly AnyEntity[], scratch.path);
  await tellAll(store, { calls, pbxAheadMs: 6_000, appAheadMs: 0 }, () => 0, inTime, true);
});

const TAKER = AGENTS[2];
/** Answered, and taken over by somebody who dialled nothing. */
const handedOver = (no: number, startedAt: number): MadeCall => {
  const [first] = dialled(no, startedAt, null).legs;
  const taken = { ...first!, agent: TAKER, startedAt: startedAt + 1_000, talkSeconds: 20 };
  return { ...dialled(no, startedAt, { saysResult: false }), legs: [first!, taken] };
};

test('a call from a list that another agent takes over, told last leg first - is an attempt of the record', async () => {
  using scratch = directory();
  const day = { calls: [handedOver(1, Date.UTC(2026, 2, 2, 15))], pbxAheadMs: 0, appAheadMs: 0 };
  const store = await sqliteStore(entities as readonly AnyEntity[], scratch.path);
  const lastLegFirst = (deliveries: readonly Delivery[]) => [
    ...deliveries.filter(each => each.thread.startsWith('desktop')),
    ...deliveries.filter(each => !each.thread.startsWith('desktop')).reverse(),
  ];
  await tellAll(store, day, () => 0, lastLegFirst, false);
});

for (const { name, runs, make } of stores) {
  describe(`three reporters, ${name}`, { timeout: 1_800_000 * FACTOR }, () => {
    test('as they happen, late and twice, while calls settle - are as many calls as were made', async () => {
      await fc.assert(
        fc.asyncProperty(days, lateness, async (day, lates) => {
          using scratch = directory();
          await tellAll(await make(scratch.path), day, n => lates[n % lates.length]!, inTime, true);
        }),
        { numRuns: runs },
      );
    });

    test('in any order - are as many calls as were made', async () => {
      await fc.assert(
        fc.asyncProperty(days, weights, async (day, turns) => {
          using scratch = directory();
          await tellAll(await make(scratch.path), withStarts(day), () => 0, shuffled(turns), false);
        }),
        { numRuns: runs },
      );
    });
  });
}
