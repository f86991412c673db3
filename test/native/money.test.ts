import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallView, ProblemView, SummaryView } from '../kit/v1Views.ts';
import { openHouse, statedCall } from './house.ts';

const { v1 } = await openHouse();

/** `cost` as it is written in the JSON text, quotes included where it is text. */
const reportCosting = (cost: string) => {
  const text = JSON.stringify(statedCall({ cost: 'COST', currency: 'EUR' })).replace('"COST"', cost);
  return v1.ask<CallView & ProblemView>('POST', '/v1/calls', { body: text });
};

for (const [written, kept] of [
  ['0.1', '0.1'],
  ['0.000001', '0.000001'],
  ['123456789.123456', '123456789.123456'],
  ['-123456789.123456', '-123456789.123456'],
  ['999999999.999999', '999999999.999999'],
  ['0.30000000', '0.3'],
  ['1.10', '1.1'],
  ['1e2', '100'],
  ['1.5e-3', '0.0015'],
  ['0', '0'],
  ['-0', '0'],
  ['1000000000', null],
  ['-1000000000', null],
  ['4503599627.370497', null],
  ['0.0000001', null],
  ['123456789012345678901234567890', null],
  ['1e400', null],
] as const) {
  test(`cost ${written} - ${kept === null ? 'refused, since it cannot be kept exactly' : `kept as ${kept}`}`, async () => {
    const { status, body } = await reportCosting(written);
    if (kept === null) {
      assert.deepEqual([status, body.errors?.[0]?.field], [400, 'cost']);
      return;
    }
    assert.equal(status, 201, JSON.stringify(body));
    assert.equal(body.cost, kept);
    assert.equal((await v1.call(body.id)).cost, kept);
  });
}

for (const [written, kept] of [
  ['"0.10"', '0.1'],
  ['"123456789.123456"', '123456789.123456'],
  ['"-3"', '-3'],
  ['"0.0000001"', null],
  ['"1,5"', null],
  ['"EUR 1"', null],
  ['"1e2"', null],
  ['" 1"', null],
  ['"1234567890"', null],
  ['true', null],
  ['{}', null],
  ['[1]', null],
] as const) {
  test(`cost ${written} - ${kept === null ? 'refused by its name' : `kept as ${kept}`}`, async () => {
    const { status, body } = await reportCosting(written);
    assert.deepEqual(
      [status, kept === null ? body.errors?.[0]?.field : body.cost],
      [kept === null ? 400 : 201, kept ?? 'cost'],
    );
  });
}

test('no cost - unknown, which is not zero', async () => {
  const { body } = await reportCosting('null');
  assert.equal(body.cost, null);
});

test('the same cost as text and as number - the same report', async () => {
  const body = statedCall({ cost: '0.5', currency: 'EUR' });
  const first = await v1.ask<CallView>('POST', '/v1/calls', { body });
  const again = await v1.ask<CallView>('POST', '/v1/calls', { body: JSON.stringify(body).replace('"0.5"', '0.500') });
  assert.deepEqual([first.status, again.status, again.body.id], [201, 200, first.body.id]);
});

test('a correction of the cost - as exact', async () => {
  const { body } = await reportCosting('1');
  const text = '{"fields":{"cost":123456789.123456,"currency":"KES"}}';
  const { status } = await v1.ask('POST', `/v1/calls/${body.id}/corrections`, { body: text });
  assert.equal(status, 201);
  const call = await v1.call(body.id);
  assert.deepEqual([call.cost, call.currency], ['123456789.123456', 'KES']);
});

test('costs that add up beyond 2^53 millionths - exact, in the statistics and of joined calls', async () => {
  const dearest = { cost: '999999999.999999', currency: 'VND', startedAt: '2026-05-04T10:00:00Z' };
  const calls: CallView[] = [];
  for (let n = 0; n < 21; n++) calls.push(await v1.post<CallView>('/v1/calls', statedCall(dearest), 201));
  const costsBy = async (query: string) =>
    (await v1.get<SummaryView>(`/v1/statistics/summary?startedFrom=2026-05-04T00:00:00Z${query}`)).totals.cost;
  for (const query of ['', '&by=user', '&by=user&by=hour', '&startedTo=2026-05-04T10:07:00Z']) {
    assert.deepEqual(await costsBy(query), [{ currency: 'VND', amount: '20999999999.999979' }], query);
  }
  const [first, ...others] = calls;
  const joined: (string | null)[] = [];
  for (const { id } of others.slice(0, 9)) {
    await v1.post(`/v1/calls/${first!.id}/join`, { with: id }, 200);
    joined.push((await v1.call(first!.id)).cost);
  }
  assert.deepEqual([joined[0], joined[7]], ['1999999999.999998', '8999999999.999991']);
  // Ten of them are more than one call's column holds: what they cost together is then not known.
  assert.equal(joined[8], null);
  assert.equal(
    (await v1.get<{ items: CallView[] }>('/v1/calls?limit=500')).items.some(each => each.id === first!.id),
    true,
  );
  assert.deepEqual(await costsBy(''), [{ currency: 'VND', amount: '10999999999.999989' }]);
});

test('currency - three capital letters', async () => {
  for (const currency of ['eur', 'EURO', '€', '', 5]) {
    const { status, body } = await v1.ask<ProblemView>('POST', '/v1/calls', {
      body: statedCall({ cost: 1, currency }),
    });
    assert.deepEqual([status, body.errors?.[0]?.field], [400, 'currency'], String(currency));
  }
});
