import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { readSlotToken, slotToken, type UploadSlot } from './uploadSlot.ts';

const KEY = randomBytes(32);
const NOW = 1_700_000_000_000;
const SLOT: UploadSlot = { line: 7, webhook: 3, fileName: 'Ruf von gestern.mp3', until: NOW + 1 };

test('slots - are read until they are over', () => {
  const token = slotToken(KEY, SLOT);
  assert.match(token, /^telephony\|[\w-]+\|[\w-]+$/);
  assert.deepEqual(readSlotToken(KEY, token, NOW), SLOT);
  assert.equal(readSlotToken(KEY, token, NOW + 1), null);
});

test('slots - are nobody else’s, and cannot be changed', () => {
  const token = slotToken(KEY, SLOT);
  assert.equal(readSlotToken(randomBytes(32), token, NOW), null);
  const [kind, data, signature] = token.split('|');
  const other = slotToken(KEY, { ...SLOT, line: 8 }).split('|');
  for (const forged of [
    '',
    'x',
    '||',
    kind!,
    `${kind}|${data}`,
    `${kind}|${data}|`,
    `${kind}|${data}|${signature!.slice(0, -2)}`,
    `${kind}|${other[1]}|${signature}`,
    `${kind}|${data}|${other[2]}`,
    `disk|${data}|${signature}`,
    `${token}|`,
    `${token}|x`,
    ` ${token}`,
  ]) {
    assert.equal(readSlotToken(KEY, forged, NOW), null, forged);
  }
});
