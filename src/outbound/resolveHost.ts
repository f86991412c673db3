import { lookup } from 'node:dns/promises';

/** Addresses of a host name, at least one; rejects when there is none. */
export type ResolveHost = (host: string) => Promise<readonly string[]>;

/**
 * The system's resolver works in one of the four threads that sync files and hash passwords as well: names that take their
 * time must not take all of them.
 */
const AT_ONCE = 2;

/** As the system resolves names, its hosts file included. */
export function systemResolver(): ResolveHost {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async host => {
    if (running >= AT_ONCE) await new Promise<void>(resolve => waiting.push(resolve));
    else running++;
    try {
      const found = await lookup(host, { all: true, order: 'verbatim' });
      return found.map(each => each.address);
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
