/** `aftercall copy`: opens both sides, says how far it is, and what came of it. */
import { resolve } from 'node:path';
import { entities } from '../app/entities.ts';
import { type Environment, readDatabase } from '../config/environment.ts';
import { type CopyReport, type CopyStep, copyLedger } from '../ledger/copy.ts';
import { CopyError, type CopySource, type CopyTarget, nameRow } from '../ledger/copySides.ts';
import { EngineFault } from '../ledger/engine.ts';
import type { AnyEntity } from '../ledger/entity.ts';
import { journal } from '../ledger/journal.ts';
import * as postgres from '../ledger/postgres/copySides.ts';
import { placeOf } from '../ledger/postgres/migrate.ts';
import * as sqlite from '../ledger/sqlite/copySides.ts';
import { print } from './output.ts';

export interface CopyArguments {
  readonly from: string;
  readonly to: string;
  readonly restart?: boolean;
}

const everything: readonly AnyEntity[] = [...entities, journal];
/** How often a terminal is told, and a log that somebody may read afterwards. */
const TERMINAL_MS = 200;
const LOG_MS = 10_000;
/** What is said of the first moment is not true of the next. */
const PACE_AFTER_MS = 2_000;

/** Exits with 1 unless every row is there and the same. Throws `CopyError`, `DataDirectoryError` and `DatabaseError`. */
export async function copy({ from, to, restart = false }: CopyArguments): Promise<void> {
  const source = await openSource(readDatabase('--from', from));
  try {
    const target = await openTarget(readDatabase('--to', to), source);
    try {
      print(`Copying ${source.place} to ${target.place}.`);
      const began = performance.now();
      const report = await copyBetween(source, target, restart);
      tell(report, source, target, performance.now() - began);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function openSource(database: Environment['database']): Promise<CopySource> {
  if (database.kind === 'memory') throw new CopyError('--from=memory: keeps nothing that could be copied.');
  if (database.kind === 'postgres') return postgres.openCopySource(database, everything);
  return sqlite.openCopySource(database.path, everything);
}

async function openTarget(database: Environment['database'], source: CopySource): Promise<CopyTarget> {
  if (database.kind === 'memory') throw new CopyError('--to=memory: would keep nothing: name a database.');
  const place = database.kind === 'postgres' ? placeOf(database) : resolve(database.path);
  if (place === source.place) throw new CopyError(`--from and --to name the same database, ${place}.`);
  return database.kind === 'postgres'
    ? postgres.openCopyTarget(database, everything)
    : sqlite.openCopyTarget(database.path, everything);
}

async function copyBetween(source: CopySource, target: CopyTarget, restart: boolean): Promise<CopyReport> {
  const pageRows = Number(process.env['AFTERCALL_COPY_PAGE_ROWS'] ?? 0);
  const progress = new Progress();
  try {
    return await copyLedger({
      source,
      target,
      entities: everything,
      restart,
      ...(pageRows > 0 ? { pageRows } : {}),
      onBegin: (rows, there) => progress.begin(rows, there),
      onRows: (step, entity, rows) => progress.add(step, entity, rows),
      onTable: (step, entity, rows) => progress.table(step, entity, rows),
    });
  } catch (error) {
    if (!(error instanceof EngineFault)) throw error;
    throw new CopyError(
      `The copying stopped: ${error.message}. What has arrived in ${target.place} stays there: when this is mended, run the same command again.`,
    );
  } finally {
    progress.clear();
  }
}

const counted = (rows: number): string => `${rows.toLocaleString('en')} ${rows === 1 ? 'row' : 'rows'}`;

/** On a terminal a line that is written again and again; elsewhere a line now and then, and one for each table. */
class Progress {
  private total = 0;
  private step: CopyStep = 'copied';
  private done = 0;
  /** Of `done`, what a run before this one has brought. */
  private before = 0;
  private beganAt = performance.now();
  private toldAt = performance.now();

  begin(rows: number, there: number): void {
    this.total = rows;
    this.done = there;
    this.before = there;
    this.beganAt = performance.now();
    if (there > 0) print(`Going on: ${counted(there)} of ${rows.toLocaleString('en')} are there.`);
  }

  add(step: CopyStep, entity: AnyEntity, rows: number): void {
    if (step !== this.step) {
      this.step = step;
      this.done = 0;
      this.before = 0;
      this.beganAt = performance.now();
    }
    this.done += rows;
    const now = performance.now();
    if (now - this.toldAt < (process.stderr.isTTY ? TERMINAL_MS : LOG_MS)) return;
    this.toldAt = now;
    const line = `${this.step} ${counted(this.done)} of ${this.total.toLocaleString('en')} (${entity.name})${this.pace(now)}`;
    process.stderr.write(process.stderr.isTTY ? `\r${line}\u001b[K` : `${line}\n`);
  }

  table(step: CopyStep, entity: AnyEntity, rows: number): void {
    if (!process.stderr.isTTY && rows > 0) process.stderr.write(`${step} ${entity.name}: ${counted(rows)}\n`);
  }

  clear(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  }

  private pace(now: number): string {
    const ms = now - this.beganAt;
    const perSecond = ((this.done - this.before) * 1000) / ms;
    if (ms < PACE_AFTER_MS || perSecond < 1) return '';
    const left = duration(((this.total - this.done) / perSecond) * 1000);
    return `, ${Math.round(perSecond).toLocaleString('en')} rows/s, ${left} left`;
  }
}

function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return seconds < 100 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

function tell({ tables, refused, differences }: CopyReport, source: CopySource, target: CopyTarget, ms: number): void {
  const unfinished = `${target.place} stays an unfinished copy, on which no server starts.`;
  if (refused.length > 0) {
    for (const { entity, key, why } of refused) print(`${nameRow(entity, key)}: ${why}`);
    print(
      `${counted(refused.length)} cannot be kept in ${target.place}; everything else is there. Put them right in ${source.place}, with a backup at hand, and run the same command again. ${unfinished}`,
    );
  } else if (differences.count > 0) {
    for (const difference of differences.first) print(difference);
    const more = differences.count - differences.first.length;
    if (more > 0) print(`… and ${more.toLocaleString('en')} more`);
    print(
      `${counted(differences.count)} of the copy are not what they are in ${source.place}: run the same command again with --restart. ${unfinished}`,
    );
  } else {
    const width = Math.max(...tables.map(({ entity }) => entity.name.length));
    const sum = tables.reduce((total, { rows }) => total + rows, 0);
    for (const { entity, rows } of tables) {
      print(`  ${entity.name.padEnd(width)}  ${rows.toLocaleString('en').padStart(13)}`);
    }
    print(
      `Copied, and compared row by row: ${counted(sum)}, up to position ${source.head.position}, in ${duration(ms)}.`,
    );
    print(`A server with DATABASE_URL set to ${target.place} goes on from here; ${source.place} was not changed.`);
    print(
      'The key file and the recordings are in DATA_DIR and not in the database: keep it, and start with the same one.',
    );
  }
  process.exitCode = refused.length === 0 && differences.count === 0 ? 0 : 1;
}
