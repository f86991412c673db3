/** The organisation of every simulation, made once by the real configuration and then copied into each store. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { entities } from '../../src/app/entities.ts';
import { parseOrganisation } from '../../src/app/organisationFile.ts';
import { runStartup } from '../../src/app/startup.ts';
import type { KeyFile } from '../../src/config/keyFile.ts';
import type { ChangeSet } from '../../src/ledger/engine.ts';
import type { AnyEntity, EntityShape, Row } from '../../src/ledger/entity.ts';
import { journal } from '../../src/ledger/journal.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { MemoryEngine } from '../../src/ledger/memory/memoryEngine.ts';
import { user } from '../../src/people/entities.ts';
import { START } from './world.ts';

export const ENTITIES = entities as readonly AnyEntity[];

export const AGENTS = [
  { id: 1, login: 'agent1', extension: '2001', deviceId: '42e3a1c6-fc5e-425b-9411-125f536fde00' },
  { id: 2, login: 'agent2', extension: '2002', deviceId: '2b00393c-9ad3-418f-8b3d-a06cbe8af395' },
] as const;
export type Agent = (typeof AGENTS)[number];

export const CAMPAIGN = { name: 'Campaign1', applicationId: 134, list: 'CallingList1' };
export const TOKEN = 'a-token-of-some-length';
export const HOOK = '/rest/1/abc123';
/** A key file that nobody has to read: every purpose has the same key. */
export const COOKIE_KEY = new Uint8Array(32).fill(3);
export const KEYS: KeyFile = {
  derive: () => COOKIE_KEY,
  seal: clear => clear,
  open: sealed => sealed,
};

/** Few, so that the same people are called again and again. */
export const NUMBERS = ['+12125550111', '+12125550122', '+442079460133'] as const;
const RECORDS = 40;

const FILE = {
  timeZone: 'America/New_York',
  country: 'US',
  users: AGENTS.map(({ id, login, extension, deviceId }) => ({
    id,
    login,
    extension,
    devices: [deviceId],
    roles: ['agent'],
    features: ['api-voice-outbound'],
  })),
  tokens: [{ name: 'ops', token: TOKEN, roles: ['administrator'] }],
  sources: [
    {
      key: 'hq',
      kind: 'yeastar',
      unsigned: true,
      timeZone: 'UTC',
      outsidePrefix: '9',
      numbers: { internal: ['2xxx'] },
    },
  ],
  bitrix24: { webhooks: [{ user: 1, code: 'abc123' }] },
  campaigns: [
    {
      name: CAMPAIGN.name,
      applicationId: CAMPAIGN.applicationId,
      lists: [{ name: CAMPAIGN.list, file: 'list.csv' }],
    },
  ],
};

/** A batch that puts the organisation into an empty store. On the real clock: before a world takes over. */
export async function foundingBatch(): Promise<ChangeSet> {
  const directory = mkdtempSync(join(tmpdir(), 'aftercall-simulator-'));
  try {
    const lines = Array.from({ length: RECORDS }, (_, n) => `${NUMBERS[n % NUMBERS.length]!},0,86399`);
    writeFileSync(join(directory, 'list.csv'), ['contact_info,daily_from,daily_till', ...lines].join('\n'));
    const engine = new MemoryEngine({ entities: ENTITIES });
    const clock = () => START - 60_000;
    const ledger = await Ledger.open({
      engine,
      clock,
      onFatal: error => {
        throw error;
      },
    });
    const random = (bytes: number) => new Uint8Array(bytes).fill(7);
    const file = parseOrganisation(JSON.stringify(FILE), { variables: {}, directory }, 'organisation.json');
    const log = { info: () => {}, warn: () => {}, error: () => {} };
    const parts = { ledger, keys: { file: KEYS }, log, random, membership: null, file, forgetKey: false };
    await runStartup({ ...parts, environment: { dataDir: directory } }, () => {});
    await ledger.submit({
      name: 'be ready',
      bytes: 0,
      apply: state => {
        // A cookie is good while its user could log in; nobody here asks for a password.
        for (const each of state.all(user)) state.put(user, { ...each, password: 'no password' });
      },
    });
    const head = await engine.begin();
    await ledger.close();
    const rows: { entity: EntityShape; inserts: Row[]; updates: []; deletes: [] }[] = [];
    for (const entity of [...ENTITIES, journal]) {
      if (entity.kind !== 'rows') continue;
      const inserts = await engine.reader.select<Row>({ from: entity, limit: 10_000 });
      if (inserts.length > 0) rows.push({ entity, inserts, updates: [], deletes: [] });
    }
    return { number: 1, after: 0, head, tookNumbers: true, rows, counters: [] };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
