import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readCallDetails } from './callDetails.ts';
import { readEnvelope } from './envelope.ts';
import { bodyOf, C02_BODY, C02_MESSAGE, GUIDE_EXAMPLE, PBX } from './testing/testSamples.ts';

const SETTINGS = [
  PBX,
  { ...PBX, serial: null, timeZone: 'Europe/Berlin', autoZone: true, displayFormat: 'MM/DD/YYYY hh:mm:ss A' },
  { ...PBX, timeZone: 'America/St_Johns', displayFormat: 'DD/MM/YYYY' },
];

/** Reads the way the door does and checks what holds for whatever came. */
function check(raw: Buffer): void {
  const envelope = readEnvelope(raw.toString());
  if ('fault' in envelope) return;
  for (const settings of SETTINGS) {
    const outcome = readCallDetails(envelope, settings, raw, null);
    if ('problem' in outcome) {
      assert.notEqual(outcome.problem, '');
      continue;
    }
    const { fact, name, key, warnings } = outcome.report;
    assert.ok(Number.isSafeInteger(fact.startedAt) && fact.form === 'leg');
    assert.match(key, /^[\w-]{22}$/);
    assert.ok(name.length <= 400);
    for (const value of Object.values(fact)) {
      if (typeof value === 'number') assert.ok(Number.isSafeInteger(value) && value >= 0);
      if (typeof value === 'string') assert.ok(value !== '' && value.isWellFormed() && !value.includes('\0'));
    }
    assert.ok(warnings.every(warning => warning.length < 400));
    const again = readCallDetails(envelope, settings, raw, null);
    assert.deepEqual(again, outcome);
  }
}

const bodies = fc.constantFrom(
  C02_BODY,
  GUIDE_EXAMPLE,
  JSON.stringify({ sn: PBX.serial, type: 30012, msg: C02_MESSAGE }),
  JSON.stringify({ type: '30012', msg: JSON.stringify(JSON.stringify(C02_MESSAGE)) }),
  bodyOf({ pin_code: '1234', time_start: '2025-10-26 02:30:00', call_id: '1761438600.5' }),
);

test('fuzz - cut, overwritten and spliced bodies never throw', () => {
  const signs = fc.constantFrom(...'{}[]",:\\0e-. \n\t\0a', '"msg":"{', '__proto__', '\\u0000', '\ud800', '\ufeff');
  const edit = fc.record({ at: fc.nat(700), drop: fc.nat(12), put: fc.oneof(signs, fc.string({ unit: 'binary' })) });
  fc.assert(
    fc.property(bodies, fc.array(edit, { maxLength: 4 }), fc.option(fc.nat(700)), (body, edits, length) => {
      let text = body;
      for (const { at, drop, put } of edits) text = text.slice(0, at) + put + text.slice(at + drop);
      check(Buffer.from(length === null ? text : text.slice(0, length)));
    }),
    { numRuns: 4000 },
  );
});

test('fuzz - any bytes overwritten, half characters included, never throw', () => {
  const bytes = fc.array(fc.tuple(fc.nat(560), fc.nat(255)), { maxLength: 6 });
  fc.assert(
    fc.property(bodies, bytes, (body, overwritten) => {
      const raw = Buffer.from(body);
      for (const [at, byte] of overwritten) if (at < raw.length) raw[at] = byte;
      check(raw);
    }),
    { numRuns: 3000 },
  );
});

test('fuzz - any value in any field, in any form of the message, never throws', () => {
  const fields = fc.constantFrom(...Object.keys(C02_MESSAGE), '__proto__', 'toString');
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.date({ min: new Date(0), noInvalidDate: true }).map(date => date.toISOString().slice(0, 19).replace('T', ' ')),
    fc.nat().map(seconds => `${seconds}.${seconds % 1000}`),
    fc.integer().map(String),
    fc.string({ unit: 'binary', minLength: 250, maxLength: 600 }),
  );
  const values = fc.oneof(text, fc.double(), fc.integer(), fc.jsonValue({ maxDepth: 4 }), fc.constant(undefined));
  const levels = fc.nat(3);
  fc.assert(
    fc.property(fc.array(fc.tuple(fields, values), { maxLength: 8 }), levels, (changes, level) => {
      let msg: unknown = { ...C02_MESSAGE, ...Object.fromEntries(changes) };
      for (let n = 0; n < level; n += 1) msg = JSON.stringify(msg);
      check(Buffer.from(JSON.stringify({ sn: PBX.serial, type: 30012, msg })));
    }),
    { numRuns: 4000 },
  );
});

test('fuzz - any JSON at all never throws', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), json => check(Buffer.from(json))),
    { numRuns: 2000 },
  );
});

test('fuzz - a value nested half a million deep never throws', () => {
  const nest = '['.repeat(500_000) + ']'.repeat(500_000);
  for (const field of ['call_to', 'call_duration', 'time_start', 'pin\\u005fcode', 'other']) {
    check(Buffer.from(`{"type":30012,"msg":{"call_id":"1790197458.1","${field}":${nest}}}`));
  }
});
