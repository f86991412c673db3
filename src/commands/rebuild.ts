import { pino } from 'pino';
import { openLedger } from '../app/openLedger.ts';
import { rebuildStatistics } from '../app/rebuildStatistics.ts';
import { readEnvironment } from '../config/environment.ts';
import { ledgerOptions } from './ledgerOptions.ts';
import { endProgress, print, progress } from './output.ts';

/** Makes the statistics anew from the calls. */
export async function rebuild(): Promise<void> {
  const environment = readEnvironment(process.env);
  const log = pino({ level: environment.logLevel });
  const { ledger } = await openLedger({ ...ledgerOptions(environment, log), alone: true });
  try {
    const done = await rebuildStatistics(ledger, progress('calls counted'));
    endProgress();
    print(`The statistics are made anew from ${done} calls.`);
  } finally {
    await ledger.close();
  }
}
