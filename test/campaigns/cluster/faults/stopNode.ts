import { setTimeout as delay } from 'node:timers/promises';
import { lockArguments } from '../../../../src/ledger/postgres/names.ts';
import { SCHEMA } from '../../../../src/ledger/testing/testStores.ts';
import { until } from '../../../kit/until.ts';
import type { ClusterDatabase } from '../clusterDatabase.ts';
import type { ClusterNode } from '../clusterNode.ts';
import type { Cluster, Fault } from '../fault.ts';

interface StopNodeOptions {
  /** At least; until the others go on without it. */
  readonly stopSeconds: number;
  /** For how long the others may halt; null: however long it takes. */
  readonly haltMs: number | null;
  /** In the middle of a batch, or at any instant; left out: now this, now that. */
  readonly inBatch?: boolean;
}

/** Of the stops, those in the middle of a batch; the others come at any instant. */
const WITH_LOCK_SHARE = 0.6;
/** A batch takes milliseconds, some of which are the database's: the node has to be met in its own. */
const ATTEMPTS = 300;
const BETWEEN_ATTEMPTS_MS = 25;

/** SIGSTOP of one node for a while, as a machine that is paused: its connections stay, and it knows of nothing. */
export const stopNode = ({ stopSeconds, haltMs, inBatch }: StopNodeOptions): Fault => ({
  title: `SIGSTOP of a node for ${stopSeconds} s under load`,
  needsWire: false,
  refuses: true,
  sessionsExpire: true,
  async strike({ nodes, database, answers, random }, found) {
    const victim = random.pick(nodes);
    const survivors = nodes.filter(node => node !== victim);
    const withLock = inBatch ?? random.chance(WITH_LOCK_SHARE);
    try {
      if (withLock) await freezeInBatch(victim, database, random);
      else victim.freeze();
      const stoppedAt = performance.now();
      await delay(stopSeconds * 1000);
      const servers = survivors.map(each => each.process);
      // It stays stopped until then: a node that nobody can go on without hangs here.
      await until('the others acknowledge what came after the stop', () =>
        answers.hasAnySentSince(servers, stoppedAt) ? true : undefined,
      );
      const haltedMs = answers.longestPauseMs(servers, stoppedAt, performance.now());
      if (haltMs !== null && haltedMs > haltMs) {
        found.miscounted.add(`the others halted for ${Math.round(haltedMs)} ms while ${victim.name} was stopped`);
      }
    } finally {
      victim.thaw();
    }
    await victim.ready();
    return { survivors, said: `${victim.name} stopped ${withLock ? 'in the middle of a batch' : 'at any instant'}` };
  },
});

/** Stops it again and again until it is found to hold the lock under which batches are written. */
async function freezeInBatch(victim: ClusterNode, database: ClusterDatabase, random: Cluster['random']): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    victim.freeze();
    if (await isHeldByNobodyWhoRuns(database)) return;
    victim.thaw();
    await delay(random.next() * 2 * BETWEEN_ATTEMPTS_MS);
  }
  throw new Error(`${victim.name} was never met in the middle of a batch`);
}

/** Whether the lock stays with one transaction whose node says nothing: the batches of others come and go meanwhile. */
async function isHeldByNobodyWhoRuns(database: ClusterDatabase): Promise<boolean> {
  let before = '';
  for (let look = 0; look < 3; look++) {
    const [holder] = await database.run<{ transaction: string }>(HOLDER);
    if (holder === undefined || (look > 0 && holder.transaction !== before)) return false;
    before = holder.transaction;
  }
  return true;
}

const [LOCK_CLASS, LOCK_OBJECT] = lockArguments(SCHEMA).split(', ');
const HOLDER = `
SELECT concat(a.pid, ' ', a.xact_start) AS transaction
FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
WHERE l.locktype = 'advisory' AND l.granted AND l.classid = ${LOCK_CLASS} AND l.objid = ${LOCK_OBJECT}
  AND a.state = 'idle in transaction'`;
