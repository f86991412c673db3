import { isIPv6 } from 'node:net';

/**
 * What counts as one address: an IPv4 address, or the /64 of an IPv6 address, since that is what one customer has and
 * may change inside as often as it likes. Anything else stays as it is. `::ffff:192.0.2.1` is 192.0.2.1.
 */
export function addressBlock(address: string): string {
  if (!address.includes(':') && !address.includes('%')) return address;
  const bare = address.replace(/%.*$/, '');
  if (!isIPv6(bare)) return bare;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare);
  if (mapped !== null) return mapped[1]!;
  const [head, tail] = bare.split('::');
  const left = groups(head!);
  const right = groups(tail ?? '');
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const all = [...left, ...new Array<string>(zeros).fill('0'), ...right];
  return `${all.slice(0, 4).join(':')}::/64`;
}

/** Groups of 16 bits without leading zeros; a dotted end counts as two, and what it says is beyond the /64. */
function groups(text: string): string[] {
  if (text === '') return [];
  return text
    .split(':')
    .flatMap(group => (group.includes('.') ? ['0', '0'] : [Number.parseInt(group, 16).toString(16)]));
}
