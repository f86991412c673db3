import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSubQuery } from './params.ts';
import { ParamsProblem } from './paramsLimits.ts';
import { JsonNumber, paramOf } from './paramsValue.ts';
import { FORM_TYPE, get, JSON_TYPE, plainMap, postForm, postJson, request } from './testing/testParams.ts';

test('case 7 - query, form, multipart and JSON say the same', async () => {
  const part = (name: string, value: string) =>
    `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const multipart = `${part('PHONE_NUMBER', '+14155550101')}${part('TYPE', '2')}${part('USER_ID[0]', '1')}--b--\r\n`;
  const form = 'PHONE_NUMBER=%2B14155550101&TYPE=2&USER_ID[]=1';
  for (const params of [
    await get(form),
    await get(`?${form}`),
    await postForm(form),
    await request(`${FORM_TYPE}; charset=UTF-8`, form),
    await request('multipart/form-data; boundary=b', multipart),
    await postJson({ PHONE_NUMBER: '+14155550101', TYPE: 2, USER_ID: [1] }),
    await request('Application/JSON;charset=utf-8', '{"PHONE_NUMBER":"+14155550101","TYPE":"2","USER_ID":{"0":1}}'),
  ]) {
    assert.equal(params.text('PHONE_NUMBER'), '+14155550101');
    assert.equal(params.integer('TYPE'), 2);
    assert.equal(params.list('USER_ID')?.length, 1);
  }
});

test('no parameters - are zero bytes, {}, [], null and blanks', async () => {
  for (const body of ['', '{}', '[]', 'null', ' \r\n', '\ufeff{}']) {
    assert.equal((await request(JSON_TYPE, body)).all.size, 0, body);
  }
  assert.equal((await get('')).all.size, 0);
});

test('merging - the body wins over the query, name by name', async () => {
  const query = 'auth=t0ken&CALL_ID=q&USER_ID[]=1&USER_ID[]=2';
  for (const params of [
    await postJson({ CALL_ID: 'b', USER_ID: [3] }, query),
    await postForm('CALL_ID=b&USER_ID[]=3', query),
  ]) {
    assert.equal(params.text('auth'), 't0ken');
    assert.equal(params.text('CALL_ID'), 'b');
    assert.equal(params.list('USER_ID')?.length, 1);
  }
});

test('without a content type - JSON is told by its first sign', async () => {
  for (const type of [null, '', 'text/plain', 'application/octet-stream']) {
    assert.deepEqual(plainMap((await request(type, '{"A":1}')).all), { A: '#1' });
    assert.deepEqual(plainMap((await request(type, '[]')).all), {});
    assert.deepEqual(plainMap((await request(type, 'A=1')).all), { A: '1' });
  }
});

test('what cannot be read - is a sentence that quotes nothing', async () => {
  for (const [body, sentence] of [
    ['{"secret', 'The body is not JSON: character 2 is wrong.'],
    ['A=secret', 'The body is not JSON: character 1 is wrong.'],
    ['"secret"', 'The body is JSON, but not an object of parameters.'],
    ['17', 'The body is JSON, but not an object of parameters.'],
  ] as const) {
    await assert.rejects(
      request(JSON_TYPE, body),
      (error: unknown) => error instanceof ParamsProblem && error.message === sentence,
      body,
    );
  }
});

test('marks of SDKs - never reach a method', async () => {
  const marks = 'bx24_request_id=1&bx24_sdk_ver=2.2.0&bx24_sdk_type=b24-js-sdk';
  const params = await postJson({ bx24_sdk_ver: '1', A: { bx24_sdk_ver: 'x' } }, marks);
  assert.deepEqual(plainMap(params.all), { A: { bx24_sdk_ver: 'x' } });
});

test('names - as they are written first, then in any case, where the last wins', async () => {
  const params = await get('filter=a&Filter=b&FILTER=c&order=x&Order=y&start=50');
  assert.equal(params.text('FILTER'), 'c');
  assert.equal(params.text('filter'), 'a');
  assert.equal(params.text('ORDER'), 'y');
  assert.equal(params.integer('START'), 50);
  assert.equal(params.raw('SORT'), undefined);
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    assert.equal(params.raw(name), undefined);
    assert.equal(params.has(name), false);
  }
});

test('given - missing, null and empty are not; the raw value tells them apart, and where it came from', async () => {
  const json = await postJson({ FILE_CONTENT: '', USER_ID: null, CALL_ID: 7 }, 'FILENAME=a.mp3');
  for (const name of ['FILE_CONTENT', 'USER_ID', 'VOTE']) {
    assert.equal(json.has(name), false);
    assert.equal(json.text(name), null);
    assert.equal(json.integer(name), undefined);
    assert.equal(json.flag(name, true), true);
  }
  assert.deepEqual([json.raw('FILE_CONTENT'), json.raw('USER_ID'), json.raw('VOTE')], ['', null, undefined]);
  assert.ok(json.raw('CALL_ID') instanceof JsonNumber);
  assert.deepEqual(
    ['FILE_CONTENT', 'call_id', 'FILENAME', 'VOTE'].map(name => json.fromJson(name)),
    [true, true, false, false],
  );
  const form = await postForm('FILE_CONTENT=&CALL_ID=7');
  assert.deepEqual([form.raw('FILE_CONTENT'), form.raw('CALL_ID'), form.fromJson('FILE_CONTENT')], ['', '7', false]);
});

test('readers - one value, read as each method needs it', async () => {
  const params = await request(JSON_TYPE, '{"COST":1.10,"DURATION":12.9,"SHOW":"N","FILTER":{">ID":5},"NONE":[]}');
  assert.equal(params.amountText('COST'), '1.10');
  assert.equal(params.text('COST'), '1.10');
  assert.equal(params.integer('DURATION'), null);
  assert.equal(params.truncated('DURATION'), 12);
  assert.equal(params.flag('SHOW', true), false);
  assert.deepEqual([...params.map('FILTER')!.keys()], ['>ID']);
  assert.equal(params.list('FILTER'), null);
  assert.deepEqual([...params.map('NONE')!], []);
});

test('a blank where a plus was - is what a form client that forgot to encode it sends', async () => {
  assert.equal((await get('PHONE_NUMBER=+14155550101')).text('PHONE_NUMBER'), ' 14155550101');
});

test('a query by hand - may hold UTF-8 without percents, as Node hands it on', async () => {
  const asNodeHandsItOn = Buffer.from('NAME=Иван&X=é').toString('latin1');
  assert.deepEqual(plainMap((await get(asNodeHandsItOn)).all), { NAME: 'Иван', X: 'é' });
  assert.equal(readSubQuery('NAME=é').text('NAME'), 'é');
});

test('a batch’s sub-query - is read like a query, its references replaced at any depth', () => {
  const query = 'CALL_ID=%24result%5Breg%5D%5BCALL_ID%5D&USER_ID[0]=$result[u][0][ID]&A[b][c]=x&N=';
  const sub = readSubQuery(query);
  assert.deepEqual(plainMap(sub.all), {
    CALL_ID: '$result[reg][CALL_ID]',
    USER_ID: ['$result[u][0][ID]'],
    A: { b: { c: 'x' } },
    N: '',
  });
  const replaced = sub.withTexts(text =>
    text.startsWith('$result') ? paramOf(text.includes('[u]') ? 7 : 'c1') : text,
  );
  assert.equal(replaced.text('CALL_ID'), 'c1');
  assert.deepEqual(plainMap(replaced.all), { CALL_ID: 'c1', USER_ID: ['#7'], A: { b: { c: 'x' } }, N: '' });
  assert.equal(replaced.fromJson('CALL_ID'), false);
});
