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
  const size = await sizeOf(join(directory, file));
  if (size === null) return `${name}: its file ${file} is missing`;
  return size === bytes ? null : `${name}: its file ${file} has ${size} bytes, and ${bytes} were stored`;
}

async function digestProblemOf(directory: string, row: Recording): Promise<string | null> {
  const problem = await problemOf(directory, row);
  if (problem !== null) return problem;
  const digest = createHash('sha256');
  await pipeline(createReadStream(join(directory, row.file)), digest);
  if (digest.digest('hex') === row.digest) return null;
  return `recording ${row.id} of call ${row.sourceCallId}: its file ${row.file} is not the audio that was stored`;
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
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
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
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
