import assert from 'node:assert/strict';
import { test } from 'node:test';
import { suggestion } from './suggestion.ts';

const KNOWN = ['id', 'login', 'password', 'name', 'extension', 'roles', 'active', 'devices'];
const CASES: readonly (readonly [given: string, meant: string | null])[] = [
  ['extention', 'extension'],
  ['Extension', 'extension'],
  ['extnesion', 'extension'],
  ['pasword', 'password'],
  ['role', 'roles'],
  ['nmae', 'name'],
  ['device', 'devices'],
  ['features', null],
  ['x', null],
  ['__proto__', null],
  ['a'.repeat(1_000_000), null],
];

for (const [given, meant] of CASES) {
  test(`suggestion - ${given.slice(0, 20)} was meant as ${meant}`, () => assert.equal(suggestion(given, KNOWN), meant));
}
