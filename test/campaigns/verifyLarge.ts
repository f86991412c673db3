/**
 * Time and memory of `aftercall verify` on a ledger of many calls, on which it must find nothing; and that a thing planted among
 * them is found.
 *
 *     npm run campaign:verify -- --calls 1000000
 */
import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { reread } from '../../src/app/dialects.ts';
import { openLedger } from '../../src/app/openLedger.ts';
import { callsContext } from '../../src/app/reactors.ts';
import { acceptReport } from '../../src/calls/reports/accept.ts';
import { settleCalls } from '../../src/calls/settling/settle.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { type Source, source } from '../../src/sources/entities.ts';
import { ORGANISATION, SOURCE_KEY } from '../kit/organisation.ts';
import { type ProcessUse, processUse } from '../kit/processUse.ts';
import { createRandom } from '../kit/random.ts';
import { createScratch } from '../kit/scratch.ts';
import { startServer } from '../kit/server.ts';
import { createCalls } from '../kit/yeastarEvents.ts';

const BIN = fileURLToPath(new URL('../../bin/aftercall.mjs', import.meta.url));
const HELP = `Makes a ledger of many calls, told by a PBX, and runs "aftercall verify" on it.

  --calls <n>  how many (20000)
  --seed <n>   of the calls (1)
  --help

Runs on SQLite; with DATABASE_URL set to an empty database on PostgreSQL. Ends with 0 when verify finds nothing, and what is planted
then.`;

/** Calls handed to the ledger at once: a few batches. */
const CALLS_AT_ONCE = 1_000;
const SAMPLE_MS = 100;
/** Calls per second of the PBX, so that a million calls are a year's. */
const CALLS_PER_SECOND = 0.032;

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(`${HELP}\n`);
  process.exit();
}
const calls = Number(values.calls);
if (!Number.isSafeInteger(calls) || calls < 1) throw new Error(`--calls must be 1 or more, not ${values.calls}`);

using scratch = createScratch('verify');
const dataDir = join(scratch.path, 'data');
const { DATABASE_URL } = process.env;
const env = { DATA_DIR: dataDir, LOG_LEVEL: 'warn', ...(DATABASE_URL === undefined ? {} : { DATABASE_URL }) };

const say = (line: string): boolean => process.stdout.write(`${line}\n`);

await layFoundations();
const made = await makeCalls();
say(`${calls.toLocaleString('en')} calls of ${made.reports.toLocaleString('en')} reports in ${seconds(made.ms)}.`);

const sound = await verify();
say(`verify: ${sound.output.trim()}`);
const perCall = (ms: number) => `${seconds(ms)}, ${Math.round((ms * 1000) / calls)} µs a call`;
say(`verify took ${perCall(sound.ms)}; CPU ${perCall(sound.cpuSeconds * 1000)}.`);
say(`It had at most ${mebibytes(sound.peakResidentBytes)} of memory.`);
let isGood = sound.exitCode === 0;
if (DATABASE_URL === undefined) {
  say(`The database has ${mebibytes(statSync(join(dataDir, 'aftercall.db')).size)}.`);
  plant();
  const harmed = await verify();
  say(`verify, with a wrong call among them: ${harmed.output.trim()}`);
  isGood &&= harmed.exitCode === 1 && harmed.output.includes('is unlike its reports');
}
if (!isGood) scratch.keep();
process.exitCode = isGood ? 0 : 1;

/** The organisation with its source, as a server makes it. */
async function layFoundations(): Promise<void> {
  const server = await startServer({ dataDir, config: { ...ORGANISATION, users: usersOf() }, env });
  await server.stop();
}

function usersOf(): readonly object[] {
  const extensions = Array.from({ length: 24 }, (_, n) => String(4001 + n));
  return extensions.map((extension, n) => ({ id: n + 1, login: `agent${extension}`, extension, roles: ['agent'] }));
}

/** As the PBX's events would, by the commands that their door hands in. */
async function makeCalls(): Promise<{ readonly reports: number; readonly ms: number }> {
  const began = performance.now();
  const log = pino({ level: 'warn' });
  const onFatal = (error: Error) => {
    throw error;
  };
  const { ledger } = await openLedger({ environment: readEnvironment({ ...process.env, ...env }), log, onFatal });
  const [from] = ledger.directory.find(source, 'byKey', SOURCE_KEY);
  const generated = createCalls(createRandom(Number(values.seed)), {
    startedAtSeconds: Date.UTC(2025, 0, 1) / 1000,
    callsPerSecond: CALLS_PER_SECOND,
    queueShare: 0.3,
    amendedShare: 0.2,
    firmware: 'mixed',
  });
  let reports = 0;
  for (let told = 0; told < calls; told += CALLS_AT_ONCE) {
    const some = Array.from({ length: Math.min(CALLS_AT_ONCE, calls - told) }, () => generated.next());
    const bodies = some.flatMap(each => [...each.events, ...each.amendments].map(event => event.body));
    await Promise.all(bodies.map(body => accept(ledger, from!, body)));
    reports += bodies.length;
  }
  await ledger.submit(settleCalls());
  await ledger.close();
  return { reports, ms: performance.now() - began };
}

async function accept(ledger: Ledger, from: Readonly<Source>, body: string): Promise<void> {
  const read = reread(from, Buffer.from(body), 'application/json');
  if (typeof read === 'string') throw new Error(read);
  await ledger.submit(acceptReport(read, callsContext));
}

/** One call in the middle is a second longer than was told. */
function plant(): void {
  const db = new DatabaseSync(join(dataDir, 'aftercall.db'));
  const middle = 'SELECT id FROM call ORDER BY id LIMIT 1 OFFSET (SELECT count(*) / 2 FROM call)';
  db.exec(`UPDATE call SET duration_seconds = duration_seconds + 1 WHERE id = (${middle})`);
  db.close();
}

interface Verified extends Pick<ProcessUse, 'cpuSeconds' | 'peakResidentBytes'> {
  readonly exitCode: number | null;
  readonly output: string;
  readonly ms: number;
}

async function verify(): Promise<Verified> {
  const began = performance.now();
  const child = spawn(process.execPath, [BIN, 'verify'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  let used = { cpuSeconds: 0, peakResidentBytes: 0 };
  const sampling = setInterval(() => {
    const now = processUse(child.pid!);
    // A process that has ended has no memory.
    if (now !== null && now.peakResidentBytes > 0) used = now;
  }, SAMPLE_MS);
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  clearInterval(sampling);
  return { ...used, exitCode, output, ms: performance.now() - began };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024).toLocaleString('en')} MiB`;
}
