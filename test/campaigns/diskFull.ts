/**
 * A 64 MB disk fills up under load and is freed again: while it is full the PBX is told 503 within a second, when there
 * is room answers resume without a restart, and nothing acknowledged is lost, nothing there twice.
 *
 *     node test/campaigns/diskFull.ts
 */
import { closeSync, openSync, readdirSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createRandom } from '../kit/random.ts';
import { createScratch } from '../kit/scratch.ts';
import { type RunningServer, runCommand, ServerEndedEarly, startServer } from '../kit/server.ts';
import { mountSmallDisk, type SmallDisk } from '../kit/smallDisk.ts';
import { createCalls } from '../kit/yeastarEvents.ts';
import { FakePbx } from './fakePbx.ts';
import { describeFindings, findingsCount } from './findings.ts';
import { compareEverything, compareRange, compareTotals } from './storedCalls.ts';

export interface DiskFullReport {
  readonly disk: SmallDisk['kind'];
  readonly calls: number;
  readonly answered: number;
  readonly refused: number;
  readonly longestRefusalMs: number;
  readonly resumedAfterMs: number;
  /** What a server does that is started on a full disk: it serves, or it says why not. */
  readonly startOnFullDisk: string;
  /** Empty when every promise was kept. */
  readonly problems: readonly string[];
}

const DISK_MEBIBYTES = 64;
/** What is given back later. The rest of the disk is filled by calls. */
const BALLAST_MEBIBYTES = 36;
/** A disk that is not full by then does not fill up, and one that has room by then is not used. */
const HANGS_MS = 600_000;
const STAYS_FULL_MS = 3_000;
const AFTERWARDS_MS = 1_000;
/** docs/yeastar.md, case D12. Judged by the campaign, which has the machine for itself, and not by its short form. */
const REFUSED_WITHIN_MS = 1_000;
const HEALTH_EVERY_MS = 200;
const LOG_TAIL_CHARS = 1_000;
const MEBIBYTE = 1024 * 1024;

/** `skipped` says why the campaign cannot run here. */
export async function diskFull(
  seed: number,
  say: (line: string) => void,
  { judgesTime = false }: { readonly judgesTime?: boolean } = {},
): Promise<DiskFullReport | { readonly skipped: string }> {
  using scratch = createScratch('disk-full');
  using disk = mountedOrReason(scratch.path);
  if ('reason' in disk) return { skipped: disk.reason };
  const campaign = new Campaign(disk, seed, say, judgesTime);
  try {
    const report = await campaign.run();
    if (report.problems.length > 0) scratch.keep();
    return report;
  } catch (error) {
    scratch.keep();
    throw error;
  } finally {
    await campaign.end();
  }
}

function mountedOrReason(directory: string): SmallDisk | ({ readonly reason: string } & Disposable) {
  const disk = mountSmallDisk(directory, DISK_MEBIBYTES);
  return 'reason' in disk ? { ...disk, [Symbol.dispose]: () => {} } : disk;
}

class Campaign {
  private readonly disk: SmallDisk;
  private readonly say: (line: string) => void;
  private readonly judgesTime: boolean;
  private readonly dataDir: string;
  private readonly ballast: string;
  private readonly pbx: FakePbx;
  private readonly range: { readonly fromMs: number; readonly toMs: number };
  private readonly problems: string[] = [];
  private server: RunningServer | null = null;
  private answered = 0;
  private refused = 0;
  private longestRefusalMs = 0;
  private lastAnswerAt = 0;

  constructor(disk: SmallDisk, seed: number, say: (line: string) => void, judgesTime: boolean) {
    this.disk = disk;
    this.say = say;
    this.judgesTime = judgesTime;
    this.dataDir = join(disk.path, 'data');
    this.ballast = join(disk.path, 'ballast');
    const random = createRandom(seed);
    const startedAtSeconds = (Math.floor(Date.now() / 3_600_000) - 3) * 3_600;
    this.range = { fromMs: startedAtSeconds * 1000, toMs: (startedAtSeconds + 2 * 3_600) * 1000 };
    this.pbx = new FakePbx({
      random,
      calls: createCalls(random, {
        startedAtSeconds: startedAtSeconds + 60,
        callsPerSecond: 50,
        queueShare: 0.2,
        amendedShare: 0.2,
      }),
      connections: 16,
      pauseMs: 2,
      repeatShare: 0.03,
      maxCalls: 300_000,
    });
  }

  async run(): Promise<DiskFullReport> {
    fill(this.ballast, BALLAST_MEBIBYTES * MEBIBYTE);
    this.server = await startServer({ dataDir: this.dataDir });
    await this.fillByCalls();
    const resumedAfterMs = await this.makeRoom();
    await this.check('after room was made');
    await this.restart();
    await this.check('after a kill and a restart');
    const startOnFullDisk = await this.killOnFullDisk();
    await this.check('after a kill on the full disk');
    await this.server.stop();
    await this.verify('stopped');
    return {
      disk: this.disk.kind,
      calls: this.pbx.sent.length,
      answered: this.answered,
      refused: this.refused,
      longestRefusalMs: this.longestRefusalMs,
      resumedAfterMs,
      startOnFullDisk,
      problems: [...this.problems, ...this.pbx.surprises.map(surprise => `unexpected answer: ${surprise}`)],
    };
  }

  async end(): Promise<void> {
    await this.server?.kill();
  }

  /** Load until the first refusals, then some seconds more. The server goes on serving all the while. */
  private async fillByCalls(): Promise<void> {
    const load = this.push();
    const giveUpAt = performance.now() + HANGS_MS;
    while (this.refused === 0 && performance.now() < giveUpAt) await delay(20);
    if (this.refused === 0) this.problems.push(`the disk did not fill up within ${HANGS_MS} ms`);
    const before = this.answered;
    this.say(`${before} answers 200 until the disk was full: ${this.filesText()}`);
    const fullUntil = performance.now() + STAYS_FULL_MS;
    while (performance.now() < fullUntil) {
      await this.expectAlive();
      await delay(HEALTH_EVERY_MS);
    }
    load.stop();
    await load.ended;
    this.say(
      `full: ${this.refused} answers 503, ${this.answered - before} answers 200, longest 503 ${this.longestRefusalMs.toFixed(0)} ms`,
    );
    if (this.pbx.unanswered > 0) this.problems.push(`${this.pbx.unanswered} connections ended without an answer`);
    if (this.judgesTime && this.longestRefusalMs > REFUSED_WITHIN_MS) {
      this.problems.push(`a 503 took ${this.longestRefusalMs.toFixed(0)} ms`);
    }
  }

  /** Returns how long it took until answers resumed. */
  private async makeRoom(): Promise<number> {
    rmSync(this.ballast);
    const freedAt = performance.now();
    const before = this.answered;
    const load = this.push();
    while (this.answered === before && performance.now() < freedAt + HANGS_MS) await delay(5);
    const resumedAfterMs = this.lastAnswerAt - freedAt;
    if (this.answered === before) this.problems.push('answers did not resume when there was room');
    await delay(AFTERWARDS_MS);
    load.stop();
    await load.ended;
    this.say(`freed: 200 again after ${resumedAfterMs.toFixed(0)} ms, then ${this.answered - before} answers 200`);
    await this.resend();
    return resumedAfterMs;
  }

  /** The worst moment: the disk is full, the server is killed, and somebody starts it before there is room. */
  private async killOnFullDisk(): Promise<string> {
    fill(this.ballast, DISK_MEBIBYTES * MEBIBYTE);
    const load = this.push();
    await delay(AFTERWARDS_MS);
    await this.server!.kill();
    await load.ended;
    let said: string;
    try {
      this.server = await startServer({ dataDir: this.dataDir });
      await this.expectAlive();
      said = 'it serves';
    } catch (error) {
      if (!(error instanceof ServerEndedEarly)) throw error;
      said = `it ends with ${error.signal ?? error.exitCode}: ${error.output.trim()}`;
      if (error.exitCode === null || error.exitCode === 0) this.problems.push(`started on a full disk, ${said}`);
    }
    this.say(`started on the full disk, ${said}`);
    rmSync(this.ballast);
    if (this.server!.running) await this.resend();
    await this.restart();
    await this.resend();
    return said;
  }

  /** There is room for all that was refused: a disk that is still full then is full of something else than calls. */
  private async resend(): Promise<void> {
    try {
      const resent = await this.pbx.resend(this.server!);
      this.say(`${resent} events sent again`);
    } catch (error) {
      const log = this.server!.output.slice(-LOG_TAIL_CHARS);
      throw new Error(`with ${this.filesText()}; the server said:\n${log}`, { cause: error });
    }
  }

  /** What the disk is full of. */
  private filesText(): string {
    const { bavail, bsize } = statfsSync(this.disk.path);
    const kibibytes = (bytes: number): string => `${Math.ceil(bytes / 1024)} KiB`;
    const files = readdirSync(this.dataDir).map(name => [name, statSync(join(this.dataDir, name)).size] as const);
    const large = files.filter(([, bytes]) => bytes >= MEBIBYTE);
    return `${large.map(([name, bytes]) => `${name} ${kibibytes(bytes)}`).join(', ')}, ${kibibytes(bavail * bsize)} free`;
  }

  private async restart(): Promise<void> {
    await this.server!.kill();
    this.server = await startServer({ dataDir: this.dataDir });
  }

  private push() {
    return this.pbx.push(this.server!, ({ status, latencyMs }) => {
      this.lastAnswerAt = performance.now();
      if (status === 200) this.answered++;
      if (status !== 503) return;
      this.refused++;
      this.longestRefusalMs = Math.max(this.longestRefusalMs, latencyMs);
    });
  }

  private async expectAlive(): Promise<void> {
    const requestedAt = performance.now();
    const { status } = await this.server!.get('/healthz');
    const tookMs = performance.now() - requestedAt;
    if (status !== 200 || (this.judgesTime && tookMs > REFUSED_WITHIN_MS)) {
      this.problems.push(`GET /healthz answered ${status} after ${tookMs.toFixed(0)} ms on the full disk`);
    }
  }

  /** Everything was sent until it was acknowledged, so everything is to be there, once. */
  private async check(when: string): Promise<void> {
    const server = this.server!;
    const { sent } = this.pbx;
    for (const findings of [
      (await compareRange(server, this.range, sent, true)).findings,
      await compareEverything(server, new Set(sent.map(call => call.callId))),
      await compareTotals(server, sent.length),
    ]) {
      if (findingsCount(findings) > 0) this.problems.push(`${when}: ${describeFindings(findings)}`);
    }
    await this.verify(`running, ${when}`);
    this.say(`${when}: ${sent.length} calls looked at`);
  }

  private async verify(state: string): Promise<void> {
    const { exitCode, output } = await runCommand(['verify'], { dataDir: this.dataDir });
    if (exitCode !== 0) this.problems.push(`verify (${state}) exited with ${exitCode}: ${output}`);
  }
}

/** Writes real blocks, as many as there is room for. */
function fill(path: string, bytes: number): void {
  const block = Buffer.alloc(MEBIBYTE, 0xa5);
  const file = openSync(path, 'w');
  try {
    for (
      let written = 0;
      written < bytes;
      written += writeSync(file, block, 0, Math.min(block.length, bytes - written))
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
}

const delay = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

const HELP = `Fills a disk of ${DISK_MEBIBYTES} MiB under load and frees it again, and counts. Needs Linux, and root for a disk of its own.

  --seed <n>  of the calls (1)
  --help

Ends with 0 when every promise was kept, with 2 where there can be no such disk.`;

if (import.meta.main) {
  const { values } = parseArgs({
    options: { seed: { type: 'string', default: '1' }, help: { type: 'boolean', default: false } },
  });
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  if (values.help) {
    print(HELP);
    process.exit();
  }
  const report = await diskFull(Number(values.seed), print, { judgesTime: true });
  if ('skipped' in report) {
    print(`Skipped: ${report.skipped}`);
    process.exitCode = 2;
  } else {
    const { problems, ...figures } = report;
    print(JSON.stringify(figures));
    for (const problem of problems) print(`PROBLEM: ${problem}`);
    process.exitCode = problems.length === 0 ? 0 : 1;
  }
}
