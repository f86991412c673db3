import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { prepareDataDirectory } from '../config/dataDirectory.ts';
import type { Environment } from '../config/environment.ts';
import type { Engine } from '../ledger/engine.ts';
import { Ledger } from '../ledger/ledger.ts';
import { MemoryEngine } from '../ledger/memory/memoryEngine.ts';
import { PostgresEngine } from '../ledger/postgres/postgresEngine.ts';
import type { CheckpointReport } from '../ledger/sqlite/checkpointer.ts';
import { SqliteEngine } from '../ledger/sqlite/sqliteEngine.ts';
import { MACHINE_TIMERS } from '../ledger/timers.ts';
import { entities } from './entities.ts';
import type { Log } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { createThrottle } from './throttle.ts';

/** 512 MiB: four times what the log grows to before it starts again. */
const WAL_ALARM_PAGES = 131_072;
/** Clocks set by NTP differ by milliseconds. */
const CLOCK_NOTICED_MS = 5_000;
/** What fails four times a second is logged once a minute. */
const FAULT_EVERY_MS = 60_000;

export interface LedgerOptions {
  readonly environment: Environment;
  readonly log: Logger;
  /** 1 gives one commit per request, for comparison. */
  readonly batchCommands?: number;
  /** No other server may use the database meanwhile. */
  readonly alone?: boolean;
  /** The store cannot be trusted any more: the process should log it and exit. */
  readonly onFatal: (error: Error) => void;
}

export interface OpenLedger {
  readonly ledger: Ledger;
  readonly metrics: Metrics;
}

/** Opens the database of the environment. Rejects with `DataDirectoryError`, `DatabaseError` or `ConfigError`. */
export async function openLedger(options: LedgerOptions): Promise<OpenLedger> {
  const { environment, log, batchCommands, onFatal } = options;
  // Whatever the database is: the key file and the recordings are there.
  prepareDataDirectory(environment.dataDir);
  const metrics = createMetrics();
  const mayPass = createThrottle(FAULT_EVERY_MS, MACHINE_TIMERS);
  const ledger = await Ledger.open({
    engine: await openEngine(options, metrics, mayPass),
    clock: Date.now,
    onFatal,
    meter: {
      ...metrics.ledger,
      fault(kind) {
        metrics.ledger.fault(kind);
        if (mayPass(`batch ${kind}`)) log.warn({ kind }, 'batch not stored');
      },
    },
    ...(batchCommands === undefined ? {} : { batchCommands }),
  });
  warnOfClock(ledger, log);
  metrics.watch(
    () => ledger.waiting,
    () => ledger.position,
  );
  return { ledger, metrics };
}

async function openEngine(
  { environment: { database }, log, onFatal, alone = false }: LedgerOptions,
  metrics: Metrics,
  mayPass: (key: string) => boolean,
): Promise<Engine> {
  if (database.kind === 'memory') return new MemoryEngine({ entities });
  if (database.kind === 'postgres') {
    const { url, schema } = database;
    return PostgresEngine.open({ url, schema, entities, nodeId: randomUUID(), alone, tellsTime: true });
  }
  const onCheckpoint = watchCheckpoints(log, metrics, mayPass);
  return SqliteEngine.open({ file: database.path, entities, onCrash: onFatal, onCheckpoint });
}

function watchCheckpoints(log: Log, metrics: Metrics, mayPass: (key: string) => boolean) {
  let alarmedAtPages = 0;
  return (report: CheckpointReport): void => {
    metrics.checkpoint(report);
    if (report.walPages > WAL_ALARM_PAGES && report.walPages > alarmedAtPages * 2) {
      alarmedAtPages = report.walPages;
      log.warn(report, 'WAL growing');
    }
    if (report.walPages < WAL_ALARM_PAGES) alarmedAtPages = 0;
    if (report.error !== null && mayPass('checkpoint')) log.warn({ error: report.error }, 'WAL checkpoint failed');
  };
}

function warnOfClock({ clockBehindMs }: Ledger, log: Log): void {
  if (Math.abs(clockBehindMs) <= CLOCK_NOTICED_MS) return;
  log.warn({ secondsBehind: Math.round(clockBehindMs / 1000) }, 'clock differs from database');
}
