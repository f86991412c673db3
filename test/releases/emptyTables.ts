import type { TableRows } from './fixture.ts';

/** Tables that no ledger has rows in while no server uses it, or none without being cut off in the middle, and why. */
const MAY_BE_EMPTY: Readonly<Record<string, string>> = {
  consumer: 'no worker of this release reads the journal by itself',
  node: 'servers that run',
  writer: 'that a server writes to PostgreSQL at the moment',
  lease: 'what servers that run do for all of them',
  preview_session: 'desktops that are connected: a session ends with its server',
  moved_leg: 'a run of refold that was cut short',
};

/** Tables without rows that a later version would never be seen to open. */
export const emptyTables = (tables: readonly TableRows[]): readonly string[] =>
  tables.filter(({ table, rows }) => rows.length === 0 && MAY_BE_EMPTY[table] === undefined).map(each => each.table);
