import assert from 'node:assert/strict';
import { test } from 'node:test';
import { legOf } from './testing/testSamples.ts';
import { ZoneWatch } from './zoneWatch.ts';

const EPOCH = 1790197458;

/** What a watch says of legs in turn: how long after its call each starts by the clock of Nairobi, and which call it is of. */
function said(
  zone: string,
  legs: readonly (readonly [call: number, lateSeconds: number])[],
  uid?: string,
): (string | null)[] {
  const watch = new ZoneWatch();
  return legs.map(([call, lateSeconds]) => {
    const callId = `${EPOCH}.${call}`;
    const clock = new Date((EPOCH + 3 * 3600 + lateSeconds) * 1000).toISOString().slice(0, 19).replace('T', ' ');
    return watch.see(callId, legOf({ call_id: callId, time_start: clock, uid }), zone);
  });
}

test('C30 - three calls in a row in another zone are a hint', () => {
  const all = said('Etc/UTC', [
    [1, 0],
    [2, 1],
    [3, -2],
    [4, 0],
  ]);
  const hint = 'PBX zone mismatch 180 min: time_start against call_id over 3 calls';
  assert.deepEqual(all, [null, null, hint, hint]);
});

test('C39 - transfers after an hour are none, be they as many as they like', () => {
  const later = Array.from({ length: 9 }, (_, call) => [
    [call, 0] as const,
    [call, 3600] as const,
    [call, 3601] as const,
    [call, 3602] as const,
  ]).flat();
  assert.ok(said('Africa/Nairobi', later).every(each => each === null));
  assert.ok(said('Africa/Nairobi', later.toReversed()).every(each => each === null));
});

test('C39 - transfers after an hour of calls whose first legs came before are none, several in a row', () => {
  const calls = [1, 2, 3, 4, 5];
  const legs = [...calls.map(call => [call, 0] as const), ...calls.map(call => [call, 3600] as const)];
  assert.ok(said('Africa/Nairobi', legs).every(each => each === null));
});

test('C39 - an earlier leg of a call counts instead of the later one that came before it', () => {
  const late = [1, 2].flatMap(call => [[call, 3600] as const, [call, 1800] as const]);
  assert.ok(said('Africa/Nairobi', [...late, [3, 3600]]).every(each => each === null));
});

test('C39 - legs of one call are one witness, and what starts between the zones is none', () => {
  const one = [0, 0, 0, 0].map(late => [1, late] as const);
  assert.ok(said('Etc/UTC', one).every(each => each === null));
  const between = [1, 2, 3, 4].map(call => [call, 700] as const);
  assert.ok(said('Etc/UTC', between).every(each => each === null));
});

test('C30 - where uid tells the offset, the reports say so themselves', () => {
  const calls = [1, 2, 3, 4].map(call => [call, 0] as const);
  assert.ok(said('Etc/UTC', calls, '2026092400041852EE8').every(each => each === null));
});
