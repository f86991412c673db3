/**
 * Who asks: by Basic on any request, or by the session cookie that such a request has made (docs/genesys.md, section 5.1).
 */
import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ForwardingToken } from '../../nodes/forwardingToken.ts';
import type { LockedOut } from '../../people/authenticator.ts';
import { type User, user } from '../../people/entities.ts';
import { type CookieDoor, IssuedCookies, NONCE_BYTES, RENEW_AFTER_MS, readCookie } from '../../people/sessionCookie.ts';
import type { GenesysDoor } from './context.ts';
import { Fault } from './errors.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Null before the request is known to be an agent's. */
    agent: Readonly<User> | null;
    /** What the node that forwarded the request saw of its client; null when it came from the client itself. */
    forwarded: Pick<ForwardingToken, 'address' | 'secure'> | null;
  }
}

export const SESSION_COOKIE = 'JSESSIONID';

/** What identifying somebody takes. */
export interface Access extends Pick<GenesysDoor, 'ledger' | 'authenticator' | 'clock' | 'publicUrl'> {
  readonly cookieDoor: CookieDoor;
  readonly cookies: IssuedCookies;
}

export function accessOf(door: GenesysDoor): Access {
  const { ledger, authenticator, cookieKey: key, clock, random, publicUrl } = door;
  const cookieDoor = { name: SESSION_COOKIE, key };
  const cookies = new IssuedCookies(cookieDoor, () => random(NONCE_BYTES));
  return { ledger, authenticator, clock, publicUrl, cookieDoor, cookies };
}

/**
 * Null when no user is behind the request. Basic wins over a cookie, and is always answered with one: a client that sends Basic each
 * time may still expect it (docs/genesys.md, case H3). Rejects with `HashingOverloaded` when too many passwords wait to be
 * checked.
 */
export async function identify(
  access: Access,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Readonly<User> | LockedOut | null> {
  const { authorization, cookie } = request.headers;
  const credentials = readBasic(authorization);
  if (credentials !== null) {
    const caller = await access.authenticator.basic(credentials.login, credentials.password, addressOf(request));
    if (caller === null || 'lockedForSeconds' in caller) return caller;
    const holder = caller.userId === null ? null : activeUser(access, caller.userId);
    if (holder !== null) giveCookie(access, request, reply, holder);
    return holder;
  }
  const given = cookie === undefined ? undefined : parseCookie(cookie)[SESSION_COOKIE];
  if (given === undefined) return null;
  const session = readCookie(access.cookieDoor, given, access.clock(), id => activeUser(access, id));
  if (session === null) return null;
  if (session.ageMs > RENEW_AFTER_MS) giveCookie(access, request, reply, session.holder);
  return session.holder;
}

/** Lets agents through, and puts who it is into `request.agent`. */
export async function demandAgent(access: Access, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const who = await identify(access, request, reply);
  if (who === null) throw new Fault('unauthenticated', 'Access denied');
  if ('lockedForSeconds' in who) {
    const seconds = who.lockedForSeconds;
    throw new Fault('unauthenticated', `Too many wrong passwords: try again in ${seconds} seconds`, seconds);
  }
  request.agent = who;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Login and password of an Authorization header; null when it is not Basic. Browsers and newer clients write UTF-8, the
 * .NET client ISO-8859-1, which is hardly ever valid UTF-8 by chance.
 */
export function readBasic(header: string | undefined): { readonly login: string; readonly password: string } | null {
  const match = header === undefined ? null : /^basic(?: +(\S*))? *$/i.exec(header);
  if (match === null) return null;
  const bytes = Buffer.from(match[1] ?? '', 'base64');
  let text: string;
  try {
    text = UTF8.decode(bytes);
  } catch {
    text = bytes.toString('latin1');
  }
  const colon = text.indexOf(':');
  return colon === -1
    ? { login: text, password: '' }
    : { login: text.slice(0, colon), password: text.slice(colon + 1) };
}

const addressOf = ({ ip, forwarded }: FastifyRequest): string => forwarded?.address ?? ip;

function activeUser({ ledger }: Access, id: number): Readonly<User> | null {
  const found = ledger.directory.get(user, id);
  return found?.active ? found : null;
}

function giveCookie(access: Access, request: FastifyRequest, reply: FastifyReply, holder: Readonly<User>): void {
  const value = access.cookies.issue(holder, access.clock());
  const secure = isSecure(request, access.publicUrl());
  reply.header(
    'set-cookie',
    stringifySetCookie({ name: SESSION_COOKIE, value, path: '/', httpOnly: true, sameSite: 'lax', secure }),
  );
}

/**
 * Whether the client came over https, be it to a proxy before us. Judged by the host it asked for: who comes past the
 * proxy over plain http would never send a secure cookie back.
 */
export function isSecure(request: FastifyRequest, publicUrl: string | null): boolean {
  if (request.forwarded !== null) return request.forwarded.secure;
  if (request.protocol === 'https') return true;
  return publicUrl?.startsWith('https:') === true && new URL(publicUrl).host === request.host;
}
