/** A calling list from its file into the ledger. The same file again is recognised and not even read row by row. */
import type { Directory } from '../ledger/directory.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Reader } from '../ledger/query.ts';
import type { Command } from '../ledger/state.ts';
import { type CallingList, type CallRecord, callingList, campaign, lane, record } from './entities.ts';
import { callingListImported } from './events.ts';
import { differs, type ImportCounts, importRows, type KeyedRow, NO_ROWS, sumOf, withKeys } from './importRows.ts';
import { listDigest, readListFile } from './listFile.ts';
import { rowsOf } from './listRows.ts';

/** A calling list and its file. */
export interface ListSource {
  readonly campaignName: string;
  readonly listName: string;
  readonly path: string;
  /** IANA name; where the hours are that name no zone. */
  readonly timeZone: string;
  /** ISO 3166-1 alpha-2: how numbers without a country code are read. */
  readonly country: string;
}

/** A file that can be imported, or was before. */
export interface ExaminedList {
  readonly source: ListSource;
  readonly digest: string;
  /** Null when it is the file that was imported last. */
  readonly rows: number | null;
}

export interface ImportProgress {
  readonly done: number;
  readonly rows: number;
}

/** Changed when rows are read otherwise, so that files are imported anew. */
const READING = 1;
/** Applied while the one before is being stored. */
const IN_FLIGHT = 2;

/** Reads the whole file and writes nothing. Throws `ListMistakes`. */
export async function examineList(source: ListSource, directory: Directory): Promise<ExaminedList> {
  const bytes = await readListFile(source.path);
  const digest = await digestOf(bytes, source);
  if (storedList(source, directory)?.fileDigest === digest) return { source, digest, rows: null };
  let rows = 0;
  for await (const portion of rowsOf(bytes, source.timeZone)) rows += portion.length;
  return { source, digest, rows };
}

/**
 * The list must be in the ledger. A start that was interrupted goes on where it was: what is there already is found again.
 * Rejects with `ListMistakes` when the file changed meanwhile and is wrong now, and as `Ledger.submit` does.
 */
export async function importList(
  ledger: Ledger,
  { source, rows: expected }: ExaminedList,
  onProgress: (progress: ImportProgress) => void,
): Promise<ImportCounts> {
  const list = storedList(source, ledger.directory);
  if (list === null) throw new Error(`there is no list ${source.listName} of ${source.campaignName}`);
  if (expected === null) return { ...NO_ROWS, rows: list.fileRows, unchanged: list.fileRows };
  const bytes = await readListFile(source.path);
  const isFirst = list.places === 0;
  let counts = NO_ROWS;
  const inFlight: Promise<ImportCounts>[] = [];
  const settleOne = async () => {
    counts = sumOf(counts, await inFlight.shift()!);
    onProgress({ done: counts.rows, rows: expected });
  };
  try {
    for await (const portion of rowsOf(bytes, source.timeZone)) {
      const { directory } = ledger;
      const lanes = directory.find(lane, 'byAgent', list.id, '');
      const { places } = directory.get(callingList, list.id)!;
      const command = importRows(list.id, withKeys(portion, source.country), { isFirst, lanes, places });
      const submitted = ledger.submit(command);
      // A caller that waits for the one before must not miss that this one failed.
      submitted.catch(() => {});
      inFlight.push(submitted);
      if (inFlight.length >= IN_FLIGHT) await settleOne();
    }
    while (inFlight.length > 0) await settleOne();
  } finally {
    await Promise.allSettled(inFlight);
  }
  await ledger.submit(concludeImport(list.id, await digestOf(bytes, source), counts));
  return counts;
}

/** What importing it would do; nothing is written. Rejects with `ListMistakes`. */
export async function previewImport(
  reader: Reader,
  directory: Directory,
  { source, rows: expected }: ExaminedList,
): Promise<ImportCounts> {
  const list = storedList(source, directory);
  if (list !== null && expected === null) return { ...NO_ROWS, rows: list.fileRows, unchanged: list.fileRows };
  if (list === null || list.places === 0) return { ...NO_ROWS, rows: expected ?? 0, new: expected ?? 0 };
  let counts = NO_ROWS;
  for await (const portion of rowsOf(await readListFile(source.path), source.timeZone)) {
    const rows = withKeys(portion, source.country);
    const known = await recordsOf(reader, list.id, rows);
    const isNew = rows.filter(each => !known.has(each.identity)).length;
    const changed = rows.filter(each => known.has(each.identity) && differs(known.get(each.identity)!, each)).length;
    const unchanged = rows.length - isNew - changed;
    counts = sumOf(counts, { rows: rows.length, new: isNew, changed, unchanged });
  }
  return counts;
}

async function recordsOf(
  reader: Reader,
  listId: number,
  rows: readonly KeyedRow[],
): Promise<ReadonlyMap<string, CallRecord>> {
  const found = await reader.select({
    from: record,
    where: [
      { column: 'listId', is: '=', value: listId },
      { column: 'identity', in: rows.map(each => each.identity) },
    ],
    limit: rows.length,
  });
  return new Map(found.map(each => [each.identity, each]));
}

function concludeImport(listId: number, fileDigest: string, counts: ImportCounts): Command<void> {
  return {
    name: 'conclude import',
    bytes: 300,
    apply: state => {
      state.put(callingList, { ...state.get(callingList, listId)!, fileDigest, fileRows: counts.rows });
      state.journal(callingListImported, { callingListId: listId, ...counts });
    },
  };
}

function storedList({ campaignName, listName }: ListSource, directory: Directory): Readonly<CallingList> | null {
  const owner = directory.find(campaign, 'byName', campaignName)[0];
  return owner === undefined ? null : (directory.find(callingList, 'byName', owner.id, listName)[0] ?? null);
}

const digestOf = (bytes: Uint8Array, { timeZone, country }: ListSource): Promise<string> =>
  listDigest(bytes, [READING, timeZone, country]);
