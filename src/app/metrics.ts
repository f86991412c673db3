import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { LedgerMeter } from '../ledger/scheduler.ts';
import type { CheckpointReport } from '../ledger/sqlite/checkpointer.ts';

const SECONDS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1];
/** Two are the rule, sixteen the bound. */
const LOADS = [0, 1, 2, 3, 4, 5, 6, 8, 16];

/** What an operator watches; one registry per server. */
export interface Metrics {
  readonly registry: Registry;
  readonly ledger: LedgerMeter;
  countReport(dialect: string, verdict: string): void;
  checkpoint(report: CheckpointReport): void;
  /** A request about another node's session: `answered`, `unreachable`, `refused`. */
  countForwarded(verdict: string): void;
  watch(waiting: () => number, position: () => number): void;
  /** Desktops that have their session here, and those of them that wait to be told something. */
  watchDesktops(desktops: { readonly sessions: number; readonly held: number }): void;
  /** Numbers that no number plan names, by source. */
  watchUnknownNumbers(seen: () => readonly { readonly source: string; readonly seen: number }[]): void;
  /** Servers on the same database that live, this one included. */
  watchNodes(alive: () => number): void;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: 'aftercall_' });
  const commands = new Histogram({
    name: 'aftercall_batch_commands',
    help: 'Commands per durable batch.',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
    registers,
  });
  const apply = new Histogram({
    name: 'aftercall_batch_apply_seconds',
    help: 'Time to apply a batch in memory.',
    buckets: SECONDS,
    registers,
  });
  const commit = new Histogram({
    name: 'aftercall_batch_commit_seconds',
    help: 'Time to make a batch durable.',
    buckets: SECONDS,
    registers,
  });
  const faults = new Counter({
    name: 'aftercall_store_faults_total',
    help: 'Batches that could not be stored, by kind.',
    labelNames: ['kind'],
    registers,
  });
  const loads = new Histogram({
    name: 'aftercall_command_loads',
    help: 'Round trips for reading of a command that was a batch alone, by command; on PostgreSQL only.',
    buckets: LOADS,
    labelNames: ['command'],
    registers,
  });
  const reports = new Counter({
    name: 'aftercall_reports_total',
    help: 'Reports by dialect and verdict.',
    labelNames: ['dialect', 'verdict'],
    registers,
  });
  const forwarded = new Counter({
    name: 'aftercall_requests_forwarded_total',
    help: 'Requests forwarded to the node that has their session, by verdict.',
    labelNames: ['verdict'],
    registers,
  });
  const wal = new Gauge({
    name: 'aftercall_wal_pages',
    help: 'Pages in the write-ahead log; growth without end means that a reader holds on to it.',
    registers,
  });
  const behind = new Gauge({
    name: 'aftercall_wal_behind_pages',
    help: 'Pages of the write-ahead log not yet in the database.',
    registers,
  });
  return {
    registry,
    ledger: {
      batch(count, applyMs, commitMs) {
        commands.observe(count);
        apply.observe(applyMs / 1000);
        commit.observe(commitMs / 1000);
      },
      fault: kind => faults.inc({ kind }),
      loads: (command, roundTrips) => loads.observe({ command }, roundTrips),
    },
    countReport: (dialect, verdict) => reports.inc({ dialect, verdict }),
    countForwarded: verdict => forwarded.inc({ verdict }),
    checkpoint(report) {
      wal.set(report.walPages);
      behind.set(report.behindPages);
    },
    watchDesktops(desktops) {
      new Gauge({
        name: 'aftercall_desktop_sessions',
        help: 'Desktop sessions on this server.',
        registers,
        collect() {
          this.set(desktops.sessions);
        },
      });
      new Gauge({
        name: 'aftercall_desktop_connects_held',
        help: 'Desktop connects held on this server until there is a message.',
        registers,
        collect() {
          this.set(desktops.held);
        },
      });
    },
    watchUnknownNumbers(seen) {
      new Gauge({
        name: 'aftercall_unknown_numbers',
        help: 'How often a number was reported that no number plan names, by source.',
        labelNames: ['source'],
        registers,
        collect() {
          this.reset();
          for (const each of seen()) this.set({ source: each.source }, each.seen);
        },
      });
    },
    watchNodes(alive) {
      new Gauge({
        name: 'aftercall_nodes_alive',
        help: 'Live servers on the same database, this one included.',
        registers,
        collect() {
          this.set(alive());
        },
      });
    },
    watch(waiting, position) {
      new Gauge({
        name: 'aftercall_commands_waiting',
        help: 'Commands waiting for their batch.',
        registers,
        collect() {
          this.set(waiting());
        },
      });
      new Gauge({
        name: 'aftercall_journal_position',
        help: 'Position of the newest journal entry.',
        registers,
        collect() {
          this.set(position());
        },
      });
    },
  };
}
