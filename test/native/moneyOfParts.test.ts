/** What a joined call costs is what its parts cost, each as people correct it; what it cannot show it says (docs/one-call.md). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallView, SummaryView } from '../kit/v1Views.ts';
import { openHouse, statedCall } from './house.ts';
import { applicationOf, freshNumber, pbxTells, TELEPHONY } from './telephony.ts';

const { server, v1 } = await openHouse({ config: TELEPHONY });
const application = applicationOf(server);

let days = 0;
/** Two calls of a day of their own, one after the other; what that day costs by its statistics. */
async function twoCosting(one: readonly [string, string], other: readonly [string, string]) {
  const day = `2026-02-${String(++days).padStart(2, '0')}`;
  const report = async (second: string, [cost, currency]: readonly [string, string]) =>
    (await v1.post<CallView>('/v1/calls', statedCall({ startedAt: `${day}T10:${second}:00Z`, cost, currency }), 201))
      .id;
  const range = `startedFrom=${day}T00:00:00Z&startedTo=${day}T23:00:00Z`;
  const counted = async () => {
    const { cost } = (await v1.get<SummaryView>(`/v1/statistics/summary?by=day&${range}`)).totals;
    return cost.map(each => `${each.amount} ${each.currency}`);
  };
  return { a: await report('00', one), b: await report('05', other), counted };
}
const correct = (id: number, fields: object) => v1.post<{ n: number }>(`/v1/calls/${id}/corrections`, { fields }, 201);
const join = (id: number, other: number) => v1.post<CallView>(`/v1/calls/${id}/join`, { with: other }, 200);
const split = (id: number) => v1.post<CallView>(`/v1/calls/${id}/split`, {}, 200);
const costOf = async (id: number) => {
  const { cost, currency } = await v1.call(id);
  return `${cost} ${currency}`;
};
const warningsOf = async (id: number) => (await v1.call(id)).reports.flatMap(each => each.warnings);

test('the cost of a part corrected, then joined - is added to that of the other', async () => {
  const { a, b, counted } = await twoCosting(['1', 'EUR'], ['2', 'EUR']);
  await correct(a, { cost: '5', currency: 'EUR' });
  assert.deepEqual(await counted(), ['7 EUR']);
  await join(a, b);
  assert.equal(await costOf(a), '7 EUR');
  assert.deepEqual(await counted(), ['7 EUR']);
  assert.deepEqual(await warningsOf(a), [`cost: said of call ${a}, holds for that part of this one`]);
  await correct(b, { cost: '6.5' });
  assert.deepEqual([await costOf(a), await counted()], ['6.5 EUR', ['6.5 EUR']], 'what is said of the whole');
});

test('the cost of a joined call corrected, then split - is set aside, and holds again when they are joined again', async () => {
  const { a, b, counted } = await twoCosting(['1', 'EUR'], ['2', 'EUR']);
  await join(a, b);
  await correct(a, { cost: '5', note: 'by the bill' });
  await split(a);
  assert.deepEqual([await costOf(a), await costOf(b), await counted()], ['1 EUR', '2 EUR', ['3 EUR']]);
  assert.equal((await v1.call(a)).note, 'by the bill');
  assert.deepEqual(await warningsOf(a), [`cost: said of call ${a}, ${b}, set aside while this is another`]);
  await join(a, b);
  assert.deepEqual([await costOf(a), await warningsOf(a)], ['5 EUR', []]);
});

test('two currencies joined - one cost stands, and the report of the other says that it is not counted', async () => {
  const { a, b, counted } = await twoCosting(['1', 'EUR'], ['2', 'USD']);
  await join(a, b);
  assert.deepEqual([await costOf(a), await counted()], ['2 USD', ['2 USD']]);
  assert.deepEqual(await warningsOf(a), ['cost: 1 EUR is not counted, the cost of the call is in USD']);
  await correct(a, { cost: '2.9', currency: 'EUR' });
  assert.deepEqual([await costOf(a), await counted(), await warningsOf(a)], ['2.9 EUR', ['2.9 EUR'], []]);
});

test('a part corrected into the other currency, then joined - is not counted, and its correction says so', async () => {
  const { a, b, counted } = await twoCosting(['1', 'USD'], ['2', 'USD']);
  await correct(a, { currency: 'EUR' });
  await join(a, b);
  assert.deepEqual([await costOf(a), await counted()], ['2 USD', ['2 USD']]);
  assert.deepEqual(await warningsOf(a), [
    `currency: said of call ${a}, holds for that part of this one`,
    'cost: 1 EUR is not counted, the cost of the call is in USD',
  ]);
});

test('calls of a PBX whose cost an application tells, one corrected, then joined - cost what both cost', async () => {
  const calls: number[] = [];
  for (const cost of ['1', '2']) {
    const number = freshNumber();
    const token = await application.register(number);
    const pbxId = await pbxTells(server, { number, durationSeconds: 3, talkSeconds: 2 });
    await application.finish(token, { DURATION: 2, COST: cost, COST_CURRENCY: 'EUR' });
    calls.push((await v1.callOf(pbxId, 'hq')).id);
  }
  const [a, b] = calls as [number, number];
  await correct(a, { cost: '5' });
  await join(a, b);
  assert.equal(await costOf(a), '7 EUR');
  await correct(a, { cost: '8' });
  assert.equal(await costOf(b), '8 EUR');
});
