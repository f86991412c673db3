import type { Random } from '../kit/random.ts';
import { type Load, startLoad } from '../kit/rawClient.ts';
import type { Address } from '../kit/rawConnection.ts';
import { pushRequest } from '../kit/requestSlab.ts';
import type { CallGenerator, GeneratedCall, YeastarEvent } from '../kit/yeastarEvents.ts';

/** One event and whether the server has said that it keeps it. */
export interface SentEvent {
  readonly request: Buffer;
  /** Tells nothing about legs: it amends one that another event tells. */
  readonly amends: boolean;
  acknowledged: boolean;
  /** Told once, when it is acknowledged. */
  onAcknowledged?: () => void;
}

export interface SentCall {
  readonly callId: string;
  readonly startedAtMs: number;
  readonly events: readonly SentEvent[];
}

export const isAcknowledged = (call: SentCall): boolean => call.events.some(event => event.acknowledged);

export interface PbxOptions {
  readonly random: Random;
  readonly calls: CallGenerator;
  readonly connections: number;
  /** Mean pause of a connection between an answer and its next event, milliseconds. */
  readonly pauseMs: number;
  /** Share of events that are sent twice though nothing was wrong. */
  readonly repeatShare: number;
  /** No new calls beyond this number. */
  readonly maxCalls: number;
}

export interface Answer {
  readonly status: number;
  readonly latencyMs: number;
}

/** Events are sent in an order that differs from the one in which they were told by as many places. */
const SHUFFLED_WITHIN = 24;
/** A PBX that is refused waits before it tries again. */
const RETRY_AFTER_MS = 50;
/** Well above the second within which storage trouble must be answered. */
const RESEND_WITHIN_MS = 300_000;

/**
 * A PBX that pushes what it has to tell over a few connections, in a shuffled order, some of it twice, and remembers
 * what was acknowledged.
 */
export class FakePbx {
  readonly sent: SentCall[] = [];
  /** Answers that were neither 200 nor 503, at most a few. */
  readonly surprises: string[] = [];
  /** Events whose connection ended before their answer came. */
  unanswered = 0;
  private readonly options: PbxOptions;
  private readonly toSend: SentEvent[] = [];
  /** In flight, and since when (performance.now). */
  private readonly waiting = new Map<SentEvent, number>();

  constructor(options: PbxOptions) {
    this.options = options;
  }

  /**
   * Pushes until `stop` or `abort`, or until the connections break; what was in flight then is sent again, by whoever pushes.
   */
  push(server: Address, onAnswer?: (answer: Answer) => void): Load {
    const inFlight: (SentEvent | null)[] = [];
    const { random, pauseMs } = this.options;
    return startLoad({
      host: server.host,
      port: server.port,
      connections: this.options.connections,
      next: connection => {
        const event = this.nextEvent();
        inFlight[connection] = event;
        if (event !== null) this.waiting.set(event, performance.now());
        return event?.request ?? null;
      },
      answered: (connection, status, latencyMs) => {
        this.waiting.delete(inFlight[connection]!);
        this.take(inFlight[connection]!, status);
        onAnswer?.({ status, latencyMs });
      },
      closed: (connection, wasInFlight) => {
        if (!wasInFlight) return;
        this.unanswered++;
        const event = inFlight[connection]!;
        this.waiting.delete(event);
        if (!event.acknowledged) this.toSend.push(event);
      },
      pauseMs: () => (pauseMs === 0 ? 0 : random.next() * 2 * pauseMs),
    });
  }

  /** Sends once more, over any connection, what was sent so long ago and has not been answered. */
  repeatWaiting(olderThanMs: number): void {
    const now = performance.now();
    for (const [event, sentAt] of this.waiting) {
      if (now - sentAt < olderThanMs) continue;
      this.waiting.set(event, now);
      if (!event.acknowledged) this.toSend.push(event);
    }
  }

  /** A call that has just ended is pushed among the others; resolves when all of it is acknowledged. */
  async tell(call: GeneratedCall): Promise<void> {
    const sent = sentCallOf(call);
    this.sent.push(sent);
    this.toSend.push(...sent.events);
    const each = (event: SentEvent) =>
      new Promise<void>(resolve => {
        event.onAcknowledged = resolve;
      });
    await Promise.all(sent.events.map(each));
  }

  /** Sends everything that is not acknowledged, again and again as a PBX would, until it is. Returns how many there were. */
  async resend(server: Address): Promise<number> {
    const events = this.sent.flatMap(call => call.events.filter(event => !event.acknowledged));
    const giveUpAt = performance.now() + RESEND_WITHIN_MS;
    for (let waiting = [...events]; waiting.length > 0; ) {
      const queue = waiting.values();
      const inFlight: SentEvent[] = [];
      await startLoad({
        host: server.host,
        port: server.port,
        connections: Math.min(this.options.connections, waiting.length),
        next: connection => {
          const event = queue.next();
          if (event.done === true) return null;
          inFlight[connection] = event.value;
          return event.value.request;
        },
        answered: (connection, status) => this.take(inFlight[connection]!, status),
      }).ended;
      waiting = waiting.filter(event => !event.acknowledged);
      this.toSend.length = 0;
      if (waiting.length === 0) break;
      if (performance.now() > giveUpAt) {
        throw new Error(
          `${waiting.length} events are still not taken; unexpected: ${this.surprises.join('; ') || 'none'}`,
        );
      }
      await new Promise(resolve => setTimeout(resolve, RETRY_AFTER_MS));
    }
    return events.length;
  }

  private nextEvent(): SentEvent | null {
    const { random, maxCalls, repeatShare } = this.options;
    while (this.toSend.length < SHUFFLED_WITHIN && this.sent.length < maxCalls) {
      const call = sentCallOf(this.options.calls.next());
      this.sent.push(call);
      for (const event of call.events) {
        this.toSend.push(event);
        if (random.chance(repeatShare)) this.toSend.push(event);
      }
    }
    if (this.toSend.length === 0) return null;
    const place = random.integer(0, Math.min(SHUFFLED_WITHIN, this.toSend.length) - 1);
    const event = this.toSend[place]!;
    const last = this.toSend.pop()!;
    if (place < this.toSend.length) this.toSend[place] = last;
    return event;
  }

  private take(event: SentEvent, status: number): void {
    if (status === 200) {
      event.acknowledged = true;
      event.onAcknowledged?.();
    }
    // Pushed again later, as a PBX does; meanwhile nothing new is pushed, so that what waits does not grow without end.
    else if (status === 503) this.toSend.push(event);
    else if (this.surprises.length < 10) {
      this.surprises.push(`${status} for ${event.request.toString('latin1').split('\r\n\r\n')[1]}`);
    }
  }
}

function sentCallOf({ callId, startedAtSeconds, events, amendments }: GeneratedCall): SentCall {
  const sendable = (event: YeastarEvent, amends: boolean): SentEvent => ({
    request: Buffer.from(pushRequest(event), 'latin1'),
    amends,
    acknowledged: false,
  });
  return {
    callId,
    startedAtMs: startedAtSeconds * 1000,
    events: [...events.map(event => sendable(event, false)), ...amendments.map(event => sendable(event, true))],
  };
}
