/**
 * What the organisation file lets through although it is not public (`outbound.allow`): host names, addresses and networks,
 * each with a port or for every port: `recorder.example`, `pbx.example:8088`, `10.0.0.5`, `10.0.0.0/8`, `10.0.0.0/8:443`,
 * `fd00::5`, `[fd00::5]:8443`, `fd00::/8`, `[fd00::/8]:443`.
 */
import { BlockList, isIP } from 'node:net';
import { hostName } from './hostName.ts';

export interface AllowEntry {
  /** In the spelling of `hostName`; null when it is a network. */
  readonly name: string | null;
  /** An address is the smallest of networks; null when it is a name. */
  readonly network: BlockList | null;
  /** Null: every port. */
  readonly port: number | null;
}

const MAX_PORT = 65_535;
const IN_BRACKETS =
  /^\[(?<host>[0-9a-f.]*:[0-9a-f:.]+)(?:\/(?<inside>\d{1,3}))?\](?:\/(?<bits>\d{1,3}))?(?::(?<port>\d{1,5}))?$/i;
const BARE_IPV6 = /^(?<host>[0-9a-f]*:[0-9a-f:.]*:[0-9a-f:.]*)(?:\/(?<bits>\d{1,3}))?$/i;
const PLAIN = /^(?<host>[^\s:/[\]@?#\\%]+)(?:\/(?<bits>\d{1,3}))?(?::(?<port>\d{1,5}))?$/;

/** Null when it cannot be read; such an entry opens nothing. */
export function parseAllowEntry(text: string): AllowEntry | null {
  const parts = (IN_BRACKETS.exec(text) ?? BARE_IPV6.exec(text) ?? PLAIN.exec(text))?.groups;
  if (parts === undefined) return null;
  const port = parts['port'] === undefined ? null : Number(parts['port']);
  if (port !== null && (port < 1 || port > MAX_PORT)) return null;
  const bits = parts['inside'] ?? parts['bits'];
  if (parts['inside'] !== undefined && parts['bits'] !== undefined) return null;
  const host = hostName(parts['host']!);
  if (host === null) return null;
  const version = isIP(host);
  if (version === 0) return bits === undefined ? { name: host, network: null, port } : null;
  const network = networkOf(host, version === 6 ? 'ipv6' : 'ipv4', bits === undefined ? null : Number(bits));
  return network === null ? null : { name: null, network, port };
}

function networkOf(address: string, family: 'ipv4' | 'ipv6', bits: number | null): BlockList | null {
  const width = family === 'ipv6' ? 128 : 32;
  if (bits !== null && bits > width) return null;
  const list = new BlockList();
  list.addSubnet(address, bits ?? width, family);
  return list;
}

/** Entries that speak of a destination; the host in the spelling of `hostName`. */
export function entriesFor(
  entries: readonly AllowEntry[],
  host: string,
  address: string,
  port: number,
): readonly AllowEntry[] {
  const bare = address.replace(/%.*$/, '');
  const family = isIP(bare) === 6 ? 'ipv6' : 'ipv4';
  return entries.filter(
    each =>
      (each.port === null || each.port === port) &&
      (each.network === null ? each.name === host : each.network.check(bare, family)),
  );
}
