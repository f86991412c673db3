/**
 * What a source reports about a call, in the house's own vocabulary. A dialect translates its wire into one of these facts;
 * the fold knows nothing else (ARCHITECTURE.md, sections 1 and 2).
 */
import type { Direction } from '../../values/direction.ts';
import type { Outcome } from '../../values/outcome.ts';

/** What became of one stage, as a PBX reports it. */
export type LegStatus = 'answered' | 'no_answer' | 'busy' | 'voicemail' | 'failed' | 'abandoned' | 'unknown';

/** One stage of a call (IVR, queue, extension, trunk) as a PBX reports it. Numbers are as given. */
export interface LegFact {
  readonly form: 'leg';
  /** UTC milliseconds of the start of this stage, not of its answer. */
  readonly startedAt: number;
  /** The PBX's own words for it, `YYYY-MM-DD HH:mm:ss`, null when unreadable. */
  readonly startedAtLocal: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly direction: Direction;
  readonly status: LegStatus;
  /** The wire's word, verbatim. */
  readonly cause: string | null;
  readonly durationSeconds: number | null;
  readonly talkSeconds: number | null;
  readonly ringSeconds: number | null;
  /** From entering the queue to an agent's answer. */
  readonly agentRingSeconds: number | null;
  readonly trunkIn: string | null;
  readonly trunkOut: string | null;
  readonly did: string | null;
  readonly didName: string | null;
  /** The name of a file at the PBX, not a URL. */
  readonly recording: string | null;
  readonly noteId: string | null;
  readonly noteEditable: boolean | null;
  /** The PBX's id of the whole call's detail record. */
  readonly uid: string | null;
}

/** A whole attempt as a program states it over `/v1`. A field it did not state is null. */
export interface StatedCall {
  readonly form: 'call';
  readonly externalId: string | null;
  readonly direction: Direction;
  readonly from: string | null;
  readonly to: string | null;
  readonly startedAt: number;
  readonly answeredAt: number | null;
  readonly endedAt: number | null;
  readonly durationSeconds: number | null;
  readonly ringSeconds: number | null;
  readonly talkSeconds: number | null;
  readonly queueWaitSeconds: number | null;
  readonly outcome: Outcome | null;
  readonly cause: string | null;
  readonly disposition: string | null;
  readonly userId: number | null;
  readonly extension: string | null;
  readonly queue: string | null;
  readonly line: string | null;
  readonly trunkIn: string | null;
  readonly trunkOut: string | null;
  readonly did: string | null;
  readonly didName: string | null;
  readonly recording: string | null;
  /** Integer millionths of `currency`. */
  readonly costMicros: number | null;
  readonly currency: string | null;
  readonly vote: number | null;
  readonly failedReason: string | null;
  readonly note: string | null;
  readonly links: readonly string[] | null;
}

/** What a program states that names a call and nothing else of it. */
export const NOTHING_STATED: Omit<StatedCall, 'externalId' | 'direction' | 'startedAt'> = {
  form: 'call',
  from: null,
  to: null,
  answeredAt: null,
  endedAt: null,
  durationSeconds: null,
  ringSeconds: null,
  talkSeconds: null,
  queueWaitSeconds: null,
  outcome: null,
  cause: null,
  disposition: null,
  userId: null,
  extension: null,
  queue: null,
  line: null,
  trunkIn: null,
  trunkOut: null,
  did: null,
  didName: null,
  recording: null,
  costMicros: null,
  currency: null,
  vote: null,
  failedReason: null,
  note: null,
  links: null,
};

/** Fields a person may correct; a key that is absent is not corrected, null empties the field. */
export interface CorrectedFields {
  readonly direction?: Direction;
  readonly from?: string | null;
  readonly to?: string | null;
  readonly startedAt?: number;
  readonly answeredAt?: number | null;
  readonly endedAt?: number;
  readonly talkSeconds?: number;
  readonly outcome?: Outcome;
  readonly disposition?: string | null;
  readonly userId?: number | null;
  readonly queue?: string | null;
  readonly line?: string | null;
  readonly costMicros?: number | null;
  readonly currency?: string | null;
  readonly vote?: number | null;
  readonly failedReason?: string | null;
  readonly note?: string | null;
  readonly links?: readonly string[];
}

/** A person's word about a call; it wins over every source and survives late facts and rebuilds. */
export interface Correction {
  readonly form: 'correction';
  /** Counts the call's corrections from 1; `DELETE …/corrections/{n}` takes one back. */
  readonly n: number;
  readonly author: string;
  readonly at: number;
  readonly reason: string | null;
  readonly fields: CorrectedFields;
  /**
   * The source calls that told what happened when it was said, ascending (fold/placeCorrections.ts); absent where it is the one it is kept
   * with.
   */
  readonly of?: readonly number[];
  /** All source calls of the call then, ascending, where it states what the call costs; absent where it is the one it is kept with. */
  readonly costOf?: readonly number[];
  /**
   * Of a corrected user: whose call it was by the legs when it was said, null where nobody's (fold/correctedUsers.ts); absent where no PBX
   * told of the call.
   */
  readonly was?: number | null;
}

/** Takes correction `n` back: it stays as a record of what was said and changes nothing any more. */
export interface Retraction {
  readonly form: 'retraction';
  readonly n: number;
  readonly author: string;
  readonly at: number;
}

/** An agent completed the dialling record of this call on a desktop. */
export interface Completion {
  readonly form: 'completion';
  readonly recordId: number;
  readonly author: string;
  readonly userId: number | null;
  readonly at: number;
  /** What the agent decided, null when the desktop left it to the call. */
  readonly result: string | null;
}

/** A person's word that calls are one, or that one is several. */
export interface MatchDecision {
  readonly form: 'joined' | 'separated';
  /** The source calls that were joined or taken out. */
  readonly sourceCalls: readonly number[];
  readonly author: string;
  readonly at: number;
  readonly reason: string | null;
}

export type Fact = LegFact | StatedCall | Correction | Retraction | Completion | MatchDecision;

/** Whose call an application registered, and with whom. */
export interface RegistrationParties {
  readonly userId: number;
  readonly number: string | null;
  readonly direction: Direction;
  /** UTC milliseconds, as the application's clock tells or as ours when it did not say. */
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** The PBX's id of the call, where the application names it. */
  readonly externalId: string | null;
  /** The application stated the start: its clock can be measured by it. */
  readonly clocked: boolean;
}

/** A report a door hands in: what was understood, and the bytes it was understood from, credentials stripped. */
export interface IncomingReport {
  readonly sourceId: number;
  /** The dialect's word: `yeastar.30012`, `native.call`. */
  readonly kind: string;
  /** The source's name of the call: its reports with the same name are about one call. */
  readonly name: string;
  /** Within the source call: the same key is the same report again. */
  readonly key: string;
  readonly fact: LegFact | StatedCall;
  readonly contentType: string | null;
  readonly raw: Uint8Array;
  /** No other report may have this name: a second one with another key is refused. */
  readonly alone?: boolean;
  /** By what a registration can be found to be a leg of a PBX. */
  readonly registration?: RegistrationParties;
  /** A recording was named and is being fetched: the call waits for it. */
  readonly awaitsRecording?: boolean;
  /** A program loads it from elsewhere, after the fact: what it changes is no news. */
  readonly historical?: boolean;
  /** What was odd and how it was read, one sentence each. */
  readonly warnings: readonly string[];
}
