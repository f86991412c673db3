import type { State } from '../ledger/state.ts';
import { EVERYWHERE, extension } from './entities.ts';

/**
 * The user who held an extension of a source, by its key, at an instant (UTC milliseconds); null when nobody did. Who holds it at that
 * source comes before who holds it at every one. Of no source in particular (null) it is who alone holds the number anywhere.
 */
export function holderOf(
  state: Pick<State, 'find'>,
  number: string | null,
  source: string | null,
  at: number,
): number | null {
  if (number === null) return null;
  if (source === null) {
    const [only, ...others] = holdersOf(state, number, at);
    return only !== undefined && others.length === 0 ? only : null;
  }
  let everywhere: number | null = null;
  for (const held of state.find(extension, 'byNumber', number)) {
    if (held.from > at || at >= held.until) continue;
    if (held.source === source) return held.userId;
    if (held.source === EVERYWHERE) everywhere = held.userId;
  }
  return everywhere;
}

/** All who held the number at an instant, wherever; each once. */
export function holdersOf(state: Pick<State, 'find'>, number: string, at: number): readonly number[] {
  const held = state.find(extension, 'byNumber', number).filter(each => each.from <= at && at < each.until);
  return [...new Set(held.map(each => each.userId))];
}
