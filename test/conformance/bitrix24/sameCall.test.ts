/**
 * The half hour in which a registration is the same call. Nobody can move the clock of a running server, so this stands one
 * level below the front door: the door, the rooms behind it and a ledger in this process, under a clock of the test's.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import Fastify from 'fastify';
import { applyOrganisation } from '../../../src/config/apply.ts';
import { ensureFoundations } from '../../../src/config/firstStart.ts';
import { openKeyFile } from '../../../src/config/keyFile.ts';
import { parseOrganisation } from '../../../src/config/organisationFile.ts';
import { readSetting } from '../../../src/config/setting.ts';
import { bitrix24Door } from '../../../src/dialects/bitrix24/door.ts';
import { TestLedger } from '../../../src/ledger/testLedger.ts';
import { memoryStore } from '../../../src/ledger/testStores.ts';
import { callsContext } from '../../../src/neighbours.ts';
import { entities } from '../../../src/schema.ts';
import { createScratch } from '../../kit/scratch.ts';
import { FINISH, methodPath, type Params, PORTAL, type PortalBody, REGISTER, type Registered } from './cases.ts';

const MINUTE_MS = 60_000;
const NOON = Date.UTC(2026, 2, 2, 12);
const SAID = { USER_ID: 1, PHONE_NUMBER: '+14155550101', TYPE: 2, SHOW: 0 };

interface TimedPortal {
  /** The clock of the door and of the ledger. */
  readonly time: { now: number };
  register(changes?: Params): Promise<string>;
  ask<T>(method: string, params: Params): Promise<PortalBody<T>>;
}

async function openPortal(t: TestContext): Promise<TimedPortal> {
  const scratch = createScratch('same-call').path;
  const { ledger, time } = await TestLedger.open(memoryStore(entities));
  time.now = NOON;
  const file = parseOrganisation(JSON.stringify(PORTAL), { directory: scratch, variables: {} }, 'organisation.json');
  await ensureFoundations(ledger, { random: randomBytes });
  const keyFile = openKeyFile(scratch);
  await applyOrganisation(ledger, file, { clock: () => time.now, keyFile, random: randomBytes });
  const app = Fastify();
  await app.register(
    async scope => {
      await bitrix24Door(scope, {
        ledger,
        calls: callsContext,
        clock: () => time.now,
        random: randomBytes,
        timeZone: () => readSetting(ledger.directory, 'timeZone'),
        askForRecording: () => assert.fail('no recording was named'),
        count: () => {},
      });
    },
    { prefix: '/rest' },
  );
  t.after(async () => {
    await app.close();
    await ledger.close();
  });
  const ask = async <T>(method: string, params: Params): Promise<PortalBody<T>> => {
    const answer = await app.inject({ method: 'POST', url: methodPath(method), payload: params });
    assert.equal(answer.statusCode, 200, answer.body);
    return answer.json();
  };
  return {
    time,
    ask,
    register: async changes => (await ask<Registered>(REGISTER, { ...SAID, ...changes })).result.CALL_ID,
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

test('B24-04 register with another stated start within half an hour - the same call all the same', async t => {
  const { time, register } = await openPortal(t);
  const first = await register({ CALL_START_DATE: '2026-03-02T11:59:00Z' });
  time.now = NOON + 10 * MINUTE_MS;
  assert.equal(await register({ CALL_START_DATE: '2026-03-02T12:10:00Z' }), first);
});

test('B24 4 the times of an answer - those of the clock, in the zone of the portal', async t => {
  const { time, ask } = await openPortal(t);
  time.now = Date.UTC(2026, 6, 1, 9, 30, 0, 250);
  const { time: times } = await ask(REGISTER, SAID);
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
