import type { Random } from '../../kit/random.ts';
import type { TcpProxy } from '../../kit/tcpProxy.ts';
import type { Findings } from '../findings.ts';
import type { Answers } from './answers.ts';
import type { ClusterDatabase } from './clusterDatabase.ts';
import type { ClusterLoad } from './clusterLoad.ts';
import type { ClusterNode } from './clusterNode.ts';
import type { EventFollower } from './eventFollower.ts';

/** What a fault is given to break. */
export interface Cluster {
  readonly database: ClusterDatabase;
  readonly nodes: readonly ClusterNode[];
  readonly followers: readonly EventFollower[];
  readonly answers: Answers;
  readonly random: Random;
  readonly load: ClusterLoad;
}

export interface Struck {
  /** Who was to go on all the time. */
  readonly survivors: readonly ClusterNode[];
  /** Until when they were told something (performance.now); left out: to the end of the load. */
  readonly loadedUntil?: number;
  /** What was done, for people. */
  readonly said: string;
}

/** One way to break a cluster on purpose. */
export interface Fault {
  /** What it does, for a heading. */
  readonly title: string;
  /** Nodes reach the database over a wire. */
  readonly needsWire: boolean;
  /** Batches of nodes that live may be refused. */
  readonly refuses: boolean;
  /** A node cannot be reached for longer than it waits for a desktop. */
  readonly sessionsExpire?: boolean;
  /** Before anybody uses the wire. */
  attach?(proxy: TcpProxy): void;
  /** Before the load of a round. */
  prepare?(database: ClusterDatabase): Promise<void>;
  /** Breaks something under load and mends it: resolves when everybody is there again. */
  strike(cluster: Cluster, found: Findings): Promise<Struck>;
}
