import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getTestContext } from 'node:test';

export interface Scratch {
  readonly path: string;
  /** Called when something went wrong: the directory stays for the eye, and its path is printed. */
  keep(): void;
  [Symbol.dispose](): void;
}

/**
 * A directory of its own below `parent`, the system's temporary one unless said otherwise. Inside a test it goes when the
 * test has passed and stays, with its path printed, when the test has failed; elsewhere `using` takes it away unless `keep`
 * was called.
 */
export function createScratch(name: string, parent: string = tmpdir()): Scratch {
  const path = mkdtempSync(join(parent, `aftercall-${name}-`));
  let kept = process.env['AFTERCALL_KEEP_STATE'] === '1';
  let settled = false;
  const settle = (): void => {
    if (settled) return;
    settled = true;
    if (kept) process.stderr.write(`The state of this run is kept in ${path}\n`);
    else rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  };
  const test = getTestContext();
  const inTest = test !== undefined && 'after' in test;
  if (inTest) {
    test.after(() => {
      kept ||= !test.passed;
      settle();
    });
  }
  return {
    path,
    keep: () => {
      // In a test, what went wrong may be what was to be shown: the test's verdict decides.
      kept ||= !inTest;
    },
    [Symbol.dispose]: () => {
      if (!inTest) settle();
    },
  };
}
