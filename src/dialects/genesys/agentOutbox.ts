/**
 * Messages to users that are not confirmed yet. The ledger keeps them (`campaigns/agentOutbox.ts`); this is the copy in
 * memory, with what only memory knows: which session was given which.
 */
import type { Delivery, SessionView } from '../../bayeux/bayeux.ts';
import { KEPT_PER_USER, OUTBOX_KEPT_MS } from '../../campaigns/agentOutbox.ts';
import { deliverable } from './deliverable.ts';
import type { AgentMessage } from './render.ts';

/** Stored by one command, so delivered together. */
export interface AgentOutboxEntry {
  readonly id: number;
  readonly userId: number;
  /** UTC milliseconds. */
  readonly at: number;
  readonly messages: readonly AgentMessage[];
}

interface Posted extends AgentOutboxEntry {
  /** Of each session by its id: the messages it was given, the nth as the bit n. An operation has two at most. */
  readonly given: Map<string, number>;
}

/** To one session, what its subscriptions match; false when they match nothing. */
export type DeliverTo = (sessionId: string, messages: readonly Delivery[], receipt: number) => boolean;

/** The identity of a user's Bayeux sessions. */
export const identityOf = (userId: number): string => String(userId);

export class AgentOutbox {
  readonly #deliverTo: DeliverTo;
  readonly #clock: () => number;
  readonly #onCrowdedOut: (id: number) => void;
  /** By identity, oldest first. */
  readonly #posted = new Map<string, Posted[]>();
  /** When each entry of the last minute was delivered here, by id; also those confirmed since. */
  readonly #known = new Map<number, number>();
  /** Ids of the sessions that have subscribed to something, by identity. */
  readonly #sessions = new Map<string, Set<string>>();

  /** `clock` gives UTC milliseconds. `onCrowdedOut` is given entries that made room for newer ones: the ledger need not keep them. */
  constructor(deliverTo: DeliverTo, clock: () => number, onCrowdedOut: (id: number) => void) {
    this.#deliverTo = deliverTo;
    this.#clock = clock;
    this.#onCrowdedOut = onCrowdedOut;
  }

  /** Keeps an entry from before the server started. */
  restore(entry: AgentOutboxEntry): void {
    this.#post({ ...entry, given: new Map() });
  }

  /** Delivers to every session of the user, and keeps it for one that comes. `elapsedMs` since the request. */
  deliver(entry: AgentOutboxEntry, elapsedMs: number): void {
    if (this.#known.has(entry.id)) return;
    const posted = { ...entry, given: new Map<string, number>() };
    this.#post(posted);
    const messages = deliverable(entry.messages, elapsedMs);
    for (const sessionId of this.#sessions.get(identityOf(entry.userId)) ?? []) {
      if (this.#deliverTo(sessionId, messages, entry.id)) posted.given.set(sessionId, 2 ** messages.length - 1);
    }
  }

  /** Whether this entry was delivered here, or restored. */
  knows(id: number): boolean {
    return this.#known.has(id);
  }

  /**
   * Adds entries stored elsewhere meanwhile, and removes those confirmed there. `read` gives what the ledger keeps of the
   * user.
   */
  async catchUp(identity: string, read: () => Promise<readonly AgentOutboxEntry[]>): Promise<void> {
    const before = new Set(this.#posted.get(identity)?.map(each => each.id));
    const kept = await read();
    const ids = new Set(kept.map(each => each.id));
    this.#keep(identity, each => ids.has(each.id) || !before.has(each.id));
    for (const entry of kept) if (!this.#known.has(entry.id)) this.restore(entry);
    this.#posted.get(identity)?.sort((a, b) => a.id - b.id);
  }

  /**
   * Gives a session what its user has not confirmed, each message once. One by one, because a client may subscribe to
   * the channels of a pair in two steps; inside the answer to a subscription they leave together all the same.
   */
  subscribed({ id: sessionId, identity }: SessionView): void {
    const sessions = this.#sessions.get(identity) ?? new Set();
    this.#sessions.set(identity, sessions.add(sessionId));
    const now = this.#clock();
    for (const { id, at, messages, given } of this.#posted.get(identity) ?? []) {
      if (at <= now - OUTBOX_KEPT_MS) continue;
      for (const [index, message] of deliverable(messages, now - at).entries()) {
        const before = given.get(sessionId) ?? 0;
        if (((before >>> index) & 1) === 0 && this.#deliverTo(sessionId, [message], id)) {
          given.set(sessionId, before | (1 << index));
        }
      }
    }
  }

  confirmed({ identity }: SessionView, ids: readonly number[]): void {
    this.#keep(identity, each => !ids.includes(each.id));
  }

  removed({ id, identity }: SessionView): void {
    const sessions = this.#sessions.get(identity);
    sessions?.delete(id);
    if (sessions?.size === 0) this.#sessions.delete(identity);
  }

  /** Forgets expired entries. */
  expire(): void {
    const since = this.#clock() - OUTBOX_KEPT_MS;
    for (const identity of this.#posted.keys()) this.#keep(identity, each => each.at > since);
    for (const [id, at] of this.#known) if (at <= since) this.#known.delete(id);
  }

  #post(posted: Posted): void {
    this.#known.set(posted.id, posted.at);
    const identity = identityOf(posted.userId);
    const all = this.#posted.get(identity);
    if (all === undefined) this.#posted.set(identity, [posted]);
    else if (all.push(posted) > KEPT_PER_USER) this.#onCrowdedOut(all.shift()!.id);
  }

  #keep(identity: string, stays: (each: Posted) => boolean): void {
    const left = this.#posted.get(identity)?.filter(stays) ?? [];
    if (left.length === 0) this.#posted.delete(identity);
    else this.#posted.set(identity, left);
  }
}
