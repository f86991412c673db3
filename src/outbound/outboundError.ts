/** What became of a request that did not get its answer. No message repeats the URL: it may carry a secret. */
import { errors } from 'undici';

/**
 * `url` cannot be read; `scheme` is not http or https; `credentials` stand in it; `host` is no name a resolver may be
 * asked for; `port` belongs to another protocol; `address` is not public and not in `outbound.allow`; `downgrade` is a
 * redirect from https to http.
 */
export type RefusalReason = 'url' | 'scheme' | 'credentials' | 'host' | 'port' | 'address' | 'downgrade';

/** We would not ask: nothing was sent to where the URL leads. */
export class OutboundRefused extends Error {
  override readonly name = 'OutboundRefused';
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/**
 * `name` was not resolved; `connection` could not be made or broke; `tls` says who does not prove to be who they should;
 * `timeout`; `too_large` is the body, or the headers; `encoding` is a body that was compressed unasked; `redirects` are too
 * many; `protocol` is an answer that is not HTTP; `stopped` is our own doing.
 */
export type FailureReason =
  | 'name'
  | 'connection'
  | 'tls'
  | 'timeout'
  | 'too_large'
  | 'encoding'
  | 'redirects'
  | 'protocol'
  | 'stopped';

/** We asked, or tried to, and there is no answer, or not all of it. */
export class OutboundFailed extends Error {
  override readonly name = 'OutboundFailed';
  readonly reason: FailureReason;

  constructor(reason: FailureReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

const BY_CODE: Readonly<Record<string, FailureReason>> = {
  ENOTFOUND: 'name',
  EAI_AGAIN: 'name',
  EAI_NODATA: 'name',
  EAI_NONAME: 'name',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_OVERFLOW: 'too_large',
  HPE_HEADER_OVERFLOW: 'too_large',
  UND_ERR_ABORTED: 'stopped',
  UND_ERR_DESTROYED: 'stopped',
  UND_ERR_CLOSED: 'stopped',
};

const MESSAGES: Readonly<Record<FailureReason, string>> = {
  name: 'The host name was not found',
  connection: 'The connection could not be made, or broke',
  tls: 'The other side does not prove who it is',
  timeout: 'The other side took too long',
  too_large: 'The answer is too large',
  encoding: 'The answer is compressed, which was not asked for',
  redirects: 'The answer leads on and on',
  protocol: 'The answer is not HTTP',
  stopped: 'The request was given up on this side',
};

/** The one place where what Node and undici call a failure becomes one of ours. */
export function failureOf(error: unknown): OutboundRefused | OutboundFailed {
  if (error instanceof OutboundRefused || error instanceof OutboundFailed) return error;
  const code = codeOf(error);
  const reason = BY_CODE[code] ?? reasonByFamily(code, error);
  return new OutboundFailed(reason, `${MESSAGES[reason]}${code === '' ? '' : ` (${code})`}.`, { cause: error });
}

export const failed = (reason: FailureReason): OutboundFailed => new OutboundFailed(reason, `${MESSAGES[reason]}.`);

function reasonByFamily(code: string, error: unknown): FailureReason {
  // The parser's errors have codes of their own, or none.
  if (error instanceof errors.HTTPParserError) return 'protocol';
  if (/^(?:ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|EPROTO$|HOSTNAME_MISMATCH)/.test(code))
    return 'tls';
  return 'connection';
}

/** Of several addresses that were tried in vain, what the first one said. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? code : '';
}
