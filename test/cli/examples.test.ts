import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createScratch } from '../kit/scratch.ts';
import { type Ran, run, SECRETS, startReadmeHouse } from './readmeHouse.ts';

const DESK = { AGENT_PASSWORD: SECRETS.DESK_PASSWORD };
/** A port that nobody has a use for, and only root could. */
const NOBODY = 'https://127.0.0.1:3';

test('examples - each is a client of the house in the README', async t => {
  await using house = await startReadmeHouse('examples');
  const example = (name: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Ran =>
    run(['node', `examples/${name}.ts`, ...args], { ...house.env, ...env });

  const assertFails = (ran: Ran, sentence: RegExp): void => {
    assert.equal(ran.status, 1, ran.stdout + ran.stderr);
    assert.match(ran.stderr, sentence);
    assert.equal(ran.stderr.trim().split('\n').length, 1, ran.stderr);
  };

  await t.test('each of them - has help, and says what is missing or unknown', () => {
    for (const name of ['bitrix24', 'genesys', 'yeastar']) {
      const help = example(name, ['--help']);
      assert.deepEqual([help.status, help.stderr], [0, '']);
      assert.ok(help.stdout.startsWith(`node examples/${name}.ts <https://`), help.stdout);
      assertFails(example(name, [], { B24_WEBHOOK: '', AFTERCALL: '' }), /^The address of the \w+ is missing; --help/);
      assertFails(example(name, ['--konfig']), /^Unknown option '--konfig'/);
    }
  });

  await t.test('bitrix24 - registers, shows, finishes and finds its row', () => {
    const hook = `${house.url}/rest/1/${SECRETS.B24_CODE}/`;
    const ran = example('bitrix24', [hook, '--number', '+442079460123', '--seconds', '0', '--cost', '0']);
    assert.deepEqual([ran.status, ran.stderr], [0, ''], ran.stdout);
    assert.match(ran.stdout, /^The card is on the screen\.$/m);
    assert.match(ran.stdout, /^Finished after 0 s, code 304, cost 0 EUR: statistics row \d+\.$/m);
    assert.match(ran.stdout, /^voximplant\.statistic\.get: ID \d+, CALL_DURATION 0, COST 0\.0000/m);
  });

  await t.test('bitrix24 - says what is wrong', () => {
    const wrong = `${house.url}/rest/1/another/`;
    assertFails(example('bitrix24', [wrong]), /^telephony\.externalCall\.register: Invalid request credentials$/m);
    const hook = `${house.url}/rest/1/${SECRETS.B24_CODE}/`;
    assertFails(
      example('bitrix24', [hook, '--extension', '999']),
      /^telephony\.externalCall\.register: USER_ID or USER_PHONE_INNER should be set$/m,
    );
    assertFails(example('bitrix24', [hook.replace('https', 'http')]), /^Webhook requires HTTPS protocol$/m);
    assertFails(example('bitrix24', [hook], { NODE_EXTRA_CA_CERTS: '' }), /set NODE_EXTRA_CA_CERTS to the ca\.pem/);
  });

  for (const [version, ...args] of [['9'], ['3', '--legacy']] as const) {
    await t.test(`genesys with cometd ${version} - gets a record, completes it and is acknowledged`, () => {
      const ran = example('genesys', [house.url, ...args], DESK);
      assert.deepEqual([ran.status, ran.stderr], [0, ''], ran.stdout);
      assert.match(ran.stdout, /^desk is logged in, with telephone 2005\.$/m);
      assert.match(ran.stdout, /^Record \d+ of CallingList1: call \+49302312501\d\.$/m);
      assert.match(ran.stdout, /acknowledged with GSW_CALL_RESULT 28\.$/m);
    });
  }

  await t.test('genesys - says what is wrong', () => {
    assertFails(example('genesys', [house.url], DESK), /^No record is available for preview\.$/m);
    assertFails(example('genesys', [house.url, '--campaign', 'Other'], DESK), /^There is no campaign of this name\.$/m);
    const wrong = { AGENT_PASSWORD: 'not it' };
    assertFails(example('genesys', [house.url], wrong), /^\/me\?subresources=devices: Access denied/m);
    assertFails(example('genesys', [house.url], { AGENT_PASSWORD: '' }), /^AGENT_PASSWORD is missing/m);
    assertFails(example('genesys', [NOBODY], DESK), /ECONNREFUSED.*is the server running/);
  });

  await t.test('yeastar - pushes a call that is there afterwards', async () => {
    const event = ['--type', 'Outbound', '--from', '2005', '--to', '03023125012', '--started', '2026-03-02T09:00:00Z'];
    const ran = example('yeastar', [`${house.url}/yeastar/hq`, ...event]);
    assert.deepEqual([ran.status, ran.stderr], [0, ''], ran.stdout);
    assert.equal(ran.stdout, '2005 called 03023125012 at 2026-03-02 10:00:00, ANSWERED after 42 s: SUCCESS\n');
    const items = await house.calls('source=hq');
    assert.deepEqual(
      items.map(each => [each['toE164'], each['talkSeconds'], each['userId']]),
      [['+493023125012', 30, 1]],
    );
  });

  await t.test('yeastar - says what is wrong', () => {
    const hook = `${house.url}/yeastar/hq`;
    assertFails(
      example('yeastar', [hook], { HQ_SECRET: 'another' }),
      /^401 ACCESS DENIED: X-Signature does not match/m,
    );
    assertFails(
      example('yeastar', [`${house.url}/yeastar/none`]),
      /^404 INTERFACE NOT EXISTED: no source has this key/m,
    );
    assertFails(example('yeastar', [hook, '--started', 'soon']), /^--started must be an instant/m);
    assertFails(example('yeastar', [hook], { HQ_SECRET: '' }), /^HQ_SECRET is missing/m);
  });
});

test('certificate - makes what the server and its clients need', () => {
  const scratch = createScratch('certificate');
  const directory = join(scratch.path, 'certificates');
  const made = run(['node', 'examples/certificate.ts', directory], {});
  assert.deepEqual([made.status, made.stderr], [0, '']);
  assert.deepEqual(readdirSync(directory).sort(), ['ca.pem', 'cert.pem', 'key.pem']);
  assert.equal(run(['node', 'examples/certificate.ts'], {}).status, 1);
});
