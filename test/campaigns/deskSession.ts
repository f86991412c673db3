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
  readonly told: (notification: Notification) => void;
  /** A connect has left: everything told before is confirmed, should it arrive. */
  readonly confirming: (references: readonly string[]) => void;
  /** It has arrived. */
  readonly confirmed: (references: readonly string[]) => void;
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
  /** Told, and not confirmed by a connect yet. */
  private read: string[] = [];
  private confirming: readonly string[] = [];
  private closing = false;

  private constructor(client: BayeuxClient, listener: DeskListener) {
    const begun = Promise.withResolvers<void>();
    this.client = client;
    this.listener = listener;
    this.ended = this.listen(begun.resolve).finally(begun.resolve);
    this.begun = begun.promise;
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
        await null;
        this.confirming = this.read;
        this.read = [];
        this.listener.confirming(this.confirming);
        const messages = await this.client.connect(timeoutMs);
        const reply = messages.at(-1);
        if (reply?.successful === true) this.listener.confirmed(this.confirming);
        else if (!this.closing) this.listener.surprise(`a connect was answered ${JSON.stringify(reply)}`);
        this.take(messages);
        begin();
        if (reply?.successful !== true) return;
      }
    } catch (error) {
      if (!(error instanceof ConnectionEnded)) throw error;
    }
  }

  private take(messages: readonly BayeuxMessage[]): void {
    const told = messages.filter(each => each.data !== undefined);
    for (let place = 0; place < told.length; place++) {
      const { channel, data } = told[place]!;
      if (channel !== PUBLIC) {
        this.listener.surprise(`a message without its pair: ${JSON.stringify(data)}`);
        continue;
      }
      const {
        notificationType: type,
        referenceId,
        record = {},
        errorMessage,
      } = data as Record<string, unknown> & {
        record?: Record<string, unknown>;
      };
      const reference = String(referenceId);
      let result: number | null = null;
      if (PAIRED.has(String(type))) {
        const second = told[++place];
        const userData = second?.data?.['userData'] as Record<string, unknown> | undefined;
        const fits =
          second?.channel === INTERNAL &&
          userData?.['GSW_USER_EVENT'] === type &&
          userData?.['GSW_RECORD_HANDLE'] === record['recordHandle'];
        if (!fits) this.listener.surprise(`${type} of ${reference} came without its second message`);
        result = (userData?.['GSW_CALL_RESULT'] as number | undefined) ?? null;
      }
      this.read.push(reference);
      const error = type === 'Error' ? String(errorMessage) : null;
      this.listener.told({ reference, type: String(type), record, result, error });
    }
  }
}
