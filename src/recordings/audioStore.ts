/**
 * Audio in files named by their content. A file appears whole or not at all, and is on the disk before its name leaves; the
 * same audio twice is one file. A file that no row names is an orphan of a crash: the next attempt puts the same file
 * there.
 */
import { randomUUID } from 'node:crypto';
import { createReadStream, type ReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AudioFormat } from './audioFormat.ts';
import { Draft } from './draft.ts';

export interface StoredAudio {
  /** Below the store's directory, with `/`. */
  readonly file: string;
  readonly bytes: number;
  /** SHA-256 in hex. */
  readonly digest: string;
  readonly format: AudioFormat;
}

/** Pieces in order, as they arrive or all at once. */
export type AudioSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export interface AudioStore {
  /**
   * Throws `UnfitAudio`, what the source throws, and errors of the disk; nothing half written is left then. Resolves when
   * it would survive a power failure.
   */
  keep(source: AudioSource, maxBytes: number): Promise<StoredAudio>;
  /** Bytes `start` to `end`, both included; all of them when left out. */
  read(file: string, range?: { readonly start: number; readonly end: number }): ReadStream;
  /** Bytes of the file, null when there is none. */
  size(file: string): Promise<number | null>;
}

const INCOMING = 'incoming';
const FILE = /^[0-9a-f]{2}\/[0-9a-f]{64}\.[a-z0-9]+$/;

export interface AudioStoreOptions {
  /**
   * Other servers put recordings into the same directory: what is half written may be theirs, unless nobody has written to it since this
   * instant, in UTC milliseconds. Left out where there are none.
   */
  readonly abandonedBefore?: number;
}

/** Makes the directory when there is none, and throws away what a crash left half written: once, before anything is kept. */
export async function openAudioStore(directory: string, options: AudioStoreOptions = {}): Promise<AudioStore> {
  const incoming = join(directory, INCOMING);
  await mkdir(incoming, { recursive: true, mode: 0o700 });
  await syncDirectory(dirname(directory));
  await removeAbandoned(incoming, options.abandonedBefore ?? Number.POSITIVE_INFINITY);
  const pathOf = (file: string) => {
    if (!FILE.test(file)) throw new Error('not the name of a file in this store');
    return join(directory, file);
  };
  return {
    keep: (source, maxBytes) => keep(directory, join(incoming, randomUUID()), source, maxBytes),
    read: (file, range) => createReadStream(pathOf(file), range),
    size: async file =>
      stat(pathOf(file)).then(
        found => found.size,
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOENT') return null;
          throw error;
        },
      ),
  };
}

async function removeAbandoned(incoming: string, before: number): Promise<void> {
  for (const name of await readdir(incoming)) {
    const path = join(incoming, name);
    // Another server may be quicker, or done with it.
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (mtimeMs < before) await rm(path, { recursive: true, force: true });
  }
}

async function keep(directory: string, path: string, source: AudioSource, maxBytes: number): Promise<StoredAudio> {
  const draft = new Draft(path, maxBytes);
  try {
    for await (const chunk of source) await draft.add(chunk);
    const { digest, format } = await draft.end();
    const file = `${digest.slice(0, 2)}/${digest}.${format}`;
    await giveName(directory, path, file);
    return { file, bytes: draft.bytes, digest, format };
  } catch (error) {
    await draft.abandon();
    throw error;
  }
}

async function giveName(directory: string, draftPath: string, file: string): Promise<void> {
  const path = join(directory, file);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await rename(draftPath, path);
  await syncDirectory(dirname(path));
  // The folder itself may be new, or of a start that did not come this far.
  await syncDirectory(directory);
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
