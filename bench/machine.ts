import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { fsyncCostUs } from './fsyncCost.ts';

const FSYNCS = 200;

/** One line that says what the figures were measured on. */
export function describeMachine(): string {
  const model = cpus()[0]?.model.trim().replaceAll(/\s+/g, ' ') ?? 'unknown CPU';
  return (
    `${availableParallelism()} cores (${model}), ${Math.round(totalmem() / 2 ** 30)} GiB, ` +
    `Node ${process.versions.node} on ${process.platform}-${process.arch}, ` +
    `an fdatasync of 64 KiB takes ${Math.round(fsyncCostUs(FSYNCS))} µs, load average ${loadavg()[0]!.toFixed(2)} before`
  );
}
