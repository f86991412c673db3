import { countMessages, type Delivery, messagesOf, type Outbox, type Parcel, receiptsOf } from './outbox.ts';

/**
 * Without the ack extension a written response counts as received, and the next connect confirms it: a client sends one
 * after it read the reply to the one before.
 *
 * Only one response at a time has parcels on their way. Were there two and the first one lost, what it carried would
 * come after what the second did.
 */
export class PlainOutbox implements Outbox {
  #waiting: Parcel[] = [];
  #onTheirWay: readonly Parcel[] = NOTHING;
  /** Receipts only: nothing of it is ever sent again. */
  #written: number[] = [];

  get ready(): boolean {
    return this.#waiting.length > 0 && this.#onTheirWay.length === 0;
  }

  get queued(): number {
    return countMessages(this.#waiting) + countMessages(this.#onTheirWay);
  }

  get kept(): number {
    return this.queued + this.#written.length;
  }

  put(parcel: Parcel): void {
    this.#waiting.push(parcel);
  }

  stamp(): null {
    return null;
  }

  take(): readonly Delivery[] {
    this.#onTheirWay = this.#waiting;
    this.#waiting = [];
    return messagesOf(this.#onTheirWay);
  }

  written(ok: boolean): void {
    if (ok) this.#written.push(...receiptsOf(this.#onTheirWay));
    else this.#waiting = [...this.#onTheirWay, ...this.#waiting];
    this.#onTheirWay = NOTHING;
  }

  connected(): readonly number[] {
    const confirmed = this.#written;
    if (confirmed.length > 0) this.#written = [];
    return confirmed;
  }

  disconnected(): readonly number[] {
    return this.connected();
  }

  unconfirmed(): readonly number[] {
    return [...this.#written, ...receiptsOf(this.#onTheirWay), ...receiptsOf(this.#waiting)];
  }
}

const NOTHING: readonly Parcel[] = [];
