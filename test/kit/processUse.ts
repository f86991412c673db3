import { existsSync, readdirSync, readFileSync } from 'node:fs';

export interface ProcessUse {
  /** User and system time of all threads. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  readonly peakResidentBytes: number;
  /** Bytes that were handed to a disk: what was written twice counts twice, what is still in memory not yet. */
  readonly writtenBytes: number;
  readonly threads: Readonly<Record<ThreadGroup, ThreadUse>>;
}

export interface ThreadUse {
  readonly userSeconds: number;
  readonly systemSeconds: number;
}

/** The event loop; the one that stores; and all others: the garbage collector's, the pool's, questions, checkpoints. */
export const THREAD_GROUPS = ['main', 'writer', 'others'] as const;
export type ThreadGroup = (typeof THREAD_GROUPS)[number];

/** Of several processes together; null where one of them is not known. */
export function sumOfUses(uses: readonly (ProcessUse | null)[]): ProcessUse | null {
  const total = (of: (use: ProcessUse) => number) =>
    uses.reduce((sum, each) => sum + (each === null ? 0 : of(each)), 0);
  if (uses.includes(null)) return null;
  return {
    cpuSeconds: total(each => each.cpuSeconds),
    residentBytes: total(each => each.residentBytes),
    peakResidentBytes: total(each => each.peakResidentBytes),
    writtenBytes: total(each => each.writtenBytes),
    threads: ofEachGroup(group => ({
      userSeconds: total(each => each.threads[group].userSeconds),
      systemSeconds: total(each => each.threads[group].systemSeconds),
    })),
  };
}

const ofEachGroup = (of: (group: ThreadGroup) => ThreadUse): Record<ThreadGroup, ThreadUse> => ({
  main: of('main'),
  writer: of('writer'),
  others: of('others'),
});

/** What Linux calls USER_HZ; 100 on every architecture Node runs on. */
const TICKS_PER_SECOND = 100;

/** What a process has used so far; null where there is no `/proc`. */
export function processUse(pid: number): ProcessUse | null {
  if (!existsSync(`/proc/${pid}/stat`)) return null;
  const { userSeconds, systemSeconds } = timesIn(`/proc/${pid}/stat`);
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const bytes = (name: string): number => numberAfter(status, name) * 1024;
  return {
    cpuSeconds: userSeconds + systemSeconds,
    residentBytes: bytes('VmRSS'),
    peakResidentBytes: bytes('VmHWM'),
    writtenBytes: numberAfter(readFileSync(`/proc/${pid}/io`, 'latin1'), 'write_bytes'),
    threads: threadsOf(pid),
  };
}

/** Threads that have ended are in none of them. */
function threadsOf(pid: number): Record<ThreadGroup, ThreadUse> {
  const groups = ofEachGroup(() => ({ userSeconds: 0, systemSeconds: 0 }));
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const path = `/proc/${pid}/task/${thread}`;
    const group =
      Number(thread) === pid ? 'main' : readFileSync(`${path}/comm`, 'utf8').trim() === 'writer' ? 'writer' : 'others';
    const times = timesIn(`${path}/stat`);
    groups[group] = {
      userSeconds: groups[group].userSeconds + times.userSeconds,
      systemSeconds: groups[group].systemSeconds + times.systemSeconds,
    };
  }
  return groups;
}

function timesIn(path: string): ThreadUse {
  const stat = readFileSync(path, 'latin1');
  // The second field is the name in brackets and may hold spaces; utime and stime are the 14th and 15th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { userSeconds: Number(fields[11]) / TICKS_PER_SECOND, systemSeconds: Number(fields[12]) / TICKS_PER_SECOND };
}

const numberAfter = (text: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);
