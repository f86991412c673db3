/** What must be so of every batch, asserted before it is handed to the store and of where the store says it stands. */
import { type ChangeSet, EngineFault, type Head } from './engine.ts';
import { type JournalRow, journal } from './journal.ts';

export const isEmpty = ({ rows, counters, tookNumbers }: ChangeSet): boolean =>
  rows.length === 0 && counters.length === 0 && !tookNumbers;

/** Throws unless the batch goes on exactly where `before` ends: its entries, its time and its numbers. */
export function assertFollows(before: Head, { head, rows }: ChangeSet): void {
  const entries = (rows.find(({ entity }) => entity.name === journal.name)?.inserts ?? []) as unknown as JournalRow[];
  for (const [place, { position, at }] of entries.entries()) {
    if (position !== before.position + 1 + place || at !== head.now) {
      throw new Error(`entry ${position} of ${at} is number ${place + 1} of a batch on top of ${before.position}`);
    }
  }
  if (head.position !== before.position + entries.length) {
    throw new Error(`${entries.length} entries lead from ${before.position} to ${head.position}`);
  }
  if (head.now < before.now) throw new Error(`time goes back from ${before.now} to ${head.now}`);
  assertNumbersStay(before, head);
}

/** Throws an `EngineFault`, which is fatal, where the store does not have what this process knows to be durable. */
export function assertIsNotBehind(durable: Head, head: Head): void {
  try {
    if (head.position < durable.position) throw new Error(`from entry ${durable.position} to ${head.position}`);
    assertNumbersStay(durable, head);
  } catch (error) {
    throw new EngineFault('fatal', `the store has gone back ${(error as Error).message}`, { cause: error });
  }
}

/** A number that was handed out is never handed out again. */
function assertNumbersStay(before: Head, after: Head): void {
  for (const name in before.sequences) {
    const [was, is] = [before.sequences[name]!, after.sequences[name] ?? 0];
    if (is < was) throw new Error(`from number ${was} of ${name} to ${is}`);
  }
}
