/**
 * Every error of the methods there are, one table: the vendor's status, code and text (docs/bitrix24.md, sections 5 and
 * 11). Where its pages and its SDKs' tests disagree, the tests win; where they print no text, it is ours. `{…}` is filled
 * in.
 */
interface ErrorRow {
  readonly status: number;
  readonly code: string;
  readonly text: string;
}

const ERRORS = {
  // Requests, docs/bitrix24.md, section 5.
  /** Ours: parameters that cannot be read, a `ParamsProblem`. */
  unreadable: { status: 400, code: 'INVALID_REQUEST', text: '{PROBLEM}' },
  /** Ours. */
  verb: { status: 405, code: 'INVALID_REQUEST', text: 'Only GET and POST are allowed' },
  /** Ours. */
  tooLarge: { status: 413, code: 'INVALID_REQUEST', text: 'The request is larger than {BYTES} bytes' },
  methodNotFound: { status: 404, code: 'ERROR_METHOD_NOT_FOUND', text: 'Method not found!' },
  invalidArgument: { status: 400, code: 'INVALID_ARGUMENT', text: '{DETAIL}' },

  // Who asks, docs/bitrix24.md, section 5. 401 where the Python SDK's tests ask for it, though the pages print 403
  // (docs/bitrix24.md, section 21, row 11).
  noAuth: { status: 401, code: 'NO_AUTH_FOUND', text: 'Wrong authorization data' },
  invalidToken: { status: 401, code: 'invalid_token', text: 'Unable to get application by token' },
  invalidCredentials: { status: 401, code: 'INVALID_CREDENTIALS', text: 'Invalid request credentials' },
  webhookScope: {
    status: 401,
    code: 'insufficient_scope',
    text: 'The request requires higher privileges than provided by the webhook token',
  },
  accessDenied: { status: 403, code: 'ACCESS_DENIED', text: 'Access denied!' },

  // How much, and what breaks, docs/bitrix24.md, section 5.
  internal: { status: 500, code: 'INTERNAL_SERVER_ERROR', text: 'Internal server error' },
  overload: { status: 503, code: 'OVERLOAD_LIMIT', text: 'REST API is blocked due to overload' },

  // register and finish, docs/bitrix24.md, sections 11.1 and 11.2; show and hide have none.
  userNotSet: { status: 400, code: 'ERROR_CORE', text: 'USER_ID or USER_PHONE_INNER should be set' },
  userNotFound: { status: 400, code: 'ERROR_CORE', text: 'User is not found or is not active' },
  unknownType: { status: 400, code: 'ERROR_CORE', text: 'Unknown TYPE' },
  startDate: { status: 400, code: 'ERROR_CORE', text: 'CALL_START_DATE should be in the ISO-8601 format' },
  phoneFormat: { status: 400, code: 'ERROR_CORE', text: 'Unsupported phone number format' },
  callIdType: { status: 400, code: 'INVALID_ARGUMENT', text: 'CALL_ID must be a string' },
  /** The bracket stays open on the wire (docs/bitrix24.md, section 21, row 9). */
  callNotFound: {
    status: 400,
    code: 'ERROR_CORE',
    text: 'Call is not found (call should be registered prior to finishing',
  },
  database: { status: 400, code: 'ERROR_CORE', text: 'Unexpected database error' },

  // attachRecord, docs/bitrix24.md, section 11.4.
  recordNotGiven: {
    status: 400,
    code: 'ERROR_CORE',
    text: 'Required parameters are not set. Request should contain or URL or FILENAME parameter',
  },
  callNotFinished: {
    status: 400,
    code: 'ERROR_CORE',
    text: 'Call is not found in the statistic table. Looks like it is not finished yet.',
  },
  fileNameEmpty: { status: 400, code: 'ERROR_CORE', text: 'File name is empty' },
  fileExtension: {
    status: 400,
    code: 'ERROR_CORE',
    text: 'Wrong file extension. Only wav and mp3 are allowed',
  },
  fileEmpty: { status: 400, code: 'ERROR_CORE', text: 'File content is empty.' },
  fileEncoding: {
    status: 400,
    code: 'ERROR_CORE',
    text: 'File content is not properly encoded. Base64 encoding is expected.',
  },
  recordServer: { status: 400, code: 'ERROR_CORE', text: 'Server returns HTTP error code {N}' },
} as const satisfies Record<string, ErrorRow>;

export type ErrorName = keyof typeof ERRORS;

/** Longest value filled into a text: an error is no echo. */
const FILLING_MAX_CHARS = 200;

/** A method's, or the whole request's, refusal. `message` is the text with everything filled in. */
export class MethodError extends Error {
  override readonly name = 'MethodError';
  readonly kind: ErrorName;
  readonly status: number;
  readonly code: string;

  constructor(kind: ErrorName, message: string) {
    super(message);
    this.kind = kind;
    this.status = ERRORS[kind].status;
    this.code = ERRORS[kind].code;
  }
}

type Blanks<Text extends string> = Text extends `${string}{${infer Blank}}${infer Rest}` ? Blank | Blanks<Rest> : never;
type Fillings<Name extends ErrorName> = { readonly [B in Blanks<(typeof ERRORS)[Name]['text']>]: string | number };

/** The error of a row; what its text leaves blank must be given: `methodError('recordServer', { N: 404 })`. */
export function methodError<Name extends ErrorName>(
  name: Name,
  ...[fillings]: keyof Fillings<Name> extends never ? [] : [Fillings<Name>]
): MethodError {
  const given: Readonly<Record<string, string | number>> = fillings ?? {};
  const text = ERRORS[name].text.replace(/\{([A-Z_]+)\}/g, (_, blank: string) =>
    String(given[blank]).slice(0, FILLING_MAX_CHARS).toWellFormed(),
  );
  return new MethodError(name, text);
}
