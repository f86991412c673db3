import assert from 'node:assert/strict';
import { randomBytes, scryptSync } from 'node:crypto';
import { describe, test } from 'node:test';
import { HashingOverloaded, hashPassword, SALT_BYTES, unmatchablePassword, verifyPassword } from './password.ts';

const SALT = Uint8Array.from({ length: SALT_BYTES }, (_, i) => i);

describe('hashPassword and verifyPassword', () => {
  test('password - is stored as scrypt with its parameters and never in clear', async () => {
    const stored = await hashPassword('hunter2 hunter2', SALT);
    assert.match(stored, /^\$scrypt\$ln=15,r=8,p=1\$AAECAwQFBgcICQoLDA0ODw\$[A-Za-z0-9+/]{43}$/);
    assert.ok(!stored.includes('hunter2'));
    assert.equal(await verifyPassword(stored, 'hunter2 hunter2'), true);
    assert.equal(await verifyPassword(stored, 'hunter2 hunter3'), false);
    assert.equal(await verifyPassword(stored, ''), false);
  });

  test('password - composed and decomposed accents are the same text', async () => {
    assert.equal(await verifyPassword(await hashPassword('M\u00fcller', SALT), 'Mu\u0308ller'), true);
  });

  test('stored parameters - decide, so that a password of another cost stays readable', async () => {
    const hash = scryptSync('hunter2', SALT, 32, { N: 2 ** 10, r: 4, p: 2 });
    const plain = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').replace(/=+$/, '');
    const stored = `$scrypt$ln=10,r=4,p=2$${plain(SALT)}$${plain(hash)}`;
    assert.equal(await verifyPassword(stored, 'hunter2'), true);
    assert.equal(await verifyPassword(stored, 'hunter3'), false);
  });

  test('a damaged stored text - is an error and never a match', async () => {
    for (const stored of [
      '',
      'plain',
      '$scrypt$ln=15,r=8,p=1$AAAA$AAAA',
      unmatchablePassword(randomBytes).replace('ln=15', 'ln=30'),
    ]) {
      await assert.rejects(verifyPassword(stored, 'x'), /stored password/);
    }
  });

  test('a salt of another size - is refused', async () => {
    await assert.rejects(hashPassword('x', new Uint8Array(8)), RangeError);
  });

  test('an unmatchable password - costs the same and matches nothing', async () => {
    assert.equal(await verifyPassword(unmatchablePassword(randomBytes), ''), false);
  });

  test('a storm - two at once, 64 wait, the others are refused at once', async () => {
    const stored = unmatchablePassword(randomBytes).replace('ln=15', 'ln=1');
    const outcomes = await Promise.allSettled(Array.from({ length: 100 }, () => verifyPassword(stored, 'guess')));
    const refused = outcomes.filter(each => each.status === 'rejected');
    assert.equal(refused.length, 34);
    assert.ok(refused.every(each => each.reason instanceof HashingOverloaded));
    assert.equal(await verifyPassword(stored, 'guess'), false, 'and afterwards there is room again');
  });
});
