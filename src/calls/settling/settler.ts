import { ALONE, type Fence } from '../../ledger/lease.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { startRounds, type Worker, type WorkerParts } from '../../ledger/rounds.ts';
import { type Call, call } from '../entities.ts';
import { settledUpTo } from './line.ts';
import { settleCalls } from './settle.ts';

/** How late a call may settle. */
const EVERY_MS = 250;
/** Calls that one move of the line settles, more only where they are due in the same millisecond: readers expand it page by page. */
const AT_ONCE = 5_000;

export interface SettlerParts extends WorkerParts {
  readonly ledger: Pick<Ledger, 'submit' | 'workReader' | 'directory'>;
}

/** The worker that moves the settling line when a call is due. */
export function startSettler({ ledger, clock, lease = ALONE, ...rounds }: SettlerParts): Worker {
  /** When the call is due that so many others are due before, of those that are due now. */
  const nthDue = async (n: number): Promise<number | null> => {
    const [found] = await ledger.workReader.select<Call>({
      from: call,
      columns: ['settlesAt'],
      where: [
        { column: 'settlesAt', is: '>', value: settledUpTo(ledger.directory) },
        { column: 'settlesAt', is: '<=', value: clock() },
      ],
      orderBy: [{ column: 'settlesAt' }],
      offset: n,
      limit: 1,
    });
    return found?.settlesAt ?? null;
  };
  const settleDue = async (isStopped: () => boolean, fence: Fence) => {
    while (!isStopped()) {
      const firstDue = await nthDue(0);
      if (firstDue === null) return;
      const upTo = await nthDue(AT_ONCE - 1);
      await ledger.submit(fence(settleCalls(upTo, firstDue)));
      if (upTo === null) return;
    }
  };
  return startRounds({ everyMs: EVERY_MS, lease, ...rounds }, settleDue);
}
