import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressBlock } from './addressBlock.ts';

const CASES: readonly (readonly [address: string, block: string])[] = [
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0db8:0001:0002::1', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['64:ff9b::192.0.2.33', '64:ff9b:0:0::/64'],
  ['2001:db8:1:2:3:4:192.0.2.33', '2001:db8:1:2::/64'],
  ['', ''],
  ['not an address', 'not an address'],
];

for (const [address, block] of CASES) {
  test(`addressBlock - ${JSON.stringify(address)} is ${block}`, () => assert.equal(addressBlock(address), block));
}
