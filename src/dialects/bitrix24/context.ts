import type { CallsContext } from '../../calls/fold/refold.ts';
import type { Json } from '../../ledger/entity.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Reader } from '../../ledger/query.ts';
import type { State } from '../../ledger/state.ts';
import type { User } from '../../people/entities.ts';
import type { FetchReactors } from '../../recordings/attach.ts';
import type { AudioStore } from '../../recordings/audioStore.ts';
import type { Fetching } from '../../recordings/download.ts';
import type { Source } from '../../sources/entities.ts';
import type { Page } from './envelope.ts';
import type { Params } from './params.ts';

/** Where records of calls go, and how they come here. */
export interface Records extends Pick<FetchReactors, 'onAttached' | 'wantCall'> {
  readonly store: AudioStore;
  /** The client that leaves the house. */
  readonly outbound: Fetching;
  /** Signs the addresses at which files may be handed in: the same one after a restart. */
  readonly uploadKey: Uint8Array;
}

/** What the portal needs of the house. */
export interface Bitrix24Door {
  readonly ledger: Ledger;
  readonly calls: CallsContext;
  readonly clock: () => number;
  /** That many random bytes, for CALL_ID: from a pool. */
  readonly random: (bytes: number) => Uint8Array;
  /** The organisation's zone: the portal's. */
  readonly timeZone: () => string;
  /** RECORD_URL: the file is fetched later, and nobody is told when it cannot be. */
  readonly requestRecording: (state: State, ask: { sourceCallId: number; reportId: number; url: string }) => void;
  readonly records: Records;
  /** Where clients reach this server, without a slash at its end; null: where they asked. */
  readonly publicUrl: () => string | null;
  /** `accepted`, `repeated`, `refused`. */
  readonly count: (verdict: string) => void;
}

/** A request of a webhook whose user, scope and parameters have been read. */
export interface MethodCall {
  readonly door: Bitrix24Door;
  readonly user: Readonly<User>;
  readonly portal: Readonly<Source>;
  /** The application. */
  readonly webhookId: number;
  /** What the addresses of all methods begin with, as the client reaches them; no slash at its end. */
  readonly baseUrl: string;
  readonly params: Params;
  /** What arrived, credentials taken out. */
  readonly raw: Uint8Array;
  readonly contentType: string | null;
  /** For what may take long: it rejects once the client has gone. */
  readonly reader: Reader;
}

export type MethodAnswer = { readonly result: Json } | { readonly page: Page };

export interface Method {
  /** The scope a webhook must have. */
  readonly scope: string;
  /** A parameter, in lower case, that may be a whole file in base64: it is a `WireText` then. */
  readonly file?: { readonly parameter: string; readonly bodyLimitBytes: number };
  /** Throws `MethodError`. */
  readonly answer: (call: MethodCall) => Promise<MethodAnswer>;
}
