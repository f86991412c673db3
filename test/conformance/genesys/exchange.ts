/** HTTP with everything about a request in hand: every header, where it comes from, and when its socket is cut. */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Sending {
  /** GET, or POST when there is a body. */
  readonly method?: string;
  /** Sent as JSON; text and bytes as they are. */
  readonly body?: unknown;
  /** Null sends none. */
  readonly contentType?: string | null;
  readonly authorization?: string;
  readonly cookie?: string;
  /** The address of this machine that the request comes from: all of 127.0.0.0/8 is. */
  readonly from?: string;
  /** Cuts the connection. */
  readonly signal?: AbortSignal;
  /** Without saying beforehand how long the body is. */
  readonly chunked?: boolean;
}

/** `path` as it goes on the wire. Each request has a connection of its own, which ends with it. */
export function exchange(port: number, path: string, sending: Sending = {}): Promise<Answer> {
  const { body, authorization, cookie, from, signal, chunked = false } = sending;
  const isWritten = body === undefined || typeof body === 'string' || Buffer.isBuffer(body);
  const payload = isWritten ? body : JSON.stringify(body);
  const contentType = sending.contentType === undefined ? payload && 'application/json' : sending.contentType;
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      host: '127.0.0.1',
      port,
      path,
      method: sending.method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        ...(contentType ? { 'content-type': contentType } : {}),
        ...(authorization === undefined ? {} : { authorization }),
        ...(cookie === undefined ? {} : { cookie }),
      },
      agent: false,
      ...(from === undefined ? {} : { localAddress: from }),
      ...(signal === undefined ? {} : { signal }),
    });
    request.on('error', reject);
    request.on('response', response => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', chunk => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
    });
    if (chunked) request.write(payload);
    request.end(chunked ? undefined : payload);
  });
}

/** Cookies a client would send back, out of what it was told to keep. */
export const cookiesOf = ({ headers }: Answer): string =>
  (headers['set-cookie'] ?? []).map(each => each.split(';')[0]).join('; ');

/**
 * A POST on a socket that the test may do with as it likes. `announcedBytes` is what the request says of its body; no
 * more than `body` is sent.
 */
export function openRequest(
  port: number,
  path: string,
  { authorization, body, announcedBytes = Buffer.byteLength(body) }: RawRequest,
): Socket {
  const socket = connect(port, '127.0.0.1');
  const head = [
    `POST ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Content-Type: application/json',
    `Authorization: ${authorization}`,
    `Content-Length: ${announcedBytes}`,
  ];
  // How it ends is what the tests are about.
  socket.on('error', () => {});
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  return socket;
}

export interface RawRequest {
  readonly authorization: string;
  readonly body: string;
  readonly announcedBytes?: number;
}

/** One answer; then the client has gone, whatever it has announced. */
export async function answerOn(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket.setEncoding('utf8')) {
    text += chunk;
    const end = text.indexOf('\r\n\r\n');
    const length = /^content-length: (\d+)\r$/im.exec(text.slice(0, end));
    if (end !== -1 && length !== null && text.length >= end + 4 + Number(length[1])) break;
  }
  return text;
}
