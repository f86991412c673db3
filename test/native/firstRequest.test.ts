import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startServer } from '../kit/server.ts';
import { until } from '../kit/until.ts';
import { basic, createV1Client } from '../kit/v1Client.ts';
import type { CallView } from '../kit/v1Views.ts';

/** An organisation that names nobody: the administrator of the first start is the only one. */
const server = await startServer({ config: { timeZone: 'Europe/Berlin' } });
after(() => server[Symbol.asyncDispose]());

test('the printed command - pasted, it ends a call; pasted again, it is the same call', async () => {
  const command = await until('the command to paste', () => /^curl .*$/m.exec(server.stderr)?.[0]);
  const words = wordsOf(command);
  const url = words.find(each => each.startsWith('http'))!;
  const login = words[words.indexOf('-u') + 1]!;
  const [name, value] = words[words.indexOf('-H') + 1]!.split(': ');
  const paste = () =>
    fetch(url, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(login).toString('base64')}`, [name!]: value! },
      body: words[words.indexOf('-d') + 1]!,
    });
  const first = await paste();
  assert.equal(first.status, 201);
  const call = (await first.json()) as CallView;
  assert.deepEqual([call.state, call.outcome], ['ended', 'answered']);
  const again = await paste();
  assert.deepEqual([again.status, ((await again.json()) as CallView).id], [200, call.id]);
});

test('the printed login and password - are an administrator’s', async () => {
  const password = /^ {2}password {2}(\S+)$/m.exec(server.stderr)![1]!;
  assert.ok(password.length >= 16);
  const administrator = createV1Client(server, basic('admin', password));
  assert.equal((await administrator.list()).length, 1);
  assert.deepEqual(await administrator.quarantined(), []);
});

test('a first start whose file gives the login to somebody - shows no password that would not let in', async () => {
  const password = 'admin-has-a-password';
  const users = [{ id: 5, login: 'admin', password, roles: ['administrator'] }];
  await using other = await startServer({ config: { users } });
  const command = await until('the command to paste', () => /^curl .*$/m.exec(other.stderr)?.[0]);
  assert.ok(!/password/.test(other.stderr), other.stderr);
  assert.match(command, /^curl -u admin http/);
  assert.deepEqual(await createV1Client(other, basic('admin', password)).list(), []);
});

/** As a shell splits it: at blanks, single quotes kept together. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!);
}
