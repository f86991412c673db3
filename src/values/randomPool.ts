const POOL_BYTES = 8_192;

/**
 * Random bytes that are fetched many at a time: a call of the system's generator costs as much as folding a call. No byte is given
 * out twice, and none stays here once it was given out.
 */
export function poolRandom(random: (bytes: number) => Uint8Array): (bytes: number) => Uint8Array {
  let pool: Uint8Array = new Uint8Array();
  let used = 0;
  return bytes => {
    if (bytes > POOL_BYTES) return random(bytes);
    if (used + bytes > pool.length) {
      pool = random(POOL_BYTES);
      used = 0;
    }
    // A copy: slice() of a Buffer would be the pool itself.
    const given = Uint8Array.from(pool.subarray(used, used + bytes));
    pool.fill(0, used, used + bytes);
    used += bytes;
    return given;
  };
}
