import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Params, readParams, readSubQuery } from './params.ts';
import { ParamsProblem } from './paramsLimits.ts';
import { isList, isMap, JsonNumber, mapOf, type ParamValue, UploadedFile } from './paramsValue.ts';
import { FORM_TYPE, JSON_TYPE } from './testing/testParams.ts';

const NAMES = ['A', 'call_id', 'FILTER', '__proto__', 'constructor', 'toString', ''];
const TYPES = [
  null,
  JSON_TYPE,
  FORM_TYPE,
  'multipart/form-data; boundary=b',
  'multipart/form-data',
  'text/plain',
  '; =',
  'x/y+json',
];
const PART = '--b\r\nContent-Disposition: form-data; name="A[]"; filename="x"\r\n\r\nv\r\n--b--\r\n';

const objectKeys = Object.getOwnPropertyNames(Object.prototype).sort();

/** Values are of the closed set of types, all the way down. */
function checkValue(value: ParamValue): void {
  if (isList(value)) value.forEach(checkValue);
  else if (isMap(value)) for (const each of value.values()) checkValue(each);
  else if (value instanceof JsonNumber) assert.ok(Number.isFinite(Number(value.text)) || /e/i.test(value.text));
  else
    assert.ok(
      value === null || typeof value === 'string' || typeof value === 'boolean' || value instanceof UploadedFile,
    );
}

/** What holds for whatever came. */
function check(params: Params): void {
  for (const value of params.all.values()) checkValue(value);
  for (const name of NAMES) {
    const text = params.text(name);
    assert.ok(text === null || (text !== '' && text.isWellFormed() && !text.includes('\0')));
    assert.ok(Number.isSafeInteger(params.integer(name) ?? 0));
    assert.ok(Number.isSafeInteger(params.truncated(name) ?? 0));
    assert.ok(!Number.isNaN(Number(params.amountText(name) ?? 0)));
    assert.equal(typeof params.flag(name, true), 'boolean');
    assert.equal(
      params.has(name),
      params.raw(name) !== undefined && params.raw(name) !== null && params.raw(name) !== '',
    );
    if (params.list(name) !== null) assert.ok(params.map(name) !== null);
  }
  assert.deepEqual(Object.getOwnPropertyNames(Object.prototype).sort(), objectKeys);
}

/** The parameters, or null where they were refused. */
async function read(query: string, contentType: string | null, body: Uint8Array): Promise<Params | null> {
  try {
    return await readParams({ query, contentType, body });
  } catch (error) {
    assert.ok(error instanceof ParamsProblem, String(error));
    assert.match(error.message, /^The .*\.$/);
    return null;
  }
}

const sign = fc.constantFrom(
  ...'[]{}&=%+":,.\\\0',
  '%5B',
  '%5D',
  '[]',
  '[0]',
  '%FF',
  '\ud800',
  'é',
  '\r\n',
  '--b',
  PART,
  ...NAMES,
);
const soup = fc
  .array(fc.oneof(sign, fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 30 })
  .map(all => all.join(''));
const body = fc.oneof(
  soup.map(text => Buffer.from(text)),
  fc.uint8Array({ maxLength: 60 }),
  fc.json({ maxDepth: 4 }).map(text => Buffer.from(text)),
  fc.constant(Buffer.from(PART)),
);

test('fuzz - any query, any type and any bytes are read or refused with a sentence', async () => {
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(soup, fc.constantFrom(...TYPES), body, async (query, contentType, bytes) => {
      const params = await read(query, contentType, bytes);
      if (params === null) return;
      accepted += 1;
      check(params);
      assert.deepEqual((await read(query, contentType, bytes))?.all, params.all);
    }),
    { numRuns: 3000 },
  );
  assert.ok(accepted > 500, 'hardly anything was read');
});

test('fuzz - any sub-query of a batch is read or refused, and references replaced', () => {
  fc.assert(
    fc.property(soup, query => {
      try {
        const params = readSubQuery(query);
        check(params);
        check(params.withTexts(text => (text.length % 2 === 0 ? new JsonNumber('1') : text)));
      } catch (error) {
        assert.ok(error instanceof ParamsProblem, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

test('fuzz - what PHP’s http_build_query writes comes back', () => {
  const key = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).filter(each => !/[[\]]/.test(each));
  const value = fc.string({ unit: 'grapheme', maxLength: 12 });
  type Tree = string | { [key: string]: Tree };
  const { tree } = fc.letrec<{ tree: Tree }>(tie => ({
    tree: fc.oneof({ maxDepth: 3 }, value, fc.dictionary(key, tie('tree'), { minKeys: 1, maxKeys: 4 })),
  }));
  const pairs = (name: string, node: Tree): string[] =>
    typeof node === 'string'
      ? [`${encodeURIComponent(name)}=${encodeURIComponent(node).replaceAll('%20', '+')}`]
      : Object.entries(node).flatMap(([child, each]) => pairs(`${name}[${child}]`, each));
  /** A list is a map by position: PHP writes both the same. */
  const same = (read: ParamValue | undefined, written: Tree): void => {
    if (typeof written === 'string') assert.equal(read, written);
    else {
      const map = mapOf(read);
      assert.deepEqual(map === null ? null : [...map.keys()].sort(), Object.keys(written).sort());
      for (const [child, each] of Object.entries(written)) same(map!.get(child), each);
    }
  };
  fc.assert(
    fc.property(key, tree, (name, node) => {
      same(readSubQuery(pairs(name, node).join('&')).raw(name), node);
    }),
  );
});
