import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CALL_NOT_FOUND,
  CARRIERS,
  CONTACT_PHONE,
  eachAtOnce,
  FINISH,
  type Finished,
  freshNumber,
  messagesOf,
  type Registered,
  startPortal,
  USER_NOT_FOUND,
  USER_NOT_SET,
} from './cases.ts';

/** In this order, and none beside them (docs/bitrix24.md, section 11.2). */
const KEYS = [
  'CALL_ID',
  'EXTERNAL_CALL_ID',
  'PORTAL_USER_ID',
  'PHONE_NUMBER',
  'PORTAL_NUMBER',
  'INCOMING',
  'CALL_DURATION',
  'CALL_START_DATE',
  'CALL_STATUS',
  'CALL_VOTE',
  'COST',
  'COST_CURRENCY',
  'CALL_FAILED_CODE',
  'CALL_FAILED_REASON',
  'REST_APP_ID',
  'REST_APP_NAME',
  'CRM_ACTIVITY_ID',
  'COMMENT',
  'CRM_ENTITY_TYPE',
  'CRM_ENTITY_ID',
  'ID',
];
const CALL_ID_TYPE = [400, 'INVALID_ARGUMENT', 'CALL_ID must be a string'];

interface ClientView {
  readonly responsibleId: number | null;
}

const portal = await startPortal();
const { v1 } = portal;

const responsibleOf = async (kind: 'contacts' | 'leads', id: number): Promise<number | null> =>
  (await v1.get<ClientView>(`/v1/clients/${kind}/${id}`)).responsibleId;

test('B24-18 finish USER_ID 2 - the lead that this call made becomes theirs', async () => {
  const made = await portal.register({ CRM_CREATE: 1 });
  const lead = made.CRM_CREATED_LEAD!;
  assert.equal(await responsibleOf('leads', lead), 1);
  const finished = await portal.finish(made.CALL_ID, { USER_ID: 2 });
  assert.equal(await responsibleOf('leads', lead), 2);
  assert.deepEqual([finished['CRM_ENTITY_TYPE'], finished['CRM_ENTITY_ID']], ['LEAD', lead]);
});

test('B24-18 finish USER_ID - who was known before stays with whom they were', async () => {
  // A contact.
  await eachAtOnce([1, 2], async user => {
    const known = await portal.register({ PHONE_NUMBER: CONTACT_PHONE, CRM_CREATE: 1, EXTERNAL_CALL_ID: `c${user}` });
    const finished = await portal.finish(known.CALL_ID, { USER_ID: user });
    assert.deepEqual([finished['CRM_ENTITY_TYPE'], finished['CRM_ENTITY_ID']], ['CONTACT', 10]);
    assert.equal(await responsibleOf('contacts', 10), 2);
  });
  // A lead of an earlier call.
  const number = freshNumber();
  const made = await portal.register({ PHONE_NUMBER: number, CRM_CREATE: 1 });
  await portal.finish(made.CALL_ID, { USER_ID: 2 });
  const later = await portal.register({ PHONE_NUMBER: number, CRM_CREATE: 1 });
  assert.equal(later.CRM_ENTITY_ID, made.CRM_CREATED_LEAD);
  await portal.finish(later.CALL_ID, { USER_ID: 1 });
  assert.equal(await responsibleOf('leads', made.CRM_CREATED_LEAD!), 2);
  // A lead that a person entered.
  const entered = { name: 'Entered', phones: [freshNumber()], responsibleId: 2 };
  assert.equal((await v1.ask('PUT', '/v1/clients/leads/500', { body: entered })).status, 201);
  const met = await portal.register({ PHONE_NUMBER: entered.phones[0], CRM_CREATE: 1 });
  assert.equal(met.CRM_ENTITY_ID, 500);
  await portal.finish(met.CALL_ID, { USER_ID: 1 });
  assert.equal(await responsibleOf('leads', 500), 2);
});

test('B24-18 finish that is refused - the lead stays with whom it was', async () => {
  const made = await portal.register({ CRM_CREATE: 1 });
  await portal.finish(made.CALL_ID, { USER_ID: 1 });
  assert.deepEqual(await portal.refusal(FINISH, { CALL_ID: made.CALL_ID, USER_ID: 2 }), CALL_NOT_FOUND);
  assert.equal(await responsibleOf('leads', made.CRM_CREATED_LEAD!), 1);
});

const CASE_19 = { USER_ID: 1, DURATION: 95, STATUS_CODE: '200', COST: '1.5', COST_CURRENCY: 'USD', VOTE: 5 };

test('B24-19 finish - the 21 fields in their order, each of its type', async () => {
  const { CALL_ID: id } = await portal.register({ PHONE_NUMBER: CONTACT_PHONE });
  const { status, body } = await portal.ask<Finished>(FINISH, { CALL_ID: id, ...CASE_19 });
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(body), ['result', 'time']);
  assert.equal(Object.keys(body.time).length, 8);
  const { ID: rowId, CRM_ACTIVITY_ID: activity, CALL_START_DATE: start, ...rest } = body.result;
  assert.deepEqual(Object.keys(body.result), KEYS);
  assert.ok(!('CALL_TYPE' in body.result));
  assert.deepEqual(rest, {
    CALL_ID: id,
    EXTERNAL_CALL_ID: null,
    PORTAL_USER_ID: 1,
    PHONE_NUMBER: CONTACT_PHONE,
    PORTAL_NUMBER: 'REST_APP:',
    INCOMING: '2',
    CALL_DURATION: 95,
    CALL_STATUS: 1,
    CALL_VOTE: 5,
    COST: 1.5,
    COST_CURRENCY: 'USD',
    CALL_FAILED_CODE: '200',
    CALL_FAILED_REASON: '',
    REST_APP_ID: null,
    REST_APP_NAME: null,
    COMMENT: null,
    CRM_ENTITY_TYPE: 'CONTACT',
    CRM_ENTITY_ID: 10,
  });
  assert.ok(Number.isInteger(rowId) && Number(rowId) > 0);
  assert.ok(Number.isInteger(activity) && Number(activity) > 0);
  assert.match(String(start), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/);
  assert.equal((await portal.row(id))['ID'], String(rowId));
});

for (const [name, carry] of Object.entries(CARRIERS)) {
  test(`B24-19 finish by ${name} - the same answer, the same line, the same call`, async () => {
    const [plain, carried] = [await portal.register(), await portal.register()];
    const parameters = { ...CASE_19, FAILED_REASON: 'a+b & "c" = ü', ADD_TO_CHAT: 0 };
    const expected = await portal.finish(plain.CALL_ID, parameters);
    const { status, body } = await carry(portal, FINISH, { CALL_ID: carried.CALL_ID, ...parameters });
    assert.equal(status, 200);
    const own = (said: Finished) => {
      const { CALL_ID: _id, ID: _row, PHONE_NUMBER: _number, CALL_START_DATE: _start, ...same } = said;
      return same;
    };
    assert.deepEqual(own(body.result as Finished), own(expected));
    assert.deepEqual(Object.keys(body.result as Finished), KEYS);
    assert.deepEqual(own(await portal.row(carried.CALL_ID)), own(await portal.row(plain.CALL_ID)));
    const call = await v1.callOf(carried.CALL_ID, 'bitrix24');
    assert.deepEqual(
      [call.state, call.outcome, call.talkSeconds, call.cost, call.currency, call.vote, call.failedReason],
      ['ended', 'answered', 95, '1.5', 'USD', 5, 'a+b & "c" = ü'],
    );
  });
}

test('B24-20 finish DURATION 0 without STATUS_CODE - 304, CALL_STATUS 0', async () => {
  const finished = await portal.call({ DURATION: 0 });
  assert.deepEqual([finished['CALL_FAILED_CODE'], finished['CALL_STATUS']], ['304', 0]);
  assert.equal((await v1.callOf(String(finished['CALL_ID']), 'bitrix24')).outcome, 'missed');
});

test('B24-21 finish DURATION 7 without STATUS_CODE - 200', async () => {
  const finished = await portal.call({ DURATION: 7 });
  assert.deepEqual([finished['CALL_FAILED_CODE'], finished['CALL_STATUS'], finished['CALL_DURATION']], ['200', 1, 7]);
  assert.equal((await v1.callOf(String(finished['CALL_ID']), 'bitrix24')).outcome, 'answered');
});

test('B24-22 finish without DURATION - 0, and 304', async () => {
  await eachAtOnce([undefined, null, ''], async none => {
    const finished = await portal.call({ DURATION: none });
    assert.deepEqual([finished['CALL_DURATION'], finished['CALL_FAILED_CODE']], [0, '304']);
  });
});

test('B24 11.2 finish DURATION that is no whole number of seconds - its leading digits', async () => {
  await eachAtOnce(
    [
      ['95', 95],
      [' 95 ', 95],
      [12.9, 12],
      ['12.34', 12],
      [1e2, 100],
      ['65,4', 65],
      ['65 s', 65],
      ['1:30', 1],
      ['-0.2', 0],
      [' ', 0],
      [0, 0],
    ] as const,
    async ([given, kept]) => {
      const finished = await portal.call({ DURATION: given });
      assert.equal(finished['CALL_DURATION'], kept, JSON.stringify(given));
      assert.equal((await portal.row(String(finished['CALL_ID'])))['CALL_DURATION'], String(kept));
    },
  );
});

test('B24 K9 finish DURATION and COST without leading digits - refused, and the call is open as before', async () => {
  const duration = { error: 'INVALID_ARGUMENT', error_description: 'DURATION must be a number of seconds' };
  const cost = { error: 'INVALID_ARGUMENT', error_description: 'COST must be an amount' };
  const { CALL_ID: id } = await portal.register();
  for (const given of ['abc', 'soon 5', -5, '-5', [5], true]) {
    const { status, body } = await portal.ask<unknown>(FINISH, { CALL_ID: id, USER_ID: 1, DURATION: given });
    assert.deepEqual([status, body], [400, duration], JSON.stringify(given));
  }
  for (const given of ['free', '1 000', '1.234,56', [5]]) {
    const { status, body } = await portal.ask<unknown>(FINISH, { CALL_ID: id, USER_ID: 1, COST: given });
    assert.deepEqual([status, body], [400, cost], JSON.stringify(given));
  }
  const finished = await portal.finish(id, { DURATION: '65,4', COST: '1,5', COST_CURRENCY: 'EUR' });
  assert.deepEqual([finished['CALL_DURATION'], finished['CALL_FAILED_CODE'], finished['COST']], [65, '200', 1.5]);
  const call = await v1.callOf(id, 'bitrix24');
  assert.deepEqual([call.outcome, call.talkSeconds, call.cost], ['answered', 65, '1.5']);
});

test('B24 K9 finish DURATION beyond 30 days - a warning, and no count of talk', async () => {
  for (const [seconds, talk, warnings] of [
    [2_592_000, 2_592_000, []],
    [2_592_001, null, ['DURATION: longer than 30 days, not counted']],
    [1_790_197_458, null, ['DURATION: longer than 30 days, not counted']],
  ] as const) {
    const finished = await portal.call({ DURATION: seconds, STATUS_CODE: '200' });
    const call = await v1.callOf(String(finished['CALL_ID']), 'bitrix24');
    assert.deepEqual([call.state, call.outcome, call.talkSeconds], ['ended', 'answered', talk], String(seconds));
    assert.deepEqual(call.reports.at(-1)!.warnings, warnings, String(seconds));
  }
});

test('B24 11.2 finish DURATION of a missed call - ring time, stored as sent', async () => {
  const finished = await portal.call({ DURATION: 23, STATUS_CODE: '304' });
  assert.deepEqual([finished['CALL_DURATION'], finished['CALL_STATUS']], [23, 0]);
  const call = await v1.callOf(String(finished['CALL_ID']), 'bitrix24');
  assert.deepEqual([call.outcome, call.durationSeconds, call.talkSeconds, call.ringSeconds], ['missed', 23, 0, 23]);
});

test('B24-23 finish STATUS_CODE as number, with the name of old pages, and raw - 200, 486, 505', async () => {
  await eachAtOnce(
    [
      [200, '200'],
      ['VI_STATUS_486', '486'],
      ['505', '505'],
    ] as const,
    async ([given, kept]) => {
      const finished = await portal.call({ STATUS_CODE: given });
      assert.equal(finished['CALL_FAILED_CODE'], kept);
      assert.equal((await portal.row(String(finished['CALL_ID'])))['CALL_FAILED_CODE'], kept);
    },
  );
});

test('B24-24 finish twice - the second one is refused, and changes nothing', async () => {
  const { CALL_ID: id } = await portal.register();
  await portal.finish(id, { DURATION: 10, VOTE: 4 });
  const before = [await portal.row(id), await v1.callOf(id, 'bitrix24')];
  await eachAtOnce([{ DURATION: 99, STATUS_CODE: '486', VOTE: 1 }, { DURATION: 10 }, { USER_ID: 2 }], async again => {
    assert.deepEqual(await portal.refusal(FINISH, { CALL_ID: id, USER_ID: 1, ...again }), CALL_NOT_FOUND);
  });
  assert.equal((await v1.callOf(id, 'bitrix24')).reports.length, 2);
  const [row, call] = [await portal.row(id), await v1.callOf(id, 'bitrix24')];
  assert.deepEqual(row, before[0]);
  assert.deepEqual([call.durationSeconds, call.vote, call.outcome], [10, 4, 'answered']);
});

test('B24-24 finish by every member of a queue at the same moment - the first wins, the others are refused', async () => {
  const { CALL_ID: id } = await portal.register();
  const members = Array.from({ length: 20 }, (_, place) => (place % 2) + 1);
  const answers = await Promise.all(
    members.map(user => portal.ask<Finished>(FINISH, { CALL_ID: id, USER_ID: user, DURATION: 10, ADD_TO_CHAT: 1 })),
  );
  const winners = answers.filter(each => each.status === 200);
  assert.equal(winners.length, 1);
  for (const { status, body } of answers.filter(each => each.status !== 200)) {
    assert.deepEqual([status, body.error, body.error_description], CALL_NOT_FOUND);
  }
  assert.equal((await portal.row(id))['PORTAL_USER_ID'], String(winners[0]!.body.result['PORTAL_USER_ID']));
  const about = await Promise.all([1, 2].map(user => messagesOf(portal, user)));
  const { id: callId } = await v1.callOf(id, 'bitrix24');
  assert.equal(about.flat().filter(each => each.callId === callId).length, 1);
});

test('B24-25 finish CALL_ID nope - as finished twice', async () => {
  await eachAtOnce(['nope', '', ' ', 'externalCall.', 'a\0b', '\ud800', '1', 'x'.repeat(100_000)], async id => {
    assert.deepEqual(await portal.refusal(FINISH, { CALL_ID: id, USER_ID: 1 }), CALL_NOT_FOUND, id.slice(0, 20));
  });
});

test('B24-26 finish CALL_ID that is no text - INVALID_ARGUMENT', async () => {
  await eachAtOnce([['a'], { a: 1 }, 5, true, null, undefined], async id => {
    assert.deepEqual(await portal.refusal(FINISH, { CALL_ID: id, USER_ID: 1 }), CALL_ID_TYPE, JSON.stringify(id));
  });
  const { status, body } = await portal.send(`/rest/1/k4t9w2h7m1x8q5zr/${FINISH}?CALL_ID[]=a&USER_ID=1`);
  assert.deepEqual([status, body.error, body.error_description], CALL_ID_TYPE);
});

test('B24-27 finish without a user - the text of naming nobody', async () => {
  const { CALL_ID: id } = await portal.register();
  await eachAtOnce(
    [{}, { USER_ID: null }, { USER_PHONE_INNER: '999' }, { USER_ID: '', USER_PHONE_INNER: '' }],
    async nobody => {
      assert.deepEqual(await portal.refusal(FINISH, { CALL_ID: id, DURATION: 5, ...nobody }), USER_NOT_SET);
    },
  );
  await eachAtOnce([3, 999], async user => {
    assert.deepEqual(await portal.refusal(FINISH, { CALL_ID: id, USER_ID: user }), USER_NOT_FOUND);
  });
  // None of them has ended the call.
  assert.equal((await portal.finish(id))['CALL_ID'], id);
});

test('B24-28 finish USER_PHONE_INNER in the place of USER_ID - the user who holds it', async () => {
  await eachAtOnce(
    [
      [{ USER_ID: null, USER_PHONE_INNER: '101' }, 1],
      [{ USER_ID: undefined, USER_PHONE_INNER: 102 }, 2],
      [{ USER_ID: '', USER_PHONE_INNER: ' 102' }, 2],
      // Where both are given the id counts; an extension in its place is what the PHP SDK sends.
      [{ USER_ID: 2, USER_PHONE_INNER: '101' }, 2],
      [{ USER_ID: '102' }, 2],
      [{ USER_ID: 102 }, 2],
    ] as const,
    async ([said, user]) => {
      const finished = await portal.call(said);
      assert.equal(finished['PORTAL_USER_ID'], user, JSON.stringify(said));
      assert.equal((await v1.callOf(String(finished['CALL_ID']), 'bitrix24')).userId, user);
    },
  );
});

test('B24 PORTAL_NUMBER and EXTERNAL_CALL_ID - those of the registration', async () => {
  const finished = await portal.call({}, { LINE_NUMBER: '+14155550199', EXTERNAL_CALL_ID: 'pbx-1' });
  assert.deepEqual([finished['PORTAL_NUMBER'], finished['EXTERNAL_CALL_ID']], ['+14155550199', 'pbx-1']);
  const row = await portal.row(String(finished['CALL_ID']));
  assert.deepEqual([row['PORTAL_NUMBER'], row['EXTERNAL_CALL_ID']], ['+14155550199', 'pbx-1']);
  assert.equal((await v1.callOf(String(finished['CALL_ID']), 'bitrix24')).line, '+14155550199');
});

test('B24 20.11 parameters that are none - ignored', async () => {
  const finished = await portal.call({
    TYPE: 1,
    CALL_TYPE: 1,
    CALL_DURATION: 99,
    phone_number: '+14155550150',
    INCOMING: '1',
    ID: 5,
    __proto__: { DURATION: 77 },
    toString: 'x',
  });
  assert.deepEqual([finished['INCOMING'], finished['CALL_DURATION']], ['2', 10]);
});

test('B24 2.2 parameters in other letters - read, and the exact one first', async () => {
  const { CALL_ID: id } = await portal.register();
  const finished = await portal.result<Finished>(FINISH, {
    call_id: id,
    User_Id: 2,
    duration: 12,
    DURATION: 34,
    status_code: '486',
  });
  assert.deepEqual(
    [finished['CALL_ID'], finished['PORTAL_USER_ID'], finished['CALL_DURATION'], finished['CALL_FAILED_CODE']],
    [id, 2, 34, '486'],
  );
});

test('B24 10 a late upload - register with SHOW 0 and the true start, then finish', async () => {
  const registered = await portal.result<Registered>('telephony.externalcall.register', {
    USER_ID: 1,
    PHONE_NUMBER: freshNumber(),
    TYPE: 1,
    SHOW: 0,
    CALL_START_DATE: '2026-03-02T10:00:00+01:00',
  });
  const finished = await portal.finish(registered.CALL_ID, { DURATION: 100 });
  assert.equal(finished['CALL_START_DATE'], '2026-03-02T10:00:00+01:00');
  const call = await v1.callOf(registered.CALL_ID, 'bitrix24');
  assert.deepEqual([call.startedAt, call.endedAt], ['2026-03-02T09:00:00Z', '2026-03-02T09:01:40Z']);
});
