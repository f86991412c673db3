import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../test/kit/until.ts';
import { acceptReport } from '../calls/reports/accept.ts';
import { NATIVE, START, statedCall, statedReport } from '../calls/testing/testReports.ts';
import { readSetting, setting } from '../config/setting.ts';
import { StorageUnavailable } from '../ledger/refusals.ts';
import { TestLedger } from '../ledger/testing/testLedger.ts';
import { memoryStore } from '../ledger/testing/testStores.ts';
import { user, webhook } from '../people/entities.ts';
import { changeWebhooks } from '../people/webhooks.ts';
import { portalCall } from '../portal/entities.ts';
import { source } from '../sources/entities.ts';
import { entities } from './entities.ts';
import { startPortalList } from './portalList.ts';
import { callsContext } from './reactors.ts';

/** More than are listed in one command. */
const CALLS = 1_100;

const stated = (n: number) =>
  statedReport(
    statedCall(`call-${n}`, {
      endedAt: START + 60_000,
      durationSeconds: 60,
      talkSeconds: 50,
    }),
  );

/** A ledger with calls that have ended, its worker, and the disk under it. */
async function openList() {
  /** How many commits it has room for. */
  const disk = { room: Number.POSITIVE_INFINITY };
  const on = await TestLedger.open(memoryStore(entities, { disk: () => (disk.room-- > 0 ? 'works' : 'full') }));
  on.time.now = START + 3_600_000;
  await on.submit(state => {
    state.put(source, NATIVE);
    state.put(setting, { key: 'timeZone', value: 'UTC' });
    state.put(user, {
      id: 1,
      login: 'anna',
      name: 'Anna',
      password: null,
      roles: [],
      active: true,
      features: [],
      managedBy: 'api',
    });
  });
  await Promise.all(Array.from({ length: CALLS }, (_, n) => on.ledger.submit(acceptReport(stated(n), callsContext))));
  let due: (() => void)[] = [];
  const errors: unknown[] = [];
  const worker = startPortalList({
    ledger: on.ledger,
    clock: on.ledger.now,
    log: { info: () => {} },
    timers: {
      monotonicMs: () => 0,
      after(_delayMs, task) {
        due.push(task);
        return () => {};
      },
    },
    onError: error => errors.push(error),
  });
  /** One round, until the next one waits for its time. */
  const round = async () => {
    const tasks = due;
    due = [];
    for (const task of tasks) task();
    while (due.length === 0) await new Promise(setImmediate);
  };
  const makeWebhook = () =>
    on.submit(state => {
      const webhooks = [{ id: 7, name: 'PBX', userId: 1, codeHash: 'hash', scope: [], withheld: 'accept' as const }];
      changeWebhooks(state, { webhooks }, 0, 'api');
    });
  const isOpen = () => readSetting(on.ledger.directory, 'portalList');
  return { on, disk, errors, worker, round, makeWebhook, isOpen };
}

test('the portal’s list - is made once there is a webhook, and then never looked at again', async () => {
  const { on, worker, round, makeWebhook, isOpen, errors } = await openList();
  await round();
  assert.deepEqual([(await on.rows(portalCall)).length, isOpen()], [0, false]);
  await makeWebhook();
  assert.equal(on.ledger.directory.all(webhook).length, 1);
  await round();
  assert.deepEqual([(await on.rows(portalCall)).length, isOpen()], [CALLS, true]);
  const { position } = on.ledger;
  const batches = on.batches.length;
  await round();
  assert.deepEqual([on.batches.length, on.ledger.position, errors], [batches, position, []]);
  await worker.stop();
  await on.close();
});

test('the portal’s list - is made again where a full disk has cut it short', async () => {
  const { on, disk, worker, round, makeWebhook, isOpen, errors } = await openList();
  await makeWebhook();
  disk.room = 1;
  await round();
  const listed = (await on.rows(portalCall)).length;
  assert.ok(0 < listed && listed < CALLS, `${listed}`);
  await round();
  assert.ok(errors.length === 2 && errors.every(each => each instanceof StorageUnavailable), String(errors));
  assert.equal(isOpen(), false);
  disk.room = Number.POSITIVE_INFINITY;
  await until('the list is made', async () => {
    await round();
    return isOpen() || undefined;
  });
  assert.deepEqual([(await on.rows(portalCall)).length, isOpen()], [CALLS, true]);
  await worker.stop();
  await on.close();
});
