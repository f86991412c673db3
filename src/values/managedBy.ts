/**
 * Who may change a row of the organisation. file: the organisation file, which puts back at each start what it says. api: people, over
 * the API. server: nobody yet, the server has made it itself.
 */
export type ManagedBy = 'file' | 'api' | 'server';
