/**
 * What an entry `calls.settled` stands for: `call.settled` of each call that the line passed then, ascending by when it was due, then
 * by id. It is the same list whenever it is read: what the line has passed is fixed, and a call that became part of another one
 * since has kept when it settled.
 */
import type { Entity } from '../../ledger/entity.ts';
import type { Expansion } from '../../ledger/expansion.ts';

import type { Condition, Reader } from '../../ledger/query.ts';
import { type Call, call, type FormerCall, formerCall } from '../entities.ts';
import { callSettled, callsSettled } from '../events.ts';

export interface SettledCall {
  readonly id: number;
  readonly settledAt: number;
  readonly historical: boolean;
}

/** A call's place among those that settled. */
type Edge = Pick<SettledCall, 'id' | 'settledAt'>;

/** Two kinds of rows that say when a call settled, and by which index they are found. */
interface Kept<R extends { id: number; historical: boolean }> {
  readonly from: Entity<R>;
  readonly column: keyof R & string;
}
const CALLS: Kept<Call> = { from: call, column: 'settlesAt' };
const FORMER: Kept<FormerCall> = { from: formerCall, column: 'settledAt' };

export const settledCalls: Expansion = {
  kind: callsSettled.kind,
  async page(reader, entry, after, limit) {
    const { from, to } = entry.data as { from: number; to: number };
    const begin = { id: Number.MAX_SAFE_INTEGER, settledAt: from };
    const last = after === null ? null : await edgeOf(reader, after, from, to);
    const found = await settledAfter(reader, last ?? begin, to, limit);
    return found.map(each => settledEntry(entry.position, each));
  },
};

export const settledEntry = <P>(position: P, { id, settledAt, historical }: SettledCall) => ({
  position,
  at: settledAt,
  kind: callSettled.kind,
  callId: id,
  data: historical ? { historical } : null,
});

/** Where a call stands in this move of the line; null where it did not settle in it. */
async function edgeOf(reader: Reader, id: number, from: number, to: number): Promise<Edge | null> {
  const ofCall: Condition<'id'>[] = [{ column: 'id', is: '=', value: id }];
  // In this order: a call that vanishes in between is found there.
  const [row] = await reader.select<Call>({ from: call, columns: ['settlesAt'], where: ofCall, limit: 1 });
  const [former] = await reader.select<FormerCall>({ from: formerCall, where: ofCall, limit: 1 });
  const settledAt = former?.settledAt ?? row?.settlesAt ?? null;
  return settledAt !== null && settledAt > from && settledAt <= to ? { id, settledAt } : null;
}

async function settledAfter(reader: Reader, after: Edge, to: number, limit: number): Promise<readonly SettledCall[]> {
  // In this order, as above.
  const found = await keptAfter(reader, CALLS, after, to, limit);
  const former = await keptAfter(reader, FORMER, after, to, limit);
  const ids = new Set(found.map(each => each.id));
  const all = [...found, ...former.filter(each => !ids.has(each.id))];
  return all.sort((a, b) => a.settledAt - b.settledAt || a.id - b.id).slice(0, limit);
}

async function keptAfter<R extends { id: number; historical: boolean }>(
  reader: Reader,
  { from, column }: Kept<R>,
  { id, settledAt }: Edge,
  to: number,
  limit: number,
): Promise<SettledCall[]> {
  const select = (where: readonly Condition<keyof R & string>[], atMost: number) =>
    reader.select<R>({ from, columns: ['id', column, 'historical'], where, orderBy: [{ column }], limit: atMost });
  const sameInstant = await select(
    [
      { column, is: '=', value: settledAt },
      { column: 'id', is: '>', value: id },
    ],
    limit,
  );
  const rest = limit - sameInstant.length;
  const later =
    rest === 0
      ? []
      : await select(
          [
            { column, is: '>', value: settledAt },
            { column, is: '<=', value: to },
          ],
          rest,
        );
  return [...sameInstant, ...later].map(row => ({
    id: row.id,
    settledAt: row[column] as number,
    historical: row.historical,
  }));
}
