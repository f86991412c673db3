/**
 * Answers to requests that have not been read whole. A connection that is closed over unread bytes is reset, and a reset takes
 * the answer away from every client that writes all of its body before it reads (RFC 9112, section 9.6). So the answer
 * leaves at once, the rest of the request is read and thrown away, and only then the connection closes.
 */
import { type IncomingMessage, ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

/** Sixteen times what most requests may have. A body has no end by itself: beyond this it is cut off, answered or not. */
const DISCARDED_MAX_BYTES = 16 * 1024 * 1024;
/** A line of 5 Mbit/s brings as much in this time. It costs the server a connection, and hardly any work. */
const DISCARDING_MAX_MS = 30_000;
/** A sender that is still writing pauses for lost packets, and no longer. */
const SILENCE_MAX_MS = 5_000;

/** What it extends, but for requests whose body has not been read when they are answered. */
class LingeringResponse extends ServerResponse<IncomingMessage> {
  #isEnding = false;

  override end(...given: unknown[]): this {
    const { req, socket } = this;
    if (this.#isEnding) return this;
    if (req.complete || req.destroyed || socket === null || !bringsBody(req)) {
      return super.end(...(given as unknown as Parameters<ServerResponse['end']>));
    }
    this.#isEnding = true;
    const [body, encoding] = given;
    const callback = given.find(each => typeof each === 'function') as (() => void) | undefined;
    if (typeof body === 'string' || body instanceof Uint8Array) {
      this.write(body, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8');
    }
    this.flushHeaders();
    discardRest(req, isWhole => {
      super.end(callback);
      if (!isWhole) socket.destroySoon();
    });
    return this;
  }
}

/** How the HTTP server is to be made. */
export const LINGERING = { ServerResponse: LingeringResponse as typeof ServerResponse };

/** Known before the first byte of it has come. */
const bringsBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

const STATUS_OF_ERROR: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };
const refused = new WeakSet<Socket>();

/** For what no door sees, since it is not HTTP, or its address and headers have more than 16 KiB: answered, and closed. */
export function refuseUnread(error: Error & { readonly code?: string }, socket: Socket): void {
  // What is left of it is no HTTP either.
  if (refused.has(socket)) return;
  refused.add(socket);
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const status = STATUS_OF_ERROR[error.code ?? ''] ?? 400;
  const body = JSON.stringify({ statusCode: status, error: STATUS_CODES[status], message: error.message });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.removeAllListeners('data');
  discardRest(socket, () => socket.destroySoon());
}

/** Reads on to the end, within the bounds. `isWhole` is false when one was passed, or the sender has gone. */
function discardRest(source: IncomingMessage | Socket, leave: (isWhole: boolean) => void): void {
  const endsAt = performance.now() + DISCARDING_MAX_MS;
  let leftBytes = DISCARDED_MAX_BYTES;
  const take = (piece: Uint8Array) => {
    leftBytes -= piece.byteLength;
    if (leftBytes < 0 || performance.now() > endsAt) stop(false);
    else silence.refresh();
  };
  const finish = () => stop(true);
  const fail = () => stop(false);
  const silence = setTimeout(fail, SILENCE_MAX_MS);
  const stop = (isWhole: boolean) => {
    clearTimeout(silence);
    source.off('data', take).off('end', finish).off('error', fail).off('close', fail);
    leave(isWhole);
  };
  source.on('data', take).on('end', finish).on('error', fail).on('close', fail);
  source.resume();
}
