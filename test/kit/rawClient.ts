import { connect, type Socket } from 'node:net';

/**
 * Load over HTTP/1.1 on raw sockets: keep-alive connections with one request in flight each, requests as ready bytes, of
 * the answer only what says where it ends. It costs a fraction of an HTTP client, so that the server is what is measured.
 */
export interface LoadOptions {
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  /** The whole bytes of the next request; null when there is none, then the connection ends. */
  next(connection: number): Uint8Array | null;
  /**
   * The connection may be given its next request right after. `answer` is all of it, headers included, in memory that is
   * used again afterwards.
   */
  answered(connection: number, status: number, latencyMs: number, answer: Buffer): void;
  /** A request that was in flight when the connection ended may have been handled or not. */
  closed?(connection: number, inFlight: boolean): void;
  /** Milliseconds until a connection sends again; nothing or 0 is at once. */
  pauseMs?(): number;
}

export interface Load {
  /** When every connection has ended: out of requests, stopped, or broken. */
  readonly ended: Promise<void>;
  /** No request is started any more; what is in flight is waited for. */
  stop(): void;
  /** Closes the connections where they stand. */
  abort(): void;
}

/** An answer of a report or an error is a few hundred bytes. */
const READ_BUFFER_BYTES = 16 * 1024;
const END_OF_HEADERS = Buffer.from('\r\n\r\n');
const CONTENT_LENGTH = Buffer.from('\r\ncontent-length:');
const CONTENT_LENGTH_CAPITAL = Buffer.from('\r\nContent-Length:');
const DIGIT_0 = 48;
const SPACE = 32;

/** Everything starts at once; `ended` never rejects. */
export function startLoad(options: LoadOptions): Load {
  const sockets: Socket[] = [];
  let stopping = false;
  const connections = Array.from({ length: options.connections }, (_, id) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    sockets.push(openConnection(id, options, () => stopping, resolve));
    return promise;
  });
  return {
    ended: Promise.all(connections).then(() => undefined),
    stop: () => {
      stopping = true;
    },
    abort: () => {
      stopping = true;
      for (const socket of sockets) socket.destroy();
    },
  };
}

function openConnection(id: number, options: LoadOptions, stopping: () => boolean, ended: () => void): Socket {
  const { next, answered, pauseMs } = options;
  const buffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
  let partial: Buffer | null = null;
  let inFlight = false;
  let sentAt = 0;

  const send = (): void => {
    const bytes = stopping() ? null : next(id);
    if (bytes === null) {
      socket.end();
      socket.destroySoon();
      return;
    }
    inFlight = true;
    sentAt = performance.now();
    socket.write(bytes);
  };

  const receive = (count: number): boolean => {
    const bytes: Buffer =
      partial === null ? buffer.subarray(0, count) : Buffer.concat([partial, buffer.subarray(0, count)]);
    const length = answerLength(bytes);
    if (length < 0 || bytes.length < length) {
      partial = Buffer.from(bytes);
      return true;
    }
    if (bytes.length > length) {
      // Nothing was asked that this could be the answer to.
      socket.destroy();
      return false;
    }
    partial = null;
    const status = (bytes[9]! - DIGIT_0) * 100 + (bytes[10]! - DIGIT_0) * 10 + (bytes[11]! - DIGIT_0);
    inFlight = false;
    answered(id, status, performance.now() - sentAt, bytes);
    const pause = pauseMs === undefined ? 0 : pauseMs();
    if (pause > 0) setTimeout(send, pause);
    else send();
    return true;
  };

  const socket = connect({
    host: options.host,
    port: options.port,
    noDelay: true,
    onread: { buffer, callback: receive },
  });
  socket.once('connect', send);
  socket.once('error', () => {});
  socket.once('close', () => {
    options.closed?.(id, inFlight);
    ended();
  });
  return socket;
}

/** Bytes of the whole answer, -1 while its headers are not complete. */
export function answerLength(bytes: Buffer): number {
  const headers = bytes.indexOf(END_OF_HEADERS);
  if (headers < 0) return -1;
  let at = bytes.indexOf(CONTENT_LENGTH);
  if (at < 0 || at > headers) at = bytes.indexOf(CONTENT_LENGTH_CAPITAL);
  // 204 and 304 have no body. An answer in chunks is not expected: it ends the connection as one that is too long.
  if (at < 0 || at > headers) return headers + END_OF_HEADERS.length;
  at += CONTENT_LENGTH.length;
  while (bytes[at] === SPACE) at++;
  let length = 0;
  for (let digit = bytes[at]! - DIGIT_0; digit >= 0 && digit <= 9; digit = bytes[++at]! - DIGIT_0) {
    length = length * 10 + digit;
  }
  return headers + END_OF_HEADERS.length + length;
}
