import { Socket } from 'node:net';
import { Client, type ClientConfig, type CustomTypesConfig } from 'pg';
import type { ExactSum } from '../exactSum.ts';

export interface Database {
  /** As in DATABASE_URL; a schema in it is not read here. */
  readonly url: string;
  /** The organisation's. */
  readonly schema: string;
}

/**
 * A batch holds all nodes up while it runs. Should its node stop in the middle of it, the server ends the transaction after
 * this time, and the others go on.
 */
const STOPPED_NODE_MS = 3_000;
/** Longer than a stopped node can hold the lock, so that who waits for it is served and not refused. */
const LOCK_WAIT_MS = 5_000;
/** One statement of a batch takes milliseconds; what takes this long does not end. */
const BATCH_STATEMENT_MS = 6_000;
/** After this time without an answer a node takes its connection for dead and looks whether its batch is stored. */
const ANSWER_MS = 12_000;
/** The same for the watcher, which looks every second whether others have written, which takes a millisecond. */
const LOOK_ANSWER_MS = 2_000;
/** A question of a person. */
const QUESTION_MS = 30_000;
const CONNECT_MS = 5_000;
/** A migration may rewrite a large table, and the node that makes it may stop as well. */
const MIGRATION_IDLE_MS = 30_000;
const MIGRATION_WAIT_MS = 600_000;

/** A copying that does not read for this long was cut off. */
const BUSY_COPY_MS = 120_000;

/** What a connection is for; `pg_stat_activity` shows it as the application's name. */
export type Purpose = 'writer' | 'reader' | 'watcher' | 'migration' | 'snapshot' | 'copy';

const SESSIONS: Readonly<Record<Purpose, Readonly<Record<string, string | number>>>> = {
  writer: {
    lock_timeout: LOCK_WAIT_MS,
    statement_timeout: BATCH_STATEMENT_MS,
    idle_in_transaction_session_timeout: STOPPED_NODE_MS,
    // A plan made while a table was empty would read all of it when it is not any more. Whatever a batch reads or
    // writes, it does by a key or an index.
    enable_seqscan: 'off',
    enable_hashjoin: 'off',
    enable_mergejoin: 'off',
    plan_cache_mode: 'force_generic_plan',
  },
  reader: { default_transaction_read_only: 'on', statement_timeout: QUESTION_MS, lock_timeout: LOCK_WAIT_MS },
  watcher: { statement_timeout: LOCK_WAIT_MS, lock_timeout: LOCK_WAIT_MS },
  migration: {
    statement_timeout: 0,
    lock_timeout: MIGRATION_WAIT_MS,
    idle_in_transaction_session_timeout: MIGRATION_IDLE_MS,
    idle_session_timeout: MIGRATION_IDLE_MS,
  },
  snapshot: { default_transaction_read_only: 'on', statement_timeout: 0, lock_timeout: LOCK_WAIT_MS },
  copy: {
    statement_timeout: 0,
    idle_in_transaction_session_timeout: 0,
    idle_session_timeout: 0,
    // The other side's disk may keep this process busy while an answer waits for it.
    tcp_user_timeout: BUSY_COPY_MS,
    // A table that was filled a moment ago is not known to be large, and a page of it must not cost all of it.
    enable_seqscan: 'off',
    enable_bitmapscan: 'off',
    enable_sort: 'off',
    plan_cache_mode: 'force_generic_plan',
  },
};

/** How long this side waits for an answer; nothing: for ever, or as long as the server lets it run. */
const ANSWERS_MS: Readonly<Record<Purpose, number | undefined>> = {
  writer: ANSWER_MS,
  reader: QUESTION_MS + 5_000,
  watcher: LOOK_ANSWER_MS,
  migration: undefined,
  snapshot: undefined,
  copy: undefined,
};

/** What a node that was cut off leaves unread or unconfirmed ends its connection on the server after this time. */
const CUT_OFF_MS = 4_000;
/** One whose machine is gone while nothing is under way is noticed after half a minute. */
const CUT_OFF = {
  tcp_user_timeout: CUT_OFF_MS,
  tcp_keepalives_idle: 10,
  tcp_keepalives_interval: 5,
  tcp_keepalives_count: 4,
};

const searchPath = (schema: string): string => `"${schema}"`;

/** The address is not that of PostgreSQL itself: something on the way has left out what this connection is to be like. */
export class SettingsLost extends Error {
  override readonly name = 'SettingsLost';

  constructor() {
    super('the settings of the connection did not arrive: connect to PostgreSQL itself, and not through a pooler');
  }
}

export const applicationName = (purpose: Purpose): string => `aftercall ${purpose}`;

export function clientConfig({ url, schema }: Database, purpose: Purpose): ClientConfig {
  const address = new URL(url);
  const requested = address.searchParams.get('options');
  for (const name of ['schema', 'options', 'application_name']) address.searchParams.delete(name);
  const session = { search_path: searchPath(schema), jit: 'off', ...CUT_OFF, ...SESSIONS[purpose] };
  const options = Object.entries(session).map(([name, value]) => `-c ${name}=${value}`);
  const answerMs = ANSWERS_MS[purpose];
  return {
    connectionString: address.href,
    options: [...(requested === null ? [] : [requested]), ...options].join(' '),
    application_name: applicationName(purpose),
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: CUT_OFF_MS,
    types: TYPES,
    ...(answerMs === undefined ? {} : { query_timeout: answerMs }),
  };
}

/** Values of a row in the order of the requested columns. */
export type Values = unknown[];

/** A connection of one's own. Statements may be sent before the one before is answered. */
export class Connection {
  readonly client: Client;
  private readonly socket: Socket;
  private hasEnded = false;
  /** Warnings of the server so far. */
  warnings = 0;
  /** Statements that are prepared here, by their text. */
  private readonly prepared = new Map<string, string>();

  private constructor(client: Client, socket: Socket) {
    this.client = client;
    this.socket = socket;
    const end = () => {
      this.hasEnded = true;
    };
    // An error of the connection rejects the answers waited for; here it would only end the process.
    client.on('error', end).on('end', end);
    client.on('notice', ({ code }) => {
      if (code?.startsWith(WARNING_CLASS) === true) this.warnings++;
    });
  }

  static async open(database: Database, purpose: Purpose): Promise<Connection> {
    const socket = new Socket();
    const client = new Client({ ...clientConfig(database, purpose), pipeline: true, stream: () => socket });
    const connection = new Connection(client, socket);
    try {
      await client.connect();
      const [row] = await connection.run("SELECT current_setting('search_path')");
      if (row?.[0] !== searchPath(database.schema)) throw new SettingsLost();
    } catch (error) {
      socket.destroy();
      throw error;
    }
    return connection;
  }

  /** The server, the network or this side has ended it. */
  get isDead(): boolean {
    return this.hasEnded || this.socket.destroyed;
  }

  /** One or several statements without parameters; the rows of the last one. */
  async run(sql: string): Promise<Values[]> {
    const answers: unknown = await this.client.query({ text: sql, rowMode: 'array' });
    const last = (Array.isArray(answers) ? answers.at(-1) : answers) as { rows: Values[] };
    return last.rows;
  }

  /** A statement with parameters, prepared when it is used for the first time. */
  async execute(sql: string, parameters: readonly unknown[]): Promise<Values[]> {
    let name = this.prepared.get(sql);
    if (name === undefined && this.prepared.size < PREPARED_LIMIT) {
      name = `s${this.prepared.size + 1}`;
      this.prepared.set(sql, name);
    }
    const query = { text: sql, values: [...parameters], rowMode: 'array' as const };
    const { rows } = await this.client.query<Values>(name === undefined ? query : { ...query, name });
    return rows;
  }

  /** Several statements in one packet, where they fit. */
  together<T>(send: () => T): T {
    this.socket.cork();
    try {
      return send();
    } finally {
      this.socket.uncork();
    }
  }

  /** In order. */
  async close(): Promise<void> {
    if (this.isDead) return this.destroy();
    await this.client.end();
  }

  /** At once, whatever query is running. */
  destroy(): void {
    this.hasEnded = true;
    this.socket.destroy();
  }
}

/** Of https://www.postgresql.org/docs/current/errcodes-appendix.html; what is only said has another one. */
const WARNING_CLASS = '01';

/** Statements differ by the columns they set: some hundred, over all entities. The others are not prepared. */
const PREPARED_LIMIT = 1_000;

/** Beyond 2^53 a bigint. */
function integerOf(text: string): ExactSum {
  const value = Number(text);
  return Number.isSafeInteger(value) || !/^-?\d+$/.test(text) ? value : BigInt(text);
}

const PARSERS: Readonly<Record<number, (text: string) => unknown>> = {
  16: text => text === 't',
  17: text => {
    const { buffer, byteOffset, byteLength } = Buffer.from(text.slice(2), 'hex');
    return new Uint8Array(buffer, byteOffset, byteLength);
  },
  20: integerOf,
  21: Number,
  23: Number,
  // A sum of bigints.
  1700: integerOf,
};

const asItIs = (text: string): string => text;

const TYPES: CustomTypesConfig = {
  getTypeParser: ((oid: number) => PARSERS[oid] ?? asItIs) as never,
};
