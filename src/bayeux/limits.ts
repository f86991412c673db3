/**
 * What one client, or all of them, may make the server keep (docs/genesys.md, section 7, line 80). The size of a body is
 * the door's to limit.
 */
export interface Limits {
  /** A desktop subscribes to some dozen channels in one batch; more than several times that is no client. */
  readonly messagesPerBody: number;
  /**
   * Messages and receipts kept for one session. A client that connects never has more than a few; one that does not is
   * gone after ten seconds, and this is a hundred a second for as long. Above it the session ends, and its client
   * starts anew and knows that it missed something, which a message left out would not tell it.
   */
  readonly queueLength: number;
  /** Two desktops of one agent, and the dozen that a client leaves behind which handshakes every second until they expire. */
  readonly sessionsPerIdentity: number;
  /** Twice the ten thousand that are measured; each that holds a connect takes some 1.5 KB here, and several times that in its socket. */
  readonly sessions: number;
  /** Genesys has a dozen channels and a few wildcards (docs/genesys.md, section 6). */
  readonly subscriptionsPerSession: number;
  /** Characters; the longest channel of docs/genesys.md, section 6 has 23. */
  readonly subscriptionLength: number;
}

export const DEFAULT_LIMITS: Limits = {
  messagesPerBody: 100,
  queueLength: 1_000,
  sessionsPerIdentity: 50,
  sessions: 20_000,
  subscriptionsPerSession: 100,
  subscriptionLength: 256,
};
