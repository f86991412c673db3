import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { followRedirect, readDestination } from './destination.ts';
import type { RefusalReason } from './outboundError.ts';

const READ: readonly (readonly [text: string, url: string])[] = [
  ['https://Example.COM', 'https://example.com/'],
  ['HTTP://example.com:80/a', 'http://example.com/a'],
  ['http://example.com./a', 'http://example.com/a'],
  ['http://example.com/a b.mp3', 'http://example.com/a%20b.mp3'],
  ['http://example.com/a\\b@c?d=\\e@f', 'http://example.com/a/b@c?d=\\e@f'],
  ['http://example.com?x', 'http://example.com/?x'],
  ['http://example.com/a#fragment', 'http://example.com/a'],
  ['http://my_pbx:8088/', 'http://my_pbx:8088/'],
  ['http://münchen.example/ü', 'http://xn--mnchen-3ya.example/%C3%BC'],
  ['http://[2606:4700::1111]:8080/', 'http://[2606:4700::1111]:8080/'],
  ['http://134744072/', 'http://8.8.8.8/'],
];

const REFUSED: readonly (readonly [text: string, reason: RefusalReason])[] = [
  ['', 'url'],
  ['example.com/a.mp3', 'url'],
  ['//example.com/a.mp3', 'url'],
  ['http://', 'url'],
  ['http:///a', 'url'],
  ['http:example.com', 'url'],
  ['http:/example.com', 'url'],
  ['http:\\\\example.com', 'url'],
  ['http://\\example.com', 'url'],
  ['http://exa\tmple.com', 'url'],
  ['http://exa\nmple.com', 'url'],
  ['\u0000http://example.com', 'url'],
  ['http://exa mple.com', 'url'],
  ['http://example.com:99999/', 'url'],
  ['http://example.com\\@other.example/', 'url'],
  ['http://1.2.3.4.5/', 'url'],
  ['http://256.1.1.1/', 'url'],
  ['http://08.0.0.1/', 'url'],
  ['http://[fe80::1%25eth0]/', 'url'],
  ['http://[::1/', 'url'],
  ['file:///etc/passwd', 'scheme'],
  ['ftp://example.com/', 'scheme'],
  ['gopher://example.com:70/_', 'scheme'],
  ['data:audio/wav;base64,UklGRg==', 'scheme'],
  ['javascript:alert(1)', 'scheme'],
  ['ws://example.com/', 'scheme'],
  ['blob:http://example.com/1', 'scheme'],
  ['unix:/run/docker.sock', 'scheme'],
  ['http+unix://%2frun%2fdocker.sock/', 'scheme'],
  ['http://anna@example.com/', 'credentials'],
  ['http://anna:secret@example.com/', 'credentials'],
  ['http://:secret@example.com/', 'credentials'],
  ['http://@example.com/', 'credentials'],
  ['http://example.com:80@other.example/', 'credentials'],
  ['http://example.com%2f@other.example/', 'credentials'],
  ['http://a..b/', 'host'],
  ['http://./', 'host'],
  ['http://example.com../', 'host'],
  [`http://${'a'.repeat(64)}.example/`, 'host'],
  [`http://${'a.'.repeat(130)}example/`, 'host'],
  ['http://a!b/', 'host'],
  ['http://*.example/', 'host'],
  ['http://example.com:0/', 'port'],
];

describe('readDestination', () => {
  for (const [text, url] of READ) test(`${text} - is ${url}`, () => assert.equal(readDestination(text).href, url));
  for (const [text, reason] of REFUSED) {
    test(`${JSON.stringify(text.slice(0, 60))} - is refused: ${reason}`, () =>
      assert.throws(() => readDestination(text), { name: 'OutboundRefused', reason }));
  }

  test('what is refused - is not repeated in the message', () => {
    for (const [text] of REFUSED) {
      if (text.length < 8) continue;
      assert.throws(
        () => readDestination(text),
        (error: Error) => !error.message.includes(text) && !error.message.includes('secret'),
      );
    }
  });
});

describe('followRedirect', () => {
  const from = new URL('https://example.com/a/b?c');

  test('relative and absolute places - are where they lead', () => {
    assert.equal(followRedirect(from, 'd').href, 'https://example.com/a/d');
    assert.equal(followRedirect(from, '/d#e').href, 'https://example.com/d');
    assert.equal(followRedirect(from, '//other.example/d').href, 'https://other.example/d');
    assert.equal(followRedirect(new URL('http://example.com/'), 'https://example.com/').href, 'https://example.com/');
  });

  for (const [location, reason] of [
    ['http://example.com/a', 'downgrade'],
    ['file:///etc/passwd', 'scheme'],
    ['//anna@other.example/', 'credentials'],
    ['https://a..b/', 'host'],
    ['https://example.com:0/', 'port'],
    ['https://exa mple/', 'url'],
  ] as const) {
    test(`${location} - is refused: ${reason}`, () =>
      assert.throws(() => followRedirect(from, location), { name: 'OutboundRefused', reason }));
  }
});
