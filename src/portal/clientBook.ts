import type { State } from '../ledger/state.ts';
import type { ClientRef } from '../values/clientRef.ts';

/** What this room is given of those who call. */
export interface ClientBook {
  isKnown(state: Pick<State, 'get'>, client: ClientRef): boolean;
  /** Who has this number (`sureNumberKey`, values/numberKey.ts), if anybody has. */
  byNumber(state: Pick<State, 'get' | 'find'>, numberKey: string): ClientRef | null;
  makeLead(state: State, lead: NewLead): ClientRef;
  handOver(state: State, client: ClientRef, responsibleId: number, callId: number): void;
  /** The id of what is noted in the client's history. */
  keepActivity(state: State, finished: FinishedWith): number;
}

export interface NewLead {
  readonly name: string;
  readonly phones: readonly string[];
  readonly numberKeys: readonly string[];
  readonly responsibleId: number;
  /** Where it came from, as the application named it. */
  readonly origin: string | null;
  readonly madeByCall: number;
}

export interface FinishedWith {
  readonly sourceCallId: number;
  readonly client: ClientRef;
  readonly responsibleId: number;
  readonly inbound: boolean;
  /** Somebody talked. */
  readonly answered: boolean;
  readonly startedAt: number;
  readonly endedAt: number;
}
