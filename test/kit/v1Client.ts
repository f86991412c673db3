import assert from 'node:assert/strict';
import { contractOf } from './contract.ts';
import type { RunningServer } from './server.ts';
import { until } from './until.ts';
import type { CallDetail, CallPage, CallView, QuarantinedView } from './v1Views.ts';

export interface V1Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed where the answer is JSON, else the text. */
  readonly body: T;
}

export interface V1Request {
  /** Bytes or text leave as they are, anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * One caller of `/v1`. Paths begin with a slash and contain the `/v1`. Every answer must be one that the description of the server
 * promises.
 */
export interface V1Client {
  ask<T>(method: string, path: string, request?: V1Request): Promise<V1Answer<T>>;
  /** The body of an answer that must be 200. */
  get<T>(path: string): Promise<T>;
  /** The answer's body, which must have this status. */
  post<T>(path: string, body: unknown, status: number): Promise<T>;
  call(id: number): Promise<CallDetail>;
  /** The one call of a source under its own id. */
  callOf(externalId: string, source: string): Promise<CallDetail>;
  /** Every call a filter lists, page by page; `query` such as `source=hq`. */
  list(query?: string, limit?: number): Promise<CallView[]>;
  quarantined(): Promise<QuarantinedView[]>;
  /** The call once it has settled. */
  settled(id: number): Promise<CallDetail>;
}

export const bearer = (token: string): string => `Bearer ${token}`;
export const basic = (login: string, password: string): string =>
  `Basic ${Buffer.from(`${login}:${password}`).toString('base64')}`;

/** `authorization` null sends no such header. */
export function createV1Client(
  server: Pick<RunningServer, 'url' | 'token'>,
  authorization: string | null = bearer(server.token),
): V1Client {
  const ask = async <T>(method: string, path: string, { body, headers = {} }: V1Request = {}): Promise<V1Answer<T>> => {
    const isReady = typeof body === 'string' || body instanceof Uint8Array;
    const response = await fetch(server.url + path, {
      method,
      headers: {
        ...(authorization === null ? {} : { authorization }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: isReady ? (body as NonNullable<RequestInit['body']>) : JSON.stringify(body) }),
    });
    const text = await response.text();
    const contentType = response.headers.get('content-type') ?? '';
    const answered: unknown = /json/.test(contentType) ? JSON.parse(text) : text;
    const contract = await contractOf(server.url);
    const problem = contract?.problemOfAnswer({ method, path, status: response.status, contentType, body: answered });
    if (problem != null) assert.fail(problem);
    return { status: response.status, headers: response.headers, body: answered as T };
  };
  const expect = async <T>(status: number, method: string, path: string, request?: V1Request): Promise<T> => {
    const answer = await ask<T>(method, path, request);
    assert.equal(answer.status, status, `${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const get = <T>(path: string): Promise<T> => expect<T>(200, 'GET', path);
  const call = (id: number): Promise<CallDetail> => get(`/v1/calls/${id}`);
  return {
    ask,
    get,
    post: (path, body, status) => expect(status, 'POST', path, { body }),
    call,
    callOf: async (externalId, source) => {
      const { items } = await get<CallPage>(`/v1/calls?${new URLSearchParams({ externalId, source })}`);
      assert.equal(items.length, 1, `${items.length} calls of ${source} under ${externalId}`);
      return call(items[0]!.id);
    },
    list: async (query = '', limit = 500) => {
      const found: CallView[] = [];
      let cursor: string | null = null;
      do {
        const page: CallPage = await get(
          `/v1/calls?limit=${limit}&${query}${cursor === null ? '' : `&cursor=${cursor}`}`,
        );
        found.push(...page.items);
        cursor = page.next;
      } while (cursor !== null);
      return found;
    },
    quarantined: async () => {
      const found: QuarantinedView[] = [];
      let after: number | null = 0;
      do {
        const page: { items: QuarantinedView[]; next: number | null } = await get(`/v1/quarantine?after=${after}`);
        found.push(...page.items);
        after = page.next;
      } while (after !== null);
      return found;
    },
    settled: id =>
      until(`call ${id} settles`, async () => {
        const seen = await call(id);
        return seen.settledAt === null ? undefined : seen;
      }),
  };
}
