import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Desktop, kindsOf, resultOf } from './desktop.ts';
import { AGENT1, AGENT2, type Node, numberOf, startNode } from './node.ts';
import { dialled } from './pbx.ts';

/** Two numbers of one customer first, then one of each. */
const LIST = ['contact_info,chain_id', `${numberOf(1)},1`, `${numberOf(2)},1`]
  .concat(Array.from({ length: 40 }, (_, place) => `${numberOf(place + 3)},`))
  .join('\n');

const node: Node = await startNode(LIST);
const desktop = await Desktop.open(node);

/** Journal entries about a record, of the call it is with. */
async function amendmentsOf(callId: number): Promise<readonly unknown[]> {
  return (await node.v1.call(callId)).journal.filter(each => each.kind === 'record.amended');
}

/** Whatever was done before, the desktop is told of nothing but what it asks for now. */
async function nothingMoreIsTold(): Promise<void> {
  await node.preview('StartPreviewSession');
  assert.deepEqual(kindsOf(await desktop.connect()), ['PreviewSessionStarted', '/meta/connect']);
}

test('phoneNumber - the call to that number of the chain gives the result', async () => {
  const { handle, number } = await desktop.retrieve();
  assert.equal(number, numberOf(1));
  await dialled(node, { to: numberOf(1), status: 'NO ANSWER' });
  const call = await dialled(node, { to: numberOf(2), status: 'BUSY' });
  assert.equal(resultOf(await desktop.complete(handle, { phoneNumber: numberOf(2) })), 6);
  assert.equal((await node.recordOf(number)).callId, call.id);
});

for (const [status, code, written] of [
  ['NO ANSWER', 7, (number: string) => number],
  ['BUSY', 6, (number: string) => number.replace('+44', '0')],
  ['ANSWERED', 33, (number: string) => number.replace('+', '00')],
  ['FAILED', 3, (number: string) => number.replace('+44', '0044')],
  ['VOICEMAIL', 9, (number: string) => number.replace('+', '')],
] as const) {
  test(`2.6 the PBX said ${status}, the agent nothing - acknowledged with ${code}`, async () => {
    const { handle, number } = await desktop.retrieve();
    const call = await dialled(node, { to: written(number), status });
    const held = await node.recordOf(number);
    assert.deepEqual([held.recordStatus, held.callResultCode, held.attempts], [2, code, 1], 'known while it is held');
    assert.equal(resultOf(await desktop.complete(handle)), code);
    const { callResultCode, resultFrom, callId, attempts } = await node.recordOf(number);
    assert.deepEqual([callResultCode, resultFrom, callId, attempts], [code, 'call', call.id, 1]);
    const detail = await node.v1.call(call.id);
    assert.deepEqual(
      detail.reports.map(each => each.kind),
      ['yeastar.30012', 'genesys.CompleteRecord'],
    );
    assert.deepEqual(await amendmentsOf(call.id), []);
  });
}

test('2.6 the agent said a result - it stands against the PBX, and is the call’s disposition', async () => {
  const { handle, number } = await desktop.retrieve();
  const call = await dialled(node, { to: number, status: 'ANSWERED' });
  assert.equal(resultOf(await desktop.complete(handle, { callResult: 'WrongNumber' })), 53);
  const { callResultCode, resultFrom, callId, attempts } = await node.recordOf(number);
  assert.deepEqual([callResultCode, resultFrom, callId, attempts], [53, 'agent', call.id, 1]);
  const { outcome, disposition } = await node.v1.call(call.id);
  assert.deepEqual([outcome, disposition], ['answered', 'WrongNumber']);
});

test('a call that is corrected to be another one’s - leaves who completed its record a part in it', async () => {
  const { handle, number } = await desktop.retrieve();
  const call = await dialled(node, { to: number, status: 'ANSWERED' });
  await desktop.complete(handle);
  const owned = await node.v1.call(call.id);
  await node.v1.post(`/v1/calls/${call.id}/corrections`, { fields: { userId: AGENT2.id } }, 201);
  const { userId, participants } = await node.v1.call(call.id);
  assert.deepEqual([userId, owned.userId], [AGENT2.id, AGENT1.id]);
  assert.deepEqual(participants, [
    { userId: AGENT1.id, role: 'caller', ringSeconds: null, talkSeconds: null },
    { userId: AGENT2.id, role: 'answered', ringSeconds: 0, talkSeconds: 1 },
  ]);
});

test('a 30012 that comes after the completion - fills the result, and nobody is acknowledged again', async () => {
  const { handle, number } = await desktop.retrieve();
  const startedAt = Date.now();
  assert.equal(resultOf(await desktop.complete(handle)), 28);
  const call = await dialled(node, { to: number, status: 'NO ANSWER', startedAt });
  const { callResultCode, resultFrom, callId, attempts, recordStatus } = await node.recordOf(number);
  assert.deepEqual([callResultCode, resultFrom, callId, attempts, recordStatus], [7, 'call', call.id, 1, 3]);
  assert.equal((await amendmentsOf(call.id)).length, 1);
  const detail = await node.v1.call(call.id);
  assert.ok(
    detail.reports.some(each => each.kind === 'genesys.CompleteRecord'),
    'the completion went to the call',
  );
  await nothingMoreIsTold();
});

test('a 30012 that comes after the agent gave a result - changes nothing that was said', async () => {
  const { handle, number } = await desktop.retrieve();
  const startedAt = Date.now();
  assert.equal(resultOf(await desktop.complete(handle, { callResult: 'Answer' })), 33);
  const call = await dialled(node, { to: number, status: 'BUSY', startedAt });
  const { callResultCode, resultFrom, callId, attempts } = await node.recordOf(number);
  assert.deepEqual([callResultCode, resultFrom, callId, attempts], [33, 'agent', call.id, 1]);
  assert.deepEqual(await amendmentsOf(call.id), []);
  await nothingMoreIsTold();
});

test('several calls to one number - the latest gives the result, each is an attempt', async () => {
  const { handle, number } = await desktop.retrieve();
  const startedAt = Date.now();
  await dialled(node, { to: number, status: 'BUSY', startedAt: startedAt - 1_000 });
  const last = await dialled(node, { to: number, status: 'ANSWERED', startedAt });
  assert.equal(resultOf(await desktop.complete(handle)), 33);
  const { callId, attempts } = await node.recordOf(number);
  assert.deepEqual([callId, attempts], [last.id, 2]);
});

test('several calls, the later told first - the same', async () => {
  const { handle, number } = await desktop.retrieve();
  const startedAt = Date.now();
  const last = await dialled(node, { to: number, status: 'ANSWERED', startedAt });
  await dialled(node, { to: number, status: 'BUSY', startedAt: startedAt - 1_000 });
  assert.equal(resultOf(await desktop.complete(handle)), 33);
  const { callId, attempts } = await node.recordOf(number);
  assert.deepEqual([callId, attempts], [last.id, 2]);
});

test('calls that are not about the record - are not joined to it', async () => {
  const { handle, number } = await desktop.retrieve();
  await dialled(node, { to: number, startedAt: Date.now() - 60_000 });
  await dialled(node, { to: number, agent: AGENT2 });
  await dialled(node, { to: numberOf(900) });
  assert.equal(resultOf(await desktop.complete(handle)), 28);
  const { callResultCode, resultFrom, callId, attempts } = await node.recordOf(number);
  assert.deepEqual([callResultCode, resultFrom, callId, attempts], [28, 'list', null, 0]);
});
