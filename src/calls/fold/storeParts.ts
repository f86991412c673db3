/** The rows that belong to a call beside its own: who took part, and which queues it was in. */
import { type Entity, keyOf } from '../../ledger/entity.ts';
import type { State } from '../../ledger/state.ts';
import { type Participation, participation, type QueueVisit, queueVisit } from '../entities.ts';

/** Rows of a call before and after a command; the very same where nothing changed. */
export interface Parts<R> {
  readonly before: readonly Readonly<R>[];
  readonly after: readonly Readonly<R>[];
}

type PartRow = Participation | QueueVisit;

/** The rows a call has, in the order of their keys. */
export const participationsIn = (state: State, callId: number) => state.find(participation, 'byCall', callId);
export const queueVisitsIn = (state: State, callId: number) => state.find(queueVisit, 'byCall', callId);

/** Stores what a call has now, and removes what it had and has no more. */
export function storeParts<R extends PartRow>(
  state: State,
  of: Entity<R>,
  before: readonly Readonly<R>[],
  after: readonly Readonly<R>[],
): Parts<R> {
  if (isSameRows(of, before, after)) return { before, after: before };
  const present = new Map(before.map(row => [keyOf(of, row), row]));
  for (const row of after) {
    const key = keyOf(of, row);
    const was = present.get(key);
    present.delete(key);
    if (was === undefined || !isSameRow(of, was, row)) state.put(of, row);
  }
  for (const row of present.values()) removePart(state, of, row);
  return { before, after };
}

/** The call became part of another one: these rows are none of its own any more. */
export function dropParts<R extends PartRow>(state: State, of: Entity<R>, before: readonly Readonly<R>[]): Parts<R> {
  for (const row of before) removePart(state, of, row);
  return { before, after: [] };
}

function removePart<R extends PartRow>(state: State, of: Entity<R>, row: Readonly<R>): void {
  const key = of.key.map(name => (row as Record<string, unknown>)[name] as number | string);
  state.delete(of, ...key);
}

/** In whatever order. */
export function isSameRows<R extends PartRow>(
  of: Entity<R>,
  a: readonly Readonly<R>[],
  b: readonly Readonly<R>[],
  without: readonly string[] = [],
): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  const byKey = new Map(b.map(row => [keyOf(of, row), row]));
  return a.every(row => {
    const other = byKey.get(keyOf(of, row));
    return other !== undefined && isSameRow(of, row, other, without);
  });
}

function isSameRow<R extends PartRow>(
  of: Entity<R>,
  a: Readonly<R>,
  b: Readonly<R>,
  without: readonly string[] = [],
): boolean {
  const [one, other] = [a, b] as unknown as Record<string, unknown>[];
  return of.columnNames.every(name => without.includes(name) || one![name] === other![name]);
}

/** When the call starts is the call's own. */
const OF_THE_CALL = ['startedAt'];

/** Whether the same people took the same part. */
export const isSamePeople = ({ before, after }: Parts<Participation>): boolean =>
  isSameRows(participation, before, after, OF_THE_CALL);

/** Whether it was in the same queues, as long, with the same end. */
export const isSameVisits = ({ before, after }: Parts<QueueVisit>): boolean =>
  isSameRows(queueVisit, before, after, OF_THE_CALL);
