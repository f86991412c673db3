/**
 * kill -9 keeps the page cache, so the kill campaign cannot see a missing sync. This one can: it runs the server under
 * strace (Debian's) and checks that every 200 left after an fdatasync of the log that came after the write of that very
 * call.
 *
 *     node test/campaigns/syncBeforeAnswer.ts --requests 400
 */
import { spawnSync } from 'node:child_process';
import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { createRandom } from '../kit/random.ts';
import { startLoad } from '../kit/rawClient.ts';
import { pushRequest } from '../kit/requestSlab.ts';
import { createScratch } from '../kit/scratch.ts';
import { startServer } from '../kit/server.ts';
import { createCalls } from '../kit/yeastarEvents.ts';
import { readTrace } from './traceOfAnswers.ts';

const TRACED = 'read,recvfrom,recvmsg,write,writev,sendto,sendmsg,pwrite64,pwritev,fdatasync,fsync';
/** A page of the database and what surrounds it: the call ids in it must be readable in the trace. */
const STRING_BYTES = 8_192;
const LAST_LINE_CHARS = 200;
const TRACE_ENDS_WITHIN_MS = 30_000;
/** A traced server is slow. */
const READY_WITHIN_MS = 120_000;
const NOT_POSSIBLE = 2;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(requests: number, connections: number, seed: number): Promise<number> {
  if (spawnSync('strace', ['-V']).error !== undefined) {
    print('This campaign needs strace (Debian: apt-get install strace), which is not installed here.');
    return NOT_POSSIBLE;
  }
  using scratch = createScratch('sync-before-answer');
  const traceFile = join(scratch.path, 'trace');
  const server = await startServer({
    dataDir: join(scratch.path, 'data'),
    // -D: strace stays beside, and the process that is started, signalled and awaited is the server itself.
    under: [
      'strace',
      '-D',
      '-f',
      '-yy',
      '-tt',
      '-s',
      `${STRING_BYTES}`,
      '-e',
      `trace=${TRACED}`,
      '-e',
      'signal=none',
      '-o',
      traceFile,
    ],
    readyWithinMs: READY_WITHIN_MS,
  });
  // Calls of one leg: the id of a call is in the log only once that very report has been written.
  const calls = createCalls(createRandom(seed), {
    startedAtSeconds: Math.floor(Date.now() / 1000) - 7_200,
    callsPerSecond: 1,
    queueShare: 0,
  });
  let left = requests;
  let others = 0;
  await startLoad({
    host: server.host,
    port: server.port,
    connections,
    next: () => (left-- > 0 ? Buffer.from(pushRequest(calls.next().events[0]!), 'latin1') : null),
    answered: (_, status) => {
      if (status !== 200) others++;
    },
  }).ended;
  const { pid, port } = server;
  await server.stop();
  await traceEnded(traceFile, pid);

  const lines: string[] = [];
  for await (const line of createInterface({ input: createReadStream(traceFile, 'latin1') })) lines.push(line);
  const report = readTrace(lines, port);
  print(
    `${requests} requests over ${connections} connections: ${report.answers} answers 200, ${others} others; ` +
      `${report.logWrites} writes to the log in ${report.batches} batches, each synced ` +
      `(${(report.answers / report.batches).toFixed(1)} answers per batch); ${report.faults.length} violations; ` +
      `${report.besideNextBatch} answers left, their own batch safe, while the next batch was being written`,
  );
  for (const { callId, line, what } of report.faults.slice(0, 10)) {
    print(`  call ${callId}: answered at line ${line} of the trace, ${what} before`);
  }
  const failed = report.faults.length > 0 || report.batches === 0 || report.answers !== requests;
  if (failed) scratch.keep();
  return failed ? 1 : 0;
}

/** The tracer writes the rest of what it saw after the server has gone. Its last line is the end of the first process. */
async function traceEnded(file: string, pid: number): Promise<void> {
  const lastLine = new RegExp(`(?:^|\\n)${pid} +\\S+ \\+{3} exited with \\d+ \\+{3}\\s*$`);
  const giveUpAt = performance.now() + TRACE_ENDS_WITHIN_MS;
  while (!lastLine.test(readFileSync(file, 'latin1').slice(-LAST_LINE_CHARS))) {
    if (performance.now() > giveUpAt) throw new Error(`strace did not finish ${file}`);
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}

const HELP = `Runs a server under strace, and looks for answers that left before their batch was synced. Needs strace.

  --requests <n>     reports that are sent (400)
  --connections <n>  at a time (32)
  --seed <n>         of the calls (1)
  --help

Ends with 0 when there was none, with 2 where there is no strace.`;

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      requests: { type: 'string', default: '400' },
      connections: { type: 'string', default: '32' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    print(HELP);
    process.exit();
  }
  process.exitCode = await main(Number(values.requests), Number(values.connections), Number(values.seed));
}
