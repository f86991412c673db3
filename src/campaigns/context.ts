/** What this room is asked with and answers with. */
import { Refusal, type State, type Wants } from '../ledger/state.ts';
import type { Outcome } from '../values/outcome.ts';
import type { CallingList, CallRecord, Campaign } from './entities.ts';

/** The agent who asks, and with which telephone. */
export interface AgentDevice {
  readonly userId: number;
  readonly login: string;
  /** UUID, without `/devices/`. */
  readonly deviceId: string;
}

/** As much of a call as a record needs to know. `startedAt` is UTC milliseconds. */
export interface JoinedCall {
  readonly callId: number;
  readonly outcome: Outcome;
  readonly ended: boolean;
  readonly startedAt: number;
}

export interface CampaignsContext {
  /**
   * The latest call of that user's extension to that number (`values/numberKey.ts`) that started within [from, to], both
   * inclusive, UTC milliseconds; of several that started together, always the same one. By our clock, or by what the
   * source said, whose clock may have been measured wrong.
   */
  readonly latestCallTo: (
    state: Wants,
    userId: number,
    numberKey: string,
    from: number,
    to: number,
    clock: 'ours' | 'its own',
  ) => JoinedCall | null;
  /** A completed record turned out to be of another call, or of none; `historical` where that is no news. */
  readonly onRejoined?: (state: State, recordId: number, callId: number | null, historical: boolean) => void;
}

/** That an agent called a number, as a call that changed tells or told of it. `startedAt` is UTC milliseconds. */
export interface Attempt {
  readonly userId: number | null;
  /** `values/numberKey.ts` */
  readonly numberKey: string | null;
  readonly startedAt: number;
}

export interface Completion {
  readonly applicationId: number;
  readonly handle: number;
  readonly campaignName: string;
  readonly callingList: string;
  /** A code of `callResult.ts`; null: what the call says, or the record has. */
  readonly callResult: number | null;
  /** The number of a record of the chain; null: the record's own. */
  readonly phoneNumber: string | null;
}

export interface Retrieved {
  readonly record: Readonly<CallRecord>;
  readonly campaign: Readonly<Campaign>;
  readonly list: Readonly<CallingList>;
}

export interface Completed extends Retrieved {
  readonly effectiveResult: number;
}

/** A reason and its `errorCode` on the wire (docs/genesys.md, sections 2.7, 5.3). */
const CODES = {
  unknown_campaign: 6,
  wrong_application: 10,
  campaign_not_running: 2,
  no_record: 6,
  too_many_held: 2,
  unknown_handle: 6,
  not_yours: 3,
  already_final: 2,
  wrong_campaign: 10,
  wrong_list: 10,
  not_in_chain: 10,
} as const;

export type OutboundReason = keyof typeof CODES;

/**
 * Why something asked of OCS did not happen; becomes an asynchronous error (docs/genesys.md, section 2.7). Returned, not
 * thrown: the request was accepted, and the error is what is told of it.
 */
export class OutboundError extends Refusal {
  override readonly name = 'OutboundError';
  readonly reason: OutboundReason;
  readonly code: number;

  constructor(reason: OutboundReason, message: string) {
    super(message);
    this.reason = reason;
    this.code = CODES[reason];
  }
}
