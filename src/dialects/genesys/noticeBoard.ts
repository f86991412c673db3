/**
 * What users were told and have not confirmed. The ledger keeps it (`campaigns/notices.ts`); this is the same in
 * memory, beside what only memory knows: which session was given what.
 */
import type { Delivery, SessionView } from '../../bayeux/bayeux.ts';
import { NOTICE_KEPT_MS } from '../../campaigns/notices.ts';
import { deliverable } from './deliverable.ts';
import type { Notice } from './render.ts';

/** As many as the ledger keeps of a user: a desktop that works confirms within a second. */
const KEPT_PER_USER = 200;

/** Told in one command, so delivered together. */
export interface Told {
  readonly id: number;
  readonly userId: number;
  /** UTC milliseconds. */
  readonly at: number;
  readonly messages: readonly Notice[];
}

interface Posted extends Told {
  /** `session index` of each message a session was given. */
  readonly given: Set<string>;
}

/** To one session, what its subscriptions match; false when they match nothing. */
export type DeliverTo = (sessionId: string, messages: readonly Delivery[], receipt: number) => boolean;

/** The identity of a user's Bayeux sessions. */
export const identityOf = (userId: number): string => String(userId);

export class NoticeBoard {
  readonly #deliverTo: DeliverTo;
  readonly #clock: () => number;
  /** By identity, oldest first. */
  readonly #posted = new Map<string, Posted[]>();
  /** When what was told here within the last minute was told, by id; also what is confirmed by now. */
  readonly #known = new Map<number, number>();
  /** Ids of the sessions that have subscribed to something, by identity. */
  readonly #sessions = new Map<string, Set<string>>();

  /** `clock` gives UTC milliseconds. */
  constructor(deliverTo: DeliverTo, clock: () => number) {
    this.#deliverTo = deliverTo;
    this.#clock = clock;
  }

  /** Keeps what was told before the server started. */
  restore(told: Told): void {
    this.#post({ ...told, given: new Set() });
  }

  /** Delivers to every session of the user, and keeps it for one that comes. `elapsedMs` since the request. */
  tell(told: Told, elapsedMs: number): void {
    if (this.#known.has(told.id)) return;
    const posted = { ...told, given: new Set<string>() };
    this.#post(posted);
    const messages = deliverable(told.messages, elapsedMs);
    for (const sessionId of this.#sessions.get(identityOf(told.userId)) ?? []) {
      if (!this.#deliverTo(sessionId, messages, told.id)) continue;
      for (const index of messages.keys()) posted.given.add(`${sessionId} ${index}`);
    }
  }

  /** Whether this was told here, or by what was restored. */
  knows(id: number): boolean {
    return this.#known.has(id);
  }

  /**
   * What was told elsewhere meanwhile is kept, and forgotten what was confirmed there. `read` gives what the ledger keeps of the
   * user.
   */
  async catchUp(identity: string, read: () => Promise<readonly Told[]>): Promise<void> {
    const before = new Set(this.#posted.get(identity)?.map(each => each.id));
    const kept = await read();
    const ids = new Set(kept.map(each => each.id));
    this.#keep(identity, each => ids.has(each.id) || !before.has(each.id));
    for (const told of kept) if (!this.#known.has(told.id)) this.restore(told);
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
      if (at <= now - NOTICE_KEPT_MS) continue;
      for (const [index, message] of deliverable(messages, now - at).entries()) {
        const mark = `${sessionId} ${index}`;
        if (!given.has(mark) && this.#deliverTo(sessionId, [message], id)) given.add(mark);
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

  /** Forgets what nobody waits for any more. */
  expire(): void {
    const since = this.#clock() - NOTICE_KEPT_MS;
    for (const identity of this.#posted.keys()) this.#keep(identity, each => each.at > since);
    for (const [id, at] of this.#known) if (at <= since) this.#known.delete(id);
  }

  #post(posted: Posted): void {
    this.#known.set(posted.id, posted.at);
    const identity = identityOf(posted.userId);
    const all = this.#posted.get(identity);
    if (all === undefined) this.#posted.set(identity, [posted]);
    else if (all.push(posted) > KEPT_PER_USER) all.shift();
  }

  #keep(identity: string, stays: (each: Posted) => boolean): void {
    const left = this.#posted.get(identity)?.filter(stays) ?? [];
    if (left.length === 0) this.#posted.delete(identity);
    else this.#posted.set(identity, left);
  }
}
