/**
 * Where a row of the organisation is changed. file: in the organisation file, which says it anew at each start. api: over the API.
 * server: the server has made it itself, and nobody has changed it yet.
 */
export type ManagedBy = 'file' | 'api' | 'server';

/** Those who change rows. */
export type Manager = Exclude<ManagedBy, 'server'>;

/** Whether this manager may change a row that is there. The file takes over what it names. */
export const mayManage = (by: Manager, row: { readonly managedBy: ManagedBy }): boolean =>
  by === 'file' || row.managedBy !== 'file';

/** What the API answers where it may not. */
export const managedByFile = (what: string): string =>
  `${what} is managed by the organisation file: change it there and start the server with it`;
