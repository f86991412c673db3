import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { JournalRow } from '../../ledger/journal.ts';
import { JournalFeed, newestPosition } from '../../ledger/journalFeed.ts';
import { every } from '../../ledger/timers.ts';
import { demand } from './access.ts';
import type { NativeDoor } from './context.ts';
import { eventSchema, exampleOf } from './eventSchemas.ts';
import { operation } from './operation.ts';
import { invalid } from './problem.ts';
import { renderEntry } from './render.ts';

/** Entries read at a time by a stream that has fallen behind. */
const PAGE = 500;
/** Proxies cut connections that are silent for a minute. */
const KEEP_ALIVE_MS = 20_000;

const LastEventId = Type.String({
  pattern: '^[0-9]{1,15}$',
  description: 'The position after which to go on; without it the stream begins now.',
});

/**
 * Server-sent events: the journal from a position on. A stream is a cursor and nothing else: a slow reader falls
 * behind in the ledger, not in memory, and after a break it goes on where `Last-Event-ID` says.
 */
export function eventRoutes(app: FastifyInstance, door: NativeDoor): void {
  app.get(
    '/events',
    {
      // A stream that nobody reads would never end.
      exposeHeadRoute: false,
      ...operation({
        operationId: 'streamEvents',
        tag: 'events',
        summary: 'What happens, as it happens',
        description:
          'Server-sent events: `event` is the kind, `data` an Event as JSON, `id` its position in the journal. The stream has no end.',
        headers: { 'Last-Event-ID': LastEventId },
        answers: {
          200: {
            description: 'The events from then on.',
            schema: Type.String({ contentMediaType: 'application/json', contentSchema: eventSchema(door.events) }),
            contentTypes: ['text/event-stream'],
            example: frameOf(exampleOf(door.events[0]!)),
          },
        },
      }),
    },
    async (request, reply) => {
      demand(door.gate, request.caller!, 'events.read');
      const given = readLastEventId(request.headers['last-event-id']);
      const after = given === null ? door.ledger.position : await positionOf(door, given);
      reply.hijack();
      const stream = reply.raw;
      stream.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
        // The connection ends with the stream: kept alive, it would hold up a server that stops.
        connection: 'close',
      });
      stream.write(': welcome\n\n');
      await follow(door, stream, after, error => request.log.warn({ err: error }, 'event stream failed'));
    },
  );
}

function readLastEventId(given: string | string[] | undefined): number | null {
  if (given === undefined) return null;
  if (!/^\d{1,15}$/.test(String(given))) throw invalid('Last-Event-ID', 'must be a position');
  return Number(given);
}

/** Writes entries until the client or the server ends it; `after` is the position before the first one. */
async function follow(
  { ledger, timers, stopping }: NativeDoor,
  stream: ServerResponse,
  after: number,
  onError: (error: unknown) => void,
): Promise<void> {
  const ended = new AbortController();
  const { signal } = ended;
  const end = () => ended.abort();
  stream.on('close', end);
  stopping.addEventListener('abort', end, { once: true });
  // Who it is, and where it stands, may have taken a while to find out.
  if (stopping.aborted || stream.destroyed) end();
  const feed = new JournalFeed(ledger, { after, reader: ledger.reader, limit: PAGE, signal });
  const endKeepAlive = every(timers, KEEP_ALIVE_MS, () => stream.write(': still here\n\n'));
  try {
    for (let entries = await feed.next(); entries.length > 0; entries = await feed.next()) {
      if (!stream.write(entries.map(frame).join(''))) await once(stream, 'drain', { signal });
    }
  } catch (error) {
    if (!signal.aborted) onError(error);
  } finally {
    endKeepAlive();
    feed.close();
    stopping.removeEventListener('abort', end);
    // Who does not read would not take the end either; it goes on later where it was.
    if (stream.writableNeedDrain) stream.destroy();
    else stream.end();
  }
}

/**
 * Where a stream goes on. Another node may have told of more than this one has heard of; what nobody has told of is no
 * position, and its reader gets what comes next.
 */
async function positionOf({ ledger }: NativeDoor, given: number): Promise<number> {
  if (given <= ledger.position) return given;
  return Math.min(given, await newestPosition(ledger.reader));
}

const frameOf = (event: { readonly position: number; readonly kind: string }): string =>
  `id: ${event.position}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`;

const frame = (entry: JournalRow): string => frameOf(renderEntry(entry));
