import type { Tells } from '../../calls/sources.ts';

/** What sources of this dialect tell of calls. */
export const tells: readonly Tells[] = ['legs'];
