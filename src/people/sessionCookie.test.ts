import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type CookieDoor,
  type CookieHolder,
  IssuedCookies,
  issueCookie,
  NONCE_BYTES,
  RENEW_AFTER_MS,
  readCookie,
  SESSION_MS,
} from './sessionCookie.ts';

const DOOR: CookieDoor = { name: 'SESSION', key: new Uint8Array(32).fill(1) };
const NONCE = new Uint8Array(NONCE_BYTES).fill(2);
const HOLDER = { id: 7, password: '$scrypt$…' };
const ISSUED = 1_433_915_429_118;

const read = (cookie: string, now = ISSUED, holder: CookieHolder | null = HOLDER, door = DOOR) =>
  readCookie(door, cookie, now, id => (holder?.id === id ? holder : null));

test('session cookie - names its holder and its age until it ends', () => {
  const cookie = issueCookie(DOOR, HOLDER, ISSUED, NONCE);
  assert.match(cookie, /^[\w.-]+$/);
  assert.deepEqual(read(cookie), { holder: HOLDER, ageMs: 0 });
  assert.deepEqual(read(cookie, ISSUED + SESSION_MS - 1), { holder: HOLDER, ageMs: SESSION_MS - 1 });
  assert.equal(read(cookie, ISSUED + SESSION_MS), null);
});

test('session cookie - ends with the password, the key and the holder', () => {
  const cookie = issueCookie(DOOR, HOLDER, ISSUED, NONCE);
  assert.equal(read(cookie, ISSUED, { ...HOLDER, password: '$scrypt$another' }), null);
  assert.equal(read(cookie, ISSUED, { ...HOLDER, password: null }), null);
  assert.equal(read(cookie, ISSUED, null), null);
  assert.equal(read(cookie, ISSUED, HOLDER, { ...DOOR, key: new Uint8Array(32) }), null);
});

test('session cookie - made for one door opens no other, whatever key that one has', () => {
  const cookie = issueCookie(DOOR, HOLDER, ISSUED, NONCE);
  assert.equal(read(cookie, ISSUED, HOLDER, { ...DOOR, name: 'OTHER' }), null);
  assert.equal(read(cookie, ISSUED, HOLDER, { name: 'OTHER', key: new Uint8Array(32).fill(9) }), null);
});

test('session cookie - of a user without a password is nobody’s', () => {
  const cookie = issueCookie(DOOR, { id: 7, password: null }, ISSUED, NONCE);
  assert.equal(read(cookie, ISSUED, { id: 7, password: null }), null);
});

test('session cookie - changed anywhere is refused', () => {
  const cookie = issueCookie(DOOR, HOLDER, ISSUED, NONCE);
  const [id, issued, nonce, signature] = cookie.split('.');
  for (const changed of [
    `8.${issued}.${nonce}.${signature}`,
    `${id}.${Number(issued) + 1}.${nonce}.${signature}`,
    `${id}.${issued}.${nonce!.replace(/^./, 'x')}.${signature}`,
    `${id}.${issued}.${nonce}.${signature!.replace(/^./, each => (each === 'A' ? 'B' : 'A'))}`,
    `${id}.${issued}.${nonce}`,
    `${cookie}.`,
    ` ${cookie}`,
    '',
    'x'.repeat(100_000),
  ]) {
    assert.equal(read(changed, ISSUED, { ...HOLDER, id: changed.startsWith('8') ? 8 : 7 }), null, changed.slice(0, 90));
  }
});

test('session cookie - from a clock that was ahead is good for a minute of it', () => {
  const cookie = issueCookie(DOOR, HOLDER, ISSUED, NONCE);
  assert.equal(read(cookie, ISSUED - 60_000)?.ageMs, -60_000);
  assert.equal(read(cookie, ISSUED - 60_001), null);
});

test('issued cookies - are the same for a minute, and others after it, for another password and after a clock that went back', () => {
  let nonce = 0;
  const cookies = new IssuedCookies(DOOR, () => new Uint8Array(NONCE_BYTES).fill(nonce++));
  const first = cookies.issue(HOLDER, ISSUED);
  assert.deepEqual(read(first), { holder: HOLDER, ageMs: 0 });
  assert.equal(cookies.issue(HOLDER, ISSUED + RENEW_AFTER_MS), first);
  assert.notEqual(cookies.issue({ ...HOLDER, id: 8 }, ISSUED), first);
  const changed = { ...HOLDER, password: '$scrypt$another' };
  assert.deepEqual(read(cookies.issue(changed, ISSUED), ISSUED, changed), { holder: changed, ageMs: 0 });
  const later = ISSUED + RENEW_AFTER_MS + 1;
  assert.deepEqual(read(cookies.issue(changed, later), later, changed), { holder: changed, ageMs: 0 });
  assert.deepEqual(read(cookies.issue(changed, ISSUED), ISSUED, changed), { holder: changed, ageMs: 0 });
});
