import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CARRIERS,
  type Finished,
  methodPath,
  type Params,
  type PortalBody,
  type Row,
  STATISTIC,
  startPortal,
} from './cases.ts';

/** In this order (docs/bitrix24.md, section 14). */
const KEYS = [
  'ID',
  'PORTAL_USER_ID',
  'PORTAL_NUMBER',
  'PHONE_NUMBER',
  'CALL_ID',
  'EXTERNAL_CALL_ID',
  'CALL_CATEGORY',
  'CALL_LOG',
  'CALL_DURATION',
  'CALL_START_DATE',
  'CALL_RECORD_URL',
  'CALL_VOTE',
  'COST',
  'COST_CURRENCY',
  'CALL_FAILED_CODE',
  'CALL_FAILED_REASON',
  'CRM_ENTITY_TYPE',
  'CRM_ENTITY_ID',
  'CRM_ACTIVITY_ID',
  'REST_APP_ID',
  'REST_APP_NAME',
  'TRANSCRIPT_ID',
  'TRANSCRIPT_PENDING',
  'SESSION_ID',
  'REDIAL_ATTEMPT',
  'COMMENT',
  'RECORD_DURATION',
  'RECORD_FILE_ID',
  'CALL_TYPE',
];

const ROWS = 120;
const FIRST_START = Date.UTC(2026, 2, 2, 8);
const MINUTE_MS = 60_000;
const CODES = ['200', '304', '486', '603-S'] as const;

/** What was said of each call; they differ in everything that filters ask about. */
const said = Array.from({ length: ROWS }, (_, n) => ({
  n,
  user: (n % 2) + 1,
  type: (n % 5) + 1,
  // Every third is the contact's.
  number: n % 3 === 0 ? '+14155550101' : `+44207946${String(n).padStart(4, '0')}`,
  // Not in the order of their registration.
  start: FIRST_START + ((n * 7) % ROWS) * MINUTE_MS,
  duration: n % 20,
  code: CODES[n % 4]!,
  vote: n % 6,
  cost: (n * 25) / 100,
}));
type StatedCall = (typeof said)[number];

const portal = await startPortal();
// Registered at the same time: ids are given in whatever order they come, and a row knows which it is.
const registered = await Promise.all(
  said.map(each =>
    portal.register({
      USER_ID: each.user,
      PHONE_NUMBER: each.number,
      TYPE: each.type,
      EXTERNAL_CALL_ID: `n-${each.n}`,
      LINE_NUMBER: each.n % 10 === 0 ? '+14155550199' : undefined,
      CALL_START_DATE: new Date(each.start).toISOString(),
    }),
  ),
);
const finished: readonly Finished[] = await Promise.all(
  said.map((each, n) =>
    portal.finish(registered[n]!.CALL_ID, {
      USER_ID: each.user,
      DURATION: each.duration,
      STATUS_CODE: each.code,
      VOTE: each.vote,
      COST: each.cost,
      COST_CURRENCY: each.n % 2 === 0 ? 'USD' : undefined,
      FAILED_REASON: each.code === '200' ? undefined : `Reason ${each.n % 3}`,
    }),
  ),
);
const idOf = (n: number): number => Number(finished[n]!['ID']);

type Listed = PortalBody<readonly Row[]>;
const list = async (params: Params = {}): Promise<Listed> => (await portal.ask<readonly Row[]>(STATISTIC, params)).body;
const numberOf = (row: Row): number => Number(String(row['EXTERNAL_CALL_ID']).slice(2));

/** Which calls a filter finds, on however many pages, and that `total` says how many. */
async function found(params: Params): Promise<readonly number[]> {
  const rows: Row[] = [];
  for (let start: number | undefined = 0; start !== undefined; ) {
    const { result, total, next }: Listed = await list({ ...params, start });
    rows.push(...result);
    assert.ok(next === undefined ? rows.length === total : next === rows.length && rows.length < total!);
    start = next;
  }
  return rows.map(numberOf);
}

const ascending = (a: number, b: number): number => a - b;
const whichAre = (is: (each: StatedCall) => boolean): readonly number[] => said.filter(is).map(each => each.n);

/** The filter finds exactly the calls of which this is true, and they are some but not all. */
async function finds(filter: unknown, is: (each: StatedCall) => boolean): Promise<void> {
  const expected = whichAre(is);
  assert.ok(expected.length > 0 && expected.length < ROWS, `an example that proves nothing: ${JSON.stringify(filter)}`);
  assert.deepEqual([...(await found({ FILTER: filter }))].sort(ascending), expected, JSON.stringify(filter));
}

test('B24-51 statistic.get of 120 rows - pages of 50, total 120, next 50; the third has 20 and no next', async () => {
  const first = await list();
  assert.deepEqual([first.result.length, first.total, first.next], [50, 120, 50]);
  const second = await list({ start: 50 });
  assert.deepEqual([second.result.length, second.total, second.next], [50, 120, 100]);
  const third = await list({ start: 100 });
  assert.deepEqual([third.result.length, third.total], [20, 120]);
  assert.ok(!('next' in third));
  const ids = [first, second, third].flatMap(page => page.result.map(row => Number(row['ID'])));
  assert.deepEqual(ids, said.map(each => idOf(each.n)).sort(ascending));
});

test('B24-51 statistic.get start - any offset, text or number; past the end there are no rows', async () => {
  for (const [start, rows, next] of [
    ['50', 50, 100],
    [7, 50, 57],
    [70, 50, undefined],
    [71, 49, undefined],
    [119, 1, undefined],
    [120, 0, undefined],
    [5_000, 0, undefined],
    [null, 50, 50],
    ['', 50, 50],
    ['x', 50, 50],
    [-7, 50, 50],
  ] as const) {
    const page = await list({ start });
    assert.deepEqual([page.result.length, page.next, page.total], [rows, next, 120], JSON.stringify(start));
  }
});

test('B24-52 statistic.get start -1 - 50 rows, neither total nor next', async () => {
  for (const start of [-1, '-1']) {
    const { body } = await portal.ask<readonly Row[]>(STATISTIC, { start });
    assert.deepEqual(Object.keys(body), ['result', 'time']);
    assert.equal(body.result.length, 50);
  }
});

test('B24-52 statistic.get start -1 with ID as cursor - every row once', async () => {
  const ids: number[] = [];
  for (let last = 0; ; last = ids.at(-1)!) {
    const { result } = await list({ filter: { '>ID': last }, order: { ID: 'ASC' }, start: -1 });
    ids.push(...result.map(row => Number(row['ID'])));
    if (result.length < 50) break;
  }
  assert.deepEqual(ids, said.map(each => idOf(each.n)).sort(ascending));
});

test('B24-53 statistic.get row typing - text or null, but RECORD_FILE_ID; COST has four decimals', async () => {
  const { result } = await list();
  for (const row of result) {
    assert.deepEqual(Object.keys(row), KEYS);
    const { RECORD_FILE_ID: file, ...rest } = row;
    assert.equal(file, null);
    for (const [key, value] of Object.entries(rest)) assert.ok(value === null || typeof value === 'string', key);
    assert.match(String(row['COST']), /^\d+\.\d{4}$/);
    assert.match(String(row['CALL_START_DATE']), /^2026-03-02T\d\d:\d\d:00\+01:00$/);
  }
});

test('B24-53 statistic.get a row - what was registered and finished', async () => {
  const n = 66;
  const row = await portal.row(registered[n]!.CALL_ID);
  assert.deepEqual(row, {
    ID: String(idOf(n)),
    PORTAL_USER_ID: '1',
    PORTAL_NUMBER: 'REST_APP:',
    PHONE_NUMBER: '+14155550101',
    CALL_ID: registered[n]!.CALL_ID,
    EXTERNAL_CALL_ID: 'n-66',
    CALL_CATEGORY: 'external',
    CALL_LOG: null,
    CALL_DURATION: '6',
    CALL_START_DATE: '2026-03-02T10:42:00+01:00',
    CALL_RECORD_URL: null,
    CALL_VOTE: null,
    COST: '16.5000',
    COST_CURRENCY: 'USD',
    CALL_FAILED_CODE: '486',
    CALL_FAILED_REASON: 'Reason 0',
    CRM_ENTITY_TYPE: 'CONTACT',
    CRM_ENTITY_ID: '10',
    CRM_ACTIVITY_ID: String(finished[n]!['CRM_ACTIVITY_ID']),
    REST_APP_ID: null,
    REST_APP_NAME: null,
    TRANSCRIPT_ID: null,
    TRANSCRIPT_PENDING: 'N',
    SESSION_ID: null,
    REDIAL_ATTEMPT: null,
    COMMENT: null,
    RECORD_DURATION: null,
    RECORD_FILE_ID: null,
    CALL_TYPE: '2',
  });
});

test('B24-54 FILTER ID - equal to one, to one of several, unequal, between', async () => {
  await finds({ ID: idOf(17) }, each => each.n === 17);
  await finds({ ID: [idOf(17), String(idOf(42))] }, each => each.n === 17 || each.n === 42);
  await finds({ '=ID': { 0: idOf(17), 5: idOf(42) } }, each => each.n === 17 || each.n === 42);
  await finds({ '!ID': [idOf(17), idOf(42)] }, each => each.n !== 17 && each.n !== 42);
  await finds({ '>ID': idOf(60) }, each => idOf(each.n) > idOf(60));
});

test('B24-54 FILTER >= and < CALL_START_DATE - instants, whatever their offset', async () => {
  const [from, to] = [FIRST_START + 10 * MINUTE_MS, FIRST_START + 30 * MINUTE_MS];
  const within = (each: StatedCall) => each.start >= from && each.start < to;
  for (const [low, high] of [
    ['2026-03-02T09:10:00+01:00', '2026-03-02T09:30:00+01:00'],
    ['2026-03-02T08:10:00Z', '2026-03-02T11:30:00+03:00'],
    ['2026-03-02 09:10:00', '2026-03-02 09:30:00'],
    ['2026-03-02T08:10:00.000Z', '2026-03-02T08:30:00.000Z'],
  ]) {
    await finds({ '>=CALL_START_DATE': low, '<CALL_START_DATE': high }, within);
  }
  await finds({ '>CALL_START_DATE': '2026-03-02T08:10:00Z' }, each => each.start > from);
  await finds({ '<=CALL_START_DATE': '2026-03-02T08:10:00Z' }, each => each.start <= from);
  // A date is its midnight on the portal's clock: the day itself is not before it.
  assert.deepEqual(await found({ FILTER: { '<CALL_START_DATE': '2026-03-02' } }), []);
  assert.equal((await found({ FILTER: { '<CALL_START_DATE': '2026-03-03' } })).length, ROWS);
});

test('B24-54 FILTER !CALL_FAILED_CODE - the others, and both together are all', async () => {
  for (const key of ['!CALL_FAILED_CODE', '!=CALL_FAILED_CODE'])
    await finds({ [key]: '200' }, each => each.code !== '200');
  await finds({ CALL_FAILED_CODE: '200' }, each => each.code === '200');
  await finds({ CALL_FAILED_CODE: 200 }, each => each.code === '200');
  await finds({ CALL_FAILED_CODE: ['486', '603-S'] }, each => each.code === '486' || each.code === '603-S');
  await finds({ '!CALL_FAILED_CODE': ['200', '304'] }, each => each.code === '486' || each.code === '603-S');
});

test('B24-54 FILTER >< and !>< CALL_DURATION - between, the ends included, and outside', async () => {
  await finds({ '><CALL_DURATION': [5, 10] }, each => each.duration >= 5 && each.duration <= 10);
  await finds({ '><CALL_DURATION': ['5', '10'] }, each => each.duration >= 5 && each.duration <= 10);
  await finds({ '!><CALL_DURATION': [5, 10] }, each => each.duration < 5 || each.duration > 10);
  await finds({ '>=CALL_DURATION': 9.5 }, each => each.duration >= 10);
  // As numbers: as text, 9 would be more than 10.
  await finds({ '>CALL_DURATION': '9' }, each => each.duration > 9);
});

test('B24-54 FILTER %PHONE_NUMBER - contained in the text, or in the digits', async () => {
  const contact = (each: StatedCall) => each.number === '+14155550101';
  await finds({ '%PHONE_NUMBER': '4155' }, contact);
  await finds({ '?PHONE_NUMBER': '4155' }, contact);
  await finds({ '%PHONE_NUMBER': '(415) 555' }, contact);
  await finds({ '!%PHONE_NUMBER': '4155' }, each => !contact(each));
  await finds({ PHONE_NUMBER: '+1 (415) 555-0101' }, contact);
  await finds({ PHONE_NUMBER: '14155550101' }, contact);
});

test('B24-54 FILTER on the other fields - as their types compare', async () => {
  const filters: readonly (readonly [object, (each: StatedCall) => boolean])[] = [
    [{ PORTAL_USER_ID: 2 }, each => each.user === 2],
    [{ CALL_TYPE: 2 }, each => each.type === 2],
    [{ CALL_TYPE: ['1', '4'] }, each => each.type === 1 || each.type === 4],
    [{ CALL_ID: registered[5]!.CALL_ID }, each => each.n === 5],
    [{ EXTERNAL_CALL_ID: 'n-5' }, each => each.n === 5],
    [{ '%EXTERNAL_CALL_ID': 'N-5' }, each => String(each.n).startsWith('5')],
    [{ PORTAL_NUMBER: '+14155550199' }, each => each.n % 10 === 0],
    [{ '%PORTAL_NUMBER': 'rest_app' }, each => each.n % 10 !== 0],
    [{ CALL_VOTE: 4 }, each => each.vote === 4],
    [{ '>=CALL_VOTE': 4 }, each => each.vote >= 4],
    [{ CALL_VOTE: null }, each => each.vote === 0],
    [{ COST: '1.50' }, each => each.cost === 1.5],
    [{ COST: 1.5 }, each => each.cost === 1.5],
    [{ '>COST': '9.99' }, each => each.cost > 9.99],
    [{ COST_CURRENCY: 'USD' }, each => each.n % 2 === 0],
    [{ COST_CURRENCY: '' }, each => each.n % 2 === 1],
    [{ '!COST_CURRENCY': '' }, each => each.n % 2 === 0],
    [{ '%CALL_FAILED_REASON': 'reason 1' }, each => each.code !== '200' && each.n % 3 === 1],
    [{ CRM_ENTITY_TYPE: 'CONTACT' }, each => each.n % 3 === 0],
    [{ CRM_ENTITY_ID: 10, CRM_ENTITY_TYPE: 'CONTACT' }, each => each.n % 3 === 0],
    [{ CRM_ENTITY_TYPE: false }, each => each.n % 3 !== 0],
    [{ portal_user_id: 2, '>call_duration': 15 }, each => each.user === 2 && each.duration > 15],
  ];
  for (const [filter, is] of filters) await finds(filter, is);
});

test('B24-54 FILTER in a form and a query - as in JSON', async () => {
  const filter = { '>=CALL_DURATION': '5', '<CALL_DURATION': '8', CALL_FAILED_CODE: ['304', '486'] };
  const expected = (await list({ FILTER: filter })).result;
  assert.ok(expected.length > 0);
  for (const carry of Object.values(CARRIERS)) {
    const { body } = await carry(portal, STATISTIC, { FILTER: filter });
    assert.deepEqual(body.result, expected);
  }
  // Brackets as people write them; the equals sign inside belongs to the name.
  const written =
    'FILTER[>=CALL_DURATION]=5&FILTER[<CALL_DURATION]=8&FILTER[CALL_FAILED_CODE][]=304&FILTER[CALL_FAILED_CODE][]=486';
  const { body } = await portal.send<readonly Row[]>(`${methodPath(STATISTIC)}?${written}`);
  assert.deepEqual(body.result, expected);
});

test('B24-54 FILTER that names no field, or a value no row has', async () => {
  assert.equal((await found({ FILTER: { NO_SUCH: 1, '%RECORD_FILE_ID': 5 } })).length, ROWS);
  for (const nothing of [
    { ID: 'x' },
    { ID: [] },
    { CALL_START_DATE: 'yesterday' },
    { CALL_CATEGORY: 'internal' },
    { '><CALL_DURATION': [5] },
    { REST_APP_ID: 3 },
    { SESSION_ID: 3 },
    { '>ID': [1, 2] },
  ]) {
    assert.deepEqual(await found({ FILTER: nothing }), [], JSON.stringify(nothing));
  }
  assert.equal((await found({ FILTER: { CALL_CATEGORY: 'external' } })).length, ROWS);
  for (const none of [null, '', [], {}, 'x', 5]) assert.equal((await found({ FILTER: none })).length, ROWS);
});

test('B24-55 SORT and ORDER as two texts, ORDER as a map - the same order', async () => {
  const latestFirst = said.toSorted((a, b) => b.start - a.start).map(each => each.n);
  for (const sorting of [
    { SORT: 'CALL_START_DATE', ORDER: 'DESC' },
    { SORT: 'call_start_date', ORDER: 'desc' },
    { ORDER: { CALL_START_DATE: 'DESC' } },
    { order: { CALL_START_DATE: 'desc' } },
  ]) {
    assert.deepEqual(await found(sorting), latestFirst, JSON.stringify(sorting));
  }
  assert.deepEqual(await found({ SORT: 'CALL_START_DATE' }), latestFirst.toReversed());
  assert.deepEqual(await found({ SORT: 'CALL_START_DATE', ORDER: 'ASC' }), latestFirst.toReversed());
});

test('B24-55 SORT by every field - all rows once, in the order of its type', async () => {
  const byDuration = await found({ SORT: 'CALL_DURATION', ORDER: 'DESC' });
  const durations = byDuration.map(n => said[n]!.duration);
  assert.deepEqual(
    durations,
    durations.toSorted((a, b) => b - a),
  );
  const twice = await found({ ORDER: { CALL_DURATION: 'ASC', COST: 'DESC' } });
  const expected = said.toSorted((a, b) => a.duration - b.duration || b.cost - a.cost).map(each => each.n);
  assert.deepEqual(twice, expected);
  for (const field of KEYS) {
    const sorted = await found({ SORT: field, ORDER: 'DESC' });
    assert.deepEqual(
      [...sorted].sort(ascending),
      whichAre(() => true),
      field,
    );
  }
});

test('B24-55 SORT by what is no field, or not sortable - by ID', async () => {
  const byId = said.toSorted((a, b) => idOf(a.n) - idOf(b.n)).map(each => each.n);
  for (const sorting of [
    {},
    { SORT: 'NO_SUCH', ORDER: 'DESC' },
    { SORT: 'CALL_TYPE', ORDER: 'DESC' },
    { ORDER: 'DESC' },
  ]) {
    const rows = await found(sorting);
    assert.deepEqual(rows, byId, JSON.stringify(sorting));
  }
  assert.deepEqual(await found({ SORT: 'ID', ORDER: 'DESC' }), byId.toReversed());
});

test('B24-56 filter and order in small letters, start "-1" - honoured', async () => {
  const { body } = await portal.ask<readonly Row[]>(STATISTIC, {
    filter: { '>CALL_DURATION': 10, CALL_FAILED_CODE: '200' },
    order: { CALL_DURATION: 'DESC' },
    start: '-1',
  });
  assert.deepEqual(Object.keys(body), ['result', 'time']);
  const expected = whichAre(each => each.duration > 10 && each.code === '200');
  assert.deepEqual(body.result.map(numberOf).sort(ascending), expected);
  const durations = body.result.map(row => Number(row['CALL_DURATION']));
  assert.deepEqual(
    durations,
    durations.toSorted((a, b) => b - a),
  );
  // Where both are there, the documented one.
  assert.deepEqual(await found({ FILTER: { ID: idOf(3) }, filter: { ID: idOf(4) } }), [3]);
});

test('B24 14 what a webhook sees - everything for an administrator, the own calls for an agent', async () => {
  const { body } = await portal.ask<readonly Row[]>(STATISTIC, {}, 'agent');
  assert.equal(body.total, whichAre(each => each.user === 2).length);
  assert.ok(body.result.every(row => row['PORTAL_USER_ID'] === '2'));
  const others = await portal.ask<readonly Row[]>(STATISTIC, { FILTER: { PORTAL_USER_ID: 1 } }, 'agent');
  assert.deepEqual([others.body.result, others.body.total], [[], 0]);
});

test('B24 14 a call that nobody registered - a line of its own, and a correction changes it', async () => {
  const { v1 } = portal;
  const stated = {
    externalId: 'native-1',
    direction: 'outbound',
    from: '101',
    to: '+442079460990',
    startedAt: '2026-04-01T08:00:00Z',
    durationSeconds: 40,
    talkSeconds: 30,
  };
  const { id } = await v1.post<{ id: number }>('/v1/calls', stated, 201);
  const lines = async () => (await list({ FILTER: { EXTERNAL_CALL_ID: 'native-1' } })).result;
  const [line] = await lines();
  assert.deepEqual(
    [line!['ID'], line!['PHONE_NUMBER'], line!['CALL_DURATION'], line!['CALL_FAILED_CODE'], line!['CALL_TYPE']],
    [String(id), '+442079460990', '30', '200', '1'],
  );
  const correction = { fields: { outcome: 'busy', talkSeconds: 0 }, reason: 'It was engaged.' };
  const corrected = await v1.ask('POST', `/v1/calls/${id}/corrections`, { body: correction });
  assert.ok(corrected.status < 300, JSON.stringify(corrected.body));
  const [after] = await lines();
  assert.deepEqual([after!['CALL_FAILED_CODE'], after!['CALL_DURATION']], ['486', '0']);
  assert.equal((await lines()).length, 1);
});

test('B24-54 FILTER CALL_ID - lines that applications registered, those of other calls by their ids, and no others', async () => {
  const { v1 } = portal;
  const asRegistered = registered[6]!.CALL_ID;
  // Another program calls its own call as the portal calls a registration.
  const stated = { externalId: asRegistered, direction: 'outbound', from: '101', to: '+442079460991' };
  const { id } = await v1.post<{ id: number }>(
    '/v1/calls',
    { ...stated, startedAt: '2026-04-02T08:00:00Z', durationSeconds: 40, talkSeconds: 30 },
    201,
  );
  const named = async (callId: unknown, more: Params = {}) => {
    const { result, total } = await list({ FILTER: { CALL_ID: callId }, ...more });
    assert.equal(total, result.length);
    return result.map(row => Number(row['ID']));
  };
  const cases: readonly (readonly [callId: unknown, ids: readonly number[]])[] = [
    [asRegistered, [idOf(6)]],
    [`call.${id}`, [id]],
    [
      [`call.${id}`, asRegistered, 'nobody calls one so'],
      [idOf(6), id],
    ],
    [[`call.${id}`, `call.${id}`, ''], [id]],
    [`call.${idOf(6)}`, []],
    [`call.0${id}`, []],
    [`CALL.${id}`, []],
    [`call.${'9'.repeat(40)}`, []],
    ['call.', []],
    [asRegistered.toUpperCase(), []],
    [[], []],
    ['', []],
  ];
  for (const [callId, ids] of cases) assert.deepEqual(await named(callId), ids, JSON.stringify(callId));
  const both = [`call.${id}`, asRegistered];
  assert.deepEqual(await named(both, { SORT: 'CALL_START_DATE', ORDER: 'DESC' }), [id, idOf(6)]);
  assert.deepEqual((await list({ FILTER: { CALL_ID: both, ID: idOf(6) } })).total, 1);
  assert.deepEqual((await list({ FILTER: { CALL_ID: both, '>ID': idOf(6) } })).total, 1);
  assert.equal((await list({ FILTER: { '!CALL_ID': both } })).total, (await list()).total! - 2);
  // As the portal's line, whichever call it was joined into.
  await v1.post(`/v1/calls/${id}/join`, { with: idOf(6) }, 200);
  assert.deepEqual(await named(both), [idOf(6)]);
  await v1.post(`/v1/calls/${idOf(6)}/join`, { with: idOf(5) }, 200);
  assert.deepEqual(await named([registered[5]!.CALL_ID, asRegistered]), [idOf(5), idOf(6)]);
});
