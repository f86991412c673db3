/** The command line; start reading here. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { type Logger, pino } from 'pino';
import { ensureFoundations, type Foundations } from './app/firstStart.ts';
import { applyOrganisation, checkOrganisation, readOrganisationFile } from './app/organisationFile.ts';
import { sealedIn } from './app/sourceKinds.ts';
import { call } from './calls/entities.ts';
import { ConfigError } from './config/configError.ts';
import { type Environment, readEnvironment } from './config/environment.ts';
import { hasKeyFile, openKeyFile } from './config/keyFile.ts';
import { readSetting } from './config/setting.ts';
import { checkSharedKey } from './config/sharedKey.ts';
import { copy } from './copyCommand.ts';
import { digestOf, noteApplied } from './dialects/organisationFile/appliedFile.ts';
import { changeLine } from './dialects/organisationFile/apply.ts';
import { importCallingLists } from './dialects/organisationFile/callingLists.ts';
import { CopyError } from './ledger/copySides.ts';
import { directoryOf, readResidents } from './ledger/directory.ts';
import { EngineFault } from './ledger/engine.ts';
import { findGaps } from './ledger/journal.ts';
import { MemoryEngine } from './ledger/memory/memoryEngine.ts';
import { DatabaseError } from './ledger/postgres/databaseError.ts';
import { isEmptyDatabase, openPostgresSnapshot } from './ledger/postgres/snapshot.ts';
import type { Reader } from './ledger/query.ts';
import { DataDirectoryError } from './ledger/sqlite/open.ts';
import { openSnapshot } from './ledger/sqlite/snapshot.ts';
import { callsContext } from './neighbours.ts';
import type { NodeView } from './nodes/membership.ts';
import { firstAdministratorStands } from './people/firstAdministrator.ts';
import { entities } from './schema.ts';
import {
  joinOthers,
  keepDaysIn,
  keepPortalList,
  openLedger,
  type Server,
  type ServerOptions,
  startServer,
} from './server.ts';
import { callIdPages, countAgain, emptyRollups, findMiscounts } from './statistics/recount.ts';
import { VERSION } from './version.ts';

const print = (text: string): boolean => process.stdout.write(`${text}\n`);
const complain = (text: string): boolean => process.stderr.write(`${text}\n`);

/** What keeps the process from doing what it was asked, in one sentence. */
class Hindrance extends Error {
  override readonly name = 'Hindrance';
}

const OTHER_FILES =
  'other servers have applied another organisation file: at each start one undoes what the others have set; give all of them the same file';

interface ServeOptions {
  readonly config?: string;
  readonly check?: boolean;
  readonly forgetKey?: boolean;
}

async function serve({ config, check, forgetKey }: ServeOptions): Promise<void> {
  const environment = readEnvironment(process.env);
  if (check) return checkFile(environment, config);
  const file = config === undefined ? null : readOrganisationFile(config, process.env);
  const log = pino({ level: environment.logLevel }, pino.destination({ fd: 1, sync: true }));
  let server: Server | null = null;
  const options = serverOptions(environment, log, async () => server?.stop());
  const opened = await openLedger(options);
  const { ledger } = opened;
  const nodes = await joinOthers(options, opened);
  let administrator: Foundations['administrator'] = null;
  const prepare = async () => {
    if (nodes !== null) {
      const others = nodes.others().map(nodeName);
      await checkSharedKey(ledger, environment.dataDir, { forget: forgetKey === true, others, sealedIn });
    }
    const foundations = await ensureFoundations(ledger, { random: randomBytes });
    try {
      if (file !== null) {
        const keyFile = openKeyFile(environment.dataDir);
        const changes = await applyOrganisation(ledger, file, { clock: ledger.now, keyFile, random: randomBytes });
        for (const change of changes) log.info({ change: changeLine(change) }, 'organisation');
        if (nodes !== null) {
          const others = nodes.others();
          const digest = digestOf(file, keyFile);
          const differ = await noteApplied(ledger, digest, {
            node: nodes.number,
            others: others.map(each => each.number),
          });
          const servers = others.filter(each => differ.includes(each.number)).map(nodeName);
          if (servers.length > 0) log.warn({ servers }, OTHER_FILES);
        }
        await importCallingLists(ledger, file, {
          clock: ledger.now,
          onList: done => log.info(done, 'calling list'),
          onProgress: progress => log.info(progress, 'importing a calling list'),
        });
      }
    } finally {
      // Also when the file cannot be applied: the password is stored, and this is the only time it can be shown.
      if (firstAdministratorStands(ledger.directory)) administrator = foundations.administrator;
      if (administrator !== null) greet(administrator);
    }
    await keepDaysIn(ledger, readSetting(ledger.directory, 'timeZone'), log);
    await keepPortalList(ledger, log);
  };
  try {
    await (nodes === null
      ? prepare()
      : nodes.alone(prepare, () => log.info('another server is starting: waiting for it')));
  } catch (error) {
    await nodes?.leave();
    await ledger.close();
    throw error;
  }
  const running = await startServer(options, opened, nodes).catch(error => {
    throw listenProblem(error, environment);
  });
  server = running;
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // A terminal and npm both pass the signal on; the second one must not cut the first one short.
      if (stopping) return;
      stopping = true;
      log.info({ signal }, 'stopping');
      running.stop().then(
        () => process.exit(0),
        error => {
          log.fatal({ err: error }, 'stopping failed');
          process.exit(1);
        },
      );
    });
  }
  // Last: whoever reads this may stop the server the next moment.
  print(`Aftercall listens on ${running.url}`);
  print(`API and its description: ${running.url}/v1/docs`);
  print(`\nTo end a call, paste:\n\n${exampleCall(running.url, administrator)}\n`);
}

const nodeName = ({ number, url }: NodeView): string =>
  url === null ? `server ${number}` : `server ${number} at ${url}`;

/** `drain` answers who is there, where there is a server. */
function serverOptions(
  environment: Environment,
  log: Logger,
  drain: () => Promise<void> = async () => {},
): ServerOptions {
  const batchCommands = Number(process.env['AFTERCALL_BATCH_COMMANDS'] ?? 0);
  return {
    environment,
    log,
    ...(batchCommands > 0 ? { batchCommands } : {}),
    onFatal: error => {
      if (error instanceof EngineFault && error.kind === 'outdated') {
        log.warn({ err: error }, 'stopping');
        complain(`Aftercall stops: ${error.message}. Start the newer version here too.`);
        drain().finally(() => process.exit(1));
        return;
      }
      log.fatal({ err: error }, 'the store cannot be trusted any more');
      complain(`Aftercall stops: ${error.message}. Check the database and its disk, then start again.`);
      // After this turn of the loop, so that those who wait are told first.
      setTimeout(() => process.exit(1), 100);
    },
  };
}

/** The only time the password can be read. */
function greet({ login, password }: NonNullable<Foundations['administrator']>): void {
  print('\nThis is the first start. The administrator, shown this once:\n');
  print(`  login     ${login}`);
  print(`  password  ${password}\n`);
}

function exampleCall(url: string, administrator: Foundations['administrator']): string {
  const credentials = administrator === null ? 'admin' : `${administrator.login}:${administrator.password}`;
  const now = new Date(Date.now() - 60_000).toISOString();
  const body = `{"externalId":"call-1","direction":"inbound","from":"+442079460123","to":"+442079460100","startedAt":"${now}","durationSeconds":42,"talkSeconds":30}`;
  const insecure = url.startsWith('https:') ? ' -k' : '';
  return `curl${insecure} -u ${credentials} ${url}/v1/calls -H 'content-type: application/json' -d '${body}'`;
}

function listenProblem(error: NodeJS.ErrnoException, { host, port, tls }: Environment): Error {
  if (error.code === 'EADDRINUSE')
    return new Hindrance(`Port ${port} on ${host} is taken: stop what listens there, or set PORT.`);
  if (error.code === 'EACCES' && error.syscall === 'listen')
    return new Hindrance(`Port ${port} may not be used by this user: set PORT to 1024 or above.`);
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return new Hindrance(`${host} is not an address of this machine: set HOST.`);
  if (tls !== null && (error.code === 'ENOENT' || error.code === 'EACCES' || error.code?.startsWith('ERR_OSSL'))) {
    return new Hindrance(`TLS_CERT or TLS_KEY cannot be used: ${error.message}.`);
  }
  return error;
}

/** Reads beside a running server, if there is one; writes nothing. */
async function withSnapshot<T>(
  { database }: Environment,
  work: (snapshot: { readonly reader: Reader }) => Promise<T>,
): Promise<T> {
  if (database.kind === 'memory') throw new Hindrance('DATABASE_URL=memory: keeps nothing that could be read.');
  const snapshot = await (database.kind === 'postgres'
    ? openPostgresSnapshot(database, entities)
    : openSnapshot(database.path, entities));
  try {
    return await work(snapshot);
  } finally {
    await snapshot.close();
  }
}

async function checkFile(environment: Environment, config: string | undefined): Promise<void> {
  if (config === undefined) throw new Hindrance('--check needs --config: name the organisation file.');
  const file = readOrganisationFile(config, process.env);
  const { database, dataDir } = environment;
  const isNew = await hasNothing(database);
  const hasKey = !isNew && hasKeyFile(dataDir);
  const check = async (reader: Reader) => {
    const directory = directoryOf(await readResidents(entities, reader));
    const keyFile = hasKey ? openKeyFile(dataDir) : NO_KEY_FILE;
    for (const line of await checkOrganisation({ directory, reader }, file, { clock: Date.now, keyFile })) print(line);
  };
  if (isNew) await check(new MemoryEngine({ entities }).reader);
  else await withSnapshot(environment, snapshot => check(snapshot.reader));
}

async function hasNothing(database: Environment['database']): Promise<boolean> {
  if (database.kind === 'postgres') return isEmptyDatabase(database);
  return database.kind === 'memory' || !existsSync(database.path);
}

/** Opens nothing: a database that is not there has sealed nothing, and looking makes no key. */
const NO_KEY_FILE = {
  seal: (clear: string) => clear,
  open: (sealed: string) => sealed,
};

async function verify(): Promise<void> {
  const environment = readEnvironment(process.env);
  const problems = await withSnapshot(environment, async ({ reader }) => {
    const directory = directoryOf(await readResidents(entities, reader));
    const zone = readSetting(directory, 'rollupZone');
    return [...(await findGaps(reader)), ...(await findMiscounts(reader, call, zone, progress('calls counted')))];
  });
  for (const problem of problems.slice(0, 100)) print(problem);
  if (problems.length > 100) print(`… and ${problems.length - 100} more`);
  print(
    problems.length === 0 ? 'Everything adds up.' : `${problems.length} things do not add up: run "aftercall rebuild".`,
  );
  process.exitCode = problems.length === 0 ? 0 : 1;
}

async function rebuild(): Promise<void> {
  const environment = readEnvironment(process.env);
  const log = pino({ level: environment.logLevel });
  const { ledger } = await openLedger({ ...serverOptions(environment, log), alone: true });
  try {
    await emptyRollups(ledger.reader, command => ledger.submit(command));
    const tell = progress('calls counted');
    let counted = 0;
    for await (const ids of callIdPages(ledger.reader, call)) {
      await ledger.submit(countAgain(call, ids, callsContext.dayOf));
      counted += ids.length;
      tell(counted);
    }
    print(`The statistics are made anew from ${counted} calls.`);
  } finally {
    await ledger.close();
  }
}

/** A line that counts on a terminal, nothing elsewhere. */
function progress(what: string): (count: number) => void {
  if (!process.stderr.isTTY) return () => {};
  return count => {
    process.stderr.write(`\r${count} ${what}\u001b[K`);
  };
}

const program = new Command('aftercall')
  .description('What happens when a phone call ends: one durable, true call out of whatever was reported.')
  .version(VERSION)
  .helpCommand(false)
  .exitOverride()
  .addHelpText(
    'after',
    `
Environment:
  HOST          address to listen on (127.0.0.1)
  PORT          port to listen on (8080)
  DATA_DIR      where the database and the key file are (./data)
  DATABASE_URL  sqlite:<path>, postgres://<user>:<password>@<host>/<database>?schema=<organisation>,
                or memory: to keep nothing (sqlite in DATA_DIR)
  PUBLIC_URL    where others reach this server (where it listens)
  NODE_URL      where the other servers on the same PostgreSQL reach this one (where it listens)
  TLS_CERT      path of a PEM certificate; with TLS_KEY, serves https
  TLS_KEY       path of its PEM key
  LOG_LEVEL     trace, debug, info, warn, error, fatal or silent (info)`,
  );
program
  .command('serve', { isDefault: true })
  .description('serve (what happens without a command)')
  .option('--config <file>', 'apply this organisation file before serving')
  .option('--forget-key', 'go on with another key file than before; the organisation file must have all secrets')
  .option('--check', 'print what the organisation file would change, and change nothing')
  .action(serve);
program
  .command('verify')
  .description('recount every call and compare with the statistics; works beside a running server')
  .action(verify);
program
  .command('rebuild')
  .description('make the statistics anew from the calls; the server must be stopped')
  .action(rebuild);
program
  .command('copy')
  .description('copy a whole ledger into an empty database, or finish doing so; the servers of both must be stopped')
  .requiredOption('--from <url>', 'the ledger there is: sqlite:<path> or postgres://…, as in DATABASE_URL')
  .requiredOption('--to <url>', 'the database it is to be in: a new one, or an unfinished copy of the same ledger')
  .option('--restart', 'empty the unfinished copy in --to and begin anew')
  .action(copy);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode);
  const isExpected = [ConfigError, CopyError, DataDirectoryError, DatabaseError, Hindrance].some(
    kind => error instanceof kind,
  );
  complain(isExpected ? (error as Error).message : `Aftercall cannot go on: ${(error as Error).stack ?? error}`);
  process.exit(1);
}
