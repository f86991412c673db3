/** Ledgers of any length for the bench of growth: a block of calls again and again, the last of them told just now. */
import { copyFileSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { entities } from '../src/app/entities.ts';
import { journal } from '../src/ledger/journal.ts';
import { openCopySource, openCopyTarget } from '../src/ledger/sqlite/copySides.ts';
import { makeBlock } from '../test/kit/manyCalls.ts';
import { multiply } from '../test/kit/multiplied.ts';

const DAY_MS = 86_400_000;
/** 2,500 calls a day: a million are some thirteen months. */
const BLOCK_CALLS = 5_000;
const BLOCK_DAYS = 2;
const DATABASE = 'aftercall.db';
const all = [...entities, journal];

export interface FilledLedger {
  readonly dataDir: string;
  readonly calls: number;
  readonly seconds: number;
  readonly databaseBytes: number;
}

/** Makes a data directory in `directory`, for a server to start with `MANY_CALLS_ORGANISATION`. */
export async function fillLedger(
  directory: string,
  calls: number,
  onCalls: (calls: number) => void,
): Promise<FilledLedger> {
  const began = performance.now();
  const times = Math.ceil(calls / BLOCK_CALLS);
  const startsAt = (Math.floor(Date.now() / DAY_MS) - times * BLOCK_DAYS) * DAY_MS;
  const blockDir = join(directory, 'block');
  const dataDir = join(directory, 'data');
  for (const each of [blockDir, dataDir]) mkdirSync(each, { recursive: true });
  const block = await makeBlock(blockDir, { calls: BLOCK_CALLS, days: BLOCK_DAYS, startsAt, seed: 1 });
  for (const name of readdirSync(blockDir)) {
    if (!name.startsWith(DATABASE)) copyFileSync(join(blockDir, name), join(dataDir, name));
  }
  const from = openCopySource(block, all);
  const file = join(dataDir, DATABASE);
  const to = await openCopyTarget(file, all);
  await multiply(from, to, { times, days: BLOCK_DAYS, onBlock: blocks => onCalls(blocks * BLOCK_CALLS) });
  await to.close();
  await from.close();
  const seconds = (performance.now() - began) / 1000;
  return { dataDir, calls: times * BLOCK_CALLS, seconds, databaseBytes: statSync(file).size };
}

/** What the questions of the bench are about. */
export interface LedgerPlaces {
  readonly newestAt: number;
  readonly middleAt: number;
  readonly middleId: number;
  readonly externalId: string;
  readonly token: string;
  readonly lines: number;
}

export function placesOf({ dataDir }: FilledLedger): LedgerPlaces {
  using db = new DatabaseSync(join(dataDir, DATABASE), { readOnly: true });
  const one = (sql: string, ...values: number[]) => db.prepare(sql).get(...values) as Record<string, number | string>;
  const { oldest, newest } = one('SELECT min(started_at) AS oldest, max(started_at) AS newest FROM call');
  const middleAt = Math.floor((Number(oldest) + Number(newest)) / 2);
  const middle = one('SELECT id, external_id FROM call WHERE started_at >= ? ORDER BY started_at LIMIT 1', middleAt);
  const { token } = one('SELECT token FROM portal_call WHERE id >= ? ORDER BY id LIMIT 1', Number(middle['id']));
  const { lines } = one('SELECT count(*) AS lines FROM portal_call WHERE started_at IS NOT NULL');
  return {
    newestAt: Number(newest),
    middleAt,
    middleId: Number(middle['id']),
    externalId: String(middle['external_id']),
    token: String(token),
    lines: Number(lines),
  };
}

/** Of a ledger that no server uses: every call waits to settle, and as many messages wait for desktops. */
export function leaveWaiting({ dataDir, calls }: FilledLedger): void {
  using db = new DatabaseSync(join(dataDir, DATABASE));
  const message = JSON.stringify([
    { channel: '/v2/me/outbound', data: { notificationType: 'RecordProcessedAcknowledge' } },
  ]);
  db.exec('BEGIN; UPDATE settling_line SET at = (SELECT min(settles_at) FROM call)');
  db.prepare(
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
     INSERT INTO agent_outbox (id, user_id, at, messages) SELECT i, 101 + i % 120, ? , ? FROM n`,
  ).run(calls, Date.now(), message);
  const { sequences } = db.prepare('SELECT sequences FROM head').get() as { sequences: string };
  db.prepare('UPDATE head SET sequences = ?').run(JSON.stringify({ ...JSON.parse(sequences), agentOutbox: calls + 1 }));
  db.exec('COMMIT');
}
