/** Whom a leg reached, as far as the fold goes by it. */
import type { FoldedLeg } from './foldLegs.ts';

type Reached = Pick<FoldedLeg, 'party' | 'direction' | 'caller'>;

/** Somebody's telephone in the house: an extension, or a number inside that nothing names, which counts as one that nobody holds. */
export const isExtension = (leg: Reached): boolean =>
  leg.party === 'extension' || (leg.party === 'unknown' && !isCalledOut(leg));

/** Somebody outside; a number that nothing names too, where one of our own calls it as one of those. */
export const isOutside = (leg: Reached): boolean =>
  leg.party === 'external' || (leg.party === 'unknown' && isCalledOut(leg));

/** Called by a telephone of the house; a caller from outside may have a short number too. */
export const isCalledFromInside = ({ direction, caller }: Reached): boolean =>
  caller.party === 'extension' ||
  (caller.party === 'unknown' && (direction === 'outbound' || direction === 'internal'));

/** Whom a queue calls out is its agent. */
const isCalledOut = (leg: Reached): boolean => leg.direction === 'outbound' && isCalledFromInside(leg);
