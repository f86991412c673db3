import { join } from 'node:path';
import { ConfigError } from './configError.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface Environment {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly dataDir: string;
  /** `path` is the database file; `url` is that of PostgreSQL without the schema. */
  readonly database:
    | { readonly kind: 'sqlite'; readonly path: string }
    | { readonly kind: 'postgres'; readonly url: string; readonly schema: string }
    | { readonly kind: 'memory' };
  /** Where others reach this server, without a slash at its end; null when it is where it listens. */
  readonly publicUrl: string | null;
  /** Where the other nodes of the same database reach this one, an origin; null when it is not said. */
  readonly nodeUrl: string | null;
  /** Paths of PEM files; null: plain HTTP. */
  readonly tls: { readonly certPath: string; readonly keyPath: string } | null;
  readonly logLevel: LogLevel;
}

export type Variables = Readonly<Record<string, string | undefined>>;

/** Reads HOST, PORT, DATA_DIR, DATABASE_URL, PUBLIC_URL, NODE_URL, TLS_CERT, TLS_KEY, LOG_LEVEL; an empty one counts as unset. */
export function readEnvironment(variables: Variables): Environment {
  const problems: string[] = [];
  const value = (name: string): string | null => variables[name]?.trim() || null;
  const dataDir = value('DATA_DIR') ?? './data';
  const databaseUrl = value('DATABASE_URL');
  const environment: Environment = {
    host: hostOf(value('HOST') ?? '127.0.0.1', problems),
    port: portOf(value('PORT') ?? '8080', problems),
    dataDir,
    database:
      databaseUrl === null
        ? { kind: 'sqlite', path: join(dataDir, 'aftercall.db') }
        : databaseOf(databaseUrl, 'DATABASE_URL', problems),
    publicUrl: publicUrlOf(value('PUBLIC_URL'), problems),
    nodeUrl: nodeUrlOf(value('NODE_URL'), problems),
    tls: tlsOf(value('TLS_CERT'), value('TLS_KEY'), problems),
    logLevel: logLevelOf(value('LOG_LEVEL') ?? 'info', problems),
  };
  if (problems.length > 0) throw new ConfigError(problems);
  return environment;
}

/** A database that is named elsewhere than in DATABASE_URL, in the same way. */
export function readDatabase(name: string, text: string): Environment['database'] {
  const problems: string[] = [];
  const database = databaseOf(text.trim(), name, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return database;
}

function hostOf(text: string, problems: string[]): string {
  const host = text.replace(/^\[(.*)\]$/, '$1');
  if (!/^[0-9A-Za-z.:%_-]+$/.test(host)) problems.push(`HOST must be a host name or an address, not ${quoted(text)}.`);
  return host;
}

function portOf(text: string, problems: string[]): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) {
    problems.push(`PORT must be a whole number from 0 to 65535, not ${quoted(text)}.`);
  }
  return port;
}

/** What is refused may hold a password and is not repeated. */
function databaseOf(text: string, name: string, problems: string[]): Environment['database'] {
  if (text === 'memory:') return { kind: 'memory' };
  if (/^postgres(?:ql)?:/i.test(text)) return postgresOf(text, name, problems);
  const path = /^sqlite:(?:\/\/)?(?<path>.+)$/.exec(text)?.groups?.['path'];
  if (path !== undefined) return { kind: 'sqlite', path };
  problems.push(`${name} must be sqlite:<path of a file>, postgres://<user>@<host>/<database> or memory:.`);
  return { kind: 'memory' };
}

/** An organisation is a schema of its own: `?schema=` names it. */
const DEFAULT_SCHEMA = 'aftercall';

function postgresOf(text: string, name: string, problems: string[]): Environment['database'] {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^\/[^/]+$/.test(url.pathname)) {
    problems.push(`${name} of PostgreSQL must be postgres://<user>:<password>@<host>:<port>/<database>.`);
    return { kind: 'memory' };
  }
  const schema = url.searchParams.get('schema') ?? DEFAULT_SCHEMA;
  if (!/^(?!pg_)[a-z_][a-z0-9_]{0,62}$/.test(schema)) {
    problems.push(`${name} must name a schema of small letters, digits and underscores that does not begin with pg_.`);
  }
  url.searchParams.delete('schema');
  return { kind: 'postgres', url: url.href, schema };
}

function publicUrlOf(text: string | null, problems: string[]): string | null {
  if (text === null) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  const isUsable =
    url !== null && /^https?:$/.test(url.protocol) && `${url.username}${url.password}${url.search}${url.hash}` === '';
  if (!isUsable) {
    problems.push('PUBLIC_URL must be an http or https address without credentials, query and fragment.');
    return null;
  }
  return url.href.replace(/\/+$/, '');
}

function nodeUrlOf(text: string | null, problems: string[]): string | null {
  if (text === null) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.href !== `${url.origin}/`) {
    problems.push('NODE_URL must be http or https, a host and a port, and nothing else: the other nodes use it.');
    return null;
  }
  return url.origin;
}

function tlsOf(certPath: string | null, keyPath: string | null, problems: string[]): Environment['tls'] {
  if (certPath !== null && keyPath !== null) return { certPath, keyPath };
  if (certPath !== null) problems.push('TLS_CERT is set without TLS_KEY: set both or none.');
  if (keyPath !== null) problems.push('TLS_KEY is set without TLS_CERT: set both or none.');
  return null;
}

function logLevelOf(text: string, problems: string[]): LogLevel {
  const level = LOG_LEVELS.find(each => each === text.toLowerCase());
  if (level === undefined) problems.push(`LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}, not ${quoted(text)}.`);
  return level ?? 'info';
}

const quoted = (text: string): string => JSON.stringify(text.slice(0, 60));
