import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { readStatisticQuestion } from '../dialects/bitrix24/statisticFilter.ts';
import { postJson } from '../dialects/bitrix24/testing/testParams.ts';
import { compileSelect } from '../ledger/sqlite/compile.ts';
import { tableStatements } from '../ledger/sqlite/ddl.ts';
import { portalCall } from '../portal/entities.ts';
import { numberKey } from '../values/numberKey.ts';

const PHONES = { country: 'GB', areaCode: null, outsidePrefix: null };
const LISTED = { column: 'startedAt', null: false } as const;

const database = new DatabaseSync(':memory:');
for (const statement of tableStatements(portalCall)) database.exec(statement);

/** How SQLite looks for the lines of the list that meet a filter. */
async function planOf(body: object): Promise<string> {
  const { where, orderBy } = readStatisticQuestion(await postJson(body), {
    zone: 'Etc/UTC',
    phoneKeyOf: number => numberKey(number, PHONES),
    phoneKeysOfText: text => [numberKey(text, PHONES)],
  });
  const { sql, parameters } = compileSelect({ from: portalCall, where: [LISTED, ...where], orderBy, limit: 50 });
  const steps = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...(parameters as (string | number)[]));
  return String(steps[0]!['detail']);
}

for (const [index, FILTER] of [
  ['external_id', { EXTERNAL_CALL_ID: '1700000000.1' }],
  ['external_id', { EXTERNAL_CALL_ID: ['1700000000.1', '1700000000.2'] }],
  ['phone', { PHONE_NUMBER: '+442079460123' }],
  ['phone', { PHONE_NUMBER: ['+442079460123', '020 7946 0124'] }],
  ['user', { PORTAL_USER_ID: 1 }],
  ['start', { '>=CALL_START_DATE': '2026-03-02', '<CALL_START_DATE': '2026-03-03' }],
] as const) {
  test(`statistic.get with ${JSON.stringify(FILTER)} - looks into an index, whatever the order`, async () => {
    for (const sorting of [{}, { SORT: 'ID', ORDER: 'DESC' }, { SORT: 'CALL_START_DATE', ORDER: 'DESC' }]) {
      const plan = await planOf({ FILTER, ...sorting });
      assert.match(
        plan,
        new RegExp(`^SEARCH portal_call USING INDEX portal_call_by_${index} `),
        JSON.stringify(sorting),
      );
    }
  });
}

test('statistic.get by ID - is a look-up by key', async () => {
  assert.match(await planOf({ FILTER: { ID: [1, 2] } }), /^SEARCH portal_call USING INTEGER PRIMARY KEY/);
});
