import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noFindings } from './findings.ts';
import { killLoop } from './killLoop.ts';

test('kill -9 at random moments under load - what was acknowledged is there once', { timeout: 3_600_000 }, async t => {
  const { findings, ...summary } = await killLoop({
    rounds: 8,
    seed: 25,
    connections: 12,
    appWorkers: 4,
    desktops: 3,
    killAfterSeconds: [0.05, 0.5],
    pauseMs: 8,
    verifyEvery: 4,
    say: line => t.diagnostic(line),
  });
  t.diagnostic(JSON.stringify(summary));
  assert.deepEqual(findings, noFindings());
  assert.ok(summary.verifyExitCodes.every(code => code === 0));
  const { acknowledgedEvents, acknowledgedRegistrations, acknowledgedCompletions, sharedCalls, reached } = summary;
  assert.ok(acknowledgedEvents > 60, 'the load of the PBX was too small to mean anything');
  assert.ok(acknowledgedRegistrations > 10, 'the load of the application was too small to mean anything');
  assert.ok(acknowledgedCompletions > 5, 'the load of the desktops was too small to mean anything');
  assert.ok(sharedCalls > 10 && reached > 0);
});
