import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { ALONE, type Fence, LeaseLost } from './lease.ts';
import { startRounds } from './rounds.ts';

const EVERY_MS = 100;

/** Runs what was arranged for after so many milliseconds, and whatever follows from it at once. */
const wind = (t: TestContext) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  return async (times = 1) => {
    for (let n = 0; n < times; n++) {
      t.mock.timers.tick(EVERY_MS);
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    }
  };
};

const rethrow = (error: unknown) => {
  throw error;
};

describe('rounds', () => {
  test('another node has the lease - there is none, until it is free', async t => {
    const tick = wind(t);
    const fence: Fence = command => command;
    let had: Fence | null = null;
    const rounds: Fence[] = [];
    const worker = startRounds(
      { everyMs: EVERY_MS, lease: { acquire: () => had }, onError: rethrow },
      async (_, given) => rounds.push(given),
    );
    await tick(5);
    assert.equal(rounds.length, 0);
    had = fence;
    await tick(2);
    had = null;
    await tick(3);
    assert.deepEqual(rounds, [fence, fence]);
    await worker.stop();
  });

  test('one whose lease is lost - is not reported; any other error is, and the next one comes', async t => {
    const tick = wind(t);
    const errors: unknown[] = [];
    const outcomes: (Error | null)[] = [new LeaseLost('another node does it'), new Error('no answer'), null, null];
    let rounds = 0;
    const worker = startRounds(
      { everyMs: EVERY_MS, lease: ALONE, onError: error => errors.push(String(error)) },
      async () => {
        const outcome = outcomes[rounds++];
        if (outcome) throw outcome;
      },
    );
    await tick(4);
    assert.equal(rounds, 4);
    assert.deepEqual(errors, ['Error: no answer']);
    await worker.stop();
    await tick(2);
    assert.equal(rounds, 4);
  });
});
