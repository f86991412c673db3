/**
 * Spellings of places nobody outside may send us to. Each is asked for in earnest while a server listens on this machine at
 * the very port: none of them may open a connection, whatever it is refused for.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createOutbound } from './outbound.ts';
import { OutboundRefused, type RefusalReason } from './outboundError.ts';
import { startSite } from './testing/testSite.ts';

/** What the resolver of these tests says of names, as an attacker's would; any other name is this machine. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  'private.example': ['10.0.0.5'],
  'metadata.google.internal': ['169.254.169.254'],
  'mixed.example': ['93.184.215.14', '127.0.0.1'],
  'mixed6.example': ['2606:4700::1111', '::1'],
  'last-of-many.example': [...Array.from({ length: 50 }, (_, n) => `93.184.215.${n + 1}`), '127.0.0.1'],
  'mapped.example': ['::ffff:127.0.0.1'],
  'mapped-hex.example': ['::ffff:7f00:1'],
  'nat64.example': ['64:ff9b::7f00:1'],
  'six-to-four.example': ['2002:7f00:1::'],
  'scoped.example': ['fe80::1%lo'],
  'zero.example': ['0.0.0.0'],
  'zero6.example': ['::'],
  'broadcast.example': ['255.255.255.255'],
  'not-an-address.example': ['localhost'],
  'short.example': ['127.1'],
};

/** Hosts, by why they are refused. */
const HOSTS: Readonly<Partial<Record<RefusalReason, readonly string[]>>> = {
  address: [
    // This machine, in every way inet_aton and the URL standard read a number.
    '127.0.0.1',
    '127.0.0.1.',
    '127.0.1',
    '127.1',
    '127.1.',
    '127.00.00.01',
    '127.0.0.01',
    '127.255.255.254',
    '0177.0.0.1',
    '0177.0.0.01',
    '00000177.0.0.1',
    '0177.0.1',
    '0177.1',
    '017700000001',
    '0x7f.0.0.1',
    '0X7F.0.0.1',
    '0x7f.0x0.0x0.0x1',
    '0x7f.00.0.0x1',
    '0x7f.0.1',
    '0x7f.1',
    '0x7f000001',
    '0x7F000001',
    '0x000000007f000001',
    '2130706433',
    '2130706433.',
    '127.0x0.0.1',
    '127.0.257',
    '127.65537',
    // Digits and dots that are mapped to ours.
    '①②⑦.⓪.⓪.①',
    '１２７.０.０.１',
    '127。0。0。1',
    '127．0．0．1',
    '127｡0｡0｡1',
    '𝟏𝟐𝟕.𝟎.𝟎.𝟏',
    '¹²⁷.0.0.1',
    '０ｘ７ｆ.１',
    '1\u200b27.0.0.1',
    '127\u00ad.0.0.1',
    '%31%32%37.0.0.1',
    '127%2e0%2e0%2e1',
    '127.0.0.%31',
    '%30x7f.1',
    // Nowhere in particular, which is here.
    '0',
    '0.',
    '0.0',
    '0.0.0.0',
    '00',
    '0x0',
    '0x',
    '0.0.0.0x0',
    '0.1.2.3',
    // Names of this machine.
    'localhost',
    'LOCALHOST',
    'LocalHost.',
    'localhost%2e',
    'ⓛⓞⓒⓐⓛⓗⓞⓢⓣ',
    'ｌｏｃａｌｈｏｓｔ',
    'loc\u00adalhost',
    'local\u200bhost',
    'localhost.localdomain',
    'ip6-localhost',
    'a.localhost',
    'localtest.me',
    '127.0.0.1.nip.io',
    '127-0-0-1.sslip.io',
    'münchen.example',
    'xn--mnchen-3ya.example',
    'my_pbx',
    'host.docker.internal',
    'kubernetes.default.svc',
    // Other networks that are not everybody's.
    '10.0.0.1',
    '10.255.255.255',
    '012.0.0.1',
    '0xa.1',
    '167772161',
    '172.16.0.1',
    '172.31.255.255',
    '0xac.0x10.0.1',
    '192.168.0.1',
    '192.168.257',
    '0xc0a80001',
    '3232235521',
    '0300.0250.0.1',
    '100.64.0.1',
    '100.100.100.200',
    '169.254.0.1',
    '169.254.169.254',
    '169.254.43518',
    '0xa9.0xfe.0xa9.0xfe',
    '0xa9fea9fe',
    '2852039166',
    '0251.0376.0251.0376',
    '025177524776',
    '①⑥⑨.②⑤④.①⑥⑨.②⑤④',
    '169.254.170.2',
    '168.63.129.16',
    '192.0.0.192',
    '192.0.0.1',
    '192.0.2.1',
    '192.88.99.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '239.255.255.250',
    '240.0.0.1',
    '255.255.255.255',
    '0xffffffff',
    '4294967295',
    // IPv6, and IPv4 within it.
    '[::1]',
    '[0:0:0:0:0:0:0:1]',
    '[0000:0000:0000:0000:0000:0000:0000:0001]',
    '[::0001]',
    '[0::1]',
    '[::0.0.0.1]',
    '[::]',
    '[::0]',
    '[::127.0.0.1]',
    '[::7f00:1]',
    '[::ffff:127.0.0.1]',
    '[::FFFF:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[0:0:0:0:0:ffff:127.0.0.1]',
    '[0:0:0:0:0:ffff:7f00:0001]',
    '[::ffff:0:127.0.0.1]',
    '[::ffff:0.0.0.0]',
    '[::ffff:10.0.0.1]',
    '[::ffff:192.168.0.1]',
    '[::ffff:169.254.169.254]',
    '[::ffff:a9fe:a9fe]',
    '[64:ff9b::127.0.0.1]',
    '[64:ff9b::a00:1]',
    '[64:ff9b::a9fe:a9fe]',
    '[64:ff9b:1::127.0.0.1]',
    '[2002:7f00:1::]',
    '[2002:7f00:0001::1]',
    '[2002:a9fe:a9fe::]',
    '[2002:c0a8:1::1]',
    '[2001:0:7f00:1::]',
    '[2001:0000:4136:e378:8000:63bf:80ff:fffe]',
    '[2001:10::1]',
    '[2001:20::1]',
    '[2001:2::1]',
    '[2001:db8::1]',
    '[3fff::1]',
    '[100::1]',
    '[5f00::1]',
    '[fc00::1]',
    '[fd00::1]',
    '[fd00:ec2::254]',
    '[fd20:ce::254]',
    '[fe80::1]',
    '[febf::1]',
    '[fec0::1]',
    '[ff02::1]',
    '[ff05::1:3]',
    '[::ffff:ffff:ffff]',
    ...Object.keys(NAMES),
  ],
  credentials: [
    'example.com@127.0.0.1',
    'example.com:80@127.0.0.1',
    'anna:secret@127.0.0.1',
    '@127.0.0.1',
    ':@127.0.0.1',
    'example.com%2f@127.0.0.1',
    'example.com%23@127.0.0.1',
    'example.com&@127.0.0.1',
    '①@127.0.0.1',
    'a@b@127.0.0.1',
  ],
  url: [
    'example.com\\@127.0.0.1',
    '127.0.0.1\\@example.com',
    '\\127.0.0.1',
    '/127.0.0.1',
    '127.0.0.1 ',
    '127.0.0.1\t',
    '127.\t0.0.1',
    '127.\n0.0.1',
    '127.0.0.1\u0000',
    '127.0.0.1%00',
    '127.0.0.1%0d%0aHost:example.com',
    '127.0.0.1%09',
    '256.0.0.1',
    '127.0.0.256',
    '4294967296',
    '0x100000000',
    '040000000000',
    '127.0.0.0.1',
    '0x7f.0.0.0.1',
    '08.0.0.1',
    '0x7g.1',
    '[::1',
    '::1',
    '[::1]x',
    '[::1].',
    '[::1%lo]',
    '[fe80::1%25eth0]',
    '[::ffff:127.0.0.1.]',
    '[::ffff:127.1]',
    '[::ffff:0x7f.0.0.1]',
    '[127.0.0.1]',
    '[1::1::1]',
    '[v1.127.0.0.1]',
  ],
  host: ['localhost..', '.localhost', 'a..localhost', '127.0.0.1..', 'local!host', '*.localhost', "local'host"],
};

describe('hostile spellings', async () => {
  const requested = Object.entries(HOSTS).flatMap(([reason, hosts]) => hosts.map(host => [host, reason] as const));

  test('there are enough of them, and none twice', () => {
    assert.ok(requested.length > 200, String(requested.length));
    assert.equal(new Set(requested.map(([host]) => host)).size, requested.length);
  });

  test('none of them - opens a connection', async t => {
    const site = await startSite(t, (_, response) => response.end('secret'));
    const resolved: string[] = [];
    const outbound = createOutbound({
      allow: () => [],
      resolve: async host => {
        resolved.push(host);
        return NAMES[host] ?? ['127.0.0.1'];
      },
    });
    t.after(() => outbound.close());
    const limits = { maxBytes: 1_000, timeoutMs: 20_000, accept: '*/*' };
    for (const [host, reason] of requested) {
      const shown = JSON.stringify(host);
      const error = await outbound.fetchBytes(`http://${host}:${site.port}/`, limits).then(
        () => assert.fail(`${shown} was answered`),
        (refusal: unknown) => refusal,
      );
      assert.ok(error instanceof OutboundRefused, `${shown}: ${error}`);
      assert.equal(error.reason, reason, shown);
    }
    assert.equal(site.connections.length, 0);
    // A number is never asked of a resolver, which would read it its own way.
    assert.deepEqual(
      resolved.filter(host => /^[0-9.xa-f:]+$/i.test(host)),
      [],
    );
    // And the table is about a server that is there.
    const friendly = createOutbound({ allow: () => ['127.0.0.0/8'] });
    t.after(() => friendly.close());
    for (const host of ['127.0.0.1', '0x7f.1', '①②⑦.⓪.⓪.①', '[::ffff:127.0.0.1]']) {
      const { status, discard } = await friendly.fetchBytes(`http://${host}:${site.port}/`, limits);
      discard();
      assert.equal(status, 200, host);
    }
  });

  test('as the place an answer leads on to - they are refused as well', async t => {
    const hidden = await startSite(t, (_, response) => response.end('secret'));
    let next = '';
    const site = await startSite(t, (_, response) => response.writeHead(302, { location: next }).end());
    const outbound = createOutbound({
      allow: () => [`127.0.0.1:${site.port}`],
      resolve: async host => NAMES[host] ?? ['127.0.0.1'],
    });
    t.after(() => outbound.close());
    const limits = { maxBytes: 1_000, timeoutMs: 20_000, accept: '*/*' };
    for (const [host] of requested) {
      // What Node itself would not send as a header is not an answer.
      next = encodeURI(`http://${host}:${hidden.port}/`).replace(/%25|%5B|%5D/g, each => decodeURIComponent(each));
      await assert.rejects(
        outbound.fetchBytes(site.origin, limits).then(({ discard }) => discard()),
        { name: 'OutboundRefused' },
        host,
      );
    }
    assert.equal(site.connections.length, requested.length);
    assert.equal(hidden.connections.length, 0);
  });
});
