/** The line up to which calls have settled, and what readers of events are told of it; found out without the code that serves them. */
import { callSettled, callsSettled } from '../../src/calls/events.ts';
import type { JournalRow } from '../../src/ledger/journal.ts';
import type { Everything, Wrong } from './everything.ts';

/** What readers of the journal are told. */
export interface ToldEntry {
  /** As the stream has it. */
  readonly id: string;
  readonly kind: string;
  readonly callId: number | null;
  readonly entry: JournalRow;
}

const boundsOf = ({ data }: JournalRow) => data as { readonly from: number; readonly to: number };

export const lineOf = ({ lines }: Pick<Everything, 'lines'>): number => lines[0]?.at ?? 0;

/** When each call settled by itself, those among them that have become part of another one since. */
function settlements({ calls, formerCalls, lines }: Everything): ReadonlyMap<number, number> {
  const upTo = lineOf({ lines });
  const settled = new Map(formerCalls.map(each => [each.id, each.settledAt]));
  for (const { id, settlesAt } of calls) if (settlesAt !== null && settlesAt <= upTo) settled.set(id, settlesAt);
  return settled;
}

/** The entries of the journal, and in place of each move of the line the calls that it passed. */
export function toldEntries(all: Everything): readonly ToldEntry[] {
  const settled = [...settlements(all)].sort(([a, at], [b, bt]) => at - bt || a - b);
  return all.journal.flatMap((entry): ToldEntry[] => {
    const { position, kind, callId } = entry;
    if (kind !== callsSettled.kind) return [{ id: `${position}`, kind, callId, entry }];
    const { from, to } = boundsOf(entry);
    return settled
      .filter(([, at]) => at > from && at <= to)
      .map(([id]) => ({ id: `${position}.${id}`, kind: callSettled.kind, callId: id, entry }));
  });
}

/** Each move goes on where the one before ended, none goes beyond its own time, and none passes by a call. */
export function checkLine(all: Everything, wrong: Wrong): void {
  let upTo = 0;
  for (const entry of all.journal) {
    if (entry.kind !== callsSettled.kind) continue;
    const { from, to } = boundsOf(entry);
    if (from !== upTo) wrong('line', `entry ${entry.position} moves the line from ${from}, and it was at ${upTo}`);
    if (to <= from) wrong('line', `entry ${entry.position} moves the line from ${from} to ${to}`);
    if (to > entry.at) wrong('line', `entry ${entry.position} moves the line ${to - entry.at} ms ahead of the ledger`);
    upTo = to;
  }
  if (lineOf(all) !== upTo) wrong('line', `the line is at ${lineOf(all)}, and the journal says ${upTo}`);
  const told = Map.groupBy(
    toldEntries(all).filter(each => each.kind === callSettled.kind),
    each => each.callId!,
  );
  for (const id of settlements(all).keys()) {
    const times = told.get(id)?.length ?? 0;
    if (times !== 1) wrong('line', `call ${id} has settled, told ${times} times`);
  }
}
