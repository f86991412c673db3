import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertLinear } from '../../../test/kit/linearCost.ts';
import { readLenientJson } from './lenientJson.ts';
import { GUIDE_EXAMPLE, GUIDE_MESSAGE } from './testing/testSamples.ts';

const MESSAGE = '{\n"call_id":"1.1",\n"did_name":"a } brace { and \\" quote"\n}';

test('lenient JSON - proper JSON is read as ever, a byte order mark in front or not', () => {
  for (const value of [{ msg: '{"a":1}' }, [], null, 'x', 3]) {
    assert.deepEqual(readLenientJson(JSON.stringify(value)), value);
    assert.deepEqual(readLenientJson(`\ufeff${JSON.stringify(value)}`), value);
  }
});

test('T2 - the example of the guide is read as what it means', () => {
  const expected = { type: 30012, sn: '3631A2124XXX', msg: GUIDE_MESSAGE };
  for (const text of [GUIDE_EXAMPLE, GUIDE_EXAMPLE.replaceAll('\n', '\r\n'), `\ufeff${GUIDE_EXAMPLE}`]) {
    assert.deepEqual(readLenientJson(text), expected);
  }
});

test('lenient JSON - the quoted message may stand first, in the middle or last', () => {
  const msg = { call_id: '1.1', did_name: 'a } brace { and " quote' };
  for (const text of [
    `{"msg":"${MESSAGE}","sn":"S","type":30012}`,
    `{"sn":"S",\n"msg" : " ${MESSAGE} "\n,"type":30012}`,
    `{"sn":"S","type":30012,"msg":"${MESSAGE}"}`,
  ]) {
    assert.deepEqual(readLenientJson(text), { sn: 'S', type: 30012, msg });
  }
});

test('lenient JSON - nested objects and lists inside the quoted message stay whole', () => {
  const text = '{"msg":"{"a":{"b":[{"c":"}"}]},"d":{}}","type":30012}';
  assert.deepEqual(readLenientJson(text), { msg: { a: { b: [{ c: '}' }] }, d: {} }, type: 30012 });
});

test('lenient JSON - line breaks and tabs inside strings are read, once there is a quoted message', () => {
  const text = '{"type":30012,"msg":"{"did_name":"two\nlines\tand \\\\"}","sn":"a\nb"}';
  assert.deepEqual(readLenientJson(text), { type: 30012, msg: { did_name: 'two\nlines\tand \\' }, sn: 'a\nb' });
});

test('lenient JSON - a message whose quotes are escaped but whose lines are broken stays a string', () => {
  const text = '{"type":30012,"msg":"{\n\\"call_id\\":\\"1.1\\"\n}"}';
  assert.deepEqual(readLenientJson(text), { type: 30012, msg: '{\n"call_id":"1.1"\n}' });
});

test('lenient JSON - what is no JSON even so is a SyntaxError that quotes nothing of the text', () => {
  for (const text of [
    '',
    'aaaa',
    '{not json',
    '{"did":"a\nb"}',
    '{"msg":"{"pin_code":"1234"}',
    '{"msg":"{"pin_code":"1234"}}',
    '{"msg":"{"pin_code":"1234","type":30012}',
    '{"msg":"{"pin_code":1234,}"}',
    '{"msg":"{"pin_code":"1234"}x}',
    `{"msg":"{"pin_code":"1234${'\n'.repeat(1001)}"}"}`,
    `${GUIDE_EXAMPLE}}`,
    '\ufeff\ufeff{}',
  ]) {
    assert.throws(
      () => readLenientJson(text),
      (error: unknown) => error instanceof SyntaxError && !error.message.includes('1234') && error.cause === undefined,
      text,
    );
  }
});

test('lenient JSON - a mebibyte of braces, quotes or message keys takes no longer than any text', () => {
  const size = 1 << 20;
  const head = '{"type":30012,"msg":"{';
  const fillings = ['{', '}', '"', '\\', '"{', '{"', '"}"', '"msg":"{', '"msg"', '"msg":', ' ', '\n', '"\n'];
  for (const filling of fillings) {
    for (const start of ['', head]) {
      assert.throws(() => readLenientJson(start + filling.repeat(size / filling.length)), SyntaxError);
      assertLinear(filling, readLenientJson, start);
    }
  }
});
