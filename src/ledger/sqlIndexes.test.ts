import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineEntity, integer, nullable } from './entity.ts';
import { sqlIndexes } from './sqlIndexes.ts';

type Name = 'a' | 'b' | 'c';
type Declared = { columns: readonly Name[]; unique?: boolean; sparse?: boolean };

const made = (key: readonly Name[], indexes: Record<string, Declared>): string[] =>
  sqlIndexes(
    defineEntity({ name: 'some', columns: { a: integer(), b: nullable(integer()), c: integer() }, key, indexes }),
  ).map(each => each.name);

test('an index that begins the key, or another index - needs none of its own in SQL', () => {
  assert.deepEqual(made(['a', 'c'], { byA: { columns: ['a'] }, byC: { columns: ['c'] } }), ['byC']);
  assert.deepEqual(made(['a'], { byC: { columns: ['c'] }, byBoth: { columns: ['c', 'b'] } }), ['byBoth']);
  assert.deepEqual(made(['a'], { byC: { columns: ['c'] }, only: { columns: ['c', 'b'], unique: true } }), ['only']);
  assert.deepEqual(made(['a'], { one: { columns: ['c'] }, same: { columns: ['c'] } }), ['one']);
  assert.deepEqual(made(['a'], { one: { columns: ['c'] }, only: { columns: ['c'], unique: true } }), ['only']);
  assert.deepEqual(made(['a'], { some: { columns: ['b'], sparse: true }, all: { columns: ['b'] } }), ['all']);
});

test('an index that means something else - is made', () => {
  assert.deepEqual(made(['a', 'c'], { last: { columns: ['c'] } }), ['last'], 'not the first column of the key');
  assert.deepEqual(made(['a', 'c'], { only: { columns: ['a'], unique: true } }), ['only'], 'it forbids');
  const sparse = { all: { columns: ['b'] }, some: { columns: ['b', 'c'], sparse: true } } as const;
  assert.deepEqual(made(['a'], sparse), ['all', 'some'], 'the longer one lacks rows');
});
