/** `call.settled` in the stream: one entry of the journal stands for many, and is told the same whenever it is read. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openEvents, type ServerEvent } from '../kit/eventStream.ts';
import type { CallView } from '../kit/v1Views.ts';
import { openHouse, statedCall } from './house.ts';

const { server, v1 } = await openHouse();

const report = (changes: Readonly<Record<string, unknown>> = {}): Promise<CallView> =>
  v1.post('/v1/calls', statedCall(changes), 201);
const join = (id: number, withId: number) => v1.post(`/v1/calls/${id}/join`, { with: withId }, 200);
const split = (id: number) => v1.post(`/v1/calls/${id}/split`, {}, 200);

/** Everything that is told after an id, up to the end of a call that is reported now. */
async function toldAfter(after: number | string, historical = false): Promise<readonly ServerEvent[]> {
  await using events = await openEvents(server, { after, historical });
  const { id } = await report();
  await events.first('what is told now', each => each.data.callId === id);
  return events.received.slice(
    0,
    events.received.findIndex(each => each.data.callId === id),
  );
}

/** So many calls at once, when all of them have settled, and the events of a move of the line over several of them. */
async function settledTogether(): Promise<{ calls: readonly CallView[]; together: readonly ServerEvent[] }> {
  for (;;) {
    await using events = await openEvents(server);
    const calls = await Promise.all(Array.from({ length: 40 }, () => report()));
    for (const { id } of calls) {
      await events.first(`call ${id} settles`, each => each.kind === 'call.settled' && each.data.callId === id);
    }
    const own = new Set(calls.map(each => each.id));
    const moves = Map.groupBy(
      events.received.filter(each => each.kind === 'call.settled'),
      each => each.data.position,
    );
    const together = [...moves.values()].find(
      each => each.length >= 4 && each.every(({ data }) => own.has(data.callId!)),
    );
    if (together !== undefined) return { calls, together };
  }
}

const idsOf = (events: readonly ServerEvent[]): string[] => events.map(each => each.id);

describe('calls that settle together', { timeout: 600_000 }, () => {
  test('are told one by one - by when they were due, then by id, each under an id of its own', async () => {
    const { together } = await settledTogether();
    const [{ data: first }] = together as [ServerEvent];
    assert.deepEqual(
      idsOf(together),
      together.map(({ data }) => `${first.position}.${data.callId}`),
    );
    const byDue = together.toSorted(
      (a, b) => Date.parse(a.data.at) - Date.parse(b.data.at) || a.data.callId! - b.data.callId!,
    );
    assert.deepEqual(together, byDue);
    for (const { data } of together) {
      const call = await v1.call(data.callId!);
      assert.equal(call.settledAt, data.at);
      assert.deepEqual(call.journal.at(-1), { ...data, position: null });
    }
  });

  test('a stream goes on in the middle of them, after the last one that was told', async () => {
    const { together } = await settledTogether();
    const [{ data }] = together as [ServerEvent];
    for (const [place, { id }] of together.entries()) {
      const rest = await toldAfter(id);
      assert.deepEqual(idsOf(rest).slice(0, together.length - place - 1), idsOf(together).slice(place + 1));
      assert.ok(!idsOf(rest.slice(together.length - place - 1)).some(each => idsOf(together).includes(each)));
    }
    const afterAll = await toldAfter(data.position);
    assert.ok(!afterAll.some(each => each.data.position <= data.position), 'a position is all of what stands there');
    const before = await toldAfter(data.position - 1);
    assert.deepEqual(before.slice(0, together.length), together);
    const ofNone = await toldAfter(`${data.position}.999999999`);
    assert.deepEqual(ofNone.slice(0, together.length), together, 'what has not been told is');
  });

  test('a place in an entry that is one event - is after it', async () => {
    const { together } = await settledTogether();
    const [{ data }] = together as [ServerEvent];
    const all = await toldAfter(0);
    const single = all.findLast(each => !each.id.includes('.') && each.data.position < data.position)!;
    const rest = await toldAfter(`${single.id}.${single.data.callId ?? 1}`);
    assert.equal(rest[0]!.data.position, single.data.position + 1);
  });

  test('whatever becomes of the calls - everything is told as it was', async () => {
    const { together } = await settledTogether();
    const [one, other, third] = together.map(each => each.data.callId!).toSorted((a, b) => a - b) as [
      number,
      number,
      number,
    ];
    const [oneBefore, otherBefore] = [await v1.call(one), await v1.call(other)];
    const told = await toldAfter(0);
    const isToldAgain = async () => assert.deepEqual((await toldAfter(0)).slice(0, told.length), told);

    await join(one, other);
    await isToldAgain();
    const joined = await v1.call(other);
    assert.deepEqual([joined.id, joined.settledAt], [one, oneBefore.settledAt]);
    const settled = joined.journal.filter(each => each.kind === 'call.settled');
    assert.deepEqual(
      settled.map(each => [each.callId, each.at]),
      [
        [one, oneBefore.settledAt],
        [other, otherBefore.settledAt],
      ],
    );
    await join(third, one);
    await isToldAgain();

    await v1.post(`/v1/calls/${one}/split`, { calls: [other] }, 200);
    await isToldAgain();
    assert.equal((await v1.call(other)).settledAt, otherBefore.settledAt);
    // A late report amends it, and does not make it settle again.
    await v1.post(`/v1/calls/${other}/corrections`, { fields: { note: 'late' } }, 201);
    await isToldAgain();
    const { journal } = await v1.call(other);
    assert.deepEqual(
      journal.map(each => each.kind),
      ['call.ended', 'call.settled', 'call.split', 'call.ended', 'call.amended'],
    );
  });

  test('a part of a settled call that never settled by itself - is announced by the split alone', async () => {
    await using events = await openEvents(server);
    const [one, other] = [await report(), await report()];
    await join(one.id, other.id);
    await v1.settled(one.id);
    await split(one.id);
    const part = await v1.call(other.id);
    const { data } = await events.first(
      'the split',
      each => each.kind === 'call.split' && each.data.callId === other.id,
    );
    assert.equal(part.settledAt, data.at);
    // What is due later has settled, and the part has not.
    const last = await report();
    await events.first('a later call settles', each => each.kind === 'call.settled' && each.data.callId === last.id);
    const settled = events.received.filter(each => each.kind === 'call.settled').map(each => each.data.callId);
    assert.ok(settled.includes(one.id) && !settled.includes(other.id), String(settled));
  });

  test('a part of a call that waits - waits as well, and settles by itself', async () => {
    await using events = await openEvents(server);
    const [one, other] = [await report(), await report()];
    await join(one.id, other.id);
    await split(one.id);
    for (const { id } of [one, other]) {
      await events.first(`call ${id} settles`, each => each.kind === 'call.settled' && each.data.callId === id);
    }
  });
});

describe('calls that a program loads after the fact', { timeout: 600_000 }, () => {
  test('are marked, and left out of streams that do not ask for them', async () => {
    await using all = await openEvents(server, { historical: true });
    await using news = await openEvents(server);
    const old = await report({ historical: true, startedAt: '2019-03-04T10:00:00Z' });
    const fresh = await report();
    assert.deepEqual([old.historical, fresh.historical], [true, false]);
    for (const { id } of [old, fresh]) {
      await all.first(`call ${id} settles`, each => each.kind === 'call.settled' && each.data.callId === id);
    }
    await news.first('news', each => each.kind === 'call.settled' && each.data.callId === fresh.id);
    const ofOld = all.received.filter(each => each.data.callId === old.id);
    assert.deepEqual(
      ofOld.map(({ kind, data }) => [kind, data.historical]),
      [
        ['call.ended', true],
        ['call.settled', true],
      ],
    );
    assert.ok(news.received.every(each => each.data.callId !== old.id));
    assert.deepEqual(
      news.received,
      all.received.filter(each => each.data.historical !== true).slice(0, news.received.length),
    );
  });

  test('of which something else is reported in time - are news from then on', async () => {
    await using news = await openEvents(server);
    const changes = { externalId: 'loaded and live', historical: true };
    const { id } = await report(changes);
    const { historical } = await report({ ...changes, historical: undefined, note: 'live' });
    assert.equal(historical, false);
    await news.first('it settles', each => each.kind === 'call.settled' && each.data.callId === id);
    assert.deepEqual(
      news.received.filter(each => each.data.callId === id).map(each => each.kind),
      ['call.amended', 'call.settled'],
    );
  });

  test('streams - take true and false, and nothing else', async () => {
    const { status } = await v1.ask('GET', '/v1/events?historical=perhaps');
    assert.equal(status, 400);
  });
});
