import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Metrics, parseMetrics } from '../test/kit/metrics.ts';
import { type ServerOptions, startServer } from '../test/kit/server.ts';

/** A server under load. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  /** Null where there are none. */
  metrics(): Promise<Metrics | null>;
  walBytes(): number | null;
  stop(): Promise<void>;
}

export interface Variant {
  readonly name: 'echo' | 'sqlite' | 'memory' | 'single';
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
    host: url.hostname,
    port: Number(url.port),
    pid: child.pid!,
    metrics: async () => null,
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
    host: server.host,
    port: server.port,
    pid: server.pid,
    metrics: async () => parseMetrics(await (await server.get('/metrics')).text()),
    walBytes: () => (options.memory === true ? null : walBytesIn(server.dataDir)),
    stop: server.stop,
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
];
