/** The program as a person starts it: any arguments, any environment, until it listens or ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { entities } from '../../src/app/entities.ts';
import type { AnyEntity } from '../../src/ledger/entity.ts';
import { postgresDatabase } from '../../src/ledger/testing/testStores.ts';
import { until } from '../kit/until.ts';

export const BIN = fileURLToPath(new URL('../../bin/aftercall.mjs', import.meta.url));

export interface Program extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly stdout: string;
  readonly stderr: string;
  /** Where it says that it listens; rejects when it ends without saying so. */
  listening(): Promise<string>;
  /** The first group of what it prints, or all of it; rejects when it ends without. */
  says(pattern: RegExp): Promise<string>;
  /** Its exit code, or the signal that ended it. */
  ended(): Promise<number | NodeJS.Signals>;
}

export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Another Node than this one. */
  readonly node?: string;
  /** On SQLite, whatever the others run on: the test is about its files. */
  readonly sqlite?: boolean;
}

const SETTINGS =
  /^(HOST|PORT|DATA_DIR|DATABASE_URL|PUBLIC_URL|NODE_URL|TLS_CERT|TLS_KEY|LOG_LEVEL|NODE_OPTIONS|NODE_TEST_CONTEXT)$/;

/** With `AFTERCALL_TEST_STORE=postgres` every data directory has a schema of its own in this database. */
const POSTGRES =
  process.env['AFTERCALL_TEST_STORE'] === 'postgres'
    ? (await postgresDatabase(entities as readonly AnyEntity[])).url
    : null;

function databaseOf(dataDir: string | undefined): { readonly DATABASE_URL?: string } {
  if (POSTGRES === null || dataDir === undefined) return {};
  const schema = `s${createHash('sha256').update(dataDir).digest('hex').slice(0, 32)}`;
  return { DATABASE_URL: `${POSTGRES}?schema=${schema}` };
}

/** On any free port unless `env` says otherwise. */
export function startProgram(
  args: readonly string[],
  { env = {}, node, sqlite = false }: ProgramOptions = {},
): Program {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !SETTINGS.test(name)));
  const child = spawn(node ?? process.execPath, [BIN, ...args], {
    env: { ...inherited, PORT: '0', ...databaseOf(sqlite ? undefined : env['DATA_DIR']), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  let end: number | NodeJS.Signals | undefined;
  const ended = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      end = code ?? signal!;
      resolve(end);
    });
  });
  const says = (pattern: RegExp): Promise<string> =>
    until(`the program says ${pattern}`, () => {
      const said = pattern.exec(stderr) ?? pattern.exec(stdout);
      if (said !== null) return said[1] ?? said[0];
      if (end !== undefined)
        throw new Error(`The program ended (${end}) without saying ${pattern}:\n${stdout}${stderr}`);
      return undefined;
    });
  return {
    child,
    get stdout() {
      return stdout;
    },
    get stderr() {
      return stderr;
    },
    says,
    listening: () => says(/^Aftercall listens on (\S+)$/m),
    ended: () => ended,
    [Symbol.asyncDispose]: async () => {
      if (end === undefined) child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Runs it to its end. */
export async function runProgram(
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<{ readonly end: number | NodeJS.Signals; readonly stdout: string; readonly stderr: string }> {
  await using program = startProgram(args, options);
  const end = await program.ended();
  return { end, stdout: program.stdout, stderr: program.stderr };
}
