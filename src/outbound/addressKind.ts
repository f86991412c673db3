/**
 * Which addresses belong to everybody, and which to a network, a machine or nobody: the special-purpose registries of
 * IANA, and the addresses at which clouds give their secrets away.
 */
import { BlockList, isIP } from 'node:net';

export type AddressKind =
  | 'metadata'
  | 'unspecified'
  | 'loopback'
  | 'private'
  | 'shared'
  | 'link_local'
  | 'multicast'
  | 'reserved';

/** The first that fits says what an address is. */
const IPV4: readonly (readonly [kind: AddressKind, ...networks: string[]])[] = [
  // Most clouds; AWS containers; Azure, though in public space; Alibaba; Oracle.
  [
    'metadata',
    '169.254.169.254/32',
    '169.254.170.2/32',
    '169.254.170.23/32',
    '168.63.129.16/32',
    '100.100.100.200/32',
    '192.0.0.192/32',
  ],
  ['unspecified', '0.0.0.0/8'],
  ['loopback', '127.0.0.0/8'],
  ['private', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'],
  ['shared', '100.64.0.0/10'],
  ['link_local', '169.254.0.0/16'],
  ['multicast', '224.0.0.0/4'],
  // Protocol assignments, documentation, 6to4 relays, benchmarks, and what was never given out.
  [
    'reserved',
    '192.0.0.0/24',
    '192.0.2.0/24',
    '192.88.99.0/24',
    '198.18.0.0/15',
    '198.51.100.0/24',
    '203.0.113.0/24',
    '240.0.0.0/4',
  ],
];

const IPV6: typeof IPV4 = [
  // AWS; AWS containers; Google.
  ['metadata', 'fd00:ec2::254/128', 'fd00:ec2::23/128', 'fd20:ce::254/128'],
  ['unspecified', '::/128'],
  ['loopback', '::1/128'],
  ['private', 'fc00::/7'],
  ['link_local', 'fe80::/10'],
  ['multicast', 'ff00::/8'],
  // Protocol assignments with Teredo, ORCHID and benchmarks among them; documentation.
  ['reserved', '2001::/23', '2001:db8::/32', '3fff::/20'],
];

/** Global unicast, and what stands for an IPv4 address: mapped, and behind NAT64. Nothing else is anybody's. */
const USABLE_IPV6 = ['2000::/3', '::ffff:0:0/96', '64:ff9b::/96'];

function addNetwork(list: BlockList, network: string): void {
  const [address, bits] = network.split('/') as [string, string];
  list.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** An IPv4 network, and the IPv6 networks through which a translator on the way leads into it: NAT64, 6to4. */
function withTranslations(network: string): readonly string[] {
  const [address, bits] = network.split('/') as [string, string];
  const [a, b, c, d] = address.split('.').map(byte => Number(byte).toString(16).padStart(2, '0'));
  return [network, `64:ff9b::${address}/${96 + Number(bits)}`, `2002:${a}${b}:${c}${d}::/${16 + Number(bits)}`];
}

const LISTS: readonly (readonly [kind: AddressKind, list: BlockList])[] = [
  ...IPV4.map(([kind, ...networks]) => [kind, ...networks.flatMap(withTranslations)] as const),
  ...IPV6,
].map(([kind, ...networks]) => {
  const list = new BlockList();
  for (const network of networks) addNetwork(list, network);
  return [kind, list];
});

const usableIpv6 = new BlockList();
for (const network of USABLE_IPV6) addNetwork(usableIpv6, network);

/**
 * What keeps an address from being a public one, null when it is one. `::ffff:10.0.0.1` is what 10.0.0.1 is, and a zone as
 * in `fe80::1%eth0` changes nothing. What is no address at all counts as reserved.
 */
export function addressKind(address: string): AddressKind | null {
  const bare = address.replace(/%.*$/, '');
  const version = isIP(bare);
  if (version === 0) return 'reserved';
  const family = version === 6 ? 'ipv6' : 'ipv4';
  for (const [kind, list] of LISTS) if (list.check(bare, family)) return kind;
  return version === 6 && !usableIpv6.check(bare, 'ipv6') ? 'reserved' : null;
}
