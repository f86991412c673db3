/** What fits on a screen; with more mistakes than that, the first ones explain the others. */
const MAX_LISTED = 20;

/** A calling list cannot be imported, and nothing of it was. */
export class ListMistakes extends Error {
  override readonly name = 'ListMistakes';
  /** One sentence each; nothing that stands in the list is repeated. */
  readonly problems: readonly string[];
  /** How many there are; not all of them are told. */
  readonly count: number;

  constructor(problems: readonly string[], count: number) {
    super(problems.join('\n'));
    this.problems = problems;
    this.count = count;
  }
}

/** Collects mistakes by line and column. */
export class MistakeNotes {
  readonly #listed: string[] = [];
  #count = 0;

  /** `what` goes on after the place: `docs/genesys.md, section 7, line 7, daily_from` + `must be …`. */
  add(line: number | null, column: string | null, what: string): void {
    this.#count++;
    if (this.#listed.length >= MAX_LISTED) return;
    const place = [line === null ? 'the file' : `line ${line}`, ...(column === null ? [] : [column])].join(', ');
    this.#listed.push(`${place} ${what}.`);
  }

  get count(): number {
    return this.#count;
  }

  /** Throws `ListMistakes` if there are any. */
  check(): void {
    if (this.#count > 0) throw new ListMistakes(this.#listed, this.#count);
  }
}
