/**
 * docs/bitrix24.md, section 20: requests as clients in the field send them, byte for byte but for the numbers, and what
 * they read of the answers.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CALL_NOT_FOUND,
  CONTACT_PHONE,
  type Finished,
  freshNumber,
  HOOKS,
  type PortalBody,
  type Registered,
  type Row,
  startPortal,
} from './cases.ts';
import { exchange, type WireRequest } from './wire.ts';

const portal = await startPortal();
const HOOK = `/rest/${HOOKS.administrator}/`;
const JSON_TYPE = { 'content-type': 'application/json' };
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };

/** The answer's body; the status must be 200, and nobody is sent elsewhere. */
async function sent<T>(request: WireRequest): Promise<PortalBody<T>> {
  const { status, headers, text } = await exchange(portal.server, request);
  assert.equal(status, 200, text);
  assert.match(String(headers['content-type']), /^application\/json/);
  return JSON.parse(text) as PortalBody<T>;
}

async function refused(request: WireRequest): Promise<readonly unknown[]> {
  const { status, text } = await exchange(portal.server, request);
  const { error, error_description: said } = JSON.parse(text) as PortalBody<never>;
  return [status, error, said];
}

/** The PHP SDK throws when one of these is missing. */
function assertPhpTimes({ time }: PortalBody<unknown>): void {
  for (const key of ['start', 'finish', 'duration', 'processing']) assert.equal(typeof time[key], 'number', key);
  for (const key of ['date_start', 'date_finish']) assert.ok(!Number.isNaN(Date.parse(String(time[key]))), key);
}

test('B24 20.1 JS SDK - register to list as captured', async () => {
  const ask = <T>(method: string, body: string) =>
    sent<T>({
      method: 'POST',
      path: `${HOOK}${method}?bx24_request_id=0190f0e2-1111-7000-8000-000000000001&bx24_sdk_ver=2.2.0&bx24_sdk_type=b24-js-sdk`,
      headers: { ...JSON_TYPE, accept: 'application/json, text/plain, */*', 'user-agent': 'b24-js-sdk/2.2.0' },
      body,
    });
  const { result: registered } = await ask<Registered>(
    'telephony.externalcall.register',
    `{"USER_ID":1,"PHONE_NUMBER":"${freshNumber()}","TYPE":1,"CALL_START_DATE":"2026-03-02T09:00:00.123Z","CRM_SOURCE":null,"SHOW":false}`,
  );
  const { result: finished } = await ask<Finished>(
    'telephony.externalcall.finish',
    `{"CALL_ID":"${registered.CALL_ID}","USER_ID":1,"DURATION":5,"VOTE":null,"RECORD_URL":null}`,
  );
  assert.deepEqual([finished['CALL_DURATION'], finished['CALL_VOTE']], [5, null]);
  const { result: rows } = await ask<readonly Row[]>(
    'voximplant.statistic.get',
    `{"filter":{"CALL_ID":"${registered.CALL_ID}",">ID":0},"order":{"ID":"ASC"},"start":-1}`,
  );
  assert.deepEqual([rows.length, rows[0]!['ID']], [1, String(finished['ID'])]);
});

test('B24 20.2 PHP SDK - money as text, null for what is not given, [] for nothing', async () => {
  const ask = <T>(method: string, body: string) =>
    sent<T>({
      method: 'POST',
      path: `${HOOK}${method}/?bx24_request_id=0190f0e2-2222-7000-8000-000000000002`,
      headers: {
        ...JSON_TYPE,
        'x-bitrix24-php-sdk-php-version': '8.4.1',
        'x-bitrix24-php-sdk-version': '1.9.0',
        'x-request-id': '0190f0e2-2222-7000-8000-000000000002',
      },
      body,
    });
  const registered = await ask<Registered>(
    'telephony.externalcall.register',
    `{"USER_PHONE_INNER":"102","USER_ID":2,"PHONE_NUMBER":"${freshNumber()}","CALL_START_DATE":"2026-03-02T10:00:00+00:00","CRM_CREATE":1,"CRM_SOURCE":null,"CRM_ENTITY_TYPE":null,"CRM_ENTITY_ID":null,"SHOW":1,"CALL_LIST_ID":null,"LINE_NUMBER":null,"TYPE":1}`,
  );
  assertPhpTimes(registered);
  const { CALL_ID: id, CRM_CREATED_LEAD: lead } = registered.result;
  assert.ok(Number.isInteger(lead));
  for (const method of ['show', 'hide']) {
    const card = await ask<boolean>(`telephony.externalcall.${method}`, `{"CALL_ID":"${id}","USER_ID":[2]}`);
    assert.equal(card.result, true);
  }
  const { result: finished } = await ask<Finished>(
    'telephony.externalcall.finish',
    `{"CALL_ID":"${id}","USER_ID":2,"DURATION":100,"COST":"100.00","COST_CURRENCY":"USD","STATUS_CODE":200,"FAILED_REASON":null,"VOTE":null,"ADD_TO_CHAT":0}`,
  );
  // Its tests compare the duration and the money with what they sent.
  assert.deepEqual([finished['CALL_DURATION'], finished['COST'], finished['COST_CURRENCY']], [100, 100, 'USD']);
  assert.equal(finished['CALL_FAILED_CODE'], '200');
  assert.ok(['CONTACT', 'COMPANY', 'LEAD'].includes(String(finished['CRM_ENTITY_TYPE'])));
  const listed = await ask<readonly Row[]>('voximplant.statistic.get', '[]');
  assertPhpTimes(listed);
  assert.equal(typeof listed.total, 'number');
});

test('B24 20.2 PHP SDK - finish by inner phone, whose extension travels as USER_ID', async () => {
  const { CALL_ID: id } = await portal.register();
  const { result } = await sent<Finished>({
    method: 'POST',
    path: `${HOOK}telephony.externalcall.finish/`,
    headers: JSON_TYPE,
    body: `{"CALL_ID":"${id}","USER_ID":"102","DURATION":1,"COST":"0.00","COST_CURRENCY":"USD","STATUS_CODE":304,"FAILED_REASON":null,"VOTE":null,"ADD_TO_CHAT":0}`,
  });
  assert.deepEqual([result['PORTAL_USER_ID'], result['CALL_STATUS']], [2, 0]);
});

test('B24 20.3 Python SDK - .json, only what is given, CALL_ID as it was sent', async () => {
  const ask = <T>(method: string, body: string) =>
    sent<T>({
      method: 'POST',
      path: `${HOOK}${method}.json`,
      headers: { ...JSON_TYPE, accept: 'application/json', 'x-request-id': 'a1', 'accept-encoding': 'gzip, deflate' },
      body,
    });
  const { result: registered } = await ask<Registered>(
    'telephony.externalCall.register',
    `{"USER_ID": 1, "PHONE_NUMBER": "${freshNumber()}", "TYPE": 2, "CRM_CREATE": 0, "SHOW": 0, "ADD_TO_CHAT": 0, "EXTERNAL_CALL_ID": "unique-1"}`,
  );
  const id = registered.CALL_ID;
  for (const method of ['show', 'hide']) {
    const card = await ask(`telephony.externalCall.${method}`, `{"CALL_ID": "${id}", "USER_ID": 1}`);
    assert.equal(card.result, true);
  }
  const { result: finished } = await ask<Finished>(
    'telephony.externalCall.finish',
    `{"CALL_ID": "${id}", "USER_ID": 1, "DURATION": 1, "STATUS_CODE": "200", "ADD_TO_CHAT": 0}`,
  );
  assert.equal(finished['CALL_ID'], id);
  const { result: rows } = await ask<readonly Row[]>('voximplant.statistic.get', `{"FILTER": {"CALL_ID": "${id}"}}`);
  for (const key of ['ID', 'CALL_ID', 'PHONE_NUMBER', 'CALL_START_DATE', 'CALL_TYPE']) {
    assert.equal(typeof rows[0]![key], 'string', key);
  }
  const wrong = {
    method: 'POST',
    path: '/rest/1/nobodyhasthis123/telephony.externalCall.finish.json',
    headers: JSON_TYPE,
    body: '{}',
  };
  assert.deepEqual(await refused(wrong), [401, 'INVALID_CREDENTIALS', 'Invalid request credentials']);
});

test('B24 20.4 CRest - a form of PHP arrays, and GET without parameters', async () => {
  const post = <T>(method: string, body: string) =>
    sent<T>({
      method: 'POST',
      path: `${HOOK}${method}.json`,
      headers: { ...FORM_TYPE, 'user-agent': 'Bitrix24 CRest PHP 1.36' },
      body,
    });
  const { result: registered } = await post<Registered>(
    'telephony.externalcall.register',
    `USER_ID=1&PHONE_NUMBER=%2B442079460991&TYPE=2&CALL_START_DATE=2026-03-02T10%3A00%3A00%2B01%3A00&CRM_CREATE=0&SHOW=0`,
  );
  const show = await post(
    'telephony.externalcall.show',
    `CALL_ID=${registered.CALL_ID}&USER_ID%5B0%5D=1&USER_ID%5B1%5D=2`,
  );
  assert.equal(show.result, true);
  const { result: finished } = await post<Finished>(
    'telephony.externalcall.finish',
    `CALL_ID=${registered.CALL_ID}&USER_ID=1&DURATION=12&STATUS_CODE=200&FAILED_REASON=two+words%21&T=1&Z%5B0%5D=1`,
  );
  assert.deepEqual(
    [finished['CALL_DURATION'], finished['CALL_START_DATE'], finished['CALL_FAILED_REASON'], finished['PHONE_NUMBER']],
    [12, '2026-03-02T10:00:00+01:00', 'two words!', '+442079460991'],
  );
  const filtered = await post<readonly Row[]>(
    'voximplant.statistic.get',
    `FILTER%5B%3E%3DCALL_START_DATE%5D=2026-03-02T10%3A00%3A00%2B01%3A00&FILTER%5BCALL_ID%5D=${registered.CALL_ID}`,
  );
  assert.equal(filtered.result.length, 1);
  const all = await sent<readonly Row[]>({
    method: 'GET',
    path: `${HOOK}voximplant.statistic.get.json`,
    headers: { 'user-agent': 'Bitrix24 CRest PHP 1.36' },
  });
  assert.ok(all.total! > 0);
});

test('B24 20.7 Asterlink - a trailing slash, numbers as numbers, ring time of a missed call', async () => {
  const ask = <T>(method: string, body: object) =>
    sent<T>({ method: 'POST', path: `${HOOK}${method}/`, headers: JSON_TYPE, body: JSON.stringify(body) });
  const { result: registered } = await ask<Registered>('telephony.externalcall.register', {
    USER_ID: 2,
    PHONE_NUMBER: CONTACT_PHONE.slice(1),
    TYPE: 2,
    LINE_NUMBER: '+14155550199',
    CRM_CREATE: 1,
    SHOW: 0,
  });
  // Its decoder is strict about this one.
  assert.equal(registered.CRM_ENTITY_ID, 10);
  const { result: finished } = await ask<Finished>('telephony.externalcall.finish', {
    CALL_ID: registered.CALL_ID,
    USER_ID: 2,
    DURATION: 17,
    STATUS_CODE: '304',
    VOTE: 0,
  });
  assert.deepEqual([finished['CALL_FAILED_CODE'], finished['CALL_DURATION'], finished['CALL_STATUS']], ['304', 17, 0]);
});

test('B24 20.8 bitrix-asterisk - texts, a second try with another extension, a status code as number', async () => {
  const register = (extension: string): WireRequest => ({
    method: 'POST',
    path: `${HOOK}telephony.externalcall.register`,
    headers: JSON_TYPE,
    body: `{"USER_PHONE_INNER": "${extension}", "PHONE_NUMBER": "+442079460992", "CRM_CREATE": "1", "SHOW": "0", "TYPE": "2"}`,
  });
  // By this text it knows that nobody has the extension.
  assert.deepEqual(await refused(register('555')), [400, 'ERROR_CORE', 'USER_ID or USER_PHONE_INNER should be set']);
  const { result: registered } = await sent<Registered>(register('101'));
  const finish = (method: string): WireRequest => ({
    method: 'POST',
    path: `${HOOK}telephony.externalcall.${method}`,
    headers: JSON_TYPE,
    body: `{"CALL_ID": "${registered.CALL_ID}", "USER_ID": null, "USER_PHONE_INNER": "101", "DURATION": "42", "STATUS_CODE": 200}`,
  });
  const { result: finished } = await sent<Finished>(finish('finish'));
  assert.deepEqual(
    [finished['CALL_FAILED_CODE'], finished['CALL_DURATION'], finished['PORTAL_USER_ID']],
    ['200', 42, 1],
  );
  assert.deepEqual(await refused(finish('finish')), CALL_NOT_FOUND);
});

test('B24 20.9 CallMe - a form, a date of PHP without a zone, and sometimes no CALL_ID', async () => {
  const post = (method: string, body: string): WireRequest => ({
    method: 'POST',
    path: `${HOOK}telephony.externalcall.${method}`,
    headers: FORM_TYPE,
    body,
  });
  const { result: registered } = await sent<Registered>(
    post(
      'register.json',
      'USER_PHONE_INNER=101&PHONE_NUMBER=442079460993&TYPE=2&CALL_START_DATE=2026-03-02+10%3A00%3A00&CRM_CREATE=1&SHOW=0',
    ),
  );
  assert.deepEqual(
    await refused(post('finish', 'USER_PHONE_INNER=101&CALL_ID=&STATUS_CODE=304&DURATION=0&RECORD_URL=')),
    CALL_NOT_FOUND,
  );
  const { result: finished } = await sent<Finished>(
    post('finish', `USER_PHONE_INNER=101&CALL_ID=${registered.CALL_ID}&STATUS_CODE=486&DURATION=0&RECORD_URL=`),
  );
  assert.deepEqual([finished['CALL_FAILED_CODE'], finished['CALL_START_DATE']], ['486', '2026-03-02T10:00:00+01:00']);
});

test('B24 20.10 FusionPBX - GET with a hand-built query, whose plus becomes a blank', async () => {
  const get = <T>(rest: string) => sent<T>({ method: 'GET', path: `${HOOK}telephony.externalcall.${rest}` });
  const { result: registered } = await get<Registered>(
    'register.json?USER_ID=1&PHONE_NUMBER=+14155550101&TYPE=2&CRM_CREATE=1&SHOW=0',
  );
  assert.deepEqual([registered.CRM_ENTITY_TYPE, registered.CRM_ENTITY_ID], ['CONTACT', 10]);
  for (const method of ['show', 'hide']) {
    assert.equal((await get(`${method}.json?CALL_ID=${registered.CALL_ID}&USER_ID=2`)).result, true);
  }
  const { result: finished } = await get<Finished>(
    `finish.json?CALL_ID=${registered.CALL_ID}&USER_ID=1&DURATION=0&STATUS_CODE=487&ADD_TO_CHAT=0&RECORD_URL=`,
  );
  assert.deepEqual(
    [finished['PHONE_NUMBER'], finished['CALL_FAILED_CODE'], finished['CALL_STATUS']],
    ['+14155550101', '487', 0],
  );
});

test('B24 20.5 generic clients - everything in an encoded query, or a start of a filter', async () => {
  const { CALL_ID: id } = await portal.call({ DURATION: 77 });
  const { result } = await sent<readonly Row[]>({
    method: 'GET',
    path: `${HOOK}voximplant.statistic.get?FILTER%5B%3ECALL_DURATION%5D=76&FILTER%5B%3CCALL_DURATION%5D=78&start=0`,
  });
  assert.deepEqual(
    result.map(row => row['CALL_ID']),
    [id],
  );
});
