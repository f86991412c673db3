import assert from 'node:assert/strict';
import { AGENT1, DEVICE, type TestNode } from './testNode.ts';

interface Message {
  readonly channel: string;
  readonly successful?: boolean;
  readonly clientId?: string;
  readonly data?: Record<string, unknown>;
  readonly [field: string]: unknown;
}

/** A desktop that speaks Bayeux. */
export class Desktop {
  clientId = '';
  private readonly node: TestNode;
  private readonly authorization: string;
  private lastId = 0;

  constructor(node: TestNode, authorization = AGENT1) {
    this.node = node;
    this.authorization = authorization;
  }

  /** Shakes hands, subscribes, and has its first connect answered at once. */
  static async open(node: TestNode, authorization = AGENT1): Promise<Desktop> {
    const desktop = new Desktop(node, authorization);
    await desktop.handshake();
    const replies = await desktop.post([desktop.subscribing('/v2/me/*'), desktop.subscribing('/me/internal')]);
    assert.deepEqual(
      replies.map(each => each.successful),
      [true, true],
    );
    await desktop.connect(0);
    return desktop;
  }

  async handshake(): Promise<void> {
    const [reply] = await this.post([
      { channel: '/meta/handshake', version: '1.0', supportedConnectionTypes: ['long-polling'], id: '1' },
    ]);
    assert.equal(reply!.successful, true);
    this.clientId = reply!.clientId!;
  }

  subscribing(subscription: string): object {
    return { channel: '/meta/subscribe', clientId: this.clientId, subscription, id: this.nextId() };
  }

  /** Held until there is something to tell, or for `timeoutMs`. Everything in the answer, the connect reply last. */
  connect(timeoutMs?: number, signal?: AbortSignal): Promise<readonly Message[]> {
    const advice = timeoutMs === undefined ? {} : { advice: { timeout: timeoutMs } };
    const { clientId } = this;
    const message = {
      channel: '/meta/connect',
      connectionType: 'long-polling',
      clientId,
      id: this.nextId(),
      ...advice,
    };
    return this.post([message], signal);
  }

  async post(messages: readonly object[], signal?: AbortSignal): Promise<readonly Message[]> {
    const { status, text } = await this.node.send('/notifications', {
      body: messages,
      authorization: this.authorization,
      ...(signal === undefined ? {} : { signal }),
    });
    assert.equal(status, 200, text);
    return JSON.parse(text);
  }

  private nextId(): string {
    return String(++this.lastId);
  }
}

/** The request of the anchor sample (docs/genesys.md, section 2.5), changed in what is given. */
export const completing = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  operationName: 'CompleteRecord',
  devicePath: `/devices/${DEVICE}`,
  callingList: 'CallingList1',
  applicationId: 134,
  campaignName: 'Campaign1',
  referenceId: '123456789',
  ...changes,
});
