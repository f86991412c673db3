import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Envelope } from './envelope.ts';
import { own, readEnvelope } from './envelope.ts';
import { C02_BODY, C02_MESSAGE, GUIDE_EXAMPLE, GUIDE_MESSAGE } from './testing/testSamples.ts';

function faultOf(text: string): string | null {
  const envelope = readEnvelope(text);
  return 'fault' in envelope ? envelope.fault : null;
}

function envelopeOf(text: string): Envelope {
  const envelope = readEnvelope(text);
  if ('fault' in envelope) throw new Error(envelope.detail);
  return envelope;
}

test('C02 - the message is decoded from its string', () => {
  const expected = { type: 30012, sn: '3651X0000001', msg: C02_MESSAGE, problem: null };
  assert.deepEqual(readEnvelope(C02_BODY), expected);
});

test('C03 - a message that is an object is taken as it is', () => {
  const body = JSON.stringify({ sn: '3651X0000001', type: 30012, msg: C02_MESSAGE });
  assert.deepEqual(readEnvelope(body), readEnvelope(C02_BODY));
});

test('C04 - a message encoded twice is decoded twice, a third level is unreadable', () => {
  const twice = JSON.stringify(JSON.stringify(C02_MESSAGE));
  const body = (msg: string) => JSON.stringify({ sn: '3651X0000001', type: 30012, msg });
  assert.deepEqual(readEnvelope(body(twice)), readEnvelope(C02_BODY));
  const { msg, problem } = envelopeOf(body(JSON.stringify(twice)));
  assert.deepEqual({ msg, problem }, { msg: null, problem: 'msg: encoded more than twice' });
});

test('C05 - the type may be a string of digits', () => {
  assert.deepEqual(readEnvelope(C02_BODY.replace('30012', '" 30012 "')), readEnvelope(C02_BODY));
});

test('C31 - an unreadable message leaves the envelope readable and says nothing of its text', () => {
  const cases: readonly (readonly [unknown, string])[] = [
    ['{not json', 'msg: the text in it is not JSON'],
    ['', 'msg: the text in it is not JSON'],
    ['[]', 'msg: not an object'],
    ['null', 'msg: not an object'],
    [null, 'msg: not an object'],
    [[], 'msg: not an object'],
    [5, 'msg: not an object'],
    [undefined, 'msg: missing'],
  ];
  for (const [msg, problem] of cases) {
    assert.deepEqual(readEnvelope(JSON.stringify({ type: 30012, sn: 'S', msg })), {
      type: 30012,
      sn: 'S',
      msg: null,
      problem,
    });
  }
});

test('C32 - what is no object is told from what is no JSON', () => {
  for (const text of ['[]', 'null', '"x"', '3', '', ' \r\n', '\ufeff']) assert.equal(faultOf(text), 'not_object', text);
  for (const text of ['{', 'a'.repeat(2 << 20), '{"type":30012', '\0']) assert.equal(faultOf(text), 'not_json');
});

test('C32 - a deep nest is read or refused, never a crash', () => {
  const depth = 500_000;
  assert.equal(faultOf('['.repeat(depth)), 'not_json');
  assert.equal(faultOf('['.repeat(depth) + ']'.repeat(depth)), 'not_object');
  assert.equal(envelopeOf(`{"type":30012,"msg":{"a":${'['.repeat(depth)}${']'.repeat(depth)}}}`).problem, null);
});

test('C33 - the call type inside the message leaves the type of the event alone', () => {
  const { type, msg } = envelopeOf('{"sn":"S","type":30012,"msg":{"type":"Outbound"}}');
  assert.deepEqual([type, msg?.['type']], [30012, 'Outbound']);
});

test('envelope - without an event number there is no event, and the field is named', () => {
  for (const type of ['"Inbound"', '""', 'null', '[30012]', '30012.5', '-1', '1e999', '"0x753C"', '"1234567890"']) {
    const envelope = readEnvelope(`{"type":${type},"msg":{}}`);
    assert.ok('fault' in envelope && envelope.fault === 'no_type' && envelope.detail.startsWith('type:'), type);
  }
  assert.equal(faultOf('{"msg":{"type":30012}}'), 'no_type');
});

test('envelope - the serial may be missing, blank or a number', () => {
  const sn = (text: string) => envelopeOf(`{"type":30012,"msg":{}${text}}`).sn;
  for (const text of ['', ',"sn":" "', ',"sn":null', ',"sn":{}']) assert.equal(sn(text), null, text);
  assert.equal(sn(',"sn":369451090405'), '369451090405');
  assert.equal(sn(',"sn":" 3651X\\u0000 "'), '3651X\ufffd');
  assert.equal(sn(`,"sn":"${'9'.repeat(5000)}"`)?.length, 64);
});

test('envelope - keys an object inherits, or that are named after them, are no fields', () => {
  assert.equal(faultOf('{"__proto__":{"type":30012,"msg":{}}}'), 'no_type');
  assert.equal(envelopeOf('{"type":30012,"__proto__":{"msg":{"call_id":"1.1"}}}').problem, 'msg: missing');
  assert.equal(own({}, 'constructor'), undefined);
  assert.equal(own(JSON.parse('{"constructor":1}'), 'constructor'), 1);
});

test('T2 - the example of the guide is an envelope', () => {
  const expected = { type: 30012, sn: '3631A2124XXX', msg: GUIDE_MESSAGE, problem: null };
  assert.deepEqual(readEnvelope(GUIDE_EXAMPLE), expected);
});
