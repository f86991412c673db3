/**
 * What a URL below `/rest` asks for (docs/bitrix24.md, section 2.1). Clients write it in many ways, and none of them
 * follows a redirect without harm: slashes, suffix and case are put right here and never by sending the client elsewhere.
 */
import { decodePercents } from './paramsBrackets.ts';

export type Route =
  /** `/rest/{user}/{code}/{method}`: the code is an incoming webhook of this user. */
  | { readonly kind: 'webhook'; readonly user: number; readonly code: string; readonly method: string }
  /** `/rest/{method}`: a token among the parameters says who asks. */
  | { readonly kind: 'token'; readonly method: string }
  /** `/rest/upload`: the second step of attachRecord, which carries its own signature. */
  | { readonly kind: 'upload' }
  /** Anything else below `/rest`, a hook without its user or without a method: there is no such method. */
  | { readonly kind: 'unknown' };

const UNKNOWN: Route = { kind: 'unknown' };

const USER_ID = /^\d{1,15}$/;

/** The `path` as it came, without its query; null when it is not below `/rest`. Methods are in lower case. */
export function readRoute(path: string): Route | null {
  const [rest, ...segments] = path.split('/').filter(segment => segment !== '');
  if (rest !== 'rest' || !path.startsWith('/')) return null;
  const method = methodOf(segments.at(-1) ?? '');
  if (method === '') return UNKNOWN;
  if (segments.length === 1) return method === 'upload' ? { kind: 'upload' } : { kind: 'token', method };
  const [user, code] = segments;
  if (segments.length !== 3 || !USER_ID.test(user!)) return UNKNOWN;
  return { kind: 'webhook', user: Number(user), code: decodePercents(code!), method };
}

/** A method's name as it is looked up, from the last segment of a path or an entry of a batch. */
export function methodOf(written: string): string {
  return decodePercents(written)
    .replace(/\.(?:json|xml)$/i, '')
    .toLowerCase();
}
