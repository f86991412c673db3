/**
 * The Bayeux protocol as Genesys and CometD 3 speak it: long-polling, one server, nothing published by clients
 * (docs/genesys.md, section 7). It knows neither HTTP nor what the messages mean. Start at `receive`, then read `turns.ts`
 * for what happens to a response, `session.ts` and `outbox.ts` for the states.
 */
import { AckOutbox } from './ackOutbox.ts';
import {
  CONNECT,
  DISCONNECT,
  HANDSHAKE,
  isChannel,
  isMeta,
  patternsMatching,
  SUBSCRIBE,
  UNSUBSCRIBE,
} from './channel.ts';
import { connectAlone, connectAmongOthers } from './connect.ts';
import { type Answer, type Exchange, MALFORMED, unattended } from './exchange.ts';
import { type HandshakeRefusal, handshakeRefusalFor, NOT_AUTHENTICATED, STOPPING, STOPPING_MS } from './handshake.ts';
import { fieldOf, type Incoming, readBody } from './message.ts';
import { type BayeuxOptions, type Removal, type Settings, settingsOf } from './options.ts';
import type { Delivery } from './outbox.ts';
import { PlainOutbox } from './plainOutbox.ts';
import {
  type Advice,
  accept,
  connectReply,
  handshakeRefusal,
  handshakeReply,
  type Reply,
  refuse,
  refuseUnknown,
} from './reply.ts';
import { Session } from './session.ts';
import { Sessions } from './sessions.ts';
import { subscribe, unsubscribe } from './subscribe.ts';
import { Sweeper } from './sweeper.ts';
import { Turns } from './turns.ts';

export type { Answer, Exchange } from './exchange.ts';
export type { Limits } from './limits.ts';
export type { BayeuxOptions, Removal, SessionView } from './options.ts';
export type { Delivery } from './outbox.ts';

export class Bayeux {
  readonly #settings: Settings;
  readonly #sessions = new Sessions();
  readonly #turns: Turns;
  readonly #sweeper: Sweeper;
  #stopping = false;

  constructor(options: BayeuxOptions) {
    this.#settings = settingsOf(options);
    this.#turns = new Turns(this.#settings);
    this.#sweeper = new Sweeper(this.#settings.sweepMs, this.#settings.schedule, () => this.#sweep());
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  /** Connects that wait for something to be told. */
  get held(): number {
    return this.#turns.held;
  }

  /** Messages that wait, or may have to be sent again. */
  get queued(): number {
    let queued = 0;
    for (const { outbox } of this.#sessions) queued += outbox.queued;
    return queued;
  }

  /**
   * `body` is the parsed JSON. Resolves when the response may be written, which for a held connect is up to `timeoutMs`
   * later; never rejects for what a client sends.
   */
  receive(body: unknown, exchange: Exchange): Promise<Answer> {
    const messages = readBody(body, this.#settings.limits.messagesPerBody);
    if (messages === null) return Promise.resolve(MALFORMED);
    // Alone in its body; what comes with it is ignored (docs/genesys.md, section 7, line 17, case B4).
    const handshake = messages.find(each => each.channel === HANDSHAKE);
    if (handshake !== undefined) return Promise.resolve(this.#handshake(handshake, exchange));
    const [first] = messages;
    const session = this.#sessions.find(first.clientId, exchange.identity);
    if (session === null) return Promise.resolve(unattended(messages.map(each => this.#replyTo(each, null))));
    session.windUp(this.#turns.expiryFrom(this.#settings.intervalMs));
    if (messages.length === 1 && first.channel === CONNECT) {
      return connectAlone(first, session, exchange, this.#turns, this.#settings);
    }
    const replies = messages.map(each => this.#replyTo(each, session));
    const outstanding = messages.some(each => each.channel === CONNECT && each.clientId === session.id);
    return Promise.resolve(this.#turns.answer(session, exchange, replies, { outstanding }));
  }

  /**
   * Queues those of `messages` that a session of `identity` subscribed to, for each of its sessions, as one parcel that
   * leaves in one response. `receipt` names it for `onConfirmed`. Returns how many sessions got at least one message.
   */
  deliver(identity: string, messages: readonly Delivery[], receipt?: number): number {
    const sessions = this.#sessions.of(identity);
    if (sessions.length === 0) return 0;
    const patterns = messages.map(each => patternsMatching(each.channel));
    let reached = 0;
    for (const session of sessions) if (this.#put(session, messages, patterns, receipt)) reached++;
    return reached;
  }

  /** The same for one session. */
  deliverTo(sessionId: string, messages: readonly Delivery[], receipt?: number): boolean {
    const session = this.#sessions.get(sessionId);
    if (session === null) return false;
    const patterns = messages.map(each => patternsMatching(each.channel));
    return this.#put(session, messages, patterns, receipt);
  }

  /** Every session is unknown from now on: its client's next message is answered with the advice to shake hands. */
  forgetAll(): void {
    for (const session of this.#sessions) this.#remove(session, 'forgotten');
  }

  /**
   * Held connects end now, with a reply that says to come back (docs/genesys.md, case B35); there are no sessions from now
   * on.
   */
  stop(): void {
    this.#stopping = true;
    const advice: Advice = { ...this.#turns.retry, interval: STOPPING_MS };
    for (const session of this.#sessions) {
      if (session.heldTurn !== null) this.#turns.release(session.heldTurn, advice);
      this.#remove(session, 'stopped');
    }
  }

  #handshake(message: Incoming, exchange: Exchange): Answer {
    const { identity } = exchange;
    if (identity === null) return refuseHandshake(message, NOT_AUTHENTICATED);
    if (this.#stopping) return refuseHandshake(message, STOPPING);
    const refusal = handshakeRefusalFor(message, identity, this.#sessions, this.#settings);
    if (refusal !== null) return refuseHandshake(message, refusal);
    const acks = fieldOf(message.ext, 'ack') === true;
    const session = new Session(
      this.#settings.newClientId(),
      identity,
      acks ? new AckOutbox() : new PlainOutbox(),
      acks || this.#settings.metaConnectDeliverOnly,
      this.#turns.expiryFrom(this.#settings.intervalMs),
    );
    this.#sessions.add(session);
    this.#sweeper.start();
    const reply = handshakeReply(message, session.id, this.#turns.retry, acks ? { ack: true } : null);
    const setBrowser = exchange.browser === null ? this.#settings.randomId() : null;
    return this.#turns.answer(session, exchange, [reply], { outstanding: true, setBrowser });
  }

  /**
   * The reply to one message of a body in which no connect is held (docs/genesys.md, section 7, line 59). `session` is that
   * of the first message.
   */
  #replyTo(message: Incoming, session: Session | null): Reply {
    const { channel } = message;
    if (channel === undefined || channel === null) return refuse(message, 'channelMissing');
    if (!isChannel(channel)) return refuse(message, 'channelInvalid');
    if (session === null || session.isGone || message.clientId !== session.id) return refuseUnknown(message);
    switch (channel) {
      case CONNECT:
        return connectAmongOthers(message, session, this.#turns, this.#settings);
      case SUBSCRIBE:
        return subscribe(session, message, this.#settings);
      case UNSUBSCRIBE:
        return unsubscribe(session, message);
      case DISCONNECT:
        return this.#disconnect(message, session);
      default:
        return isMeta(channel) ? refuse(message, 'createDenied', channel) : refuse(message, 'publishDenied');
    }
  }

  /** A connect that is held is answered at once as well (docs/genesys.md, section 7, line 54, case B20). */
  #disconnect(message: Incoming, session: Session): Reply {
    const receipts = session.outbox.disconnected();
    if (receipts.length > 0) this.#settings.onConfirmed?.(session, receipts);
    if (!session.isGone) this.#remove(session, 'disconnected');
    return accept(message);
  }

  /** A message that several patterns match is queued once (docs/genesys.md, section 7, line 45, case B28). */
  #put(
    session: Session,
    messages: readonly Delivery[],
    patterns: readonly (readonly string[])[],
    receipt: number | undefined,
  ): boolean {
    const { subscriptions, outbox } = session;
    const matching = messages.filter((_, place) => patterns[place]!.some(each => subscriptions.has(each)));
    if (matching.length === 0) return false;
    outbox.put({ messages: matching, receipt: receipt ?? null });
    if (outbox.kept > this.#settings.limits.queueLength) {
      this.#remove(session, 'overflow');
      return false;
    }
    this.#turns.wake(session);
    return true;
  }

  #sweep(): void {
    const now = this.#settings.clock();
    for (const session of this.#sessions) {
      this.#turns.loseOverdue(session);
      if (session.hasExpired(now)) this.#remove(session, 'timeout');
    }
  }

  #remove(session: Session, why: Removal): void {
    this.#sessions.remove(session);
    if (this.#sessions.size === 0) this.#sweeper.stop();
    this.#turns.dismiss(session, id =>
      why === 'disconnected'
        ? connectReply(id, { reconnect: 'none' }, null)
        : refuseUnknown({ channel: CONNECT, ...(id === undefined ? {} : { id }) }),
    );
    const unconfirmed = session.outbox.unconfirmed();
    session.end();
    this.#settings.onRemoved?.(session, why, unconfirmed);
  }
}

const refuseHandshake = (message: Incoming, { kind, args, advice }: HandshakeRefusal): Answer =>
  unattended([handshakeRefusal(message, kind, args, advice)]);
