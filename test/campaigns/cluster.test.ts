import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { type ClusterSummary, clusterCampaign } from './cluster/clusterCampaign.ts';
import type { Fault } from './cluster/fault.ts';
import { cutCommit } from './cluster/faults/cutCommit.ts';
import { failover } from './cluster/faults/failover.ts';
import { killNode } from './cluster/faults/killNode.ts';
import { killPostgres } from './cluster/faults/killPostgres.ts';
import { lostNotify } from './cluster/faults/lostNotify.ts';
import { stopNode } from './cluster/faults/stopNode.ts';
import { noFindings } from './findings.ts';

/** A short form of a campaign; how long others may pause is judged in the long one. */
async function play(t: TestContext, fault: Fault, seed: number): Promise<ClusterSummary> {
  const summary = await clusterCampaign({
    fault,
    rounds: 1,
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
    desks: 'any',
    spread: true,
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

describe('nodes on one database, under load', { timeout: 3_600_000 }, () => {
  test('kill -9 of a node - what was acknowledged is there once, and the others go on', async t => {
    await play(t, killNode(), 11);
  });

  test('kill -9 of PostgreSQL - what was acknowledged is there once', async t => {
    await play(t, killPostgres(), 12);
  });

  test('SIGSTOP of a node - the others go on, and what it had begun is answered truthfully', async t => {
    await play(t, stopNode({ stopSeconds: 1, haltMs: null, inBatch: true }), 13);
  });

  test('connections cut in the middle of COMMIT - what was acknowledged is there once', async t => {
    await play(t, cutCommit({ cutsPerRound: 3, silentEvery: 0 }), 14);
  });

  test('NOTIFY lost - entries reach the listeners of every node all the same', async t => {
    await play(t, lostNotify({ seconds: 2, probes: 0, lateMs: null }), 15);
  });

  test('failover to a synchronous standby - what was acknowledged is there once, and nodes go on by themselves', async t => {
    await play(t, failover(), 16);
  });
});
