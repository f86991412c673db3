import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Variables } from '../../config/environment.ts';
import type { Problems } from './fields.ts';

/** Where secrets that the file does not carry itself come from. */
export interface SecretPlaces {
  readonly variables: Variables;
  /** Paths are relative to it: the organisation file's own. */
  readonly directory: string;
}

/** More than any secret; a path that leads elsewhere must not be read into memory. */
const MAX_FILE_BYTES = 65_536;

/**
 * A secret as it is, from the environment (`env:NAME`) or from a file (`file:path`, one line break at its end is not
 * part of it). Null, after the mistake was noted, when there is none: the place is named, the secret never.
 */
export function secretText(value: unknown, path: string, places: SecretPlaces, problems: Problems): string | null {
  if (typeof value !== 'string') {
    problems.add(path, 'must be text in double quotes');
    return null;
  }
  const fail = (what: string): null => {
    problems.add(path, what);
    return null;
  };
  if (value.startsWith('env:')) {
    const name = value.slice('env:'.length);
    if (!/^[A-Za-z_][A-Za-z0-9_]{0,99}$/.test(name)) return fail('must name a variable after env:');
    return places.variables[name] || fail(`asks for the environment variable ${name}, which is not set or empty`);
  }
  if (value.startsWith('file:')) {
    const file = value.slice('file:'.length);
    if (file === '' || file.includes('\0')) return fail('must name a file after file:');
    const found = readSecretFile(resolve(places.directory, file));
    return 'problem' in found ? fail(`asks for the file ${file}, which ${found.problem}`) : found.text;
  }
  return value === '' ? fail('must not be empty') : value;
}

function readSecretFile(path: string): { readonly text: string } | { readonly problem: string } {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { problem: code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})` };
  }
  if (bytes.byteLength > MAX_FILE_BYTES) return { problem: 'is too large for a secret' };
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r?\n$/, '');
    return text === '' ? { problem: 'is empty' } : { text };
  } catch {
    return { problem: 'is not UTF-8 text' };
  }
}
