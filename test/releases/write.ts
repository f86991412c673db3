/**
 * `npm run release:fixture -- 0.1.0` writes the fixture of a release (docs/releasing.md): a server is told of everything, its
 * ledger is copied to PostgreSQL, and both are kept with what it answered.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createScratch } from '../kit/scratch.ts';
import { emptyTables } from './emptyTables.ts';
import { RELEASES, writeFixture } from './fixture.ts';
import { writeLedger } from './writeLedger.ts';

const [release] = process.argv.slice(2);
if (release === undefined || !/^\d+\.\d+\.\d+$/.test(release)) {
  process.stderr.write('Usage: npm run release:fixture -- 1.2.3\n');
  process.exit(2);
}

using scratch = createScratch('release');
const fixture = await writeLedger(scratch.path);
const empty = emptyTables(fixture.postgres);
if (empty.length > 0) throw new Error(`no rows in ${empty.join(', ')}: nothing of them would be kept (tellAll.ts)`);
mkdirSync(join(RELEASES, release), { recursive: true });
writeFixture(release, fixture);
process.stdout.write(`test/releases/${release}: written\n`);
process.exit(0);
