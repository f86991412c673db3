/** The bytes of a calling list, and the fields in them: CSV as RFC 4180 has it, and as spreadsheets write it. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { CsvError, type Info, parse } from 'csv-parse';
import { ListMistakes } from './listMistakes.ts';

export const MAX_LIST_BYTES = 64 * 1024 * 1024;
/** Parsed in about a millisecond; others have their turn in between. */
const CHUNK_BYTES = 64 * 1024;
/** Hashed in some five milliseconds. */
const HASHED_BYTES = 4 * 1024 * 1024;
/** A row beyond this is a quote that nobody closed. */
const MAX_ROW_LENGTH = 16_384;

export interface ListLine {
  /** On which the row ends, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
  /** The same fields as they came: a number may begin with a blank. */
  readonly untrimmed: readonly string[];
}

/** Throws `ListMistakes` when it cannot be read or is too large. */
export async function readListFile(path: string): Promise<Uint8Array> {
  const fail = (what: string) => new ListMistakes([`the file ${what}.`], 1);
  try {
    if ((await stat(path)).size > MAX_LIST_BYTES) throw fail(`is larger than ${MAX_LIST_BYTES / 1024 / 1024} MiB`);
    return await readFile(path);
  } catch (error) {
    if (error instanceof ListMistakes) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw fail(code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`);
  }
}

/** SHA-256 of what it is read with and of the bytes, base64url. */
export async function listDigest(bytes: Uint8Array, readWith: readonly unknown[]): Promise<string> {
  const digest = createHash('sha256').update(`${JSON.stringify(readWith)}\n`);
  for (let at = 0; at < bytes.byteLength; at += HASHED_BYTES) {
    digest.update(bytes.subarray(at, at + HASHED_BYTES));
    await setImmediate();
  }
  return digest.digest('base64url');
}

/** Rows with at least one field that is not blank, the header first. Throws `ListMistakes` for what is not CSV in UTF-8. */
export async function* linesOf(bytes: Uint8Array): AsyncGenerator<ListLine> {
  const parser = parse({
    delimiter: delimiterOf(bytes),
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_ROW_LENGTH,
  });
  const chunks = Readable.from(textChunks(bytes));
  chunks.on('error', error => parser.destroy(error));
  chunks.pipe(parser);
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
      const fields = record.map(field => field.trim());
      if (fields.some(field => field !== '')) yield { line: info.lines, fields, untrimmed: record };
    }
  } catch (error) {
    throw readable(error);
  } finally {
    chunks.destroy();
    parser.destroy();
  }
}

async function* textChunks(bytes: Uint8Array): AsyncGenerator<string> {
  // Takes a byte order mark away.
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for (let at = 0; at < bytes.byteLength; at += CHUNK_BYTES) {
    await setImmediate();
    const isLast = at + CHUNK_BYTES >= bytes.byteLength;
    const text = decoder.decode(bytes.subarray(at, at + CHUNK_BYTES), { stream: !isLast });
    if (text !== '') yield text;
  }
}

/** Spreadsheets write semicolons where the comma is a decimal sign: the header shows which one it is. */
function delimiterOf(bytes: Uint8Array): ',' | ';' {
  const start = new TextDecoder().decode(bytes.subarray(0, MAX_ROW_LENGTH));
  const header = /^[^\r\n]*/.exec(start.replace(/"(?:[^"]|"")*"/g, ''))![0];
  const count = (sign: string) => header.split(sign).length;
  return count(';') > count(',') ? ';' : ',';
}

const CSV_PROBLEMS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'ends the file within a quoted field',
  CSV_INVALID_CLOSING_QUOTE: 'has something between a closing quote and the next separator',
  INVALID_OPENING_QUOTE: 'has a quote within a field that is not quoted',
  CSV_MAX_RECORD_SIZE: `is longer than ${MAX_ROW_LENGTH} characters, or has a quote that is not closed`,
};

/** What the parser and the decoder say, as mistakes of the file; anything else as it is. */
function readable(error: unknown): unknown {
  if (error instanceof CsvError) {
    const what = CSV_PROBLEMS[error.code] ?? `is not CSV (${error.code})`;
    return new ListMistakes([`line ${error['lines'] ?? 1} ${what}.`], 1);
  }
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? new ListMistakes(['the file is not UTF-8 text.'], 1) : error;
}
