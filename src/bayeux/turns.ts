import { Browsers } from './browsers.ts';
import { type Answer, type Exchange, SUPERSEDED, unattended } from './exchange.ts';
import { Holds } from './holds.ts';
import type { MessageId } from './message.ts';
import type { Settings } from './options.ts';
import { type Advice, connectReply, type Reply } from './reply.ts';
import type { Session } from './session.ts';
import { Turn } from './turn.ts';

/** Clients give up on a request when the announced hold and this have passed (docs/genesys.md, section 7, line 76). */
const NETWORK_DELAY_MS = 10_000;

export interface Sending {
  /** One of the replies is to a handshake or a connect: it stops the expiry clock until it is written. */
  readonly outstanding: boolean;
  /** What its advice says, when not the usual. */
  readonly pauseMs?: number;
  readonly setBrowser?: string | null;
}

/**
 * Holds connects, assembles responses out of deliveries and replies, and learns what became of them. Whatever happens to a
 * response, its session ends up away with its clock running, and what it carried is written or waits again: sessions that leak
 * when a write fails or a socket closes are what servers of this family suffer from (docs/genesys.md, section 9).
 */
export class Turns {
  /** Advice of every connect reply (docs/genesys.md, section 7, line 32). */
  readonly retry: Advice;
  readonly #settings: Settings;
  readonly #holds: Holds;
  readonly #browsers: Browsers;
  #woken: Session[] = [];
  readonly #onClosed = (turn: Turn) => this.#close(turn);

  constructor(settings: Settings) {
    const { clock, schedule, intervalMs, timeoutMs, maxSessionsPerBrowser } = settings;
    this.retry = { interval: intervalMs, timeout: timeoutMs, reconnect: 'retry' };
    this.#settings = settings;
    this.#holds = new Holds(clock, schedule, turn => this.release(turn, this.retry));
    this.#browsers = new Browsers(maxSessionsPerBrowser);
  }

  get held(): number {
    return this.#holds.size;
  }

  /** When a session of which nothing is heard from now on is to be removed (docs/genesys.md, section 7, line 34). */
  expiryFrom(pauseMs: number): number {
    return this.#settings.clock() + pauseMs + this.#settings.maxIntervalMs;
  }

  /** Null when as many connects of this browser are held as may be. The session must not hold one already. */
  hold(session: Session, exchange: Exchange, id: MessageId, holdMs: number): Promise<Answer> | null {
    if (!this.#browsers.enter(exchange.browser)) return null;
    const turn = new Turn(session, exchange, id, this.#onClosed);
    this.#holds.add(turn, this.#settings.clock() + holdMs);
    turn.listen();
    session.hold(turn);
    return new Promise(resolve => {
      turn.resolve = resolve;
    });
  }

  /** The answer to a request that is not held. */
  answer(session: Session, exchange: Exchange, replies: readonly Reply[], sending: Sending): Answer {
    const turn = new Turn(session, exchange, undefined, this.#onClosed);
    turn.pauseMs = sending.pauseMs ?? this.#settings.intervalMs;
    return this.#send(turn, replies, sending.outstanding, sending.setBrowser ?? null);
  }

  /** Ends a held connect with a successful reply, and with what waits. */
  release(turn: Turn, advice: Advice): void {
    if (turn.state !== 'held') return;
    this.#unhold(turn);
    turn.pauseMs = this.#settings.intervalMs;
    const { outbox } = turn.session;
    turn.resolve?.(this.#send(turn, [connectReply(turn.id, advice, outbox.stamp())], true, null));
  }

  /** A newer connect takes the place of a held one (docs/genesys.md, section 7, line 29, case B17). */
  supersede(session: Session): void {
    const turn = session.heldTurn;
    if (turn === null) return;
    this.#drop(turn);
    turn.resolve?.(SUPERSEDED);
  }

  /** The session is about to be removed: a held connect gets this reply, what becomes of a response is nobody's business. */
  dismiss(session: Session, replyTo: (id: MessageId) => Reply): void {
    const { heldTurn: held, turn, carrier } = session;
    if (held !== null) {
      this.#drop(held);
      held.resolve?.(unattended([replyTo(held.id)]));
    }
    turn?.end();
    carrier?.end();
  }

  /**
   * Something waits in the outbox: a held connect tells it when what runs now has finished, so that whatever else that
   * delivers leaves with it, and a body that is being processed can take it along (docs/genesys.md, section 7, line 58).
   */
  wake(session: Session): void {
    if (session.woken || session.heldTurn === null) return;
    session.woken = true;
    if (this.#woken.push(session) === 1) queueMicrotask(() => this.#releaseWoken());
  }

  /** What nobody has reported on for longer than a client waits is lost. */
  loseOverdue(session: Session): void {
    const { clock, timeoutMs } = this.#settings;
    const before = clock() - timeoutMs - NETWORK_DELAY_MS;
    for (const turn of [session.turn, session.carrier]) {
      if (turn?.state === 'on its way' && turn.answeredAt <= before) this.#conclude(turn, false);
    }
  }

  #releaseWoken(): void {
    const woken = this.#woken;
    this.#woken = [];
    for (const session of woken) {
      session.woken = false;
      const turn = session.heldTurn;
      if (turn !== null && session.outbox.ready) this.release(turn, this.retry);
    }
  }

  #send(turn: Turn, replies: readonly Reply[], outstanding: boolean, setBrowser: string | null): Answer {
    const { session, exchange } = turn;
    if (session.isGone) return unattended(replies);
    const { outbox } = session;
    const carries = outbox.ready && (outstanding || !session.connectOnly);
    const messages = carries ? [...outbox.take(), ...replies] : replies;
    if (carries) session.carrier = turn;
    if (outstanding) session.answer(turn);
    if (!carries && !outstanding) return unattended(replies);
    turn.state = 'on its way';
    turn.answeredAt = this.#settings.clock();
    if (exchange.closed.aborted) this.#conclude(turn, false);
    else turn.listen();
    return { kind: 'messages', messages, setBrowser, written: ok => this.#conclude(turn, ok) };
  }

  #conclude(turn: Turn, ok: boolean): void {
    if (turn.state !== 'on its way') return;
    turn.end();
    const { session } = turn;
    if (session.carrier === turn) {
      session.carrier = null;
      session.outbox.written(ok);
      if (session.outbox.ready) this.wake(session);
    }
    if (session.turn === turn) session.leave(this.expiryFrom(turn.pauseMs));
  }

  #close(turn: Turn): void {
    if (turn.state === 'held') {
      this.#drop(turn);
      // Nobody reads it, but whoever awaits it can clear up.
      turn.resolve?.(unattended([connectReply(turn.id, this.retry, null)]));
    } else {
      this.#conclude(turn, false);
    }
  }

  /** The hold is forgotten and the clock starts; what waits is kept (docs/genesys.md, section 7, line 30, case B18). */
  #drop(turn: Turn): void {
    this.#unhold(turn);
    turn.end();
    turn.session.leave(this.expiryFrom(this.#settings.intervalMs));
  }

  #unhold(turn: Turn): void {
    this.#holds.delete(turn);
    this.#browsers.leave(turn.exchange.browser);
  }
}
