/** Seeded randomness for tests and load: the same seed gives the same run on every machine. */
export interface Random {
  /** 0 inclusive to 1 exclusive. */
  next(): number;
  /** Both ends inclusive. */
  integer(from: number, to: number): number;
  chance(probability: number): boolean;
  pick<T>(values: readonly T[]): T;
  hex(digits: number): string;
}

/** The generator sfc32 by Chris Doty-Humphrey: fast, and good enough that no pattern shows in a load. */
export function createRandom(seed: number): Random {
  let a = seed | 0;
  let b = 0x9e3779b9;
  let c = 0x243f6a88;
  let counter = 1;
  const bits = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  // A small seed fills few of the state's bits; after a dozen rounds all of them depend on it.
  for (let round = 0; round < 12; round++) bits();
  const next = (): number => bits() / 0x1_0000_0000;
  const integer = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  return {
    next,
    integer,
    chance: probability => next() < probability,
    pick: values => values[integer(0, values.length - 1)]!,
    hex: digits =>
      Array.from({ length: digits }, () => integer(0, 15).toString(16))
        .join('')
        .toUpperCase(),
  };
}
