/** Pages and totals of a list that is longer than the windows in which it is walked: the same as of one statement. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createScratch } from '../../../test/kit/scratch.ts';
import type { Reader, Sort } from '../../ledger/query.ts';
import { TestLedger } from '../../ledger/testing/testLedger.ts';
import { sqliteStore } from '../../ledger/testing/testStores.ts';
import { type PortalCall, portalCall } from '../entities.ts';
import { NO_LINE } from '../line.ts';
import type { LineColumn, LineCondition } from './linePath.ts';
import { type PageQuestion, portalPage } from './portalPage.ts';

const LINES = 23_000;
const LIMIT = 50;

/** Starts do not rise with ids, and many are the same; every ninth row is an open registration. */
const lineOf = (id: number): PortalCall => ({
  id,
  webhookId: 1,
  open: null,
  ...NO_LINE,
  recordingId: null,
  ...(id % 9 === 0
    ? {}
    : {
        token: `call.${id}`,
        userId: id % 5,
        type: (id % 3) + 1,
        phoneNumber: `+4420794600${String(id % 100).padStart(2, '0')}`,
        numberKey: id % 4 === 0 ? '' : `+4420794600${String(id % 100).padStart(2, '0')}`,
        externalCallId: id % 2 === 0 ? 'unknown' : `x${id}`,
        vote: id % 6 === 0 ? (id % 5) + 1 : null,
        startedAt: 1_000 * ((id * 7_919) % 9_001),
        durationSeconds: id % 601,
        costMicros: (id * 31) % 1_009,
        statusCode: id % 500 === 1 ? '603' : '200',
      }),
});

const scratch = createScratch('portalPage');
let on: TestLedger;
before(async () => {
  on = await TestLedger.open(await sqliteStore([portalCall], scratch.path), { given: { call: LINES } });
  for (let from = 1; from <= LINES; from += 5_000) {
    const ids = Array.from({ length: Math.min(5_000, LINES + 1 - from) }, (_, n) => from + n);
    await on.submit(state => {
      for (const id of ids) state.insert(portalCall, lineOf(id));
    });
  }
});
after(async () => {
  await on.close();
  scratch[Symbol.dispose]();
});

/** The most lines that one statement of a question looks at: all that meet its conditions, whatever its order and limit. */
async function mostOfStatement(question: PageQuestion): Promise<number> {
  const { reader } = on.ledger;
  let most = 0;
  const measured: Reader = {
    async select(query) {
      const { offset = 0, limit, where = [], unordered, columns } = query;
      const isAlongIndex = unordered || (query.along !== undefined && columns?.length === 1 && limit === 1);
      const { count } = (await reader.aggregate({ from: query.from, where, groupBy: [], sum: [] }))[0] ?? { count: 0 };
      most = Math.max(most, isAlongIndex ? Math.min(Number(count), offset + limit) : Number(count));
      return reader.select(query);
    },
    async aggregate(query) {
      const found = await reader.aggregate(query);
      most = Math.max(most, Number(found[0]?.['count'] ?? 0));
      return found;
    },
    snapshot: work => reader.snapshot(work),
  };
  await portalPage(measured, question);
  return most;
}

test('a page far behind, in an order that no index has - is looked for in statements of one window', async () => {
  for (const [where, offset] of [
    [[], 9_960],
    [[], 18_000],
    [[{ column: 'numberKey', in: [''] }], 4_000],
  ] as const) {
    const orderBy = [{ column: 'costMicros', descending: true }] as const;
    const most = await mostOfStatement({ where, orderBy, offset, limit: LIMIT, counted: false });
    assert.ok(most <= 5_010, `${most} lines from ${offset} on`);
  }
});

/** What one statement answers, and another one counts. */
async function expected({ where, orderBy, offset, counted }: PageQuestion) {
  const listed = [...where, { column: 'startedAt', null: false } as const];
  const { reader } = on.ledger;
  const rows = await reader.select<PortalCall>({ from: portalCall, where: listed, orderBy, offset, limit: LIMIT });
  const [all] = await reader.aggregate<PortalCall>({ from: portalCall, where: listed, groupBy: [], sum: [] });
  return { ids: rows.map(each => each.id), total: counted ? Number(all?.['count'] ?? 0) : null };
}

const bound = (column: LineColumn, is: '<' | '<=' | '>' | '>=', value: number): LineCondition => ({
  column,
  is,
  value,
});

const WHERES: readonly (readonly [name: string, where: readonly LineCondition[]])[] = [
  ['all', []],
  ['of a user', [{ column: 'userId', is: '=', value: 3 }]],
  ['of users', [{ column: 'userId', in: [1, 4] }]],
  ['of a time', [bound('startedAt', '>=', 2_000_000), bound('startedAt', '<', 6_500_000)]],
  ['of a short time', [bound('startedAt', '>=', 2_000_000), bound('startedAt', '<', 2_050_000)]],
  ['from an id on', [bound('id', '>', 11_000)]],
  ['of a user since a time', [{ column: 'userId', in: [2] }, bound('startedAt', '>', 4_000_000)]],
  ['of a rare code', [{ column: 'statusCode', is: '=', value: '603' }]],
  ['with a piece of a number', [{ any: [{ column: 'phoneNumber', contains: '0042' }] }]],
  ['of a number', [{ column: 'numberKey', in: ['+442079460042'] }]],
  ['of a number that was withheld', [{ column: 'numberKey', in: [''] }]],
  ['of withheld and other numbers', [{ column: 'numberKey', in: ['', '+442079460042'] }]],
  ['of a name outside that many have', [{ column: 'externalCallId', in: ['unknown'] }]],
  ['of none', [{ column: 'statusCode', is: '=', value: '999' }]],
];

const ORDERS: readonly (readonly Sort<LineColumn>[])[] = [
  [{ column: 'id' }],
  [{ column: 'id', descending: true }],
  [{ column: 'startedAt' }],
  [{ column: 'startedAt', descending: true }],
  [{ column: 'startedAt', descending: true }, { column: 'id' }],
  [{ column: 'costMicros', descending: true }],
  [{ column: 'vote' }, { column: 'phoneNumber', descending: true }],
];

for (const [name, where] of WHERES) {
  test(`lines ${name} - the pages and the total of one statement, in every order and from every place`, async () => {
    for (const orderBy of ORDERS) {
      for (const [offset, counted] of [
        [0, true],
        [0, false],
        [4_990, true],
        [15_013, true],
        [30_000, true],
      ] as const) {
        const question = { where, orderBy, offset, limit: LIMIT, counted };
        const { rows, total } = await portalPage(on.ledger.reader, question);
        const found = { ids: rows.map(each => each.id), total };
        assert.deepEqual(found, await expected(question), JSON.stringify({ orderBy, offset, counted }));
      }
    }
  });
}
