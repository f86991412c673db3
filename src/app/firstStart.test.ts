import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { callEntities } from '../calls/entities.ts';
import { setting } from '../config/setting.ts';
import { Ledger } from '../ledger/ledger.ts';
import { MemoryEngine } from '../ledger/memory/memoryEngine.ts';
import { sharedMemoryStore } from '../ledger/testing/testStores.ts';
import { peopleEntities, user } from '../people/entities.ts';
import { FIRST_ADMINISTRATOR_ID } from '../people/firstAdministrator.ts';
import { verifyPassword } from '../people/password.ts';
import { source, sourceEntities } from '../sources/entities.ts';
import { ensureFoundations } from './firstStart.ts';

test('ensureFoundations - the first start makes an administrator, settings and the source behind /v1, the next nothing', async () => {
  const engine = new MemoryEngine({ entities: [...sourceEntities, ...callEntities, ...peopleEntities, setting] });
  const open = () => Ledger.open({ engine, clock: () => 1_000, onFatal: error => assert.fail(error) });
  const ledger = await open();
  const { administrator } = await ensureFoundations(ledger, { random: randomBytes });
  assert.equal(administrator?.login, 'admin');
  assert.match(administrator.password, /^[a-km-np-z2-9]{20}$/);
  const { get, find, all } = ledger.directory;
  const admin = get(user, FIRST_ADMINISTRATOR_ID)!;
  assert.equal(await verifyPassword(admin.password!, administrator.password), true);
  assert.deepEqual([admin.login, admin.roles, admin.active], ['admin', ['administrator'], true]);
  assert.deepEqual([get(setting, 'timeZone')?.value, get(setting, 'country')?.value], ['UTC', 'US']);
  const [native] = find(source, 'byKey', 'native');
  assert.deepEqual([native!.id, native!.kind, native!.managedBy, native!.settings], [1, 'native', 'server', {}]);

  const rows = () => JSON.stringify([all(user), all(source), all(setting)]);
  const before = rows();
  assert.deepEqual(await ensureFoundations(ledger, { random: randomBytes }), { administrator: null });
  assert.equal(rows(), before);
  assert.deepEqual(await ensureFoundations(await open(), { random: randomBytes }), { administrator: null });
});

test('ensureFoundations - of two who start at the same time one shows a password, and it is the one that is stored', async () => {
  const store = sharedMemoryStore([...sourceEntities, ...callEntities, ...peopleEntities, setting]);
  const open = async () =>
    Ledger.open({ engine: await store.open(), clock: () => 1_000, onFatal: error => assert.fail(error) });
  const ledgers = [await open(), await open()];
  const both = await Promise.all(ledgers.map(each => ensureFoundations(each, { random: randomBytes })));
  const shown = both.flatMap(({ administrator }) => (administrator === null ? [] : [administrator.password]));
  assert.equal(shown.length, 1);
  const { directory } = await open();
  const { password } = directory.get(user, FIRST_ADMINISTRATOR_ID)!;
  assert.equal(await verifyPassword(password!, shown[0]!), true);
});

test('ensureFoundations - passwords use all the randomness they are given', async () => {
  const engine = new MemoryEngine({ entities: [...sourceEntities, ...callEntities, ...peopleEntities, setting] });
  const ledger = await Ledger.open({ engine, clock: () => 1_000, onFatal: error => assert.fail(error) });
  const { administrator } = await ensureFoundations(ledger, {
    random: bytes => Uint8Array.from({ length: bytes }, (_, i) => i * 13),
  });
  assert.equal(new Set(administrator?.password).size, 20);
});
