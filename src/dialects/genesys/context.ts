import type { Bayeux, BayeuxOptions } from '../../bayeux/bayeux.ts';
import type { CallsContext } from '../../calls/fold/refold.ts';
import type { CampaignsContext } from '../../campaigns/context.ts';
import type { Lease } from '../../ledger/lease.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { State, Wants } from '../../ledger/state.ts';
import type { Timers } from '../../ledger/timers.ts';
import type { Relay } from '../../nodes/relay.ts';
import type { Authenticator } from '../../people/authenticator.ts';

/** What a completion is called among the reports of a call. */
export const COMPLETION_KIND = 'genesys.CompleteRecord';

/** That an agent is done with a record, for the call it was about. */
export interface Completion {
  /** Null while no call to the record's number is known. */
  readonly callId: number | null;
  readonly recordId: number;
  readonly handle: number;
  readonly userId: number;
  /** The agent's login. */
  readonly author: string;
  /** The call result the agent gave, by its name; null when the agent gave none. */
  readonly result: string | null;
  /** The request's body as it arrived. */
  readonly raw: Uint8Array;
  readonly contentType: string | null;
}

/** What the node needs of the house. */
export interface GenesysDoor {
  readonly ledger: Ledger;
  readonly calls: CallsContext;
  readonly campaigns: CampaignsContext;
  readonly authenticator: Pick<Authenticator, 'basic'>;
  /** Signs and checks the session cookie. */
  readonly cookieKey: Uint8Array;
  /** UTC milliseconds. */
  readonly clock: () => number;
  readonly timers: Timers;
  /** That many random bytes. */
  readonly random: (bytes: number) => Uint8Array;
  readonly publicUrl: () => string | null;
  /** What became of an outbound operation: `accepted`, `refused`, `error`. */
  readonly count: (verdict: string) => void;
  readonly bayeux: Pick<BayeuxOptions, 'timeoutMs' | 'maxIntervalMs'>;
  /**
   * Unknown campaigns, lists and handles are answered 404 at once, not by an asynchronous error (docs/genesys.md, section
   * 5.4).
   */
  readonly strict: boolean;
  /** Ends when the server stops, so that held requests end too. */
  readonly stopping: AbortSignal;
  /** Where other servers have sessions of the same users: to them, and from them. */
  readonly relay?: Relay;
  /** Counts desktops. */
  readonly watch?: (bayeux: Pick<Bayeux, 'sessions' | 'held'>) => void;
  /** For removing expired outbox entries. */
  readonly outboxLease?: Lease;
  /** Runs in the command that completes a record. */
  readonly report?: (state: State, completion: Completion) => void;
  /** What that will read. */
  readonly wantReport?: (wants: Wants, about: Pick<Completion, 'recordId' | 'callId'>) => void;
}
