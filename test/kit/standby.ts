/** A standby that a primary waits for with every commit, made from a copy of its data directory while it runs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chownSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { type RunningPostgres, startPostgres } from './postgres.ts';
import { until } from './until.ts';

/** The name it goes by with its primary; a primary has one standby at a time. */
const NAME = 'standby';
/** Files that belong to the processes of the primary, and not to its data. */
const NOT_COPIED = ['postmaster.pid', 'postmaster.opts', 'standby.signal'];

/** `dataDir` is empty, and the caller's to take away. From then on the primary commits nothing that the standby does not have. */
export async function startStandby(primary: RunningPostgres, dataDir: string): Promise<RunningPostgres> {
  await primary.run('postgres', `SELECT pg_create_physical_replication_slot('${NAME}', true)`);
  // A copy is begun and ended on one connection.
  const client = new Client({ connectionString: primary.url('postgres') });
  await client.connect();
  try {
    await client.query(`SELECT pg_backup_start('${NAME}', true)`);
    await copy(primary.dataDir, dataDir);
    const { rows } = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)');
    writeFileSync(join(dataDir, 'backup_label'), rows[0]!.labelfile);
  } finally {
    await client.end();
  }
  const { username, password } = new URL(primary.url('postgres'));
  const connection = `host=127.0.0.1 port=${primary.port} user=${username} password=${password} application_name=${NAME}`;
  const settings = [
    `primary_conninfo = '${connection}'`,
    `primary_slot_name = '${NAME}'`,
    // The primary's own, which is in the copy where it had a standby before.
    "synchronous_standby_names = ''",
  ];
  appendFileSync(join(dataDir, 'postgresql.auto.conf'), `${settings.join('\n')}\n`);
  writeFileSync(join(dataDir, 'standby.signal'), '');
  const { uid, gid } = statSync(dataDir);
  for (const name of ['backup_label', 'standby.signal']) chownSync(join(dataDir, name), uid, gid);
  const standby = await startPostgres({ dataDir });
  await primary.run('postgres', `ALTER SYSTEM SET synchronous_standby_names = '${NAME}'`);
  await primary.run('postgres', 'SELECT pg_reload_conf()');
  await until('the primary waits for its standby', async () => {
    const rows = await primary.run('postgres', 'SELECT sync_state FROM pg_stat_replication');
    return rows.some(row => row['sync_state'] === 'sync') ? true : undefined;
  });
  return standby;
}

/** As it stands; what changes meanwhile is made good by the log. */
async function copy(from: string, to: string): Promise<void> {
  const copying = spawn('cp', ['-a', `${from}/.`, to], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  copying.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await once(copying, 'close');
  const wrong = said.split('\n').filter(line => line !== '' && !line.includes('No such file or directory'));
  if (wrong.length > 0) throw new Error(`the data could not be copied: ${wrong.join('; ')}`);
  for (const name of NOT_COPIED) rmSync(join(to, name), { force: true });
  for (const slot of readdirSync(join(to, 'pg_replslot'))) {
    rmSync(join(to, 'pg_replslot', slot), { recursive: true, force: true });
  }
}
