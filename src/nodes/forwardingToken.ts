/**
 * The forwarding token, which a node adds to a request that it forwards: both nodes, and what only the first could see of
 * the client. Signed with a key that the nodes share, over all that decides what becomes of the request, and worth nothing
 * after some seconds.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export const FORWARDING_HEADER = 'aftercall-forwarded';
/** By the ledger's time, which is the same for all nodes up to some seconds, whatever their own clocks show. */
const VALID_MS = 30_000;
const LONGEST = 1_000;

export interface ForwardingToken {
  /** Numbers of nodes. */
  readonly from: number;
  readonly to: number;
  /** UTC milliseconds. */
  readonly at: number;
  /** Where the client's request came from. */
  readonly address: string;
  /** Whether it came over https. */
  readonly secure: boolean;
}

/** The parts of a request that a token is for. */
export interface Sealed {
  readonly path: string;
  readonly body: Uint8Array;
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
}

export function issueForwardingToken(key: Uint8Array, forwardingToken: ForwardingToken, request: Sealed): string {
  const payload = Buffer.from(JSON.stringify(forwardingToken)).toString('base64url');
  return `${payload}.${macOf(key, payload, request).toString('base64url')}`;
}

/** Null unless it was made with the key, for this request and this node, and is recent. */
export function readForwardingToken(
  key: Uint8Array,
  text: string,
  request: Sealed,
  { number, now }: { readonly number: number; readonly now: number },
): ForwardingToken | null {
  const [payload = '', mac = '', ...rest] = text.length > LONGEST ? [] : text.split('.');
  const given = Buffer.from(mac, 'base64url');
  const expected = macOf(key, payload, request);
  if (rest.length > 0 || given.byteLength !== expected.byteLength || !timingSafeEqual(given, expected)) return null;
  const forwardingToken = JSON.parse(Buffer.from(payload, 'base64url').toString()) as ForwardingToken;
  return forwardingToken.to === number && Math.abs(now - forwardingToken.at) < VALID_MS ? forwardingToken : null;
}

/** Texts are separated by their quotes: none can pass for the end of the one before it. */
function macOf(key: Uint8Array, payload: string, { path, body, authorization, cookie }: Sealed): Buffer {
  const digest = createHash('sha256').update(body).digest('hex');
  const all = JSON.stringify([payload, path, digest, authorization ?? null, cookie ?? null]);
  return createHmac('sha256', key).update(all).digest();
}
