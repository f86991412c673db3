import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openEvents } from '../kit/eventStream.ts';
import { push } from '../kit/pbxWebhook.ts';
import type { CallView } from '../kit/v1Views.ts';
import { openHouse, statedCall } from './house.ts';

const { server, v1 } = await openHouse();

const leg = (callId: string, changes: Record<string, unknown> = {}): string =>
  JSON.stringify({
    sn: '3651X0000001',
    type: 30012,
    msg: {
      call_id: callId,
      time_start: '2026-03-02 13:00:00',
      call_from: '0711000001',
      call_to: '2002',
      call_duration: 20,
      talk_duration: 0,
      status: 'NO ANSWER',
      type: 'Inbound',
      ...changes,
    },
  });

/** As the server has stored them. */
const msBetween = (from: string, to: string): number => Date.parse(to) - Date.parse(from);

// They wait for seconds and not for each other.
describe('settling', { concurrency: true }, () => {
  test('a call stated whole - settles not before a second later, once, and says when', async () => {
    await using events = await openEvents(server);
    const { id, settledAt } = await v1.post<CallView>('/v1/calls', statedCall(), 201);
    assert.equal(settledAt, null);
    const settled = await events.first(
      'the call settles',
      each => each.kind === 'call.settled' && each.data.callId === id,
    );
    const call = await v1.call(id);
    assert.equal(call.settledAt, settled.data.at);
    const endedAt = call.journal.find(each => each.kind === 'call.ended')!.at;
    assert.ok(msBetween(endedAt, call.settledAt!) >= 1_000, `${endedAt} to ${call.settledAt}`);
    assert.equal((await v1.list(`externalId=${call.externalId}`))[0]!.settledAt, call.settledAt);
  });

  test('legs of a PBX - settle not before five seconds after the last one', async () => {
    const id = '1772445600.1';
    assert.equal((await push(server, leg(id))).status, 200);
    const first = await v1.callOf(id, 'hq');
    assert.equal((await push(server, leg(id, { call_to: '2001', talk_duration: 9, status: 'ANSWERED' }))).status, 200);
    const call = await v1.settled(first.id);
    const [received] = call.reports.slice(-1);
    const { receivedAt } = received!;
    assert.ok(msBetween(receivedAt, call.settledAt!) >= 5_000, `${receivedAt} to ${call.settledAt}`);

    // A leg that comes after that amends, and nothing settles twice.
    assert.equal((await push(server, leg(id, { call_to: '2003', time_start: '2026-03-02 13:00:20' }))).status, 200);
    const other = await v1.post<CallView>('/v1/calls', statedCall(), 201);
    await v1.settled(other.id);
    const amended = await v1.call(first.id);
    assert.equal(amended.legs.length, 3);
    assert.equal(amended.settledAt, call.settledAt);
    assert.deepEqual(
      amended.journal.map(each => each.kind),
      ['call.ended', 'call.amended', 'call.settled', 'call.amended'],
    );
  });

  test('an open call - does not settle; it does once its end is known', async () => {
    const open = { durationSeconds: undefined, talkSeconds: undefined, externalId: 'slow' };
    const { id } = await v1.post<CallView>('/v1/calls', statedCall(open), 201);
    const other = await v1.post<CallView>('/v1/calls', statedCall(), 201);
    await v1.settled(other.id);
    assert.equal((await v1.call(id)).settledAt, null);
    await v1.post('/v1/calls', statedCall({ ...open, durationSeconds: 20 }), 201);
    await v1.settled(id);
  });

  test('an end that was taken back before the call settled - the call does not settle; it does after its end', async () => {
    const open = { durationSeconds: undefined, talkSeconds: undefined, externalId: 'reopened' };
    const { id } = await v1.post<CallView>('/v1/calls', statedCall(open), 201);
    await v1.post(`/v1/calls/${id}/corrections`, { fields: { endedAt: '2026-03-02T10:05:00Z' } }, 201);
    assert.equal((await v1.ask('DELETE', `/v1/calls/${id}/corrections/1`)).status, 200);
    const other = await v1.post<CallView>('/v1/calls', statedCall(), 201);
    await v1.settled(other.id);
    const reopened = await v1.call(id);
    assert.deepEqual([reopened.endedAt, reopened.settledAt], [null, null]);
    await v1.post('/v1/calls', statedCall({ ...open, durationSeconds: 20 }), 201);
    const call = await v1.settled(id);
    assert.equal(call.journal.filter(each => each.kind === 'call.settled').length, 1);
  });
});
