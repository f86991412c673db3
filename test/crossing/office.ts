/** An organisation on a ledger with a clock that is set by hand, and its doors without a network before them. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onlyNode } from '../../src/app/nodes.ts';
import { type Organisation, openOrganisation } from '../../src/app/organisation.ts';
import { parseOrganisation } from '../../src/app/organisationFile.ts';
import { runStartup } from '../../src/app/startup.ts';
import { record } from '../../src/campaigns/entities.ts';
import type { Json } from '../../src/ledger/entity.ts';
import { TestLedger } from '../../src/ledger/testing/testLedger.ts';
import type { Store } from '../../src/ledger/testing/testStores.ts';
import { createOutbound } from '../../src/outbound/outbound.ts';
import { user } from '../../src/people/entities.ts';
import { issueCookie, NONCE_BYTES } from '../../src/people/sessionCookie.ts';
import { openAudioStore } from '../../src/recordings/audioStore.ts';
import { createRandom } from '../kit/random.ts';
import { askDoor } from '../simulator/askDoor.ts';
import { DoorHost } from '../simulator/doorHost.ts';
import { COOKIE_KEY, KEYS } from '../simulator/organisation.ts';
import { AGENTS, type Agent } from './switchboard.ts';

const CAMPAIGN = { campaignName: 'Campaign1', applicationId: 134 };
const LIST = 'CallingList1';
const CAMPAIGN_PATH = `outbound-campaigns/${CAMPAIGN.campaignName}`;

/** The organisation of every test here; the calling list has a record for each of `numbers`. */
function organisation(directory: string, numbers: readonly string[]) {
  writeFileSync(join(directory, 'list.csv'), ['contact_info', ...numbers].join('\n'));
  const file = {
    timeZone: 'America/New_York',
    country: 'US',
    users: AGENTS.map(({ id, login, extension, deviceId }) => ({
      id,
      login,
      extension,
      devices: [deviceId],
      // The webhook is the first agent's, and sees all calls.
      roles: id === 1 ? ['administrator'] : ['agent'],
      features: ['api-voice-outbound'],
    })),
    tokens: [{ name: 'ops', token: 'a-token-of-some-length', roles: ['administrator'] }],
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
      { name: CAMPAIGN.campaignName, applicationId: CAMPAIGN.applicationId, lists: [{ name: LIST, file: 'list.csv' }] },
    ],
  };
  return parseOrganisation(JSON.stringify(file), { variables: {}, directory }, 'organisation.json');
}

const PORTAL = '/rest/1/abc123';
const OPERATIONS = '/api/v2/me';
/** A hash that no password has: the agents of these tests come with a cookie. */
const NO_PASSWORD = 'no password';

/** Whatever goes wrong in the house fails the test. */
const LOG = {
  info: () => {},
  warn: () => {},
  error: (details: object, message: string) => assert.fail(`${message}: ${(details as { err?: unknown }).err}`),
};

interface StatisticPage {
  readonly result: readonly Readonly<Record<string, Json>>[];
  readonly next?: number;
}

export class Office {
  readonly on: TestLedger;
  private readonly organisation: Organisation;
  private readonly host = new DoorHost(LOG);

  private constructor(on: TestLedger, organisation: Organisation) {
    this.on = on;
    this.organisation = organisation;
  }

  static async open(store: Store, directory: string, numbers: readonly string[], now: number): Promise<Office> {
    const on = await TestLedger.open(store);
    on.time.now = now;
    const secrets = createRandom(1);
    const random = (bytes: number) => Uint8Array.from({ length: bytes }, () => secrets.integer(0, 255));
    const { ledger } = on;
    const keys = { file: KEYS };
    const file = organisation(directory, numbers);
    const environment = { dataDir: directory };
    const startup = { environment, ledger, keys, log: LOG, random, membership: null, file, forgetKey: false };
    await runStartup(startup, () => {});
    await on.submit(state => {
      for (const each of state.all(user)) state.put(user, { ...each, password: NO_PASSWORD });
    });
    const opened = openOrganisation({
      ledger,
      // Nothing happens by itself: the test does what workers do, when their time has come.
      timers: { monotonicMs: () => on.time.now, after: () => () => {} },
      random,
      log: LOG,
      audio: await openAudioStore(join(directory, 'recordings')),
      outbound: createOutbound({ allow: () => [] }),
      keys: KEYS,
      nodes: onlyNode(ledger, null),
      meters: { countReport: () => {}, watchDesktops: () => {} },
      publicUrl: null,
    });
    const office = new Office(on, opened);
    for (const { open, prefix } of opened.doors) await office.host.register(open, prefix);
    for (const agent of AGENTS) await office.operate(agent, CAMPAIGN_PATH, 'StartPreviewSession', {});
    return office;
  }

  async close(): Promise<void> {
    this.organisation.endHeld();
    await this.host.close();
    await this.organisation.stop();
    await this.on.close();
  }

  /** The PBX pushes a leg. */
  async push(event: Readonly<Record<string, string | number>>): Promise<void> {
    const json = { type: 30012, sn: 'PBX1', msg: JSON.stringify(event) };
    const { status, text } = await askDoor(this.host, { url: '/yeastar/hq', json });
    assert.equal(status, 200, text);
  }

  async register(params: Record<string, Json>): Promise<string> {
    const { result } = await this.ask<{ result: { CALL_ID: string } }>('telephony.externalcall.register', params);
    return result.CALL_ID;
  }

  async finish(params: Record<string, Json>): Promise<void> {
    await this.ask('telephony.externalcall.finish', params);
  }

  /** Every row of the portal's list. */
  async listed(): Promise<readonly Readonly<Record<string, Json>>[]> {
    const rows: Readonly<Record<string, Json>>[] = [];
    for (let start: number | undefined = 0; start !== undefined; ) {
      const page: StatisticPage = await this.ask<StatisticPage>('voximplant.statistic.get', { start });
      rows.push(...page.result);
      start = page.next;
    }
    return rows;
  }

  /** The handle of the record that this agent got, and its number; null when none is left. */
  async retrieve(agent: Agent): Promise<{ readonly handle: number; readonly number: string } | null> {
    const known = new Set((await this.on.rows(record)).map(each => each.handle));
    await this.operate(agent, CAMPAIGN_PATH, 'GetPreviewRecord', {});
    const row = (await this.on.rows(record)).find(each => each.handle !== null && !known.has(each.handle));
    return row === undefined ? null : { handle: row.handle!, number: row.contactInfo };
  }

  async completeRecord(agent: Agent, handle: number, callResult: number | null): Promise<void> {
    await this.operate(agent, `outbound-records/${handle}`, 'CompleteRecord', {
      campaignName: CAMPAIGN.campaignName,
      callingList: LIST,
      ...(callResult === null ? {} : { callResult }),
    });
    const row = (await this.on.rows(record)).find(each => each.handle === handle);
    assert.ok(row?.completedAt != null, 'a record that is held can be completed');
  }

  private async ask<Answer>(method: string, json: Record<string, Json>): Promise<Answer> {
    const { status, text } = await askDoor(this.host, { url: `${PORTAL}/${method}.json`, json });
    assert.equal(status, 200, text);
    return JSON.parse(text) as Answer;
  }

  private async operate(agent: Agent, path: string, operationName: string, more: object): Promise<void> {
    const { id, deviceId } = agent;
    const nonce = new Uint8Array(NONCE_BYTES).fill(id);
    const cookie = `JSESSIONID=${issueCookie({ name: 'JSESSIONID', key: COOKIE_KEY }, { id, password: NO_PASSWORD }, this.on.time.now, nonce)}`;
    const { applicationId } = CAMPAIGN;
    const json = { operationName, applicationId, devicePath: `/devices/${deviceId}`, ...more };
    const { status, text } = await askDoor(this.host, { url: `${OPERATIONS}/${path}`, headers: { cookie }, json });
    assert.equal(status, 200, text);
  }
}
