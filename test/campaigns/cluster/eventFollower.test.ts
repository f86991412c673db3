import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Findings, findingsCount, noFindings } from '../findings.ts';
import { ClusterNode } from './clusterNode.ts';
import { compareEvents, longestLagMs, type SeenEvent } from './eventFollower.ts';

const node = new ClusterNode('node 1', {});
const stored = [
  ...[11, 12].map(position => ({ id: `${position}`, position, kind: 'call.ended', callId: position })),
  ...[70, 60].map(callId => ({ id: `13.${callId}`, position: 13, kind: 'call.settled', callId })),
];
const event = (id: string, seenAt = 0, kind = id.includes('.') ? 'call.settled' : 'call.ended'): SeenEvent => {
  const [position, callId = position] = id.split('.').map(Number) as [number, number?];
  return { id, kind, data: { position, callId, at: '', kind }, seenAt };
};

function compare(...ids: readonly string[]): Findings {
  const found = noFindings();
  compareEvents({ node, events: ids.map(id => event(id)) }, { after: 10, stored }, found);
  return found;
}

test('events as the journal has them - nothing is wrong, whatever was told before and after', () => {
  assert.equal(findingsCount(compare('9', '10', '11', '12', '13.70', '13.60', '14')), 0);
});

test('events that are missing, doubled or out of order - are found', () => {
  assert.deepEqual([...compare('11', '13.70', '13.60').lost], ['event 12 call.ended on node 1']);
  assert.deepEqual([...compare('11', '12', '13.70').lost], ['event 13.60 call.settled on node 1']);
  assert.deepEqual([...compare('11', '12', '12', '13.70', '13.60').doubled], ['event 12 call.ended on node 1']);
  assert.equal(compare('11', '13.70', '12', '13.60').miscounted.size, 1);
  assert.equal(compare('11', '12', '13.60', '13.70').miscounted.size, 1);
  assert.equal(compare('11', '12', '13.70', '13.60', '12').miscounted.size, 1);
});

test('an event told as another one - is found', () => {
  const found = noFindings();
  const events = [event('11'), event('12', 0, 'call.settled'), event('13.70'), event('13.60')];
  compareEvents({ node, events }, { after: 10, stored }, found);
  assert.equal(found.miscounted.size, 1);
});

test('the longest time between two nodes - counts entries that were first told within it', () => {
  const one = { events: [event('1', 100), event('2', 200), event('3', 900)] };
  const two = { events: [event('1', 500), event('2', 190), event('3', 5_000)] };
  assert.equal(longestLagMs([one, two], 150, 800), 10);
  assert.equal(longestLagMs([one, two], 0, 800), 400);
  assert.equal(longestLagMs([one], 0, 1_000), 0);
});
