/** Stored bytes refer to places in the words: whatever has been released stays where it is. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { packBytes, unpackBytes } from '../../ledger/packedBytes.ts';
import { RAW_WORDS } from './rawWords.ts';

/** Of each migration that added words: how many there were then, and the SHA-256 of all of them. */
const ADDED = [
  { migration: '0002-growth', bytes: 2186, digest: 'd1388184258d86af2ff0442cfa5d714914bb1083242419caf1d7c6f3edf17a98' },
] as const;

for (const { migration, bytes, digest } of ADDED) {
  test(`words of stored bytes - those of ${migration} are where they were`, () => {
    assert.ok(RAW_WORDS.length >= bytes);
    assert.equal(createHash('sha256').update(RAW_WORDS.subarray(0, bytes)).digest('hex'), digest);
  });
}

test('words of stored bytes - none is added without a migration', () => {
  assert.equal(RAW_WORDS.length, ADDED.at(-1)!.bytes);
});

/** A body, and how 0.2.0 stores it. */
const BODY =
  '{"CALL_ID":"externalCall.0193","USER_PHONE_INNER":"2001","DURATION":65,"STATUS_CODE":"200","ADD_TO_CHAT":0}';
const STORED = '016b0033e60904303139332c04323030311a0236354ba30a';

test('stored bytes - are read as they arrived, and stored as they were', () => {
  const body = new TextEncoder().encode(BODY);
  assert.equal(Buffer.from(packBytes(body, RAW_WORDS)).toString('hex'), STORED);
  assert.equal(Buffer.from(unpackBytes(Buffer.from(STORED, 'hex'), RAW_WORDS)!).toString(), BODY);
});
