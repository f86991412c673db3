import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LatencyHistogram } from './latencyHistogram.ts';
import { createRandom } from './random.ts';

test('latency histogram - percentiles are never too low and at most 0.8 % too high', () => {
  const random = createRandom(7);
  const histogram = new LatencyHistogram();
  const values = Array.from({ length: 50_000 }, () => Math.floor(2 ** (random.next() * 24)));
  for (const value of values) histogram.record(value);
  values.sort((a, b) => a - b);
  for (const share of [0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 1]) {
    const exact = values[Math.ceil(values.length * share) - 1]!;
    const told = histogram.percentile(share);
    assert.ok(told >= exact && told <= Math.max(exact, exact * 1.008), `${share}: ${told} for ${exact}`);
  }
  assert.equal(histogram.summary().maxUs, values.at(-1));
  assert.equal(histogram.summary().count, values.length);
});

test('latency histogram - empty and cleared give zeros', () => {
  const histogram = new LatencyHistogram();
  histogram.record(5);
  histogram.clear();
  assert.deepEqual(histogram.summary(), { count: 0, meanUs: 0, p50Us: 0, p99Us: 0, p999Us: 0, maxUs: 0 });
});
