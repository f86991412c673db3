/**
 * Bytes as the ledger keeps them where they mostly repeat what others of their column contain. What they have in common is in the
 * column's words (entity.ts); stored is where it stands there, and what is their own. It takes some microseconds, which a general
 * compressor takes to begin with.
 *
 * Stored is a first byte that gives the form, and
 * - of `PACKED` the length, then pieces: how many bytes are their own, these bytes, and a run of the words. A run has its length, doubled,
 *   and begins where the run before ended; or, where one is added, at the place that follows. The last piece may lack the run.
 * - of `PLAIN` the bytes. Bytes that begin like neither form are stored without a first byte.
 *
 * Lengths and places are LEB128.
 */
const PLAIN = 0;
const PACKED = 1;

/** A shorter run is stored no shorter than what it stands for. */
const SHORTEST_RUN = 4;
/** Larger bytes are few, and would keep the thread. */
const LONGEST_BYTES = 65_536;
const HASH_BITS = 12;

export function packBytes(bytes: Uint8Array, words: Uint8Array): Uint8Array {
  const packed = bytes.length < SHORTEST_RUN || bytes.length > LONGEST_BYTES ? null : pack(bytes, words);
  if (packed !== null) return packed;
  if (bytes[0] !== PLAIN && bytes[0] !== PACKED) return bytes;
  const stored = new Uint8Array(bytes.length + 1);
  stored[0] = PLAIN;
  stored.set(bytes, 1);
  return stored;
}

/** Undefined where no bytes are stored as this. */
export function unpackBytes(stored: Uint8Array, words: Uint8Array): Uint8Array | undefined {
  if (stored[0] === PACKED) return unpack(stored, words);
  return stored[0] === PLAIN ? stored.subarray(1) : stored;
}

/** Where four bytes stand first in the words, by their hash. */
const indexes = new WeakMap<Uint8Array, Uint16Array>();

function indexOf(words: Uint8Array): Uint16Array {
  let index = indexes.get(words);
  if (index === undefined) {
    index = new Uint16Array(1 << HASH_BITS);
    for (let at = words.length - SHORTEST_RUN; at >= 0; at--) index[hashAt(words, at)] = at;
    indexes.set(words, index);
  }
  return index;
}

const fourAt = (bytes: Uint8Array, at: number): number =>
  bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);

const hashAt = (bytes: Uint8Array, at: number): number => Math.imul(fourAt(bytes, at), 0x9e3779b1) >>> (32 - HASH_BITS);

/** Kept from one value to the next: what is packed is never longer than the bytes. */
const out = new Uint8Array(LONGEST_BYTES);

/** Null where it would hardly be shorter. */
function pack(bytes: Uint8Array, words: Uint8Array): Uint8Array | null {
  const index = indexOf(words);
  const room = bytes.length - 16;
  let size = 1;
  out[0] = PACKED;
  size = put(bytes.length, size);
  let own = 0;
  let follows = 0;
  let at = 0;
  while (at <= bytes.length - SHORTEST_RUN) {
    let place = follows;
    let run = runAt(bytes, at, words, place);
    if (run < SHORTEST_RUN) {
      place = index[hashAt(bytes, at)]!;
      run = runAt(bytes, at, words, place);
    }
    if (run < SHORTEST_RUN) {
      at++;
      continue;
    }
    if (size + at - own > room) return null;
    size = putOwn(bytes, own, at, size);
    size = put(run * 2 + (place === follows ? 0 : 1), size);
    if (place !== follows) size = put(place, size);
    at += run;
    own = at;
    follows = place + run;
  }
  if (size + bytes.length - own > room) return null;
  if (own < bytes.length) size = putOwn(bytes, own, bytes.length, size);
  return out.slice(0, size);
}

function runAt(bytes: Uint8Array, at: number, words: Uint8Array, place: number): number {
  const longest = Math.min(bytes.length - at, words.length - place);
  let run = 0;
  while (run < longest && bytes[at + run] === words[place + run]) run++;
  return run;
}

function putOwn(bytes: Uint8Array, from: number, until: number, size: number): number {
  let end = put(until - from, size);
  for (let at = from; at < until; at++) out[end++] = bytes[at]!;
  return end;
}

function put(value: number, size: number): number {
  let end = size;
  let left = value;
  for (; left >= 0x80; left >>>= 7) out[end++] = (left & 0x7f) | 0x80;
  out[end++] = left;
  return end;
}

function unpack(stored: Uint8Array, words: Uint8Array): Uint8Array | undefined {
  let at = 1;
  const take = (): number => {
    let value = 0;
    for (let shift = 0; shift <= 14; shift += 7) {
      const byte = stored[at++];
      if (byte === undefined) return -1;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return -1;
  };
  const length = take();
  if (length < 0 || length > LONGEST_BYTES) return undefined;
  const bytes = new Uint8Array(length);
  let size = 0;
  let follows = 0;
  while (at < stored.length) {
    const own = take();
    if (own < 0 || at + own > stored.length || size + own > length) return undefined;
    for (const end = at + own; at < end; ) bytes[size++] = stored[at++]!;
    if (at === stored.length) break;
    const said = take();
    const run = said >>> 1;
    if (said < 0 || size + run > length) return undefined;
    if ((said & 1) === 1) follows = take();
    if (follows < 0 || follows + run > words.length) return undefined;
    for (const end = follows + run; follows < end; ) bytes[size++] = words[follows++]!;
  }
  return size === length ? bytes : undefined;
}
