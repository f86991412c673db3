import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeBase64 } from './base64.ts';
import { MethodError } from './errors.ts';
import { WireText } from './paramsValue.ts';

type Escapes = WireText['escapes'];

async function decoded(text: string, escapes: Escapes, pieceBytes?: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of decodeBase64(new WireText(Buffer.from(text), escapes), pieceBytes)) pieces.push(piece);
  return Buffer.concat(pieces);
}

const isRefusal = (error: unknown): boolean => error instanceof MethodError && error.kind === 'fileEncoding';

/** Bytes whose base64 has every sign. */
const BYTES = Buffer.from(Array.from({ length: 256 }, (_, n) => (n * 97) % 256));
const TEXT = BYTES.toString('base64');

/** How clients write base64 into a request. */
const WRITTEN: readonly (readonly [string, Escapes, (base64: string) => string])[] = [
  ['as it is', 'json', text => text],
  ['PHP, slashes escaped', 'json', text => text.replaceAll('/', '\\/')],
  ['C#, plus signs escaped', 'json', text => text.replaceAll('+', '\\u002B')],
  ['all signs escaped', 'json', text => text.replace(/[+/=]/g, sign => `\\u00${sign.charCodeAt(0).toString(16)}`)],
  ['lines of MIME in JSON', 'json', text => text.replace(/.{76}/g, '$&\\r\\n')],
  ['lines of Python in JSON', 'json', text => text.replace(/.{76}|.+$/g, '$&\\n')],
  ['lines with tabs in JSON', 'json', text => text.replace(/.{60}/g, '$&\\r\\n\\t')],
  ['without padding', 'json', text => text.replaceAll('=', '')],
  ['a form', 'percents', text => encodeURIComponent(text)],
  ['a form whose plus nobody encoded', 'percents', text => text.replaceAll('/', '%2F').replaceAll('=', '%3D')],
  ['lines in a form', 'percents', text => encodeURIComponent(text.replace(/.{76}/g, '$&\r\n'))],
  ['every sign as percents', 'percents', text => text.replace(/./g, sign => `%${sign.charCodeAt(0).toString(16)}`)],
  ['a part of a multipart form', 'none', text => text],
  ['lines in a part', 'none', text => text.replace(/.{76}/g, '$&\r\n')],
];

test('base64 - is read as every client writes it', async () => {
  for (const [name, escapes, write] of WRITTEN) {
    assert.deepEqual(await decoded(write(TEXT), escapes), BYTES, name);
  }
  const lowerCase = encodeURIComponent(TEXT).replace(/%../g, escaped => escaped.toLowerCase());
  assert.deepEqual(await decoded(lowerCase, 'percents'), BYTES);
});

test('base64 - in a text of a query, whose plus signs have become blanks', async () => {
  const pieces: Uint8Array[] = [];
  for await (const piece of decodeBase64(TEXT.replaceAll('+', ' '))) pieces.push(piece);
  assert.deepEqual(Buffer.concat(pieces), BYTES);
});

test('base64 - nothing is nothing, and so are blanks', async () => {
  for (const text of ['', ' ', '\\n', ' \\r\\n ']) assert.equal((await decoded(text, 'json')).byteLength, 0);
});

test('base64 - anything else is refused', async () => {
  for (const [text, escapes] of [
    ['data:audio/mpeg;base64,QUJD', 'json'],
    ['QUJD!', 'json'],
    ['QUJ-', 'json'],
    ['QUJ_', 'json'],
    ['QUJDR', 'json'],
    ['QUJD=', 'json'],
    ['QUI==', 'json'],
    ['QQ=', 'json'],
    ['QQ===', 'json'],
    ['====', 'json'],
    ['=QUJD', 'json'],
    ['QQ==QQ==', 'json'],
    ['QUJD\u0141', 'json'],
    ['QUJD\\', 'json'],
    ['QUJD\\u00', 'json'],
    ['QUJD\\\\/', 'none'],
    ['QUJD\\"', 'json'],
    ['QUJD\\u0141', 'json'],
    ['QUJD%', 'percents'],
    ['QUJD%2', 'percents'],
    ['QUJD%zz', 'percents'],
    ['QUJD%252B', 'percents'],
    ['%2B', 'none'],
  ] as const) {
    await assert.rejects(decoded(text, escapes), isRefusal, text);
  }
});

test('base64 - pieces of any size give the same bytes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 300 }),
      fc.constantFrom(...WRITTEN),
      fc.integer({ min: 1, max: 40 }),
      async (bytes, [, escapes, write], pieceBytes) => {
        const text = write(Buffer.from(bytes).toString('base64'));
        assert.deepEqual(await decoded(text, escapes, pieceBytes), Buffer.from(bytes));
      },
    ),
  );
});

test('fuzz - any text is bytes or refused, in pieces of any size alike', async () => {
  const piece = fc.oneof(fc.constantFrom('Q', 'UJD', '=', '\\', '\\u', '\\/', '%', '%2', '+', ' ', '\n'), fc.string());
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece),
      fc.constantFrom<Escapes>('json', 'percents', 'none'),
      fc.integer({ min: 1, max: 10 }),
      async (pieces, escapes, pieceBytes) => {
        const text = pieces.join('');
        const outcome = (bytes?: number) => decoded(text, escapes, bytes).catch(error => isRefusal(error));
        assert.deepEqual(await outcome(pieceBytes), await outcome());
      },
    ),
  );
});
