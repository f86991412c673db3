/** A thread that simulates one seed after the other, each twice, and says what it found. */
import { parentPort } from 'node:worker_threads';
import { takeOverMachine } from './machine.ts';
import { foundingBatch } from './organisation.ts';
import { simulateTwice } from './twice.ts';

export interface SeedAsked {
  readonly seed: number;
  /** A bug to be planted; null: none. */
  readonly plant: string | null;
}

const port = parentPort!;
const founding = await foundingBatch();
takeOverMachine();

port.on('message', ({ seed, plant }: SeedAsked) => {
  void simulateTwice(seed, plant, founding).then(verdict => port.postMessage(verdict));
});
port.postMessage('ready');
