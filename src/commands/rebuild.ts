import { listAgain } from '../app/portalList.ts';
import { rebuildStatistics } from '../app/rebuildStatistics.ts';
import { endProgress, print, progress } from './output.ts';
import { withOwnLedger } from './ownLedger.ts';

/** Makes the statistics and the lines of the portal's list anew from the calls. */
export async function rebuild(): Promise<void> {
  await withOwnLedger(async ledger => {
    const done = await rebuildStatistics(ledger, progress('calls counted'));
    await listAgain(ledger);
    endProgress();
    print(`The statistics are made anew from ${done} calls.`);
  });
}
