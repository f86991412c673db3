import type { CopyMark } from '../copySides.ts';
import type { Connection, Database } from './connection.ts';

/** Is there while a schema is an unfinished copy, and no longer: no migration makes it. */
export const MARK_TABLE = 'unfinished_copy';

export async function readMark(connection: Connection, { schema }: Pick<Database, 'schema'>): Promise<CopyMark | null> {
  const [there] = await connection.execute('SELECT to_regclass($1) IS NOT NULL', [`"${schema}".${MARK_TABLE}`]);
  if (there?.[0] !== true) return null;
  const [row] = await connection.run(`SELECT mark FROM "${schema}".${MARK_TABLE}`);
  return JSON.parse(row![0] as string);
}
