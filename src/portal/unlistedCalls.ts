import type { Reader } from '../ledger/query.ts';
import { selectWithin } from '../ledger/selectWithin.ts';
import { isListed, type PortalCall, portalCall } from './entities.ts';
import type { ListableCall } from './onCall.ts';

/** A sentence for each of these calls that has ended and has no line in the portal's list, where that is kept. */
export async function unlistedAmong(
  reader: Reader,
  calls: readonly Pick<ListableCall, 'id' | 'sourceCalls' | 'endedAt'>[],
): Promise<readonly string[]> {
  const ended = calls.filter(each => each.endedAt !== null);
  const ids = ended.flatMap(each => [each.id, ...(each.sourceCalls ?? [])]);
  const rows = await selectWithin<PortalCall, 'id'>(reader, portalCall, 'id', ids, ['id', 'startedAt']);
  const listed = new Set(rows.filter(isListed).map(each => each.id));
  return ended
    .filter(({ id, sourceCalls }) => ![id, ...(sourceCalls ?? [])].some(each => listed.has(each)))
    .map(({ id }) => `call ${id} has no line in the portal's list`);
}
