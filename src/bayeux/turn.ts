import type { Answer, Exchange } from './exchange.ts';
import type { MessageId } from './message.ts';
import type { Session } from './session.ts';

/**
 * One HTTP request of a session on whose fate something depends. It is **held** first if it is a connect that waits, then
 * its response is **on its way**, then it is **over**: written, lost, or superseded while it was held.
 *
 * It listens itself for its socket to close (`handleEvent`): an object for each held connect, and no closures.
 */
export class Turn {
  readonly session: Session;
  readonly exchange: Exchange;
  /** Of the connect, for its reply. */
  readonly id: MessageId;
  state: 'held' | 'on its way' | 'over' = 'held';
  /** Answers a held request. */
  resolve: ((answer: Answer) => void) | null = null;
  /** Where `Holds` keeps it. */
  slot = 0;
  /** Since when its response is on its way. */
  answeredAt = 0;
  /** How long its reply tells the client to wait before the next connect. */
  pauseMs = 0;
  #listening = false;
  readonly #onClosed: (turn: Turn) => void;

  constructor(session: Session, exchange: Exchange, id: MessageId, onClosed: (turn: Turn) => void) {
    this.session = session;
    this.exchange = exchange;
    this.id = id;
    this.#onClosed = onClosed;
  }

  listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    this.exchange.closed.addEventListener('abort', this);
  }

  end(): void {
    this.state = 'over';
    if (this.#listening) this.exchange.closed.removeEventListener('abort', this);
  }

  handleEvent(): void {
    this.#onClosed(this);
  }
}
