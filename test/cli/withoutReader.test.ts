/** Commands behind a reader that has gone, as `aftercall verify | head`. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { createScratch } from '../kit/scratch.ts';
import { startProgram } from './program.ts';

for (const command of ['verify', 'rebuild']) {
  test(`${command} - ends quietly when nobody reads what it prints`, async () => {
    using scratch = createScratch('reader');
    const env = { DATA_DIR: join(scratch.path, 'data') };
    {
      await using server = startProgram([], { env });
      await server.listening();
    }
    await using program = startProgram([command], { env });
    program.child.stdout!.destroy();
    assert.deepEqual([await program.ended(), program.stderr], [141, '']);
  });
}
