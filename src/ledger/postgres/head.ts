import type { Head } from '../engine.ts';
import type { Connection, Values } from './connection.ts';

/** The one row that holds where the ledger stands, as it is stored. */
export interface StoredHead {
  readonly head: Head;
  /** How many batches all nodes have stored. */
  readonly batch: number;
  /** Of each resident entity: the batch that changed its rows last. */
  readonly residents: Readonly<Record<string, number>>;
  /** UTC milliseconds of the server. */
  readonly clock: number;
}

export const SELECT_HEAD = `
SELECT schema_version, batch, position, now, sequences, residents, (extract(epoch FROM clock_timestamp()) * 1000)::bigint
FROM head`;

export const SET_HEAD = 'UPDATE head SET batch = $1, position = $2, now = $3, sequences = $4, residents = $5';

/**
 * The same of a batch and, one row per node, that it is its node's newest, so that one whose answer was lost can be looked up; the
 * node is the sixth parameter.
 */
export const SET_HEAD_BY_NODE = `
WITH newest AS (
  INSERT INTO writer (id, batch, at) VALUES ($6, $1, $3)
  ON CONFLICT (id) DO UPDATE SET batch = excluded.batch, at = excluded.at
)
${SET_HEAD}`;

export function readHead(values: Values | undefined): StoredHead {
  if (values === undefined) throw new Error('the head has no row');
  const [schemaVersion, batch, position, now, sequences, residents, clock] = values as [
    number,
    number,
    number,
    number,
    string,
    string,
    number,
  ];
  const head = { schemaVersion, position, now, sequences: JSON.parse(sequences) };
  return { head, batch, residents: JSON.parse(residents), clock };
}

export async function selectHead(connection: Connection): Promise<StoredHead> {
  const [row] = await connection.run(SELECT_HEAD);
  return readHead(row);
}
