/** One HTTP request and its answer, without HTTP. */
export interface Exchange {
  /**
   * Who the request authenticated as; null: nobody. A session belongs to the identity of its handshake (docs/genesys.md,
   * section 7, line 79).
   */
  readonly identity: string | null;
  /** The BAYEUX_BROWSER cookie, null without one. */
  readonly browser: string | null;
  /** Aborted when the client's socket closes before the answer is written. */
  readonly closed: AbortSignal;
}

export type Answer =
  /**
   * Write `messages` as JSON, and set the cookie BAYEUX_BROWSER to `setBrowser`. Then `written(true)` once the response
   * was handed to the socket completely, or `written(false)` when it could not be; the first word counts, and a closed
   * socket is one.
   */
  | {
      readonly kind: 'messages';
      readonly messages: readonly object[];
      readonly setBrowser: string | null;
      written(ok: boolean): void;
    }
  /** Not Bayeux at all: HTTP 400 with an empty body (docs/genesys.md, section 7, line 7). */
  | { readonly kind: 'malformed' }
  /** A newer connect took over: HTTP 500 with an empty body in CometD (docs/genesys.md, section 7, line 29). */
  | { readonly kind: 'superseded' };

export const MALFORMED: Answer = { kind: 'malformed' };
export const SUPERSEDED: Answer = { kind: 'superseded' };

/** An answer on which nothing depends: whether it arrives changes nothing here. */
export function unattended(messages: readonly object[]): Answer {
  return { kind: 'messages', messages, setBrowser: null, written: () => {} };
}
