/**
 * The places at which records wait in a lane, as an ordered set that a command can ask for its lowest member with a few
 * reads by key: a tree of bits, 256 to a node. Nodes without a bit do not exist.
 */
import type { State, Wants } from '../ledger/state.ts';
import { placeNode } from './entities.ts';

const WORDS = 8;
const FAN_OUT = 32 * WORDS;
const LEVELS = 3;

/** Places are 0 to one less. */
export const MAX_PLACES = FAN_OUT ** LEVELS;

/**
 * Puts places, ascending, into a lane. What the lane has at `freshFrom` and above is known to be nothing, so that nobody need
 * look.
 */
export function addPlaces(state: State, laneId: number, places: readonly number[], freshFrom: number): void {
  let members = places;
  for (let level = 0; level < LEVELS && members.length > 0; level++) {
    const above: number[] = [];
    const span = FAN_OUT ** (level + 1);
    for (let i = 0; i < members.length; ) {
      const node = Math.floor(members[i]! / FAN_OUT);
      // Inserted by the same command: it is there, and reading it costs nothing.
      const isFresh = node * span >= freshFrom;
      const known = isFresh ? undefined : state.get(placeNode, laneId, level, node);
      const bits = known === undefined ? new Array<number>(WORDS).fill(0) : [...known.bits];
      for (; i < members.length && Math.floor(members[i]! / FAN_OUT) === node; i++) {
        const bit = members[i]! % FAN_OUT;
        bits[bit >>> 5] = (bits[bit >>> 5]! | (1 << (bit & 31))) >>> 0;
      }
      if (isFresh) state.insert(placeNode, { laneId, level, node, bits });
      else state.put(placeNode, { laneId, level, node, bits });
      if (known === undefined) above.push(node);
    }
    members = above;
  }
}

/**
 * Takes a place out of a lane. When it was the lowest, that is the one that is lowest now, or null when there is none left;
 * of what it says otherwise nothing is promised.
 */
export function removePlace(state: State, laneId: number, place: number): number | null {
  let member = place;
  for (let level = 0; level < LEVELS; level++) {
    const node = Math.floor(member / FAN_OUT);
    const known = state.get(placeNode, laneId, level, node);
    if (known === undefined) throw new Error(`place ${place} is not in lane ${laneId}`);
    const bits = [...known.bits];
    const bit = member % FAN_OUT;
    bits[bit >>> 5] = (bits[bit >>> 5]! & ~(1 << (bit & 31))) >>> 0;
    if (bits.some(word => word !== 0)) {
      state.put(placeNode, { ...known, bits });
      return lowestUnder(state, laneId, level, node);
    }
    state.delete(placeNode, laneId, level, node);
    member = node;
  }
  return null;
}

/** The lowest place under a node that is there. */
function lowestUnder(state: State, laneId: number, level: number, node: number): number {
  let at = node;
  for (let below = level; below >= 0; below--) {
    const { bits } = state.get(placeNode, laneId, below, at)!;
    const word = bits.findIndex(each => each !== 0);
    const low = bits[word]!;
    at = at * FAN_OUT + 32 * word + (31 - Math.clz32(low & -low));
  }
  return at;
}

/** Places at and above one that is there, ascending; at most `count`, and fewer where its node ends. */
export function placesFrom(state: Pick<State, 'get'>, laneId: number, place: number, count: number): number[] {
  const node = Math.floor(place / FAN_OUT);
  const { bits } = state.get(placeNode, laneId, 0, node) ?? { bits: [] };
  const found: number[] = [];
  for (let bit = place % FAN_OUT; bit < FAN_OUT && found.length < count; bit++) {
    if (((bits[bit >>> 5] ?? 0) >>> (bit & 31)) & 1) found.push(node * FAN_OUT + bit);
  }
  return found;
}

/** The nodes above a place, which adding and removing it reads. */
export function wantPlace(wants: Wants, laneId: number, place: number): void {
  for (let level = 0; level < LEVELS; level++) {
    wants.get(placeNode, laneId, level, Math.floor(place / FAN_OUT ** (level + 1)));
  }
}
