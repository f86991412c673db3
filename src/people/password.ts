/**
 * Passwords as scrypt (ARCHITECTURE.md, section 7), stored as `$scrypt$ln=15,r=8,p=1$<salt>$<hash>` (the PHC string
 * format), so that a later version can raise the cost and still read what is there.
 */
import { type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify<string, Uint8Array, number, ScryptOptions, Buffer>(scrypt);

/** N = 2^15, r = 8: 32 MiB and some 70 ms of one core per guess. */
const COST = { ln: 15, r: 8, p: 1 } as const;
/** More than we ever write; above it, the stored text is damaged and must not decide how much memory is taken. */
const MAX_COST = { ln: 20, r: 16, p: 4 } as const;
const HASH_BYTES = 32;
/** Bytes of salt to give to `hashPassword`. */
export const SALT_BYTES = 16;
/** UTF-16 units. Longer than any sentence somebody types; bounds the work before anybody is known. */
export const MAX_PASSWORD_LENGTH = 1024;

/** The thread pool has four threads; the others stay free for files while somebody guesses passwords. */
const HASHING_AT_ONCE = 2;
/** At 70 ms each and two at a time, who comes later would wait more than two seconds. */
const HASHING_WAITING = 64;

const STORED = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{22,88})\$([A-Za-z0-9+/]{22,88})$/;

/** Too many passwords are waiting to be checked: try again in a moment. */
export class HashingOverloaded extends Error {
  override readonly name = 'HashingOverloaded';
}

/** Of the process and not of a ledger, because the thread pool is. */
let hashing = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (hashing < HASHING_AT_ONCE) hashing++;
  else {
    if (waiting.length >= HASHING_WAITING) throw new HashingOverloaded('too many passwords are being checked');
    // Who leaves hands the place on, so `hashing` stays as it is.
    await new Promise<void>(resolve => waiting.push(resolve));
  }
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next === undefined) hashing--;
    else next();
  }
}

/**
 * Keyboards and systems compose accents differently; the same password is the same text. Well-formed first, as UTF-8
 * will be.
 */
const normal = (password: string): string => password.toWellFormed().normalize('NFC');

function scryptOf(
  password: string,
  salt: Uint8Array,
  { ln, r, p }: { ln: number; r: number; p: number },
  bytes: number,
) {
  const N = 2 ** ln;
  return inTurn(() => derive(normal(password), salt, bytes, { N, r, p, maxmem: 256 * r * (N + p) }));
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replace(/=+$/, '');

function storedText(salt: Uint8Array, hash: Uint8Array): string {
  return `$scrypt$ln=${COST.ln},r=${COST.r},p=${COST.p}$${base64(salt)}$${base64(hash)}`;
}

/** The text to store. `salt`: `SALT_BYTES` random bytes. Rejects with `HashingOverloaded` when too many wait. */
export async function hashPassword(password: string, salt: Uint8Array): Promise<string> {
  if (salt.byteLength !== SALT_BYTES) throw new RangeError(`a salt has ${SALT_BYTES} bytes`);
  return storedText(salt, await scryptOf(password, salt, COST, HASH_BYTES));
}

/**
 * Whether this is the password, compared in constant time. Rejects with `HashingOverloaded` when too many wait, with an
 * Error when `stored` was not made by `hashPassword`.
 */
export async function verifyPassword(stored: string, password: string): Promise<boolean> {
  const match = STORED.exec(stored);
  if (match === null) throw new Error('a stored password cannot be read');
  const cost = { ln: Number(match[1]), r: Number(match[2]), p: Number(match[3]) };
  if (cost.ln > MAX_COST.ln || cost.r > MAX_COST.r || cost.p > MAX_COST.p) {
    throw new Error('a stored password asks for more memory than it may');
  }
  const expected = Buffer.from(match[5]!, 'base64');
  const actual = await scryptOf(password, Buffer.from(match[4]!, 'base64'), cost, expected.byteLength);
  return timingSafeEqual(actual, expected);
}

/** A stored password that nothing matches but costs as much to check; of `SALT_BYTES` and 32 random bytes. */
export function unmatchablePassword(random: (bytes: number) => Uint8Array): string {
  return storedText(random(SALT_BYTES), random(HASH_BYTES));
}
