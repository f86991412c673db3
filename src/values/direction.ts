/** Which way a call went, seen from the organisation (ARCHITECTURE.md, section 2). */
export const DIRECTIONS = ['inbound', 'outbound', 'internal', 'unknown'] as const;

export type Direction = (typeof DIRECTIONS)[number];

const known: ReadonlySet<unknown> = new Set(DIRECTIONS);

/** Exact spelling only: `Inbound` is a vendor's word, not ours. */
export function isDirection(x: unknown): x is Direction {
  return known.has(x);
}
