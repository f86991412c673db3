/** One request to a node, and its answer with all of its headers. */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Sending {
  readonly method?: string;
  /** Sent as JSON; text and bytes as they are. */
  readonly body?: unknown;
  readonly contentType?: string | null;
  readonly authorization?: string;
  readonly cookie?: string;
  /** The host the client asked for. */
  readonly host?: string;
  readonly signal?: AbortSignal;
}

/** `path` below `/api/v2`. */
export function exchange(port: number, path: string, sending: Sending = {}): Promise<Answer> {
  const {
    body,
    authorization,
    cookie,
    host,
    contentType = body === undefined ? null : 'application/json',
    signal,
  } = sending;
  const method = sending.method ?? (body === undefined ? 'GET' : 'POST');
  const headers = {
    ...(contentType === null ? {} : { 'content-type': contentType }),
    ...(authorization === undefined ? {} : { authorization }),
    ...(cookie === undefined ? {} : { cookie }),
    ...(host === undefined ? {} : { host }),
  };
  const isWritten = body === undefined || typeof body === 'string' || Buffer.isBuffer(body);
  const payload = isWritten ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      host: '127.0.0.1',
      port,
      path: `/api/v2${path}`,
      method,
      headers,
      agent: false,
      signal,
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
    request.end(payload);
  });
}

/** Cookies a client would send back, out of what it was told to keep. */
export const cookiesOf = ({ headers }: Answer): string =>
  (headers['set-cookie'] ?? []).map(each => each.split(';')[0]).join('; ');
