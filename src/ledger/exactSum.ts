/**
 * Sums that stay exact beyond 2^53: a number while it is a safe integer, else a bigint. Engines keep 64 bits of each.
 */
export type ExactSum = number | bigint;

export const exactly = (value: bigint): ExactSum => (Number.isSafeInteger(Number(value)) ? Number(value) : value);

/** What is no safe integer itself is added as it is, for the engine to refuse. */
export function addExactly(a: ExactSum, b: ExactSum): ExactSum {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum) || !Number.isSafeInteger(a) || !Number.isSafeInteger(b)) return sum;
  }
  return exactly(BigInt(a) + BigInt(b));
}
