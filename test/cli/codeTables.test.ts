import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { callResultOf } from '../../src/campaigns/callResult.ts';
import { callResults, outcomesTable, statusCodesTable, statusesTable } from './codeTables.ts';
import { ROOT } from './readmeHouse.ts';
import { errorsPage, eventsPage } from './referencePages.ts';

const page = (name: string): string => readFileSync(join(ROOT, 'docs', name), 'utf8');

for (const [name, expected] of [
  ['events.md', eventsPage()],
  ['errors.md', errorsPage()],
] as const) {
  test(`${name} - is what the server declares`, () => {
    assert.equal(page(name), expected, `docs/${name} is old: npm run docs`);
  });
}

for (const [name, what, expected] of [
  ['one-call.md', 'the codes of outcomes', outcomesTable()],
  ['bitrix24.md', 'the outcomes of codes', statusCodesTable()],
  ['yeastar.md', 'the outcomes of statuses', statusesTable()],
] as const) {
  test(`${name} - ${what} are those the server uses`, () => {
    assert.ok(page(name).includes(expected), `docs/${name} must have this table:\n\n${expected}`);
  });
}

test('genesys.md - names, aliases and outcomes of call results are those the server uses', () => {
  const rows = [...page('genesys.md').matchAll(/^\| (\d+) \| (`\w+`) \|([^|]*)\| (`\w+`(?:, outbound `\w+`)?) \|$/gm)];
  assert.deepEqual(
    rows.map(row => [row[1], row[2], row[4]]),
    callResults(),
  );
  for (const [, code, , aliases] of rows) {
    for (const [, alias] of aliases!.matchAll(/`(\w+)`/g)) assert.equal(callResultOf(alias!), Number(code));
  }
});
