import assert from 'node:assert/strict';

/** A server on PostgreSQL has the time of the database, which it knows to half a round trip: on a busy machine, seconds. */
const CLOCKS_DIFFER_MS = 60_000;

/** Asserts that an instant a server has stamped is one since then, by default since the process of the test began. */
export function assertSince(stamp: string | number, sinceMs: number = performance.timeOrigin): void {
  const at = typeof stamp === 'number' ? stamp : Date.parse(stamp);
  const isSince = at >= sinceMs - CLOCKS_DIFFER_MS && at <= Date.now() + CLOCKS_DIFFER_MS;
  assert.ok(isSince, `${stamp} is not since ${new Date(sinceMs).toISOString()}`);
}
