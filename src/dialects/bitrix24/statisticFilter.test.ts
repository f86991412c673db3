import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { holds } from '../../ledger/condition.ts';
import { numberKey } from '../../values/numberKey.ts';
import { MethodError } from './errors.ts';
import { type FilterContext, readStatisticQuestion, type StatisticQuestion } from './statisticFilter.ts';
import { JSON_TYPE, postForm, postJson, request } from './testing/testParams.ts';

const PHONES = { country: 'US', areaCode: null, outsidePrefix: null };
const CONTEXT: FilterContext = {
  zone: 'Europe/Berlin',
  phoneKeyOf: number => numberKey(number, PHONES),
  phoneKeysOfText: text => [numberKey(text, PHONES)],
};

const BLANK = {
  userId: 1,
  line: 'REST_APP:',
  phoneNumber: '',
  externalCallId: null,
  durationSeconds: 0,
  startedAt: Date.UTC(2026, 8, 1, 10),
  vote: null,
  costMicros: 0,
  currency: '',
  statusCode: '304',
  failedReason: '',
  clientType: null,
  clientId: null,
  activityId: null,
  note: null,
  type: 2,
};
const row = (id: number, fields: Record<string, unknown>) => {
  const whole = { ...BLANK, ...fields };
  return { id, token: `externalCall.${id}`, numberKey: CONTEXT.phoneKeyOf(whole.phoneNumber), ...whole };
};

const ROWS = [
  row(1, {
    phoneNumber: '+14155550101',
    statusCode: '200',
    durationSeconds: 95,
    costMicros: 1_500_000,
    currency: 'USD',
    vote: 5,
  }),
  row(2, {
    phoneNumber: '(415) 555-0101',
    durationSeconds: 5,
    externalCallId: 'x1',
    startedAt: Date.UTC(2026, 8, 1, 22),
  }),
  row(3, {
    phoneNumber: '+442079460123',
    durationSeconds: 10,
    externalCallId: '',
    clientId: 10,
    clientType: 'CONTACT',
    type: 1,
  }),
  row(4, {
    phoneNumber: 'anonymous',
    statusCode: '603-S',
    durationSeconds: 11,
    note: 'Straße',
    userId: 2,
  }),
];

async function ask(body: object): Promise<StatisticQuestion> {
  return readStatisticQuestion(await postJson(body), CONTEXT);
}

const found = ({ nothing, where }: StatisticQuestion): number[] =>
  nothing ? [] : ROWS.filter(each => holds(where, each)).map(each => each.id);

const rowsOf = async (filter: object): Promise<number[]> => found(await ask({ FILTER: filter }));

async function expectRows(cases: readonly (readonly [object, readonly number[]])[]): Promise<void> {
  for (const [filter, ids] of cases) assert.deepEqual(await rowsOf(filter), ids, JSON.stringify(filter));
}

test('case 54 - lists, ranges, negations and pieces of text', () =>
  expectRows([
    [{ ID: [1, '3', 9] }, [1, 3]],
    [{ ID: '2' }, [2]],
    [{ '=ID': 2 }, [2]],
    [{ '!ID': [1, 2] }, [3, 4]],
    [{ '!=ID': 1 }, [2, 3, 4]],
    [{ '!CALL_FAILED_CODE': '200' }, [2, 3, 4]],
    [{ CALL_FAILED_CODE: 200 }, [1]],
    [{ '><CALL_DURATION': [5, 10] }, [2, 3]],
    [{ '!><CALL_DURATION': ['6', '95'] }, [2]],
    [{ '>CALL_DURATION': 10, '<=CALL_DURATION': 95 }, [1, 4]],
    [{ '>CALL_DURATION': '10.5' }, [1, 4]],
    [{ '%PHONE_NUMBER': '4155' }, [1, 2]],
    [{ '!%PHONE_NUMBER': '4155' }, [3, 4]],
    [{ '?COMMENT': 'STRASSE' }, [4]],
    [{ '%ID': [1, 3] }, [1, 3]],
    [{ call_type: '1' }, [3]],
  ]));

test('case 54 - dates, with offset, without one, and without a time', () =>
  expectRows([
    [{ '>=CALL_START_DATE': '2026-09-01', '<CALL_START_DATE': '2026-09-02' }, [1, 3, 4]],
    [{ '<CALL_START_DATE': '2026-09-01' }, []],
    [{ '>CALL_START_DATE': '2026-09-01 12:00:00' }, [2]],
    [{ CALL_START_DATE: '2026-09-01T13:00:00+03:00' }, [1, 3, 4]],
    [{ '><CALL_START_DATE': ['2026-09-01T22:00:00Z', '9999-12-31'] }, [2]],
    [{ '>=CALL_START_DATE': 'yesterday-ish' }, []],
    [{ '!CALL_START_DATE': 'yesterday-ish' }, [1, 2, 3, 4]],
  ]));

test('phone numbers - are found however they are written, withheld ones by their text only', () =>
  expectRows([
    [{ PHONE_NUMBER: '+14155550101' }, [1, 2]],
    [{ PHONE_NUMBER: ' 14155550101' }, [1, 2]],
    [{ PHONE_NUMBER: '415-555-0101' }, [1, 2]],
    [{ PHONE_NUMBER: ['4155550101', '+44 20 7946 0123'] }, [1, 2, 3]],
    [{ '!PHONE_NUMBER': '4155550101' }, [3, 4]],
    [{ '%PHONE_NUMBER': '(415)' }, [1, 2]],
    [{ '%PHONE_NUMBER': '+44' }, [3]],
    [{ '%PHONE_NUMBER': 'ANON' }, [4]],
    [{ '%PHONE_NUMBER': 'desk 1' }, []],
    [{ PHONE_NUMBER: 'anonymous' }, [4]],
    [{ PHONE_NUMBER: 'private' }, []],
    [{ '!PHONE_NUMBER': 'private' }, [1, 2, 3, 4]],
  ]));

test('phone numbers - are found by what is left of them, digits and a plus', async () => {
  const { where } = await ask({ FILTER: { PHONE_NUMBER: '64#00' } });
  assert.equal(holds(where, row(5, { phoneNumber: '6400' })), true);
  assert.equal(holds(where, row(6, { phoneNumber: '6401' })), false);
});

test('nothing there - is asked for by null, false and an empty text; it does not differ', () =>
  expectRows([
    [{ CRM_ENTITY_ID: null }, [1, 2, 4]],
    [{ CRM_ENTITY_ID: false }, [1, 2, 4]],
    [{ CRM_ENTITY_ID: '' }, [1, 2, 4]],
    [{ CRM_ENTITY_ID: [10, null] }, [1, 2, 3, 4]],
    [{ '!CRM_ENTITY_ID': null }, [3]],
    [{ '!CRM_ENTITY_ID': 11 }, [3]],
    [{ EXTERNAL_CALL_ID: '' }, [1, 3, 4]],
    [{ '!EXTERNAL_CALL_ID': '' }, [2]],
    [{ '!EXTERNAL_CALL_ID': 'x2' }, [2, 3]],
    [{ '!COST_CURRENCY': '' }, [1]],
    [{ '>CALL_VOTE': null }, []],
    [{ '%COMMENT': '' }, [1, 2, 3, 4]],
    [{ '!%COMMENT': 'x' }, [4]],
    [{ ID: [] }, []],
    [{ '!ID': [] }, [1, 2, 3, 4]],
  ]));

test('amounts and flags - are compared as what they are', () =>
  expectRows([
    [{ COST: '1.5000' }, [1]],
    [{ '>COST': 0 }, [1]],
    [{ '<=COST': '1,5' }, []],
    [{ COST: 1.50000001 }, []],
    [{ TRANSCRIPT_PENDING: 'Y' }, []],
    [{ TRANSCRIPT_PENDING: false }, [1, 2, 3, 4]],
    [{ TRANSCRIPT_PENDING: 'N' }, [1, 2, 3, 4]],
    [{ '!TRANSCRIPT_PENDING': 'y' }, [1, 2, 3, 4]],
    [{ TRANSCRIPT_PENDING: 'maybe' }, []],
  ]));

test('fields that are the same in every row - hold for all or for none, and nobody looks', async () => {
  await expectRows([
    [{ CALL_CATEGORY: 'external' }, [1, 2, 3, 4]],
    [{ CALL_CATEGORY: ['inner', 'external'] }, [1, 2, 3, 4]],
    [{ '%CALL_CATEGORY': 'EXT' }, [1, 2, 3, 4]],
    [{ '!CALL_CATEGORY': 'external' }, []],
    [{ CALL_LOG: null }, [1, 2, 3, 4]],
    [{ '!CALL_LOG': '' }, []],
    [{ '!CALL_RECORD_URL': 'x' }, []],
    [{ SESSION_ID: 5 }, []],
    [{ SESSION_ID: '' }, [1, 2, 3, 4]],
    [{ '>REDIAL_ATTEMPT': 0 }, []],
  ]);
  const all = await ask({ FILTER: { CALL_CATEGORY: 'external' } });
  assert.deepEqual([all.where, all.nothing], [[], false]);
  const none = await ask({ FILTER: { '!CALL_CATEGORY': 'external', ID: 1 } });
  assert.equal(none.nothing, true);
});

test('what is no field, and operators of other methods - are ignored', () =>
  expectRows([
    [{ NO_FIELD: 1, '!RECORD_FILE_ID': 5, '@ID': [1], '=%ID': 1, '': 1, '!': 1 }, [1, 2, 3, 4]],
    [{ ' id ': 2 }, [2]],
  ]));

test('shapes that mean nothing - match nothing, and a filter that is none is none', async () => {
  await expectRows([
    [{ ID: { a: 1 } }, []],
    [{ ID: 'one' }, []],
    [{ '>ID': [1, 2] }, []],
    [{ '><ID': [1] }, []],
    [{ '><ID': [1, 2, 3] }, []],
    [{ '><ID': ['a', 'b'] }, []],
    [{ '><ID': 1 }, []],
    [{ ID: [[1], { a: 2 }, true] }, []],
  ]);
  for (const FILTER of ['x', 5, null, [], {}, true]) assert.deepEqual((await ask({ FILTER })).where, []);
});

test('forms - filter as JSON does', async () => {
  const form = 'FILTER[><CALL_DURATION][0]=5&FILTER[><CALL_DURATION][1]=10&FILTER[>=ID]=3&FILTER[!CRM_ENTITY_ID]=';
  assert.deepEqual(found(readStatisticQuestion(await postForm(form), CONTEXT)), [3]);
});

test('case 55 - SORT and ORDER as texts, or ORDER as an object', async () => {
  const latest = [{ column: 'startedAt', descending: true }];
  const byId = [{ column: 'id', descending: false }];
  const newestFirst = [{ column: 'id', descending: true }];
  for (const [body, orderBy] of [
    [{ SORT: 'CALL_START_DATE', ORDER: 'DESC' }, latest],
    [{ SORT: 'call_start_date', ORDER: 'desc' }, latest],
    [{ ORDER: { CALL_START_DATE: 'DESC' } }, latest],
    [{ order: { CALL_START_DATE: 'DESC' } }, latest],
    [{ SORT: 'CALL_DURATION' }, [{ column: 'durationSeconds', descending: false }]],
    [
      { ORDER: { COST: 'ASC', NO_FIELD: 'DESC', id: 'DESC' } },
      [
        { column: 'costMicros', descending: false },
        { column: 'id', descending: true },
      ],
    ],
    [{ ORDER: { ID: 'DESC', id: 'ASC' } }, [{ column: 'id', descending: true }]],
    [{}, byId],
    [{ SORT: 'NO_FIELD', ORDER: 'DESC' }, byId],
    [{ SORT: 'CALL_TYPE', ORDER: 'DESC' }, byId],
    [{ SORT: 'CALL_LOG', ORDER: 'DESC' }, byId],
    // The same in every row: the ties that are left go in its direction.
    [{ SORT: 'REST_APP_ID', ORDER: 'DESC' }, newestFirst],
    [{ ORDER: { REST_APP_ID: 'DESC', ID: 'ASC' } }, byId],
    [{ ORDER: { CALL_START_DATE: 'DESC', TRANSCRIPT_ID: 'DESC' } }, [...latest, ...newestFirst]],
    [{ ORDER: { TRANSCRIPT_ID: 'DESC', CALL_START_DATE: 'DESC' } }, latest],
    [{ ORDER: { CALL_TYPE: 'DESC' } }, byId],
    [{ SORT: ['ID'], ORDER: ['DESC'] }, byId],
  ] as const) {
    assert.deepEqual((await ask(body)).orderBy, orderBy, JSON.stringify(body));
  }
});

test('case 56 - start as number or text, and -1 for not counting', async () => {
  for (const [start, offset, counted] of [
    [undefined, 0, true],
    [0, 0, true],
    ['50', 50, true],
    [7, 7, true],
    [-1, 0, false],
    ['-1', 0, false],
    [-50, 0, true],
    ['next', 0, true],
    [1e300, 0, true],
  ] as const) {
    const question = await ask({ filter: { '>ID': 1 }, start });
    assert.deepEqual([question.offset, question.counted, found(question)], [offset, counted, [2, 3, 4]], String(start));
  }
});

test('large filters - are refused with a sentence, not by the engine', async () => {
  const ids = (count: number) => Array.from({ length: count }, (_, place) => place);
  assert.deepEqual(await rowsOf({ ID: ids(10_000) }), [1, 2, 3, 4]);
  for (const FILTER of [{ ID: ids(10_001) }, { '%COMMENT': ids(500) }, { '!%COMMENT': ids(500) }]) {
    await assert.rejects(ask({ FILTER }), (error: unknown) => {
      assert.ok(error instanceof MethodError);
      assert.match(error.message, /^FILTER has more than \d+ (values|conditions)$/);
      return error.status === 400;
    });
  }
});

test('fuzz - any filter, sort and start is a question', async () => {
  const operator = fc.constantFrom('', '!', '=', '!=', '>', '>=', '<', '<=', '><', '!><', '%', '!%', '?', '@', '=%');
  const name = fc.constantFrom(
    'ID',
    'PHONE_NUMBER',
    'COST',
    'CALL_START_DATE',
    'TRANSCRIPT_PENDING',
    'CALL_LOG',
    'COMMENT',
    'CALL_CATEGORY',
    'X',
    '__proto__',
  );
  const key = fc.tuple(operator, name).map(parts => parts.join(''));
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom('2026-09-01', 'Y', '1.5', '+14155550101', 1, -1),
  );
  const filter = fc.array(fc.tuple(key, value), { maxLength: 4 }).map(entries => Object.fromEntries(entries));
  await fc.assert(
    fc.asyncProperty(filter, value, value, value, async (FILTER, SORT, ORDER, start) => {
      const body = JSON.stringify({ FILTER, SORT, ORDER, start });
      const question = readStatisticQuestion(await request(JSON_TYPE, body), CONTEXT);
      assert.ok(question.orderBy.length > 0 && question.offset >= 0);
      // A filter finds what each of its parts finds.
      const parts = await Promise.all(Object.entries(FILTER).map(([key, value]) => rowsOf({ [key]: value })));
      const ids = ROWS.map(each => each.id).filter(id => parts.every(part => part.includes(id)));
      assert.deepEqual(found(question), ids);
    }),
    { numRuns: 1500 },
  );
});
