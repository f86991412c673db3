/** Who holds which extension and device, changed for some people at once. */
import type { Entity } from '../ledger/entity.ts';
import { putChanged } from '../ledger/putChanged.ts';
import type { State } from '../ledger/state.ts';
import type { Manager } from '../values/managedBy.ts';
import { ALWAYS, device, extension, FOREVER, user } from './entities.ts';
import { PeopleRefusal } from './refusals.ts';
import { type Held, type Stated, timelineOf } from './timeline.ts';

/** An end that is null was not stated; both null: it is held now, since when is for the ledger to know. */
export interface Holding {
  readonly what: string;
  readonly from: number | null;
  /** Exclusive. */
  readonly to: number | null;
}

export interface Holder {
  readonly id: number;
  readonly extensions: readonly Holding[];
  readonly devices: readonly Holding[];
}

/** Makes some people hold exactly what is said. Those who are `gone` hold nothing from now on; all others are left as they are. */
export function setHoldings(state: State, holders: readonly Holder[], gone: readonly number[], by: Manager): void {
  const changing = { input: new Map(holders.map(each => [each.id, each])), gone: new Set(gone), by };
  setKind(state, extension, 'number', 'extensions', changing);
  setKind(state, device, 'id', 'devices', changing);
}

interface Changing {
  readonly input: ReadonlyMap<number, Holder>;
  readonly gone: ReadonlySet<number>;
  readonly by: Manager;
}

function setKind<Name extends string, R extends Held & Readonly<Record<Name, string>>>(
  state: State,
  entity: Entity<R>,
  column: Name,
  kind: 'extensions' | 'devices',
  { input, gone, by }: Changing,
): void {
  const rows = state.all(entity);
  const held = Map.groupBy(rows, each => each[column] as string);
  const known = new Set<number>(rows.map(each => each.userId));
  const stated = Map.groupBy(
    [...input.values()].flatMap(each => each[kind].map(({ what, from, to }) => ({ what, userId: each.id, from, to }))),
    each => each.what,
  );
  const concerned = new Set(stated.keys());
  for (const row of rows) if (input.has(row.userId) || gone.has(row.userId)) concerned.add(row[column]);
  for (const what of [...concerned].sort()) {
    const before = (held.get(what) ?? []).toSorted((a, b) => a.from - b.from);
    const others = before.filter(({ userId }) => !input.has(userId) && !gone.has(userId) && stands(state, userId, by));
    const asTheyAre = others.map(({ userId, from, until }) => ({
      userId,
      from,
      to: until === FOREVER ? null : until,
    }));
    const all = [...asTheyAre, ...(stated.get(what) ?? [])];
    const clash = firstClash(all);
    if (clash !== null) throw new PeopleRefusal('heldTwice', clashSentence(what, clash));
    const isNew = (userId: number) => !known.has(userId);
    const after = timelineOf(before, all, { now: state.now, isNew });
    for (const { from } of before as readonly Held[]) {
      if (!after.some(each => each.from === from)) state.delete(entity, what, from);
    }
    for (const { userId, from, until } of after) {
      const row = before.find(each => each.from === from);
      putChanged(state, entity, row, { [column]: what, from, until, userId } as unknown as R);
    }
  }
}

/** What those hold who are gone is past. What the file manages stands against the API alone, also of those it calls inactive. */
function stands(state: State, userId: number, by: Manager): boolean {
  const row = state.get(user, userId);
  if (row === undefined) return false;
  return row.managedBy === 'file' ? by === 'api' : row.active;
}

export interface Clash {
  readonly held: Stated;
  readonly other: Stated;
  readonly from: number;
  readonly to: number;
}

/**
 * Where something is given to two at the same time. What is held without dates gives way to dated holdings of others that
 * end, and to no others.
 */
export function firstClash(stated: readonly Stated[]): Clash | null {
  for (let i = 1; i < stated.length; i++) {
    for (const other of stated.slice(0, i)) {
      const clash = clashOf(stated[i]!, other);
      if (clash !== null) return clash;
    }
  }
  return null;
}

export function clashOf<S extends Stated>(a: S, b: S): (Clash & { readonly held: S; readonly other: S }) | null {
  if (isUndated(a) !== isUndated(b) && a.userId !== b.userId && (isUndated(a) ? b : a).to !== null) return null;
  const from = Math.max(a.from ?? ALWAYS, b.from ?? ALWAYS);
  const to = Math.min(a.to ?? FOREVER, b.to ?? FOREVER);
  return from < to ? { held: a, other: b, from, to } : null;
}

const isUndated = ({ from, to }: Stated): boolean => from === null && to === null;

function clashSentence(what: string, { held, other, from, to }: Clash): string {
  const who = other.userId === held.userId ? 'the same user' : `user ${other.userId}`;
  return `${what} cannot be user ${held.userId}’s: ${who} holds it${clashTime(from, to)}`;
}

/** ` from 2026-03-01T00:00:00.000Z on`; empty for always. */
export function clashTime(from: number, to: number): string {
  const since = from === ALWAYS ? '' : ` from ${new Date(from).toISOString()}`;
  const until = to === FOREVER ? ' on' : ` to ${new Date(to).toISOString()}`;
  return from === ALWAYS && to === FOREVER ? '' : since + until;
}
