import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Reader } from '../../ledger/query.ts';
import { memoryStore } from '../../ledger/testing/testStores.ts';
import { participation } from '../entities.ts';
import { ENTITIES, legOf, PORTAL, registrationOf, TestOffice } from '../testing/testOffice.ts';
import { CALLER_E164, NATIVE, PBX, START, statedCall, statedReport } from '../testing/testReports.ts';
import type { CallFilter } from './callFilter.ts';
import { listCalls } from './listCalls.ts';

const open = () => TestOffice.open(memoryStore(ENTITIES));

async function idsOf(office: TestOffice, filter: Omit<CallFilter, 'now'>, reader: Reader = office.on.ledger.reader) {
  const { items } = await listCalls(reader, { ...filter, now: START }, 10, null);
  return items.map(each => each.id);
}

test('a call that three sources told - is found by what each of them calls it', async () => {
  await using office = await open();
  const [registration, , stated] = await office.tellAll(
    registrationOf({ token: 'crm-token', start: 0, name: '1.1' }),
    legOf('1.1', { start: 0 }),
    statedReport(statedCall('crm-7', { startedAt: START })),
  );
  assert.deepEqual(await idsOf(office, { externalId: 'crm-7' }), [stated]);
  await office.join(registration!, stated!);
  for (const externalId of ['crm-token', '1.1', 'crm-7']) {
    assert.deepEqual(await idsOf(office, { externalId }), [registration], externalId);
    assert.deepEqual(await idsOf(office, { externalId, users: [1] }), [registration], externalId);
    assert.deepEqual(await idsOf(office, { externalId, users: [2] }), [], externalId);
  }
  // By the source that calls it so, and by the call's own, which is the PBX.
  for (const [externalId, sourceId] of [
    ['crm-token', PORTAL.id],
    ['crm-token', PBX.id],
    ['1.1', PBX.id],
    ['crm-7', NATIVE.id],
  ] as const) {
    assert.deepEqual(await idsOf(office, { externalId, sourceIds: [sourceId] }), [registration], externalId);
  }
  assert.deepEqual(await idsOf(office, { externalId: '1.1', sourceIds: [NATIVE.id] }), []);
  await office.split(registration!, [stated!]);
  assert.deepEqual(await idsOf(office, { externalId: 'crm-7' }), [stated], 'and as before when it is split');
  assert.deepEqual(await idsOf(office, { externalId: '1.1' }), [registration]);
});

test('a name that two sources have for two calls - leads to both, and the other filters choose', async () => {
  await using office = await open();
  const [one, other] = await office.tellAll(
    legOf('7', { start: 0, number: CALLER_E164 }),
    statedReport(statedCall('7', { startedAt: START + 3_600_000 })),
  );
  assert.deepEqual(await idsOf(office, { externalId: '7' }), [other, one]);
  assert.deepEqual(await idsOf(office, { externalId: '7', sourceIds: [1] }), [one]);
  assert.deepEqual(await idsOf(office, { externalId: '7', startedFrom: START + 1 }), [other]);
  const localHours = { weekdays: null, hours: [10], timeZone: 'UTC' };
  assert.deepEqual(await idsOf(office, { externalId: '7', localHours }), [other]);
  const first = await listCalls(office.on.ledger.reader, { externalId: '7', now: START }, 1, null);
  assert.deepEqual([first.items.map(each => each.id), first.next?.id], [[other], other]);
  const second = await listCalls(office.on.ledger.reader, { externalId: '7', now: START }, 1, first.next);
  assert.deepEqual([second.items.map(each => each.id), second.next], [[one], null]);
});

test('a name - is looked up, and not for among all the calls of an agent', async () => {
  await using office = await open();
  const [named] = await office.tellAll(legOf('1.1', { start: 0 }));
  await office.on.submit(state => {
    for (let n = 1_000; n < 4_500; n++) {
      const callId = state.next('call');
      const startedAt = START + n;
      state.insert(participation, {
        callId,
        userId: 1,
        role: 'answered',
        startedAt,
        ringSeconds: null,
        talkSeconds: null,
      });
    }
  });
  const { reader } = office.on.ledger;
  let statements = 0;
  const counting: Reader = {
    select: query => {
      statements++;
      return reader.select(query);
    },
    aggregate: query => reader.aggregate(query),
    snapshot: work => reader.snapshot(work),
  };
  assert.deepEqual(await idsOf(office, { externalId: '1.1', users: [1] }, counting), [named]);
  assert.equal(statements, 4, 'its source calls, their calls, who took part, and the page');
});

test('an hour of the week - is looked for from call to call, and not in every week between two of them', async () => {
  await using office = await open();
  const told = await office.tellAll(
    ...['2000-01-03T10:00:00Z', '2026-03-02T10:00:00Z', '2026-03-03T10:00:00Z', '2099-03-02T10:20:00Z'].map((text, n) =>
      statedReport(statedCall(`dead clock ${n}`, { startedAt: Date.parse(text) })),
    ),
  );
  const { reader } = office.on.ledger;
  let statements = 0;
  const counting: Reader = {
    select: query => {
      statements++;
      return reader.select(query);
    },
    aggregate: query => reader.aggregate(query),
    snapshot: work => reader.snapshot(work),
  };
  const localHours = { weekdays: [1], hours: [10], timeZone: 'UTC' };
  assert.deepEqual(await idsOf(office, { localHours }, counting), [told[3], told[1], told[0]]);
  assert.ok(statements < 20, `${statements} statements`);
});
