import type { Fleet } from './fleet.ts';

/** A simulator that does not find a mutant within so many seeds is not believed (ARCHITECTURE.md, section 4). */
export const SEEDS_PER_MUTANT = 500;

/** What a mutant breaks by itself, in its own place, proves nothing: a checker has to find what became of it. */
const NO_CHECKERS: readonly string[] = ['uncaught', 'log'];

export interface Found {
  readonly seed: number;
  readonly checker: string;
  readonly what: string;
}

/** The first seed that finds the mutant, in the order they are tried: `first`, then all; null when none does. */
export async function findMutant(fleet: Fleet, mutant: string, first?: number): Promise<Found | null> {
  const found: Found[] = [];
  const seeds = Array.from({ length: SEEDS_PER_MUTANT }, (_, n) => n + 1);
  const requested = (first === undefined ? seeds : [first, ...seeds]).map(seed => ({ seed, mutant }));
  await fleet.run(requested, ({ seed, findings }) => {
    const proof = findings.find(each => !NO_CHECKERS.includes(each.checker));
    if (proof !== undefined) found.push({ seed, ...proof });
    return proof !== undefined;
  });
  // Seeds run side by side; the lowest one is the same on every machine, as those below it have been run.
  return found.sort((a, b) => a.seed - b.seed)[0] ?? null;
}
