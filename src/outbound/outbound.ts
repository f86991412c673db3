/** The one HTTP client that leaves the house. Private networks are closed to it unless the organisation opens them. */
import { Agent, type Dispatcher } from 'undici';
import { followRedirect, readDestination } from './destination.ts';
import { createGuard } from './guard.ts';
import { guardedConnector } from './guardedConnector.ts';
import { failed, failureOf } from './outboundError.ts';
import { type ResolveHost, systemResolver } from './resolveHost.ts';

export interface OutboundOptions {
  /** What may be reached although it is not public: `outbound.allow` of the organisation file. */
  readonly allow: () => readonly string[];
  readonly resolve?: ResolveHost;
  /** PEM of the authorities to trust instead of those everybody trusts. */
  readonly ca?: string;
}

export interface FetchOptions {
  readonly maxBytes: number;
  /** For the whole exchange: names, connections, redirects and the body to its last byte. */
  readonly timeoutMs: number;
  /** 5 unless said otherwise. */
  readonly maxRedirects?: number;
  /** The header `Accept`. */
  readonly accept: string;
  /** Gives the exchange up. */
  readonly signal?: AbortSignal;
}

export interface FetchedBytes {
  /** Of the last answer; not only 2xx. */
  readonly status: number;
  readonly contentType: string | null;
  /** Where the answer came from in the end. */
  readonly finalUrl: string;
  /** To be read once, or discarded. Throws `OutboundFailed` when there is more than `maxBytes`, or less than was announced. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Closes the connection instead of reading. */
  discard(): void;
}

export interface Outbound {
  /** GET. Throws `OutboundRefused` or `OutboundFailed`. */
  fetchBytes(url: string, options: FetchOptions): Promise<FetchedBytes>;
  /** Gives up what is under way. */
  close(): Promise<void>;
}

const MAX_REDIRECTS = 5;
/** Twice what browsers send; no server that answers with a file needs more. */
const MAX_HEADER_BYTES = 16 * 1024;
/** How long the other side may send nothing, before its answer begins and within it. */
const SILENCE_MS = 30_000;
const CONNECTIONS_PER_ORIGIN = 8;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export function createOutbound(options: OutboundOptions): Outbound {
  const guard = createGuard(options.allow);
  const agent = new Agent({
    connect: guardedConnector(guard, options.resolve ?? systemResolver(), options.ca ?? null),
    connections: CONNECTIONS_PER_ORIGIN,
    allowH2: false,
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: SILENCE_MS,
    bodyTimeout: SILENCE_MS,
  });
  return {
    fetchBytes: (url, wanted) => fetchBytes(agent, url, wanted),
    close: () => agent.destroy(),
  };
}

/** One exchange's time: from the first look at the URL to the last byte of the body. */
interface Deadline {
  readonly signal: AbortSignal;
  /** What to throw for an error: when the time is over, that is what happened, whatever broke because of it. */
  explain(error: unknown): Error;
  over(): void;
}

function deadlineOf({ timeoutMs, signal }: FetchOptions): Deadline {
  const time = new AbortController();
  const timer = setTimeout(() => time.abort(), timeoutMs);
  return {
    signal: signal === undefined ? time.signal : AbortSignal.any([time.signal, signal]),
    explain: error =>
      time.signal.aborted ? failed('timeout') : signal?.aborted === true ? failed('stopped') : failureOf(error),
    over: () => clearTimeout(timer),
  };
}

async function fetchBytes(agent: Agent, text: string, options: FetchOptions): Promise<FetchedBytes> {
  const deadline = deadlineOf(options);
  try {
    let url = readDestination(text);
    for (let redirects = 0; ; redirects++) {
      const answer = await ask(agent, url, options.accept, deadline.signal);
      const location = REDIRECTS.has(answer.statusCode) ? header(answer, 'location') : null;
      if (location === null) return fetched(url, answer, options.maxBytes, deadline);
      answer.body.destroy();
      if (redirects === (options.maxRedirects ?? MAX_REDIRECTS)) throw failed('redirects');
      url = followRedirect(url, location);
    }
  } catch (error) {
    deadline.over();
    throw deadline.explain(error);
  }
}

async function ask(agent: Agent, url: URL, accept: string, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
  signal.throwIfAborted();
  const requested = agent.request({
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method: 'GET',
    headers: { accept, 'accept-encoding': 'identity', 'user-agent': 'Aftercall' },
    // A connection of its own for each request: it was checked for this one, and no other side can have closed it meanwhile.
    reset: true,
    signal,
  });
  // undici heeds the signal only once it has a connection.
  const answer = await unlessAborted(signal, requested);
  // A reader of the body gets its errors; a body without a reader must not end the process.
  answer.body.on('error', () => {});
  return answer;
}

async function unlessAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function fetched(url: URL, answer: Dispatcher.ResponseData, maxBytes: number, deadline: Deadline): FetchedBytes {
  const encoding = header(answer, 'content-encoding');
  const announced = Number(header(answer, 'content-length') ?? 0);
  const refuse = (reason: 'encoding' | 'too_large') => {
    answer.body.destroy();
    return failed(reason);
  };
  if (encoding !== null && encoding.trim().toLowerCase() !== 'identity') throw refuse('encoding');
  if (announced > maxBytes) throw refuse('too_large');
  return {
    status: answer.statusCode,
    contentType: header(answer, 'content-type'),
    finalUrl: url.href,
    body: counted(answer.body, maxBytes, deadline),
    discard() {
      deadline.over();
      answer.body.destroy();
    },
  };
}

async function* counted(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
  deadline: Deadline,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) throw failed('too_large');
      yield chunk;
    }
  } catch (error) {
    throw deadline.explain(error);
  } finally {
    deadline.over();
  }
}

/** The first, of a header that stands there several times. */
function header(answer: Dispatcher.ResponseData, name: string): string | null {
  const value = answer.headers[name];
  return (typeof value === 'string' ? value : value?.[0]) ?? null;
}
