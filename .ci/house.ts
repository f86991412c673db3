/** Who may know whom in `src/`, as data (ARCHITECTURE.md, section 3). `arrows.ts` holds the house to it. */

/** Files and folders at the top, which compose the rooms. Nothing below may import them. */
export const TOP = ['main.ts', 'app', 'commands'];

/** What all dialects share: the words in which they describe themselves. */
export const DIALECTS_SHARE = 'src/dialects/dialect.ts';

/** Paths of what only tests know: tests, and what they share in `testing/`. */
export const TESTS = /\.test\.ts$|\/testing\//;

export interface Room {
  readonly name: string;
  /** Knows nothing of ours, not even the ledger. */
  readonly alone?: true;
  /** Packages of the HTTP list this room exists to use. */
  readonly http?: readonly string[];
}

export const ROOMS: readonly Room[] = [
  { name: 'bayeux', alone: true },
  { name: 'calls' },
  { name: 'campaigns' },
  { name: 'clients' },
  { name: 'config' },
  { name: 'nodes', http: ['undici', 'node:http', 'node:tls'] },
  { name: 'outbound', http: ['undici'] },
  { name: 'people' },
  { name: 'portal' },
  { name: 'recordings' },
  { name: 'sources' },
  { name: 'statistics' },
];

/** An import that the arrows forbid and the house wants all the same. One that nobody needs any more is an error. */
export interface Exception {
  /** A folder ends with a slash. */
  readonly from: string;
  readonly to: string;
  readonly why: string;
}

export const EXCEPTIONS: readonly Exception[] = [];

/** Dialects, wherever they stand in a name or a text. Rooms ask what a source tells, never what it is called. */
export const DIALECT_NAMES = /yeastar|bitrix24|genesys/i;

/** One that is an ordinary word too: a text of its own, or the beginning of a name with a dot. */
export const DIALECT_TEXTS = /^native(\.|$)/;

/** Packages and modules that speak HTTP, or open the connections it goes over. A name stands for its subpaths too. */
export const HTTP = [
  'fastify',
  '@fastify',
  '@scalar',
  'undici',
  'ws',
  'node:http',
  'node:https',
  'node:http2',
  'node:tls',
];

/** Packages and modules that speak SQL. */
export const SQL = ['node:sqlite', 'kysely', 'pg', 'postgres'];

/** What a value may not touch: it would not be pure any more. */
export const IMPURE = ['node:'];

/** Engines of the ledger, which only the top chooses among. */
export const ENGINES = ['src/ledger/memory/', 'src/ledger/sqlite/', 'src/ledger/postgres/'];
