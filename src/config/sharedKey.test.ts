import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { sealedIn } from '../app/sourceKinds.ts';
import { callEntities } from '../calls/entities.ts';
import { OWN_SOURCE } from '../dialects/native/ownSource.ts';
import { Ledger } from '../ledger/ledger.ts';
import { MemoryEngine } from '../ledger/memory/memoryEngine.ts';
import { source, sourceEntities } from '../sources/entities.ts';
import { ownSourceRow } from '../sources/ownSource.ts';
import { openKeyFile } from './keyFile.ts';
import { setting } from './setting.ts';
import { checkSharedKey, type SharedKeyOptions } from './sharedKey.ts';

const ALONE = { forget: false, others: [] };

/** A ledger with these sealed secrets, and directories for servers. */
async function openHouse(t: TestContext, sealed: (keyIn: (name: string) => string) => readonly string[] = () => []) {
  const scratch = mkdtempSync(join(tmpdir(), 'aftercall-shared-key-'));
  t.after(() => rmSync(scratch, { recursive: true, force: true }));
  const dataDir = (name: string): string => join(scratch, name);
  const engine = new MemoryEngine({ entities: [...sourceEntities, ...callEntities, setting] });
  const ledger = await Ledger.open({ engine, clock: () => 1_000, onFatal: error => assert.fail(error) });
  t.after(() => ledger.close());
  const secrets = sealed(name => openKeyFile(dataDir(name)).seal('hunter2'));
  await ledger.submit({
    name: 'store sources',
    bytes: 100,
    apply: state => {
      state.insert(source, { ...OWN, id: 1 });
      secrets.forEach((secret, n) => {
        state.insert(source, { ...OWN, id: n + 2, key: `pbx${n}`, kind: 'yeastar', settings: { secret } });
      });
    },
  });
  return {
    check: (name: string, options: Omit<SharedKeyOptions, 'sealedIn'> = ALONE) =>
      checkSharedKey(ledger, dataDir(name), { ...options, sealedIn }),
    hasKey: (name: string) => existsSync(join(dataDir(name), 'secret.key')),
    makeKey: (name: string) => openKeyFile(dataDir(name)),
    keyOf: (name: string) => readFileSync(join(dataDir(name), 'secret.key'), 'hex'),
  };
}

const OWN = ownSourceRow(OWN_SOURCE, { timeZone: 'UTC', country: 'US' });

describe('a ledger that nobody has sealed anything in', () => {
  test('the first server - makes its key, which is the key from then on', async t => {
    const { check, hasKey, makeKey } = await openHouse(t);
    await check('one');
    assert.equal(hasKey('one'), true);
    await check('one');
    makeKey('two');
    await assert.rejects(
      check('two'),
      /^ConfigError: The key file in \S+two is not the one that this database was set /,
    );
  });

  test('a server without a key that comes later - is refused, and none is made', async t => {
    const { check, hasKey } = await openHouse(t);
    await check('one');
    await assert.rejects(
      check('two'),
      /^ConfigError: There is no key file in \S+two, and this database was set up with one: /,
    );
    assert.equal(hasKey('two'), false);
  });
});

describe('a ledger with sealed secrets and no fingerprint: copied, or of an older version', () => {
  test('a server without a key - is refused before the right one came, and makes none', async t => {
    const { check, hasKey } = await openHouse(t, keyIn => [keyIn('one')]);
    await assert.rejects(
      check('two'),
      /^ConfigError: There is no key file in \S+two, .*: copy secret\.key from the DATA_DIR of the server that ran here before\. /,
    );
    assert.equal(hasKey('two'), false);
    await check('one');
  });

  test('a server with another key - is refused, and the right one serves after it', async t => {
    const { check, makeKey } = await openHouse(t, keyIn => [keyIn('one')]);
    makeKey('two');
    await assert.rejects(
      check('two'),
      /^ConfigError: The key file in \S+two opens none of the secrets in this database, .* server that ran here before\. /,
    );
    await check('one');
    await assert.rejects(check('two'), /is not the one that this database was set up with/);
  });

  test('a secret that an older key has left behind - does not keep the right one out', async t => {
    const { check } = await openHouse(t, keyIn => [keyIn('old'), keyIn('one')]);
    await check('one');
  });
});

describe('--forget-key', () => {
  const FORGET = { forget: true, others: [] };
  const OTHERS = { forget: true, others: ['server 3 at http://10.0.0.11:8080', 'server 4'] };
  const REFUSED =
    /^ConfigError: --forget-key is .* go on with the old key: server 3 at http:\/\/10\.0\.0\.11:8080, server 4\. Stop them first/;

  test('alone - goes on with another key, new or not, with and without a fingerprint', async t => {
    const { check, makeKey } = await openHouse(t, keyIn => [keyIn('one')]);
    await check('two', FORGET);
    makeKey('three');
    await check('three', FORGET);
    await assert.rejects(check('two'), /is not the one/);
  });

  test('while others live - is refused, says which they are, and makes no key', async t => {
    const { check, hasKey, makeKey, keyOf } = await openHouse(t, keyIn => [keyIn('one')]);
    await assert.rejects(check('two', OTHERS), REFUSED);
    await check('one');
    await assert.rejects(check('two', OTHERS), REFUSED);
    assert.equal(hasKey('two'), false);
    makeKey('two');
    const made = keyOf('two');
    await assert.rejects(check('two', OTHERS), REFUSED);
    assert.equal(keyOf('two'), made);
    await check('one');
  });

  test('with the key that the others have - forgets nothing, whoever lives', async t => {
    const { check } = await openHouse(t, keyIn => [keyIn('one')]);
    await check('one', OTHERS);
    await check('one', OTHERS);
  });
});
