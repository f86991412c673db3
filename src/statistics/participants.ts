import type { Entity } from '../ledger/entity.ts';
import type { Reader } from '../ledger/query.ts';
import type { CountableParticipation } from './entities.ts';

/** Ids asked for by one statement; engines bind each of them. */
const IDS = 1_000;
/** More people than take part in any call. */
const ROWS_PER_CALL = 1_000;

/**
 * The ids, the last one repeated until there are as many as a power of two: statements that differ in the number of ids
 * only would each be prepared anew.
 */
export function paddedIds(ids: readonly number[]): readonly number[] {
  const size = 2 ** Math.ceil(Math.log2(Math.max(1, ids.length)));
  return ids.length === 0 ? ids : [...ids, ...Array<number>(size - ids.length).fill(ids.at(-1)!)];
}

/** Who took part in these calls. */
export async function participantsByCall(
  reader: Reader,
  participations: Entity<CountableParticipation>,
  ids: readonly number[],
): Promise<ReadonlyMap<number, readonly CountableParticipation[]>> {
  const found = new Map<number, CountableParticipation[]>();
  for (let i = 0; i < ids.length; i += IDS) {
    const rows = await reader.select({
      from: participations,
      where: [{ column: 'callId', in: paddedIds(ids.slice(i, i + IDS)) }],
      limit: IDS * ROWS_PER_CALL,
    });
    for (const row of rows) {
      const others = found.get(row.callId);
      if (others === undefined) found.set(row.callId, [row]);
      else others.push(row);
    }
  }
  return found;
}
