import { setTimeout as delay } from 'node:timers/promises';
import { type EventStream, openEvents, type ServerEvent } from '../../kit/eventStream.ts';
import { until } from '../../kit/until.ts';
import type { Findings } from '../findings.ts';
import type { ClusterNode } from './clusterNode.ts';

export interface SeenEvent extends ServerEvent {
  /** performance.now */
  readonly seenAt: number;
}

const AGAIN_AFTER_MS = 100;
/** A node that was frozen, or lost its database, has a backlog to tell. */
const TOLD_WITHIN_MS = 600_000;

/** Reads the events of one node from the first one on, and goes on after the last one whenever the stream has ended. */
export class EventFollower {
  readonly node: ClusterNode;
  readonly events: SeenEvent[] = [];
  private stream: EventStream | null = null;
  private isClosed = false;
  private readonly ended: Promise<void>;

  constructor(node: ClusterNode) {
    this.node = node;
    this.ended = this.run();
  }

  /** Of the newest event. */
  get id(): string {
    return this.events.at(-1)?.id ?? '0';
  }

  /** Resolves when it has been told of this event, or of one that comes later. */
  async untilTold({ id, position }: StoredEvent): Promise<void> {
    const isTold = ({ id: toldId, data }: SeenEvent) => toldId === id || data.position > position;
    // What comes next is at the end.
    let looked = 0;
    await until(
      `${this.node.name} tells of everything up to ${id}`,
      () => {
        for (; looked < this.events.length; looked++) if (isTold(this.events[looked]!)) return true;
        return undefined;
      },
      TOLD_WITHIN_MS,
    ).catch(error => {
      throw new Error(`${(error as Error).message}; it told of ${this.id}`);
    });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.stream?.close();
    await this.ended;
  }

  private async run(): Promise<void> {
    while (!this.isClosed) {
      const { server } = this.node;
      if (server !== null) {
        try {
          const onEvent = (event: ServerEvent) => {
            this.events.push({ ...event, seenAt: performance.now() });
          };
          this.stream = await openEvents(server, { after: this.id, onEvent });
          await this.stream.ended;
        } catch {
          // It is not there, or cannot ask its database: it is asked again.
        }
      }
      await delay(AGAIN_AFTER_MS);
    }
  }
}

/** What a node must tell, as the database has it. */
export interface StoredEvent {
  /** As the stream has it. */
  readonly id: string;
  readonly position: number;
  readonly kind: string;
  readonly callId: number | null;
}

/** What a node has told, against the journal: all of it, in order, each once. `stored` begin after position `after`. */
export function compareEvents(
  { node, events }: Pick<EventFollower, 'node' | 'events'>,
  { after, stored }: { readonly after: number; readonly stored: readonly StoredEvent[] },
  found: Findings,
): void {
  const last = stored.at(-1)?.position ?? after;
  const reported = events.filter(({ data: { position } }) => position > after && position <= last);
  const byId = Map.groupBy(reported, ({ id }) => id);
  for (const { id, kind, callId } of stored) {
    const told = byId.get(id) ?? [];
    const what = `event ${id} ${kind} on ${node.name}`;
    if (told.length === 0) found.lost.add(what);
    if (told.length > 1) found.doubled.add(what);
    const [event] = told;
    if (event !== undefined && (event.kind !== kind || event.data.callId !== callId)) {
      found.miscounted.add(`${what} is told as ${event.kind} of call ${event.data.callId} instead of ${callId}`);
    }
  }
  if (reported.length > stored.length)
    found.invented.add(`${reported.length} events of ${stored.length} on ${node.name}`);
  const places = new Map(stored.map(({ id }, place) => [id, place]));
  const placeOf = ({ id }: SeenEvent): number => places.get(id) ?? Number.NaN;
  const unordered = reported.findIndex((event, n) => n > 0 && placeOf(event) < placeOf(reported[n - 1]!));
  if (unordered > 0) found.miscounted.add(`event ${reported[unordered]!.id} on ${node.name} came after a later one`);
}

/** How much later than the first node the last one told of an entry, at most, in milliseconds; seen between the two. */
export function longestLagMs(
  followers: readonly Pick<EventFollower, 'events'>[],
  fromMs: number,
  toMs: number,
): number {
  const [first, ...others] = followers.map(each => new Map(each.events.map(event => [event.id, event.seenAt])));
  let longest = 0;
  for (const [id, seenAt] of first!) {
    const times = [seenAt, ...others.flatMap(each => each.get(id) ?? [])];
    const earliest = Math.min(...times);
    if (earliest >= fromMs && earliest <= toMs) longest = Math.max(longest, Math.max(...times) - earliest);
  }
  return longest;
}
