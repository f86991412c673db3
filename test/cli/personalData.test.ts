import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { otherTable, personalTable } from './personalData.ts';
import { ROOT } from './readmeHouse.ts';

const page = readFileSync(join(ROOT, 'docs/personal-data.md'), 'utf8');

test('personal-data.md - what tells something of people is what the rooms say does', () => {
  assert.ok(page.includes(personalTable()), `docs/personal-data.md must have this table:\n\n${personalTable()}`);
});

test('personal-data.md - every other column of text, JSON or bytes is known to tell nothing of people', () => {
  assert.ok(
    page.includes(otherTable()),
    `Say in entities.ts that a column is personal; if it is not, docs/personal-data.md must have it in this table:\n\n${otherTable()}`,
  );
});
