import { LatencyHistogram, type LatencySummary } from './latencyHistogram.ts';

/** Of the counted part only. */
export interface LoadResult {
  readonly seconds: number;
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** How many answers had which status. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly brokenConnections: number;
  readonly latency: LatencySummary;
  /** CPU of the load process itself, user and system, per request. */
  readonly clientCpuUsPerRequest: number;
  /** There was nothing left to ask for before the time was over. */
  readonly ranOut: boolean;
}

/** Counts what is answered from `begin` on. */
export class LoadCount {
  private readonly histogram = new LatencyHistogram();
  private readonly statuses = new Uint32Array(1000);
  private brokenConnections = 0;
  private startedAt = performance.now();
  private lastAnswerAt = this.startedAt;
  private cpuBefore = process.cpuUsage();

  /** What was before warmed up. */
  begin(): void {
    this.histogram.clear();
    this.statuses.fill(0);
    this.startedAt = performance.now();
    this.cpuBefore = process.cpuUsage();
  }

  answered(status: number, latencyMs: number): void {
    this.histogram.record(latencyMs * 1000);
    this.statuses[status]!++;
    this.lastAnswerAt = performance.now();
  }

  broken(): void {
    this.brokenConnections++;
  }

  result(ranOut: boolean): LoadResult {
    const latency = this.histogram.summary();
    const seconds = (this.lastAnswerAt - this.startedAt) / 1000;
    const cpu = process.cpuUsage(this.cpuBefore);
    return {
      seconds,
      requests: latency.count,
      requestsPerSecond: latency.count / seconds,
      statuses: Object.fromEntries([...this.statuses.entries()].filter(([, answers]) => answers > 0)),
      brokenConnections: this.brokenConnections,
      latency,
      clientCpuUsPerRequest: (cpu.user + cpu.system) / latency.count,
      ranOut,
    };
  }
}
