import { accessSync, constants, mkdirSync } from 'node:fs';
import { ConfigError } from './configError.ts';

/** Makes the directory of the key file and the recordings if need be. Throws a `ConfigError` of one sentence. */
export function prepareDataDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new ConfigError([
      `The data directory ${path} cannot be written (${reason}): make it writable for this user or set DATA_DIR.`,
    ]);
  }
}
