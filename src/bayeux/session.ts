import type { SessionView } from './options.ts';
import type { Outbox } from './outbox.ts';
import type { Turn } from './turn.ts';

/**
 * A session is born by a handshake and is in one of four states (docs/genesys.md, section 7, lines 23, 30 and 34):
 *
 * - **away**: its client has no connect with us. The expiry clock runs; any message winds it up, and when it has run
 *   down the sweep removes the session.
 * - **held**: a connect waits until there is something to tell. It does not expire.
 * - **answering**: the reply to its handshake or its newest connect is on its way. It does not expire, since the client
 *   cannot know yet that it is its turn; when the response is written or lost, the session is away.
 * - **gone**: removed. It never comes back, and its clientId is unknown from now on.
 *
 * A connect may come in any of the first three: the newest wins, and what becomes of an older response changes nothing.
 */
export type SessionState = 'away' | 'held' | 'answering' | 'gone';

const MAY_BECOME: Readonly<Record<SessionState, readonly SessionState[]>> = {
  away: ['held', 'answering', 'gone'],
  held: ['away', 'answering', 'gone'],
  answering: ['away', 'held', 'answering', 'gone'],
  gone: [],
};

export class Session implements SessionView {
  readonly id: string;
  readonly identity: string;
  readonly outbox: Outbox;
  /** Messages leave with connect replies only (docs/genesys.md, section 7, lines 53 and 65). */
  readonly connectOnly: boolean;
  readonly subscriptions = new Set<string>();
  /** What carries parcels of the outbox that are on their way. */
  carrier: Turn | null = null;
  /** Something was put into the outbox that a held connect may be waiting for. */
  woken = false;
  #state: SessionState = 'away';
  #turn: Turn | null = null;
  #expiresAt: number;

  /** `expiresAt` by the engine's clock, like every instant here. */
  constructor(id: string, identity: string, outbox: Outbox, connectOnly: boolean, expiresAt: number) {
    this.id = id;
    this.identity = identity;
    this.outbox = outbox;
    this.connectOnly = connectOnly;
    this.#expiresAt = expiresAt;
  }

  get isGone(): boolean {
    return this.#state === 'gone';
  }

  /** The handshake or newest connect, while it is held or its reply on its way. */
  get turn(): Turn | null {
    return this.#turn;
  }

  get heldTurn(): Turn | null {
    return this.#state === 'held' ? this.#turn : null;
  }

  hold(turn: Turn): void {
    this.#become('held', turn);
  }

  answer(turn: Turn): void {
    this.#become('answering', turn);
  }

  leave(expiresAt: number): void {
    this.#become('away', null);
    this.#expiresAt = expiresAt;
  }

  end(): void {
    this.#become('gone', null);
    this.subscriptions.clear();
  }

  /** A message other than a connect winds the clock up, and does not stop it (docs/genesys.md, section 7, line 35). */
  windUp(expiresAt: number): void {
    this.#expiresAt = Math.max(this.#expiresAt, expiresAt);
  }

  hasExpired(now: number): boolean {
    return this.#state === 'away' && now >= this.#expiresAt;
  }

  #become(state: SessionState, turn: Turn | null): void {
    if (!MAY_BECOME[this.#state].includes(state)) throw new Error(`a session that is ${this.#state} became ${state}`);
    this.#state = state;
    this.#turn = turn;
  }
}
