import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diskFull } from './diskFull.ts';

test('full disk - 503, answers resume, nothing acknowledged is lost', { timeout: 1_800_000 }, async t => {
  const report = await diskFull(1, line => t.diagnostic(line));
  if ('skipped' in report) {
    t.skip(report.skipped);
    return;
  }
  const { problems, ...figures } = report;
  t.diagnostic(JSON.stringify(figures));
  assert.deepEqual(problems, []);
  assert.ok(figures.refused > 0 && figures.answered > 0);
});
