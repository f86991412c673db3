import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { clientIdOf, nodeIn } from './clientId.ts';
import { type ForwardingToken, issueForwardingToken, readForwardingToken, type Sealed } from './forwardingToken.ts';

const KEY = new Uint8Array(32).fill(7);
const FORWARDING_TOKEN: ForwardingToken = { from: 1, to: 2, at: 1_000_000, address: '10.0.0.9', secure: true };
const REQUEST: Sealed = {
  path: '/api/v2/notifications/connect',
  body: Buffer.from('[{"channel":"/meta/connect"}]'),
  authorization: 'Basic YTpi',
  cookie: undefined,
};
const HERE = { number: 2, now: 1_000_500 };

describe('a forwarding token', () => {
  const text = issueForwardingToken(KEY, FORWARDING_TOKEN, REQUEST);

  test('of a node, for this request - says what that node saw of the caller', () => {
    assert.deepEqual(readForwardingToken(KEY, text, REQUEST, HERE), FORWARDING_TOKEN);
  });

  test('for another request - is none', () => {
    const others: readonly Partial<Sealed>[] = [
      { path: '/api/v2/notifications' },
      { body: Buffer.from('[{"channel":"/meta/disconnect"}]') },
      { authorization: 'Basic YTpj' },
      { authorization: undefined },
      { authorization: undefined, cookie: 'Basic YTpi' },
      { cookie: 'JSESSIONID=1' },
    ];
    for (const each of others) assert.equal(readForwardingToken(KEY, text, { ...REQUEST, ...each }, HERE), null);
  });

  test('for another node, too old, of a clock that is far ahead, or with another key - is none', () => {
    assert.equal(readForwardingToken(KEY, text, REQUEST, { ...HERE, number: 3 }), null);
    assert.equal(readForwardingToken(KEY, text, REQUEST, { ...HERE, now: FORWARDING_TOKEN.at + 30_000 }), null);
    assert.equal(readForwardingToken(KEY, text, REQUEST, { ...HERE, now: FORWARDING_TOKEN.at - 30_000 }), null);
    assert.equal(readForwardingToken(new Uint8Array(32).fill(8), text, REQUEST, HERE), null);
  });

  test('changed by as much as a letter, cut, or made up - is none', () => {
    const [payload, mac] = text.split('.') as [string, string];
    const all = Buffer.from(JSON.stringify({ ...FORWARDING_TOKEN, secure: false })).toString('base64url');
    const texts = [
      '',
      '.',
      payload,
      mac,
      `${payload}.`,
      `.${mac}`,
      `${all}.${mac}`,
      `${text}.`,
      `${text}.x`,
      `${payload}.${payload}`,
    ];
    for (let n = 0; n < payload.length; n++) texts.push(`${payload.slice(0, n)}${payload.slice(n + 1)}.${mac}`);
    for (const each of [...texts, 'x'.repeat(10_000), '\u00e9.\u00e9']) {
      assert.equal(readForwardingToken(KEY, each, REQUEST, HERE), null, each);
    }
  });
});

describe('a clientId', () => {
  test('of a node - says which one it is, in letters and digits', () => {
    const id = clientIdOf(12, 'ab'.repeat(20));
    assert.match(id, /^[a-z0-9]+$/);
    assert.equal(nodeIn(id), 12);
  });

  test('made elsewhere, or by a client - names none', () => {
    const random = 'ab'.repeat(20);
    for (const each of [
      random,
      '',
      `n${random}`,
      `nx${random}`,
      `n1${random}`,
      `n1x`,
      `n1x!`,
      ` n1x${random}`,
      5,
      null,
      {},
    ]) {
      assert.equal(nodeIn(each), null, String(each));
    }
    assert.equal(nodeIn(`n${'9'.repeat(16)}x${random}`), null);
  });
});
