/** Making the statistics anew from the calls. While it lasts they tell too little, so that no server serves before it is done. */
import { call } from '../calls/entities.ts';
import { readSetting, setting } from '../config/setting.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type Command, Refusal } from '../ledger/state.ts';
import { callIdPages, countAgain, emptyRollups, readRollups } from '../statistics/recount.ts';
import type { Log } from './log.ts';
import { callsContext, counted } from './reactors.ts';

/** How often a start says how far it is. */
const PROGRESS_CALLS = 100_000;

/** Another server has begun to make the statistics anew since: what this round counts would be counted twice. */
export class RebuildTakenOver extends Refusal {
  override readonly name = 'RebuildTakenOver';
}

/** No other server may change calls meanwhile. Returns how many calls there are. A round that is cut short is begun again, not resumed. */
export async function rebuildStatistics(ledger: Ledger, onProgress: (calls: number) => void): Promise<number> {
  // What cannot be read is not begun: statistics that are half made anew keep servers from starting.
  await readRollups(ledger.reader);
  const round = await ledger.submit({
    name: 'begin to rebuild statistics',
    bytes: 200,
    apply: state => {
      const begun = state.next('rebuild');
      state.put(setting, { key: 'rebuilding', value: begun });
      return begun;
    },
  });
  const submit = (command: Command<void>): Promise<void> => ledger.submit(ofRound(round, command));
  await emptyRollups(ledger.reader, submit);
  let done = 0;
  for await (const ids of callIdPages(ledger.reader, call)) {
    await submit(countAgain(counted, ids, callsContext.dayOf));
    done += ids.length;
    onProgress(done);
  }
  await submit({
    name: 'statistics are rebuilt',
    bytes: 100,
    apply: state => state.delete(setting, 'rebuilding'),
  });
  return done;
}

function ofRound(round: number, command: Command<void>): Command<void> {
  return {
    ...command,
    apply: state => {
      if (readSetting(state, 'rebuilding') !== round) {
        throw new RebuildTakenOver('another server has begun to make the statistics anew: start this one again');
      }
      command.apply(state);
    },
  };
}

/** Before serving: what an interrupted `aftercall rebuild` left undone. */
export async function finishRebuild(ledger: Ledger, log: Log): Promise<void> {
  if (readSetting(ledger.directory, 'rebuilding') === null) return;
  log.warn({}, 'interrupted rebuild of statistics begun again');
  let logged = 0;
  await rebuildStatistics(ledger, calls => {
    if (calls - logged < PROGRESS_CALLS) return;
    logged = calls;
    log.info({ counted: calls }, 'calls recounted for interrupted rebuild');
  });
}
