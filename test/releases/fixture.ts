/** What a release left behind: a ledger of each engine with facts of every kind, and what its server answered about it. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import { Client } from 'pg';
import { SCHEMA } from '../../src/ledger/testing/testStores.ts';
import { answersOf } from '../cli/copyHouse.ts';
import type { RunningServer } from '../kit/server.ts';

export const RELEASES = fileURLToPath(new URL('.', import.meta.url));

/** In the directory of its release; all but the key are compressed. */
const FILES = {
  sqlite: 'ledger.db.br',
  postgres: 'rows.json.br',
  answers: 'answers.json.br',
  key: 'secret.key',
  recordings: 'recordings.json.br',
} as const;

/** The rows of one table of PostgreSQL, as JSON: bytes in hex. */
export interface TableRows {
  readonly table: string;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

export interface Fixture {
  /** An SQLite database. */
  readonly sqlite: Buffer;
  readonly postgres: readonly TableRows[];
  /** By what was asked. */
  readonly answers: Readonly<Record<string, unknown>>;
  readonly key: Buffer;
  /** Audio by its path below the directory of recordings, in base64. */
  readonly recordings: readonly { readonly path: string; readonly bytes: string }[];
}

const pathOf = (release: string, file: keyof typeof FILES): string => join(RELEASES, release, FILES[file]);

export function readFixture(release: string): Fixture {
  const read = (file: keyof typeof FILES) => readFileSync(pathOf(release, file));
  return {
    sqlite: brotliDecompressSync(read('sqlite')),
    postgres: JSON.parse(brotliDecompressSync(read('postgres')).toString()),
    answers: JSON.parse(brotliDecompressSync(read('answers')).toString()),
    key: read('key'),
    recordings: existsSync(pathOf(release, 'recordings'))
      ? JSON.parse(brotliDecompressSync(read('recordings')).toString())
      : [],
  };
}

/** The key file and the audio, where a server looks for them. */
export function furnishDataDir(dataDir: string, { key, recordings }: Pick<Fixture, 'key' | 'recordings'>): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  writeFileSync(join(dataDir, 'secret.key'), key, { mode: 0o600 });
  for (const { path, bytes } of recordings) {
    const file = join(dataDir, 'recordings', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, Buffer.from(bytes, 'base64'));
  }
}

export function writeFixture(release: string, { sqlite, postgres, answers, key, recordings }: Fixture): void {
  writeFileSync(pathOf(release, 'sqlite'), brotliCompressSync(sqlite));
  writeFileSync(pathOf(release, 'postgres'), brotliCompressSync(JSON.stringify(postgres)));
  writeFileSync(pathOf(release, 'answers'), brotliCompressSync(JSON.stringify(answers)));
  writeFileSync(pathOf(release, 'key'), key);
  writeFileSync(pathOf(release, 'recordings'), brotliCompressSync(JSON.stringify(recordings)));
}

/** As it is whenever one asks: an open call becomes an unfinished one by itself. */
export async function lastingAnswersOf(server: RunningServer): Promise<Fixture['answers']> {
  const answers = JSON.stringify(await answersOf(server)).replaceAll('"state":"open"', '"state":"unfinished"');
  return JSON.parse(answers);
}

/** All rows of a schema. */
export async function rowsOf(url: string): Promise<TableRows[]> {
  return withClient(url, async client => {
    const tables = await client.query(
      `SELECT tablename FROM pg_tables WHERE schemaname = '${SCHEMA}' ORDER BY tablename`,
    );
    const all: TableRows[] = [];
    for (const { tablename: table } of tables.rows) {
      const { rows } = await client.query(`SELECT row_to_json(t)::text AS line FROM "${SCHEMA}"."${table}" t`);
      all.push({ table, rows: rows.map(({ line }) => JSON.parse(line)) });
    }
    return all;
  });
}

/** Fills an empty database: the tables as the migrations of that release made them, then the rows. */
export async function fillDatabase(
  url: string,
  migrations: readonly string[],
  tables: readonly TableRows[],
): Promise<void> {
  await withClient(url, async client => {
    await client.query(`CREATE SCHEMA "${SCHEMA}"; SET search_path TO "${SCHEMA}"`);
    for (const sql of migrations) await client.query(sql);
    for (const { table, rows } of tables) {
      const target = `"${SCHEMA}"."${table}"`;
      await client.query(`DELETE FROM ${target}`);
      await client.query(`INSERT INTO ${target} SELECT * FROM json_populate_recordset(NULL::${target}, $1)`, [
        JSON.stringify(rows),
      ]);
    }
  });
}

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
