import type { Source } from '../../calls/entities.ts';
import type { CallsContext } from '../../calls/refold.ts';
import type { Json } from '../../ledger/entity.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Command, State } from '../../ledger/state.ts';
import type { User } from '../../people/entities.ts';
import type { Page } from './envelope.ts';
import type { Params } from './params.ts';

/** What the portal needs of the house. */
export interface Bitrix24Door {
  readonly ledger: Ledger;
  readonly calls: CallsContext;
  readonly clock: () => number;
  /** That many random bytes, for CALL_ID. */
  readonly random: (bytes: number) => Uint8Array;
  /** The organisation's zone: the portal's. */
  readonly timeZone: () => string;
  /** RECORD_URL: the file is fetched later, and nobody is told when it cannot be. */
  readonly askForRecording: (state: State, ask: { strandId: number; reportId: number; url: string }) => void;
  /** `accepted`, `repeated`, `refused`. */
  readonly count: (verdict: string) => void;
}

/** A request of a webhook whose user, scope and parameters have been read. */
export interface MethodCall {
  readonly door: Bitrix24Door;
  readonly user: Readonly<User>;
  readonly portal: Readonly<Source>;
  readonly params: Params;
  /** What arrived, credentials taken out. */
  readonly raw: Uint8Array;
  readonly contentType: string | null;
}

export type MethodAnswer = { readonly result: Json } | { readonly page: Page };

export interface Method {
  /** The scope a webhook must have. */
  readonly scope: string;
  /** Throws `MethodError`. */
  readonly answer: (call: MethodCall) => Promise<MethodAnswer>;
}

export type { Command };
