import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSince } from '../../kit/assertSince.ts';
import {
  CARRIERS,
  CONTACT_PHONE,
  eachAtOnce,
  FINISH,
  freshNumber,
  REGISTER,
  type Registered,
  STATISTIC,
  startPortal,
  USER_NOT_FOUND,
  USER_NOT_SET,
} from './cases.ts';

const CALL_ID = /^externalCall\.[0-9a-f]{32}\.\d{10}$/;
const KEYS = ['CALL_ID', 'CRM_CREATED_LEAD', 'CRM_CREATED_ENTITIES', 'CRM_ENTITY_TYPE', 'CRM_ENTITY_ID'];
const TIME_KEYS = [
  'start',
  'finish',
  'duration',
  'processing',
  'date_start',
  'date_finish',
  'operating_reset_at',
  'operating',
];
const FIRST = { USER_ID: 1, PHONE_NUMBER: CONTACT_PHONE, TYPE: 2, SHOW: 0 };
const UNKNOWN_TYPE = [400, 'ERROR_CORE', 'Unknown TYPE'];
const START_DATE = [400, 'ERROR_CORE', 'CALL_START_DATE should be in the ISO-8601 format'];

const portal = await startPortal();

test('B24-01 register - CALL_ID, the contact by number, nothing created, eight times', async () => {
  const sentAt = Date.now();
  const { status, body, text } = await portal.ask<Registered>(REGISTER, FIRST);
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(body), ['result', 'time']);
  const { CALL_ID: callId, ...rest } = body.result;
  assert.match(callId, CALL_ID);
  const registeredAt = Number(callId.split('.')[2]);
  assertSince(registeredAt * 1000, sentAt);
  assert.deepEqual(rest, {
    CRM_CREATED_LEAD: null,
    CRM_CREATED_ENTITIES: [],
    CRM_ENTITY_TYPE: 'CONTACT',
    CRM_ENTITY_ID: 10,
  });
  assert.deepEqual(Object.keys(body.result), KEYS);
  assert.deepEqual(Object.keys(body.time), TIME_KEYS);
  const { start, finish, duration, date_start: dateStart, date_finish: dateFinish, ...counted } = body.time;
  assertSince(Number(start) * 1000, sentAt);
  assert.ok(Number(start) <= Number(finish), text);
  assert.ok(Math.abs(Number(finish) - Number(start) - Number(duration)) < 0.001);
  for (const date of [dateStart, dateFinish]) {
    assert.match(String(date), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0[12]:00$/);
    assertSince(String(date), sentAt);
  }
  assert.ok(Number.isInteger(counted['operating_reset_at']) && typeof counted['operating'] === 'number');
});

test('B24-02 register again - the same CALL_ID, and a call once', async () => {
  const { result: first } = (await portal.ask<Registered>(REGISTER, FIRST)).body;
  const { result: again } = (await portal.ask<Registered>(REGISTER, FIRST)).body;
  assert.deepEqual(again, first);
  assert.equal((await portal.v1.callOf(first.CALL_ID, 'bitrix24')).reports.length, 1);
});

test('B24-02 register again - the number written otherwise and the user by extension are the same', async () => {
  const first = await portal.register(FIRST);
  await eachAtOnce(
    [
      { PHONE_NUMBER: '+1 (415) 555-0101' },
      { PHONE_NUMBER: '14155550101' },
      { PHONE_NUMBER: '4155550101' },
      { USER_ID: undefined, USER_PHONE_INNER: '101' },
      { CALL_START_DATE: '2026-03-02T10:00:00Z', CRM_CREATE: 1, CRM_ENTITY_TYPE: 'LEAD', CRM_ENTITY_ID: 7, SHOW: 1 },
    ],
    async changes => {
      assert.equal((await portal.register({ ...FIRST, ...changes })).CALL_ID, first.CALL_ID, JSON.stringify(changes));
    },
  );
  const others = [{ USER_ID: 2 }, { TYPE: 1 }, { PHONE_NUMBER: '+14155550102' }];
  const ids = await Promise.all(others.map(async each => (await portal.register({ ...FIRST, ...each })).CALL_ID));
  assert.equal(new Set([...ids, first.CALL_ID]).size, 4);
});

test('B24-02 register at the same moment - one CALL_ID for all, one lead', async () => {
  const said = { PHONE_NUMBER: freshNumber(), CRM_CREATE: 1 };
  const all = await Promise.all(Array.from({ length: 20 }, () => portal.register(said)));
  for (const each of all) assert.deepEqual(each, all[0]);
  // Of two users who register the same unknown caller, the first makes the lead and the other finds it.
  const shared = { PHONE_NUMBER: freshNumber(), CRM_CREATE: 1 };
  const users = await Promise.all([1, 2].map(id => portal.register({ ...shared, USER_ID: id })));
  assert.deepEqual(users.flatMap(each => each.CRM_CREATED_ENTITIES).length, 1);
  assert.equal(users[0]!.CRM_ENTITY_ID, users[1]!.CRM_ENTITY_ID);
});

test('B24-03 register with EXTERNAL_CALL_ID x1 and x2 - two further calls', async () => {
  const plain = await portal.register(FIRST);
  const x1 = await portal.register({ ...FIRST, EXTERNAL_CALL_ID: 'x1' });
  const x2 = await portal.register({ ...FIRST, EXTERNAL_CALL_ID: 'x2' });
  assert.equal(new Set([plain.CALL_ID, x1.CALL_ID, x2.CALL_ID]).size, 3);
  assert.deepEqual(await portal.register({ ...FIRST, EXTERNAL_CALL_ID: 'x1' }), x1);
  // A line that is named is part of what makes it the same call.
  const line = await portal.register({ ...FIRST, EXTERNAL_CALL_ID: 'x1', LINE_NUMBER: '+14155550199' });
  assert.notEqual(line.CALL_ID, x1.CALL_ID);
});

test('B24-05 register after finish within half an hour - another CALL_ID', async () => {
  const said = { PHONE_NUMBER: freshNumber() };
  const { CALL_ID: first } = await portal.register(said);
  await portal.finish(first);
  const { CALL_ID: second } = await portal.register(said);
  assert.notEqual(second, first);
  assert.equal((await portal.finish(second))['CALL_ID'], second);
});

test('B24-06 register as TELEPHONY.externalcall.REGISTER.json - as case 1', async () => {
  const plain = await portal.result<Registered>(REGISTER, FIRST);
  assert.deepEqual(await portal.result('TELEPHONY.externalcall.REGISTER.json', FIRST), plain);
});

for (const [name, carry] of Object.entries(CARRIERS)) {
  test(`B24-07 register by ${name} - the same answer as by JSON`, async () => {
    const plain = await portal.result<Registered>(REGISTER, FIRST);
    const { status, body } = await carry(portal, REGISTER, FIRST);
    assert.equal(status, 200);
    assert.deepEqual(body.result, plain);
    assert.deepEqual(Object.keys(body.result as object), KEYS);
    assert.deepEqual(Object.keys(body.time), TIME_KEYS);
  });
}

test('B24-08 register USER_PHONE_INNER 102 - the call of user 2', async () => {
  const written = ['102', 102, ' 102 ', 'sip:102@pbx.example', '"Bert" <102>', '\u200e102'];
  await eachAtOnce(written, async extension => {
    const registered = await portal.register({ USER_ID: undefined, USER_PHONE_INNER: extension });
    const finished = await portal.finish(registered.CALL_ID, { USER_ID: undefined, USER_PHONE_INNER: extension });
    assert.equal(finished['PORTAL_USER_ID'], 2);
    assert.equal((await portal.v1.callOf(registered.CALL_ID, 'bitrix24')).userId, 2);
  });
});

test('B24-08 register both users - USER_ID goes before the extension', async () => {
  const { CALL_ID: id } = await portal.register({ USER_ID: 2, USER_PHONE_INNER: '101' });
  assert.equal((await portal.v1.callOf(id, 'bitrix24')).userId, 2);
});

test('B24-09 register USER_PHONE_INNER 999 - the error of naming nobody', async () => {
  const said = { PHONE_NUMBER: '+14155550110', TYPE: 2, USER_PHONE_INNER: '999' };
  assert.deepEqual(await portal.refusal(REGISTER, said), USER_NOT_SET);
  assert.deepEqual(await portal.refusal(REGISTER, { ...said, USER_PHONE_INNER: '103' }), USER_NOT_SET);
});

test('B24-10 register without a user - the same text', async () => {
  await eachAtOnce([{}, { USER_ID: null }, { USER_ID: '' }, { USER_ID: null, USER_PHONE_INNER: '' }], async nobody => {
    assert.deepEqual(
      await portal.refusal(REGISTER, { PHONE_NUMBER: '+14155550110', TYPE: 2, ...nobody }),
      USER_NOT_SET,
    );
  });
});

test('B24-11 register a user who is dismissed or nobody - not found or not active', async () => {
  await eachAtOnce([3, 999, '3', -1, 0, 'x', [1], { a: 1 }, 1.5, 2 ** 53], async id => {
    const said = { USER_ID: id, PHONE_NUMBER: '+14155550110', TYPE: 2 };
    assert.deepEqual(await portal.refusal(REGISTER, said), USER_NOT_FOUND, JSON.stringify(id));
  });
});

test('B24-12 register TYPE 9, or none - unknown TYPE', async () => {
  await eachAtOnce([9, 0, 6, -1, '', null, undefined, 'incoming', 2.5, [2], true], async type => {
    const said = { USER_ID: 1, PHONE_NUMBER: '+14155550110', TYPE: type };
    assert.deepEqual(await portal.refusal(REGISTER, said), UNKNOWN_TYPE, JSON.stringify(type));
  });
});

test('B24-12 register TYPE 1 to 5 - taken, and INCOMING says which', async () => {
  const directions = ['outbound', 'inbound', 'inbound', 'outbound', 'outbound'];
  for (const [place, direction] of directions.entries()) {
    const finished = await portal.call({}, { TYPE: place + 1 });
    assert.equal(finished['INCOMING'], String(place + 1));
    assert.equal((await portal.row(String(finished['CALL_ID'])))['CALL_TYPE'], String(place + 1));
    const call = await portal.v1.callOf(String(finished['CALL_ID']), 'bitrix24');
    assert.equal(call.direction, direction);
    const customer = direction === 'inbound' ? call.from : call.to;
    assert.equal(customer, finished['PHONE_NUMBER']);
  }
});

test('B24-13 register TYPE as text and flags as clients write them - taken', async () => {
  await eachAtOnce([1, '1', 'Y', 'y', true, 'true', 'True'], async yes => {
    const made = await portal.register({ TYPE: '2', SHOW: false, CRM_CREATE: yes });
    assert.equal(made.CRM_ENTITY_TYPE, 'LEAD', JSON.stringify(yes));
  });
  await eachAtOnce([0, '0', 'N', false, 'false', 'False', null, '', undefined, 'perhaps', []], async no => {
    const made = await portal.register({ TYPE: '2', SHOW: no, CRM_CREATE: no });
    assert.equal(made.CRM_ENTITY_TYPE, '', JSON.stringify(no));
  });
});

test('B24-14 register CALL_START_DATE that is no date - the ISO 8601 text, and nothing is registered', async () => {
  const said = { USER_ID: 1, PHONE_NUMBER: freshNumber(), TYPE: 2 };
  await eachAtOnce(
    [
      'yesterday-ish',
      '2024-02-30T10:00:00Z',
      '2024-05-01T25:00:00Z',
      '01.05.2024 10:00',
      1_714_550_400,
      'now',
      '2024-05-01T10:00:00+99:00',
      `2024-05-01T10:00:00${'0'.repeat(5_000)}`,
      '0000-00-00 00:00:00',
    ],
    async date => {
      assert.deepEqual(await portal.refusal(REGISTER, { ...said, CALL_START_DATE: date }), START_DATE, String(date));
    },
  );
  const calls = await portal.v1.list(`source=bitrix24&number=${encodeURIComponent(said.PHONE_NUMBER)}`);
  assert.deepEqual(calls, []);
});

test('B24-15 register CALL_START_DATE in every form clients send - the instant, with an offset in the answer', async () => {
  await eachAtOnce(
    [
      // Without an offset the clock is the portal's, Berlin.
      ['2024-05-01 10:00:00', '2024-05-01T10:00:00+02:00'],
      ['2024-05-01T10:00:00', '2024-05-01T10:00:00+02:00'],
      ['2024-01-15 10:00:00', '2024-01-15T10:00:00+01:00'],
      ['2024-05-01T10:00:00Z', '2024-05-01T12:00:00+02:00'],
      ['2024-05-01T10:00:00+03:00', '2024-05-01T09:00:00+02:00'],
      ['2024-05-01T10:00:00+0300', '2024-05-01T09:00:00+02:00'],
      // A form client that forgot to encode the plus.
      ['2024-05-01T10:00:00 03:00', '2024-05-01T09:00:00+02:00'],
      // JavaScript, Python.
      ['2024-05-01T10:00:00.250Z', '2024-05-01T12:00:00+02:00'],
      ['2024-05-01T10:00:00.123456', '2024-05-01T10:00:00+02:00'],
    ] as const,
    async ([date, answered]) => {
      const finished = await portal.call({}, { CALL_START_DATE: date });
      assert.equal(finished['CALL_START_DATE'], answered, date);
      const row = await portal.row(String(finished['CALL_ID']));
      assert.equal(row['CALL_START_DATE'], answered, date);
    },
  );
});

test('B24-15 register CALL_START_DATE - the line is found by the date it shows', async () => {
  await eachAtOnce([{}, { CALL_START_DATE: '2024-05-01T10:00:00.250Z' }], async registering => {
    const finished = await portal.call({}, registering);
    const shown = finished['CALL_START_DATE'];
    const found = async (filter: object) => {
      const rows = await portal.result<readonly unknown[]>(STATISTIC, {
        FILTER: { CALL_ID: finished['CALL_ID'], ...filter },
      });
      return rows.length;
    };
    assert.equal(await found({ CALL_START_DATE: shown }), 1);
    assert.equal(await found({ '<=CALL_START_DATE': shown }), 1);
    // Who goes on after the last line they saw must not meet it again.
    assert.equal(await found({ '>CALL_START_DATE': shown }), 0);
  });
});

test('B24-17 register an unknown number with CRM_CREATE - one lead', async () => {
  const number = freshNumber();
  const made = await portal.register({ PHONE_NUMBER: number, CRM_CREATE: 1, CRM_SOURCE: 'CALL' });
  const lead = made.CRM_CREATED_LEAD;
  assert.ok(Number.isInteger(lead) && lead! > 0);
  assert.deepEqual(made.CRM_CREATED_ENTITIES, [{ ENTITY_TYPE: 'LEAD', ENTITY_ID: lead }]);
  assert.deepEqual([made.CRM_ENTITY_TYPE, made.CRM_ENTITY_ID], ['LEAD', lead]);
  const kept = await portal.v1.get<Record<string, unknown>>(`/v1/clients/leads/${lead}`);
  assert.deepEqual([kept['phones'], kept['responsibleId'], kept['origin']], [[number], 1, 'CALL']);
  // A repeat answers as the first time; the next call of this number finds the lead.
  assert.deepEqual(await portal.register({ PHONE_NUMBER: number, CRM_CREATE: 1 }), made);
  const later = await portal.register({ PHONE_NUMBER: number, CRM_CREATE: 1, EXTERNAL_CALL_ID: 'later' });
  assert.deepEqual([later.CRM_CREATED_LEAD, later.CRM_CREATED_ENTITIES], [null, []]);
  assert.deepEqual([later.CRM_ENTITY_TYPE, later.CRM_ENTITY_ID], ['LEAD', lead]);
});

test('B24-17 register an unknown number without CRM_CREATE - nobody', async () => {
  const nobody = await portal.register();
  assert.deepEqual([nobody.CRM_ENTITY_TYPE, nobody.CRM_ENTITY_ID, nobody.CRM_CREATED_LEAD], ['', null, null]);
  const finished = await portal.finish(nobody.CALL_ID);
  assert.deepEqual([finished['CRM_ENTITY_ID'], finished['CRM_ACTIVITY_ID']], [null, null]);
});

test('B24 11.1 register CRM_ENTITY_TYPE and CRM_ENTITY_ID - the client that is named, where there is one', async () => {
  const number = freshNumber();
  const named = await portal.register({ PHONE_NUMBER: number, CRM_ENTITY_TYPE: 'contact', CRM_ENTITY_ID: '10' });
  assert.deepEqual([named.CRM_ENTITY_TYPE, named.CRM_ENTITY_ID], ['CONTACT', 10]);
  await eachAtOnce(
    [
      ['COMPANY', 999],
      ['DEAL', 10],
      ['CONTACT', null],
      ['CONTACT', 'x'],
    ] as const,
    async ([type, id]) => {
      const searched = await portal.register({
        PHONE_NUMBER: CONTACT_PHONE,
        CRM_ENTITY_TYPE: type,
        CRM_ENTITY_ID: id,
        EXTERNAL_CALL_ID: `${type} ${id}`,
      });
      assert.deepEqual([searched.CRM_ENTITY_TYPE, searched.CRM_ENTITY_ID], ['CONTACT', 10], `${type} ${id}`);
    },
  );
});

test('B24 20.11 a call that one webhook registered - another one finishes it', async () => {
  const { CALL_ID: id } = await portal.register({}, 'administrator');
  assert.equal((await portal.finish(id, {}, 'second'))['CALL_ID'], id);
  const { CALL_ID: other } = await portal.register({ USER_ID: 2 }, 'agent');
  assert.equal(
    (await portal.result<Record<string, unknown>>(FINISH, { CALL_ID: other, USER_ID: 2 }))['CALL_ID'],
    other,
  );
});

test('B24 10 a call that is not finished - in no list of calls, and visible as open', async () => {
  const { CALL_ID: id } = await portal.register();
  assert.deepEqual(await portal.result(STATISTIC, { FILTER: { CALL_ID: id } }), []);
  const call = await portal.v1.callOf(id, 'bitrix24');
  assert.deepEqual([call.state, call.endedAt, call.outcome], ['open', null, 'unknown']);
});
