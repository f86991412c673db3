/**
 * What a session has to be told. A parcel is in one of four states:
 *
 * - **waiting**: nothing that left carries it.
 * - **on its way**: a response carries it, and nobody knows yet whether that arrived.
 * - **written**: the response was written completely. The client may still not have read it.
 * - **confirmed**: the client has shown that it read it; the outbox forgets it.
 *
 * It moves along these states, and from on its way back to waiting when its response was lost. What waits is always in the
 * order of delivery, and what went back goes before it. A parcel is never split over two responses (docs/genesys.md,
 * section 7, line 33).
 *
 * How a client shows that it read something is different with the ack extension (`ackOutbox.ts`) and without it
 * (`plainOutbox.ts`).
 */

export interface Delivery {
  readonly channel: string;
  readonly data: unknown;
}

/** Deliveries that leave in one response, or not at all. */
export interface Parcel {
  readonly messages: readonly Delivery[];
  /** Names it for whoever wants to know that it was confirmed. */
  readonly receipt: number | null;
}

export interface Outbox {
  /** Something waits and may leave now. */
  readonly ready: boolean;
  /** Messages that could still be sent, again or for the first time. */
  readonly queued: number;
  /** Messages and receipts kept; what the limit counts. */
  readonly kept: number;
  put(parcel: Parcel): void;
  /** `ext` of the connect reply that is being written, null without the ack extension. Before `take` for the same response. */
  stamp(): object | null;
  /** All that waits is on its way. */
  take(): readonly Delivery[];
  /** What was taken last was written, or was lost. */
  written(ok: boolean): void;
  /** A connect arrived. `ack` is its `ext.ack`. Returns the receipts that it confirms, in order. */
  connected(ack: unknown): readonly number[];
  /** The client takes its leave. Returns the receipts that this confirms, in order. */
  disconnected(): readonly number[];
  /** Receipts of all that was not confirmed, in order. */
  unconfirmed(): readonly number[];
}

export const countMessages = (parcels: readonly Parcel[]): number =>
  parcels.reduce((sum, each) => sum + each.messages.length, 0);

export const messagesOf = (parcels: readonly Parcel[]): readonly Delivery[] => parcels.flatMap(each => each.messages);

export const receiptsOf = (parcels: readonly Parcel[]): readonly number[] =>
  parcels.flatMap(each => (each.receipt === null ? [] : [each.receipt]));
