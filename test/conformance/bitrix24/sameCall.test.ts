/** The half hour in which a registration is the same call, and whose it is. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { FINISH, type Hook, type Params, REGISTER, type Registered } from './cases.ts';
import { NOON, openTimedPortal, type TimedPortal } from './timedPortal.ts';

const MINUTE_MS = 60_000;
const INPUT = { USER_ID: 1, PHONE_NUMBER: '+14155550101', TYPE: 2, SHOW: 0 };

interface RegisteringPortal extends TimedPortal {
  /** The CALL_ID. */
  register(changes?: Params, hook?: Hook): Promise<string>;
}

async function openPortal(t: TestContext): Promise<RegisteringPortal> {
  const portal = await openTimedPortal(t);
  return {
    ...portal,
    register: async (changes, hook) =>
      (await portal.ask<Registered>(REGISTER, { ...INPUT, ...changes }, hook)).result.CALL_ID,
  };
}

test('B24-04 register again after 31 minutes - another CALL_ID', async t => {
  const { time, register } = await openPortal(t);
  const first = await register();
  time.now = NOON + 31 * MINUTE_MS;
  const second = await register();
  assert.notEqual(second, first);
  assert.equal(second.split('.')[2], String((NOON + 31 * MINUTE_MS) / 1000));
});

test('B24-04 register again within half an hour - the same, counted from the first registration', async t => {
  const { time, register } = await openPortal(t);
  const first = await register();
  for (const minutes of [1, 15, 29]) {
    time.now = NOON + minutes * MINUTE_MS;
    assert.equal(await register(), first, `after ${minutes} minutes`);
  }
  time.now = NOON + 30 * MINUTE_MS - 1;
  assert.equal(await register(), first);
  time.now = NOON + 30 * MINUTE_MS + 1;
  const second = await register();
  assert.notEqual(second, first);
  // Of the two that are open, a repeat now means the one of this half hour.
  time.now += MINUTE_MS;
  assert.equal(await register(), second);
});

test('B24-04 register again after 31 minutes - the first call can still be finished, and both are calls', async t => {
  const { time, register, ask } = await openPortal(t);
  const first = await register();
  time.now = NOON + 31 * MINUTE_MS;
  const second = await register();
  for (const id of [first, second]) {
    const { result } = await ask<Record<string, unknown>>(FINISH, { CALL_ID: id, USER_ID: 1, DURATION: 5 });
    assert.equal(result['CALL_ID'], id);
  }
});

test('B24 11.1 register with a stated start that is more than 30 s from the other - two calls, each found again', async t => {
  const { time, register } = await openPortal(t);
  const starting = (at: number) => register({ CALL_START_DATE: new Date(at).toISOString() });
  const first = await starting(NOON - MINUTE_MS);
  time.now = NOON + 10 * MINUTE_MS;
  assert.equal(await starting(NOON - MINUTE_MS + 30_000), first);
  const second = await starting(NOON - MINUTE_MS + 31_000);
  assert.notEqual(second, first);
  time.now += MINUTE_MS;
  assert.equal(await starting(NOON - MINUTE_MS), first);
  assert.equal(await starting(NOON - MINUTE_MS + 31_000), second);
  // Near both of them: as it was answered before there was a second one.
  assert.equal(await starting(NOON - MINUTE_MS + 30_000), first);
  assert.equal(await register(), second, 'no start is stated: the latest');
});

test('B24 11.1 register with a start only one of the two states - the same call', async t => {
  const { register } = await openPortal(t);
  const first = await register();
  assert.equal(await register({ CALL_START_DATE: '2026-03-02T11:00:00Z' }), first);
});

test('B24 11.1 register what began days ago - found again by the start that is stated', async t => {
  const { time, register } = await openPortal(t);
  const late = { CALL_START_DATE: '2026-02-20T09:00:00Z' };
  const first = await register(late);
  time.now += MINUTE_MS;
  assert.equal(await register(late), first);
});

test('B24 11.1 CALL_ID - 32 hex digits that rise with time, and the second of registering', async t => {
  const { time, register } = await openPortal(t);
  const ids: string[] = [];
  for (let n = 0; n < 20; n++) {
    time.now = NOON + n * 7;
    const id = await register({ PHONE_NUMBER: `+1415555${String(1000 + n)}` });
    assert.match(id, /^externalCall\.[0-9a-f]{32}\.1772452800$/);
    ids.push(id);
  }
  assert.deepEqual(ids.toSorted(), ids);
  assert.equal(new Set(ids.map(id => id.slice(25, 45))).size, ids.length, 'twenty digits are random');
});

test('B24 11.1 the same call by another webhook - a call of its own, each found again by its own', async t => {
  const { time, register } = await openPortal(t);
  const first = await register();
  const second = await register({}, 'second');
  assert.notEqual(second, first);
  time.now += 10 * MINUTE_MS;
  assert.equal(await register(), first);
  assert.equal(await register({}, 'second'), second);
  // Whoever owns the webhook: what counts is which one it is.
  const agents = await register({}, 'agent');
  assert.ok(![first, second].includes(agents));
  assert.equal(await register({}, 'agent'), agents);
});

test('B24 11.1 the same PBX id by another webhook - a call of its own', async t => {
  const { register } = await openPortal(t);
  const named = { EXTERNAL_CALL_ID: 'x1', LINE_NUMBER: '+14155550199' };
  const first = await register(named);
  assert.notEqual(await register(named, 'second'), first);
  assert.equal(await register({ EXTERNAL_CALL_ID: 'x1' }), first);
});

test('B24 20.11 the same call by two webhooks - each finishes the other one’s', async t => {
  const { register, ask } = await openPortal(t);
  const first = await register();
  const second = await register({}, 'second');
  for (const [id, hook] of [
    [first, 'second'],
    [second, 'administrator'],
  ] as const) {
    const { result } = await ask<Record<string, unknown>>(FINISH, { CALL_ID: id, USER_ID: 1, DURATION: 5 }, hook);
    assert.equal(result['CALL_ID'], id);
  }
  // Both have ended: nobody finds them any more.
  const again = [await register(), await register({}, 'second')];
  assert.ok(!again.includes(first) && !again.includes(second));
});

test('B24 4 the times of an answer - those of the clock, in the zone of the portal', async t => {
  const { time, ask } = await openPortal(t);
  time.now = Date.UTC(2026, 6, 1, 9, 30, 0, 250);
  const { time: times } = await ask(REGISTER, INPUT);
  assert.deepEqual(times, {
    start: 1_782_898_200.25,
    finish: 1_782_898_200.25,
    duration: 0,
    processing: 0,
    date_start: '2026-07-01T11:30:00+02:00',
    date_finish: '2026-07-01T11:30:00+02:00',
    operating_reset_at: 1_782_898_800,
    operating: 0,
  });
});
