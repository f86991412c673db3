/** Who holds which extension and device, changed for some people at once. */
import type { Entity, KeyValue } from '../ledger/entity.ts';
import { putChanged } from '../ledger/putChanged.ts';
import type { State } from '../ledger/state.ts';
import type { Manager } from '../values/managedBy.ts';
import { ALWAYS, device, EVERYWHERE, extension, FOREVER, user } from './entities.ts';
import { PeopleRefusal } from './refusals.ts';
import { type Held, type Stated, timelineOf } from './timeline.ts';

/** An end that is null was not stated; both null: it is held now, since when is for the ledger to know. */
export interface Holding {
  readonly what: string;
  /** Of an extension the key of its source; `EVERYWHERE` for one of no source in particular, and for every device. */
  readonly source: string;
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
  setKind(state, extension, 'extensions', changing, {
    placeOf: ({ number, source }) => ({ what: number, source }),
    rowOf: ({ what: number, source }, held) => ({ number, source, ...held }),
  });
  setKind(state, device, 'devices', changing, {
    placeOf: ({ id }) => ({ what: id, source: EVERYWHERE }),
    rowOf: ({ what: id }, held) => ({ id, ...held }),
  });
}

interface Changing {
  readonly input: ReadonlyMap<number, Holder>;
  readonly gone: ReadonlySet<number>;
  readonly by: Manager;
}

/** What is held by one at a time. */
export type Place = Pick<Holding, 'what' | 'source'>;

/** No extension, device or key has a blank. */
export const placeKey = ({ what, source }: Place): string => `${what} ${source}`;

interface Kind<R> {
  readonly placeOf: (row: Readonly<R>) => Place;
  readonly rowOf: (place: Place, held: Held) => R;
}

function setKind<R extends Held>(
  state: State,
  entity: Entity<R>,
  kind: 'extensions' | 'devices',
  { input, gone, by }: Changing,
  { placeOf, rowOf }: Kind<R>,
): void {
  const rows = state.all(entity);
  const held = Map.groupBy(rows, each => placeKey(placeOf(each)));
  const known = new Set<number>(rows.map(each => each.userId));
  const holdings = [...input.values()].flatMap(each => each[kind].map(holding => ({ ...holding, userId: each.id })));
  const stated = Map.groupBy(holdings, placeKey);
  const concerned = new Map<string, Place>(holdings.map(each => [placeKey(each), each]));
  for (const row of rows) {
    const place = placeOf(row);
    if (input.has(row.userId) || gone.has(row.userId)) concerned.set(placeKey(place), place);
  }
  for (const [key, place] of [...concerned].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const before = (held.get(key) ?? []).toSorted((a, b) => a.from - b.from);
    const others = before.filter(({ userId }) => !input.has(userId) && !gone.has(userId) && stands(state, userId, by));
    const asTheyAre = others.map(({ userId, from, until }) => ({
      userId,
      from,
      to: until === FOREVER ? null : until,
    }));
    const all = [...asTheyAre, ...(stated.get(key) ?? [])];
    const clash = firstClash(all);
    if (clash !== null) throw new PeopleRefusal('heldTwice', clashSentence(placeName(place), clash, kind));
    const isNew = (userId: number) => !known.has(userId);
    const after = timelineOf(before, all, { now: state.now, isNew });
    for (const row of before) {
      if (!after.some(each => each.from === row.from))
        state.delete(entity, ...entity.key.map(column => row[column as keyof R] as KeyValue));
    }
    for (const { userId, from, until } of after) {
      const row = before.find(each => each.from === from);
      putChanged(state, entity, row, rowOf(place, { from, until, userId }));
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

function clashSentence(what: string, { held, other, from, to }: Clash, kind: 'extensions' | 'devices'): string {
  const isSame = other.userId === held.userId;
  const who = isSame ? 'the same user' : `user ${other.userId}`;
  const hint = kind === 'extensions' && !isSame ? `; ${SOURCE_HINT}` : '';
  return `${what} cannot be user ${held.userId}’s: ${who} holds it${clashTime(from, to)}${hint}`;
}

/** What to do where two PBXs have one number. */
export const SOURCE_HINT = 'where each is at a PBX of its own, say at which: {"number", "source"}';

/** `1001`, or `1001 at branch`. */
export const placeName = ({ what, source }: Place): string => (source === EVERYWHERE ? what : `${what} at ${source}`);

/** ` from 2026-03-01T00:00:00.000Z on`; empty for always. */
export function clashTime(from: number, to: number): string {
  const since = from === ALWAYS ? '' : ` from ${new Date(from).toISOString()}`;
  const until = to === FOREVER ? ' on' : ` to ${new Date(to).toISOString()}`;
  return from === ALWAYS && to === FOREVER ? '' : since + until;
}
