import type { DatabaseSync } from 'node:sqlite';

/** 16 MiB, some thousands of calls. What is smaller is fast by any index, and its statistics say nothing of what it grows to. */
const LEAST_PAGES = 4_096;
/** Entries looked at of each index: milliseconds however many there are, during which nothing is written. */
const ANALYSIS_LIMIT = 400;
/** All tables (0x10000), where there are no statistics yet or where there are ten times as many rows since (0x02). */
const WHERE_DUE = 0x10002;

/**
 * Keeps the statistics by which SQLite chooses among indexes, where a query does not say along which it goes. Connections read them
 * with the schema: a table that comes and goes makes the others read it again. Whether there are new ones.
 */
export function keepStatistics(db: DatabaseSync): boolean {
  const { page_count: pages } = db.prepare('PRAGMA page_count').get() as { page_count: number };
  if (pages < LEAST_PAGES) return false;
  const before = statisticsOf(db);
  db.exec(`PRAGMA analysis_limit=${ANALYSIS_LIMIT}; PRAGMA optimize=${WHERE_DUE}`);
  if (statisticsOf(db) === before) return false;
  db.exec('BEGIN IMMEDIATE; CREATE TABLE new_statistics (id INTEGER); DROP TABLE new_statistics; COMMIT');
  return true;
}

function statisticsOf(db: DatabaseSync): string {
  const isThere = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'").get() !== undefined;
  return isThere ? JSON.stringify(db.prepare('SELECT tbl, idx, stat FROM sqlite_stat1 ORDER BY tbl, idx').all()) : '';
}
