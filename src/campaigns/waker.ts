import { ALONE, type Fence } from '../ledger/lease.ts';
import { startRounds, type Worker, type WorkerParts } from '../ledger/rounds.ts';
import type { Command } from '../ledger/state.ts';
import { record } from './entities.ts';
import { letWait, stopWaiting } from './waiting.ts';

/** How late a scheduled record may become available. */
const EVERY_MS = 1_000;
/** Records woken in one command: one batch stays a few milliseconds long. */
const AT_ONCE = 200;

/** Lets those of the records take their turn whose time has come. */
export function wakeRecords(ids: readonly number[]): Command<number> {
  return {
    name: 'wake records',
    bytes: ids.length * 200,
    wants: wants => {
      for (const id of ids) wants.get(record, id);
    },
    apply: state => {
      let woken = 0;
      for (const id of ids) {
        const row = state.get(record, id);
        if (row === undefined || row.dueAt === null || row.dueAt > state.now) continue;
        for (const each of letWait(state, [stopWaiting(state, row)])) state.put(record, each);
        woken++;
      }
      return woken;
    },
  };
}

/** Wakes everything that is due at `now` (UTC milliseconds), a portion at a time; how many that were. */
export async function wakeDue(
  ledger: WorkerParts['ledger'],
  now: number,
  isStopped: () => boolean = () => false,
  fence: Fence = command => command,
): Promise<number> {
  let woken = 0;
  for (let portion = AT_ONCE; portion === AT_ONCE && !isStopped(); woken += portion) {
    const due = await ledger.workReader.select({
      from: record,
      columns: ['id'],
      where: [
        { column: 'dueAt', null: false },
        { column: 'dueAt', is: '<=', value: now },
      ],
      orderBy: [{ column: 'dueAt' }],
      limit: AT_ONCE,
    });
    portion = due.length === 0 ? 0 : await ledger.submit(fence(wakeRecords(due.map(each => each.id))));
  }
  return woken;
}

/** The worker that wakes records when they are due. */
export function startWaker({ ledger, clock, lease = ALONE, ...rounds }: WorkerParts): Worker {
  const wake = (isStopped: () => boolean, fence: Fence) => wakeDue(ledger, clock(), isStopped, fence);
  return startRounds({ everyMs: EVERY_MS, lease, ...rounds }, wake);
}
