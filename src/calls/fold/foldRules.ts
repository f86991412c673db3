/**
 * Which rules calls are folded by. To be counted up with a release whose fold makes another call of the same reports: what is stored then
 * was folded by the rules before, until it is folded anew (docs/refolding.md).
 */
export const FOLD_RULES = 2;
