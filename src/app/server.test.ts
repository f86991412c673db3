import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { createScratch } from '../../test/kit/scratch.ts';
import { readEnvironment } from '../config/environment.ts';
import { keysIn } from './keys.ts';
import { openLedger } from './openLedger.ts';
import { startServer } from './server.ts';

test('a server that cannot use its certificate - closes everything, the database too', async () => {
  using scratch = createScratch('server');
  const dataDir = join(scratch.path, 'data');
  const pem = join(scratch.path, 'no-certificate.pem');
  const environment = readEnvironment({ DATA_DIR: dataDir, PORT: '0', TLS_CERT: pem, TLS_KEY: pem });
  const log = pino({ level: 'silent' });
  const options = { environment, log, onFatal: (error: Error) => assert.fail(error) };
  const start = async () => {
    const opened = await openLedger(options);
    await startServer(options, { ...opened, keys: keysIn(dataDir), membership: null });
  };
  await assert.rejects(start(), { code: 'ENOENT' });
  writeFileSync(pem, 'no certificate');
  // Read, and refused by the HTTP server: opened after everything else.
  await assert.rejects(start(), /PEM/i);
  // Only one process may hold it, and once only.
  const { ledger } = await openLedger(options);
  await ledger.close();
});
