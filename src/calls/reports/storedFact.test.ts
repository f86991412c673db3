import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readJson, writeJson } from '../../ledger/storedJson.ts';
import { type Fact, type LegFact, NOTHING_STATED, type StatedCall } from './report.ts';
import { FACT_SHAPE } from './storedFact.ts';

const START = Date.UTC(2026, 2, 2, 9);
const LEG: LegFact = {
  form: 'leg',
  startedAt: START,
  startedAtLocal: '2026-03-02 10:00:00',
  from: '+442079460123',
  to: '1001',
  direction: 'inbound',
  status: 'answered',
  cause: 'ANSWERED',
  durationSeconds: 30,
  talkSeconds: 0,
  ringSeconds: 5,
  agentRingSeconds: 0,
  trunkIn: 'Trunk1',
  trunkOut: '',
  did: '+442079460199',
  didName: 'Sales',
  recording: 'a.wav',
  noteId: 'n1',
  noteEditable: false,
  uid: 'u1',
};
const CALL: StatedCall = {
  ...NOTHING_STATED,
  externalId: 'x1',
  direction: 'outbound',
  startedAt: START,
  endedAt: START + 42_000,
  durationSeconds: 42,
  outcome: 'answered',
  links: [],
};

const stored = (fact: Fact): Fact => readJson(writeJson(fact, FACT_SHAPE), FACT_SHAPE) as Fact;

test('a stored fact - is the same when it is read, whichever of its fields are null', () => {
  for (const fact of [LEG, CALL]) {
    const names = Object.keys(fact).filter(name => !['form', 'startedAt', 'direction', 'status'].includes(name));
    fc.assert(
      fc.property(fc.subarray(names), nulls => {
        const sparse = { ...fact, ...Object.fromEntries(nulls.map(name => [name, null])) } as Fact;
        assert.deepEqual(stored(sparse), sparse);
        assert.equal(writeJson(sparse, FACT_SHAPE).endsWith('null]'), false);
        // As 0.1.0 stored it: with the names of its fields, without those that are null.
        const kept = Object.entries(sparse).filter(([, value]) => value !== null);
        assert.deepEqual(readJson(JSON.stringify(Object.fromEntries(kept)), FACT_SHAPE), sparse);
      }),
    );
  }
});

test('a stored fact - keeps the null of a correction, which empties a field', () => {
  const correction: Fact = {
    form: 'correction',
    n: 1,
    author: 'user 1',
    at: START,
    reason: null,
    fields: { line: null, vote: 4 },
  };
  assert.deepEqual(stored(correction), correction);
  assert.equal(writeJson(correction, FACT_SHAPE), JSON.stringify([2, correction]));
  assert.deepEqual(readJson(JSON.stringify(correction), FACT_SHAPE), correction);
});

test('a stored fact - is shorter by a fifth at least than with the names of its fields', () => {
  for (const fact of [LEG, { ...CALL, links: null }]) {
    const named = Object.fromEntries(Object.entries(fact).filter(([, value]) => value !== null));
    const bytes = writeJson(fact, FACT_SHAPE).length;
    assert.ok(bytes < JSON.stringify(named).length * 0.8, `${bytes} of ${JSON.stringify(named).length}`);
  }
});
