import { existsSync, readFileSync } from 'node:fs';

export interface ProcessUse {
  /** User and system time of all threads. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  readonly peakResidentBytes: number;
}

/** Of several processes together; null where one of them is not known. */
export function sumOfUses(uses: readonly (ProcessUse | null)[]): ProcessUse | null {
  const total = (of: (use: ProcessUse) => number) =>
    uses.reduce((sum, each) => sum + (each === null ? 0 : of(each)), 0);
  if (uses.includes(null)) return null;
  return {
    cpuSeconds: total(each => each.cpuSeconds),
    residentBytes: total(each => each.residentBytes),
    peakResidentBytes: total(each => each.peakResidentBytes),
  };
}

/** What Linux calls USER_HZ; 100 on every architecture Node runs on. */
const TICKS_PER_SECOND = 100;

/** What a process has used so far; null where there is no `/proc`. */
export function processUse(pid: number): ProcessUse | null {
  if (!existsSync(`/proc/${pid}/stat`)) return null;
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The second field is the name in brackets and may hold spaces; utime and stime are the 14th and 15th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const bytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024;
  return {
    cpuSeconds: ticks / TICKS_PER_SECOND,
    residentBytes: bytes('VmRSS'),
    peakResidentBytes: bytes('VmHWM'),
  };
}
