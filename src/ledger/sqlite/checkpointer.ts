/**
 * The thread that moves the write-ahead log into the database. Most of it is moved while the writer goes on; when the
 * log has grown past `WAL_LIMIT_PAGES`, the writer waits for the short rest, and the log starts again from its beginning. Once an
 * hour it keeps the statistics of queries.
 */
import { flushCompileCache } from 'node:module';
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { keepStatistics } from './queryStatistics.ts';

export interface CheckpointReport {
  readonly walPages: number;
  /** Pages not moved yet: a reader holds on to them, or the disk is slow. */
  readonly behindPages: number;
  readonly error: string | null;
}

/** 128 MiB of 4 KiB pages: seconds of full load, so that hot pages are moved once per round and not once per batch. */
const WAL_LIMIT_PAGES = 32_768;
const EVERY_MS = 1_000;
/** How often it is guessed whether the limit has been reached meanwhile. */
const TICK_MS = 100;
const STATISTICS_EVERY_MS = 3_600_000;

const db = new DatabaseSync((workerData as { file: string }).file, { timeout: 5_000 });
db.exec('PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0');
const passive = db.prepare('PRAGMA wal_checkpoint(PASSIVE)');
const restart = db.prepare('PRAGMA wal_checkpoint(RESTART)');
type Row = { busy: number; log: number; checkpointed: number };

let last = { at: performance.now(), pages: -1, pagesPerMs: 0 };

function round(): void {
  const at = performance.now();
  let report: CheckpointReport;
  try {
    let row = passive.get() as Row;
    const grown = last.pages >= 0 && row.log > last.pages ? (row.log - last.pages) / (at - last.at) : 0;
    if (row.log > WAL_LIMIT_PAGES * 0.9) row = restart.get() as Row;
    report = { walPages: row.log, behindPages: row.log - row.checkpointed, error: null };
    if (row.log !== last.pages) parentPort!.postMessage(report);
    // After a restart the log begins anew: the next batch is its first page again.
    const isAnew = row.log === row.checkpointed && row.log > WAL_LIMIT_PAGES * 0.9;
    last = { at, pages: isAnew ? 0 : row.log, pagesPerMs: grown || last.pagesPerMs };
  } catch (error) {
    report = { walPages: 0, behindPages: 0, error: messageOf(error) };
    parentPort!.postMessage(report);
    last = { ...last, at };
  }
}

let statisticsAt = Number.NEGATIVE_INFINITY;

/** Where it fails the plans stay as they are for another hour. */
function statistics(): void {
  statisticsAt = performance.now();
  try {
    keepStatistics(db);
  } catch (error) {
    parentPort!.postMessage({ walPages: 0, behindPages: 0, error: messageOf(error) } satisfies CheckpointReport);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const timer = setInterval(() => {
  if (performance.now() - statisticsAt >= STATISTICS_EVERY_MS) statistics();
  const passed = performance.now() - last.at;
  if (passed >= EVERY_MS || last.pages + passed * last.pagesPerMs >= WAL_LIMIT_PAGES) round();
}, TICK_MS);
parentPort!.on('message', () => {
  clearInterval(timer);
  db.close();
  parentPort!.close();
});
// Now, since a process that is killed would not: the next start reads what was compiled here.
flushCompileCache();
