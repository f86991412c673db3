import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assertLinear } from '../../../test/kit/linearCost.ts';
import { readParamsJson } from './paramsJson.ts';
import { DEPTH_MAX, ParamsProblem, VALUES_MAX } from './paramsLimits.ts';
import { isList, isMap, JsonNumber, type ParamValue } from './paramsValue.ts';
import { plain } from './testing/testParams.ts';

/** What `JSON.parse` would have made of it. */
function parsed(value: ParamValue): unknown {
  if (value instanceof JsonNumber) return Number(value.text);
  if (isList(value)) return value.map(parsed);
  if (!isMap(value)) return value;
  const object: Record<string, unknown> = {};
  for (const [key, each] of value) {
    Object.defineProperty(object, key, { value: parsed(each), enumerable: true, configurable: true, writable: true });
  }
  return object;
}

function refused(text: string): string {
  try {
    readParamsJson(text);
  } catch (error) {
    assert.ok(error instanceof ParamsProblem, String(error));
    return error.message;
  }
  throw new assert.AssertionError({ message: `${text.slice(0, 80)} was not refused` });
}

test('numbers - keep their digits', () => {
  const text = '{"COST":1.10,"BIG":123456789012345678.5,"E":-1.5e+3,"LIST":[0,-0]}';
  assert.deepEqual(plain(readParamsJson(text)), {
    COST: '#1.10',
    BIG: '#123456789012345678.5',
    E: '#-1.5e+3',
    LIST: ['#0', '#-0'],
  });
});

test('keys - numbered ones keep the order sent, the last of two wins', () => {
  const value = readParamsJson('{"10":"a","b":"b","5":"c","10":"d"}');
  assert.ok(isMap(value));
  assert.deepEqual(
    [...value],
    [
      ['10', 'd'],
      ['b', 'b'],
      ['5', 'c'],
    ],
  );
});

test('keys - those of every object are keys like any other', () => {
  const value = readParamsJson('{"__proto__":{"x":1},"constructor":"y","toString":null}');
  assert.ok(isMap(value));
  assert.deepEqual([...value.keys()], ['__proto__', 'constructor', 'toString']);
  assert.equal(({} as { x?: unknown }).x, undefined);
});

test('what is no JSON - is a sentence that says where, and quotes nothing', () => {
  assert.equal(refused('{"secret":"a'), 'The body is not JSON: character 11 is wrong.');
  for (const text of ['{', '[1,', '{"a"', '{"a":', '{"a":1,', '[', 'tru'])
    assert.match(refused(text), /^The body is not JSON: /);
  assert.equal(refused('{"a":'), 'The body is not JSON: it ends too early.');
  assert.equal(refused('{"a":secret}'), 'The body is not JSON: character 6 is wrong.');
  for (const text of [
    '{a:1}',
    "{'a':1}",
    '[1,]',
    '{"a":1,}',
    '01',
    '.5',
    '+1',
    '1.',
    '[1] 2',
    '"\t"',
    'NaN',
    '"\\x"',
    '\u00a01',
  ]) {
    assert.match(refused(text), /^The body is not JSON: character \d+ is wrong\.$/, text);
  }
});

test('bombs - depth, count, keys and digits are bounded', () => {
  const nest = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  assert.ok(isList(readParamsJson(nest(DEPTH_MAX))));
  assert.match(refused(nest(DEPTH_MAX + 2)), /more than 64 levels deep/);
  assert.match(refused('['.repeat(1_000_000)), /more than 64 levels deep/);
  assert.match(refused('{"a":'.repeat(1_000_000)), /more than 64 levels deep/);
  assert.ok(isList(readParamsJson(`[${'1,'.repeat(VALUES_MAX - 2)}1]`)));
  assert.match(refused(`[${'1,'.repeat(VALUES_MAX - 1)}1]`), /more than 50000 values/);
  assert.match(refused(`[${'[],'.repeat(1_000_000)}[]]`), /more than 50000 values/);
  assert.match(refused(`{"${'k'.repeat(1001)}":1}`), /more than 1000 characters/);
  assert.match(refused('1'.repeat(1_000_000)), /number of more than/);
});

test('long strings - of quotes, backslashes or neither are read once', () => {
  const size = 1 << 22;
  for (const filling of ['a', '\\"', '\\\\', '\\n', '\\u0041', '"', '\\', '","', '":"', 'é']) {
    const text = `["${filling.repeat(size / filling.length)}"]`;
    let expected: unknown = null;
    try {
      expected = JSON.parse(text);
    } catch {}
    if (expected === null) refused(text);
    else if ((expected as unknown[]).length > VALUES_MAX) assert.match(refused(text), /values/);
    else assert.deepEqual(parsed(readParamsJson(text)), expected);
    assertLinear(filling, readParamsJson, '["');
  }
});

test('fuzz - reads what JSON.parse reads, and refuses what it refuses', () => {
  const signs = fc.constantFrom(...'{}[]",:\\0e-+. \n\tu', 'true', 'null', '"a":', '\ud800', '\u2028', '\ufeff');
  const edit = fc.record({ at: fc.nat(60), drop: fc.nat(3), put: fc.oneof(signs, fc.constant('')) });
  let read = 0;
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), fc.array(edit, { maxLength: 3 }), (json, edits) => {
      let text = json;
      for (const { at, drop, put } of edits) text = text.slice(0, at) + put + text.slice(at + drop);
      let expected: unknown;
      try {
        expected = JSON.parse(text);
      } catch {
        refused(text);
        return;
      }
      assert.deepEqual(parsed(readParamsJson(text)), expected);
      read += 1;
    }),
    { numRuns: 3000 },
  );
  assert.ok(read > 500, 'hardly anything was JSON');
});
