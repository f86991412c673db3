const EVERY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::', '::0', '0:0:0:0:0:0:0:0', '0']);

/**
 * Where the other nodes reach one that listens on `host`, at the address `listensOn`: the configured address, else the one
 * it listens on. Null when that is every address of the machine, since none of them is known to lead there.
 */
export function nodeUrlOf(told: string | null, host: string, listensOn: string): string | null {
  if (told !== null) return told;
  return EVERY_ADDRESS.has(host) ? null : new URL(listensOn).origin;
}
