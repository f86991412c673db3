import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { createScratch } from '../../kit/scratch.ts';
import { startServer } from '../../kit/server.ts';
import {
  CONTACT_PHONE,
  FINISH,
  type Finished,
  HOOKS,
  methodPath,
  PORTAL,
  portalOf,
  REGISTER,
  type Registered,
  SHOW,
  STATISTIC,
  startPortal,
} from './cases.ts';
import { exchange } from './wire.ts';

const portal = await startPortal();
const HOOK = `/rest/${HOOKS.administrator}`;
const CODE = HOOKS.administrator.split('/')[1]!;
const QUERY = `?USER_ID=1&PHONE_NUMBER=${encodeURIComponent(CONTACT_PHONE)}&TYPE=2&SHOW=0`;
const INVALID_CREDENTIALS = [401, 'INVALID_CREDENTIALS', 'Invalid request credentials'];
const METHOD_NOT_FOUND = [404, 'ERROR_METHOD_NOT_FOUND', 'Method not found!'];
const VERB = [405, 'INVALID_REQUEST', 'Only GET and POST are allowed'];

/** The status, code and text of what must be an error. */
async function refused(path: string, init?: RequestInit): Promise<readonly unknown[]> {
  const { status, body, headers } = await portal.send(path, init);
  assert.deepEqual(Object.keys(body), ['error', 'error_description']);
  assert.equal(headers.get('location'), null);
  return [status, body.error, body.error_description];
}

test('B24 2.1 every shape of a webhook URL - the same call, and no redirect', async () => {
  const { CALL_ID: id } = await portal.register({ PHONE_NUMBER: CONTACT_PHONE });
  for (const path of [
    `${HOOK}/${REGISTER}`,
    `${HOOK}/${REGISTER}.json`,
    `${HOOK}/${REGISTER}.JSON`,
    `${HOOK}/${REGISTER}.xml`,
    `${HOOK}/${REGISTER}/`,
    `${HOOK}/${REGISTER}.json/`,
    `${HOOK}//${REGISTER}/`,
    `//rest///1//${CODE}//${REGISTER}//`,
    `${HOOK}/telephony.externalCall.register`,
    `${HOOK}/TELEPHONY.EXTERNALCALL.REGISTER`,
    `${HOOK}/telephony%2Eexternalcall%2Eregister`,
    `${HOOK}/telephony%2EexternalCall%2Eregister.json`,
  ]) {
    for (const method of ['GET', 'POST']) {
      // Verbatim: a client of ours would put slashes and percents right.
      const { status, headers, text } = await exchange(portal.server, { method, path: path + QUERY });
      assert.equal(status, 200, `${method} ${path}: ${text}`);
      assert.equal((JSON.parse(text) as { result: Registered }).result.CALL_ID, id, `${method} ${path}`);
      assert.equal(headers['location'], undefined);
    }
  }
});

test('B24 2.1 what the SDKs add to every URL - seen by no method', async () => {
  const added = 'bx24_request_id=0190f0e2-0000-7000-8000-000000000000&bx24_sdk_ver=2.2.0&bx24_sdk_type=b24-js-sdk';
  const { CALL_ID: id } = await portal.register();
  const { status, body } = await portal.send<Finished>(`${methodPath(FINISH)}?${added}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ CALL_ID: id, USER_ID: 1, DURATION: 3 }),
  });
  assert.deepEqual([status, body.result['CALL_DURATION']], [200, 3]);
});

test('B24 2.1 paths that are no method - 404', async () => {
  for (const path of [
    '/rest',
    '/rest/',
    `/rest/${CODE}/${REGISTER}`,
    HOOK,
    `${HOOK}/`,
    `${HOOK}/${REGISTER}/more`,
    `/rest/api/1/${CODE}/${REGISTER}`,
    `${HOOK}/.json`,
    `${HOOK}/register`,
    `${HOOK}/telephony.externalcall`,
    `${HOOK}/${REGISTER}.php`,
    `${HOOK}/constructor`,
    `${HOOK}/__proto__`,
    `/rest/99999999999999999999/${CODE}/${REGISTER}`,
  ]) {
    assert.deepEqual(await refused(path), METHOD_NOT_FOUND, path);
    assert.deepEqual(await refused(path, { method: 'POST', body: 'a=b' }), METHOD_NOT_FOUND, path);
  }
});

test('B24-62 an unknown method - 404', async () => {
  assert.deepEqual(await portal.refusal('telephony.externalcall.nothing', {}), METHOD_NOT_FOUND);
});

test('B24-63 a wrong code - 401 INVALID_CREDENTIALS, whatever the method', async () => {
  for (const path of [
    `/rest/1/wrong1234567890/${REGISTER}`,
    `/rest/1/wrong1234567890/no.such.method`,
    // Another one's code, a code in other letters, a part of it, and that of somebody dismissed.
    `/rest/2/${CODE}/${REGISTER}`,
    `/rest/1/${CODE.toUpperCase()}/${REGISTER}`,
    `/rest/1/${CODE.slice(0, -1)}/${REGISTER}`,
    `/rest/1/${CODE}x/${REGISTER}`,
    `/rest/${HOOKS.dismissed}/${REGISTER}`,
    `/rest/0/${CODE}/${REGISTER}`,
    `/rest/1/%00/${REGISTER}`,
  ]) {
    assert.deepEqual(await refused(path), INVALID_CREDENTIALS, path);
    const init = { method: 'POST', body: '{"USER_ID":1}', headers: { 'content-type': 'application/json' } };
    assert.deepEqual(await refused(path, init), INVALID_CREDENTIALS, path);
  }
});

test('B24-63 a webhook that the organisation file no longer names - 401 after the restart, and its calls stay', async () => {
  const dataDir = join(createScratch('webhook').path, 'data');
  await using before = await startServer({ config: PORTAL, dataDir });
  const { CALL_ID: id } = await portalOf(before).register();
  await before.stop();
  const webhooks = PORTAL.bitrix24.webhooks.filter(each => each.name !== 'administrator');
  await using server = await startServer({ config: { ...PORTAL, bitrix24: { webhooks } }, dataDir });
  const after = portalOf(server);
  assert.deepEqual(await after.refusal(FINISH, { CALL_ID: id, USER_ID: 1 }), INVALID_CREDENTIALS);
  assert.equal((await after.finish(id, {}, 'second'))['CALL_ID'], id);
});

test('B24-64 no authorisation - 401 NO_AUTH_FOUND', async () => {
  for (const path of ['/rest/server.time', `/rest/${REGISTER}.json`, '/rest//server.time/', '/rest/upload.json']) {
    assert.deepEqual(await refused(path), [401, 'NO_AUTH_FOUND', 'Wrong authorization data'], path);
  }
});

test('B24 3.3 a token of an application - 401 invalid_token, wherever it stands', async () => {
  const expected = [401, 'invalid_token', 'Unable to get application by token'];
  const json = { 'content-type': 'application/json' };
  assert.deepEqual(await refused('/rest/server.time?auth=abc'), expected);
  assert.deepEqual(await refused('/rest/server.time?access_token=abc'), expected);
  assert.deepEqual(await refused('/rest/server.time', { headers: { authorization: 'Bearer abc' } }), expected);
  assert.deepEqual(
    await refused('/rest//server.time', { method: 'POST', headers: json, body: '{"auth":"a"}' }),
    expected,
  );
  assert.deepEqual(
    await refused('/rest/server.time', { method: 'POST', body: new URLSearchParams({ auth: 'a' }) }),
    expected,
  );
});

test('B24-66 a webhook without the scope - 401 insufficient_scope', async () => {
  for (const method of [REGISTER, FINISH, SHOW, STATISTIC]) {
    assert.deepEqual(await portal.refusal(method, {}, 'withoutTelephony'), [
      401,
      'insufficient_scope',
      'The request requires higher privileges than provided by the webhook token',
    ]);
  }
});

test('B24 2.2 other verbs - 405, and nothing is done', async () => {
  const { CALL_ID: id } = await portal.register();
  const finish = `${methodPath(FINISH)}?CALL_ID=${id}&USER_ID=1`;
  for (const method of ['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'QUERY']) {
    assert.deepEqual(await refused(finish, { method }), VERB, method);
    if (method === 'OPTIONS') continue;
    const body = { method, body: '{}', headers: { 'content-type': 'application/json' } };
    assert.deepEqual(await refused(finish, body), VERB, method);
  }
  assert.equal((await fetch(portal.server.url + finish, { method: 'HEAD' })).status, 405);
  assert.equal((await portal.finish(id))['CALL_ID'], id);
});

test('B24 2.2 bodies without parameters - zero bytes, blanks, {}, [] and null', async () => {
  for (const body of ['', ' \n', '{}', '[]', 'null', '\ufeff{}']) {
    const { status, body: answer } = await portal.ask<readonly unknown[]>(STATISTIC, body);
    assert.deepEqual([status, Array.isArray(answer.result)], [200, true], body);
  }
});

test('B24 2.2 content types - with a charset, in other letters, another JSON, or none', async () => {
  const said = { USER_ID: 1, PHONE_NUMBER: CONTACT_PHONE, TYPE: 2, SHOW: 0 };
  const { CALL_ID: id } = await portal.register(said);
  const json = JSON.stringify(said);
  const form = `USER_ID=1&PHONE_NUMBER=${encodeURIComponent(CONTACT_PHONE)}&TYPE=2&SHOW=0`;
  for (const [contentType, body] of [
    ['application/json; charset=utf-8', json],
    ['Application/JSON;charset="UTF-8"', json],
    ['text/json', json],
    ['application/vnd.api+json', json],
    ['text/plain', json],
    ['application/octet-stream', `\n${json}`.trim()],
    [null, json],
    ['application/x-www-form-urlencoded; charset=UTF-8', form],
    ['text/plain', form],
    [null, form],
  ] as const) {
    const headers = contentType === null ? {} : { 'content-type': contentType };
    const { status, text } = await exchange(portal.server, {
      method: 'POST',
      path: methodPath(REGISTER),
      headers,
      body,
    });
    assert.equal(status, 200, `${contentType} ${body}: ${text}`);
    assert.equal((JSON.parse(text) as { result: Registered }).result.CALL_ID, id);
  }
});

test('B24 2.2 query and body - one namespace, and the body wins', async () => {
  const { CALL_ID: id } = await portal.register();
  const { status, body } = await portal.send<Finished>(`${methodPath(FINISH)}?CALL_ID=${id}&DURATION=5&USER_ID=1`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"DURATION":7,"VOTE":3}',
  });
  assert.equal(status, 200);
  const { CALL_DURATION: duration, CALL_VOTE: vote, PORTAL_USER_ID: user } = body.result;
  assert.deepEqual([duration, vote, user], [7, 3, 1]);
});

test('B24 2.2 a parameter twice in a form - the last one counts', async () => {
  const { CALL_ID: id } = await portal.register();
  const { body } = await portal.send<Finished>(methodPath(FINISH), {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `CALL_ID=nope&CALL_ID=${id}&USER_ID=1&DURATION=1&DURATION=2`,
  });
  assert.equal(body.result['CALL_DURATION'], 2);
});

test('B24 20.11 a token beside the code - ignored, and kept nowhere', async () => {
  const { CALL_ID: id } = await portal.register();
  const { status } = await portal.send(`${methodPath(FINISH)}?auth=SecretOfAnApplication`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ CALL_ID: id, USER_ID: 1, DURATION: 1, access_token: 'SecretOfAnother' }),
  });
  assert.equal(status, 200);
  const call = await portal.v1.callOf(id, 'bitrix24');
  const { raw } = call.reports.at(-1)!;
  assert.deepEqual(JSON.parse(raw), { CALL_ID: id, USER_ID: '1', DURATION: '1' });
  assert.ok(!JSON.stringify(call).includes('SecretOf'));
});

test('B24 2.2 parameters in the query and in the body - both are kept, as the message they were', async () => {
  const { CALL_ID: id } = await portal.register();
  const body = JSON.stringify({ DURATION: 4, FAILED_REASON: 'gr\u00fcn' });
  const query = `CALL_ID=${id}&USER_ID=1&bx24_sdk_ver=2.2.0`;
  const headers = { 'content-type': 'application/json' };
  const { status } = await portal.send(`${methodPath(FINISH)}?${query}`, { method: 'POST', headers, body });
  assert.equal(status, 200);
  const kept = (await portal.v1.callOf(id, 'bitrix24')).reports.at(-1)!;
  const length = Buffer.byteLength(body);
  assert.deepEqual(
    [kept.contentType, kept.raw],
    [
      'message/http',
      `POST /?${query} HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`,
    ],
  );
  assert.ok(!kept.raw.includes(CODE));
});

test('B24 2.2 parameters in one place - kept as they came, whatever SDKs add to the address', async () => {
  const ids = (await Promise.all([portal.register(), portal.register(), portal.register()])).map(each => each.CALL_ID);
  const added = 'bx24_request_id=0190f0e2&bx24_sdk_ver=2.2.0&bx24_sdk_type=b24-js-sdk&&';
  const body = (id: string) => `{"CALL_ID":"${id}","USER_ID":1}`;
  const query = `CALL_ID=${ids[2]}&USER_ID=1`;
  const headers = { 'content-type': 'application/json' };
  await portal.send(`${methodPath(FINISH)}?${added}`, { method: 'POST', headers, body: body(ids[0]!) });
  await portal.send(methodPath(FINISH), { method: 'POST', headers, body: body(ids[1]!) });
  await portal.send(`${methodPath(FINISH)}?${query}`, { method: 'POST' });
  for (const [id, contentType, raw] of [
    [ids[0]!, 'application/json', body(ids[0]!)],
    [ids[1]!, 'application/json', body(ids[1]!)],
    [ids[2]!, 'application/x-www-form-urlencoded', query],
  ] as const) {
    const kept = (await portal.v1.callOf(id, 'bitrix24')).reports.at(-1)!;
    assert.deepEqual([kept.contentType, kept.raw], [contentType, raw]);
  }
});

test('B24 3.2 codes and tokens - in no log', async () => {
  for (const path of Object.values(HOOKS))
    await fetch(`${portal.server.url}/rest/${path}/no.such?auth=SecretOfSomebody`);
  for (const path of Object.values(HOOKS)) assert.ok(!portal.server.output.includes(path.split('/')[1]!));
  assert.ok(!portal.server.output.includes('SecretOf'));
});
