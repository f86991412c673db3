/**
 * A session as a cookie that says everything itself: nothing is kept in memory, so a client that only has its cookie stays
 * logged in when the server starts again. A changed password ends it, because the stored password is part of what is
 * signed; so is the cookie's name, and each door has a key of its own: a cookie made for one door opens no other.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { RecentCache } from '../values/recentCache.ts';

/** The `sessionMaxInactiveInterval` that desktops expect (docs/genesys.md, section 5.1): 1800 s. */
export const SESSION_MS = 1_800_000;
/** Activity shows in a younger cookie; not with every request, or each answer would carry one. */
export const RENEW_AFTER_MS = 60_000;
/** A clock may be set back a little between two starts. */
const CLOCK_SLACK_MS = 60_000;
export const NONCE_BYTES = 12;

/** `user.issued.nonce.signature`: the user's id, the issue time in UTC milliseconds, base64url. */
const COOKIE = /^(([1-9]\d{0,15})\.(\d{1,15})\.[A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{43})$/;

/** What a door's cookie is called, and what signs it. */
export interface CookieDoor {
  readonly name: string;
  readonly key: Uint8Array;
}

export interface CookieHolder {
  readonly id: number;
  /** The stored text; null: cannot log in, and no cookie of theirs is good. */
  readonly password: string | null;
}

/** `now` in UTC milliseconds; `nonce`: `NONCE_BYTES` random bytes. */
export function issueCookie(door: CookieDoor, holder: CookieHolder, now: number, nonce: Uint8Array): string {
  const stated = `${holder.id}.${now}.${Buffer.from(nonce).toString('base64url')}`;
  return `${stated}.${sign(door, stated, holder.password ?? '').toString('base64url')}`;
}

/** More than an organisation's desktops that are active at once. */
const MAX_ISSUED = 1_000;

/**
 * Cookies as a door gives them. A client that sends its password with every request is given one with every answer; within
 * `RENEW_AFTER_MS`, the time for which a cookie passes for young anyway, that is the same one.
 */
export class IssuedCookies {
  readonly #door: CookieDoor;
  readonly #nonce: () => Uint8Array;
  readonly #issued = new RecentCache<{ readonly value: string; readonly password: string | null; readonly at: number }>(
    MAX_ISSUED,
  );

  /** `nonce` gives `NONCE_BYTES` random bytes. */
  constructor(door: CookieDoor, nonce: () => Uint8Array) {
    this.#door = door;
    this.#nonce = nonce;
  }

  /** `now` in UTC milliseconds. */
  issue({ id, password }: CookieHolder, now: number): string {
    const before = this.#issued.get(String(id));
    if (before?.password === password && now >= before.at && now - before.at <= RENEW_AFTER_MS) return before.value;
    const value = issueCookie(this.#door, { id, password }, now, this.#nonce());
    this.#issued.set(String(id), { value, password, at: now });
    return value;
  }
}

/**
 * Whose cookie this is and how old, in milliseconds; null when it was not made for this door, has ended, or the user it names
 * has another password now. `holderOf` gives an active user by id. Never throws.
 */
export function readCookie<H extends CookieHolder>(
  door: CookieDoor,
  cookie: string,
  now: number,
  holderOf: (userId: number) => H | null,
): { readonly holder: H; readonly ageMs: number } | null {
  const match = COOKIE.exec(cookie);
  if (match === null) return null;
  const [, stated, userId, issuedAt, signature] = match;
  const ageMs = now - Number(issuedAt);
  if (ageMs >= SESSION_MS || ageMs < -CLOCK_SLACK_MS) return null;
  const holder = holderOf(Number(userId));
  if (holder === null || holder.password === null) return null;
  const expected = sign(door, stated!, holder.password);
  const given = Buffer.from(signature!, 'base64url');
  return given.byteLength === expected.byteLength && timingSafeEqual(given, expected) ? { holder, ageMs } : null;
}

function sign({ name, key }: CookieDoor, stated: string, password: string): Buffer {
  return createHmac('sha256', key).update(`${name}\n${stated}\n${password}`).digest();
}
