import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { clocksReadIn } from './clocks.ts';

const ROOT = join(import.meta.dirname, '..');

const linesOf = (text: string): readonly number[] =>
  clocksReadIn('a.test.ts', text).map(each => Number(/^a\.test\.ts:(\d+) /.exec(each)![1]));

test('clocks - a stop watch in a test, and an instant or a duration in an assertion are found', () => {
  assert.deepEqual(linesOf('work();\nconst began = performance.now();'), [2]);
  assert.deepEqual(linesOf('const began = process.hrtime.bigint();'), [1]);
  assert.deepEqual(linesOf("assert.ok(\n  Date.parse(at) > Date.now() - 4,\n  'late',\n);"), [1]);
  assert.deepEqual(linesOf('assert.ok(Date.now() - began < 5);'), [1]);
  for (const clock of [
    'Date.now()',
    'Math.floor(Date.now() / 1000)',
    'new Date()',
    'os.uptime()',
    'Temporal.Now.instant()',
  ]) {
    const began = `const began = ${clock};\n`;
    assert.deepEqual(linesOf(`${began}assert.ok(Math.abs(ended - began) < 5);`), [2], clock);
    assert.deepEqual(linesOf(`${began}assert.equal(\n  ended > began - 5,\n  true,\n);`), [2], clock);
  }
  assert.deepEqual(linesOf('work();\n\nassert.ok(each.every(({ tookMs }) => tookMs < 5));'), [3]);
});

test('clocks - what is given to the code under test, and what is asserted without one, is left alone', () => {
  for (const text of [
    'const startedAt = Date.now();',
    'report({ startedAt: Date.now() });\nassert.equal(reports, 1);',
    'assert.ok(at >= before);',
    'const before = Date.now();\nassert.ok(at >= before);',
    'const before = Date.now();\nassert.deepEqual(rows.map(each => each.at), [before - 5]);',
    'const server = open({ clock: () => Date.now() });',
  ]) {
    assert.deepEqual(linesOf(text), [], text);
  }
});

test('clocks - no test of ours asserts how long something took', () => {
  const paths = globSync(
    ['src/**/*.test.ts', 'src/**/testing/*.ts', 'test/**/*.test.ts', 'examples/*.test.ts', '.ci/*.test.ts'],
    // The one feeds the check with what is wrong, the other one is a store that has a clock.
    { cwd: ROOT, exclude: ['.ci/clocks.test.ts', 'src/ledger/memory/testing/sharedMemoryEngine.ts'] },
  );
  assert.ok(paths.length > 200);
  assert.deepEqual(
    paths.flatMap(path => clocksReadIn(path, readFileSync(join(ROOT, path), 'utf8'))),
    [],
  );
});
