/** Decides about each address before a connection is opened to it. */
import { type AddressKind, addressKind } from './addressKind.ts';
import { type AllowEntry, entriesFor, parseAllowEntry } from './allowList.ts';
import { OTHER_PROTOCOLS } from './otherProtocols.ts';
import { OutboundRefused } from './outboundError.ts';

/**
 * What an allowed host *name* may turn out to be: a name says which machine is meant, but whoever answers for it says where
 * that is. The rest (link-local, metadata, multicast, …) must be allowed as an address.
 */
const OPEN_TO_NAMES: ReadonlySet<AddressKind> = new Set<AddressKind>(['loopback', 'private', 'shared']);

const WORDS: Readonly<Record<AddressKind, string>> = {
  metadata: 'an address where a cloud keeps its secrets',
  unspecified: 'an unspecified address',
  loopback: 'this machine',
  private: 'a private network',
  shared: 'the network of a provider',
  link_local: 'a link-local address',
  multicast: 'a multicast address',
  reserved: 'a reserved address',
};

export interface Guard {
  /** Throws `OutboundRefused` unless a connection to the address may be opened for the host. */
  check(host: string, address: string, port: number): void;
}

/** `allow` is asked each time: what the organisation file says now holds for the next connection. */
export function createGuard(allow: () => readonly string[]): Guard {
  let read: readonly string[] = [];
  let entries: readonly AllowEntry[] = [];
  const allowed = () => {
    const now = allow();
    if (now !== read) {
      read = now;
      entries = now.map(parseAllowEntry).filter(each => each !== null);
    }
    return entries;
  };
  return {
    check(host, address, port) {
      const opening = entriesFor(allowed(), host, address, port);
      if (OTHER_PROTOCOLS.has(port) && !opening.some(each => each.port === port)) {
        throw new OutboundRefused('port', `Port ${port} belongs to another protocol.`);
      }
      const kind = addressKind(address);
      if (kind === null) return;
      if (opening.some(each => each.network !== null || OPEN_TO_NAMES.has(kind))) return;
      throw new OutboundRefused('address', `The URL leads to ${WORDS[kind]}, and outbound.allow does not name it.`);
    },
  };
}
