import { pino } from 'pino';
import { openLedger } from '../app/openLedger.ts';
import { callsContext, counted } from '../app/reactors.ts';
import { call } from '../calls/entities.ts';
import { readEnvironment } from '../config/environment.ts';
import { callIdPages, countAgain, emptyRollups } from '../statistics/recount.ts';
import { ledgerOptions } from './ledgerOptions.ts';
import { print, progress } from './output.ts';

/** Makes the statistics anew from the calls. */
export async function rebuild(): Promise<void> {
  const environment = readEnvironment(process.env);
  const log = pino({ level: environment.logLevel });
  const { ledger } = await openLedger({ ...ledgerOptions(environment, log), alone: true });
  try {
    await emptyRollups(ledger.reader, command => ledger.submit(command));
    const show = progress('calls counted');
    let done = 0;
    for await (const ids of callIdPages(ledger.reader, call)) {
      await ledger.submit(countAgain(counted, ids, callsContext.dayOf));
      done += ids.length;
      show(done);
    }
    print(`The statistics are made anew from ${done} calls.`);
  } finally {
    await ledger.close();
  }
}
