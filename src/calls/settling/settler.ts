import { ALONE, type Fence } from '../../ledger/lease.ts';
import { startRounds, type Worker, type WorkerParts } from '../../ledger/rounds.ts';
import { settling } from '../entities.ts';
import { settleCalls } from './settle.ts';

/** How late a call may settle. */
const EVERY_MS = 250;
/** Calls settled in one command: one batch stays a few milliseconds long. */
const AT_ONCE = 200;

/** The worker that settles calls when they are due. */
export function startSettler({ ledger, clock, lease = ALONE, ...rounds }: WorkerParts): Worker {
  const settleDue = async (isStopped: () => boolean, fence: Fence) => {
    for (let settled = AT_ONCE; settled === AT_ONCE && !isStopped(); ) {
      const due = await ledger.workReader.select({
        from: settling,
        where: [
          { column: 'dueAt', null: false },
          { column: 'dueAt', is: '<=', value: clock() },
        ],
        orderBy: [{ column: 'dueAt' }],
        limit: AT_ONCE,
      });
      settled = due.length === 0 ? 0 : await ledger.submit(fence(settleCalls(due.map(each => each.callId))));
    }
  };
  return startRounds({ everyMs: EVERY_MS, lease, ...rounds }, settleDue);
}
