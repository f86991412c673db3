/**
 * Whatever happens between server and clients, in whatever order: every message reaches its client in order, none is lost
 * while the session lives, and nothing is left behind at the end.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Delivery } from './bayeux.ts';
import { type Message, type TestClient, type TestRequest, TestServer } from './testing/testServer.ts';
import { settled } from './testing/testTime.ts';

const IDENTITIES = ['agent1', 'agent2'];

type Step =
  | { readonly do: 'join'; readonly identity: number; readonly ack: boolean }
  | { readonly do: 'deliver'; readonly identity: number; readonly size: number }
  | { readonly do: 'deliverTo'; readonly who: number; readonly size: number }
  | { readonly do: 'connect'; readonly who: number; readonly timeout: number | null }
  | { readonly do: 'body'; readonly who: number; readonly of: readonly ('connect' | 'subscribe' | 'publish')[] }
  /** The response is written, or not: the client may have read all of it even so. */
  | { readonly do: 'write'; readonly who: number; readonly which: number; readonly ok: boolean; readonly read: boolean }
  | { readonly do: 'close'; readonly who: number; readonly which: number; readonly read: boolean }
  | { readonly do: 'disconnect'; readonly who: number }
  | { readonly do: 'pass'; readonly ms: number };

const who = fc.nat(7);
const which = fc.nat(3);
const identity = fc.nat(IDENTITIES.length - 1);
const size = fc.integer({ min: 1, max: 3 });
const parts = fc.array(fc.constantFrom('connect' as const, 'subscribe' as const, 'publish' as const), {
  minLength: 1,
  maxLength: 3,
});

const join = fc.record({ do: fc.constant('join' as const), identity, ack: fc.boolean() });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('deliver' as const), identity, size }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('deliverTo' as const), who, size }) },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('connect' as const), who, timeout: fc.constantFrom(null, null, 0, 200) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('body' as const), who, of: parts }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('write' as const),
      who,
      which,
      ok: fc.constant(true),
      read: fc.constant(true),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('write' as const), who, which, ok: fc.constant(false), read: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('close' as const), who, which, read: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('disconnect' as const), who }) },
  { weight: 1, arbitrary: join },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(50, 300, 1_000, 6_000, 30_000) }),
  },
);

interface Numbered {
  readonly n: number;
  readonly receipt: number;
  /** How many messages the receipt stands for. */
  readonly size: number;
}

/** A request, until the client knows what became of it. */
interface Open {
  readonly request: TestRequest;
  readonly sentAt: number;
}

class Peer {
  readonly client: TestClient;
  readonly identity: string;
  readonly ack: boolean;
  open: Open[] = [];
  /** Messages that were delivered to the session, and those its client has read. */
  readonly delivered: number[] = [];
  readonly receipts: number[] = [];
  readonly read: number[] = [];
  /** The client has read what the server must take for unread: it may see messages again. */
  mayRepeat = false;

  constructor(client: TestClient, identity: string, ack: boolean) {
    this.client = client;
    this.identity = identity;
    this.ack = ack;
  }
}

class World {
  readonly server = new TestServer();
  readonly peers: Peer[] = [];
  #numbers = 0;
  #receipts = 0;

  async run(step: Step): Promise<void> {
    const { bayeux, time } = this.server;
    switch (step.do) {
      case 'join':
        await this.join(IDENTITIES[step.identity]!, step.ack);
        break;
      case 'deliver': {
        const reached = this.#living().filter(each => each.identity === IDENTITIES[step.identity]);
        const messages = this.#deliveries(step.size, reached);
        assert.equal(bayeux.deliver(IDENTITIES[step.identity]!, messages, this.#receipts), reached.length);
        break;
      }
      case 'deliverTo': {
        const peer = this.#peer(step.who);
        const reached = this.#lives(peer) ? [peer] : [];
        const messages = this.#deliveries(step.size, reached);
        assert.equal(bayeux.deliverTo(peer.client.clientId, messages, this.#receipts), reached.length === 1);
        break;
      }
      case 'connect':
        this.#send(this.#peer(step.who), ['connect'], step.timeout);
        break;
      case 'body':
        this.#send(this.#peer(step.who), step.of, null);
        break;
      case 'write': {
        const peer = this.#peer(step.who);
        const answered = peer.open.filter(each => each.request.answer !== undefined);
        if (answered.length > 0) this.#conclude(peer, answered[step.which % answered.length]!, step.ok, step.read);
        break;
      }
      case 'close': {
        const peer = this.#peer(step.who);
        if (peer.open.length === 0) break;
        const open = peer.open[step.which % peer.open.length]!;
        const wasHeld = open.request.answer === undefined;
        open.request.close();
        if (wasHeld) peer.open = peer.open.filter(each => each !== open);
        else this.#conclude(peer, open, false, step.read);
        break;
      }
      case 'disconnect':
        this.#peer(step.who).open.push(this.#opened(this.#peer(step.who).client.sendDisconnect()));
        break;
      case 'pass':
        await time.pass(step.ms);
    }
    await settled();
    const held = this.peers.flatMap(each => each.open).filter(each => each.request.answer === undefined).length;
    assert.equal(bayeux.held, held);
  }

  async join(identity: string, ack: boolean): Promise<void> {
    const client = await this.server.client({ identity, ack, subscriptions: ['/told/*'] });
    this.peers.push(new Peer(client, identity, ack));
  }

  /** Nothing goes wrong any more: everything is read, and everybody takes leave. */
  async end(): Promise<void> {
    for (const peer of this.peers) {
      for (const open of [...peer.open]) {
        if (open.request.answer === undefined) open.request.close();
        else this.#conclude(peer, open, true, true);
      }
      // The last one confirms what the one before carried.
      for (let nothing = 0; nothing < 2 && this.#lives(peer); ) {
        const before = peer.read.length;
        this.#send(peer, ['connect'], 0);
        await settled();
        this.#conclude(peer, peer.open.at(-1)!, true, true);
        nothing = peer.read.length === before ? nothing + 1 : 0;
      }
      this.#check(peer);
      await peer.client.disconnect();
    }
    this.server.assertNothingLeft();
  }

  #check(peer: Peer): void {
    const { clientId } = peer.client;
    const firstSeen = [...new Set(peer.read)];
    const removed = this.server.removed.find(each => each.id === clientId);
    const confirmed = this.server.confirmed.filter(([id]) => id === clientId).flatMap(([, receipts]) => receipts);
    assert.deepEqual([...confirmed, ...(removed?.unconfirmed ?? [])], peer.receipts, 'each receipt has one fate');
    if (removed === undefined) assert.deepEqual(firstSeen, peer.delivered, 'all of it, in order');
    else
      assert.deepEqual(
        firstSeen,
        peer.delivered.filter(each => firstSeen.includes(each)),
        'in order',
      );
    if (!peer.mayRepeat) assert.deepEqual(peer.read, firstSeen, 'once');
    this.confirmedOf.set(peer, confirmed.length);
  }

  /** How much was confirmed, for the test to see that something was. */
  readonly confirmedOf = new Map<Peer, number>();

  #peer(n: number): Peer {
    return this.peers[n % this.peers.length]!;
  }

  #lives(peer: Peer): boolean {
    return !this.server.removed.some(each => each.id === peer.client.clientId);
  }

  #living(): Peer[] {
    return this.peers.filter(each => this.#lives(each));
  }

  #opened(request: TestRequest): Open {
    return { request, sentAt: this.server.time.now };
  }

  #deliveries(size: number, reached: readonly Peer[]): Delivery[] {
    const receipt = ++this.#receipts;
    const told = Array.from({ length: size }, (): Numbered => ({ n: ++this.#numbers, receipt, size }));
    for (const peer of reached) {
      peer.receipts.push(receipt);
      peer.delivered.push(...told.map(each => each.n));
    }
    return told.map(data => ({ channel: '/told/you', data }));
  }

  #send(peer: Peer, parts: readonly ('connect' | 'subscribe' | 'publish')[], timeout: number | null): void {
    const { client } = peer;
    // What it asks for again may be in an answer that it reads later.
    if (peer.ack && parts.includes('connect') && peer.open.some(each => each.request.answer !== undefined)) {
      peer.mayRepeat = true;
    }
    const messages = parts.map(part => {
      if (part === 'connect') return client.connectMessage(timeout === null ? {} : { advice: { timeout } });
      if (part === 'subscribe') return client.message('/meta/subscribe', { subscription: '/told/*' });
      return client.message('/told/you', { data: {} });
    });
    peer.open.push(this.#opened(client.send(...messages)));
  }

  #conclude(peer: Peer, open: Open, ok: boolean, read: boolean): void {
    const { request, sentAt } = open;
    peer.open = peer.open.filter(each => each !== open);
    if (request.answer?.kind === 'messages' && read) this.#read(peer, request.messages);
    // Without acks a client that has read what was reported as lost, or reported late, is told again.
    const givenUp = this.server.time.now - sentAt >= 39_000;
    if (!peer.ack && read && (!ok || givenUp)) peer.mayRepeat = true;
    request.written(ok);
  }

  #read(peer: Peer, messages: readonly Message[]): void {
    const told = messages.filter(each => each['data'] !== undefined).map(each => each['data'] as Numbered);
    assert.deepEqual(
      messages.slice(told.length).filter(each => each['data'] !== undefined),
      [],
      'messages come before replies',
    );
    for (const { receipt, size } of told) {
      const together = told.filter(each => each.receipt === receipt);
      assert.equal(together.length % size, 0, 'what was delivered together comes together');
      assert.equal(together.length, size);
    }
    peer.read.push(...told.map(each => each.n));
    for (const each of messages) {
      if (each['channel'] !== '/meta/connect' || each['successful'] !== true) continue;
      assert.equal('ext' in each, peer.ack && this.#isNumbered(each));
      if (peer.ack && this.#isNumbered(each)) peer.client.ack = (each['ext'] as { ack: number }).ack;
    }
  }

  /** The farewell to a connect that was held when its client disconnected has no number. */
  #isNumbered(reply: Message): boolean {
    return (reply['advice'] as { reconnect: string }).reconnect === 'retry';
  }
}

describe('any interleaving', () => {
  test('of deliveries, connects, lost and written answers - loses nothing, keeps the order, leaves nothing', async () => {
    const seen = { read: 0, repeated: 0, confirmed: 0, removed: 0, once: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.array(join, { minLength: 1, maxLength: 4 }),
        fc.array(step, { minLength: 1, maxLength: 80, size: 'max' }),
        async (joins, steps) => {
          const world = new World();
          for (const each of joins) await world.run(each);
          for (const each of steps) await world.run(each);
          await world.end();
          for (const peer of world.peers) {
            seen.read += peer.read.length;
            seen.repeated += peer.read.length - new Set(peer.read).size;
            seen.confirmed += world.confirmedOf.get(peer) ?? 0;
            if (!peer.mayRepeat && peer.read.length > 0) seen.once++;
          }
          seen.removed += world.server.removed.filter(each => each.unconfirmed.length > 0).length;
        },
      ),
      { numRuns: 300 },
    );
    for (const [what, times] of Object.entries(seen)) assert.ok(times > 50, `${what}: ${times}`);
  });
});
