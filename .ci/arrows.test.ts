import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { findWrongArrows, type Packages, readPackages, readTree } from './arrows.ts';
import type { Exception } from './house.ts';
import { importsOf } from './imports.ts';

const PACKAGES: Packages = {
  dependencies: ['fastify', '@fastify/swagger', 'kysely', 'pg', 'undici', 'pino', 'libphonenumber-js'],
  devDependencies: ['fast-check'],
};

/** A house in which everybody knows whom they may. */
const GOOD: Readonly<Record<string, string>> = {
  'src/main.ts': "import { start } from './app/server.ts'; await start();",
  'src/app/server.ts': `
    import Fastify from 'fastify';
    import { door } from '../dialects/yeastar/door.ts';
    import { SqliteEngine } from '../ledger/sqlite/engine.ts';
    export const start = async () => [Fastify, door, SqliteEngine];`,
  'src/dialects/yeastar/door.ts': `
    import type { FastifyInstance } from 'fastify';
    import { accept } from '../../calls/accept.ts';
    import type { Ledger } from '../../ledger/ledger.ts';
    import { phone } from '../../values/phone.ts';
    import { read } from './read.ts';
    export const door = (app: FastifyInstance, ledger: Ledger) => [app, ledger, accept, phone, read];`,
  'src/dialects/yeastar/read.ts': 'export const read = 1;',
  'src/dialects/native/door.ts': 'export const native = 1;',
  'src/calls/accept.ts': `
    import { hash } from 'node:crypto';
    import type { Ledger } from '../ledger/ledger.ts';
    import { phone } from '../values/phone.ts';
    export const accept = (ledger: Ledger) => [ledger, phone, hash];`,
  'src/people/entities.ts': 'export const user = 1;',
  'src/bayeux/session.ts': "export { state } from './state.ts';",
  'src/bayeux/state.ts': 'export const state = 1;',
  'src/outbound/client.ts': "import { Pool } from 'undici'; export const pool = Pool;",
  'src/ledger/ledger.ts': "import { phone } from '../values/phone.ts'; export type Ledger = typeof phone;",
  'src/ledger/sqlite/engine.ts': `
    import { DatabaseSync } from 'node:sqlite';
    import { Kysely } from 'kysely';
    import { Worker } from 'node:worker_threads';
    export const SqliteEngine = [new Worker(new URL('./writer.ts', import.meta.url)), DatabaseSync, Kysely];`,
  'src/ledger/sqlite/writer.ts': "import { DatabaseSync } from 'node:sqlite'; new DatabaseSync(':memory:');",
  'src/values/phone.ts': "import { parse } from 'libphonenumber-js/max'; export const phone = parse;",
  'src/calls/testing/testCalls.ts':
    "import fc from 'fast-check'; import { user } from '../../people/entities.ts'; export const a = [fc, user];",
  'src/values/phone.test.ts': "import { test } from 'node:test'; import fc from 'fast-check'; test('', () => fc);",
};

function wrong(files: Readonly<Record<string, string>>, exceptions: readonly Exception[] = []): readonly string[] {
  return findWrongArrows(new Map(Object.entries({ ...GOOD, ...files })), PACKAGES, exceptions);
}

test('arrows - a house in order has none that point the wrong way', () => {
  assert.deepEqual(wrong({}), []);
});

const CASES: readonly (readonly [title: string, path: string, text: string, problem: string])[] = [
  [
    'a dialect that knows another',
    'src/dialects/yeastar/other.ts',
    "import { native } from '../native/door.ts'; export default native;",
    'src/dialects/yeastar/other.ts imports src/dialects/native/door.ts: a dialect does not know another dialect',
  ],
  [
    'a room that knows another, by a type only',
    'src/calls/who.ts',
    "import type { user } from '../people/entities.ts'; export type User = typeof user;",
    'src/calls/who.ts imports src/people/entities.ts: a room does not know another room',
  ],
  [
    'a room that knows another, by a type in a place of its own',
    'src/calls/who.ts',
    "export type User = typeof import('../people/entities.ts').user;",
    'src/calls/who.ts imports src/people/entities.ts: a room does not know another room',
  ],
  [
    'a room that hands another on',
    'src/calls/who.ts',
    "export * from '../people/entities.ts';",
    'src/calls/who.ts imports src/people/entities.ts: a room does not know another room',
  ],
  [
    'a room that loads another late',
    'src/calls/who.ts',
    'export const who = async () => import(`../people/entities.ts`);',
    'src/calls/who.ts imports src/people/entities.ts: a room does not know another room',
  ],
  [
    'a room that runs another in a thread',
    'src/calls/who.ts',
    "import { Worker } from 'node:worker_threads'; new Worker(new URL('../people/entities.ts', import.meta.url));",
    'src/calls/who.ts imports src/people/entities.ts: a room does not know another room',
  ],
  [
    'a file name that goes through an argument',
    'src/calls/who.ts',
    "const start = (name: string) => new URL(name, import.meta.url); start('../people/entities.ts');",
    'src/calls/who.ts imports src/people/entities.ts: a room does not know another room',
  ],
  [
    'a room that knows a dialect',
    'src/calls/back.ts',
    "import '../dialects/yeastar/read.ts';",
    'src/calls/back.ts imports src/dialects/yeastar/read.ts: a room does not know a dialect',
  ],
  [
    'a room that knows the top',
    'src/calls/back.ts',
    "import { start } from '../app/server.ts'; start();",
    'src/calls/back.ts imports src/app/server.ts: only the top of the house knows everybody',
  ],
  [
    'a room that knows HTTP',
    'src/people/http.ts',
    "import type { FastifyRequest } from 'fastify'; export type R = FastifyRequest;",
    'src/people/http.ts imports fastify: a room does not know HTTP',
  ],
  [
    'a room that knows HTTP, from Node',
    'src/people/http.ts',
    "import { request } from 'node:http'; request('');",
    'src/people/http.ts imports node:http: a room does not know HTTP',
  ],
  [
    'the room for requests that leave the house, serving',
    'src/outbound/serve.ts',
    "import Fastify from 'fastify'; Fastify();",
    'src/outbound/serve.ts imports fastify: a room does not know HTTP',
  ],
  [
    'a room that knows SQL',
    'src/calls/sql.ts',
    "import { sql } from 'kysely'; export const q = sql;",
    'src/calls/sql.ts imports kysely: only the ledger knows SQL',
  ],
  [
    'a dialect that knows SQL',
    'src/dialects/yeastar/sql.ts',
    "import { DatabaseSync } from 'node:sqlite'; new DatabaseSync('');",
    'src/dialects/yeastar/sql.ts imports node:sqlite: only the ledger knows SQL',
  ],
  [
    'a dialect that knows an engine',
    'src/dialects/yeastar/engine.ts',
    "import { SqliteEngine } from '../../ledger/sqlite/engine.ts'; export const e = SqliteEngine;",
    'src/dialects/yeastar/engine.ts imports src/ledger/sqlite/engine.ts: only the top of the house knows an engine',
  ],
  [
    'a ledger that knows a room',
    'src/ledger/calls.ts',
    "import { accept } from '../calls/accept.ts'; export const a = accept;",
    'src/ledger/calls.ts imports src/calls/accept.ts: the ledger knows values only',
  ],
  [
    'a ledger that knows HTTP',
    'src/ledger/http.ts',
    "import 'node:https';",
    'src/ledger/http.ts imports node:https: the ledger does not know HTTP',
  ],
  [
    'values that know somebody',
    'src/values/who.ts',
    "import type { Ledger } from '../ledger/ledger.ts'; export type L = Ledger;",
    'src/values/who.ts imports src/ledger/ledger.ts: values know nobody',
  ],
  [
    'values that are not pure',
    'src/values/who.ts',
    "import { readFileSync } from 'node:fs'; readFileSync('');",
    'src/values/who.ts imports node:fs: values are pure',
  ],
  [
    'bayeux that knows values',
    'src/bayeux/who.ts',
    "import { phone } from '../values/phone.ts'; export const p = phone;",
    'src/bayeux/who.ts imports src/values/phone.ts: this room knows nothing of ours',
  ],
  [
    'a package nobody named',
    'src/calls/left.ts',
    "import pad from 'left-pad'; export const p = pad;",
    'src/calls/left.ts imports left-pad: package.json does not name it among its dependencies',
  ],
  [
    'a package for tests in the server',
    'src/calls/check.ts',
    "import fc from 'fast-check'; export const f = fc;",
    'src/calls/check.ts imports fast-check: package.json does not name it among its dependencies',
  ],
  [
    'a scoped package nobody named',
    'src/app/server.ts',
    "import x from '@fastify/cookie'; export const start = async () => x;",
    'src/app/server.ts imports @fastify/cookie: package.json does not name it among its dependencies',
  ],
  [
    'a package a test needs and nobody named',
    'test/kit/x.ts',
    "import chalk from 'chalk'; export const c = chalk;",
    'test/kit/x.ts imports chalk: package.json does not name it',
  ],
  [
    'a module of Node without its prefix',
    'src/calls/fs.ts',
    "import { join } from 'path'; join('');",
    'src/calls/fs.ts imports path: write it as node:path',
  ],
  [
    'a server that knows tests',
    'src/calls/kit.ts',
    "import { x } from '../values/phone.test.ts'; export const k = x;",
    'src/calls/kit.ts imports src/values/phone.test.ts: only tests know tests',
  ],
  [
    'a server that knows what tests share',
    'src/calls/kit.ts',
    "import { a } from './testing/testCalls.ts'; export const k = a;",
    'src/calls/kit.ts imports src/calls/testing/testCalls.ts: only tests know tests',
  ],
  [
    'a server that leaves its house',
    'src/calls/kit.ts',
    "import { x } from '../../test/kit/x.ts'; export const k = x;",
    'src/calls/kit.ts imports test/kit/x.ts: the server imports nothing outside src',
  ],
  [
    'an import of nothing',
    'src/calls/none.ts',
    "new URL('./none-at-all.ts', import.meta.url);",
    'src/calls/none.ts imports src/calls/none-at-all.ts: there is no such file',
  ],
  [
    'an import nobody can read',
    'src/calls/late.ts',
    'export const late = (name: string) => import(name);',
    'src/calls/late.ts imports something only known when it runs: write it out',
  ],
  [
    'a room that asks what a source is called',
    'src/calls/kind.ts',
    "export const isPbx = (kind: string) => kind === 'yeastar';",
    'src/calls/kind.ts says "yeastar": only dialects and the top name a dialect',
  ],
  [
    'a room that asks what a source is called, in part of a text',
    'src/calls/kind.ts',
    `export const kindOf = (what: string) => \`genesys.\${what}\`;`,
    'src/calls/kind.ts says "genesys.": only dialects and the top name a dialect',
  ],
  [
    'a room that asks whether a source is the one behind the API',
    'src/calls/kind.ts',
    "export const isOwn = (kind: string) => ['native'].includes(kind);",
    'src/calls/kind.ts says "native": only dialects and the top name a dialect',
  ],
  [
    'a room that gives a report the word of the API',
    'src/calls/kind.ts',
    "export const kind = 'native.correction';",
    'src/calls/kind.ts says "native.correction": only dialects and the top name a dialect',
  ],
  [
    'a room that names something after a dialect',
    'src/people/kind.ts',
    'export const of = (file: { readonly bitrix24: unknown }) => file.bitrix24;',
    'src/people/kind.ts says bitrix24: only dialects and the top name a dialect',
  ],
  [
    'a ledger that names something after a dialect',
    'src/ledger/kind.ts',
    'export class GenesysEngine {}',
    'src/ledger/kind.ts says GenesysEngine: only dialects and the top name a dialect',
  ],
  [
    'a room nobody knows',
    'src/cellar/wine.ts',
    'export const wine = 1;',
    'src/cellar/wine.ts is in no room of the house: move it, or tell .ci/house.ts about its room',
  ],
  [
    'a file at the top that is nobody',
    'src/utils.ts',
    'export const u = 1;',
    'src/utils.ts is in no room of the house: move it, or tell .ci/house.ts about its room',
  ],
];

for (const [title, path, text, problem] of CASES) {
  test(`arrows - ${title} is told`, () => {
    assert.deepEqual(wrong({ [path]: text }), [problem]);
  });
}

test('arrows - comments, texts and data files are no imports', () => {
  const text = `
    // import '../people/entities.ts';
    /* import('../people/entities.ts') */
    export const said = "import '../people/entities.ts'";
    export const like = /import '..\\/people\\/entities.ts'/;
    export const data = new URL('../people/names.json', import.meta.url);`;
  assert.deepEqual(wrong({ 'src/calls/said.ts': text }), []);
});

test('arrows - comments may name a dialect, and so may the top, dialects and tests; an ordinary word is no name', () => {
  const naming = "export const kinds = ['yeastar', 'native'];";
  const files = {
    'src/app/kinds.ts': naming,
    'src/commands/serve.ts': naming,
    'src/app/reactors.ts': naming,
    'src/dialects/native/kinds.ts': naming,
    'src/calls/testing/testKinds.ts': naming,
    'src/calls/kinds.test.ts': naming,
    'src/calls/said.ts': "// as yeastar does\nexport const native = 'a native speaker'; /* genesys */",
  };
  assert.deepEqual(wrong(files), []);
});

test('arrows - an exception lets one arrow through, and one that nobody needs is told', () => {
  const files = { 'src/config/apply.ts': "import { user } from '../people/entities.ts'; export const u = user;" };
  const needed: Exception = { from: 'src/config/', to: 'src/people/', why: 'it writes their rows' };
  const unneeded: Exception = { from: 'src/config/', to: 'src/calls/accept.ts', why: 'nobody knows' };
  assert.deepEqual(wrong(files, [needed]), []);
  assert.deepEqual(wrong(files, [needed, unneeded]), [
    '.ci/house.ts excepts src/config/ → src/calls/accept.ts, which nobody needs any more',
  ]);
});

test('arrows - every way to import is read', () => {
  const text = `
    import 'a';
    import b from 'b';
    import type { C } from 'c';
    import { type D } from 'd';
    export { e } from 'e';
    export type { F } from 'f';
    export * as g from 'g';
    type H = import('h').H;
    import i = require('i');
    const j = await import('j', { with: { type: 'json' } });
    const k = import.meta.resolve('k');
    const l = require('l');
    const m = new URL('./m.ts', import.meta.url);
    import n from 'n' with { type: 'json' };`;
  const imports = importsOf(new Map([['src/all.ts', text]])).get('src/all.ts')!;
  assert.deepEqual([...imports].sort().join(' '), './m.ts a b c d e f g h i j k l n');
});

test('arrows - this house is in order', () => {
  const root = join(import.meta.dirname, '..');
  assert.deepEqual(findWrongArrows(readTree(root), readPackages(root)), []);
});
