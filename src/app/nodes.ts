/** One server among others, or alone: what it knows of them, and the way to them. */
import { readFileSync } from 'node:fs';
import type { Environment } from '../config/environment.ts';
import type { KeyFile } from '../config/keyFile.ts';
import type { NodesOfHouse } from '../dialects/dialect.ts';
import { ALONE } from '../ledger/lease.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { StorageUnavailable } from '../ledger/refusals.ts';
import { MACHINE_TIMERS, type Timers } from '../ledger/timers.ts';
import { joinNodes, type Membership } from '../nodes/membership.ts';
import { createNodeClient, type NodeClient } from '../nodes/nodeClient.ts';
import { Relay } from '../nodes/relay.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { JOBS } from './organisation.ts';
import { createThrottle } from './throttle.ts';
import { VERSION } from './version.ts';

const WARN_EVERY_MS = 60_000;

/** Makes the server one of several where there may be several; null elsewhere, where nothing of it costs anything. */
export async function joinOthers({ database }: Environment, log: Log, ledger: Ledger): Promise<Membership | null> {
  return database.kind === 'postgres' ? joinNodesOf({ ledger, timers: MACHINE_TIMERS, log }) : null;
}

export interface JoinParts {
  readonly ledger: Ledger;
  readonly timers: Timers;
  readonly log: Log;
}

/** Makes the server one of those that share the ledger. */
export function joinNodesOf({ ledger, timers, log }: JoinParts): Promise<Membership> {
  const mayPass = createThrottle(WARN_EVERY_MS, timers);
  return joinNodes({
    ledger,
    timers,
    version: VERSION,
    jobs: JOBS,
    onError: error => {
      if (!(error instanceof StorageUnavailable)) log.error({ err: error }, 'heartbeat not stored');
    },
    onSameUrl: url => {
      if (mayPass(url)) log.warn({ url }, 'NODE_URL shared with another server');
    },
  });
}

export interface NodeParts {
  readonly nodes: Pick<
    Membership,
    'number' | 'now' | 'urlOf' | 'lives' | 'goneSignal' | 'onDisowned' | 'all' | 'lease'
  >;
  readonly client: NodeClient;
  readonly keys: Pick<KeyFile, 'derive'>;
  readonly timers: Timers;
  readonly log: Log;
  readonly meters: Pick<Metrics, 'countForwarded'>;
}

/** The way to other nodes, and theirs to this one. */
export function nodesOfHouse({ nodes, client, keys, timers, log, meters }: NodeParts): NodesOfHouse {
  const mayPass = createThrottle(WARN_EVERY_MS, timers);
  const relay = new Relay({
    nodes,
    client,
    key: keys.derive('node to node'),
    onForwarded(verdict, to, error) {
      meters.countForwarded(verdict);
      if (verdict === 'answered' || !mayPass(verdict)) return;
      if (verdict === 'unreachable') log.warn({ node: to, err: error }, 'node unreachable');
      else log.warn({ node: to }, 'forwarded request refused by node');
    },
  });
  return { all: () => nodes.all(), lease: job => nodes.lease(job), relay };
}

/** The client between nodes, which trusts what this one shows. */
export const nodeClientOf = ({ tls }: Environment): NodeClient =>
  createNodeClient(tls === null ? null : readFileSync(tls.certPath, 'utf8'));

/** Where there is one server only. */
export function onlyNode(ledger: Ledger, url: string | null): NodesOfHouse {
  const startedAt = ledger.now();
  return {
    all: () => [
      {
        number: 1,
        url,
        version: VERSION,
        startedAt,
        seenAt: ledger.now(),
        deadSince: null,
        isAlive: true,
        jobs: JOBS,
      },
    ],
    lease: () => ALONE,
    relay: null,
  };
}
