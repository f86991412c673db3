import type { Reader } from '../../ledger/query.ts';
import { type RefoldRun, refoldRun } from '../entities.ts';

/** Runs of `aftercall refold` that have not come to their end, nor what takes them back; oldest first. */
export const interruptedRuns = (reader: Reader): Promise<RefoldRun[]> =>
  reader.select({
    from: refoldRun,
    where: [{ column: 'state', in: ['applying', 'takingBack'] }],
    orderBy: [{ column: 'id' }],
    limit: Number.MAX_SAFE_INTEGER,
  });

/** The command that ends it: the same one once more. */
export function commandToEnd({ id, state, from, until }: Readonly<RefoldRun>, sourceKey: string): string {
  if (state === 'takingBack') return `aftercall refold --take-back ${id}`;
  return `aftercall refold --source ${sourceKey} --from ${instant(from)} --to ${instant(until)}`;
}

const instant = (at: number): string => new Date(at).toISOString();
