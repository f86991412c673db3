import type { Entity } from '../ledger/entity.ts';
import type { Reader } from '../ledger/query.ts';

/** Ids asked for by one statement; engines bind each of them. */
const IDS = 1_000;
/** More people than take part in any call, and more queues than it is in. */
const ROWS_PER_CALL = 1_000;

/**
 * The ids, the last one repeated until there are as many as a power of two: statements that differ in the number of ids
 * only would each be prepared anew.
 */
export function paddedIds(ids: readonly number[]): readonly number[] {
  const size = 2 ** Math.ceil(Math.log2(Math.max(1, ids.length)));
  return ids.length === 0 ? ids : [...ids, ...Array<number>(size - ids.length).fill(ids.at(-1)!)];
}

/** Who took part in these calls, or which queues they were in. */
export async function partsByCall<P extends { readonly callId: number }>(
  reader: Reader,
  parts: Entity<P>,
  ids: readonly number[],
): Promise<ReadonlyMap<number, readonly P[]>> {
  const found = new Map<number, P[]>();
  for (let i = 0; i < ids.length; i += IDS) {
    const rows = await reader.select<P>({
      from: parts,
      where: [{ column: 'callId' as keyof P & string, in: paddedIds(ids.slice(i, i + IDS)) }],
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
