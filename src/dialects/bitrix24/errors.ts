/**
 * Every error of the dialect, one table: the vendor's status, code and text (reference sections 5 and 11 to 14). Where
 * its pages and its SDKs' tests disagree, the tests win; where they print no text, it is ours. `{…}` is filled in.
 */
interface ErrorRow {
  readonly status: number;
  readonly code: string;
  readonly text: string;
}

const ERRORS = {
  // Requests, section 5.
  httpsRequired: { status: 400, code: 'INVALID_REQUEST', text: 'Https required' },
  /** Ours: parameters that cannot be read, a `ParamsProblem`. */
  unreadable: { status: 400, code: 'INVALID_REQUEST', text: '{PROBLEM}' },
  /** Ours. */
  verb: { status: 405, code: 'INVALID_REQUEST', text: 'Only GET and POST are allowed' },
  /** Ours. */
  tooLarge: { status: 413, code: 'INVALID_REQUEST', text: 'The request is larger than {BYTES} bytes' },
  batchLength: { status: 400, code: 'ERROR_BATCH_LENGTH_EXCEEDED', text: 'Max batch length exceeded' },
  batchMethod: { status: 405, code: 'ERROR_BATCH_METHOD_NOT_ALLOWED', text: 'Method is not allowed for batch usage' },
  methodNotFound: { status: 404, code: 'ERROR_METHOD_NOT_FOUND', text: 'Method not found!' },
  manifestNotAvailable: { status: 404, code: 'ERROR_MANIFEST_IS_NOT_AVAILABLE', text: 'Manifest is not available' },
  core: { status: 400, code: 'ERROR_CORE', text: '{DETAIL}' },
  invalidArgument: { status: 400, code: 'INVALID_ARGUMENT', text: '{DETAIL}' },
  errorArgument: { status: 400, code: 'ERROR_ARGUMENT', text: '{DETAIL}' },

  // Who asks, section 5. 401 where the Python SDK's tests ask for it, though the pages print 403 (section 21, 11).
  noAuth: { status: 401, code: 'NO_AUTH_FOUND', text: 'Wrong authorization data' },
  /** Section 3.3 ends it with a full stop, section 5 does not; clients look at the code. */
  expiredToken: { status: 401, code: 'expired_token', text: 'The access token provided has expired.' },
  invalidToken: { status: 401, code: 'invalid_token', text: 'Unable to get application by token' },
  invalidCredentials: { status: 401, code: 'INVALID_CREDENTIALS', text: 'Invalid request credentials' },
  webhookScope: {
    status: 401,
    code: 'insufficient_scope',
    text: 'The request requires higher privileges than provided by the webhook token',
  },
  tokenScope: {
    status: 401,
    code: 'insufficient_scope',
    text: 'The request requires higher privileges than provided by the access token',
  },
  confirmWaiting: { status: 401, code: 'METHOD_CONFIRM_WAITING', text: 'Waiting for confirmation' },
  confirmDenied: { status: 403, code: 'METHOD_CONFIRM_DENIED', text: 'Method call denied' },
  authorization: { status: 401, code: 'AUTHORIZATION_ERROR', text: 'Authorization error' },
  applicationNotFound: { status: 401, code: 'APPLICATION_NOT_FOUND', text: 'Application not found' },
  oauth: { status: 401, code: 'ERROR_OAUTH', text: 'OAuth error' },
  paymentRequired: { status: 401, code: 'PAYMENT_REQUIRED', text: 'Payment required' },
  accessDenied: { status: 403, code: 'ACCESS_DENIED', text: 'Access denied!' },
  planDenied: { status: 403, code: 'ACCESS_DENIED', text: 'REST API is available only on commercial plans' },
  applicationContext: { status: 403, code: 'ACCESS_DENIED', text: 'Access denied! Application context required' },
  wrongAuthType: {
    status: 403,
    code: 'WRONG_AUTH_TYPE',
    text: 'Current authorization type is denied for this method',
  },
  userAccess: {
    status: 403,
    code: 'user_access_error',
    text: 'The user does not have access to the application',
  },
  intranetOnly: { status: 403, code: 'ALLOWED_ONLY_INTRANET_USER', text: 'Only intranet users are allowed' },

  // How much, and what breaks, section 5.
  operationTime: {
    status: 429,
    code: 'OPERATION_TIME_LIMIT',
    text: 'Method is blocked due to operation time limit.',
  },
  internal: { status: 500, code: 'INTERNAL_SERVER_ERROR', text: 'Internal server error' },
  unexpectedAnswer: {
    status: 500,
    code: 'ERROR_UNEXPECTED_ANSWER',
    text: 'Server returned an unexpected response',
  },
  portalDeleted: { status: 500, code: 'PORTAL_DELETED', text: 'Portal was deleted' },
  queryLimit: { status: 503, code: 'QUERY_LIMIT_EXCEEDED', text: 'Too many requests' },
  overload: { status: 503, code: 'OVERLOAD_LIMIT', text: 'REST API is blocked due to overload' },

  // register and finish, sections 11.1 and 11.2; show and hide have none.
  userNotSet: { status: 400, code: 'ERROR_CORE', text: 'USER_ID or USER_PHONE_INNER should be set' },
  userNotFound: { status: 400, code: 'ERROR_CORE', text: 'User is not found or is not active' },
  unknownType: { status: 400, code: 'ERROR_CORE', text: 'Unknown TYPE' },
  startDate: { status: 400, code: 'ERROR_CORE', text: 'CALL_START_DATE should be in the ISO-8601 format' },
  phoneFormat: { status: 400, code: 'ERROR_CORE', text: 'Unsupported phone number format' },
  callIdType: { status: 400, code: 'INVALID_ARGUMENT', text: 'CALL_ID must be a string' },
  /** The bracket stays open on the wire (section 21, 9). */
  callNotFound: {
    status: 400,
    code: 'ERROR_CORE',
    text: 'Call is not found (call should be registered prior to finishing',
  },
  database: { status: 400, code: 'ERROR_CORE', text: 'Unexpected database error' },

  // attachRecord, section 11.4.
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

  // searchCrmEntities, section 11.5.
  phoneEmpty: { status: 400, code: 'ERROR_CORE', text: 'PHONE_NUMBER is empty' },
  noCrm: { status: 400, code: 'ERROR_CORE', text: 'CRM is not installed.' },

  // attachTranscription, section 12; N counts from 0.
  callIdNotSet: { status: 400, code: 'ERROR_CORE', text: 'CALL_ID should be set' },
  messagesNotList: { status: 400, code: 'ERROR_CORE', text: 'MESSAGES should be an array' },
  messageSide: { status: 400, code: 'ERROR_CORE', text: 'MESSAGES[{N}][SIDE] should be either Client or User' },
  messageStart: {
    status: 400,
    code: 'ERROR_CORE',
    text: 'MESSAGES[{N}][START_TIME] should be greater or equal to zero',
  },
  messageStop: { status: 400, code: 'ERROR_CORE', text: 'MESSAGES[{N}][STOP_TIME] should be greater than zero' },
  messageEmpty: { status: 400, code: 'ERROR_CORE', text: 'MESSAGES[{N}][MESSAGE] is empty' },
  callNotInStatistics: { status: 400, code: 'ERROR_CORE', text: 'Call {CALL_ID} is not found. Is it finished?' },

  // externalLine, section 13.
  lineNumberEmpty: { status: 400, code: 'ERROR_CORE', text: 'NUMBER should not be empty' },
  lineExists: { status: 400, code: 'ERROR_CORE', text: 'Line already exists' },
  lineNoFields: { status: 400, code: 'ERROR_CORE', text: 'There are no fields to update' },
  lineNotFound: { status: 400, code: 'ERROR_CORE', text: 'Could not find line with number {NUMBER}' },
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

/** The error of a row; what its text leaves blank must be given: `methodError('lineNotFound', { NUMBER: '9' })`. */
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
