/**
 * Imported before the tests, in each of their processes: properties try the same examples in every run, so that none fails
 * because of a change that has nothing to do with it. `PROPERTY_SEED=random` tries others, `PROPERTY_SEED=<number>` those of a
 * run that failed; `PROPERTY_FACTOR=10` tries ten times as much, where a test does not say how much it tries.
 */
import { isMainThread } from 'node:worker_threads';

const SEED = 20_260_302;
/** What fast-check tries unless it is told otherwise. */
const RUNS = 100;

function wholeNumber(name: string, text: string): number {
  const number = Number(text);
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(number))
    throw new Error(`${name} must be a whole number, not ${text}`);
  return number;
}

// Threads of the ledger are started with it as well, and have no use for what takes longer to load than they do.
if (isMainThread) {
  const { default: fc } = await import('fast-check');
  const { PROPERTY_SEED: requested = String(SEED), PROPERTY_FACTOR: factor = '1' } = process.env;
  fc.configureGlobal({
    numRuns: RUNS * wholeNumber('PROPERTY_FACTOR', factor),
    ...(requested === 'random' ? {} : { seed: wholeNumber('PROPERTY_SEED', requested) }),
  });
}
