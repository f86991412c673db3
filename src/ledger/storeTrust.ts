import type { EngineFault } from './engine.ts';
import { assertMayBecome, type MayBecome } from './mayBecome.ts';

/**
 * What the ledger expects of its store:
 *
 * - **working**: the newest attempt to store something succeeded, or there was none.
 * - **faulty**: it failed for want of room or of the store itself. Commands are refused without touching the store until the next
 *   attempt is due; one batch makes it.
 * - **lost**: what was handed over may or may not be stored, or a newer version of Aftercall has changed the tables. Nothing is
 *   applied any more, and the process should exit.
 */
type TrustState = 'working' | 'faulty' | 'lost';

const MAY_BECOME: MayBecome<TrustState> = {
  working: ['faulty', 'lost'],
  faulty: ['working', 'faulty', 'lost'],
  lost: [],
};

/** While nothing can be stored, one batch per interval tries; the others are refused without touching the disk. */
const RETRY_AFTER_FAULT_MS = 200;

/** Whether nothing can be stored by this process any more. */
export const isFinal = ({ kind }: EngineFault): boolean => kind === 'fatal' || kind === 'outdated';

export class StoreTrust {
  #state: TrustState = 'working';
  /** By `performance.now()`; of a store that is faulty. */
  private retryAt = 0;
  private reason: string | null = null;
  private readonly onLost: (error: Error) => void;

  constructor(onLost: (error: Error) => void) {
    this.onLost = onLost;
  }

  /** Whether the newest attempt to store something failed for want of room or of the store itself. */
  get isFaulty(): boolean {
    return this.#state === 'faulty';
  }

  get isLost(): boolean {
    return this.#state === 'lost';
  }

  /** Why everything is refused from now on; null while it is not. */
  get refusal(): string | null {
    return this.reason;
  }

  /** Whether commands are to be refused without an attempt to store them. */
  refusesNow(): boolean {
    return this.isLost || (this.#state === 'faulty' && this.retryAt > performance.now());
  }

  /** A batch is durable. */
  worked(): void {
    if (this.#state !== 'working') this.#become('working');
  }

  /** The store failed as a whole, and not over a value. */
  failed(fault: EngineFault): void {
    if (!isFinal(fault)) {
      this.retryAt = performance.now() + RETRY_AFTER_FAULT_MS;
      this.#become('faulty');
      return;
    }
    this.reason = fault.kind === 'fatal' ? `the store failed: ${fault.message}` : fault.message;
    this.#become('lost');
    this.onLost(fault);
  }

  #become(state: TrustState): void {
    assertMayBecome('store', MAY_BECOME, this.#state, state);
    this.#state = state;
  }
}
