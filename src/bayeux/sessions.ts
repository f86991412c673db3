import type { Session } from './session.ts';

/** All sessions, by clientId and by whom they belong to. */
export class Sessions {
  readonly #byId = new Map<string, Session>();
  readonly #byIdentity = new Map<string, Session[]>();

  get size(): number {
    return this.#byId.size;
  }

  [Symbol.iterator](): Iterator<Session> {
    return this.#byId.values();
  }

  /**
   * Null also when it is another identity's: who asks must not learn that it exists (docs/genesys.md, section 7, line 79,
   * case B30).
   */
  find(id: unknown, identity: string | null): Session | null {
    const session = typeof id === 'string' ? this.get(id) : null;
    return session !== null && session.identity === identity ? session : null;
  }

  get(id: string): Session | null {
    return this.#byId.get(id) ?? null;
  }

  /** Stays as it is when one of them is removed meanwhile. */
  of(identity: string): readonly Session[] {
    return this.#byIdentity.get(identity) ?? [];
  }

  add(session: Session): void {
    if (this.#byId.has(session.id)) throw new Error('the same clientId was made twice');
    this.#byId.set(session.id, session);
    const siblings = this.#byIdentity.get(session.identity);
    if (siblings === undefined) this.#byIdentity.set(session.identity, [session]);
    else siblings.push(session);
  }

  remove(session: Session): void {
    this.#byId.delete(session.id);
    const siblings = this.of(session.identity).filter(each => each !== session);
    if (siblings.length === 0) this.#byIdentity.delete(session.identity);
    else this.#byIdentity.set(session.identity, siblings);
  }
}
