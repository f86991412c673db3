import { setTimeout as delay } from 'node:timers/promises';
import { applicationName } from '../../../../src/ledger/postgres/connection.ts';
import { isNotification, isStartup, type PostgresWire, tapPostgres } from '../../../kit/postgresWire.ts';
import type { Link } from '../../../kit/tcpProxy.ts';
import { longestLagMs } from '../eventFollower.ts';
import type { Fault } from '../fault.ts';

interface LostNotifyOptions {
  readonly seconds: number;
  /** How late an entry may reach another node's listeners; null: however long it takes. */
  readonly lateMs: number | null;
}

const WATCHER = applicationName('watcher');

/**
 * Nodes are not told that others have written: notifications are lost on the wire, and every second time all that the
 * connection they come over says. For half of the time only one node is spoken to.
 */
export const lostNotify = ({ seconds, lateMs }: LostNotifyOptions): Fault => {
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
    async strike({ nodes, followers, random, load }, found) {
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
      load.rest([]);
      const endedAt = performance.now();
      wire!.onAnswer = () => 'pass';
      if (!isSilent && lost === 0) found.miscounted.add('no notification was lost');
      const lagMs = longestLagMs(followers, beganAt, endedAt);
      if (lateMs !== null && lagMs > lateMs) {
        found.miscounted.add(`entries reached the other node ${Math.round(lagMs)} ms later`);
      }
      const what = isSilent ? 'the connections of those who listen fell silent' : `${lost} notifications lost`;
      return { survivors: nodes, said: `${what}, only ${spoken.name} spoken to in the second half` };
    },
  };
};
