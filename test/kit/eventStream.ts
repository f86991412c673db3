import assert from 'node:assert/strict';
import { contractOf } from './contract.ts';
import type { RunningServer } from './server.ts';
import { bearer } from './v1Client.ts';

/** One server-sent event of `GET /v1/events`. */
export interface ServerEvent {
  /** A position in the journal; of an event that is one of several there, with its call. */
  readonly id: string;
  readonly kind: string;
  readonly data: {
    readonly position: number;
    readonly callId: number | null;
    readonly at: string;
    readonly kind: string;
    readonly historical?: boolean;
  };
}

export interface EventStream extends AsyncDisposable {
  /** Everything received so far, in order. */
  readonly received: readonly ServerEvent[];
  /** The first event that fits, received already or still to come. */
  first(what: string, fits: (event: ServerEvent) => boolean): Promise<ServerEvent>;
  /** `finished` by the server, or `cut` by whatever has ended the connection. */
  readonly ended: Promise<'finished' | 'cut'>;
  close(): Promise<void>;
}

/** What takes longer does not come, also on a machine that has much else to do. */
const COMES_WITHIN_MS = 120_000;

/**
 * Resolves once the server has greeted, so that nothing after it can be missed. Closing fails when an event was not what the
 * description of the server promises.
 */
export async function openEvents(
  server: Pick<RunningServer, 'url' | 'token'>,
  {
    after,
    historical = false,
    onEvent,
  }: {
    readonly after?: number | string;
    readonly historical?: boolean;
    readonly onEvent?: (event: ServerEvent) => void;
  } = {},
): Promise<EventStream> {
  const contract = await contractOf(server.url);
  const leaving = new AbortController();
  const response = await fetch(`${server.url}/v1/events${historical ? '?historical=true' : ''}`, {
    headers: { authorization: bearer(server.token), ...(after === undefined ? {} : { 'last-event-id': `${after}` }) },
    signal: leaving.signal,
  });
  if (response.status !== 200) throw new Error(`GET /v1/events answered ${response.status}: ${await response.text()}`);
  const received: ServerEvent[] = [];
  const wrong: string[] = [];
  const waiting = new Set<() => void>();
  const greeted = Promise.withResolvers<void>();
  const ended = readFrames(response.body!, frame => {
    if (frame.startsWith(':')) greeted.resolve();
    else {
      const event = parseFrame(frame);
      received.push(event);
      const problem = contract?.problemOfEvent(event.data);
      if (problem != null) wrong.push(problem);
      onEvent?.(event);
    }
    for (const look of waiting) look();
  }).then(
    () => 'finished' as const,
    () => 'cut' as const,
  );
  await Promise.race([greeted.promise, ended]);
  const close = async () => {
    leaving.abort();
    await ended;
    assert.deepEqual(wrong, []);
  };
  return {
    received,
    ended,
    close,
    first: (what, fits) =>
      new Promise((resolve, reject) => {
        const late = setTimeout(() => {
          waiting.delete(look);
          const kinds = received.map(each => `${each.id} ${each.kind} ${each.data.callId}`).join(', ');
          reject(new Error(`Waited ${COMES_WITHIN_MS} ms in vain for ${what}; there were: ${kinds}`));
        }, COMES_WITHIN_MS);
        const look = () => {
          const found = received.find(fits);
          if (found === undefined) return;
          clearTimeout(late);
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    [Symbol.asyncDispose]: close,
  };
}

async function readFrames(body: ReadableStream<Uint8Array>, take: (frame: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of body) {
    rest += decoder.decode(bytes, { stream: true });
    const frames = rest.split('\n\n');
    rest = frames.pop()!;
    for (const frame of frames) take(frame);
  }
}

function parseFrame(frame: string): ServerEvent {
  const lines = new Map(
    frame.split('\n').map(line => {
      const colon = line.indexOf(': ');
      return [line.slice(0, colon), line.slice(colon + 2)] as const;
    }),
  );
  return { id: lines.get('id')!, kind: lines.get('event')!, data: JSON.parse(lines.get('data')!) };
}
