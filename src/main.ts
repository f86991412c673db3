/** The command line; start reading here. A command is loaded when it is run: `verify` has no use for what the server is made of. */
import { Command, CommanderError } from 'commander';
import { VERSION } from './app/version.ts';
import type { CopyArguments } from './commands/copy.ts';
import { complain, heedReader, StartupError } from './commands/output.ts';
import type { RefoldArguments } from './commands/refold.ts';
import type { ServeArguments } from './commands/serve.ts';
import type { VerifyArguments } from './commands/verify.ts';
import { ConfigError } from './config/configError.ts';
import { CopyError } from './ledger/copySides.ts';
import { DatabaseError } from './ledger/postgres/databaseError.ts';
import { DataDirectoryError } from './ledger/sqlite/open.ts';

const ENVIRONMENT = `
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
  LOG_LEVEL     trace, debug, info, warn, error, fatal or silent (info)`;

const REFOLD_EXAMPLES = `
The server must be stopped, unless with --dry-run or without options. Taking a run back restores every report exactly; calls are
then folded as the source is configured at that moment: set its zone and number plan back first to have them as they were.

Examples:
  aftercall refold --source hq --from 2026-03-01 --to 2026-04-01 --dry-run
  aftercall refold --source hq --from 2026-03-01 --to 2026-04-01
  aftercall refold
  aftercall refold --take-back 1`;

const program = new Command('aftercall')
  .description('What happens when a phone call ends: one durable, true call out of whatever was reported.')
  .version(VERSION)
  .helpCommand(false)
  .exitOverride()
  .addHelpText('after', ENVIRONMENT);
program
  .command('serve', { isDefault: true })
  .description('serve (what happens without a command)')
  .option('--config <file>', 'apply this organisation file before serving')
  .option('--forget-key', 'go on with another key file than before; the organisation file must have all secrets')
  .option('--check', 'print what the organisation file would change, and change nothing')
  .action(async (options: ServeArguments) => (await import('./commands/serve.ts')).serve(options));
program
  .command('verify')
  .description(
    'compare every call with its reports, the statistics with the calls, and the files of recordings with their rows; works beside a running server',
  )
  .option('--digests', 'read every recording and compare what is in it: takes as long as reading all of them')
  .action(async (options: VerifyArguments) => (await import('./commands/verify.ts')).verify(options));
program
  .command('rebuild')
  .description("make the statistics and the lines of the portal's list anew from the calls; the server must be stopped")
  .action(async () => (await import('./commands/rebuild.ts')).rebuild());
program
  .command('refold')
  .description(
    'fold calls anew after a time zone, a number plan, who holds an extension or a rule was changed; lists earlier runs without options',
  )
  .option('--source <key>', 'the source whose reports are read again')
  .option('--from <date>', 'calls that started on this date or later, in the organisation’s zone; or an instant')
  .option('--to <date>', 'and before this date; or an instant')
  .option('--dry-run', 'show what would change, beside a running server if there is one, and change nothing')
  .option('--take-back <run>', 'give the reports back what they told before this run, and fold their calls anew')
  .addHelpText('after', REFOLD_EXAMPLES)
  .action(async (options: RefoldArguments) => (await import('./commands/refold.ts')).refold(options));
program
  .command('copy')
  .description('copy a whole ledger into an empty database, or finish doing so; the servers of both must be stopped')
  .requiredOption('--from <url>', 'the ledger there is: sqlite:<path> or postgres://…, as in DATABASE_URL')
  .requiredOption('--to <url>', 'the database it is to be in: a new one, or an unfinished copy of the same ledger')
  .option('--restart', 'empty the unfinished copy in --to and begin anew')
  .action(async (options: CopyArguments) => (await import('./commands/copy.ts')).copy(options));

/** Errors that say in their message what to do; any other shows where it came from. */
const EXPLAINED = [ConfigError, CopyError, DataDirectoryError, DatabaseError, StartupError];

heedReader();
try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode);
  const isExplained = EXPLAINED.some(kind => error instanceof kind);
  complain(isExplained ? (error as Error).message : `Aftercall cannot go on: ${(error as Error).stack ?? error}`);
  process.exit(1);
}
