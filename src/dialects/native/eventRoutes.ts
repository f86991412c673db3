import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { type Place, placeAfter } from '../../ledger/expansion.ts';
import type { JournalRow } from '../../ledger/journal.ts';
import { JournalFeed, newestPosition } from '../../ledger/journalFeed.ts';
import { every } from '../../ledger/timers.ts';
import { demand } from './access.ts';
import type { NativeDoor } from './context.ts';
import { eventSchema, exampleOf } from './eventSchemas.ts';
import { operation } from './operation.ts';
import { invalid } from './problem.ts';
import { renderEntry } from './render.ts';
import { words } from './schemas.ts';

/** Entries read at a time by a stream that has fallen behind. */
const PAGE = 500;
/** Proxies cut connections that are silent for a minute. */
const KEEP_ALIVE_MS = 20_000;

const LastEventId = Type.String({
  pattern: '^[0-9]{1,15}(\\.[0-9]{1,15})?$',
  description: 'The id of the event after which to go on; without it the stream begins now.',
});

const StreamQuery = Type.Object(
  {
    historical: Type.Optional(words(['true', 'false'], 'With what is loaded from elsewhere, after the fact.')),
  },
  { additionalProperties: false },
);
type StreamQuery = Type.Static<typeof StreamQuery>;

/**
 * Server-sent events: the journal from a position on. A stream is a cursor and nothing else: a slow reader falls
 * behind in the ledger, not in memory, and after a break it goes on where `Last-Event-ID` says.
 */
export function eventRoutes(app: FastifyInstance, door: NativeDoor): void {
  app.get<{ Querystring: StreamQuery }>(
    '/events',
    {
      // A stream that nobody reads would never end.
      exposeHeadRoute: false,
      ...operation({
        operationId: 'streamEvents',
        tag: 'events',
        summary: 'What happens, as it happens',
        description:
          'Server-sent events: `event` is the kind, `data` an Event as JSON, `id` its place: the position in the journal, for `call.settled` followed by a full stop and the id of the call. The stream has no end.',
        query: StreamQuery,
        headers: { 'Last-Event-ID': LastEventId },
        answers: {
          200: {
            description: 'The events from then on.',
            schema: Type.String({ contentMediaType: 'application/json', contentSchema: eventSchema(door.events) }),
            contentTypes: ['text/event-stream'],
            example: frameOf(exampleOf(door.events[0]!), false),
          },
        },
      }),
    },
    async (request, reply) => {
      demand(door.gate, request.caller!, 'events.read');
      const given = readLastEventId(request.headers['last-event-id']);
      const after = given === null ? placeAfter(door.ledger.position) : await placeOf(door, given);
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
      const isTold = isAskedFor(request.query);
      await follow(door, stream, after, isTold, error => request.log.warn({ err: error }, 'event stream failed'));
    },
  );
}

function readLastEventId(given: string | string[] | undefined): Place | null {
  if (given === undefined) return null;
  const [whole, position, callId] = /^(\d{1,15})(?:\.(\d{1,15}))?$/.exec(String(given)) ?? [];
  if (whole === undefined) throw invalid('Last-Event-ID', 'must be the id of an event');
  if (callId === undefined) return placeAfter(Number(position));
  // Nothing is before the first entry, a call within it neither.
  if (Number(position) === 0) return placeAfter(0);
  return { position: Number(position) - 1, within: Number(callId) };
}

/** Old calls that a program loads are no news. */
const isAskedFor =
  ({ historical }: StreamQuery) =>
  ({ data }: JournalRow): boolean =>
    historical === 'true' || data?.['historical'] !== true;

/** Writes entries until the client or the server ends it; `after` is the place before the first one. */
async function follow(
  { ledger, timers, stopping, expansion, events }: NativeDoor,
  stream: ServerResponse,
  after: Place,
  isTold: (entry: JournalRow) => boolean,
  onError: (error: unknown) => void,
): Promise<void> {
  const ended = new AbortController();
  const { signal } = ended;
  const end = () => ended.abort();
  stream.on('close', end);
  stopping.addEventListener('abort', end, { once: true });
  // Who it is, and where it stands, may have taken a while to find out.
  if (stopping.aborted || stream.destroyed) end();
  const parts = new Set(events.flatMap(({ kind, partOf }) => (partOf === undefined ? [] : [kind])));
  const frame = (entry: JournalRow) => frameOf(renderEntry(entry), parts.has(entry.kind));
  const feed = new JournalFeed(ledger, { after, reader: ledger.reader, limit: PAGE, expansion, signal });
  const endKeepAlive = every(timers, KEEP_ALIVE_MS, () => stream.write(': still here\n\n'));
  try {
    for (let entries = await feed.next(); entries.length > 0; entries = await feed.next()) {
      const frames = entries.filter(isTold).map(frame).join('');
      if (frames !== '' && !stream.write(frames)) await once(stream, 'drain', { signal });
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
 * place, and its reader gets what comes next.
 */
async function placeOf({ ledger }: NativeDoor, given: Place): Promise<Place> {
  const { position, within } = given;
  const isWithin = (newest: number) => (within === null ? position <= newest : position < newest);
  if (isWithin(ledger.position)) return given;
  const newest = await newestPosition(ledger.reader);
  return isWithin(newest) ? given : placeAfter(newest);
}

interface Framed {
  readonly position: number | null;
  readonly kind: string;
  readonly callId?: unknown;
}

/** Parts of an entry that stands for many are told apart by their calls. */
const idOf = ({ position, callId }: Framed, isPart: boolean): string =>
  isPart ? `${position}.${callId}` : `${position}`;

const frameOf = (event: Framed, isPart: boolean): string =>
  `id: ${idOf(event, isPart)}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`;
