import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterDatabase } from '../clusterDatabase.ts';
import type { Fault } from '../fault.ts';

/** The address leads to the standby for so long before it is promoted, at least and at most. */
const NOT_PROMOTED_MS = [500, 2_500] as const;
/** The standby has had the log for so long and has not applied it, when the primary dies. */
const BEHIND_MS = 400;

/**
 * The primary is killed, or freezes, under load; the address moves to its synchronous standby, which is promoted a moment
 * later. The primary before stays frozen until it is killed, and does not come back.
 */
export const failover = (): Fault => {
  let round = 0;
  return {
    title: 'failover to a synchronous standby under load',
    needsWire: true,
    refuses: true,
    prepare: database => database.addStandby(),
    async strike({ nodes, database, answers, random }, found) {
      const freezes = ++round % 2 === 0;
      // What it has received and not applied is not seen by whoever asks it.
      await database.standby.run('postgres', 'SELECT pg_wal_replay_pause()');
      await delay(BEHIND_MS);
      const failedAt = performance.now();
      const kill = freezes ? freeze(database) : database.kill();
      const wire = database.wire!;
      wire.lead(database.standby);
      wire.cutAll();
      const servers = nodes.map(node => node.process);
      await kill;
      // Answers that had left are read.
      await delay(NOT_PROMOTED_MS[0]);
      const movedAt = performance.now();
      await delay(random.next() * (NOT_PROMOTED_MS[1] - NOT_PROMOTED_MS[0]));
      const early = answers.count(servers, movedAt, performance.now());
      if (early > 0) found.miscounted.add(`${early} requests were acknowledged by a standby that was not promoted`);
      for (const node of nodes) {
        const { status } = await node.process.get('/v1/calls?limit=1');
        if (status !== 503) found.miscounted.add(`${node.name} answers (${status}) what a standby says`);
      }
      await database.promote();
      const promotedAt = performance.now();
      await Promise.all(nodes.map(node => node.ready()));
      const resumedMs = performance.now() - promotedAt;
      return {
        survivors: nodes,
        said:
          `primary ${freezes ? 'frozen' : 'killed'}, standby promoted after ${Math.round(promotedAt - failedAt)} ms, ` +
          `nodes ready ${Math.round(resumedMs)} ms later`,
      };
    },
  };
};

/** It stands still while the address moves, and is killed before anybody could wake it. */
async function freeze(database: ClusterDatabase): Promise<void> {
  database.freeze();
  await delay(NOT_PROMOTED_MS[0]);
  await database.kill();
}
