import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { keysIn } from '../app/keys.ts';
import { joinOthers } from '../app/nodes.ts';
import { openLedger } from '../app/openLedger.ts';
import { readOrganisationFile } from '../app/organisationFile.ts';
import { type Server, startServer } from '../app/server.ts';
import { type Administrator, runStartup } from '../app/startup.ts';
import { type Environment, readEnvironment } from '../config/environment.ts';
import { checkFile } from './checkFile.ts';
import { ledgerOptions } from './ledgerOptions.ts';
import { complain, StartupError } from './output.ts';

export interface ServeArguments {
  readonly config?: string;
  readonly check?: boolean;
  readonly forgetKey?: boolean;
}

/** Serves until a signal stops it. JSON lines alone go to standard output; what people read goes to standard error. */
export async function serve({ config, check, forgetKey = false }: ServeArguments): Promise<void> {
  const environment = readEnvironment(process.env);
  if (check) return checkFile(environment, config);
  const file = config === undefined ? null : readOrganisationFile(config, process.env);
  const log = pino({ level: environment.logLevel }, pino.destination({ fd: 1, sync: true }));
  let server: Server | null = null;
  const options = ledgerOptions(environment, log, async () => server?.stop());
  const opened = await openLedger(options);
  const { ledger } = opened;
  const keys = keysIn(environment.dataDir);
  const membership = await joinOthers(environment, log, ledger);
  let administrator: Administrator = null;
  try {
    await runStartup({ environment, ledger, keys, log, random: randomBytes, membership, file, forgetKey }, made => {
      administrator = made;
      greet(made);
    });
  } catch (error) {
    await membership?.leave();
    await ledger.close();
    throw error;
  }
  server = await startServer(options, { ...opened, keys, membership }).catch(error => {
    throw listenProblem(error, environment);
  });
  stopOnSignal(server, log);
  // Last: a program that reads this may stop the server the next moment.
  complain(`Aftercall listens on ${server.url}`);
  complain(`API and its description: ${server.url}/v1/docs`);
  complain(`\nTo end a call, paste:\n\n${exampleCall(server.url, administrator)}\n`);
}

function stopOnSignal(server: Server, log: pino.Logger): void {
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // A terminal and npm both pass the signal on; the second one must not cut the first one short.
      if (stopping) return;
      stopping = true;
      log.info({ signal }, 'stopping');
      server.stop().then(
        () => process.exit(0),
        error => {
          log.fatal({ err: error }, 'stopping failed');
          process.exit(1);
        },
      );
    });
  }
}

/** The only time the password can be read. */
function greet({ login, password }: NonNullable<Administrator>): void {
  complain('\nThis is the first start. The administrator, shown this once:\n');
  complain(`  login     ${login}`);
  complain(`  password  ${password}\n`);
}

function exampleCall(url: string, administrator: Administrator): string {
  const credentials = administrator === null ? 'admin' : `${administrator.login}:${administrator.password}`;
  const now = new Date(Date.now() - 60_000).toISOString();
  const body = `{"externalId":"call-1","direction":"inbound","from":"+442079460123","to":"+442079460100","startedAt":"${now}","durationSeconds":42,"talkSeconds":30}`;
  const insecure = url.startsWith('https:') ? ' -k' : '';
  return `curl${insecure} -u ${credentials} ${url}/v1/calls -H 'content-type: application/json' -d '${body}'`;
}

function listenProblem(error: NodeJS.ErrnoException, { host, port, tls }: Environment): Error {
  if (error.code === 'EADDRINUSE')
    return new StartupError(`Port ${port} on ${host} is taken: stop what listens there, or set PORT.`);
  if (error.code === 'EACCES' && error.syscall === 'listen')
    return new StartupError(`Port ${port} may not be used by this user: set PORT to 1024 or above.`);
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return new StartupError(`${host} is not an address of this machine: set HOST.`);
  if (tls !== null && (error.code === 'ENOENT' || error.code === 'EACCES' || error.code?.startsWith('ERR_OSSL'))) {
    return new StartupError(`TLS_CERT or TLS_KEY cannot be used: ${error.message}.`);
  }
  return error;
}
