import { setTimeout as delay } from 'node:timers/promises';
import { applicationName } from '../../../../src/ledger/postgres/connection.ts';
import { isNotification, isStartup, type PostgresWire, tapPostgres } from '../../../kit/postgresWire.ts';
import type { Link } from '../../../kit/tcpProxy.ts';
import { until } from '../../../kit/until.ts';
import { createV1Client } from '../../../kit/v1Client.ts';
import type { ClusterDatabase } from '../clusterDatabase.ts';
import { longestLagMs } from '../eventFollower.ts';
import type { Cluster, Fault } from '../fault.ts';

interface LostNotifyOptions {
  /** Of load while notifications are lost. */
  readonly seconds: number;
  /** Entries made while nothing else happens: nobody learns of them by writing something himself. */
  readonly probes: number;
  /** How late an entry may reach another node's listeners when notifications are lost; null: however long it takes. */
  readonly lateMs: number | null;
}

const WATCHER = applicationName('watcher');
/** More than a node takes to look, to read, and to be late for. */
const BETWEEN_PROBES_MS = 6_000;
/** A node whose connection says nothing any more waits for an answer for 2 s, and then makes another one. */
const SILENCE_NOTICED_MS = 3_000;
/** Nothing has been written for so long: what was to settle has settled. */
const IDLE_MS = 2_000;
const IDLE_WITHIN_MS = 600_000;

/**
 * Nodes are not told that others have written: notifications are lost on the wire, and every second time all that the
 * connection they come over says. Part of the time only one node is spoken to, and in the end hardly anybody.
 */
export const lostNotify = ({ seconds, probes, lateMs }: LostNotifyOptions): Fault => {
  let wire: PostgresWire | undefined;
  let round = 0;
  const watchers = new WeakSet<Link>();
  return {
    title: 'NOTIFY lost',
    needsWire: true,
    refuses: false,
    attach(proxy) {
      wire = tapPostgres(proxy);
      wire.onRequest = (message, link) => {
        if (isStartup(message, WATCHER)) watchers.add(link);
        return 'pass';
      };
    },
    async strike(cluster, found) {
      const { nodes, followers, random, load, database } = cluster;
      const isSilent = ++round % 2 === 0;
      let lost = 0;
      wire!.onAnswer = (message, link) => {
        if (isNotification(message)) lost++;
        if (isSilent && watchers.has(link)) return 'silence';
        return isNotification(message) ? 'drop' : 'pass';
      };
      const beganAt = performance.now();
      await delay(seconds * 500);
      const spoken = random.pick(nodes);
      load.rest(nodes.filter(node => node !== spoken));
      await delay(seconds * 500);
      const loadedUntil = performance.now();
      if (probes > 0) {
        load.rest(nodes);
        await untilIdle(database);
        await probe(cluster, probes);
      }
      load.rest([]);
      const endedAt = performance.now();
      wire!.onAnswer = () => 'pass';
      if (!isSilent && lost === 0) found.miscounted.add('no notification was lost');
      const lagMs = longestLagMs(followers, beganAt, endedAt);
      if (lateMs !== null && lagMs > lateMs + (isSilent ? SILENCE_NOTICED_MS : 0)) {
        found.miscounted.add(`entries reached the other node ${Math.round(lagMs)} ms later`);
      }
      const what = isSilent ? 'the connections of those who listen fell silent' : `${lost} notifications lost`;
      return {
        survivors: nodes,
        loadedUntil,
        said: `${what}, ${probes} entries made in between while nothing else happened`,
      };
    },
  };
};

async function untilIdle(database: ClusterDatabase): Promise<void> {
  let position = '';
  let since = performance.now();
  const look = async (): Promise<true | undefined> => {
    const [head] = await database.run<{ position: string }>('SELECT position FROM head');
    if (head!.position !== position) since = performance.now();
    ({ position } = head!);
    return performance.now() - since > IDLE_MS ? true : undefined;
  };
  await until('everything has settled', look, IDLE_WITHIN_MS);
}

/** Somebody corrects a call now and then, at any node. */
async function probe({ nodes, random }: Cluster, probes: number): Promise<void> {
  for (let n = 1; n <= probes; n++) {
    const { url, token } = random.pick(nodes).process;
    const v1 = createV1Client({ url, token });
    const { items } = await v1.get<{ items: readonly { id: number }[] }>('/v1/calls?limit=1');
    await v1.post(`/v1/calls/${items[0]!.id}/corrections`, { fields: { note: `correction ${n}` } }, 201);
    await delay(BETWEEN_PROBES_MS);
  }
}
