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

interface Known {
  /** UTC milliseconds. */
  readonly at: number;
  /** It went for newer ones, and no session of this node has confirmed it. */
  madeRoom: boolean;
}

/** To one session, what its subscriptions match; false when they match nothing. */
export type DeliverTo = (sessionId: string, messages: readonly Delivery[], receipt: number) => boolean;

/** The identity of a user's Bayeux sessions. */
export const identityOf = (userId: number): string => String(userId);

export class AgentOutbox {
  readonly #deliverTo: DeliverTo;
  readonly #clock: () => number;
  /** By identity, oldest first. */
  readonly #posted = new Map<string, Posted[]>();
  /** Each entry of the last minute that was delivered here, by id; also those that were confirmed or made room since. */
  readonly #known = new Map<number, Known>();
  /** Ids of the sessions that have subscribed to something, by identity. */
  readonly #sessions = new Map<string, Set<string>>();

  /** `clock` gives UTC milliseconds. */
  constructor(deliverTo: DeliverTo, clock: () => number) {
    this.#deliverTo = deliverTo;
    this.#clock = clock;
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
   * Adds entries stored elsewhere meanwhile, removes those confirmed there, and takes back those that had made room for them.
   * `read` gives what the ledger keeps of the user.
   */
  async catchUp(identity: string, read: () => Promise<readonly AgentOutboxEntry[]>): Promise<void> {
    const before = new Set(this.#posted.get(identity)?.map(each => each.id));
    const kept = await read();
    const ids = new Set(kept.map(each => each.id));
    this.#keep(identity, each => ids.has(each.id) || !before.has(each.id));
    for (const entry of kept) {
      const known = this.#known.get(entry.id);
      if (known === undefined || known.madeRoom) this.restore(entry);
    }
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
    for (const id of ids) {
      const known = this.#known.get(id);
      if (known !== undefined) known.madeRoom = false;
    }
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
    for (const [id, { at }] of this.#known) if (at <= since) this.#known.delete(id);
  }

  /** Into its turn. The oldest makes room here; the ledger may still keep it, where this node does not hear of confirmations. */
  #post(posted: Posted): void {
    this.#known.set(posted.id, { at: posted.at, madeRoom: false });
    const identity = identityOf(posted.userId);
    const all = this.#posted.get(identity);
    if (all === undefined) {
      this.#posted.set(identity, [posted]);
      return;
    }
    all.splice(all.findLastIndex(each => each.id < posted.id) + 1, 0, posted);
    if (all.length > KEPT_PER_USER) this.#known.get(all.shift()!.id)!.madeRoom = true;
  }

  #keep(identity: string, stays: (each: Posted) => boolean): void {
    const left = this.#posted.get(identity)?.filter(stays) ?? [];
    if (left.length === 0) this.#posted.delete(identity);
    else this.#posted.set(identity, left);
  }
}
