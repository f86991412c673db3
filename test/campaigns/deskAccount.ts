import type { Notification } from './deskSession.ts';
import type { Findings } from './findings.ts';

/** What became of one request, as far as the desktop knows. */
export interface Operation {
  readonly reference: string;
  readonly sentAt: number;
  readonly outcome: PromiseWithResolvers<Notification>;
  answered: boolean;
  received: boolean;
  /** A connect left after it was told. */
  confirming: boolean;
  /** Since when the server is known to have that connect. */
  confirmedAt: number | null;
  /** Whether the session that comes next is to be told of it. */
  owed: 'yes' | 'perhaps' | 'unknown' | 'no';
}

export interface DeskCounts {
  /** Not confirmed when the session ended, and told in the next one. */
  reached: number;
  /** Of these, requests that had not even been answered. */
  reachedUnanswered: number;
  /** Confirmed a moment before the server was killed, and told again: that it was confirmed had not been stored yet. */
  toldAgain: number;
}

/** Entries are kept for a minute; a session that opens later than this is owed nothing. */
const OWED_MS = 55_000;
/** Confirmations are stored together, by a timer of 50 ms that the first of them sets. */
const CONFIRMATION_STORED_MS = 60;

/** What a desktop has asked for, and what of the answers it is owed by the session that comes next. */
export class DeskAccount {
  readonly counts: DeskCounts = { reached: 0, reachedUnanswered: 0, toldAgain: 0 };
  private readonly findings: () => Findings;
  private readonly operations = new Map<string, Operation>();
  /** References that nobody may hear of again, and why. */
  private readonly closed = new Map<string, string>();
  private toldInSession = new Set<string>();

  /** `findings` gives where findings are to be written. */
  constructor(findings: () => Findings) {
    this.findings = findings;
  }

  /** A request is about to be sent. */
  open(reference: string): Operation {
    const operation: Operation = {
      reference,
      sentAt: performance.now(),
      outcome: Promise.withResolvers(),
      answered: false,
      received: false,
      confirming: false,
      confirmedAt: null,
      owed: 'no',
    };
    this.operations.set(reference, operation);
    return operation;
  }

  /** The server has said that it did not do it. */
  refused(operation: Operation): void {
    this.close(operation, 'though it was refused');
  }

  /** The operation that has just been told; null when nobody may hear of it. */
  received({ reference, type }: Notification): Operation | null {
    const { repeated, invented } = this.findings();
    const what = `${type} of ${reference}`;
    if (this.toldInSession.has(reference)) repeated.add(`${what} came twice in one session`);
    this.toldInSession.add(reference);
    const operation = this.operations.get(reference);
    if (operation === undefined) {
      const why = this.closed.get(reference);
      if (why === undefined) invented.add(`${what}, which nobody asked for`);
      else repeated.add(`${what} came again, ${why}`);
      return null;
    }
    if (operation.received && operation.owed === 'no')
      repeated.add(`${what} came again from the server it was confirmed to`);
    operation.received = true;
    operation.confirming = false;
    operation.confirmedAt = null;
    return operation;
  }

  confirming(references: readonly string[]): void {
    for (const each of this.named(references)) each.confirming = true;
  }

  confirmed(references: readonly string[]): void {
    for (const each of this.named(references)) each.confirmedAt = performance.now();
  }

  /** The server is gone. `provenUntil`: what timers were to store by then is known to be stored (performance.now). */
  lost(provenUntil: number): void {
    for (const operation of this.operations.values()) {
      const { received, answered, confirming, confirmedAt } = operation;
      if (confirmedAt !== null && confirmedAt + CONFIRMATION_STORED_MS <= provenUntil) {
        this.close(operation, `confirmed ${(provenUntil - confirmedAt).toFixed(0)} ms before the last sign of life`);
      } else if (confirmedAt !== null || confirming) operation.owed = 'perhaps';
      else operation.owed = received || answered ? 'yes' : 'unknown';
    }
  }

  /** The session was left properly; the server goes on. */
  left(): void {
    for (const operation of this.operations.values()) {
      const { received, answered, confirming, confirmedAt } = operation;
      if (confirmedAt !== null) operation.owed = 'no';
      else if (confirming) operation.owed = 'perhaps';
      else operation.owed = received || answered ? 'yes' : 'unknown';
    }
  }

  beginSession(): void {
    this.toldInSession = new Set();
  }

  /** What waited for the new session has been told by now. `restarted`: by another process than the one that was lost. */
  settle({ restarted }: { readonly restarted: boolean }): void {
    for (const operation of this.operations.values()) {
      const { reference, owed, sentAt } = operation;
      operation.owed = 'no';
      if (this.toldInSession.has(reference)) {
        if (owed === 'yes' || owed === 'unknown') this.counts.reached++;
        if (owed === 'unknown') this.counts.reachedUnanswered++;
        if (owed === 'perhaps') this.counts.toldAgain++;
      } else if (owed === 'perhaps' && !restarted) {
        // The server has heard the confirmation; whether that is stored is another matter.
        operation.confirmedAt = performance.now();
      } else if (owed !== 'no') {
        const overdue = performance.now() - sentAt > OWED_MS;
        if (owed === 'yes' && !overdue) this.findings().missed.add(`${reference} was not told in the next session`);
        this.close(operation, owed === 'unknown' ? 'and had not happened' : 'and was not when it was due');
      }
    }
  }

  private named(references: readonly string[]): readonly Operation[] {
    return references.flatMap(reference => this.operations.get(reference) ?? []);
  }

  private close({ reference }: Operation, why: string): void {
    this.operations.delete(reference);
    this.closed.set(reference, why);
  }
}
