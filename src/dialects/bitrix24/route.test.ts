import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { methodOf, readRoute } from './route.ts';

const REGISTER = 'telephony.externalcall.register';

test('case 69 - slashes, suffix and case make no difference', () => {
  const token = { kind: 'token', method: 'server.time' };
  for (const path of [
    '/rest/server.time',
    '/rest//server.time',
    '/rest/server.time/',
    '/rest/server.time.json',
    '/rest/server.time.xml',
    '//rest///Server.Time.JSON//',
    '/rest/server%2Etime',
  ]) {
    assert.deepEqual(readRoute(path), token, path);
  }
});

test('case 6 - the method is in lower case, and only its own suffix goes', () => {
  assert.deepEqual(readRoute('/rest/1/c0de/TELEPHONY.externalcall.REGISTER.json'), {
    kind: 'webhook',
    user: 1,
    code: 'c0de',
    method: REGISTER,
  });
  assert.equal(methodOf('a.json.b'), 'a.json.b');
  assert.equal(methodOf('a.json.json'), 'a.json');
  assert.equal(methodOf('telephony.externalCall.finish'), 'telephony.externalcall.finish');
});

test('webhooks - every shape that SDKs and connectors send', () => {
  for (const path of [
    `/rest/17/Ab0-_x/${REGISTER}`,
    `/rest/17/Ab0-_x/${REGISTER}.json`,
    `/rest/17/Ab0-_x/${REGISTER}/`,
    `/rest/17/Ab0-_x//${REGISTER}/`,
  ]) {
    assert.deepEqual(readRoute(path), { kind: 'webhook', user: 17, code: 'Ab0-_x', method: REGISTER }, path);
  }
  assert.deepEqual(readRoute('/rest/1/a%2Fb%zz/batch'), { kind: 'webhook', user: 1, code: 'a/b%zz', method: 'batch' });
});

test('upload - the second step of attachRecord has a route of its own', () => {
  assert.deepEqual(readRoute('/rest/upload.json'), { kind: 'upload' });
  assert.deepEqual(readRoute('/rest/upload/'), { kind: 'upload' });
});

test('unknown - a hook without its user, without a method, and REST v3', () => {
  for (const path of [
    '/rest',
    '/rest/',
    '/rest/.json',
    `/rest/c0de/${REGISTER}`,
    '/rest/1/c0de/',
    `/rest/x/c0de/${REGISTER}`,
    `/rest/-1/c0de/${REGISTER}`,
    `/rest/1234567890123456/c0de/${REGISTER}`,
    '/rest/api/1/c0de/call.followup.get',
  ]) {
    assert.deepEqual(readRoute(path), { kind: 'unknown' }, path);
  }
});

test('elsewhere - is no route', () => {
  for (const path of ['', '/', '/v1/calls', '/restful/x', 'rest/x', '/REST/x', '/oauth/token/']) {
    assert.equal(readRoute(path), null, path);
  }
});

test('fuzz - any path is a route or none', () => {
  const piece = fc.oneof(fc.constantFrom('/', 'rest', '%', '%2F', '1', '.json'), fc.string({ unit: 'binary' }));
  fc.assert(
    fc.property(fc.array(piece), pieces => {
      const route = readRoute(`/rest/${pieces.join('')}`);
      assert.ok(route !== null);
      if ('method' in route) assert.ok(route.method !== '');
    }),
  );
});
