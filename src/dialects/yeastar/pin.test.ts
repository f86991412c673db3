import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assertLinear } from '../../../test/kit/linearCost.ts';
import { stripPin } from './pin.ts';
import { bodyOf, C02_BODY, C02_MESSAGE, GUIDE_EXAMPLE, reportOf } from './testing/testSamples.ts';

function stripped(text: string): string {
  return Buffer.from(stripPin(Buffer.from(text))).toString();
}

/** `value` as JSON in JSON in JSON: `levels` times. */
function encoded(value: unknown, levels: number): string {
  let text: unknown = value;
  for (let level = 0; level < levels; level += 1) text = JSON.stringify(text);
  return String(text);
}

function decoded(text: string, levels: number): Record<string, string> {
  let value: unknown = text;
  for (let level = 0; level < levels; level += 1) value = JSON.parse(String(value));
  return value as Record<string, string>;
}

test('C34 - the PIN is starred out in every form of the message, all other bytes stay', () => {
  for (const levels of [1, 2, 3, 4]) {
    const body = (pin_code: string) => `{"msg":${encoded({ a: '"\\', pin_code, b: '5678' }, levels)}}`;
    assert.equal(stripped(body('1234')), body('****'));
  }
});

test('C34 - a text that looks like the start of a PIN swallows nothing behind it', () => {
  for (const a of ['"pin_code":"', '"pin_code":{', '\\"pin_code\\":\\"\\', '"pin_code":["\\', '"pin_code":"x']) {
    for (const levels of [1, 2, 3, 4]) {
      const kept = decoded(stripped(encoded({ a, pin_code: '1234', b: '5678' }, levels)), levels);
      assert.equal(kept['pin_code'], '****', a);
      assert.equal(kept['b'], '5678');
    }
  }
});

test('C34 - the report keeps bytes without the PIN and no fact has it', () => {
  for (const body of [
    bodyOf({ pin_code: '9081' }),
    JSON.stringify({ type: 30012, sn: 'S', msg: { ...C02_MESSAGE, pin_code: '9081' } }),
    GUIDE_EXAMPLE.replace('"pin_code":" "', '"pin_code":"9081"'),
    bodyOf({ pin_code: 9081 }),
    bodyOf({ pin_code: ['9081'] }),
  ]) {
    const report = reportOf(body);
    const kept = Buffer.from(report.raw).toString();
    assert.equal(kept.includes('9081'), false);
    assert.equal(kept.length, body.length);
    assert.equal(JSON.stringify(report.fact).includes('9081'), false);
    assert.equal(report.warnings.join().includes('9081'), false);
    // A newer parser must be able to read what was kept.
    assert.deepEqual(reportOf(kept).fact, report.fact);
  }
});

test('C34 - a key spelt with escapes loses its PIN too', () => {
  const body = JSON.stringify({ type: 30012, sn: 'S', msg: { ...C02_MESSAGE, pin_code: '9081' } });
  const report = reportOf(body.replace('pin_code', 'pin\\u005fcode'));
  assert.equal(Buffer.from(report.raw).includes('9081'), false);
  assert.deepEqual(reportOf(Buffer.from(report.raw).toString()).fact, report.fact);
});

test('C34 - blank PINs leave the very same bytes', () => {
  const bodies = [
    C02_BODY,
    GUIDE_EXAMPLE,
    '',
    '{"pin_code":null}',
    '{"pin_code" : "\\t "}',
    '{"pin_code":',
    'pin_code',
  ];
  for (const body of bodies) {
    const raw = Buffer.from(body);
    assert.equal(stripPin(raw), raw, body);
  }
  const sent = Buffer.from(C02_BODY);
  assert.equal(reportOf(C02_BODY).raw.byteLength, sent.byteLength);
});

test('pin - the bytes handed in are not written to', () => {
  const raw = Buffer.from('{"pin_code":"1234"}');
  stripPin(raw);
  assert.equal(raw.toString(), '{"pin_code":"1234"}');
});

test('pin - odd values, repeats and unfinished texts', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['{"pin_code":"1","pin_code":"","x":"1"}', '{"pin_code":"*","pin_code":"","x":"1"}'],
    ['{"pin_code" :\n "12" }', '{"pin_code" :\n "**" }'],
    ['{\\n \\"pin_code\\":\\n \\"12\\"}', '{\\n \\"pin_code\\":\\n \\"**\\"}'],
    ['{"pin_code":"a\\"b\\\\"}', '{"pin_code":"******"}'],
    ['{"pin_code":"é"}', '{"pin_code":"**"}'],
    ['{"pin_code":1234,"b":5}', '{"pin_code":0   ,"b":5}'],
    ['{"pin_code":-7}', '{"pin_code":0 }'],
    ['{"pin_code":{"a":["}",1]},"b":5}', '{"pin_code":0            ,"b":5}'],
    ['{\\"pin_code\\":{\\"a\\":\\"}\\"},\\"b\\":5}', '{\\"pin_code\\":0            ,\\"b\\":5}'],
    ['{"pin_code":"12', '{"pin_code":"**'],
    ['{"pin_code":[1,"2', '{"pin_code":0    '],
    ['{"my_pin_code":"12","pin_code_x":"12"}', '{"my_pin_code":"12","pin_code_x":"12"}'],
    ['"pin_code","pin_code":"12"', '"pin_code","pin_code":"**"'],
  ];
  for (const [sent, kept] of cases) assert.equal(stripped(sent), kept);
});

test('pin - any PIN, at any depth of encoding, is gone and what is around it stays', () => {
  const text = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(text, text, text, fc.integer({ min: 1, max: 4 }), (before, pin, after, levels) => {
      fc.pre(pin.trim() !== '');
      const message = decoded(stripped(encoded({ before, pin_code: pin, after }, levels)), levels);
      assert.equal(message['before'], before.toWellFormed());
      assert.equal(message['after'], after.toWellFormed());
      assert.match(message['pin_code']!, /^\*+$/);
    }),
    { numRuns: 2000 },
  );
});

test('pin - keys, backslashes or quotes without end are walked once', () => {
  for (const filling of [
    '"pin_code"',
    '"pin_code":',
    '"pin_code":"',
    '"pin_code":{',
    '\\',
    '"',
    '"pin_code":\\',
    ' ',
  ]) {
    assertLinear(filling, text => stripPin(Buffer.from(text)), '{"pin_code":"');
  }
});
