import type { LatencySummary } from '../test/kit/latencyHistogram.ts';
import type { LoadResult } from '../test/kit/loadProcess.ts';
import { histogramMean, type Metrics } from '../test/kit/metrics.ts';
import { type ProcessUse, processUse, sumOfUses, type ThreadGroup } from '../test/kit/processUse.ts';
import type { Target } from './variants.ts';

/** What one variant did in one round. */
export interface Figures {
  readonly requestsPerSecond: number;
  readonly latency: LatencySummary;
  readonly cpuSecondsPer1000: number | null;
  readonly peakResidentBytes: number | null;
  readonly endResidentBytes: number | null;
  readonly batchCommands: number | null;
  readonly applySeconds: number | null;
  readonly commitSeconds: number | null;
  readonly walBytes: number | null;
  readonly clientCpuUsPerRequest: number;
  /** CPU of the server per request by thread, microseconds, user and system together. */
  readonly mainUs: number | null;
  readonly writerUs: number | null;
  readonly othersUs: number | null;
  /** Handed to the disk per request: the log, and what is moved from it into the database. */
  readonly writtenBytes: number | null;
}

/** What a server used while something was counted. */
export interface Use {
  readonly before: ProcessUse | null;
  readonly after: ProcessUse | null;
  readonly from: readonly Metrics[];
  readonly to: readonly Metrics[];
  readonly walBytes: number | null;
}

/** Puts a load on the server that calls `onCounting` when its warm-up is over, and watches the server from then on. */
export async function watched<T>(
  target: Target,
  load: (onCounting: () => void) => Promise<T>,
): Promise<{ readonly result: T; readonly use: Use }> {
  let before: ProcessUse | null = null;
  let metricsBefore: Promise<readonly Metrics[]> = Promise.resolve([]);
  const result = await load(() => {
    before = sumOfUses(target.pids.map(processUse));
    metricsBefore = target.metrics();
  });
  const after = sumOfUses(target.pids.map(processUse));
  const walBytes = target.walBytes();
  return { result, use: { before, after, from: await metricsBefore, to: await target.metrics(), walBytes } };
}

/** Throws when not every answer was a 200: what fails is fast. `use` null: it was counted with something else. */
export function figuresOf(title: string, result: LoadResult, use: Use | null): Figures {
  const { requests, statuses, brokenConnections } = result;
  if (brokenConnections > 0 || Object.keys(statuses).join() !== '200') {
    throw new Error(`${title}: answers ${JSON.stringify(statuses)}, ${brokenConnections} connections broken`);
  }
  const mean = (name: string): number | null => (use === null ? null : histogramMean(use.from, use.to, name));
  const perRequest = (of: (use: ProcessUse) => number): number | null => {
    const before = use?.before ?? null;
    const after = use?.after ?? null;
    return before === null || after === null ? null : (of(after) - of(before)) / requests;
  };
  const threadUs = (group: ThreadGroup): number | null =>
    perRequest(({ threads }) => (threads[group].userSeconds + threads[group].systemSeconds) * 1_000_000);
  return {
    requestsPerSecond: result.requestsPerSecond,
    latency: result.latency,
    cpuSecondsPer1000: perRequest(each => each.cpuSeconds * 1000),
    peakResidentBytes: use?.after?.peakResidentBytes ?? null,
    endResidentBytes: use?.after?.residentBytes ?? null,
    batchCommands: mean('aftercall_batch_commands'),
    applySeconds: mean('aftercall_batch_apply_seconds'),
    commitSeconds: mean('aftercall_batch_commit_seconds'),
    walBytes: use?.walBytes ?? null,
    clientCpuUsPerRequest: result.clientCpuUsPerRequest,
    mainUs: threadUs('main'),
    writerUs: threadUs('writer'),
    othersUs: threadUs('others'),
    writtenBytes: perRequest(each => each.writtenBytes),
  };
}
