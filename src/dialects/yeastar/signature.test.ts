import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { signatureMatches } from './signature.ts';
import { C02_BODY, SECRET } from './testing/testSamples.ts';

const VECTORS = [
  ['{"type":30012,"sn":"S","msg":{"call_id":"1.1"}}', 'X4+lTOf6mvgaN20h3wWsTfewaxwa2M9LghJKQHRUk9Y='],
  ['', '/JsA4om0k8lL5bHs20q/OPZLdkg4kmZGlpsiTFRLUFY='],
  [C02_BODY, 'ziVIDnUckqQYWfYxblR2qYnmx0YtTXYxAe+U0+ow9YY='],
] as const;

test('signature - known vectors match', () => {
  for (const [body, header] of VECTORS) assert.equal(signatureMatches(SECRET, Buffer.from(body), header), true);
  assert.equal(Buffer.byteLength(C02_BODY), 533);
});

test('D07 - a signature over other bytes of the same JSON does not match', () => {
  const [body, header] = VECTORS[0];
  assert.equal(signatureMatches(SECRET, Buffer.from(body.replaceAll(',', ', ')), header), false);
  assert.equal(signatureMatches('another secret', Buffer.from(body), header), false);
});

test('D08 - hex and other spellings of the right digest are refused', () => {
  const body = Buffer.from(VECTORS[0][0]);
  const digest = createHmac('sha256', SECRET).update(body).digest();
  const base64 = digest.toString('base64');
  const others = [digest.toString('hex'), digest.toString('base64url'), base64.slice(0, -1), `sha256=${base64}`, ''];
  for (const header of others) assert.equal(signatureMatches(SECRET, body, header), false, header);
});

test('D09 - no header, no match; an empty secret signs nothing', () => {
  const body = Buffer.from('{}');
  assert.equal(signatureMatches(SECRET, body, undefined), false);
  assert.equal(signatureMatches('', body, createHmac('sha256', '').update(body).digest('base64')), false);
});

test('signature - a header of the right number of characters but more bytes is refused without an error', () => {
  assert.equal(signatureMatches(SECRET, Buffer.from('{}'), 'é'.repeat(44)), false);
});
