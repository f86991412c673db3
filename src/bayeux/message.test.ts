import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientIdOf, hasMessageTo } from './message.ts';

const connect = (clientId: unknown) => ({ channel: '/meta/connect', clientId });

test('line 57 a body is about the client of its first message', () => {
  assert.equal(clientIdOf([connect('a'), connect('b')]), 'a');
  assert.equal(clientIdOf(connect('a')), 'a');
  assert.equal(clientIdOf([{ channel: '/meta/connect' }, connect('b')]), undefined);
});

test('line 17 one with a handshake is about none, wherever it stands', () => {
  assert.equal(clientIdOf([connect('a'), { channel: '/meta/handshake', clientId: 'b' }]), null);
});

test('what is not Bayeux is about none', () => {
  for (const body of [[], null, 5, 'a', [null], [[connect('a')]], {}]) {
    assert.ok(clientIdOf(body) == null, JSON.stringify(body));
    assert.equal(hasMessageTo(body, '/meta/connect'), false);
  }
});

test('a message to a channel - is found in an array and bare', () => {
  assert.ok(hasMessageTo([{}, connect('a')], '/meta/connect'));
  assert.ok(hasMessageTo(connect('a'), '/meta/connect'));
  assert.ok(!hasMessageTo([connect('a')], '/meta/subscribe'));
});
