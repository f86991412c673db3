/** The doors of a server on a ledger with a clock that is set by hand: what the network would bring is handed in directly. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { acceptReport } from '../../src/calls/accept.ts';
import { source } from '../../src/calls/entities.ts';
import { record } from '../../src/campaigns/entities.ts';
import { applyOrganisation } from '../../src/config/apply.ts';
import { importCallingLists } from '../../src/config/callingLists.ts';
import { ensureFoundations } from '../../src/config/firstStart.ts';
import { parseOrganisation } from '../../src/config/organisationFile.ts';
import type { Bitrix24Door, Method } from '../../src/dialects/bitrix24/context.ts';
import { finish } from '../../src/dialects/bitrix24/methods/finish.ts';
import { register } from '../../src/dialects/bitrix24/methods/register.ts';
import { statistic } from '../../src/dialects/bitrix24/methods/statistic.ts';
import { Params } from '../../src/dialects/bitrix24/params.ts';
import { paramOf } from '../../src/dialects/bitrix24/paramsValue.ts';
import { complete, type Dialler, retrieveRecord } from '../../src/dialects/genesys/operations.ts';
import { readCallDetails } from '../../src/dialects/yeastar/callDetails.ts';
import { readEnvelope } from '../../src/dialects/yeastar/envelope.ts';
import type { Json } from '../../src/ledger/entity.ts';
import { TestLedger } from '../../src/ledger/testing/testLedger.ts';
import type { Store } from '../../src/ledger/testing/testStores.ts';
import { callsContext, campaignsContext, completionToCalls, fetchReactors } from '../../src/neighbours.ts';
import { createOutbound } from '../../src/outbound/outbound.ts';
import { user } from '../../src/people/entities.ts';
import { type AudioStore, openAudioStore } from '../../src/recordings/audioStore.ts';
import { AGENTS, type Agent } from './switchboard.ts';

const CAMPAIGN = { campaignName: 'Campaign1', applicationId: 134 };
const LIST = 'CallingList1';

/** The organisation of every test here; the calling list has a record for each of `numbers`. */
function organisation(directory: string, numbers: readonly string[]) {
  writeFileSync(join(directory, 'list.csv'), ['contact_info', ...numbers].join('\n'));
  const file = {
    timeZone: 'America/New_York',
    country: 'US',
    users: AGENTS.map(({ id, login, extension, deviceId }) => ({ id, login, extension, devices: [deviceId] })),
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

export class Office {
  readonly on: TestLedger;
  private readonly door: Bitrix24Door;
  private readonly dialler: Dialler = { campaigns: campaignsContext, strict: false, report: completionToCalls };
  private secrets = 0;

  private constructor(on: TestLedger, store: AudioStore) {
    this.on = on;
    this.door = {
      ledger: on.ledger,
      calls: callsContext,
      clock: () => on.time.now,
      random: bytes => new Uint8Array(bytes).fill(++this.secrets % 256).fill(this.secrets >> 8, 0, 1),
      timeZone: () => 'UTC',
      askForRecording: () => assert.fail('nobody names a recording'),
      records: {
        store,
        outbound: createOutbound({ allow: () => [] }),
        onAttached: fetchReactors.onAttached!,
        uploadKey: new Uint8Array(32),
      },
      publicUrl: () => null,
      count: () => {},
    };
  }

  static async open(store: Store, directory: string, numbers: readonly string[], now: number): Promise<Office> {
    const on = await TestLedger.open(store);
    on.time.now = now;
    const random = (bytes: number) => new Uint8Array(bytes).fill(7);
    await ensureFoundations(on.ledger, { random });
    const file = organisation(directory, numbers);
    const keyFile = { seal: (clear: string) => clear, open: (sealed: string) => sealed };
    await applyOrganisation(on.ledger, file, { clock: () => now, keyFile, random });
    await importCallingLists(on.ledger, file, { clock: () => now, onList: () => {}, onProgress: () => {} });
    return new Office(on, await openAudioStore(join(directory, 'recordings')));
  }

  /** The PBX pushes a leg. Returns the id of the call it belongs to now. */
  async push(event: Readonly<Record<string, string | number>>): Promise<number> {
    const from = this.on.ledger.directory.find(source, 'byKey', 'hq')[0]!;
    const raw = Buffer.from(JSON.stringify({ type: 30012, sn: 'PBX1', msg: JSON.stringify(event) }));
    const envelope = readEnvelope(raw.toString());
    assert.ok(!('fault' in envelope));
    const { id: sourceId, serial, timeZone, autoZone, displayFormat } = from;
    const read = readCallDetails(envelope, { sourceId, serial, timeZone, autoZone, displayFormat }, raw, null);
    assert.ok('report' in read);
    return (await this.on.ledger.submit(acceptReport(read.report, callsContext))).callId;
  }

  async register(params: Record<string, Json>): Promise<string> {
    const { CALL_ID: callId } = (await this.ask(register, params)) as { readonly CALL_ID: string };
    return callId;
  }

  async finish(params: Record<string, Json>): Promise<void> {
    await this.ask(finish, params);
  }

  /** Every row of the portal's list. */
  async listed(): Promise<readonly Readonly<Record<string, Json>>[]> {
    const rows: Readonly<Record<string, Json>>[] = [];
    for (let start: number | null = 0; start !== null; ) {
      const answered = await statistic.answer(this.callOf({ start }));
      assert.ok('page' in answered);
      rows.push(...(answered.page.rows as Readonly<Record<string, Json>>[]));
      start = answered.page.next;
    }
    return rows;
  }

  /** The handle of the record that this agent got, and its number; null when none is left. */
  async retrieve(agent: Agent): Promise<{ readonly handle: number; readonly number: string } | null> {
    const command = retrieveRecord(this.dialler, agentDevice(agent), asked(agent), {
      campaignName: CAMPAIGN.campaignName,
      attemptGuid: 'a'.repeat(32),
    });
    const before = await this.on.rows(record);
    const { done } = await this.on.ledger.submit(command);
    if (!done) return null;
    const known = new Set(before.map(each => each.handle));
    const row = (await this.on.rows(record)).find(each => each.handle !== null && !known.has(each.handle))!;
    return { handle: row.handle!, number: row.contactInfo };
  }

  async completeRecord(agent: Agent, handle: number, callResult: number | null): Promise<void> {
    const parameters = { ...CAMPAIGN, callingList: LIST, ...(callResult === null ? {} : { callResult }) };
    const incoming = { raw: Buffer.from('{}'), contentType: 'application/json' };
    const command = complete(
      this.dialler,
      agentDevice(agent),
      asked(agent),
      handle,
      parameters as Parameters<typeof complete>[4],
      incoming,
    );
    const { done } = await this.on.ledger.submit(command);
    assert.ok(done, 'a record that is held can be completed');
  }

  private async ask(method: Method, params: Record<string, Json>): Promise<Json> {
    const answered = await method.answer(this.callOf(params));
    assert.ok('result' in answered);
    return answered.result;
  }

  private callOf(params: Record<string, Json>) {
    const { directory } = this.on.ledger;
    return {
      door: { ...this.door, ledger: this.on.ledger },
      user: { ...directory.get(user, 1)!, roles: ['administrator' as const] },
      portal: directory.find(source, 'byKey', 'bitrix24')[0]!,
      webhookId: 1,
      baseUrl: 'https://portal.example/rest',
      params: new Params(new Map(Object.entries(params).map(([name, value]) => [name, paramOf(value)]))),
      raw: Buffer.from(JSON.stringify(params)),
      contentType: 'application/json',
    };
  }
}

const agentDevice = ({ id, login, deviceId }: Agent) => ({ userId: id, login, deviceId });
const asked = ({ deviceId }: Agent) => ({
  applicationId: CAMPAIGN.applicationId,
  devicePath: `/devices/${deviceId}`,
  deviceId,
  referenceId: undefined,
});
