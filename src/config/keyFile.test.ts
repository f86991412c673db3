import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { ConfigError } from './configError.ts';
import { openKeyFile, UnsealError } from './keyFile.ts';

function directory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'aftercall-key-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

describe('openKeyFile', () => {
  test('the first start - makes a key only its owner can read, the next ones use it', t => {
    const dataDir = join(directory(t), 'not', 'yet');
    const sealed = openKeyFile(dataDir).seal('Ümläut secret');
    assert.deepEqual(readdirSync(dataDir), ['secret.key']);
    assert.equal(statSync(join(dataDir, 'secret.key')).size, 32);
    assert.equal(statSync(join(dataDir, 'secret.key')).mode & 0o777, 0o600);
    assert.equal(openKeyFile(dataDir).open(sealed), 'Ümläut secret');
  });

  test('a sealed text - is another each time and does not show the secret', t => {
    const { seal, open } = openKeyFile(directory(t));
    const texts = new Set(Array.from({ length: 100 }, () => seal('hunter2')));
    assert.equal(texts.size, 100);
    for (const text of texts) {
      assert.match(text, /^v1\.[A-Za-z0-9_-]+$/);
      assert.equal(open(text), 'hunter2');
    }
    assert.equal(open(seal('')), '');
  });

  test('a sealed text that was changed - is refused, whatever was changed', t => {
    const { seal, open } = openKeyFile(directory(t));
    const sealed = seal('hunter2');
    const body = Buffer.from(sealed.slice(3), 'base64url');
    for (let i = 0; i < body.length; i++) {
      const changed = Buffer.from(body);
      changed[i]! ^= 1;
      assert.throws(() => open(`v1.${changed.toString('base64url')}`), UnsealError);
    }
    for (const text of ['', 'v1.', 'v1.AAAA', sealed.slice(0, -4), `v2${sealed.slice(2)}`, `${sealed}.x`, 'hunter2']) {
      assert.throws(() => open(text), UnsealError, text);
    }
  });

  test('another key - opens nothing', t => {
    const sealed = openKeyFile(directory(t)).seal('hunter2');
    assert.throws(() => openKeyFile(directory(t)).open(sealed), /another key/);
  });

  test('a key of the wrong size - is one clear sentence', t => {
    const dataDir = directory(t);
    writeFileSync(join(dataDir, 'secret.key'), 'short');
    assert.throws(
      () => openKeyFile(dataDir),
      (error: unknown) => {
        assert.ok(error instanceof ConfigError);
        assert.match(error.message, /^The key file \S+secret\.key has 5 bytes instead of 32: [^\n]+\.$/);
        return true;
      },
    );
  });

  test('a key that cannot be read or made - is one clear sentence', t => {
    const dataDir = directory(t);
    mkdirSync(join(dataDir, 'secret.key'));
    assert.throws(() => openKeyFile(dataDir), /^ConfigError: The key file \S+ cannot be read \(EISDIR\): [^\n]+\.$/);
    writeFileSync(join(dataDir, 'file'), '');
    assert.throws(
      () => openKeyFile(join(dataDir, 'file')),
      /^ConfigError: The key file \S+ cannot be (read|made) \(ENOTDIR\): [^\n]+\.$/,
    );
  });

  test('two at the same first start - agree on one key', t => {
    const dataDir = directory(t);
    let other: ReturnType<typeof openKeyFile> | null = null;
    const mine = openKeyFile(dataDir, bytes => {
      other ??= openKeyFile(dataDir);
      return new Uint8Array(bytes).fill(7);
    });
    assert.equal(mine.open(other!.seal('x')), 'x');
    assert.deepEqual(readdirSync(dataDir), ['secret.key']);
    assert.ok(!readFileSync(join(dataDir, 'secret.key')).every(byte => byte === 7));
  });
});
