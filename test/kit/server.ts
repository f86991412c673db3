import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getTestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { entities } from '../../src/app/entities.ts';
import { postgresDatabase } from '../../src/ledger/testing/testStores.ts';
import { ORGANISATION, TOKEN } from './organisation.ts';
import { createScratch } from './scratch.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const BIN = fileURLToPath(new URL('../../bin/aftercall.mjs', import.meta.url));
const LISTENS = /^Aftercall listens on (https?:\/\/\S+)/m;

/** Seconds, or a minute on a machine with much else to do; what takes longer hangs. */
const READY_WITHIN_MS = 300_000;
/** Answers on their way are sent and the log is moved into the database. */
const STOPPED_WITHIN_MS = 300_000;
/** A server that logs in a loop must not fill the memory of the test. */
const OUTPUT_LIMIT_CHARS = 4 * 1024 * 1024;

export interface ServerOptions {
  /** Kept by the caller; without it the data lie in the server's scratch directory and go with it. */
  readonly dataDir?: string;
  /** The organisation file's content. */
  readonly config?: object;
  /** Content of the files that the organisation file names, by name; they lie beside it. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Run on the memory engine. */
  readonly memory?: boolean;
  /** Run on SQLite, whatever the others run on: the test is about its files. */
  readonly sqlite?: boolean;
  /** A program that runs the server, such as a tracer that stays in the background. */
  readonly under?: readonly string[];
  readonly readyWithinMs?: number;
  /** Kills the server, also one that does not listen yet; then nothing is kept. */
  readonly signal?: AbortSignal;
}

export interface RunningServer extends AsyncDisposable {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly token: string;
  readonly pid: number;
  readonly dataDir: string;
  /** From the start of the process to the line that says where it listens. */
  readonly startedInMs: number;
  /** Everything printed so far for people, on standard error. */
  readonly stderr: string;
  /** The lines of both outputs that are JSON objects. */
  readonly logs: readonly Readonly<Record<string, unknown>>[];
  /** Both outputs, for messages. */
  readonly output: string;
  readonly running: boolean;
  /** Answers of `/v1` and of the service paths. A path starts with a slash. */
  get(path: string): Promise<Response>;
  /** SIGTERM; the server must drain and exit with 0. */
  stop(): Promise<void>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
}

/** A server that ended before it listened. */
export class ServerEndedEarly extends Error {
  override readonly name = 'ServerEndedEarly';
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;

  constructor(exitCode: number | null, signal: NodeJS.Signals | null, output: string) {
    super(`The server ended before it listened (${signal ?? `exit code ${exitCode}`}):\n${output}`);
    this.exitCode = exitCode;
    this.signal = signal;
    this.output = output;
  }
}

const children = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** Runs `bin/aftercall.mjs` with the environment of the contract in a scratch directory. */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const scratch = createScratch('server');
  const dataDir = options.dataDir ?? join(scratch.path, 'data');
  const configFile = join(scratch.path, 'organisation.json');
  mkdirSync(scratch.path, { recursive: true });
  writeFileSync(configFile, JSON.stringify(options.config ?? ORGANISATION, null, 2));
  for (const [name, content] of Object.entries(options.files ?? {})) writeFileSync(join(scratch.path, name), content);
  const [program, ...programArguments] = [...(options.under ?? []), process.execPath, BIN, '--config', configFile];
  const startedAt = performance.now();
  const child = spawn(program!, programArguments, {
    cwd: ROOT,
    env: await serverEnvironment(dataDir, options),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.signal === undefined ? {} : { signal: options.signal, killSignal: 'SIGKILL' as const }),
  });
  children.add(child);
  let stderr = '';
  let output = '';
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>(resolve => {
    child.once('close', (code, signal) => {
      children.delete(child);
      resolve({ code, signal });
    });
  });
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };

  const url = await new Promise<string>((resolve, reject) => {
    let listening = false;
    const fail = (error: Error): void => {
      if (listening) return;
      if (options.signal?.aborted !== true) scratch.keep();
      scratch[Symbol.dispose]();
      reject(error);
    };
    const late = setTimeout(() => {
      void kill().then(() => fail(new Error(`The server did not listen in time:\n${output}`)));
    }, options.readyWithinMs ?? READY_WITHIN_MS);
    child.on('error', error => {
      // The signal's abort is told here too; the process is still to end.
      if (options.signal?.aborted === true) return;
      clearTimeout(late);
      fail(error);
    });
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      if (output.length < OUTPUT_LIMIT_CHARS) output += text;
    });
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      if (stderr.length < OUTPUT_LIMIT_CHARS) stderr += text;
      if (output.length < OUTPUT_LIMIT_CHARS) output += text;
      const banner = LISTENS.exec(stderr);
      if (banner === null || listening) return;
      clearTimeout(late);
      listening = true;
      resolve(banner[1]!);
    });
    void ended.then(({ code, signal }) => {
      clearTimeout(late);
      fail(
        options.signal?.aborted === true
          ? (options.signal.reason as Error)
          : new ServerEndedEarly(code, signal, output),
      );
    });
  });

  const startedInMs = performance.now() - startedAt;
  const { hostname, port } = new URL(url);
  let expectedEnd = false;
  const inTest = getTestContext() !== undefined;
  const leave = (): void => {
    if (!inTest) scratch[Symbol.dispose]();
  };
  const stop = async (): Promise<void> => {
    if (isRunning()) {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), STOPPED_WITHIN_MS);
      const { code, signal } = await ended;
      clearTimeout(late);
      expectedEnd = true;
      if (code !== 0) {
        scratch.keep();
        leave();
        throw new Error(`After SIGTERM the server ended with ${signal ?? code} instead of 0:\n${output}`);
      }
    }
    leave();
  };

  return {
    url,
    host: hostname,
    port: Number(port),
    token: TOKEN,
    pid: child.pid!,
    dataDir,
    startedInMs,
    get stderr() {
      return stderr;
    },
    get output() {
      return output;
    },
    get logs() {
      return jsonLines(output);
    },
    get running() {
      return isRunning();
    },
    get: path => fetch(url + path, { headers: { authorization: `Bearer ${TOKEN}` } }),
    stop,
    kill: async () => {
      expectedEnd = true;
      await kill();
      leave();
    },
    [Symbol.asyncDispose]: async () => {
      if (!isRunning() && !expectedEnd) {
        scratch.keep();
        leave();
        await ended;
        throw new Error(`The server ended by itself:\n${output}`);
      }
      await stop();
    },
  };
}

/** Runs a command of the server's command line, such as `verify`, in the same environment until it ends. */
export async function runCommand(
  command: readonly string[],
  options: Pick<ServerOptions, 'env' | 'memory' | 'sqlite'> & { readonly dataDir: string },
): Promise<{ readonly exitCode: number | null; readonly output: string }> {
  const child = spawn(process.execPath, [BIN, ...command], {
    cwd: ROOT,
    env: await serverEnvironment(options.dataDir, options),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      if (output.length < OUTPUT_LIMIT_CHARS) output += text;
    });
  }
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  children.delete(child);
  return { exitCode, output };
}

/** With `AFTERCALL_TEST_STORE=postgres` the servers of all tests run on PostgreSQL. */
const ON_POSTGRES = process.env['AFTERCALL_TEST_STORE'] === 'postgres';
/** The database that belongs to a data directory: a server that starts on it again finds what it has left. */
const databases = new Map<string, Promise<string>>();

function databaseOf(dataDir: string): Promise<string> {
  let url = databases.get(dataDir);
  if (url === undefined) {
    url = postgresDatabase(entities).then(made => made.url);
    databases.set(dataDir, url);
  }
  return url;
}

async function serverEnvironment(
  dataDir: string,
  options: Pick<ServerOptions, 'env' | 'memory' | 'sqlite'>,
): Promise<NodeJS.ProcessEnv> {
  const inherited = { ...process.env };
  // The test runner tells its own children that they are tests.
  for (const name of [
    'NODE_TEST_CONTEXT',
    'NODE_OPTIONS',
    'DATABASE_URL',
    'PUBLIC_URL',
    'NODE_URL',
    'TLS_CERT',
    'TLS_KEY',
  ]) {
    delete inherited[name];
  }
  return {
    ...inherited,
    HOST: '127.0.0.1',
    PORT: '0',
    DATA_DIR: dataDir,
    LOG_LEVEL: 'warn',
    ...(ON_POSTGRES && options.sqlite !== true ? { DATABASE_URL: await databaseOf(dataDir) } : {}),
    ...(options.memory === true ? { DATABASE_URL: 'memory:' } : {}),
    ...options.env,
  };
}

function jsonLines(text: string): Record<string, unknown>[] {
  const found: Record<string, unknown>[] = [];
  for (const line of text.split('\n')) {
    if (!line.startsWith('{')) continue;
    try {
      found.push(JSON.parse(line) as Record<string, unknown>);
    } catch {
      // A line cut by a kill.
    }
  }
  return found;
}
