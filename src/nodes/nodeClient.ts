/** The HTTP client between nodes. They live in private networks, so it is not the one that leaves the house. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { checkServerIdentity, getCACertificates, type PeerCertificate } from 'node:tls';
import { Agent } from 'undici';

/** A node that is there takes a connection at once. */
const CONNECT_MS = 2_000;
/** Twice as long as a connect is held at most: a node that is silent for longer will not answer. */
const ANSWER_MS = 60_000;
const BODY_MS = 10_000;

export interface ForwardedRequest {
  readonly method: 'POST';
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Uint8Array;
}

export interface NodeAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable;
}

export interface NodeClient {
  /**
   * Rejects when there is no answer: the node is not there, or `signal` was aborted. Never sends it twice: a repeated
   * connect means that the answer to the one before was read, which may have been lost on its way here.
   */
  ask(url: string, request: ForwardedRequest, signal: AbortSignal): Promise<NodeAnswer>;
  /** Gives up what is under way. */
  close(): Promise<void>;
}

/** `certificate`: PEM of what this node itself shows, which others may show as well, under whatever name they are reached. */
export function createNodeClient(certificate: string | null): NodeClient {
  const agent = new Agent({
    connect: { timeout: CONNECT_MS, ...(certificate === null ? {} : trustAlso(certificate)) },
    // A held connect has a connection of its own.
    connections: null,
    pipelining: 1,
    allowH2: false,
    headersTimeout: ANSWER_MS,
    bodyTimeout: BODY_MS,
  });
  return {
    async ask(origin, { method, path, headers, body }, signal) {
      const answer = await agent.request({ origin, method, path, headers, body, signal });
      // A reader gets the error; without a reader it must not end the process.
      answer.body.on('error', () => {});
      return { status: answer.statusCode, headers: answer.headers, body: answer.body };
    },
    close: () => agent.destroy(),
  };
}

function trustAlso(certificate: string) {
  const own = certificate.replaceAll(/\s/g, '');
  return {
    // A list of authorities replaces what Node trusts by itself: NODE_EXTRA_CA_CERTS and --use-system-ca are among the
    // defaults.
    ca: [...getCACertificates('default'), certificate],
    checkServerIdentity: (host: string, shown: PeerCertificate) =>
      own.includes(shown.raw.toString('base64')) ? undefined : checkServerIdentity(host, shown),
  };
}

/** Headers that belong to one connection, and not to what is forwarded. */
const OF_ONE_CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'expect',
  'host',
]);

/** The headers of a request or an answer that are forwarded. A content length is made anew for a request. */
export function forwardableHeaders(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const forwardable: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !OF_ONE_CONNECTION.has(name)) forwardable[name] = value;
  }
  return forwardable;
}
