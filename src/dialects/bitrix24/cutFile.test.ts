import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cutFile } from './cutFile.ts';
import { MethodError } from './errors.ts';
import { readParams } from './params.ts';
import { ParamsProblem } from './paramsLimits.ts';
import { FORM_TYPE, JSON_TYPE, type Plain, plainMap } from './testing/testParams.ts';

const REST_MAX_BYTES = 1_000;
/** More than anything that is generated here. */
const ROOM_BYTES = 1_000_000;
const MULTIPART_TYPE = 'multipart/form-data; boundary=b';

async function cut(
  contentType: string | null,
  text: string | Uint8Array,
  query = '',
  restBytes = REST_MAX_BYTES,
): Promise<Plain> {
  const body = Buffer.from(text);
  const { rest, cut: values } = cutFile({ contentType, body }, 'content', restBytes);
  return plainMap((await readParams({ query, contentType, body: rest }, values)).all);
}

const part = (name: string, value: string, file = '') =>
  `--b\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n${value}\r\n`;

test('JSON - the text is cut as it stands, and the rest is read', async () => {
  for (const [body, expected] of [
    ['{"A":1,"CONTENT":"a\\/b","B":"c"}', { A: '#1', CONTENT: 'json: a\\/b', B: 'c' }],
    ['\ufeff { "content" : "x" }', { content: 'json: x' }],
    ['{"CONTENT":"","A":[1,{"CONTENT":"in it"}]}', { CONTENT: 'json: ', A: ['#1', { CONTENT: 'in it' }] }],
    ['{"A":{"x":"}"},"CONTENT":"\\"\\\\"}', { A: { x: '}' }, CONTENT: 'json: \\"\\\\' }],
    ['{"\\u0043ONTENT":"x","A":true}', { CONTENT: 'json: x', A: true }],
    ['{"CONTENT":"first","CONTENT":"second"}', { CONTENT: 'json: second' }],
    ['{"CONTENT":"first","CONTENT":null}', { CONTENT: null }],
    ['{"CONTENT":null}', { CONTENT: null }],
    ['{"CONTENT":5}', { CONTENT: '#5' }],
    ['{"CONTENT":["x"]}', { CONTENT: ['x'] }],
    ['{}', {}],
    ['[]', {}],
    ['', {}],
  ] as const) {
    assert.deepEqual(await cut(JSON_TYPE, body), expected, body);
  }
});

test('forms - the text is cut as it stands; nothing is nothing', async () => {
  for (const [body, expected] of [
    ['A=1&CONTENT=a%2Fb+c&B=', { A: '1', CONTENT: 'percents: a%2Fb+c', B: '' }],
    ['%63ontent=x', { content: 'percents: x' }],
    ['CONTENT=a=b=&&', { CONTENT: 'percents: a=b=' }],
    ['CONTENT=&A=1', { CONTENT: '', A: '1' }],
    ['CONTENT=first&CONTENT=', { CONTENT: '' }],
    ['CONTENT&A', { CONTENT: '', A: '' }],
    ['CONTENT[]=x', { CONTENT: ['x'] }],
  ] as const) {
    assert.deepEqual(await cut(FORM_TYPE, body), expected, body);
  }
});

test('multipart - the text is cut, a file is a file', async () => {
  const fields = part('A', '1') + part('CONTENT', 'a+b\r\nc') + part('B', '');
  assert.deepEqual(await cut(MULTIPART_TYPE, `${fields}--b--\r\n`), { A: '1', CONTENT: 'none: a+b\r\nc', B: '' });
  assert.deepEqual(await cut(MULTIPART_TYPE, `${part('CONTENT', '')}--b--`), { CONTENT: '' });
  const file = part('CONTENT', 'bytes', '; filename="x.mp3"');
  assert.deepEqual(await cut(MULTIPART_TYPE, `${file}--b--`), { CONTENT: 'x.mp3 (, 5 bytes)' });
});

test('a query - is overruled by what was cut', async () => {
  assert.deepEqual(await cut(JSON_TYPE, '{"CONTENT":"body"}', 'CONTENT=query&A=1'), { CONTENT: 'json: body', A: '1' });
});

test('without a content type - the body says what it is', async () => {
  assert.deepEqual(await cut(null, '{"CONTENT":"x"}'), { CONTENT: 'json: x' });
  assert.deepEqual(await cut(null, 'CONTENT=x'), { CONTENT: 'percents: x' });
});

test('what is left - may have only so many bytes, the value as many as it wants', async () => {
  const isTooLarge = (error: unknown) => error instanceof MethodError && error.kind === 'tooLarge';
  const long = 'x'.repeat(100_000);
  assert.deepEqual(await cut(JSON_TYPE, `{"CONTENT":"${long}"}`), { CONTENT: `json: ${long}` });
  assert.deepEqual(await cut(FORM_TYPE, `CONTENT=${long}`), { CONTENT: `percents: ${long}` });
  assert.deepEqual(await cut(MULTIPART_TYPE, `${part('CONTENT', long)}--b--`), { CONTENT: `none: ${long}` });
  for (const [contentType, body] of [
    [JSON_TYPE, `{"CONTENT":"x","OTHER":"${long}"}`],
    [JSON_TYPE, `{"OTHER":${'['.repeat(100_000)}`],
    [JSON_TYPE, `${' '.repeat(100_000)}{"CONTENT":"x"}`],
    [JSON_TYPE, `{"CONTENT":"${long}`],
    [JSON_TYPE, `{"CONTENT":"${'\\"'.repeat(200_000)}"}`],
    [JSON_TYPE, `{"CONTENT":"${'\\\\'.repeat(200_000)}"}`],
    [FORM_TYPE, `OTHER=${long}&CONTENT=x`],
    [FORM_TYPE, `${'&'.repeat(100_000)}CONTENT=x`],
    [FORM_TYPE, `${long}=1`],
    [MULTIPART_TYPE, `${part('OTHER', long)}--b--`],
    [MULTIPART_TYPE, part('CONTENT', long)],
    [MULTIPART_TYPE, long],
    ['multipart/form-data', `${part('CONTENT', long)}--b--`],
  ] as const) {
    await assert.rejects(cut(contentType, body), isTooLarge, body.slice(0, 40));
  }
});

test('JSON - the text that was cut means what the reader would have read', async () => {
  const object = fc.dictionary(fc.constantFrom('CONTENT', 'A', 'content'), fc.jsonValue());
  await fc.assert(
    fc.asyncProperty(object, async value => {
      const taken = (await cut(JSON_TYPE, JSON.stringify(value), '', ROOM_BYTES)) as Record<string, Plain>;
      for (const [name, each] of Object.entries(value)) {
        if (name === 'A' || typeof each !== 'string') continue;
        assert.equal(JSON.parse(`"${String(taken[name]).replace('json: ', '')}"`), each);
      }
    }),
  );
});

test('fuzz - any body is read as it is without cutting, but for the value', async () => {
  const piece = fc.oneof(
    fc.constantFrom('{', '}', '"', '\\', ':', ',', '[', ']', '"CONTENT"', '"A"', 'CONTENT=', '&', '=', '1', ' '),
    fc.string({ maxLength: 3 }),
  );
  const anything = fc.array(piece).map(pieces => pieces.join(''));
  const objects = fc.dictionary(fc.constantFrom('CONTENT', 'A', 'content'), fc.jsonValue()).map(o => JSON.stringify(o));
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(anything, objects),
      fc.constantFrom(JSON_TYPE, FORM_TYPE, null),
      async (text, contentType) => {
        const body = Buffer.from(text);
        const outcome = (reading: Promise<Plain>) =>
          reading.catch(error => {
            assert.ok(error instanceof ParamsProblem);
            return 'refused';
          });
        const plainly = await outcome(readParams({ query: '', contentType, body }).then(({ all }) => plainMap(all)));
        const withCut = await outcome(cut(contentType, body, '', ROOM_BYTES));
        if (plainly === 'refused' || withCut === 'refused') return;
        const without = (params: Plain) =>
          Object.entries(params as object).filter(([name]) => name.toLowerCase() !== 'content');
        assert.deepEqual(without(withCut), without(plainly));
      },
    ),
  );
});
