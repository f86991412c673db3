/** A thread that simulates one seed after the other, each twice, and says what it found. */
import { parentPort } from 'node:worker_threads';
import { takeOverMachine } from './machine.ts';
import { foundingBatch } from './organisation.ts';
import { simulateTwice } from './twice.ts';

export interface SeedRequest {
  readonly seed: number;
  /** Name of the mutant; null: none. */
  readonly mutant: string | null;
}

const port = parentPort!;
const founding = await foundingBatch();
takeOverMachine();

port.on('message', ({ seed, mutant }: SeedRequest) => {
  void simulateTwice(seed, mutant, founding).then(verdict => port.postMessage(verdict));
});
port.postMessage('ready');
