/**
 * Secrets the server needs in clear (what a PBX signs with) are stored under AES-256-GCM; the key lies beside the database
 * and not in it, so that a copy of the database alone gives nothing away (ARCHITECTURE.md, section 7).
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from './configError.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = 'v1';

export interface Sealing {
  /** `v1.<base64url of nonce, ciphertext and tag>`; another text each time. */
  seal(clear: string): string;
  /** Throws `UnsealError` when the text was changed or sealed with another key. */
  open(sealed: string): string;
}

export interface KeyFile extends Sealing {
  /** A key of 32 bytes for one purpose; the same one each time, and of no use for another. */
  derive(purpose: string): Uint8Array;
}

export class UnsealError extends Error {
  override readonly name = 'UnsealError';
}

const pathIn = (dataDir: string): string => join(dataDir, 'secret.key');

/** Whether `openKeyFile` would find a key rather than make one. */
export const hasKeyFile = (dataDir: string): boolean => existsSync(pathIn(dataDir));

/**
 * The key in `{dataDir}/secret.key`, made at the first start. Throws a `ConfigError` of one sentence when it can be neither
 * read nor made, or is not a key.
 */
export function openKeyFile(dataDir: string, random: (bytes: number) => Uint8Array = randomBytes): KeyFile {
  const path = pathIn(dataDir);
  const key = readKey(path) ?? createKey(dataDir, path, random);
  if (key.byteLength !== KEY_BYTES) {
    throw new ConfigError([
      `The key file ${path} has ${key.byteLength} bytes instead of ${KEY_BYTES}: restore it from a backup, or remove it and give all secrets again.`,
    ]);
  }
  return {
    seal(clear) {
      const nonce = random(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(VERSION));
      const body = Buffer.concat([nonce, cipher.update(clear, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `${VERSION}.${body.toString('base64url')}`;
    },
    derive: purpose => new Uint8Array(hkdfSync('sha256', key, new Uint8Array(0), purpose, KEY_BYTES)),
    open(sealed) {
      const [version, text, more] = sealed.split('.');
      const body = Buffer.from(text ?? '', 'base64url');
      if (version !== VERSION || more !== undefined || body.byteLength < NONCE_BYTES + TAG_BYTES) {
        throw new UnsealError('A stored secret is not readable: it was changed, or sealed by a newer version.');
      }
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, body.subarray(0, NONCE_BYTES))
          .setAAD(Buffer.from(VERSION))
          .setAuthTag(body.subarray(-TAG_BYTES));
        const clear = decipher.update(body.subarray(NONCE_BYTES, -TAG_BYTES));
        return Buffer.concat([clear, decipher.final()]).toString('utf8');
      } catch {
        throw new UnsealError(
          `A stored secret cannot be opened with ${path}: it was changed, or sealed with another key.`,
        );
      }
    },
  };
}

function readKey(path: string): Uint8Array | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw new ConfigError([`The key file ${path} cannot be read (${codeOf(error)}): make it readable for this user.`]);
  }
}

/** Written whole under another name first: a crash leaves no key file or a good one, never a short one. */
function createKey(dataDir: string, path: string, random: (bytes: number) => Uint8Array): Uint8Array {
  const key = random(KEY_BYTES);
  const fresh = `${path}.${Buffer.from(random(8)).toString('hex')}`;
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const file = openSync(fresh, 'wx', 0o600);
    try {
      for (let at = 0; at < KEY_BYTES; ) at += writeSync(file, key, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    try {
      takeName(fresh, path);
    } finally {
      if (existsSync(fresh)) unlinkSync(fresh);
    }
    syncDirectory(dataDir);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return readFileSync(path);
    throw new ConfigError([
      `The key file ${path} cannot be made (${codeOf(error)}): make ${dataDir} writable for this user.`,
    ]);
  }
  return key;
}

/** A link refuses a name that is taken; where the file system has no links, nobody else uses the directory either. */
function takeName(fresh: string, path: string): void {
  try {
    linkSync(fresh, path);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(codeOf(error)) || existsSync(path)) throw error;
    renameSync(fresh, path);
  }
}

function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);
