import { ALONE, type Fence, LeaseLost } from '../ledger/lease.ts';
import type { WorkerParts } from '../ledger/rounds.ts';
import { MACHINE_TIMERS } from '../ledger/timers.ts';
import type { FetchReactors } from './attach.ts';
import type { AudioStore } from './audioStore.ts';
import { DownloadFailed, type DownloadOptions, download, type Fetching } from './download.ts';
import { type FetchJob, fetchJob } from './entities.ts';
import { type Attempt, endAttempt } from './jobs.ts';

export interface FetcherOptions extends WorkerParts, FetchReactors, Omit<DownloadOptions, 'signal'> {
  readonly outbound: Fetching;
  readonly store: AudioStore;
  /** From the first attempt's end to the second. */
  readonly retryMs?: number;
  /** How late an attempt may begin. */
  readonly everyMs?: number;
  /** Downloads at the same time. */
  readonly atOnce?: number;
}

export interface Fetcher {
  /** Gives up what is being fetched; the next worker begins it again. */
  stop(): Promise<void>;
}

const RETRY_MS = 5_000;
const EVERY_MS = 250;
const AT_ONCE = 4;
/** Nothing is gained by fetching again at once what the disk or the ledger has no room for. */
const TROUBLE_MS = 60_000;

/**
 * The worker that fetches recordings when they are due. What is due stands in the ledger: a new worker goes on with it. An
 * attempt counts when its outcome is stored, so that one that this server did not survive is made again.
 */
export function startFetcher(options: FetcherOptions): Fetcher {
  const { ledger, clock, onError, lease = ALONE, timers = MACHINE_TIMERS } = options;
  const { everyMs = EVERY_MS, atOnce = AT_ONCE } = options;
  const stopping = new AbortController();
  const running = new Map<number, Promise<void>>();
  /** Ended, and perhaps still due in what a question that is under way will answer. */
  const ended = new Set<number>();
  /** Jobs that met trouble of our own, and until when by the timers they wait for it to pass. */
  const troubled = new Map<number, number>();
  /** Of the next round; null while one is under way. */
  let cancel: (() => void) | null = null;
  let round: Promise<void> = Promise.resolve();
  let lookAgain = false;

  const startDue = async () => {
    ended.clear();
    for (const [id, until] of troubled) if (until <= timers.monotonicMs()) troubled.delete(id);
    const fence = lease.acquire();
    if (fence === null || running.size >= atOnce) return;
    const due = await ledger.workReader.select({
      from: fetchJob,
      where: [
        { column: 'dueAt', null: false },
        { column: 'dueAt', is: '<=', value: clock() },
      ],
      orderBy: [{ column: 'dueAt' }],
      limit: atOnce + running.size + troubled.size,
    });
    for (const job of due) {
      if (stopping.signal.aborted || running.size >= atOnce) return;
      if (!running.has(job.id) && !ended.has(job.id) && !troubled.has(job.id)) start(job, fence);
    }
  };

  const start = (job: FetchJob, fence: Fence) => {
    const attempt = attemptFetch(job, options, fence, stopping.signal)
      .catch(error => {
        if (stopping.signal.aborted || error instanceof LeaseLost) return;
        troubled.set(job.id, timers.monotonicMs() + TROUBLE_MS);
        onError(error);
      })
      .finally(() => {
        running.delete(job.id);
        ended.add(job.id);
        look();
      });
    running.set(job.id, attempt);
  };

  /** One round at a time; the next one comes after a while, or at once when a place became free meanwhile. */
  const look = () => {
    if (stopping.signal.aborted) return;
    if (cancel === null) {
      lookAgain = true;
      return;
    }
    cancel();
    cancel = null;
    lookAgain = false;
    round = startDue()
      .catch(onError)
      .finally(() => {
        if (!stopping.signal.aborted) cancel = timers.after(lookAgain ? 0 : everyMs, look);
      });
  };
  cancel = timers.after(everyMs, look);

  return {
    async stop() {
      stopping.abort();
      cancel?.();
      await round;
      await Promise.all(running.values());
    },
  };
}

async function attemptFetch(job: FetchJob, options: FetcherOptions, fence: Fence, signal: AbortSignal): Promise<void> {
  const { ledger, outbound, store, maxBytes, timeoutMs, retryMs = RETRY_MS } = options;
  const limits = { ...(maxBytes === undefined ? {} : { maxBytes }), ...(timeoutMs === undefined ? {} : { timeoutMs }) };
  let attempt: Attempt;
  try {
    attempt = { audio: await download(outbound, store, job.url, { ...limits, signal }) };
  } catch (error) {
    if (!(error instanceof DownloadFailed)) throw error;
    if (signal.aborted) return;
    attempt = { problem: error.message };
  }
  await ledger.submit(fence(endAttempt(job, attempt, retryMs, options)));
}
