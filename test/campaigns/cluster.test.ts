import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { type ClusterSummary, clusterCampaign } from './cluster/clusterCampaign.ts';
import type { Fault } from './cluster/fault.ts';
import { killNode } from './cluster/faults/killNode.ts';
import { killPostgres } from './cluster/faults/killPostgres.ts';
import { noFindings } from './findings.ts';

/** A short form of a campaign; how long others may pause is judged in the long one. */
async function play(t: TestContext, fault: Fault, seed: number): Promise<ClusterSummary> {
  const summary = await clusterCampaign({
    fault,
    rounds: 2,
    seed,
    nodes: 2,
    connections: 3,
    appWorkers: 2,
    desktops: 2,
    recordsPerDesktopAndRound: 20,
    pauseMs: 60,
    deskPauseMs: 80,
    breakAfterSeconds: [0.2, 0.8],
    goOnSeconds: 0.5,
    desks: 'home',
    spread: false,
    verifyEvery: 10,
    say: line => t.diagnostic(line),
  });
  const { findings, verifyExitCodes, acknowledged } = summary;
  assert.deepEqual(findings, noFindings());
  assert.ok(verifyExitCodes.every(code => code === 0));
  const { events, registrations, completions } = acknowledged;
  assert.ok(events > 10 && registrations > 5 && completions > 0, 'the load was too small to mean anything');
  return summary;
}

describe('nodes on one database, under load', { timeout: 600_000 }, () => {
  test('kill -9 of a node - what was acknowledged is there once, and the others go on', async t => {
    await play(t, killNode(), 11);
  });

  test('kill -9 of PostgreSQL - what was acknowledged is there once', async t => {
    await play(t, killPostgres(), 12);
  });
});
