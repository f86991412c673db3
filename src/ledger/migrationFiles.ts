import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/** Plain numbered SQL, forward only. */
export function readMigrationFiles(directory: string): Migration[] {
  return readdirSync(directory)
    .filter(name => /^\d{4}-.*\.sql$/.test(name))
    .sort()
    .map(name => {
      const sql = readFileSync(join(directory, name), 'utf8');
      return { version: Number(name.slice(0, 4)), name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    });
}

/** Where a database stands: version 0 when nothing of ours is in it. */
export interface MigrationState {
  readonly version: number;
  readonly applied: readonly { readonly version: number; readonly checksum: string }[];
}

/**
 * Why a database must not be used, as the end of a sentence that begins with its name; null when it may be, though newer
 * migrations may be missing. `fresh` is what to use instead of one from before the first release.
 */
export function refusalOf(migrations: readonly Migration[], state: MigrationState, fresh: string): string | null {
  const differs = state.applied.find(({ version, checksum }) => {
    const known = migrations.find(each => each.version === version);
    return known !== undefined && known.checksum !== checksum;
  });
  // The first migration is released as it is: a database with another one is older than that.
  if (differs?.version === 1) {
    return `was made by an Aftercall from before the first release, which this one does not read: start with ${fresh}; the old one is left as it is.`;
  }
  const newest = migrations.at(-1)!.version;
  if (state.version > newest) {
    return `has version ${state.version}, and this Aftercall knows versions up to ${newest}: run a newer Aftercall, or restore the backup made before the upgrade.`;
  }
  if (differs === undefined) return null;
  return `was made by another build of Aftercall (migration ${differs.version} differs): run that build.`;
}
