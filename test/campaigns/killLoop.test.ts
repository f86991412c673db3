import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killLoop } from './killLoop.ts';
import { noFindings } from './storedCalls.ts';

test('kill -9 at random moments under load - what was acknowledged is there once', { timeout: 120_000 }, async t => {
  const { findings, ...summary } = await killLoop({
    rounds: 25,
    seed: 25,
    connections: 16,
    killAfterSeconds: [0.05, 0.35],
    pauseMs: 8,
    say: line => t.diagnostic(line),
  });
  t.diagnostic(JSON.stringify(summary));
  assert.deepEqual(findings, noFindings());
  assert.deepEqual(summary.verifyExitCodes, [0, 0]);
  assert.ok(summary.acknowledgedEvents > 500, 'the load was too small to mean anything');
});
