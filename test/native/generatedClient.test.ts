/** A client in TypeScript, generated from the description of a running server by a generator of others. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { HOUSE, openHouse } from './house.ts';

/** More than are in one page. */
const EXTRAS = 510;
const extras = Array.from({ length: EXTRAS }, (_, i) => ({ id: 1_000 + i, login: `extra-${i}` }));
const { server } = await openHouse({ config: { ...HOUSE, users: [...HOUSE.users, ...extras] } });

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const GENERATOR = join(ROOT, 'node_modules/oazapfts/dist/cli.js');
const COMPILER = join(ROOT, 'node_modules/typescript/bin/tsc');
const run = promisify(execFile);

/** In the repository, so that its packages are found from there. */
function openDirectory(): string {
  const parent = join(ROOT, '.generated');
  mkdirSync(parent, { recursive: true });
  const directory = mkdtempSync(join(parent, 'client-'));
  after(() => rmSync(directory, { recursive: true }));
  return directory;
}

const CONFIG = {
  compilerOptions: {
    target: 'esnext',
    module: 'nodenext',
    lib: ['esnext', 'dom'],
    types: ['node'],
    noEmit: true,
    allowImportingTsExtensions: true,
    strict: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
  },
  include: ['program.ts'],
};

/** Without a cast; what must not compile would be an error of its own if it did. */
const PROGRAM = `
import * as aftercall from './client.ts';

aftercall.defaults.baseUrl = process.env['SERVER']!;
aftercall.defaults.headers = { authorization: 'Bearer ' + process.env['TOKEN'] };

const reported = await aftercall.reportCall(
  {
    externalId: 'generated-1',
    direction: 'inbound',
    from: '+442079460123',
    to: '+442079460100',
    startedAt: '2026-03-02T10:00:00Z',
    durationSeconds: 40,
    talkSeconds: 30,
  },
  {},
);
if (reported.status !== 201) throw new Error('not reported');
const call: aftercall.Call = reported.data;

const page = await aftercall.listCalls({ externalId: 'generated-1', limit: 10 });
if (page.status !== 200) throw new Error('not listed');
const listed: number[] = page.data.items.map(each => each.id);

const corrected = await aftercall.correctCall(call.id, { reason: 'engaged', fields: { outcome: 'busy', talkSeconds: 0 } });
if (corrected.status !== 201) throw new Error('not corrected');

const read = await aftercall.readCall(call.id);
if (read.status !== 200) throw new Error('not read');
const fields: string[] = [];
for (const event of read.data.journal) {
  if (event.kind === 'call.amended') fields.push(...event.fields);
  // @ts-expect-error: another kind has no such field.
  if (event.kind === 'call.settled') event.fields;
}

const ids: number[] = [];
for (let after: number | undefined; ; ) {
  const users = await aftercall.listUsers(after === undefined ? {} : { after });
  if (users.status !== 200) throw new Error('no users');
  ids.push(...users.data.items.map(each => each.id));
  if (users.data.next === null) break;
  after = users.data.next;
}
const tokens = await aftercall.listTokens();
if (tokens.status !== 200) throw new Error('no tokens');
export const nextToken: string | null = tokens.data.next;
const matches = await aftercall.listPossibleMatches();
if (matches.status !== 200) throw new Error('no possible matches');
if (matches.data.next !== null) await aftercall.listPossibleMatches({ after: matches.data.next });

const missing = await aftercall.readCall(999_999);
const problem: aftercall.Problem | null = missing.status === 404 ? missing.data : null;

// @ts-expect-error: there is no such direction.
export const wrongDirection = () => aftercall.listCalls({ direction: 'sideways' });
// @ts-expect-error: a field is missing.
export const incomplete = () => aftercall.reportCall({ direction: 'inbound' }, {});
// @ts-expect-error: a call has no such field.
export const unknownField = () => call.colour;

console.log(
  JSON.stringify({
    outcomes: [call.outcome, corrected.data.call.outcome],
    listed: listed.length === 1 && listed[0] === call.id,
    author: corrected.data.author,
    fields,
    extras: ids.filter(each => each >= 1_000 && each < 2_000).length,
    problem: problem?.type,
  }),
);
`;

test('a generated client - makes a call, lists it and corrects it without a cast', async () => {
  const directory = openDirectory();
  const description = await (await fetch(`${server.url}/v1/openapi.json`)).text();
  writeFileSync(join(directory, 'openapi.json'), description);
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(CONFIG));
  writeFileSync(join(directory, 'program.ts'), PROGRAM);
  const node = (...command: string[]) =>
    run(process.execPath, command, {
      cwd: directory,
      env: { ...process.env, SERVER: server.url, TOKEN: server.token },
    }).catch((error: { stdout: string; stderr: string }) => assert.fail(`${error.stdout}\n${error.stderr}`));

  await node(GENERATOR, 'openapi.json', 'client.ts');
  await node(COMPILER, '-p', '.');
  const { stdout } = await node('program.ts');
  assert.deepEqual(JSON.parse(stdout), {
    outcomes: ['answered', 'busy'],
    listed: true,
    author: 'ops',
    fields: ['answeredAt', 'talkSeconds', 'outcome'],
    extras: EXTRAS,
    problem: 'aftercall:not_found',
  });
});
