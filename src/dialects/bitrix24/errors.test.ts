import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MethodError, methodError } from './errors.ts';

test('errors - carry the vendor’s status, code and text', () => {
  for (const [error, status, code, text] of [
    [methodError('methodNotFound'), 404, 'ERROR_METHOD_NOT_FOUND', 'Method not found!'],
    [methodError('invalidCredentials'), 401, 'INVALID_CREDENTIALS', 'Invalid request credentials'],
    [
      methodError('webhookScope'),
      401,
      'insufficient_scope',
      'The request requires higher privileges than provided by the webhook token',
    ],
    [methodError('noAuth'), 401, 'NO_AUTH_FOUND', 'Wrong authorization data'],
    [methodError('accessDenied'), 403, 'ACCESS_DENIED', 'Access denied!'],
    [methodError('overload'), 503, 'OVERLOAD_LIMIT', 'REST API is blocked due to overload'],
    [methodError('userNotSet'), 400, 'ERROR_CORE', 'USER_ID or USER_PHONE_INNER should be set'],
    [methodError('callIdType'), 400, 'INVALID_ARGUMENT', 'CALL_ID must be a string'],
    [methodError('callNotFound'), 400, 'ERROR_CORE', 'Call is not found (call should be registered prior to finishing'],
  ] as const) {
    assert.ok(error instanceof MethodError && error instanceof Error);
    assert.deepEqual([error.status, error.code, error.message], [status, code, text]);
  }
});

test('errors - blanks of a text are filled in, and only those', () => {
  assert.equal(methodError('recordServer', { N: 503 }).message, 'Server returns HTTP error code 503');
  assert.equal(methodError('tooLarge', { BYTES: '{BYTES}$&' }).message, 'The request is larger than {BYTES}$& bytes');
  // @ts-expect-error: what a text leaves blank must be given
  assert.equal(methodError('recordServer').message, 'Server returns HTTP error code undefined');
});

test('errors - are no echo of what was sent', () => {
  const { message } = methodError('invalidArgument', { DETAIL: '\u{1f600}'.repeat(1_000) });
  assert.ok(message.length < 250 && message.isWellFormed());
});
