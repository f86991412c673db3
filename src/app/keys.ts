import { type KeyFile, openKeyFile } from '../config/keyFile.ts';

/** The key file of a server, opened once, when it is first needed: looking at a database makes no key. */
export interface Keys {
  readonly file: KeyFile;
}

/** `file` throws as `openKeyFile` does. */
export function keysIn(dataDir: string): Keys {
  let opened: KeyFile | null = null;
  return {
    get file() {
      opened ??= openKeyFile(dataDir);
      return opened;
    },
  };
}
