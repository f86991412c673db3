import { postRequest } from './postRequest.ts';
import type { RawConnection } from './rawConnection.ts';

/** A message of a Bayeux server; what it carries of `data` is its channel's. */
export interface BayeuxMessage {
  readonly channel: string;
  readonly id?: string;
  readonly clientId?: string;
  readonly successful?: boolean;
  readonly error?: string;
  readonly advice?: { readonly reconnect?: string };
  readonly ext?: { readonly ack?: number | boolean };
  readonly data?: Readonly<Record<string, unknown>>;
}

export interface BayeuxClientOptions {
  /** Whose session it is: a header `Authorization`. */
  readonly authorization: string;
  /** Use the ack extension: the server learns by number what was read (docs/genesys.md, section 7, lines 61 to 65). */
  readonly acks: boolean;
  readonly path?: string;
}

const PATH = '/api/v2/notifications';

/** One session over long-polling, as the stock clients hold it; every request goes over `line`, one at a time. */
export class BayeuxClient {
  /** Empty before the handshake. */
  clientId = '';
  private readonly line: RawConnection;
  private readonly options: BayeuxClientOptions;
  private lastId = 0;
  private lastAck = -1;

  constructor(line: RawConnection, options: BayeuxClientOptions) {
    this.line = line;
    this.options = options;
  }

  get acks(): boolean {
    return this.options.acks;
  }

  /** The reply; `successful` says whether there is a session now. */
  async handshake(): Promise<BayeuxMessage> {
    const [reply] = await this.post(this.line, [
      {
        channel: '/meta/handshake',
        id: this.nextId(),
        version: '1.0',
        minimumVersion: '1.0',
        supportedConnectionTypes: ['long-polling'],
        ...(this.options.acks ? { ext: { ack: true } } : {}),
      },
    ]);
    this.clientId = reply?.clientId ?? '';
    return reply!;
  }

  /** All in one request. What waits for the session may come before the replies. */
  subscribe(channels: readonly string[]): Promise<readonly BayeuxMessage[]> {
    const message = (subscription: string) => ({ ...this.message('/meta/subscribe'), subscription });
    return this.post(this.line, channels.map(message));
  }

  /** Held until there is something to tell. Whatever was read before is confirmed by it. */
  async connect(timeoutMs?: number): Promise<readonly BayeuxMessage[]> {
    const messages = await this.post(this.line, [
      {
        ...this.message('/meta/connect'),
        connectionType: 'long-polling',
        ...(timeoutMs === undefined ? {} : { advice: { timeout: timeoutMs } }),
        ...(this.options.acks ? { ext: { ack: this.lastAck } } : {}),
      },
    ]);
    const ack = messages.at(-1)?.ext?.ack;
    if (typeof ack === 'number') this.lastAck = ack;
    return messages;
  }

  /** Over another connection than the one whose connect it ends. */
  disconnect(over: RawConnection): Promise<readonly BayeuxMessage[]> {
    return this.post(over, [this.message('/meta/disconnect')]);
  }

  private message(channel: string): { channel: string; clientId: string; id: string } {
    return { channel, clientId: this.clientId, id: this.nextId() };
  }

  private async post(over: RawConnection, messages: readonly object[]): Promise<readonly BayeuxMessage[]> {
    const { authorization, path = PATH } = this.options;
    const { status, body } = await over.ask(postRequest(path, JSON.stringify(messages), { authorization }));
    if (status !== 200) throw new Error(`Bayeux answered ${status} ${body.toString()}`);
    return JSON.parse(body.toString()) as BayeuxMessage[];
  }

  private nextId(): string {
    return String(++this.lastId);
  }
}
