/** Migrations of a test's own, which read like those of the product. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Migration, readMigrationFiles } from '../migrationFiles.ts';

/** One migration per text, numbered from 1, written to an empty directory and read from there. */
export function writeMigrations(directory: string, ...texts: readonly string[]): Migration[] {
  mkdirSync(directory);
  texts.forEach((text, place) => {
    writeFileSync(join(directory, `${String(place + 1).padStart(4, '0')}-step.sql`), text);
  });
  return readMigrationFiles(directory);
}

/** What the first migration of an engine is without a room. */
export const firstOf = (ownStatements: readonly string[], ...more: readonly string[]): string =>
  [...ownStatements, ...more].map(statement => `${statement};\n`).join('');
