import { setTimeout as delay } from 'node:timers/promises';
import type { BayeuxClient, BayeuxMessage } from '../kit/bayeuxClient.ts';
import { ConnectionEnded, type RawConnection } from '../kit/rawConnection.ts';

/** What one outbound operation is answered with over Bayeux: one public message, or a pair. */
export interface Notification {
  readonly reference: string;
  readonly type: string;
  readonly record: Readonly<Record<string, unknown>>;
  /** GSW_CALL_RESULT of the second message, where there is one. */
  readonly result: number | null;
  readonly error: string | null;
}

export interface DeskListener {
  readonly received: (notification: Notification) => void;
  /** A connect has left: everything told before is confirmed, should it arrive. */
  readonly confirming: (references: readonly string[]) => void;
  /** It has arrived. */
  readonly confirmed: (references: readonly string[]) => void;
  /** How long reading takes before the next connect leaves, milliseconds. */
  readonly readingMs: () => number;
  /** The server may have been unreachable for so long that it has given the session up, and says so. */
  readonly mayExpire: boolean;
  /** What cannot be. */
  readonly surprise: (what: string) => void;
}

const PUBLIC = '/v2/me/outbound';
const INTERNAL = '/me/internal';
/** Operations that are told in two messages, which must not be torn apart. */
const PAIRED: ReadonlySet<string> = new Set(['RecordProcessedAcknowledge', 'Error']);

/** One Bayeux session of a desktop: reads what it is told, and keeps account of what it has confirmed. */
export class DeskSession {
  /** When it has ended, by whatever. */
  readonly ended: Promise<void>;
  /** When its first connect has been answered, or it has ended: what waited for it has been told by then. */
  readonly begun: Promise<void>;
  private readonly client: BayeuxClient;
  private readonly listener: DeskListener;
  /** Received, and not confirmed by a connect yet. */
  private read: string[] = [];
  private confirming: readonly string[] = [];
  private closing = false;
  private over = false;

  private constructor(client: BayeuxClient, listener: DeskListener) {
    const begun = Promise.withResolvers<void>();
    this.client = client;
    this.listener = listener;
    this.ended = this.listen(begun.resolve).finally(() => {
      this.over = true;
      begun.resolve();
    });
    this.begun = begun.promise;
  }

  get isOver(): boolean {
    return this.over;
  }

  /** Rejects with `ConnectionEnded`. */
  static async open(client: BayeuxClient, listener: DeskListener): Promise<DeskSession> {
    const shaken = await client.handshake();
    if (shaken.successful !== true) throw new Error(`the handshake was refused: ${JSON.stringify(shaken)}`);
    const subscribed = await client.subscribe(['/v2/me/*', INTERNAL]);
    const session = new DeskSession(client, listener);
    session.take(subscribed);
    return session;
  }

  /** Leaves properly; `over` is another connection than the one that is held. */
  async close(over: RawConnection): Promise<void> {
    this.closing = true;
    await this.client.disconnect(over);
    // Whoever counts what was read has said how far by its last connect; for the others leaving is a word too.
    if (!this.client.acks) this.listener.confirmed([...this.confirming, ...this.read]);
    await this.ended;
  }

  private async listen(begin: () => void): Promise<void> {
    try {
      // The first is answered at once, the others when there is something to tell.
      for (let timeoutMs: number | undefined = 0; !this.closing; timeoutMs = undefined) {
        // Whoever opened it is to read first what came with the subscription.
        await delay(this.read.length > 0 ? this.listener.readingMs() : 0);
        this.confirming = this.read;
        this.read = [];
        this.listener.confirming(this.confirming);
        const messages = await this.client.connect(timeoutMs);
        const reply = messages.at(-1);
        if (reply?.successful === true) this.listener.confirmed(this.confirming);
        else if (!this.closing && !this.isExpiry(reply))
          this.listener.surprise(`a connect was answered ${JSON.stringify(reply)}`);
        this.take(messages);
        begin();
        if (reply?.successful !== true) return;
      }
    } catch (error) {
      if (!(error instanceof ConnectionEnded)) throw error;
    }
  }

  private isExpiry(reply: BayeuxMessage | undefined): boolean {
    return this.listener.mayExpire && reply?.advice?.reconnect === 'handshake';
  }

  /**
   * The second message of a pair comes in the same response, after the first. Between them there may be the first of
   * another pair: what waited for a session is told channel by channel, as these are subscribed to.
   */
  private take(messages: readonly BayeuxMessage[]): void {
    const received = messages.filter(each => each.data !== undefined);
    const seconds = new Set(received.filter(each => each.channel === INTERNAL));
    for (const [place, { channel, data }] of received.entries()) {
      if (channel !== PUBLIC) continue;
      const {
        notificationType,
        referenceId,
        record = {},
        errorMessage,
      } = data as Record<string, unknown> & {
        record?: Record<string, unknown>;
      };
      const type = String(notificationType);
      const reference = String(referenceId);
      const second = received.find((each, n) => n > place && seconds.has(each) && isSecond(each, type, record));
      if (second !== undefined) seconds.delete(second);
      else if (PAIRED.has(type)) this.listener.surprise(`${type} of ${reference} came without its second message`);
      const result = (userDataOf(second)['GSW_CALL_RESULT'] as number | undefined) ?? null;
      this.read.push(reference);
      this.listener.received({
        reference,
        type,
        record,
        result,
        error: type === 'Error' ? String(errorMessage) : null,
      });
    }
    for (const { data } of seconds) this.listener.surprise(`a message without its first: ${JSON.stringify(data)}`);
  }
}

function isSecond(message: BayeuxMessage, type: string, record: Readonly<Record<string, unknown>>): boolean {
  const { GSW_USER_EVENT: event, GSW_RECORD_HANDLE: handle } = userDataOf(message);
  return event === type && handle === record['recordHandle'];
}

const userDataOf = (message: BayeuxMessage | undefined): Readonly<Record<string, unknown>> =>
  (message?.data?.['userData'] as Record<string, unknown> | undefined) ?? {};
