import assert from 'node:assert/strict';
import { AGENT1, type Agent, authorizationOf, DONE, type Node } from './node.ts';

/** A Bayeux message to a client, be it a reply or a delivery. */
export interface Message {
  readonly channel: string;
  readonly id?: string | number;
  readonly successful?: boolean;
  readonly error?: string;
  readonly clientId?: string;
  readonly subscription?: unknown;
  readonly advice?: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, unknown>>;
}

export const HANDSHAKE = {
  id: '1',
  channel: '/meta/handshake',
  version: '1.0',
  minimumVersion: '1.0',
  supportedConnectionTypes: ['long-polling', 'callback-polling'],
  advice: { timeout: 60_000, interval: 0 },
} as const;

/** What desktops listen to. */
export const CHANNELS = ['/v2/me/*', '/me/internal'] as const;

/** The channels of an acknowledgement, in its order. */
export const PAIR = ['/v2/me/outbound', '/me/internal'] as const;

/** A record an agent was given. */
export interface Given {
  readonly handle: number;
  readonly number: string;
  readonly userData: Readonly<Record<string, unknown>>;
}

export interface Connecting {
  readonly id?: string;
  /** How long it may be held, in milliseconds; without it, as long as the server does. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

/** An agent's desktop: Bayeux message by message, so that a test decides what comes when. */
export class Desktop implements AsyncDisposable {
  readonly node: Node;
  readonly agent: Agent;
  clientId = '';
  private lastId = 1;

  constructor(node: Node, agent: Agent = AGENT1) {
    this.node = node;
    this.agent = agent;
  }

  /** Shakes hands, subscribes in one batch, and has its first connect answered at once, as stock clients do. */
  static async open(node: Node, agent: Agent = AGENT1, channels: readonly string[] = CHANNELS): Promise<Desktop> {
    const desktop = new Desktop(node, agent);
    await desktop.handshake();
    assert.deepEqual(
      channelsOf(await desktop.subscribe(...channels)),
      channels.map(() => '/meta/subscribe'),
    );
    assert.deepEqual(channelsOf(await desktop.connect({ timeout: 0 })), ['/meta/connect']);
    return desktop;
  }

  async handshake(): Promise<void> {
    const [reply] = await this.post([HANDSHAKE], '/handshake');
    assert.equal(reply!.successful, true);
    this.clientId = reply!.clientId!;
  }

  /** One message for each channel, in one body; all of them must be allowed. */
  async subscribe(...channels: readonly string[]): Promise<readonly Message[]> {
    const received = await this.post(channels.map(subscription => this.message('/meta/subscribe', { subscription })));
    for (const each of received)
      if (each.channel === '/meta/subscribe') assert.equal(each.successful, true, String(each.error));
    return received;
  }

  /** Everything in the answer, the connect reply last. */
  async connect(connecting: Connecting = {}): Promise<readonly Message[]> {
    return JSON.parse(await this.connectText(connecting));
  }

  /** The same as it came over the wire. */
  async connectText(connecting: Connecting = {}): Promise<string> {
    const { status, text } = await this.send([this.connecting(connecting)], '/connect', connecting.signal);
    assert.equal(status, 200, text);
    return text;
  }

  /** The message itself. */
  connecting({ id, timeout }: Connecting = {}): object {
    return this.message('/meta/connect', {
      connectionType: 'long-polling',
      ...(timeout === undefined ? {} : { advice: { timeout } }),
      ...(id === undefined ? {} : { id }),
    });
  }

  /** Takes its leave, which also says that everything was read. */
  async disconnect(): Promise<void> {
    const [reply] = await this.post([this.message('/meta/disconnect')], '/disconnect');
    assert.equal(reply!.successful, true);
  }

  /** The same, unless it is gone already: what it was told is not told to the next one. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.post([this.message('/meta/disconnect')], '/disconnect');
  }

  message(channel: string, fields: object = {}): object {
    return { channel, clientId: this.clientId, id: String(++this.lastId), ...fields };
  }

  async post(messages: unknown, path = '/'): Promise<readonly Message[]> {
    const { status, text } = await this.send(messages, path);
    assert.equal(status, 200, text);
    return JSON.parse(text);
  }

  send(messages: unknown, path = '/', signal?: AbortSignal) {
    return this.node.send(`/notifications${path}`, {
      body: messages,
      authorization: authorizationOf(this.agent),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  /** Asks for the next record of the list, and waits for it; nothing else may be on its way. */
  async retrieve(): Promise<Given> {
    assert.deepEqual(await this.node.preview('GetPreviewRecord', this.agent), DONE);
    const [received] = await this.connect();
    assert.equal(received!.data?.['notificationType'], 'PreviewRecord', JSON.stringify(received));
    const { recordHandle, userData } = received!.data!['record'] as {
      recordHandle: number;
      userData: Given['userData'];
    };
    return { handle: recordHandle, number: String(userData['GSW_PHONE']), userData };
  }

  /** Completes a record, and returns what is told of it. */
  async complete(
    handle: number,
    changes: Readonly<Record<string, unknown>> = {},
  ): Promise<readonly [received: Message, internal: Message]> {
    assert.deepEqual(await this.node.complete(handle, changes, this.agent), DONE);
    const [received, internal, ...rest] = await this.connect();
    assert.deepEqual(channelsOf([received!, internal!, ...rest]), [...PAIR, '/meta/connect']);
    return [received!, internal!];
  }
}

export const channelsOf = (received: readonly Message[]): readonly string[] => received.map(each => each.channel);

/** What each message is about: its notification, its user event, or its channel. */
export const kindsOf = (received: readonly Message[]): readonly unknown[] =>
  received.map(
    ({ channel, data }) =>
      data?.['notificationType'] ?? userDataOf({ channel, data: data! })['GSW_USER_EVENT'] ?? channel,
  );

export const userDataOf = ({ data }: Message): Readonly<Record<string, unknown>> =>
  (data?.['userData'] ?? {}) as Readonly<Record<string, unknown>>;

/** The call result of an acknowledgement. */
export const resultOf = ([, internal]: readonly [Message, Message]): unknown => userDataOf(internal)['GSW_CALL_RESULT'];
