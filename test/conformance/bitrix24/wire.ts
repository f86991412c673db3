/** Requests exactly as a client put them on the wire: `fetch` would put slashes, blanks and percents right. */
import { type IncomingHttpHeaders, request } from 'node:http';
import type { RunningServer } from '../../kit/server.ts';

export interface WireRequest {
  readonly method: string;
  /** From the slash on, with its query, verbatim. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export function exchange(
  { host, port }: Pick<RunningServer, 'host' | 'port'>,
  { method, path, headers = {}, body = '' }: WireRequest,
): Promise<WireAnswer> {
  return new Promise((resolve, reject) => {
    const length = body === '' && method === 'GET' ? {} : { 'content-length': Buffer.byteLength(body) };
    const sent = request({ host, port, method, path, headers: { ...length, ...headers }, agent: false }, answer => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('end', () => resolve({ status: answer.statusCode!, headers: answer.headers, text }));
      answer.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
