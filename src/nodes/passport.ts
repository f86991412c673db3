/**
 * What a node writes on a request that it passes on: that it did, to whom, and what only it could see of the caller. Signed
 * with a key that the nodes share, over all that decides what becomes of the request, and worth nothing after some seconds.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export const PASSPORT_HEADER = 'aftercall-passed-on';
/** By the ledger's time, which is the same for all nodes up to some seconds, whatever their clocks say. */
const VALID_MS = 30_000;
const LONGEST = 1_000;

export interface Passport {
  /** Numbers of nodes. */
  readonly from: number;
  readonly to: number;
  /** UTC milliseconds. */
  readonly at: number;
  /** Where the caller's request came from. */
  readonly address: string;
  /** Whether it came over https. */
  readonly secure: boolean;
}

/** The parts of a request that a passport is for. */
export interface Sealed {
  readonly path: string;
  readonly body: Uint8Array;
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
}

export function issuePassport(key: Uint8Array, passport: Passport, request: Sealed): string {
  const said = Buffer.from(JSON.stringify(passport)).toString('base64url');
  return `${said}.${macOf(key, said, request).toString('base64url')}`;
}

/** Null when nobody who has the key has written it for this request and this node, or it is too old. */
export function readPassport(
  key: Uint8Array,
  text: string,
  request: Sealed,
  { number, now }: { readonly number: number; readonly now: number },
): Passport | null {
  const [said = '', mac = '', ...rest] = text.length > LONGEST ? [] : text.split('.');
  const given = Buffer.from(mac, 'base64url');
  const expected = macOf(key, said, request);
  if (rest.length > 0 || given.byteLength !== expected.byteLength || !timingSafeEqual(given, expected)) return null;
  const passport = JSON.parse(Buffer.from(said, 'base64url').toString()) as Passport;
  return passport.to === number && Math.abs(now - passport.at) < VALID_MS ? passport : null;
}

/** Texts are told apart by their quotes: none can pass for the end of the one before it. */
function macOf(key: Uint8Array, said: string, { path, body, authorization, cookie }: Sealed): Buffer {
  const digest = createHash('sha256').update(body).digest('hex');
  const all = JSON.stringify([said, path, digest, authorization ?? null, cookie ?? null]);
  return createHmac('sha256', key).update(all).digest();
}
