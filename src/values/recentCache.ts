/**
 * Remembers the answers of a pure function for the keys asked most recently, at most `limit` of them. Two generations:
 * when the young one holds half the limit it becomes the old one, and the old one is forgotten whole; a key asked again
 * in the meantime is in the young one again. No list to maintain on a hit, no single expensive eviction.
 */
export class RecentCache<V extends string | number | object | null> {
  readonly #half: number;
  #young = new Map<string, V>();
  #old = new Map<string, V>();

  constructor(limit: number) {
    this.#half = Math.max(1, Math.floor(limit / 2));
  }

  /** How many entries are held, a key in both generations twice. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** Undefined when the key is not remembered. */
  get(key: string): V | undefined {
    const recent = this.#young.get(key);
    if (recent !== undefined) return recent;
    const older = this.#old.get(key);
    if (older !== undefined) this.set(key, older);
    return older;
  }

  set(key: string, value: V): void {
    if (this.#young.size >= this.#half) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }
}
