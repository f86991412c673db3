import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure, listSuccess, phpMap, success, timeObject } from './envelope.ts';
import { methodError } from './errors.ts';

const TIMING = {
  startMs: Date.UTC(2026, 4, 1, 10, 0, 0, 250),
  finishMs: Date.UTC(2026, 4, 1, 10, 0, 1),
  zone: 'Europe/Berlin',
};
const TIME = {
  start: 1777629600.25,
  finish: 1777629601,
  duration: 0.75,
  processing: 0.75,
  date_start: '2026-05-01T12:00:00+02:00',
  date_finish: '2026-05-01T12:00:01+02:00',
  operating_reset_at: 1777630200,
  operating: 0,
};

test('time - has all eight fields', () => {
  assert.deepEqual(timeObject(TIMING), TIME);
  const operating = { seconds: 1.5, resetAtMs: 1777630000999 };
  assert.deepEqual(timeObject({ ...TIMING, operating }), { ...TIME, operating: 1.5, operating_reset_at: 1777630000 });
});

test('success - wraps any result, scalars too', () => {
  for (const result of [true, 'text', 1, null, [], { ID: 7 }]) {
    assert.deepEqual(success(result, TIMING), { result, time: TIME });
  }
});

test('cases 51 and 52 - a list counts, says where the next page is, or does neither', () => {
  const rows = [{ ID: '1' }];
  assert.deepEqual(listSuccess({ rows, total: 120, next: 50 }, TIMING), {
    result: rows,
    next: 50,
    total: 120,
    time: TIME,
  });
  assert.deepEqual(listSuccess({ rows, total: 1, next: null }, TIMING), { result: rows, total: 1, time: TIME });
  assert.deepEqual(Object.keys(listSuccess({ rows, total: null, next: null }, TIMING)), ['result', 'time']);
  assert.deepEqual(listSuccess({ rows: [], total: 0, next: null }, TIMING), { result: [], total: 0, time: TIME });
});

test('failure - code and text, the code of a method’s failure empty where a switch says so', () => {
  const text = 'Unknown TYPE';
  assert.deepEqual(failure(methodError('unknownType')), { error: 'ERROR_CORE', error_description: text });
  assert.deepEqual(failure(methodError('unknownType'), true), { error: '', error_description: text });
  assert.equal(failure(methodError('callIdType'), true).error, 'INVALID_ARGUMENT');
});

test('maps - are written as PHP does: empty ones and those of numbers from 0 as lists', () => {
  const written = (...entries: [string, number][]) => JSON.stringify(phpMap(new Map(entries)));
  assert.equal(written(), '[]');
  assert.equal(written(['0', 5], ['1', 6]), '[5,6]');
  assert.equal(written(['1', 5]), '{"1":5}');
  assert.equal(written(['0', 5], ['x', 6]), '{"0":5,"x":6}');
  assert.equal(written(['00', 5]), '{"00":5}');
  assert.equal(written(['__proto__', 5]), '{"__proto__":5}');
});
