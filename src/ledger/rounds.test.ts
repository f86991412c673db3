import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { ALONE, type Fence, Relieved } from './duty.ts';
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
  test('somebody else has the work - there is none, until nobody has', async t => {
    const tick = wind(t);
    const fence: Fence = command => command;
    let had: Fence | null = null;
    const rounds: Fence[] = [];
    const worker = startRounds({ everyMs: EVERY_MS, duty: { take: () => had }, onError: rethrow }, async (_, given) =>
      rounds.push(given),
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

  test('one that somebody else has taken the work from - is told to nobody; any other error is, and the next one comes', async t => {
    const tick = wind(t);
    const errors: unknown[] = [];
    const outcomes: (Error | null)[] = [new Relieved('another node does it'), new Error('no answer'), null, null];
    let rounds = 0;
    const worker = startRounds(
      { everyMs: EVERY_MS, duty: ALONE, onError: error => errors.push(String(error)) },
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
