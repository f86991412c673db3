import { type Command, Refusal } from './state.ts';

/**
 * One kind of work that must be done by one worker at a time, of however many servers. Whoever has it may lose it without
 * noticing, to another one that goes on with the work: a fence keeps what it still submits then from changing anything.
 */
export interface Duty {
  /** For one round of the work; null while somebody else has it. */
  take(): Fence | null;
}

/** The same command, refused with `Relieved` once somebody else has the work. */
export type Fence = <Result>(command: Command<Result>) => Command<Result>;

/** Somebody else does this work by now. What was left undone is done there: nobody need be told. */
export class Relieved extends Refusal {
  override readonly name = 'Relieved';
}

/** Where there is one server only. */
export const ALONE: Duty = { take: () => command => command };
