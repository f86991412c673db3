/**
 * kill -9 at random moments under load: what was acknowledged is there afterwards, and nothing is there twice.
 *
 *     node test/campaigns/killLoop.ts --rounds 500 --seed 1
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createRandom, type Random } from '../kit/random.ts';
import { createScratch } from '../kit/scratch.ts';
import { type RunningServer, runCommand, startServer } from '../kit/server.ts';
import { createCalls } from '../kit/yeastarEvents.ts';
import { PretendedPbx, type SentCall } from './pretendedPbx.ts';
import {
  addFindings,
  compareEverything,
  compareLegs,
  compareRange,
  compareTotals,
  describeFindings,
  type Findings,
  findingsCount,
  noFindings,
} from './storedCalls.ts';

export interface KillLoopOptions {
  readonly rounds: number;
  readonly seed: number;
  readonly connections: number;
  /** The load lasts between these many seconds before the server is killed. */
  readonly killAfterSeconds: readonly [number, number];
  readonly pauseMs: number;
  readonly say: (line: string) => void;
}

export interface KillLoopSummary {
  readonly rounds: number;
  readonly calls: number;
  readonly acknowledgedEvents: number;
  /** Events without an answer at a kill, sent again afterwards. */
  readonly resentEvents: number;
  readonly killedWhileStarting: number;
  readonly longestRestartMs: number;
  readonly findings: Findings;
  readonly verifyExitCodes: readonly (number | null)[];
}

/** Each round's calls start in an hour of their own, so that one round can be listed without the others. */
const ROUND_SECONDS = 3_600;
/** Calls keep clear of the borders of their hour: the last leg of a call begins minutes after its first. */
const CALLS_PER_SECOND = 5;
const CALLS_PER_ROUND = CALLS_PER_SECOND * (ROUND_SECONDS - 120);
const QUEUE_SHARE = 0.25;
const REPEAT_SHARE = 0.06;
const AMENDED_SHARE = 0.3;
/** A server can also die while it recovers. */
const KILL_WHILE_STARTING_SHARE = 0.15;
/** Calls with several legs whose detail is looked at after each round. */
const DETAILS_PER_ROUND = 8;
const LAST_BYTES_WITHIN_MS = 5_000;
const FULL_LISTING_EVERY_ROUNDS = 100;

export async function killLoop(options: KillLoopOptions): Promise<KillLoopSummary> {
  using scratch = createScratch('kill-loop');
  const random = createRandom(options.seed);
  const dataDir = join(scratch.path, 'data');
  const firstHour = Math.floor(Date.now() / 1000 / ROUND_SECONDS) - options.rounds - 2;
  const findings = noFindings();
  const allCallIds = new Set<string>();
  const summary = { acknowledgedEvents: 0, resentEvents: 0, killedWhileStarting: 0, longestRestartMs: 0 };
  const restart = async (): Promise<RunningServer> => {
    const started = await startReady(dataDir);
    summary.longestRestartMs = Math.max(summary.longestRestartMs, started.startedInMs);
    return started;
  };

  let server = await startReady(dataDir);
  try {
    for (let round = 1; round <= options.rounds; round++) {
      const fromSeconds = (firstHour + round) * ROUND_SECONDS;
      const range = { fromMs: fromSeconds * 1000, toMs: (fromSeconds + ROUND_SECONDS) * 1000 };
      const pbx = new PretendedPbx({
        random,
        calls: createCalls(random, {
          startedAtSeconds: fromSeconds + 60,
          callsPerSecond: CALLS_PER_SECOND,
          queueShare: QUEUE_SHARE,
          amendedShare: AMENDED_SHARE,
          firmware: 'mixed',
          firstCounter: allCallIds.size + 1,
        }),
        connections: options.connections,
        pauseMs: options.pauseMs,
        repeatShare: REPEAT_SHARE,
        maxCalls: CALLS_PER_ROUND,
      });

      const [least, most] = options.killAfterSeconds;
      const killAfterMs = (least + random.next() * (most - least)) * 1000;
      const load = pbx.push(server);
      await new Promise(resolve => setTimeout(resolve, killAfterMs));
      await server.kill();
      await endOf(load);
      const acknowledged = countAcknowledged(pbx.sent);
      summary.acknowledgedEvents += acknowledged;

      if (random.chance(KILL_WHILE_STARTING_SHARE)) {
        summary.killedWhileStarting++;
        await startAndKill(dataDir, random.next() * Math.max(200, summary.longestRestartMs));
      }
      server = await restart();

      const found = noFindings();
      addFindings(found, (await compareRange(server, range, pbx.sent, false)).findings);
      const resent = await pbx.resend(server);
      summary.resentEvents += resent;
      const { findings: afterwards, ids } = await compareRange(server, range, pbx.sent, true);
      addFindings(found, afterwards);
      for (const call of somePartedCalls(pbx.sent, random)) {
        const id = ids.get(call.callId);
        if (id !== undefined) addFindings(found, await compareLegs(server, id, call));
      }
      for (const call of pbx.sent) allCallIds.add(call.callId);
      addFindings(found, await compareTotals(server, allCallIds.size));
      for (const surprise of pbx.surprises) found.miscounted.add(`unexpected answer: ${surprise}`);
      if (round % FULL_LISTING_EVERY_ROUNDS === 0) addFindings(found, await compareEverything(server, allCallIds));

      addFindings(findings, found);
      options.say(
        `round ${round}/${options.rounds}: killed after ${(killAfterMs / 1000).toFixed(2)} s, ` +
          `${acknowledged} acknowledged, ${pbx.unanswered} in flight, ${resent} sent again, ready in ${Math.round(server.startedInMs)} ms, ` +
          `${allCallIds.size} calls${findingsCount(found) === 0 ? '' : `, WRONG: ${describeFindings(found)}`}`,
      );
    }

    addFindings(findings, await compareEverything(server, allCallIds));
    const verifyExitCodes: (number | null)[] = [];
    for (const state of ['running', 'stopped'] as const) {
      if (state === 'stopped') await server.stop();
      const verify = await runCommand(['verify'], { dataDir });
      verifyExitCodes.push(verify.exitCode);
      if (verify.exitCode !== 0) {
        findings.miscounted.add(`verify with the server ${state} exited with ${verify.exitCode}: ${verify.output}`);
      }
    }
    if (findingsCount(findings) > 0) scratch.keep();
    return { rounds: options.rounds, calls: allCallIds.size, ...summary, findings, verifyExitCodes };
  } catch (error) {
    scratch.keep();
    throw error;
  } finally {
    await server.kill();
  }
}

/** Restarted means: it listens and says that it is ready. */
async function startReady(dataDir: string): Promise<RunningServer> {
  const server = await startServer({ dataDir });
  const ready = await server.get('/readyz');
  if (ready.status !== 200) {
    await server.kill();
    throw new Error(`The server listens and is not ready: ${ready.status} ${await ready.text()}`);
  }
  return server;
}

async function startAndKill(dataDir: string, afterMs: number): Promise<void> {
  const signal = AbortSignal.timeout(Math.max(1, Math.round(afterMs)));
  try {
    const server = await startServer({ dataDir, signal });
    await server.kill();
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function endOf(load: { readonly ended: Promise<void>; abort(): void }): Promise<void> {
  const late = setTimeout(() => load.abort(), LAST_BYTES_WITHIN_MS);
  await load.ended;
  clearTimeout(late);
}

function somePartedCalls(sent: readonly SentCall[], random: Random): SentCall[] {
  const parted = sent.filter(call => call.events.length > 1);
  return Array.from({ length: Math.min(DETAILS_PER_ROUND, parted.length) }, () => random.pick(parted));
}

const countAcknowledged = (sent: readonly SentCall[]): number =>
  sent.reduce((sum, call) => sum + call.events.filter(event => event.acknowledged).length, 0);

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '500' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      connections: { type: 'string', default: '24' },
      'kill-from': { type: 'string', default: '0.05' },
      'kill-to': { type: 'string', default: '1.5' },
      'pause-ms': { type: 'string', default: '8' },
    },
  });
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  print(`kill -9 under load, seed ${values.seed}`);
  const summary = await killLoop({
    rounds: Number(values.rounds),
    seed: Number(values.seed),
    connections: Number(values.connections),
    killAfterSeconds: [Number(values['kill-from']), Number(values['kill-to'])],
    pauseMs: Number(values['pause-ms']),
    say: print,
  });
  const { findings } = summary;
  print(
    `${summary.rounds} rounds, ${summary.killedWhileStarting} of them killed once more while starting: ` +
      `${summary.calls} calls, ${summary.acknowledgedEvents} events acknowledged before a kill, ` +
      `${summary.resentEvents} sent again; ${findings.lost.size} lost, ${findings.doubled.size} doubled, ` +
      `${findings.invented.size} invented, ${findings.miscounted.size} miscounted; ` +
      `longest restart ${Math.round(summary.longestRestartMs)} ms; ` +
      `verify exited with ${summary.verifyExitCodes.join(' (running) and ')} (stopped)`,
  );
  if (findingsCount(findings) > 0) print(describeFindings(findings));
  process.exitCode = findingsCount(findings) === 0 ? 0 : 1;
}
