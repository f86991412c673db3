/** Who may know whom in `src/`, as data (ARCHITECTURE.md, section 3). `arrows.ts` holds the house to it. */

/** Files at the top, which compose the rooms. Nobody below may import them. */
export const TOP = [
  'main.ts',
  'copyCommand.ts',
  'server.ts',
  'neighbours.ts',
  'schema.ts',
  'metrics.ts',
  'version.ts',
  'lingeringClose.ts',
];

/** Paths of what only tests know: tests, what they share in `testing/`, and in the ledger suites that every engine must pass. */
export const TESTS = /\.test\.ts$|\/testing\/|^src\/ledger\/(?:test[A-Z]\w*|\w*Conformance)\.ts$/;

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
  { name: 'config' },
  { name: 'crm' },
  { name: 'delivery' },
  { name: 'nodes', http: ['undici', 'node:http', 'node:tls'] },
  { name: 'outbound', http: ['undici'] },
  { name: 'people' },
  { name: 'recordings' },
  { name: 'statistics' },
];

/** An import that the arrows forbid and the house wants all the same. One that nobody needs any more is an error. */
export interface Exception {
  /** A folder ends with a slash. */
  readonly from: string;
  readonly to: string;
  readonly why: string;
}

export const EXCEPTIONS: readonly Exception[] = [
  {
    from: 'src/config/',
    to: 'src/people/',
    why: 'the organisation file is written into the rows of people, and its limits are those of logging in',
  },
  {
    from: 'src/config/',
    to: 'src/calls/entities.ts',
    why: 'the organisation file is written into the rows of sources',
  },
  {
    from: 'src/config/',
    to: 'src/campaigns/',
    why: 'the organisation file names campaigns and the calling lists that are imported with it',
  },
];

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
