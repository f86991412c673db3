/** What real clients send (docs/bitrix24.md, section 20), byte for byte where it was captured. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Params, readSubQuery } from './params.ts';
import { readRoute } from './route.ts';
import { JSON_TYPE, plainMap, postForm, postJson, request } from './testing/testParams.ts';

/** Sends to a URL as the door would take it apart. */
async function send(url: string, contentType: string | null = null, body = '') {
  const mark = url.indexOf('?');
  const path = mark === -1 ? url : url.slice(0, mark);
  return { route: readRoute(path), params: await request(contentType, body, mark === -1 ? '' : url.slice(mark)) };
}

/** The sub-queries of a batch. */
function commands(params: Params): ReadonlyMap<string, { method: string; params: Params }> {
  return new Map(
    [...params.map('cmd')!].map(([key, command]) => {
      assert.ok(typeof command === 'string');
      const [method, query] = command.split(/\?(.*)/s);
      return [key, { method: method!, params: readSubQuery(query ?? '') }];
    }),
  );
}

test('JS SDK - a webhook call, with null kept and marks in the query', async () => {
  const { route, params } = await send(
    '/rest/1/c0dec0dec0de/telephony.externalCall.finish?bx24_request_id=0190a0b0-0000-7000-8000-000000000000&bx24_sdk_ver=2.2.0&bx24_sdk_type=b24-js-sdk',
    JSON_TYPE,
    '{"CALL_ID":"externalCall.0123456789abcdef0123456789abcdef.1700000000","USER_ID":1,"DURATION":95,"COST":1.5,"VOTE":null,"ADD_TO_CHAT":false}',
  );
  assert.deepEqual(route, { kind: 'webhook', user: 1, code: 'c0dec0dec0de', method: 'telephony.externalcall.finish' });
  assert.equal(params.all.size, 6);
  assert.equal(params.integer('DURATION'), 95);
  assert.equal(params.has('VOTE'), false);
  assert.equal(params.flag('ADD_TO_CHAT', true), false);
});

test('JS SDK - an OAuth call to a double slash, its token in the body', async () => {
  const { route, params } = await send('/rest//server.time?bx24_sdk_ver=2.2.0', JSON_TYPE, '{"auth":"t0ken"}');
  assert.deepEqual(route, { kind: 'token', method: 'server.time' });
  assert.equal(params.text('auth'), 't0ken');
});

test('JS SDK - a batch as a map, brackets and values as percents, and as a list', async () => {
  const map = commands(await postJson({ halt: 1, cmd: { k: 'm?A%5B0%5D=1&N=&T=true&F%5B%3E%3DID%5D=a%2Bb' } }));
  assert.deepEqual(plainMap(map.get('k')!.params.all), { A: ['1'], N: '', T: 'true', F: { '>=ID': 'a+b' } });
  const list = commands(await postJson({ halt: 1, cmd: ['app.info', 'profile?'] }));
  assert.deepEqual(
    [...list].map(([key, { method }]) => [key, method]),
    [
      ['0', 'app.info'],
      ['1', 'profile'],
    ],
  );
});

test('JS SDK - a list by the keys of its pages', async () => {
  const params = await postJson({ filter: { '>ID': 50 }, order: { ID: 'ASC' }, start: -1 });
  assert.deepEqual(plainMap(params.map('FILTER')!), { '>ID': '#50' });
  assert.deepEqual(plainMap(params.map('ORDER')!), { ID: 'ASC' });
  assert.equal(params.integer('start'), -1);
});

test('PHP SDK - a list for no parameters, and numbers where text belongs', async () => {
  const { route, params } = await send('/rest/1/c0de//scope/?bx24_request_id=1', JSON_TYPE, '[]');
  assert.deepEqual(route, { kind: 'webhook', user: 1, code: 'c0de', method: 'scope' });
  assert.equal(params.all.size, 0);
  const finish = await request(
    JSON_TYPE,
    '{"CALL_ID":"x","USER_ID":1,"DURATION":100,"COST":"100.00","COST_CURRENCY":"USD","STATUS_CODE":200,"FAILED_REASON":null,"VOTE":null,"ADD_TO_CHAT":0}',
  );
  assert.equal(finish.text('STATUS_CODE'), '200');
  assert.equal(finish.amountText('COST'), '100.00');
  assert.equal(finish.text('FAILED_REASON'), null);
  assert.equal(finish.flag('ADD_TO_CHAT', true), false);
});

test('Python SDK - JSON, and a batch in its own spelling of flags and null', async () => {
  const { route } = await send('/rest/1/c0de/telephony.externalCall.register.json', JSON_TYPE, '{}');
  assert.deepEqual(route, { kind: 'webhook', user: 1, code: 'c0de', method: 'telephony.externalcall.register' });
  const batch = await request(JSON_TYPE, '{"cmd":{"k":"m?USER_ID[0]=1&X[a]=b+c%26d&B=True&N="},"halt":false}');
  const { params } = commands(batch).get('k')!;
  assert.deepEqual(plainMap(params.all), { USER_ID: ['1'], X: { a: 'b c&d' }, B: 'True', N: '' });
  assert.equal(params.flag('B', false), true);
  assert.equal(batch.flag('halt', true), false);
});

test('CRest - a form, a double-encoded batch, and GET without parameters', async () => {
  const form = await postForm('SHOW=0&T=1&Z%5B0%5D=1&auth=t0ken');
  assert.deepEqual(plainMap(form.all), { SHOW: '0', T: '1', Z: ['1'], auth: 't0ken' });
  const batch = await postForm('cmd%5Bk%5D=m%3FA%255B0%255D%3D1&halt=1');
  assert.deepEqual(plainMap(commands(batch).get('k')!.params.all), { A: ['1'] });
  assert.equal(batch.flag('halt', false), true);
  const { route, params } = await send('/rest/server.time.json');
  assert.deepEqual([route, params.all.size], [{ kind: 'token', method: 'server.time' }, 0]);
});

test('MikoPBX - a form batch whose keys have dots and whose entries refer to each other', async () => {
  const register = 'telephony.externalcall.register_1700000000.121700000000.13';
  const query =
    'USER_PHONE_INNER=101&USER_ID=1&PHONE_NUMBER=%2B14155550101&CALL_START_DATE=2026-05-01T10%3A00%3A00%2B03%3A00&CRM_CREATE=1&SHOW=1&TYPE=2&auth=t0ken';
  const body = [
    ['auth', 't0ken'],
    ['halt', '0'],
    [`cmd[${register}]`, `telephony.externalcall.register?${query}`],
    ['cmd[show_1]', `telephony.externalcall.show?CALL_ID=$result[${register}][CALL_ID]&USER_ID=2`],
  ];
  const batch = await postForm(body.map(pair => pair.map(encodeURIComponent).join('=')).join('&'));
  assert.equal(batch.flag('halt', true), false);
  const entries = commands(batch);
  assert.deepEqual([...entries.keys()], [register, 'show_1']);
  const { params } = entries.get(register)!;
  assert.equal(params.text('PHONE_NUMBER'), '+14155550101');
  assert.equal(params.text('CALL_START_DATE'), '2026-05-01T10:00:00+03:00');
  assert.equal(params.integer('TYPE'), 2);
  assert.equal(entries.get('show_1')!.params.text('CALL_ID'), `$result[${register}][CALL_ID]`);
});

test('FusionPBX daemon - GET by hand, nothing encoded', async () => {
  const { route, params } = await send(
    '/rest/1/c0de/telephony.externalcall.finish.json?CALL_ID=externalCall.0123456789abcdef0123456789abcdef.1700000000&USER_ID=1&DURATION=12&STATUS_CODE=487&ADD_TO_CHAT=0&RECORD_URL=https://pbx.example/r/a.mp3?t=1',
  );
  assert.deepEqual(route, { kind: 'webhook', user: 1, code: 'c0de', method: 'telephony.externalcall.finish' });
  assert.equal(params.text('RECORD_URL'), 'https://pbx.example/r/a.mp3?t=1');
  assert.equal(params.text('STATUS_CODE'), '487');
  const register = await send(
    '/rest/1/c0de/telephony.externalcall.register.json?USER_ID=1&PHONE_NUMBER=+14155550101&TYPE=2',
  );
  assert.equal(register.params.text('PHONE_NUMBER'), ' 14155550101');
});

test('C# connector - a JSON body, and the token in the query', async () => {
  const { route, params } = await send(
    '/rest/telephony.externalcall.register?auth=t0ken',
    'application/json; charset=utf-8',
    '{"USER_PHONE_INNER":"101","PHONE_NUMBER":"+14155550101","TYPE":"2","CRM_CREATE":true,"SHOW":false}',
  );
  assert.deepEqual(route, { kind: 'token', method: 'telephony.externalcall.register' });
  assert.equal(params.text('auth'), 't0ken');
  assert.deepEqual([params.flag('CRM_CREATE', false), params.flag('SHOW', true)], [true, false]);
});

test('@2bad/bitrix - everything in the query, a batch too', async () => {
  const { params } = await send(
    '/rest/voximplant.statistic.get?FILTER%5B%3ECALL_DURATION%5D=1&Z%5B0%5D=1&start=0&access_token=t0ken',
  );
  assert.deepEqual(plainMap(params.all), {
    FILTER: { '>CALL_DURATION': '1' },
    Z: ['1'],
    start: '0',
    access_token: 't0ken',
  });
  const batch = await send('/rest/batch?cmd%5Bk%5D=m%3FA%255B0%255D%3D1');
  assert.deepEqual(plainMap(commands(batch.params).get('k')!.params.all), { A: ['1'] });
});
