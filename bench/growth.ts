/**
 * What does not grow with the ledger, and what does: pages and totals of common questions, the dashboard, the time to be ready after
 * kill -9 with everything waiting, bytes of the database, and memory with many idle sessions.
 *
 *     npm run bench:growth -- --calls 100000,1000000
 */
import { MANY_CALLS_ORGANISATION } from '../test/kit/manyCalls.ts';
import { processUse } from '../test/kit/processUse.ts';
import { createScratch } from '../test/kit/scratch.ts';
import { type RunningServer, startServer } from '../test/kit/server.ts';
import { countOf, readArguments } from './arguments.ts';
import { type FilledLedger, fillLedger, leaveWaiting, placesOf } from './growthLedger.ts';
import { type Answered, askAll, questionsAbout } from './growthQuestions.ts';
import { type HeldMemory, measureSessions } from './growthSessions.ts';
import { describeMachine } from './machine.ts';
import { markdownTable } from './markdownTable.ts';

const HELP = `Fills ledgers of so many calls on SQLite and asks the common questions of each.

  --calls <n,…>     lengths (100000,1000000); 10000000 takes some 16 GB of disk; a million is filled in some two minutes
  --times <n>       how often each question is asked (5)
  --sessions <n>    idle sessions, and then event streams (10000); 0: none
  --json            figures as JSON
  --help`;

interface Restart {
  readonly waiting: number;
  readonly readyMs: number;
  readonly peakBytes: number | null;
}
interface Grown {
  readonly calls: number;
  readonly fillSeconds: number;
  readonly bytesPerCall: number;
  readonly readyMs: number;
  readonly answers: readonly Answered[];
  readonly restart: Restart;
}

const values = readArguments(HELP, {
  calls: { type: 'string', default: '100000,1000000' },
  times: { type: 'string', default: '5' },
  sessions: { type: 'string', default: '10000' },
  json: { type: 'boolean', default: false },
});
const lengths = values.calls.split(',').map(each => countOf(HELP, 'calls', each));
const times = countOf(HELP, 'times', values.times);
const sessions = values.sessions === '0' ? 0 : countOf(HELP, 'sessions', values.sessions);
const progress = (line: string): void => void process.stderr.write(`${line}\n`);

const machine = describeMachine();
const grown: Grown[] = [];
for (const calls of lengths) grown.push(await measure(calls));
const memory = sessions === 0 ? [] : await measureSessions(sessions);
process.stdout.write(values.json ? `${JSON.stringify({ machine, grown, memory }, null, 2)}\n` : report());

async function measure(wanted: number): Promise<Grown> {
  using scratch = createScratch('growth');
  const ledger = await fillLedger(scratch.path, wanted, calls => {
    if (calls % 100_000 === 0) progress(`${calls.toLocaleString('en')} calls`);
  });
  const places = placesOf(ledger);
  const server = await serve(ledger);
  const readyMs = server.startedInMs;
  progress(`${ledger.calls.toLocaleString('en')} calls filled in ${Math.round(ledger.seconds)} s`);
  const answers = await askAll(server, questionsAbout(places), times);
  await server.stop();
  return {
    calls: ledger.calls,
    fillSeconds: ledger.seconds,
    bytesPerCall: ledger.databaseBytes / ledger.calls,
    readyMs,
    answers,
    restart: await killAndRestart(ledger),
  };
}

function serve({ dataDir }: FilledLedger): Promise<RunningServer> {
  return startServer({ dataDir, config: MANY_CALLS_ORGANISATION, env: { LOG_LEVEL: 'warn' }, sqlite: true });
}

/** The time from the start of the process to the line that says where it listens. */
async function killAndRestart(ledger: FilledLedger): Promise<Restart> {
  leaveWaiting(ledger);
  await (await serve(ledger)).kill();
  const server = await serve(ledger);
  const peakBytes = processUse(server.pid)?.peakResidentBytes ?? null;
  await server.kill();
  return { waiting: 2 * ledger.calls, readyMs: server.startedInMs, peakBytes };
}

function report(): string {
  const head = (unit: string) => grown.map(each => `${each.calls.toLocaleString('en')}: ${unit}`);
  const questions = grown[0]!.answers.map(({ name }, place) => [
    name,
    ...grown.map(each => milliseconds(each.answers[place]!.milliseconds)),
    ...grown.map(each => milliseconds(each.answers[place]!.cpuMilliseconds)),
    ...grown.map(each => each.answers[place]!.said),
  ]);
  const lines = [
    markdownTable(['question', ...head('ms'), ...head('CPU ms'), ...head('rows')], questions),
    '',
    markdownTable(
      ['ledger', ...grown.map(each => each.calls.toLocaleString('en'))],
      [
        ['fill, s', ...grown.map(each => each.fillSeconds.toFixed(0))],
        ['database, bytes per call', ...grown.map(each => each.bytesPerCall.toFixed(0))],
        ['ready, ms', ...grown.map(each => each.readyMs.toFixed(0))],
        [
          'ready after kill -9, every call to settle and as many messages waiting, ms',
          ...grown.map(each => each.restart.readyMs.toFixed(0)),
        ],
        ['peak memory of that, MiB', ...grown.map(each => mebibytes(each.restart.peakBytes))],
      ],
    ),
    ...memory.map(memoryLine),
    `- ${machine}`,
  ];
  return `${lines.join('\n')}\n`;
}

function milliseconds(value: number | null): string {
  return value === null ? '–' : value.toFixed(1);
}

function mebibytes(bytes: number | null): string {
  return bytes === null ? '–' : (bytes / 2 ** 20).toFixed(0);
}

function memoryLine({ title, sessions: count, beforeBytes, heldBytes }: HeldMemory): string {
  return `- ${count.toLocaleString('en')} ${title}: ${mebibytes(heldBytes)} MiB resident, ${mebibytes(beforeBytes)} MiB without them`;
}
