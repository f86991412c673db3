import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseOrganisation } from '../../app/organisationFile.ts';
import { setting } from '../../config/setting.ts';
import { Ledger } from '../../ledger/ledger.ts';
import { MemoryEngine } from '../../ledger/memory/memoryEngine.ts';
import { digestOf, noteApplied } from './appliedFile.ts';

test('noteApplied - tells which of those that live have applied another file, and forgets the others', async t => {
  const engine = new MemoryEngine({ entities: [setting] });
  const ledger = await Ledger.open({ engine, clock: () => 1_000, onFatal: error => assert.fail(error) });
  t.after(() => ledger.close());
  const note = (node: number, digest: string, others: readonly number[]) =>
    noteApplied(ledger, digest, { node, others });
  assert.deepEqual(await note(1, 'a', []), []);
  assert.deepEqual(await note(2, 'a', [1]), []);
  assert.deepEqual(await note(3, 'b', [1, 2]), [1, 2]);
  assert.deepEqual(await note(4, 'a', [1, 2, 3]), [3]);
  // The second one never applied a file again, and the third is dead.
  assert.deepEqual(await note(5, 'c', [2, 4, 9]), [2, 4]);
  assert.deepEqual(await note(6, 'b', [1, 2, 3, 4]), [2, 4], 'whoever was dead once does not come back');
});

test('digestOf - depends on what the file says and on the key, not on blanks nor on where the file lies', () => {
  const key = (byte: number) => ({ derive: () => new Uint8Array(32).fill(byte) });
  const tokens = [{ name: 'ops', token: 'an-operations-token-0001', roles: ['administrator'] }];
  const file = { timeZone: 'Europe/London', country: 'GB', tokens };
  const read = (text: string, directory = '/one') =>
    parseOrganisation(text, { variables: {}, directory }, `${directory}/organisation.json`);
  const plain = read(JSON.stringify(file));
  assert.match(digestOf(plain, key(1)), /^[0-9a-f]{32}$/);
  assert.equal(digestOf(read(JSON.stringify(file, null, 2), '/two'), key(1)), digestOf(plain, key(1)));
  assert.notEqual(digestOf(plain, key(2)), digestOf(plain, key(1)));
  const other = read(JSON.stringify({ ...file, tokens: [{ ...tokens[0], token: 'an-operations-token-0002' }] }));
  assert.notEqual(digestOf(other, key(1)), digestOf(plain, key(1)));
});
