import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type AllowEntry, entriesFor, parseAllowEntry } from './allowList.ts';

const opens = (entry: string, host: string, address: string, port = 80): boolean => {
  const parsed = parseAllowEntry(entry);
  assert.notEqual(parsed, null, entry);
  return entriesFor([parsed as AllowEntry], host, address, port).length === 1;
};

/** Each names what it opens and what it does not: host, address, port. */
const CASES: readonly (readonly [
  entry: string,
  opened: readonly (readonly [string, string, number?])[],
  closed: readonly (readonly [string, string, number?])[],
])[] = [
  [
    'pbx.example',
    [
      ['pbx.example', '10.0.0.5'],
      ['pbx.example', '10.0.0.5', 8088],
    ],
    [
      ['other.example', '10.0.0.5'],
      ['a.pbx.example', '10.0.0.5'],
      ['10.0.0.5', '10.0.0.5'],
    ],
  ],
  ['PBX.Example.', [['pbx.example', '10.0.0.5']], []],
  ['münchen.example', [['xn--mnchen-3ya.example', '10.0.0.5']], []],
  ['my_pbx', [['my_pbx', '10.0.0.5']], []],
  ['pbx.example:8088', [['pbx.example', '10.0.0.5', 8088]], [['pbx.example', '10.0.0.5', 80]]],
  [
    '10.0.0.5',
    [
      ['10.0.0.5', '10.0.0.5'],
      ['pbx.example', '10.0.0.5'],
      ['pbx.example', '::ffff:10.0.0.5'],
    ],
    [
      ['10.0.0.6', '10.0.0.6'],
      ['pbx.example', '64:ff9b::10.0.0.5'],
    ],
  ],
  ['10.0.0.5:8088', [['x', '10.0.0.5', 8088]], [['x', '10.0.0.5', 80]]],
  ['0x0a.5', [['x', '10.0.0.5']], []],
  [
    '10.0.0.0/8',
    [
      ['x', '10.255.0.1'],
      ['x', '::ffff:10.1.1.1'],
    ],
    [['x', '11.0.0.1']],
  ],
  ['10.1.2.3/8', [['x', '10.255.0.1']], [['x', '11.0.0.1']]],
  ['10.0.0.0/8:443', [['x', '10.0.0.1', 443]], [['x', '10.0.0.1', 80]]],
  ['0.0.0.0/0', [['x', '127.0.0.1']], [['x', '::1']]],
  ['fd00::5', [['x', 'fd00::5']], [['x', 'fd00::6']]],
  ['FD00:0::5', [['x', 'fd00::5']], []],
  ['fe80::1', [['x', 'fe80::1%eth0']], []],
  ['[fd00::5]', [['x', 'fd00::5', 8443]], [['x', 'fd00::6']]],
  ['[fd00::5]:8443', [['x', 'fd00::5', 8443]], [['x', 'fd00::5', 443]]],
  ['fd00::/8', [['x', 'fdff::1']], [['x', 'fe00::1']]],
  ['[fd00::/8]', [['x', 'fdff::1']], [['x', 'fe00::1']]],
  ['[fd00::]/8', [['x', 'fdff::1']], [['x', 'fe00::1']]],
  ['[fd00::/8]:443', [['x', 'fdff::1', 443]], [['x', 'fdff::1', 80]]],
  ['::/0', [['x', '::1']], []],
];

for (const [entry, opened, closed] of CASES) {
  test(`outbound.allow - ${entry}`, () => {
    for (const [host, address, port] of opened) assert.ok(opens(entry, host, address, port), `${address}:${port}`);
    for (const [host, address, port] of closed) assert.ok(!opens(entry, host, address, port), `${address}:${port}`);
  });
}

describe('parseAllowEntry', () => {
  for (const text of [
    '',
    '*',
    '*.example',
    'http://pbx.example',
    'pbx.example/8',
    'pbx.example/path',
    'anna@pbx.example',
    'pbx.example:0',
    'pbx.example:65536',
    'pbx.example:',
    ':80',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.256',
    '1.2.3.4.5',
    'fd00::/129',
    '[fd00::/8]/8',
    '[pbx.example]',
    '[10.0.0.1]',
    'fe80::1%eth0',
    'fd00:::1',
    'a..b',
    `${'a'.repeat(64)}.example`,
  ]) {
    test(`${JSON.stringify(text)} - is not read`, () => assert.equal(parseAllowEntry(text), null));
  }
});
