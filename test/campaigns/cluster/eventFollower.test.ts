import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Findings, findingsCount, noFindings } from '../findings.ts';
import { ClusterNode } from './clusterNode.ts';
import { compareEvents, longestLagMs, type SeenEvent } from './eventFollower.ts';

const node = new ClusterNode('node 1', {});
const entries = [11, 12, 13].map(position => ({ position, kind: 'call.ended', callId: position }));
const event = (id: number, seenAt = 0, kind = 'call.ended'): SeenEvent => ({
  id,
  kind,
  data: { callId: id, at: '', kind },
  seenAt,
});

function compare(ids: readonly number[]): Findings {
  const found = noFindings();
  compareEvents({ node, events: ids.map(id => event(id)) }, { after: 10, entries }, found);
  return found;
}

test('events as the journal has them - nothing is wrong, whatever was told before and after', () => {
  assert.equal(findingsCount(compare([9, 10, 11, 12, 13, 14])), 0);
});

test('events that are missing, doubled or out of order - are found', () => {
  assert.deepEqual([...compare([11, 13]).lost], ['event 12 call.ended on node 1']);
  assert.deepEqual([...compare([11, 12, 12, 13]).doubled], ['event 12 call.ended on node 1']);
  assert.equal(compare([11, 13, 12]).miscounted.size, 1);
  assert.equal(compare([11, 12, 13, 12]).miscounted.size, 1);
});

test('an event told as another one - is found', () => {
  const found = noFindings();
  const events = [event(11), event(12, 0, 'call.settled'), event(13)];
  compareEvents({ node, events }, { after: 10, entries }, found);
  assert.equal(found.miscounted.size, 1);
});

test('the longest time between two nodes - counts entries that were first told within it', () => {
  const one = { events: [event(1, 100), event(2, 200), event(3, 900)] };
  const two = { events: [event(1, 500), event(2, 190), event(3, 5_000)] };
  assert.equal(longestLagMs([one, two], 150, 800), 10);
  assert.equal(longestLagMs([one, two], 0, 800), 400);
  assert.equal(longestLagMs([one], 0, 1_000), 0);
});
