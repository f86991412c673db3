import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createGuard } from './guard.ts';
import { OutboundRefused } from './outboundError.ts';

const refusal = (allow: readonly string[], host: string, address: string, port = 80): string | null => {
  try {
    createGuard(() => allow).check(host, address, port);
    return null;
  } catch (error) {
    assert.ok(error instanceof OutboundRefused);
    return error.reason;
  }
};

describe('the guard', () => {
  test('a public address - needs no permission', () => {
    assert.equal(refusal([], 'example.com', '93.184.215.14'), null);
    assert.equal(refusal([], 'example.com', '2606:2800:21f:cb07:6820:80da:af6b:8b2c', 8443), null);
  });

  test('a name that is allowed - may be on a private network, and nothing worse', () => {
    for (const address of ['10.0.0.5', '192.168.1.1', '127.0.0.1', '100.64.0.1', '::1', 'fd00::1']) {
      assert.equal(refusal([], 'pbx.example', address), 'address');
      assert.equal(refusal(['pbx.example'], 'pbx.example', address), null, address);
    }
    for (const address of ['169.254.169.254', 'fd00:ec2::254', '169.254.1.1', 'fe80::1', '0.0.0.0', '224.0.0.1']) {
      assert.equal(refusal(['pbx.example'], 'pbx.example', address), 'address', address);
      assert.equal(refusal(['pbx.example', address], 'pbx.example', address), null, address);
    }
  });

  test('a port of another protocol - is closed unless it is named', () => {
    assert.equal(refusal([], 'example.com', '93.184.215.14', 25), 'port');
    assert.equal(refusal(['example.com'], 'example.com', '93.184.215.14', 25), 'port');
    assert.equal(refusal(['10.0.0.0/8'], 'pbx', '10.0.0.5', 22), 'port');
    assert.equal(refusal(['example.com:25'], 'example.com', '93.184.215.14', 25), null);
    assert.equal(refusal(['10.0.0.0/8:22'], 'pbx', '10.0.0.5', 22), null);
  });

  test('what cannot be read in outbound.allow - opens nothing', () => {
    assert.equal(refusal(['*', 'http://10.0.0.5', '10.0.0.0/99'], '10.0.0.5', '10.0.0.5'), 'address');
  });

  test('a new organisation file - holds from the next connection', () => {
    let allow: readonly string[] = ['10.0.0.5'];
    const guard = createGuard(() => allow);
    guard.check('pbx', '10.0.0.5', 80);
    allow = [];
    assert.throws(() => guard.check('pbx', '10.0.0.5', 80), { reason: 'address' });
    allow = ['10.0.0.5:80'];
    guard.check('pbx', '10.0.0.5', 80);
  });
});
