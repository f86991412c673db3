import type { Logger } from 'pino';
import type { LedgerOptions } from '../app/openLedger.ts';
import type { Environment } from '../config/environment.ts';
import { EngineFault } from '../ledger/engine.ts';
import { complain } from './output.ts';

/** How a command opens its ledger. `drain` answers requests that are in work, where there is a server. */
export function ledgerOptions(
  environment: Environment,
  log: Logger,
  drain: () => Promise<void> = async () => {},
): LedgerOptions {
  const batchCommands = Number(process.env['AFTERCALL_BATCH_COMMANDS'] ?? 0);
  return {
    environment,
    log,
    ...(batchCommands > 0 ? { batchCommands } : {}),
    onFatal: error => {
      if (error instanceof EngineFault && error.kind === 'outdated') {
        log.warn({ err: error }, 'schema outdated');
        complain(`Aftercall stops: ${error.message}. Start the newer version here too.`);
        drain().finally(() => process.exit(1));
        return;
      }
      log.fatal({ err: error }, 'store not trusted');
      complain(`Aftercall stops: ${error.message}. Check the database and its disk, then start again.`);
      // After this turn of the loop, so that requests in work are refused first.
      setTimeout(() => process.exit(1), 100);
    },
  };
}
