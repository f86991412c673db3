/** What `verify` finds, printed as it is found; what to do about all of it is said at the end. */
import { endProgress, print } from './output.ts';

/** Sentences of one kind that are printed; the others are counted. */
const SHOWN = 100;

const RESTORE = 'restore a backup';

/** What to do about each kind. `restore`: nothing that is there can bring it back. */
const REMEDIES = {
  /** What cannot be read. */
  unreadable: RESTORE,
  /** Rows that are not there, or that nothing leads to. */
  lost: RESTORE,
  /** Of the journal, of which there is no other copy. */
  journal: RESTORE,
  /** When calls settle, which readers of events have been told. */
  settling: RESTORE,
  /** Calls whose reports, or whose people, are not theirs. */
  parts: RESTORE,
  /** Audio that is not there. */
  recordings: 'put the files back from a backup',
  /** What was begun and not finished. */
  unfinished: 'finish what was interrupted, as said above',
  /** Calls that are not what their reports say. */
  calls:
    'where the numbers, the country, the area code, the outside prefix or the shortSeconds of a source were changed since, or who holds or held an extension, run "aftercall refold", with --dry-run first (docs/refolding.md)',
  totals: 'run "aftercall rebuild"',
  /** Lines of the portal's list that are not what their calls say. */
  line: 'run "aftercall rebuild"',
} as const;
export type Kind = keyof typeof REMEDIES;

/** They make what is left agree with itself: then nothing would show that something is lost. */
const HIDING: readonly Kind[] = ['calls', 'totals', 'line'];
const NOT_YET =
  'then verify again, before anything else: "refold" and "rebuild" bring nothing back, and make what is left add up without it';

export class Findings {
  private readonly counts = new Map<Kind, number>();
  private readonly remedies = new Map<Kind, string>();

  async take(kind: Kind, sentences: AsyncIterable<string> | Iterable<string>): Promise<void> {
    for await (const sentence of sentences) this.add(kind, sentence);
  }

  add(kind: Kind, sentence: string): void {
    const count = (this.counts.get(kind) ?? 0) + 1;
    this.counts.set(kind, count);
    if (count > SHOWN) return;
    endProgress();
    print(sentence);
  }

  count(kind: Kind): number {
    return this.counts.get(kind) ?? 0;
  }

  /** What to do about this kind here, where more is known than of any ledger. */
  advise(kind: Kind, remedy: string): void {
    this.remedies.set(kind, remedy);
  }

  /** Says what to do, and has the process end with 1 unless everything adds up. */
  conclude(): void {
    const found = (Object.keys(REMEDIES) as Kind[]).filter(kind => this.count(kind) > 0);
    for (const kind of found) if (this.count(kind) > SHOWN) print(`… and ${this.count(kind) - SHOWN} more`);
    const count = found.reduce((sum, kind) => sum + this.count(kind), 0);
    process.exitCode = count === 0 ? 0 : 1;
    print(count === 0 ? 'Everything adds up.' : `${count} things do not add up: ${this.toDo(found).join('; ')}.`);
  }

  private toDo(found: readonly Kind[]): readonly string[] {
    const isLost = found.some(kind => REMEDIES[kind] === RESTORE);
    const named = isLost ? found.filter(kind => !HIDING.includes(kind)) : found;
    const remedies = new Set(named.map(kind => this.remedies.get(kind) ?? REMEDIES[kind]));
    return named.length < found.length ? [...remedies, NOT_YET] : [...remedies];
  }
}
