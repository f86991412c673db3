import type { Turn } from './turn.ts';

/** How much earlier than announced a connect may end; ten wakings a second are nothing, and clients do not notice. */
const SLOT_MS = 100;

/**
 * When held connects have to end. Those that are due within the same tenth of a second share a slot, and one timer waits
 * for the next slot: ten thousand of them cost as much as three hundred. Slots begin before what is in them is due, since a
 * connect is held at most as long as was announced (docs/genesys.md, section 7, lines 26 and 76).
 */
export class Holds {
  readonly #clock: () => number;
  readonly #schedule: (delayMs: number, task: () => void) => () => void;
  readonly #onDue: (turn: Turn) => void;
  /** By when the slot begins, in `SLOT_MS`. At most as many as fit into the longest hold. */
  readonly #slots = new Map<number, Set<Turn>>();
  #next = Number.POSITIVE_INFINITY;
  #cancel: (() => void) | null = null;
  #size = 0;

  constructor(
    clock: () => number,
    schedule: (delayMs: number, task: () => void) => () => void,
    onDue: (turn: Turn) => void,
  ) {
    this.#clock = clock;
    this.#schedule = schedule;
    this.#onDue = onDue;
  }

  get size(): number {
    return this.#size;
  }

  add(turn: Turn, dueAt: number): void {
    const slot = Math.floor(dueAt / SLOT_MS);
    turn.slot = slot;
    const turns = this.#slots.get(slot);
    if (turns === undefined) this.#slots.set(slot, new Set([turn]));
    else turns.add(turn);
    this.#size++;
    if (slot < this.#next) this.#waitFor(slot);
  }

  delete(turn: Turn): void {
    const turns = this.#slots.get(turn.slot);
    if (turns === undefined || !turns.delete(turn)) return;
    this.#size--;
    if (turns.size === 0) this.#slots.delete(turn.slot);
    if (this.#size === 0) this.#waitFor(Number.POSITIVE_INFINITY);
  }

  #waitFor(slot: number): void {
    this.#cancel?.();
    this.#next = slot;
    this.#cancel =
      slot === Number.POSITIVE_INFINITY
        ? null
        : this.#schedule(Math.max(0, slot * SLOT_MS - this.#clock()), () => this.#end());
  }

  #end(): void {
    this.#cancel = null;
    const current = Math.floor(this.#clock() / SLOT_MS);
    const due = [...this.#slots].filter(([slot]) => slot <= current).flatMap(([, turns]) => [...turns]);
    for (const turn of due) this.#onDue(turn);
    this.#waitFor(Math.min(...this.#slots.keys()));
  }
}
