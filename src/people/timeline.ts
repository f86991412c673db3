/**
 * Who held one extension (or device) when: what the ledger has, what the file says, and what follows from both. The past
 * stands unless the file states dates for it; what the file no longer says ends now.
 */
import { ALWAYS, FOREVER } from './entities.ts';

/** From `from` up to, not including, `until`; UTC milliseconds. */
export interface Held {
  readonly userId: number;
  readonly from: number;
  readonly until: number;
}

/** What the file says: null is an end it does not state. */
export interface Stated {
  readonly userId: number;
  readonly from: number | null;
  readonly to: number | null;
}

/**
 * The holdings that should be, ascending and disjoint. `isNew`: the user never held anything of the kind.
 *
 * - Stated dates are kept, whoever held it then, and replace what they restate: the same user's holdings they overlap.
 * - Without dates, a holding that runs goes on. Another begins now; or it has always been, when nobody ever held this and
 *   the user is new. Dated holdings of others that end are left out of it.
 * - An unstated beginning before a stated end is the one the ledger knows; nobody who left earlier loses anything by it.
 *
 * `stated` must not contradict itself (`noteHeldTwice`).
 */
export function timelineOf(
  existing: readonly Held[],
  stated: readonly Stated[],
  { now, isNew }: { readonly now: number; readonly isNew: (userId: number) => boolean },
): readonly Held[] {
  const dated = stated.filter(each => !isUndated(each)).map(each => datedHolding(each, existing));
  const undated = stated
    .filter(isUndated)
    .map(({ userId }) => ({ userId, from: undatedFrom(userId, existing, now, isNew(userId)), until: FOREVER }))
    .flatMap(each => without(each, dated));
  const wanted = [...dated, ...undated];
  const past = existing
    .filter(each => !wanted.some(other => other.userId === each.userId && overlap(other, each)))
    .map(each => ({ ...each, until: Math.min(each.until, now) }))
    .flatMap(each => without(each, wanted));
  const all = [...past, ...wanted].filter(({ from, until }) => from < until).sort((a, b) => a.from - b.from);
  for (let i = 1; i < all.length; i++) {
    if (all[i]!.from < all[i - 1]!.until) throw new Error(`held twice from ${all[i]!.from}`);
  }
  return all;
}

const isUndated = ({ from, to }: Stated): boolean => from === null && to === null;

function datedHolding({ userId, from, to }: Stated, existing: readonly Held[]): Held {
  const until = to ?? FOREVER;
  if (from !== null) return { userId, from, until };
  const own = existing.findLast(each => each.userId === userId && each.from < until);
  const others = existing.filter(each => each.userId !== userId && each.until < until);
  return { userId, from: Math.max(own?.from ?? ALWAYS, ...others.map(each => each.until)), until };
}

function undatedFrom(userId: number, existing: readonly Held[], now: number, isNew: boolean): number {
  const running = existing.find(each => each.userId === userId && each.from <= now && now < each.until);
  if (running !== undefined) return running.from;
  return existing.length === 0 && isNew ? ALWAYS : now;
}

const overlap = (a: Held, b: Held): boolean => a.from < b.until && b.from < a.until;

function without(held: Held, taken: readonly Held[]): readonly Held[] {
  let left: Held[] = [held];
  for (const { from, until } of taken) {
    left = left.flatMap(each => [
      { ...each, until: Math.min(each.until, from) },
      { ...each, from: Math.max(each.from, until) },
    ]);
    left = left.filter(each => each.from < each.until);
  }
  return left;
}
