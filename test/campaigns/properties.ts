/**
 * Every file with properties, with seeds that nobody has chosen: `npm run campaign:properties -- --rounds 20`. What fails prints
 * its seed and path, with which `PROPERTY_SEED` and the test's own `path` bring it back.
 */
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const HELP = `Tries every property with random seeds, and ten times as many examples as npm test.

  --rounds <n>  how often (1)
  --help

PROPERTY_SEED and PROPERTY_FACTOR set another seed and number of examples. Ends with 0 when no round has failed.`;

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '1' }, help: { type: 'boolean', default: false } },
});
if (values.help) {
  process.stdout.write(`${HELP}\n`);
  process.exit();
}
const rounds = Number(values.rounds);
if (!Number.isSafeInteger(rounds) || rounds < 1) throw new Error(`--rounds must be 1 or more, not ${values.rounds}`);

const files = globSync(['src/**/*.test.ts', 'test/**/*.test.ts', '.ci/*.test.ts'], { cwd: ROOT })
  .filter(file => readFileSync(join(ROOT, file), 'utf8').includes("from 'fast-check'"))
  .sort();

const environment = { PROPERTY_SEED: 'random', PROPERTY_FACTOR: '10', ...process.env };
let failed = 0;
for (let round = 1; round <= rounds; round++) {
  process.stdout.write(`Round ${round} of ${rounds}: ${files.length} files\n`);
  const { status } = spawnSync(
    process.execPath,
    ['--import', './test/kit/properties.ts', '--test', '--test-reporter=spec', '--test-concurrency=2', ...files],
    { cwd: ROOT, env: environment, stdio: 'inherit' },
  );
  if (status !== 0) failed++;
}
process.stdout.write(`${failed} of ${rounds} rounds have failed.\n`);
process.exitCode = failed === 0 ? 0 : 1;
