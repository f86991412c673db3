import type { Ledger } from '../ledger/ledger.ts';
import { settling } from './entities.ts';
import { settleCalls } from './settle.ts';

/** How late a call may settle. */
const EVERY_MS = 250;
/** Calls settled in one command: one batch stays a few milliseconds long. */
const AT_ONCE = 200;

export interface Settler {
  stop(): Promise<void>;
}

/** The worker that settles calls when they are due. What is due stands in the ledger: a new worker goes on with it. */
export function startSettler(ledger: Ledger, clock: () => number, onError: (error: unknown) => void): Settler {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> = Promise.resolve();
  const settleDue = async () => {
    for (let settled = AT_ONCE; settled === AT_ONCE && !stopped; ) {
      const due = await ledger.reader.select({
        from: settling,
        where: [
          { column: 'dueAt', null: false },
          { column: 'dueAt', is: '<=', value: clock() },
        ],
        orderBy: [{ column: 'dueAt' }],
        limit: AT_ONCE,
      });
      settled = due.length === 0 ? 0 : await ledger.submit(settleCalls(due.map(each => each.callId)));
    }
  };
  const schedule = () => {
    if (stopped) return;
    timer = setTimeout(() => {
      round = settleDue().catch(onError).finally(schedule);
    }, EVERY_MS);
  };
  schedule();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await round;
    },
  };
}
