import type { AudioStore, StoredAudio } from './audioStore.ts';
import { UnfitAudio } from './draft.ts';

/** 36 hours of a telephone call as 8 kHz, 8 bits; a day as MP3. */
export const MAX_RECORDING_BYTES = 512 * 1024 * 1024;
/** For the largest one at 2 MB a second; a slower server does not hold a place for ever. */
const DOWNLOAD_MS = 5 * 60_000;
/** For servers that choose by it; what comes is looked at. */
const ACCEPT = 'audio/*, application/octet-stream;q=0.9, */*;q=0.1';

/** The client that leaves the house, as far as this room needs it. What it throws is the other side's failure. */
export interface Fetching {
  fetchBytes(
    url: string,
    options: {
      readonly maxBytes: number;
      readonly timeoutMs: number;
      readonly accept: string;
      readonly signal?: AbortSignal;
    },
  ): Promise<{
    readonly status: number;
    readonly body: AsyncIterable<Uint8Array>;
    discard(): void;
  }>;
}

/** There is no recording to be had at the URL, this time. */
export class DownloadFailed extends Error {
  override readonly name = 'DownloadFailed';
  /** The HTTP status, 0 when no answer came (docs/bitrix24.md, section 11.4). */
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

export interface DownloadOptions {
  readonly maxBytes?: number;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Fetches audio into the store: one attempt. Throws `DownloadFailed`; anything else is this server's own trouble, a full disk
 * for one.
 */
export async function download(
  outbound: Fetching,
  store: AudioStore,
  url: string,
  { maxBytes = MAX_RECORDING_BYTES, timeoutMs = DOWNLOAD_MS, signal }: DownloadOptions = {},
): Promise<StoredAudio> {
  const limits = { maxBytes, timeoutMs, accept: ACCEPT, ...(signal === undefined ? {} : { signal }) };
  const answer = await outbound.fetchBytes(url, limits).catch(error => {
    throw failure(0, error);
  });
  const { status } = answer;
  if (status < 200 || status > 299) {
    answer.discard();
    throw new DownloadFailed(status, `The server answered ${status}.`);
  }
  try {
    return await store.keep(told(answer.body, status), maxBytes);
  } catch (error) {
    throw error instanceof UnfitAudio ? failure(status, error) : error;
  } finally {
    answer.discard();
  }
}

/** The body, with its errors told apart from those of the disk it is written to. */
async function* told(body: AsyncIterable<Uint8Array>, status: number): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw failure(status, error);
  }
}

const failure = (status: number, error: unknown): DownloadFailed =>
  new DownloadFailed(status, error instanceof Error ? error.message : 'The download failed.', { cause: error });
