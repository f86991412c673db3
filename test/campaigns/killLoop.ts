/**
 * kill -9 at random moments under load, a PBX, a telephony application and agents' desktops at one server: what was
 * acknowledged is there afterwards, nothing is there twice, and desktops are told what they had not confirmed.
 *
 *     node test/campaigns/killLoop.ts --rounds 500 --seed 1
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createRandom, type Random } from '../kit/random.ts';
import { createScratch } from '../kit/scratch.ts';
import { type RunningServer, runCommand, type ServerOptions, startServer } from '../kit/server.ts';
import { Accounts } from './accounts.ts';
import { countAcknowledged } from './acknowledged.ts';
import { Cast, RECORDS_PER_DESKTOP_AND_ROUND } from './cast.ts';
import type { DeskCounts } from './deskAccount.ts';
import { addFindings, describeFindings, type Findings, findingsCount, noFindings } from './findings.ts';
import { killTable } from './killTable.ts';

export interface KillLoopOptions {
  readonly rounds: number;
  readonly seed: number;
  /** Of the PBX. */
  readonly connections: number;
  /** Of the telephony application, each of which tells of one call at a time. */
  readonly appWorkers: number;
  readonly desktops: number;
  /** The load lasts between these many seconds before the server is killed. */
  readonly killAfterSeconds: readonly [number, number];
  /** Mean pause of whoever sends between an answer and the next request. */
  readonly pauseMs: number;
  /** `verify` runs after every so many restarts, and at the end. */
  readonly verifyEvery: number;
  readonly say: (line: string) => void;
}

export interface KillLoopSummary {
  readonly rounds: number;
  /** Real calls, and those of them that several told of. */
  readonly calls: number;
  readonly sharedCalls: number;
  /** Before a kill, per door. */
  readonly acknowledgedEvents: number;
  readonly acknowledgedRegistrations: number;
  readonly acknowledgedFinishes: number;
  readonly acknowledgedCompletions: number;
  /** Without an answer at a kill, sent again afterwards, all doors. */
  readonly resent: number;
  readonly recordsCompleted: number;
  /** Acknowledgements that were not confirmed at the end of a session and came in the next one. */
  readonly reached: number;
  readonly reachedUnanswered: number;
  /** Confirmed so shortly before a kill that it was not stored, and told again. */
  readonly toldAgain: number;
  /** Calls told of by two, the second after the call had settled: possible matches, not joined. */
  readonly joinedTooLate: number;
  readonly killedWhileStarting: number;
  readonly longestRestartMs: number;
  readonly findings: Findings;
  readonly verifyExitCodes: readonly (number | null)[];
}

/** A server can also die while it recovers. */
const KILL_WHILE_STARTING_SHARE = 0.15;
/** Long enough to be in the middle of taking the first organisation and its calling list in. */
const FIRST_START_MS = 1_500;
const LAST_BYTES_WITHIN_MS = 5_000;
const FULL_LISTING_EVERY_ROUNDS = 100;

export async function killLoop(options: KillLoopOptions): Promise<KillLoopSummary> {
  using scratch = createScratch('kill-loop');
  const campaign = new Campaign(options, join(scratch.path, 'data'));
  try {
    const summary = await campaign.run();
    if (findingsCount(summary.findings) > 0) scratch.keep();
    return summary;
  } catch (error) {
    scratch.keep();
    throw error;
  } finally {
    await campaign.end();
  }
}

class Campaign {
  private readonly options: KillLoopOptions;
  private readonly random: Random;
  private readonly cast: Cast;
  private readonly start: ServerOptions & { readonly dataDir: string };
  private readonly accounts: Accounts;
  private readonly findings = noFindings();
  private readonly counts = {
    acknowledgedEvents: 0,
    acknowledgedRegistrations: 0,
    acknowledgedFinishes: 0,
    acknowledgedCompletions: 0,
    resent: 0,
    killedWhileStarting: 0,
    longestRestartMs: 0,
  };
  private readonly verifyExitCodes: (number | null)[] = [];
  private running: RunningServer | null = null;

  constructor(options: KillLoopOptions, dataDir: string) {
    this.options = options;
    this.random = createRandom(options.seed);
    this.cast = new Cast({ ...options, random: this.random });
    this.accounts = new Accounts(this.cast, this.random);
    this.start = { dataDir, ...this.cast.organisation };
  }

  async run(): Promise<KillLoopSummary> {
    const { rounds, say } = this.options;
    // The first start can be cut short like any other: while it takes the calling list in.
    await this.startAndKill(this.random.next() * FIRST_START_MS);
    await this.restart();
    this.counts.longestRestartMs = 0;
    await Promise.all(this.cast.desktops.map(each => each.open(this.server)));
    await this.warmUp();
    for (let n = 1; n <= rounds; n++) {
      const found = noFindings();
      const said = await this.play(n, found);
      addFindings(this.findings, found);
      say(`round ${n}/${rounds}: ${said}${findingsCount(found) === 0 ? '' : `, WRONG: ${describeFindings(found)}`}`);
    }
    await this.conclude();
    const { reported, sharedCalls, completed } = this.accounts;
    const sum = (name: keyof DeskCounts) => this.cast.desktops.reduce((total, { counts }) => total + counts[name], 0);
    return {
      rounds,
      calls: reported.calls.size,
      sharedCalls,
      ...this.counts,
      recordsCompleted: completed,
      reached: sum('reached'),
      reachedUnanswered: sum('reachedUnanswered'),
      toldAgain: sum('toldAgain'),
      joinedTooLate: reported.late,
      findings: this.findings,
      verifyExitCodes: this.verifyExitCodes,
    };
  }

  async end(): Promise<void> {
    for (const each of this.cast.desktops) each.leave();
    await this.running?.kill();
  }

  /** Calls that are told without delay, before anything is killed: how far clocks are off is known from then on. */
  private async warmUp(): Promise<void> {
    const { pbx, app } = this.cast.round;
    const loads = [pbx.push(this.server), app.run(this.server)];
    await Promise.all(this.cast.desktops.map(each => each.work(2).ended));
    for (const load of loads) load.stop();
    await Promise.all(loads.map(load => load.ended));
    await Promise.all([app.recover(this.server), pbx.resend(this.server)]);
    await this.accounts.compareAll(this.server, this.findings);
  }

  /** Load, kill, restart, look, tell the rest, look again. */
  private async play(n: number, found: Findings): Promise<string> {
    const [least, most] = this.options.killAfterSeconds;
    const killAfterMs = (least + this.random.next() * (most - least)) * 1000;
    this.accounts.beginRound();
    const completions = this.countCompletions();
    this.cast.begin(n);
    await this.loadAndKill(killAfterMs);
    const acknowledged = this.countAcknowledged(completions);
    if (this.random.chance(KILL_WHILE_STARTING_SHARE)) {
      this.counts.killedWhileStarting++;
      await this.startAndKill(this.random.next() * Math.max(200, this.counts.longestRestartMs));
    }
    await this.restart();

    const { server, accounts } = this;
    const { round } = this.cast;
    await accounts.compareAnswered(server, found);
    const again = await Promise.all([
      ...this.cast.desktops.map(each => each.recover(server)),
      round.app.recover(server),
      round.pbx.resend(server),
    ]);
    const resent = again.reduce((sum, each) => sum + each, 0);
    this.counts.resent += resent;
    await accounts.compareRound(server, found);
    if (n % this.options.verifyEvery === 0) await this.verify('running', found);
    if (n % FULL_LISTING_EVERY_ROUNDS === 0) await accounts.compareFully(server, found);
    return (
      `killed after ${(killAfterMs / 1000).toFixed(2)} s, ${acknowledged} acknowledged, ${resent} sent again, ` +
      `ready in ${Math.round(server.startedInMs)} ms, ${accounts.reported.calls.size} calls, ${this.cast.given.size} records`
    );
  }

  private async loadAndKill(killAfterMs: number): Promise<void> {
    const { server } = this;
    const { pbx, app } = this.cast.round;
    const loads = [
      pbx.push(server, ({ status, latencyMs }) => {
        if (status === 200) this.cast.witness.answered(performance.now() - latencyMs);
      }),
      app.run(server),
      ...this.cast.desktops.map(each => each.work(RECORDS_PER_DESKTOP_AND_ROUND)),
    ];
    await new Promise(resolve => setTimeout(resolve, killAfterMs));
    await server.kill();
    const late = setTimeout(() => {
      for (const load of loads) load.abort();
    }, LAST_BYTES_WITHIN_MS);
    for (const load of loads) load.stop();
    await Promise.all(loads.map(load => load.ended));
    clearTimeout(late);
    await Promise.all(this.cast.desktops.map(each => each.lost(this.cast.witness.provenUntil)));
  }

  /** What is held is finished, and all of it is looked at once more. */
  private async conclude(): Promise<void> {
    const { findings } = this;
    this.cast.begin(this.options.rounds + 1);
    const { pbx, app } = this.cast.round;
    const loads = [pbx.push(this.server), app.run(this.server)];
    await Promise.all(this.cast.desktops.map(each => each.finish()));
    for (const load of loads) load.stop();
    await Promise.all(loads.map(load => load.ended));
    await Promise.all([app.recover(this.server), pbx.resend(this.server)]);
    await this.accounts.compareAll(this.server, findings);
    await this.accounts.compareFully(this.server, findings);
    await this.verify('running', findings);
    for (const each of this.cast.desktops) each.leave();
    await this.server.stop();
    await this.verify('stopped', findings);
  }

  private async verify(state: 'running' | 'stopped', found: Findings): Promise<void> {
    const { exitCode, output } = await runCommand(['verify'], { dataDir: this.start.dataDir });
    this.verifyExitCodes.push(exitCode);
    if (exitCode !== 0) found.miscounted.add(`verify with the server ${state} exited with ${exitCode}: ${output}`);
  }

  private get server(): RunningServer {
    if (this.running === null) throw new Error('no server has been started');
    return this.running;
  }

  /** Restarted means: it listens and says that it is ready. */
  private async restart(): Promise<void> {
    const server = await startServer(this.start);
    this.running = server;
    const ready = await server.get('/readyz');
    if (ready.status !== 200) {
      throw new Error(`The server listens and is not ready: ${ready.status} ${await ready.text()}`);
    }
    this.counts.longestRestartMs = Math.max(this.counts.longestRestartMs, server.startedInMs);
  }

  private async startAndKill(afterMs: number): Promise<void> {
    const signal = AbortSignal.timeout(Math.max(1, Math.round(afterMs)));
    try {
      const server = await startServer({ ...this.start, signal });
      await server.kill();
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  private countCompletions(): number {
    return countAcknowledged(this.cast.round, this.cast.given.values()).completions;
  }

  /** Adds what was acknowledged in this round to the counts; `completions` were before. */
  private countAcknowledged(completions: number): string {
    const { cast } = this;
    const { events, registrations, finishes, ...all } = countAcknowledged(cast.round, cast.given.values());
    const completed = all.completions - completions;
    this.counts.acknowledgedEvents += events;
    this.counts.acknowledgedRegistrations += registrations;
    this.counts.acknowledgedFinishes += finishes;
    this.counts.acknowledgedCompletions += completed;
    return [events, registrations, finishes, completed].join(' + ');
  }
}

const HELP = `Kills a server at random moments under load from three doors, and counts.

  --rounds <n>         how often (500)
  --seed <n>           of the load and of the instants (random)
  --connections <n>    of the PBX (16)
  --app-workers <n>    of the telephony application (6)
  --desktops <n>       agents with desktops (4)
  --kill-from <s>, --kill-to <s>
                       load before the server is killed (0.05 to 1.5)
  --pause-ms <n>       mean pause between an answer and the next request (8)
  --verify-every <n>   restarts between two runs of "aftercall verify" (10)
  --help

Ends with 0 when nothing was lost, doubled, invented, miscounted or missed.`;

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '500' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      connections: { type: 'string', default: '16' },
      'app-workers': { type: 'string', default: '6' },
      desktops: { type: 'string', default: '4' },
      'kill-from': { type: 'string', default: '0.05' },
      'kill-to': { type: 'string', default: '1.5' },
      'pause-ms': { type: 'string', default: '8' },
      'verify-every': { type: 'string', default: '10' },
      help: { type: 'boolean', default: false },
    },
  });
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  if (values.help) {
    print(HELP);
    process.exit();
  }
  print(`kill -9 under load from three doors, seed ${values.seed}`);
  print('acknowledged: events + registrations + finishes + completions');
  const summary = await killLoop({
    rounds: Number(values.rounds),
    seed: Number(values.seed),
    connections: Number(values.connections),
    appWorkers: Number(values['app-workers']),
    desktops: Number(values.desktops),
    killAfterSeconds: [Number(values['kill-from']), Number(values['kill-to'])],
    pauseMs: Number(values['pause-ms']),
    verifyEvery: Number(values['verify-every']),
    say: print,
  });
  print(`\n${killTable(summary)}`);
  if (findingsCount(summary.findings) > 0) print(`\n${describeFindings(summary.findings)}`);
  process.exitCode = findingsCount(summary.findings) === 0 ? 0 : 1;
}
