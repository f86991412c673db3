import { DEFAULT_LIMITS, type Limits } from './limits.ts';

export interface SessionView {
  /** The clientId: a secret between its client and the server. */
  readonly id: string;
  readonly identity: string;
}

/**
 * Why a session ended: no connect for too long; the client said so; more was to be kept for it than allowed; all of them
 * are forgotten; the server stops.
 */
export type Removal = 'timeout' | 'disconnected' | 'overflow' | 'forgotten' | 'stopped';

export interface BayeuxOptions {
  /** Milliseconds; never backwards. */
  readonly clock: () => number;
  /** Runs `task` once after that many milliseconds; the returned function cancels. All time goes through here. */
  readonly schedule: (delayMs: number, task: () => void) => () => void;
  /** At least 128 random bits, alphanumeric: clientIds and browser ids. */
  readonly randomId: () => string;
  /** ClientIds that say more than that: as random, and alphanumeric. Without it they are random ids. */
  readonly newClientId?: () => string;
  /** How long a connect is held at most. */
  readonly timeoutMs?: number;
  /** How long a client is told to wait before its next connect. */
  readonly intervalMs?: number;
  /** Without a connect for `intervalMs` and this, a session is removed. */
  readonly maxIntervalMs?: number;
  readonly sweepMs?: number;
  readonly limits?: Partial<Limits>;
  /** Connects held per BAYEUX_BROWSER cookie; negative: any number. */
  readonly maxSessionsPerBrowser?: number;
  /** Messages leave with connect replies only, for strict order (docs/genesys.md, section 7, line 53). */
  readonly metaConnectDeliverOnly?: boolean;
  /** Null: allowed, else the reason put into `403:<reason>:subscribe_denied`. */
  readonly maySubscribe: (identity: string, subscription: string) => string | null;
  /**
   * After a successful subscribe, before its answer is assembled: what is delivered now leaves with it (docs/genesys.md,
   * section 7, line 52).
   */
  readonly onSubscribed?: (session: SessionView) => void;
  /** The client has proved that it got the deliveries of these receipts, in order. */
  readonly onConfirmed?: (session: SessionView, receipts: readonly number[]) => void;
  /** `unconfirmed`: receipts of what was delivered to the session and never confirmed, in order. */
  readonly onRemoved?: (session: SessionView, why: Removal, unconfirmed: readonly number[]) => void;
}

/** Options with their defaults filled in. */
export type Settings = Required<Omit<BayeuxOptions, 'limits' | 'onSubscribed' | 'onConfirmed' | 'onRemoved'>> & {
  readonly limits: Limits;
} & Pick<BayeuxOptions, 'onSubscribed' | 'onConfirmed' | 'onRemoved'>;

export function settingsOf(options: BayeuxOptions): Settings {
  return {
    // What Genesys announces (docs/genesys.md, section 2.5), and below the minute after which proxies drop an idle
    // connection.
    timeoutMs: 30_000,
    intervalMs: 0,
    // CometD's: a reload of the page, or a change of network, and not a desktop that was closed.
    maxIntervalMs: 10_000,
    // CometD's: about a second, and never for long in step with the whole seconds of clients.
    sweepMs: 997,
    // Two desktops in two tabs of one browser are one agent at work (docs/genesys.md, trap 26).
    maxSessionsPerBrowser: -1,
    metaConnectDeliverOnly: false,
    newClientId: options.randomId,
    ...options,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
  };
}
