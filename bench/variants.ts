import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Address } from '../test/kit/loadProcess.ts';
import { type Metrics, parseMetrics } from '../test/kit/metrics.ts';
import { sharedPostgres } from '../test/kit/postgres.ts';
import { createScratch } from '../test/kit/scratch.ts';
import { type ServerOptions, startServer } from '../test/kit/server.ts';

/** What is under load: a server, or several nodes on one database. */
export interface Target {
  readonly servers: readonly Address[];
  readonly pids: readonly number[];
  /** Of each server that has some. */
  metrics(): Promise<readonly Metrics[]>;
  walBytes(): number | null;
  stop(): Promise<void>;
}

export interface Variant {
  readonly name: 'echo' | 'sqlite' | 'configured' | 'memory' | 'single' | 'postgres' | 'nodes';
  readonly title: string;
  /** Whether calls settle, seconds after their end: then the load lasts that long before it is counted. */
  readonly settles: boolean;
  /** `organisation` is whose server it is to be; the echo knows none. */
  start(organisation?: Organisation): Promise<Target>;
}

export type Organisation = Pick<ServerOptions, 'config' | 'files'>;

const ECHO = fileURLToPath(new URL('./echo.ts', import.meta.url));

async function startEcho(): Promise<Target> {
  const child = spawn(process.execPath, [ECHO], { stdio: ['ignore', 'pipe', 'inherit'] });
  const killed = (): void => void child.kill('SIGKILL');
  process.on('exit', killed);
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()));
  const url = await new Promise<URL>((resolve, reject) => {
    child.once('error', reject);
    child.stdout.setEncoding('utf8').once('data', (text: string) => resolve(new URL(/http:\S+/.exec(text)![0])));
    void ended.then(() => reject(new Error('the echo ended before it listened')));
  });
  return {
    servers: [{ host: url.hostname, port: Number(url.port) }],
    pids: [child.pid!],
    metrics: async () => [],
    walBytes: () => null,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      process.off('exit', killed);
    },
  };
}

async function startAftercall(options: ServerOptions): Promise<Target> {
  const server = await startServer(options);
  return {
    servers: [server],
    pids: [server.pid],
    metrics: async () => [parseMetrics(await (await server.get('/metrics')).text())],
    walBytes: () => (options.memory === true ? null : walBytesIn(server.dataDir)),
    stop: server.stop,
  };
}

/** So many servers on one new database of a PostgreSQL that syncs as it is told. Its own processes are not counted. */
async function startNodes(count: number, options: ServerOptions): Promise<Target> {
  const postgres = await sharedPostgres();
  const database = await postgres.createDatabase();
  const scratch = createScratch('bench');
  const dataDir = join(scratch.path, 'data');
  const env = { DATABASE_URL: postgres.url(database) };
  const nodes: Target[] = [];
  const stop = async (): Promise<void> => {
    for (const node of nodes) await node.stop();
    scratch[Symbol.dispose]();
    await postgres.dropDatabase(database);
  };
  try {
    // The first one makes the tables and the key.
    for (let n = 0; n < count; n++) nodes.push(await startAftercall({ ...options, dataDir, env }));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    servers: nodes.flatMap(each => each.servers),
    pids: nodes.flatMap(each => each.pids),
    metrics: async () => (await Promise.all(nodes.map(each => each.metrics()))).flat(),
    walBytes: () => null,
    stop,
  };
}

function walBytesIn(directory: string): number {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('-wal'))
    .reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
}

/** In the order in which they alternate. */
export const VARIANTS: readonly Variant[] = [
  { name: 'echo', title: 'bare Fastify echo', settles: false, start: startEcho },
  {
    name: 'sqlite',
    title: 'Aftercall, SQLite',
    settles: true,
    start: organisation => startAftercall({ ...organisation }),
  },
  {
    name: 'configured',
    title: 'Aftercall, SQLite, with a webhook and a campaign',
    settles: true,
    start: organisation => startAftercall({ ...organisation }),
  },
  {
    name: 'memory',
    title: 'Aftercall, memory engine',
    settles: true,
    start: organisation => startAftercall({ ...organisation, memory: true }),
  },
  {
    name: 'single',
    title: 'Aftercall, SQLite, one commit per request',
    settles: true,
    start: organisation => startAftercall({ ...organisation, env: { AFTERCALL_BATCH_COMMANDS: '1' } }),
  },
  {
    name: 'postgres',
    title: 'Aftercall, PostgreSQL',
    settles: true,
    start: organisation => startNodes(1, { ...organisation }),
  },
  {
    name: 'nodes',
    title: 'Aftercall, PostgreSQL, two nodes',
    settles: true,
    start: organisation => startNodes(2, { ...organisation }),
  },
];
