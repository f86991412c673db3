import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../kit/random.ts';
import type { CallPage, CallView } from '../kit/v1Views.ts';
import { openHouse, statedCall } from './house.ts';

const { v1 } = await openHouse();
const random = createRandom(11);

/** Few instants for many calls, so that every page ends between calls of the same start. */
const startOf = (n: number): string => new Date(Date.UTC(2026, 2, 2, 10, 0, n % 7)).toISOString();
const CALLS = 1_200;

const made = new Set<number>();
for (let n = 0; n < CALLS; n += 100) {
  const bodies = Array.from({ length: 100 }, (_, k) =>
    statedCall({
      startedAt: startOf(n + k),
      ...(k % 10 === 0 ? { outcome: 'busy', talkSeconds: 0 } : { outcome: 'answered' }),
    }),
  );
  for (const { id } of await Promise.all(bodies.map(body => v1.post<CallView>('/v1/calls', body, 201)))) made.add(id);
}

async function walk(query: string, limit: () => number, between: () => Promise<void> = async () => {}) {
  const seen: CallView[] = [];
  let cursor: string | null = null;
  do {
    const size = limit();
    const page: CallPage = await v1.get(`/v1/calls?limit=${size}${query}${cursor === null ? '' : `&cursor=${cursor}`}`);
    assert.ok(page.items.length <= size);
    assert.equal(page.items.length === size || page.next === null, true, 'a page is full unless it is the last');
    seen.push(...page.items);
    cursor = page.next;
    await between();
  } while (cursor !== null);
  return seen;
}

function expectAll(seen: readonly CallView[], wanted: ReadonlySet<number>): void {
  const ids = seen.map(each => each.id);
  assert.equal(new Set(ids).size, ids.length, 'no row twice');
  assert.deepEqual(
    [...wanted].filter(id => !ids.includes(id)),
    [],
    'none missing',
  );
  const places = seen.map(each => [Date.parse(each.startedAt), each.id] as const);
  for (let i = 1; i < places.length; i++) {
    const [before, after] = [places[i - 1]!, places[i]!];
    assert.ok(before[0] > after[0] || (before[0] === after[0] && before[1] > after[1]), 'in order');
  }
}

for (const [name, limit] of [
  ['of 1', () => 1],
  ['of 7', () => 7],
  ['of 100', () => 100],
  ['of 500', () => 500],
  ['of changing size', () => random.integer(1, 120)],
] as const) {
  test(`pages ${name} - every call once, in order`, async () => {
    const some = name === 'of 1' ? '&outcome=busy' : '';
    const seen = await walk(some, limit);
    assert.equal(seen.length, name === 'of 1' ? CALLS / 10 : CALLS);
    expectAll(seen, name === 'of 1' ? new Set() : made);
  });
}

test('the default - 50 calls a page', async () => {
  assert.equal((await v1.get<CallPage>('/v1/calls')).items.length, 50);
});

test('exactly as many as fit - no further page', async () => {
  const page = await v1.get<CallPage>(`/v1/calls?limit=120&outcome=busy`);
  assert.deepEqual([page.items.length, page.next], [120, null]);
});

test('a filter that rarely matches - full pages all the same', async () => {
  const seen = await walk('&outcome=busy', () => 25);
  assert.equal(seen.length, CALLS / 10);
});

test('calls that come in meanwhile, newer, older and at the same instant - no row twice, none missing', async () => {
  const wanted = new Set(made);
  let added = 0;
  const seen = await walk(
    '',
    () => 60,
    async () => {
      for (const startedAt of [startOf(added), '2026-03-02T12:00:00Z', '2026-03-01T12:00:00Z']) {
        const { id } = await v1.post<CallView>('/v1/calls', statedCall({ startedAt }), 201);
        made.add(id);
        added++;
      }
    },
  );
  expectAll(seen, wanted);
  assert.ok(added >= 60);
});

test('calls that change meanwhile - no row twice, none missing', async () => {
  const wanted = new Set(made);
  const [first] = (await v1.get<CallPage>('/v1/calls?limit=1')).items;
  const seen = await walk(
    '',
    () => 200,
    () => v1.post(`/v1/calls/${first!.id}/corrections`, { fields: { note: `${random.next()}` } }, 201),
  );
  expectAll(seen, wanted);
});
