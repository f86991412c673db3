import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Contract } from './contract.ts';
import { startServer } from './server.ts';

test('an answer or an event otherwise than the description promises - is noticed', async () => {
  await using server = await startServer({ memory: true });
  const contract = await Contract.of(server.url);
  const page = { items: [], next: null, searchedTo: null };
  const right = {
    method: 'GET',
    path: '/v1/calls?limit=1',
    status: 200,
    contentType: 'application/json; charset=utf-8',
    body: page,
  };
  assert.equal(contract.problemOfAnswer(right), null);
  for (const [changes, problem] of [
    [{ body: { items: [] } }, /GET \/v1\/calls answered 200 otherwise than described: .*next/],
    [{ body: { ...page, total: 5 } }, /additional properties/],
    [{ body: { ...page, items: [{ id: 1 }] } }, /startedAt/],
    [{ status: 201 }, /answered 201, which is not described/],
    [{ contentType: 'text/html' }, /as text\/html, which is not described/],
    [{ status: 403, contentType: 'application/problem+json', body: { title: 'Forbidden' } }, /type/],
  ] as const) {
    assert.match(contract.problemOfAnswer({ ...right, ...changes }) ?? 'null', problem);
  }
  assert.equal(contract.problemOfAnswer({ ...right, path: '/v1/nowhere' }), null, 'is no operation');

  const settled = { position: 1, at: '2026-03-02T10:00:00Z', kind: 'call.settled', callId: 17 };
  assert.equal(contract.problemOfEvent(settled), null);
  for (const changes of [{ callId: '17' }, { callId: null }, { number: '+442079460123' }, { kind: 'call.sung' }]) {
    assert.notEqual(contract.problemOfEvent({ ...settled, ...changes }), null, JSON.stringify(changes));
  }
});
