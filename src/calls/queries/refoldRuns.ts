import type { Reader } from '../../ledger/query.ts';
import { type MovedLeg, movedLeg, type RefoldRun, refoldRun, supersededFact } from '../entities.ts';

/** Oldest first. */
export const refoldRuns = (reader: Reader): Promise<RefoldRun[]> =>
  reader.select({ from: refoldRun, orderBy: [{ column: 'id' }], limit: Number.MAX_SAFE_INTEGER });

/** The next reports that tell something else since the run; each is gone from the list once it is restored. */
export async function supersededReports(reader: Reader, runId: number, limit: number): Promise<readonly number[]> {
  const rows = await reader.select({
    from: supersededFact,
    columns: ['reportId'],
    where: [{ column: 'runId', is: '=', value: runId }],
    orderBy: [{ column: 'reportId' }],
    limit,
  });
  return rows.map(each => each.reportId);
}

/** The next legs of a source whose matches are to be looked for; each is gone from the list once they were. */
export const movedLegs = (reader: Reader, sourceId: number, limit: number): Promise<MovedLeg[]> =>
  reader.select({
    from: movedLeg,
    where: [{ column: 'sourceId', is: '=', value: sourceId }],
    orderBy: [{ column: 'reportId' }],
    limit,
  });
