/** What the rows of a calling list say, checked and complete. */
import { readNumber } from '../values/givenNumber.ts';
import { cleanText } from '../values/text.ts';
import { columnOf, LIST_COLUMNS, LIST_DEFAULTS, type ListColumnName } from './listColumns.ts';
import { type ListLine, linesOf } from './listFile.ts';
import { MistakeNotes } from './listMistakes.ts';
import { BUSINESS_WITH_EXTENSION, isTelephone } from './phoneType.ts';
import { STATUS } from './recordState.ts';

export interface ListRow {
  readonly identity: string;
  readonly recordId: number | null;
  /** Null: a chain of its own. */
  readonly chainId: number | null;
  readonly chainN: number;
  readonly contactInfo: string;
  readonly contactInfoType: number;
  readonly recordType: number;
  readonly recordStatus: number;
  readonly callResult: number;
  readonly attempt: number;
  /** UTC milliseconds. */
  readonly dialSchedTime: number | null;
  readonly callTime: number | null;
  readonly dailyFrom: number;
  readonly dailyTill: number;
  readonly timeZone: string;
  readonly agentId: string | null;
  readonly custom: Readonly<Record<string, string>>;
}

/** Imported in one command: applying them takes a few milliseconds, and two of them may be applied in one go. */
const ROWS_AT_ONCE = 200;
/** Characters in the fields of one such portion. */
const LENGTH_AT_ONCE = 512 * 1024;

const MAX_ROWS = 1_000_000;
const MAX_COLUMNS = 200;
/** All of a chain is read when one of its records is handed out. */
const MAX_CHAIN = 100;
/** All of them are read when nobody is to call the number any more. */
const MAX_SAME_CONTACT = 1_000;
/** Each is a lane, and every lane is looked at for the next record. */
const MAX_WINDOWS = 500;

/**
 * Portions of rows, in the order of the file; `timeZone` is where the hours are that name no zone. Throws `ListMistakes`
 * with what is wrong with the whole file, after the last row without a mistake; a caller that must not take half a list
 * reads it twice.
 */
export async function* rowsOf(bytes: Uint8Array, timeZone: string): AsyncGenerator<readonly ListRow[]> {
  const notes = new MistakeNotes();
  let reader: RowReader | null = null;
  let portion: ListRow[] = [];
  let length = 0;
  for await (const line of linesOf(bytes)) {
    if (reader === null) {
      reader = new RowReader(line, timeZone, notes);
      // Every row would be wrong in the same way.
      notes.check();
      continue;
    }
    const row = reader.read(line);
    if (row === null || notes.count > 0) continue;
    portion.push(row);
    for (const field of line.fields) length += field.length;
    if (portion.length < ROWS_AT_ONCE && length < LENGTH_AT_ONCE) continue;
    yield portion;
    portion = [];
    length = 0;
  }
  if (reader === null) notes.add(null, null, 'is empty: its first line names the columns, one of them contact_info');
  notes.check();
  if (portion.length > 0) yield portion;
}

class RowReader {
  readonly #timeZone: string;
  readonly #notes: MistakeNotes;
  readonly #known: { readonly name: ListColumnName; readonly at: number }[] = [];
  readonly #custom: { readonly name: string; readonly at: number }[] = [];
  readonly #columns: number;
  #rows = 0;
  readonly #recordIds = new Set<number>();
  /** How often a contact came, with and without a `record_id`. */
  readonly #named = new Map<string, number>();
  readonly #unnamed = new Map<string, number>();
  readonly #chains = new Map<number, number>();
  readonly #windows = new Set<string>();

  constructor({ line, fields }: ListLine, timeZone: string, notes: MistakeNotes) {
    this.#timeZone = timeZone;
    this.#notes = notes;
    this.#columns = fields.length;
    if (fields.length > MAX_COLUMNS)
      notes.add(line, null, `has ${fields.length} columns, and ${MAX_COLUMNS} is the limit`);
    const seen = new Set<string>();
    for (const [at, header] of fields.entries()) {
      const column = columnOf(header);
      if (column === null) continue;
      const name = 'known' in column ? column.known : column.custom;
      if (name === '') notes.add(line, null, `has no name for column ${at + 1}`);
      else if (seen.has(name)) notes.add(line, null, `names two columns ${JSON.stringify(name.slice(0, 60))}`);
      seen.add(name);
      if ('known' in column) this.#known.push({ name: column.known, at });
      else this.#custom.push({ name: cleanText(column.custom), at });
    }
    if (!seen.has('contact_info')) notes.add(line, null, 'names no column contact_info');
  }

  /** Null after a mistake was noted. */
  read({ line, fields, untrimmed }: ListLine): ListRow | null {
    const before = this.#notes.count;
    const fail = (column: ListColumnName | null, what: string) => this.#notes.add(line, column, what);
    if (++this.#rows > MAX_ROWS) {
      if (this.#rows === MAX_ROWS + 1) fail(null, `is too much: ${MAX_ROWS} records are the limit of a list`);
      return null;
    }
    if (fields.length !== this.#columns) {
      fail(null, `has ${fields.length} fields, and there are ${this.#columns} columns`);
      return null;
    }
    const given: Partial<Record<ListColumnName, number | string>> = {};
    for (const { name, at } of this.#known) {
      const text = fields[at]!;
      if (text === '' && name === 'contact_info') fail(name, 'must not be empty');
      if (text === '') continue;
      const { read, meaning } = LIST_COLUMNS[name];
      const value = read(text);
      if (value === null) fail(name, `must be ${meaning}`);
      else given[name] = value;
    }
    const said = given as Given;
    const contact = this.#known.find(each => each.name === 'contact_info');
    const contactInfo = contact === undefined ? '' : contactOf(untrimmed[contact.at]!, said, fail);
    const row = this.#complete({ ...said, contact_info: contactInfo }, fields, fail);
    return this.#notes.count > before ? null : row;
  }

  #complete(given: Given, fields: readonly string[], fail: Fail): ListRow {
    const contactInfo = given.contact_info ?? '';
    const contactInfoType = given.contact_info_type ?? LIST_DEFAULTS.contactInfoType;
    const dailyFrom = given.daily_from ?? LIST_DEFAULTS.dailyFrom;
    const dailyTill = given.daily_till ?? LIST_DEFAULTS.dailyTill;
    const timeZone = given.time_zone ?? this.#timeZone;
    const recordStatus = given.record_status ?? LIST_DEFAULTS.recordStatus;
    if (this.#windows.size < MAX_WINDOWS) this.#windows.add(`${dailyFrom} ${dailyTill} ${timeZone}`);
    else if (!this.#windows.has(`${dailyFrom} ${dailyTill} ${timeZone}`)) {
      fail('daily_from', `makes one more than ${MAX_WINDOWS} different daily windows`);
    }
    const recordId = given.record_id ?? null;
    if (recordId !== null) {
      if (this.#recordIds.has(recordId)) fail('record_id', 'stood in a line before');
      this.#recordIds.add(recordId);
    }
    const seen = countOne(recordId === null ? this.#unnamed : this.#named, contactInfo);
    const others = (recordId === null ? this.#named : this.#unnamed).get(contactInfo) ?? 0;
    if (seen + others > MAX_SAME_CONTACT) fail('contact_info', `came more than ${MAX_SAME_CONTACT} times`);
    const chainId = given.chain_id ?? null;
    const inChain = chainId === null ? 0 : countOne(this.#chains, chainId);
    if (inChain > MAX_CHAIN) fail('chain_id', `has more than ${MAX_CHAIN} records`);
    return {
      identity: recordId === null ? `no:${contactInfo}#${seen}` : `id:${recordId}`,
      recordId,
      chainId,
      chainN: given.chain_n ?? Math.max(0, inChain - 1),
      contactInfo,
      contactInfoType,
      recordType: given.record_type ?? LIST_DEFAULTS.recordType,
      // It was with somebody when the list was exported, and is with nobody here.
      recordStatus: recordStatus === STATUS.retrieved ? STATUS.ready : recordStatus,
      callResult: given.call_result ?? LIST_DEFAULTS.callResult,
      attempt: given.attempt ?? LIST_DEFAULTS.attempt,
      dialSchedTime: given.dial_sched_time || null,
      callTime: given.call_time || null,
      dailyFrom,
      dailyTill,
      timeZone,
      agentId: given.agent_id ?? null,
      custom: Object.fromEntries(this.#custom.map(({ name, at }) => [name, cleanText(fields[at]!)])),
    };
  }
}

type Fail = (column: ListColumnName, what: string) => void;
type Given = { readonly [Name in ListColumnName]?: NonNullable<ReturnType<(typeof LIST_COLUMNS)[Name]['read']>> };

/** What is called is a number, without what stands around it; the extension of a business telephone is part of it. */
function contactOf(
  text: string,
  { contact_info: trimmed = '', contact_info_type: type = 0 }: Given,
  fail: Fail,
): string {
  if (trimmed === '' || !isTelephone(type) || type === BUSINESS_WITH_EXTENSION) return trimmed;
  const { number, withheld, dialable } = readNumber(text);
  if (withheld) fail('contact_info', 'must be a number that can be called');
  return dialable ? number! : trimmed;
}

function countOne<K>(counts: Map<K, number>, of: K): number {
  const count = (counts.get(of) ?? 0) + 1;
  counts.set(of, count);
  return count;
}
