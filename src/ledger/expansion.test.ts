import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Expansion, sharingPages } from './expansion.ts';
import type { JournalRow } from './journal.ts';
import { membersMoved } from './testing/testEntities.ts';

const READER = {} as Parameters<Expansion['parts']>[0];
const entryAt = (position: number): JournalRow => ({
  position,
  at: 1,
  kind: membersMoved.kind,
  callId: null,
  data: null,
});

/** Counts how often each page is read. */
function counting(fails: () => boolean = () => false) {
  const read: string[] = [];
  const expansion = sharingPages({
    kind: membersMoved.kind,
    async parts(_reader, entries, after, limit) {
      read.push(`${entries.map(each => each.position).join('-')} ${after} ${limit}`);
      if (fails()) throw new Error('no answer');
      return { parts: [{ ...entries[0]!, callId: (after ?? 0) + 1 }], isAll: true };
    },
  });
  return { expansion, read };
}

test('readers that ask for the same page - share it, and others have their own', async () => {
  const { expansion, read } = counting();
  const pages = await Promise.all([null, null, 1, null].map(after => expansion.parts(READER, [entryAt(7)], after, 10)));
  assert.deepEqual(
    pages.map(({ parts }) => parts[0]!.callId),
    [1, 1, 2, 1],
  );
  await expansion.parts(READER, [entryAt(7)], null, 20);
  await expansion.parts(READER, [entryAt(7), entryAt(8)], null, 10);
  assert.deepEqual(read, ['7 null 10', '7 1 10', '7 null 20', '7-8 null 10']);
});

test('pages - are kept while they are among the newest, and read again after that', async () => {
  const { expansion, read } = counting();
  for (let position = 1; position <= 9; position++) await expansion.parts(READER, [entryAt(position)], null, 10);
  await expansion.parts(READER, [entryAt(9)], null, 10);
  assert.equal(read.length, 9);
  await expansion.parts(READER, [entryAt(1)], null, 10);
  assert.equal(read.length, 10);
});

test('a page that could not be read - is read again', async () => {
  let fails = true;
  const { expansion, read } = counting(() => fails);
  await assert.rejects(expansion.parts(READER, [entryAt(1)], null, 10), /no answer/);
  fails = false;
  assert.equal((await expansion.parts(READER, [entryAt(1)], null, 10)).parts.length, 1);
  assert.equal(read.length, 2);
});
