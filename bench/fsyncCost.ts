import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createScratch } from '../test/kit/scratch.ts';
import { median } from './median.ts';

/** As much as a batch of a few dozen reports adds to the log. */
const WRITE_BYTES = 64 * 1024;
/** Written over, as a log that has been checkpointed is. */
const FILE_BYTES = 16 * 1024 * 1024;

/** Microseconds of one fdatasync after a write of 64 KiB on the disk where the scratch directories are; the median. */
export function fsyncCostUs(times: number): number {
  using scratch = createScratch('fsync');
  const file = openSync(join(scratch.path, 'file'), 'w');
  try {
    const block = Buffer.alloc(WRITE_BYTES, 1);
    for (let at = 0; at < FILE_BYTES; at += WRITE_BYTES) writeSync(file, block, 0, WRITE_BYTES, at);
    fdatasyncSync(file);
    const costs: number[] = [];
    for (let n = 0; n < times; n++) {
      writeSync(file, block, 0, WRITE_BYTES, (n * WRITE_BYTES) % FILE_BYTES);
      const began = performance.now();
      fdatasyncSync(file);
      costs.push((performance.now() - began) * 1000);
    }
    return median(costs);
  } finally {
    closeSync(file);
  }
}
