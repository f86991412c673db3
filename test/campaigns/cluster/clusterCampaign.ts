/** Rounds of load, breaking, recovery and accounts, on a cluster of nodes that share a PostgreSQL. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createRandom, type Random } from '../../kit/random.ts';
import type { Address } from '../../kit/rawConnection.ts';
import { createScratch, type Scratch } from '../../kit/scratch.ts';
import { type RunningServer, runCommand } from '../../kit/server.ts';
import { until } from '../../kit/until.ts';
import { Accounts } from '../accounts.ts';
import { type Acknowledged, countAcknowledged } from '../acknowledged.ts';
import { Cast } from '../cast.ts';
import type { DeskCounts } from '../deskAccount.ts';
import type { FakeDesktop } from '../fakeDesktop.ts';
import { addFindings, describeFindings, type Findings, findingsCount, noFindings } from '../findings.ts';
import { Answers } from './answers.ts';
import { ClusterDatabase } from './clusterDatabase.ts';
import { ClusterLoad } from './clusterLoad.ts';
import { ClusterNode } from './clusterNode.ts';
import { EventFollower, longestLagMs } from './eventFollower.ts';
import type { Fault } from './fault.ts';
import { findDoubledRows, StoredJournal } from './storedJournal.ts';

export interface ClusterOptions {
  readonly fault: Fault;
  readonly rounds: number;
  readonly seed: number;
  readonly nodes: number;
  /** Of the PBX, per node. */
  readonly connections: number;
  /** Of the telephony application, per node. */
  readonly appWorkers: number;
  readonly desktops: number;
  readonly recordsPerDesktopAndRound: number;
  /** Mean pause of whoever sends between an answer and the next request; of a desktop. */
  readonly pauseMs: number;
  readonly deskPauseMs: number;
  /** The load lasts between these many seconds before something is broken. */
  readonly breakAfterSeconds: readonly [number, number];
  /** And so many seconds after everything is there again. */
  readonly goOnSeconds: number;
  readonly desks: 'home' | 'any';
  readonly spread: boolean;
  readonly verifyEvery: number;
  readonly say: (line: string) => void;
}

export interface ClusterSummary {
  readonly title: string;
  readonly rounds: number;
  readonly nodes: number;
  readonly calls: number;
  readonly sharedCalls: number;
  /** During the load of all rounds. */
  readonly acknowledged: Acknowledged;
  readonly seconds: number;
  /** Not answered when the load ended, and said again. */
  readonly resent: number;
  readonly recordsCompleted: number;
  readonly reached: number;
  readonly reachedUnanswered: number;
  readonly toldAgain: number;
  readonly joinedTooLate: number;
  /** In which nobody who was to go on acknowledged anything. */
  readonly longestPauseMs: number;
  /** From the answer to a desktop's request to what it is told of it. */
  readonly longestWaitMs: number;
  /** From one node's telling of an entry to the last one's. */
  readonly longestLagMs: number;
  readonly events: number;
  readonly findings: Findings;
  readonly verifyExitCodes: readonly (number | null)[];
}

const FULL_LISTING_EVERY_ROUNDS = 50;
const WARM_UP_RECORDS = 2;
/** A node may be stopped for a while after it has answered a desktop, and before it tells it. */
const TOLD_WITHIN_MS = 600_000;
/** Load that is too small to mean anything, before something is broken and after it is mended, goes on. */
const LEAST_ANSWERS = 20;
const ANSWERS_WITHIN_MS = 600_000;

export async function clusterCampaign(options: ClusterOptions): Promise<ClusterSummary> {
  using scratch = createScratch('cluster');
  const database = await ClusterDatabase.start({ wired: options.fault.needsWire });
  const campaign = new Campaign(options, database, scratch);
  let isGood = false;
  try {
    const summary = await campaign.run();
    isGood = findingsCount(summary.findings) === 0;
    return summary;
  } finally {
    if (!isGood) {
      scratch.keep();
      database.keep();
    }
    await campaign.end();
    await database.end();
  }
}

class Campaign {
  private readonly options: ClusterOptions;
  private readonly database: ClusterDatabase;
  private readonly random: Random;
  private readonly cast: Cast;
  private readonly accounts: Accounts;
  private readonly answers = new Answers();
  private readonly journal: StoredJournal;
  private readonly nodes: readonly ClusterNode[];
  private readonly dataDir: string;
  private readonly env: Readonly<Record<string, string>>;
  private followers: readonly EventFollower[] = [];
  private load: ClusterLoad | null = null;
  private readonly sessions = new Map<FakeDesktop, Address>();
  private readonly findings = noFindings();
  private readonly counts = { resent: 0, seconds: 0, longestPauseMs: 0, longestLagMs: 0 };
  private acknowledged: Acknowledged = { events: 0, registrations: 0, finishes: 0, completions: 0 };
  private readonly verifyExitCodes: (number | null)[] = [];

  constructor(options: ClusterOptions, database: ClusterDatabase, scratch: Scratch) {
    this.options = options;
    this.database = database;
    this.random = createRandom(options.seed);
    const onAnswered = (sentAt: number, server: Address) => this.answers.take(sentAt, server);
    const { sessionsExpire = false } = options.fault;
    const { random } = this;
    this.cast = new Cast({ ...options, random, onAnswered, toldWithinMs: TOLD_WITHIN_MS, sessionsExpire });
    this.accounts = new Accounts(this.cast, this.random);
    this.journal = new StoredJournal(database);
    // The key file is the organisation's: nodes share it as they share the database.
    this.dataDir = join(scratch.path, 'data');
    this.env = { DATABASE_URL: database.url };
    const start = { dataDir: this.dataDir, env: this.env, ...this.cast.organisation };
    this.nodes = Array.from({ length: options.nodes }, (_, n) => new ClusterNode(`node ${n + 1}`, start));
  }

  async run(): Promise<ClusterSummary> {
    const { rounds, say, fault, nodes } = this.options;
    if (this.database.wire !== null) fault.attach?.(this.database.wire);
    for (const node of this.nodes) await node.start();
    this.followers = this.nodes.map(node => new EventFollower(node));
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
      title: fault.title,
      rounds,
      nodes,
      calls: reported.calls.size,
      sharedCalls,
      acknowledged: this.acknowledged,
      ...this.counts,
      recordsCompleted: completed,
      reached: sum('reached'),
      reachedUnanswered: sum('reachedUnanswered'),
      toldAgain: sum('toldAgain'),
      joinedTooLate: reported.late,
      longestWaitMs: Math.max(...this.cast.desktops.map(each => each.longestWaitMs)),
      events: Math.min(...this.followers.map(each => each.events.length)),
      findings: this.findings,
      verifyExitCodes: this.verifyExitCodes,
    };
  }

  async end(): Promise<void> {
    this.load?.abort();
    for (const each of this.cast.desktops) each.leave();
    for (const node of this.nodes) if (node.server !== null) await node.kill();
    await Promise.all(this.followers.map(each => each.close()));
  }

  /** Calls that are told without delay, before anything is broken: how far clocks are off is known from then on. */
  private async warmUp(): Promise<void> {
    const homes = this.cast.desktops.map(
      (desktop, n) => [desktop, this.nodes[n % this.nodes.length]!.process] as const,
    );
    await Promise.all(homes.map(([desktop, home]) => desktop.open(home, this.otherThan(home))));
    for (const [desktop, home] of homes) this.sessions.set(desktop, home);
    const load = this.beginLoad(WARM_UP_RECORDS);
    await load.untilWorked();
    await load.stop();
    await this.tellTheRest(load);
    await this.accounts.compareAll(this.anyServer(), this.findings);
  }

  /** Load, break, mend, look, tell the rest, look again. */
  private async play(n: number, found: Findings): Promise<string> {
    const { breakAfterSeconds, goOnSeconds, fault, verifyEvery } = this.options;
    const { accounts, answers, database, nodes, followers, random } = this;
    const [least, most] = breakAfterSeconds;
    await fault.prepare?.(database);
    accounts.beginRound();
    this.cast.begin(n);
    const { completions } = countAcknowledged(this.cast.round, this.cast.given.values());
    const beganAt = performance.now();
    const load = this.beginLoad();
    await delay((least + random.next() * (most - least)) * 1000);
    await this.untilAnswered('before anything is broken', beganAt, completions);
    const brokenAt = performance.now();
    const { survivors, loadedUntil, said } = await fault.strike(
      { database, nodes, followers, answers, random, load },
      found,
    );
    const mendedAt = performance.now();
    await delay(goOnSeconds * 1000);
    await this.untilAnswered('when everybody is there again', mendedAt, completions);
    const endedAt = performance.now();
    await load.stop();
    const servers = survivors.map(node => node.process);
    const pauseMs = answers.longestPauseMs(servers, brokenAt, loadedUntil ?? endedAt);
    this.counts.longestPauseMs = Math.max(this.counts.longestPauseMs, pauseMs);
    this.counts.seconds += (endedAt - beganAt) / 1000;
    const acknowledged = this.countAcknowledged(completions);

    await accounts.compareAnswered(this.anyServer(), found);
    const resent = await this.tellTheRest(load);
    await accounts.compareRound(this.anyServer(), found);
    await this.journal.compare(followers, found);
    await findDoubledRows(database, found);
    const heard = followers.filter(({ node }) => survivors.includes(node));
    const lagMs = longestLagMs(heard, beganAt, endedAt);
    this.counts.longestLagMs = Math.max(this.counts.longestLagMs, lagMs);
    if (n % verifyEvery === 0) await this.verify('running', found);
    if (n % FULL_LISTING_EVERY_ROUNDS === 0) await accounts.compareFully(this.anyServer(), found);
    return (
      `${said}; ${acknowledged} acknowledged in ${((endedAt - beganAt) / 1000).toFixed(1)} s, ${resent} sent later, ` +
      `pause ${Math.round(pauseMs)} ms, events ${Math.round(lagMs)} ms apart, ${accounts.reported.calls.size} calls, ` +
      `${this.cast.given.size} records`
    );
  }

  /** `completions`: of records, before this round. */
  private async untilAnswered(when: string, since: number, completions: number): Promise<void> {
    const { cast, answers, nodes } = this;
    const probe = () => {
      const servers = nodes.map(each => each.process);
      const done = countAcknowledged(cast.round, cast.given.values()).completions;
      const isEnough = answers.count(servers, since, performance.now()) >= LEAST_ANSWERS && done > completions;
      return isEnough ? true : undefined;
    };
    await until(`requests are acknowledged ${when}`, probe, ANSWERS_WITHIN_MS);
  }

  private beginLoad(recordsPerDesktop = this.options.recordsPerDesktopAndRound): ClusterLoad {
    const { cast, nodes, random, answers, sessions } = this;
    const { appWorkers, desks, spread, fault } = this.options;
    const isRefusable = fault.refuses;
    this.load = new ClusterLoad(
      { cast, nodes, random, answers, appWorkers, recordsPerDesktop, desks, spread, isRefusable },
      sessions,
    );
    return this.load;
  }

  /** Whoever lost a session has one again, and everything that was not answered is said again; how much that was. */
  private async tellTheRest(load: ClusterLoad): Promise<number> {
    const { pbx, app } = this.cast.round;
    await load.bringBack();
    const again = await Promise.all([app.recover(this.anyServer()), pbx.resend(this.anyServer())]);
    const resent = again.reduce((sum, each) => sum + each, 0);
    this.counts.resent += resent;
    return resent;
  }

  /** What is held is finished, and all of it is looked at once more. */
  private async conclude(): Promise<void> {
    const { findings, accounts, nodes, followers } = this;
    this.cast.begin(this.options.rounds + 1);
    const load = this.beginLoad(0);
    await Promise.all(this.cast.desktops.map(each => each.finish()));
    await load.stop();
    await this.tellTheRest(load);
    await accounts.compareAll(this.anyServer(), findings);
    for (const node of nodes) await accounts.compareFully(node.process, findings);
    await this.journal.compare(followers, findings);
    await findDoubledRows(this.database, findings);
    await this.verify('running', findings);
    for (const each of this.cast.desktops) each.leave();
    await Promise.all(followers.map(each => each.close()));
    for (const node of nodes) await node.stop();
    await this.verify('stopped', findings);
  }

  private async verify(state: 'running' | 'stopped', found: Findings): Promise<void> {
    const { exitCode, output } = await runCommand(['verify'], { dataDir: this.dataDir, env: this.env });
    this.verifyExitCodes.push(exitCode);
    if (exitCode !== 0) found.miscounted.add(`verify with the nodes ${state} exited with ${exitCode}: ${output}`);
  }

  private anyServer(): RunningServer {
    return this.random.pick(this.nodes).process;
  }

  private otherThan(home: RunningServer): RunningServer {
    const others = this.nodes.map(each => each.process).filter(each => each !== home);
    return this.options.spread && others.length > 0 ? this.random.pick(others) : home;
  }

  /** Adds what was acknowledged in this round to the counts; `completions` were before. */
  private countAcknowledged(completions: number): string {
    const all = countAcknowledged(this.cast.round, this.cast.given.values());
    const { events, registrations, finishes } = all;
    const completed = all.completions - completions;
    const { acknowledged } = this;
    this.acknowledged = {
      events: acknowledged.events + events,
      registrations: acknowledged.registrations + registrations,
      finishes: acknowledged.finishes + finishes,
      completions: acknowledged.completions + completed,
    };
    return [events, registrations, finishes, completed].join(' + ');
  }
}
