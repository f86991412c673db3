import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type AddressKind, addressKind } from './addressKind.ts';

/** First and last address of each network, and its neighbours outside. */
const CASES: readonly (readonly [address: string, kind: AddressKind | null])[] = [
  ['0.0.0.0', 'unspecified'],
  ['0.255.255.255', 'unspecified'],
  ['1.0.0.0', null],
  ['9.255.255.255', null],
  ['10.0.0.0', 'private'],
  ['10.255.255.255', 'private'],
  ['11.0.0.0', null],
  ['100.63.255.255', null],
  ['100.64.0.0', 'shared'],
  ['100.100.100.200', 'metadata'],
  ['100.127.255.255', 'shared'],
  ['100.128.0.0', null],
  ['126.255.255.255', null],
  ['127.0.0.0', 'loopback'],
  ['127.255.255.255', 'loopback'],
  ['128.0.0.0', null],
  ['168.63.129.16', 'metadata'],
  ['168.63.129.17', null],
  ['169.253.255.255', null],
  ['169.254.0.0', 'link_local'],
  ['169.254.169.254', 'metadata'],
  ['169.254.255.255', 'link_local'],
  ['169.255.0.0', null],
  ['172.15.255.255', null],
  ['172.16.0.0', 'private'],
  ['172.31.255.255', 'private'],
  ['172.32.0.0', null],
  ['191.255.255.255', null],
  ['192.0.0.0', 'reserved'],
  ['192.0.0.192', 'metadata'],
  ['192.0.0.255', 'reserved'],
  ['192.0.1.0', null],
  ['192.0.2.1', 'reserved'],
  ['192.0.3.0', null],
  ['192.88.99.1', 'reserved'],
  ['192.167.255.255', null],
  ['192.168.0.0', 'private'],
  ['192.168.255.255', 'private'],
  ['192.169.0.0', null],
  ['198.17.255.255', null],
  ['198.18.0.0', 'reserved'],
  ['198.19.255.255', 'reserved'],
  ['198.20.0.0', null],
  ['198.51.100.1', 'reserved'],
  ['203.0.113.1', 'reserved'],
  ['203.0.114.0', null],
  ['223.255.255.255', null],
  ['224.0.0.0', 'multicast'],
  ['239.255.255.255', 'multicast'],
  ['240.0.0.0', 'reserved'],
  ['255.255.255.255', 'reserved'],
  ['::', 'unspecified'],
  ['::1', 'loopback'],
  ['::2', 'reserved'],
  ['::8.8.8.8', 'reserved'],
  ['::ffff:0:8.8.8.8', 'reserved'],
  ['::ffff:8.8.8.8', null],
  ['::ffff:127.0.0.1', 'loopback'],
  ['::ffff:a9fe:a9fe', 'metadata'],
  ['64:ff9b::8.8.8.8', null],
  ['64:ff9b::10.0.0.1', 'private'],
  ['64:ff9b:0:0:0:1:808:808', 'reserved'],
  ['64:ff9b:1::8.8.8.8', 'reserved'],
  ['100::1', 'reserved'],
  ['1fff:ffff::1', 'reserved'],
  ['2000::1', null],
  ['2001::1', 'reserved'],
  ['2001:1ff:ffff::1', 'reserved'],
  ['2001:200::1', null],
  ['2001:db7:ffff::1', null],
  ['2001:db8::1', 'reserved'],
  ['2001:db9::1', null],
  ['2002:808:808::1', null],
  ['2002:7f00:1::1', 'loopback'],
  ['2002:c0a8:101::1', 'private'],
  ['2606:4700:4700::1111', null],
  ['3ffe:ffff::1', null],
  ['3fff::1', 'reserved'],
  ['3fff:fff:ffff::1', 'reserved'],
  ['3fff:1000::1', null],
  ['4000::1', 'reserved'],
  ['5f00::1', 'reserved'],
  ['fbff::1', 'reserved'],
  ['fc00::1', 'private'],
  ['fd00:ec2::254', 'metadata'],
  ['fd20:ce::254', 'metadata'],
  ['fdff:ffff::1', 'private'],
  ['fe00::1', 'reserved'],
  ['fe7f::1', 'reserved'],
  ['fe80::1', 'link_local'],
  ['fe80::1%eth0', 'link_local'],
  ['febf:ffff::1', 'link_local'],
  ['fec0::1', 'reserved'],
  ['ff02::1', 'multicast'],
  ['', 'reserved'],
  ['localhost', 'reserved'],
  ['127.1', 'reserved'],
  ['010.0.0.1', 'reserved'],
  ['8.8.8.8 ', 'reserved'],
];

for (const [address, kind] of CASES) {
  test(`addressKind - ${JSON.stringify(address)} is ${kind ?? 'public'}`, () =>
    assert.equal(addressKind(address), kind));
}

describe('addressKind - what stands for an IPv4 address', () => {
  const byte = fc.integer({ min: 0, max: 255 });
  // Half of them from networks that are not public: all of IPv4 is mostly public.
  const special = fc.constantFrom(0, 10, 100, 127, 169, 172, 192, 198, 203, 224, 240);
  const ipv4 = fc.tuple(fc.oneof(byte, special), fc.oneof(byte, fc.constantFrom(0, 16, 64, 168, 254)), byte, byte);
  const hex = (a: number, b: number) => ((a << 8) | b).toString(16);

  test('is what that address is', () => {
    fc.assert(
      fc.property(ipv4, ([a, b, c, d]) => {
        const dotted = `${a}.${b}.${c}.${d}`;
        const [high, low] = [hex(a, b), hex(c, d)];
        const kind = addressKind(dotted);
        for (const form of [
          `::ffff:${dotted}`,
          `::FFFF:${high}:${low}`,
          `0:0:0:0:0:ffff:${dotted}`,
          `64:ff9b::${dotted}`,
          `64:ff9b:0:0:0:0:${high}:${low}`,
          `2002:${high}:${low}::1`,
          `2002:${high}:${low}:ffff:ffff:ffff:ffff:ffff`,
        ]) {
          assert.equal(addressKind(form), kind, form);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('Teredo and the deprecated compatible form - are never public', () => {
    fc.assert(
      fc.property(ipv4, ([a, b, c, d]) => {
        assert.notEqual(addressKind(`::${a}.${b}.${c}.${d}`), null);
        assert.notEqual(addressKind(`2001:0:${hex(a, b)}:${hex(c, d)}::1`), null);
        assert.notEqual(addressKind(`2001::${hex(a ^ 255, b ^ 255)}:${hex(c ^ 255, d ^ 255)}`), null);
      }),
    );
  });
});
