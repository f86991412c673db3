/** Compares the audio on the disk with the rows that name it. Changes nothing, and works beside a running server. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pagesByKey } from '../ledger/pagesByKey.ts';
import type { Reader } from '../ledger/query.ts';
import { type Recording, recording } from './entities.ts';

const PAGE = 500;
const FOLDER = /^[0-9a-f]{2}$/;
const FILE = /^[0-9a-f]{64}\./;

export interface FilesToCheck {
  /** The directory of recordings. */
  readonly directory: string;
  /** Read every file and compare its digest too: as long as that takes. */
  readonly digests: boolean;
  readonly onProgress: (recordings: number) => void;
}

/** A sentence for each recording whose file is not there, or not what was stored. */
export async function* findLostFiles(
  reader: Reader,
  { directory, digests, onProgress }: FilesToCheck,
): AsyncGenerator<string> {
  let checked = 0;
  for await (const page of pagesByKey<Recording>(reader, recording, PAGE)) {
    const problems = digests ? [] : await Promise.all(page.map(each => problemOf(directory, each)));
    // One after another where they are read: a disk is no faster for being asked for many at once.
    if (digests) for (const each of page) problems.push(await digestProblemOf(directory, each));
    for (const problem of problems) if (problem !== null) yield problem;
    checked += page.length;
    onProgress(checked);
  }
}

async function problemOf(directory: string, { id, sourceCallId, file, bytes }: Recording): Promise<string | null> {
  const name = `recording ${id} of call ${sourceCallId}`;
  try {
    const found = await stat(join(directory, file));
    if (!found.isFile()) return `${name}: its file ${file} is something else than a file`;
    return found.size === bytes ? null : `${name}: its file ${file} has ${found.size} bytes, and ${bytes} were stored`;
  } catch (error) {
    return `${name}: its file ${file} ${unread(error)}`;
  }
}

/** Whatever keeps one file from being read keeps no other from being looked for. */
function unread(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' ? 'is missing' : `cannot be read (${code ?? message})`;
}

async function digestProblemOf(directory: string, row: Recording): Promise<string | null> {
  const problem = await problemOf(directory, row);
  if (problem !== null) return problem;
  const name = `recording ${row.id} of call ${row.sourceCallId}: its file ${row.file}`;
  const digest = createHash('sha256');
  try {
    await pipeline(createReadStream(join(directory, row.file)), digest);
  } catch (error) {
    return `${name} ${unread(error)}`;
  }
  return digest.digest('hex') === row.digest ? null : `${name} is not the audio that was stored`;
}

export interface SpareFiles {
  readonly count: number;
  readonly bytes: number;
}

/**
 * Files that no recording names: a crash between storing audio and its row leaves one, and the next attempt takes it over. Those
 * written to since `before` (UTC milliseconds) may be about to be named. Eight bytes of memory a recording.
 */
export async function countSpareFiles(reader: Reader, directory: string, before: number): Promise<SpareFiles> {
  const named = await namedFiles(reader);
  let count = 0;
  let bytes = 0;
  for (const folder of await namesIn(directory, FOLDER)) {
    for (const name of await namesIn(join(directory, folder), FILE)) {
      if (holds(named, markOf(name))) continue;
      const found = await stat(join(directory, folder, name)).catch(() => null);
      if (found === null || found.mtimeMs >= before) continue;
      count++;
      bytes += found.size;
    }
  }
  return { count, bytes };
}

async function namesIn(directory: string, pattern: RegExp): Promise<readonly string[]> {
  // What cannot be listed has no files of ours that could be counted; the recordings that name them are told of.
  const names = await readdir(directory).catch((): string[] => []);
  return names.filter(name => pattern.test(name)).sort();
}

/** The beginning of a file's name, which is its digest: two never share it by chance. */
const markOf = (name: string): bigint => BigInt(`0x${name.slice(0, 16)}`);

async function namedFiles(reader: Reader): Promise<BigUint64Array> {
  const [counted] = await reader.aggregate({ from: recording, groupBy: [], sum: [] });
  let marks = new BigUint64Array(Number(counted?.['count'] ?? 0));
  let filled = 0;
  for await (const page of pagesByKey<Recording>(reader, recording, PAGE)) {
    for (const { digest } of page) marks[filled++] = markOf(digest);
  }
  marks = marks.subarray(0, filled);
  return marks.sort();
}

function holds(sorted: BigUint64Array, mark: bigint): boolean {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < mark) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === mark;
}
