/** Two servers on one database, for the desktops of the genesys cases. */
import { join } from 'node:path';
import { entities } from '../../src/app/entities.ts';
import { postgresDatabase, SCHEMA } from '../../src/ledger/testing/testStores.ts';
import { CONFIG, LIST_FILE, listText, type Node, nodeOf } from '../conformance/genesys/node.ts';
import { createScratch } from '../kit/scratch.ts';
import { type RunningServer, type ServerOptions, startServer } from '../kit/server.ts';
import { until } from '../kit/until.ts';

export interface Pair {
  /** The first one does all the work that one node at a time does. */
  readonly a: Node;
  readonly b: Node;
  readonly options: ServerOptions;
  /** How many outbox entries the ledger keeps, for desktops that have not confirmed them. */
  outboxEntries(): Promise<number>;
}

export interface NodeItem {
  readonly number: number;
  readonly url: string | null;
  readonly version: string;
  readonly state: 'alive' | 'dead';
  readonly startedAt: string;
  readonly seenAt: string;
  readonly jobs: readonly string[];
}

export const nodesSeenBy = async ({ v1 }: Pick<Node, 'v1'>): Promise<readonly NodeItem[]> =>
  (await v1.get<{ items: readonly NodeItem[] }>('/v1/nodes')).items;

/** Ends with the test, or with the file that `node:test` itself stands for, whatever became of them. */
export async function openPair(
  context: { after(end: () => Promise<void>): void },
  options: Partial<ServerOptions> = {},
): Promise<Pair> {
  const servers: RunningServer[] = [];
  // Before the scratch directory adds its own: that goes when the servers have ended.
  context.after(async () => {
    for (const each of servers) if (each.running) await each.stop();
  });
  const dataDir = join(createScratch('nodes').path, 'data');
  const { server: postgres, url } = await postgresDatabase(entities);
  const all: ServerOptions = {
    config: CONFIG,
    files: { [LIST_FILE]: listText(10) },
    dataDir,
    ...options,
    env: { DATABASE_URL: url, ...options.env },
  };
  const start = async () => {
    const server = await startServer(all);
    servers.push(server);
    return nodeOf(server);
  };
  const outboxEntries = async () => {
    const rows = await postgres.run(new URL(url).pathname.slice(1), `SELECT id FROM ${SCHEMA}.agent_outbox`);
    return rows.length;
  };
  const pair = { a: await start(), b: await start(), options: all, outboxEntries };
  for (const node of [pair.a, pair.b]) {
    await until('both know of each other', async () => {
      const seen = await nodesSeenBy(node);
      return seen.length === 2 && seen.every(each => each.url !== null) ? true : undefined;
    });
  }
  return pair;
}
