/** The calling lists an organisation file names, imported after it was applied. */
import {
  type ExaminedList,
  examineList,
  importList,
  type ListSource,
  previewImport,
} from '../../campaigns/importList.ts';
import { type ImportCounts, ListFull } from '../../campaigns/importRows.ts';
import { ListMistakes } from '../../campaigns/listMistakes.ts';
import { ConfigError } from '../../config/configError.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Organisation } from './organisation.ts';

/** How often somebody who waits for a large file hears of it. */
const TELL_EVERY_MS = 3_000;
/** As many mistakes as are told of one file; with more, the first ones explain the others. */
const MAX_LISTED = 20;

export interface ListImport extends ImportCounts {
  /** `CallingList1 of Campaign1`. */
  readonly list: string;
}

export interface ImportDeps {
  /** Milliseconds. */
  readonly clock: () => number;
  /** One list is done. */
  readonly onList: (done: ListImport) => void;
  /** Every few seconds while a large one is being imported. */
  readonly onProgress: (progress: { readonly list: string; readonly done: number; readonly rows: number }) => void;
}

/**
 * Every file is read before anything is imported. Throws a `ConfigError` that lists the mistakes, up to 20, and as
 * `Ledger.submit` does.
 */
export async function importCallingLists(
  ledger: Ledger,
  file: Organisation,
  { clock, onList, onProgress }: ImportDeps,
): Promise<void> {
  const examined = await examineAll(file, ledger);
  let told = clock();
  for (const each of examined) {
    const list = listName(each.source);
    const counts = await withMistakes(each.source, () =>
      importList(ledger, each, progress => {
        if (clock() - told < TELL_EVERY_MS) return;
        told = clock();
        onProgress({ list, ...progress });
      }),
    );
    onList({ list, ...counts });
  }
}

/** What importing would do, one line per list that would change: `list CallingList1 of Campaign1: 3 rows, 1 new, 0 changed, 2 unchanged`. */
export async function checkCallingLists(
  ledger: Pick<Ledger, 'directory' | 'reader'>,
  file: Organisation,
): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const each of await examineAll(file, ledger)) {
    const counts = await withMistakes(each.source, () => previewImport(ledger.reader, ledger.directory, each));
    const { rows, new: made, changed, unchanged } = counts;
    if (made + changed === 0) continue;
    lines.push(`list ${listName(each.source)}: ${rows} rows, ${made} new, ${changed} changed, ${unchanged} unchanged`);
  }
  return lines;
}

const listName = ({ listName: name, campaignName }: ListSource): string => `${name} of ${campaignName}`;

async function examineAll(file: Organisation, { directory }: Pick<Ledger, 'directory'>): Promise<ExaminedList[]> {
  const examined: ExaminedList[] = [];
  const problems: string[] = [];
  let count = 0;
  for (const { name, lists, timeZone, country } of file.campaigns) {
    for (const { name: listName, path } of lists) {
      const source = { campaignName: name, listName, path, timeZone, country };
      try {
        examined.push(await examineList(source, directory));
      } catch (error) {
        if (!(error instanceof ListMistakes)) throw error;
        problems.push(...placed(source, error));
        count += error.count;
      }
    }
  }
  if (count > 0) throw mistakesOf(problems, count);
  return examined;
}

async function withMistakes<T>(source: ListSource, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ListFull) throw new ConfigError([`The list ${listName(source)} is full: ${error.message}.`]);
    if (!(error instanceof ListMistakes)) throw error;
    throw mistakesOf(placed(source, error), error.count);
  }
}

const placed = (source: ListSource, { problems }: ListMistakes): readonly string[] =>
  problems.map(problem => `list ${listName(source)}, ${problem}`);

function mistakesOf(problems: readonly string[], count: number): ConfigError {
  const listed = problems.slice(0, MAX_LISTED);
  const more = count > listed.length ? [`… and ${count - listed.length} more.`] : [];
  const mistakes = count === 1 ? 'a mistake' : `${count} mistakes`;
  return new ConfigError([...listed, ...more], `The calling lists have ${mistakes}, and nothing of them was imported:`);
}
