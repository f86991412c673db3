/** A Bayeux server without HTTP, clients that speak to it, and what it told its house: for tests. */
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { type Answer, Bayeux, type BayeuxOptions, type Delivery, type Removal } from '../bayeux.ts';
import { settled, VirtualTime } from './testTime.ts';

export type Message = Readonly<Record<string, unknown>>;

/** What Genesys announces (docs/genesys.md, section 2.5). */
export const RETRY = { interval: 0, timeout: 30_000, reconnect: 'retry' };

export class TestServer {
  readonly time = new VirtualTime();
  readonly bayeux: Bayeux;
  readonly confirmed: (readonly [sessionId: string, receipts: readonly number[]])[] = [];
  readonly removed: { readonly id: string; readonly why: Removal; readonly unconfirmed: readonly number[] }[] = [];
  readonly #requests: TestRequest[] = [];
  #ids = 0;

  constructor(options: Partial<BayeuxOptions> = {}) {
    this.bayeux = new Bayeux({
      clock: this.time.clock,
      schedule: this.time.schedule,
      randomId: () => `random${++this.#ids}`,
      maySubscribe: (_identity, subscription) => (subscription.startsWith('/secret') ? 'not yours' : null),
      onConfirmed: ({ id }, receipts) => this.confirmed.push([id, receipts]),
      onRemoved: ({ id }, why, unconfirmed) => this.removed.push({ id, why, unconfirmed }),
      ...options,
    });
  }

  send(body: unknown, from: { identity?: string | null; browser?: string | null } = {}): TestRequest {
    const request = new TestRequest(this.bayeux, body, from.identity === undefined ? 'agent1' : from.identity, from);
    this.#requests.push(request);
    return request;
  }

  /** A client with a session, and its subscriptions. */
  async client(options: ClientOptions = {}): Promise<TestClient> {
    const client = new TestClient(this, options);
    const [reply] = await client.handshake();
    assert.equal(reply?.['successful'], true);
    for (const subscription of options.subscriptions ?? []) await client.subscribe(subscription);
    return client;
  }

  /** Nothing is left: no session, hold, message, timer, nor listener on any request. */
  assertNothingLeft(): void {
    const { sessions, held, queued } = this.bayeux;
    const listeners = this.#requests.filter(each => each.listeners > 0).length;
    const { pending } = this.time;
    assert.deepEqual(
      { sessions, held, queued, listeners, pending },
      { sessions: 0, held: 0, queued: 0, listeners: 0, pending: 0 },
    );
  }
}

/** One POST. */
export class TestRequest {
  /** Undefined while it is held. */
  answer: Answer | undefined;
  readonly answered: Promise<Answer>;
  readonly #socket = new AbortController();

  constructor(bayeux: Bayeux, body: unknown, identity: string | null, from: { browser?: string | null }) {
    // As the body would come over the wire.
    const parsed: unknown = JSON.parse(JSON.stringify(body));
    const exchange = { identity, browser: from.browser ?? null, closed: this.#socket.signal };
    this.answered = bayeux.receive(parsed, exchange).then(answer => {
      this.answer = answer;
      return answer;
    });
  }

  get listeners(): number {
    return getEventListeners(this.#socket.signal, 'abort').length;
  }

  /** What was sent, as the client would parse it. The response is not written yet. */
  get messages(): Message[] {
    assert.equal(this.answer?.kind, 'messages');
    return this.answer?.kind === 'messages' ? JSON.parse(JSON.stringify(this.answer.messages)) : [];
  }

  /** The client's side goes away. */
  close(): void {
    this.#socket.abort();
  }

  /** What the door says became of the response. */
  written(ok: boolean): void {
    if (this.answer?.kind === 'messages') this.answer.written(ok);
  }

  /** Waits for the response, which is written completely. */
  async read(): Promise<Message[]> {
    await this.answered;
    const { messages } = this;
    this.written(true);
    return messages;
  }

  async isHeld(): Promise<boolean> {
    await settled();
    return this.answer === undefined;
  }
}

export interface ClientOptions {
  readonly identity?: string;
  readonly browser?: string;
  readonly ack?: boolean;
  readonly subscriptions?: readonly (string | readonly string[])[];
}

/** Writes what stock clients write (docs/genesys.md, section 8.4). */
export class TestClient {
  clientId = '';
  /** With the ack extension: the last number it has read. */
  ack = -1;
  readonly #server: TestServer;
  readonly #options: ClientOptions;
  #ids = 0;

  constructor(server: TestServer, options: ClientOptions) {
    this.#server = server;
    this.#options = options;
  }

  message(channel: string, rest: object = {}): Message {
    return { channel, id: String(++this.#ids), clientId: this.clientId, ...rest };
  }

  connectMessage(rest: object = {}): Message {
    const ext = this.#options.ack === true ? { ext: { ack: this.ack } } : {};
    return this.message('/meta/connect', { connectionType: 'long-polling', ...ext, ...rest });
  }

  send(...messages: readonly Message[]): TestRequest {
    return this.#server.send(messages, this.#options);
  }

  async handshake(rest: object = {}): Promise<Message[]> {
    const replies = await this.#server
      .send(
        [
          {
            id: String(++this.#ids),
            version: '1.0',
            minimumVersion: '1.0',
            channel: '/meta/handshake',
            supportedConnectionTypes: ['long-polling', 'callback-polling'],
            advice: { timeout: 60_000, interval: 0 },
            ...(this.#options.ack === true ? { ext: { ack: true } } : {}),
            ...rest,
          },
        ],
        this.#options,
      )
      .read();
    this.clientId = String(replies[0]?.['clientId']);
    return replies;
  }

  connect(rest: object = {}): TestRequest {
    return this.send(this.connectMessage(rest));
  }

  /** A connect that is not to be held. */
  poll(): Promise<Message[]> {
    return this.connect({ advice: { timeout: 0 } }).read();
  }

  subscribe(subscription: unknown): Promise<Message[]> {
    return this.send(this.message('/meta/subscribe', { subscription })).read();
  }

  sendDisconnect(): TestRequest {
    return this.send(this.message('/meta/disconnect'));
  }

  disconnect(): Promise<Message[]> {
    return this.sendDisconnect().read();
  }
}

/** The two messages of one outbound operation (docs/genesys.md, section 2.5), with a number to tell them from others. */
export const pair = (n: number): readonly Delivery[] => [
  { channel: '/v2/me/outbound', data: { n } },
  { channel: '/me/internal', data: { n } },
];

export const BOTH = ['/v2/me/*', '/me/internal'];

/** Which operations the messages of a response are about, one number for each message. */
export const numbers = (messages: readonly Message[]): number[] =>
  messages.flatMap(each => (each['data'] === undefined ? [] : [(each['data'] as { n: number }).n]));
