import assert from 'node:assert/strict';
import { createHook } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { describe, type TestContext, test } from 'node:test';
import type { Entity } from '../ledger/entity.ts';
import { Ledger } from '../ledger/ledger.ts';
import { MemoryEngine } from '../ledger/memory/memoryEngine.ts';
import { createAuthenticator } from './authenticator.ts';
import { peopleEntities, type Token, token, type User, user } from './entities.ts';
import { hashPassword, SALT_BYTES } from './password.ts';
import { tokenHash } from './tokenHash.ts';

const MINUTE_MS = 60_000;
const OFFICE = '192.0.2.1';
const RIGHT = await hashPassword('right', new Uint8Array(SALT_BYTES));
const ANNA: User = {
  id: 1,
  login: 'anna',
  name: 'Anna Berg',
  password: RIGHT,
  roles: ['agent'],
  active: true,
  features: [],
  managedBy: 'file',
};
const OPS: Token = {
  id: 1,
  name: 'ops',
  hash: tokenHash('a token of some length'),
  roles: ['reporter'],
  active: true,
  managedBy: 'file',
};
const PRINCIPAL = { kind: 'user', name: 'anna', userId: 1, roles: ['agent'] };

async function setUp() {
  const time = { now: 1_000_000 };
  const ledger = await Ledger.open({
    engine: new MemoryEngine({ entities: peopleEntities }),
    clock: () => time.now,
    onFatal: error => assert.fail(error),
  });
  const put = <R extends object>(entity: Entity<R>, row: R) =>
    ledger.submit({ name: 'put', bytes: 0, apply: state => state.put(entity, row) });
  await put(user, ANNA);
  await put(token, OPS);
  return {
    time,
    put,
    ...createAuthenticator({ directory: ledger.directory, clock: () => time.now, random: randomBytes }),
  };
}

/** How often a password has been hashed since, by whatever the platform was asked for. */
function countHashings(t: TestContext): () => number {
  let count = 0;
  const hook = createHook({
    init: (_id, type) => {
      if (type === 'SCRYPTREQUEST') count++;
    },
  }).enable();
  t.after(() => hook.disable());
  return () => count;
}

describe('bearer', () => {
  test('a token - is its principal, while it is active', async () => {
    const { bearer, put } = await setUp();
    assert.deepEqual(bearer('a token of some length'), {
      kind: 'token',
      name: 'ops',
      userId: null,
      roles: ['reporter'],
    });
    assert.equal(bearer('a token of some lengtH'), null);
    assert.equal(bearer(''), null);
    assert.equal(bearer(OPS.hash), null);
    assert.equal(bearer('x'.repeat(1_000_000)), null);
    await put(token, { ...OPS, active: false });
    assert.equal(bearer('a token of some length'), null);
    await put(token, { ...OPS, id: 2, name: 'renamed' });
    assert.equal(bearer('a token of some length')?.name, 'renamed');
  });
});

describe('basic', () => {
  test('login and password - are their principal', async () => {
    const { basic } = await setUp();
    assert.deepEqual(await basic('anna', 'right', OFFICE), PRINCIPAL);
    assert.equal(await basic('anna', 'wrong', OFFICE), null);
    assert.equal(await basic('Anna', 'right', OFFICE), null);
    assert.equal(await basic('nobody', 'right', OFFICE), null);
    assert.equal(await basic('anna', 'x'.repeat(1_000_000), OFFICE), null);
  });

  test('a user without a password or not active - does not come in', async () => {
    const { basic, put } = await setUp();
    await put(user, { ...ANNA, active: false });
    assert.equal(await basic('anna', 'right', OFFICE), null);
    await put(user, { ...ANNA, password: null });
    assert.equal(await basic('anna', 'right', OFFICE), null);
  });

  test('a right password - is remembered for five minutes', async t => {
    const { basic, time } = await setUp();
    await basic('anna', 'right', OFFICE);
    const hashings = countHashings(t);
    for (let i = 0; i < 1_000; i++) assert.deepEqual(await basic('anna', 'right', OFFICE), PRINCIPAL);
    assert.equal(hashings(), 0);
    time.now += 5 * MINUTE_MS;
    assert.deepEqual(await basic('anna', 'right', OFFICE), PRINCIPAL);
    assert.equal(hashings(), 1);
  });

  test('a remembered password - is forgotten when the user changes', async () => {
    const { basic, put } = await setUp();
    await basic('anna', 'right', OFFICE);
    await put(user, { ...ANNA, active: false });
    assert.equal(await basic('anna', 'right', OFFICE), null);
    await put(user, { ...ANNA, password: await hashPassword('other', new Uint8Array(SALT_BYTES)) });
    assert.equal(await basic('anna', 'right', OFFICE), null);
    assert.deepEqual(await basic('anna', 'other', OFFICE), PRINCIPAL);
  });

  test('a user who is disabled while the password is being checked - does not come in', async () => {
    const { basic, put } = await setUp();
    const answer = basic('anna', 'right', OFFICE);
    await put(user, { ...ANNA, active: false });
    assert.equal(await answer, null);
  });

  test('many requests with the same password at once - are checked once', async t => {
    const { basic } = await setUp();
    const hashings = countHashings(t);
    const answers = await Promise.all(Array.from({ length: 200 }, () => basic('anna', 'right', OFFICE)));
    assert.ok(answers.every(each => each !== null && 'kind' in each));
    assert.equal(hashings(), 1);
  });

  test('ten wrong passwords - lock this login from this address only', async () => {
    const { basic, put, time } = await setUp();
    await put(user, { ...ANNA, id: 2, login: 'bert' });
    for (let i = 0; i < 10; i++) assert.equal(await basic('anna', `wrong ${i}`, OFFICE), null);
    assert.deepEqual(await basic('anna', 'right', OFFICE), { lockedForSeconds: 900 });
    assert.deepEqual(await basic('anna', 'right', `::ffff:${OFFICE}`), { lockedForSeconds: 900 });
    assert.deepEqual(await basic('anna', 'right', '192.0.2.2'), PRINCIPAL);
    assert.deepEqual(await basic('bert', 'right', OFFICE), { ...PRINCIPAL, name: 'bert', userId: 2 });
    time.now += 15 * MINUTE_MS;
    assert.deepEqual(await basic('anna', 'right', OFFICE), PRINCIPAL);
  });

  test('an unknown login - is locked as a known one is', async () => {
    const { basic } = await setUp();
    for (let i = 0; i < 10; i++) assert.equal(await basic('nobody', `wrong ${i}`, OFFICE), null);
    assert.deepEqual(await basic('nobody', 'right', OFFICE), { lockedForSeconds: 900 });
  });

  test('many passwords at once - are no more than ten guesses', async () => {
    const { basic } = await setUp();
    const guesses = Array.from({ length: 50 }, (_, i) => basic('anna', i === 40 ? 'right' : `wrong ${i}`, OFFICE));
    const answers = await Promise.all(guesses);
    assert.equal(answers.filter(each => each === null).length, 10);
    assert.equal(answers.filter(each => each !== null && 'lockedForSeconds' in each).length, 40);
  });
});
