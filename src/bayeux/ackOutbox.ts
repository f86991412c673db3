import { countMessages, type Delivery, messagesOf, type Outbox, type Parcel, receiptsOf } from './outbox.ts';

/** What left with the connect reply that carried `ext.ack` = `batch`. */
interface Shipment {
  readonly batch: number;
  readonly parcels: readonly Parcel[];
}

/**
 * With the ack extension (docs/genesys.md, section 7, lines 61 to 65) the client's own word decides, not the socket's:
 * every connect reply carries a number, every connect the last number that its client has read. What left under a later one
 * goes out again, under a new number and before what is newer. There is no state **written**: a parcel is on its way until it
 * is confirmed.
 */
export class AckOutbox implements Outbox {
  #batch = 0;
  #waiting: Parcel[] = [];
  /** Ascending by batch. */
  #onTheirWay: Shipment[] = [];

  get ready(): boolean {
    return this.#waiting.length > 0;
  }

  get queued(): number {
    return countMessages(this.#waiting) + countMessages(this.#shipped());
  }

  get kept(): number {
    return this.queued;
  }

  put(parcel: Parcel): void {
    this.#waiting.push(parcel);
  }

  stamp(): object {
    this.#batch++;
    return { ack: this.#batch };
  }

  take(): readonly Delivery[] {
    const parcels = this.#waiting;
    this.#onTheirWay.push({ batch: this.#batch, parcels });
    this.#waiting = [];
    return messagesOf(parcels);
  }

  /** The next connect will tell, and with better knowledge. */
  written(): void {}

  /** A client that says no number neither confirms nor asks for anything again, as in CometD. */
  connected(ack: unknown): readonly number[] {
    if (typeof ack !== 'number' || this.#onTheirWay.length === 0) return [];
    const read = this.#onTheirWay.filter(each => each.batch <= ack).flatMap(each => each.parcels);
    const unread = this.#onTheirWay.filter(each => each.batch > ack).flatMap(each => each.parcels);
    this.#onTheirWay = [];
    this.#waiting = [...unread, ...this.#waiting];
    return receiptsOf(read);
  }

  disconnected(): readonly number[] {
    return [];
  }

  unconfirmed(): readonly number[] {
    return receiptsOf([...this.#shipped(), ...this.#waiting]);
  }

  #shipped(): readonly Parcel[] {
    return this.#onTheirWay.flatMap(each => each.parcels);
  }
}
