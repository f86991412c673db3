/**
 * What entries `calls.settled` stand for: `call.settled` of each call that the line passed, ascending by when it was due, then
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
  async parts(reader, entries, after, limit) {
    const moves = entries.map(({ position, data }) => ({ position, ...(data as { from: number; to: number }) }));
    const [first] = moves;
    if (first === undefined) return { parts: [], isAll: true };
    const last = after === null ? null : await edgeOf(reader, after, first);
    const found = await settledAfter(reader, last ?? { id: ALL, settledAt: first.from }, moves.at(-1)!.to, limit);
    let n = 0;
    const parts = found.map(each => {
      // Each move goes on where the one before has ended.
      while (each.settledAt > moves[n]!.to) n++;
      return settledEntry(moves[n]!.position, each);
    });
    return { parts, isAll: found.length < limit };
  },
};

/** The line moved from one instant to another, in UTC milliseconds: the first is not included, the last is. */
interface Move {
  readonly from: number;
  readonly to: number;
}

/** An id after all of an instant. */
const ALL = Number.MAX_SAFE_INTEGER;

export const settledEntry = <P>(position: P, { id, settledAt, historical }: SettledCall) => ({
  position,
  at: settledAt,
  kind: callSettled.kind,
  callId: id,
  data: historical ? { historical } : null,
});

/** Where a call stands in this move of the line; null where it did not settle in it. */
async function edgeOf(reader: Reader, id: number, { from, to }: Move): Promise<Edge | null> {
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
  const sameInstant =
    id === ALL
      ? []
      : await select(
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
