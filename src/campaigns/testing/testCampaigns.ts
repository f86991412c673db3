/** Campaigns, lists and calls for the tests of this room. Numbers are those that regulators keep for fiction. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineEntity, type EntityRow, integer, nullable, text } from '../../ledger/entity.ts';
import type { State } from '../../ledger/state.ts';
import { TestLedger } from '../../ledger/testing/testLedger.ts';
import type { StoreKind } from '../../ledger/testing/testStores.ts';
import type { Outcome } from '../../values/outcome.ts';
import type { AgentDevice, Attempt, CampaignsContext, Completion } from '../context.ts';
import { type CallRecord, callingList, campaign, campaignEntities, record } from '../entities.ts';
import { examineList, importList, type ListSource } from '../importList.ts';
import type { ImportCounts } from '../importRows.ts';
import { joinRecords } from '../onCall.ts';

/** Calls as the room that owns them keeps them, as far as this room knows. */
export const testCall = defineEntity({
  name: 'testCall',
  columns: {
    id: integer(),
    userId: nullable(integer()),
    numberKey: nullable(text()),
    startedAt: integer(),
    endedAt: nullable(integer()),
    outcome: text<Outcome>(),
  },
  key: ['id'],
  indexes: { byParties: { columns: ['userId', 'numberKey'], sparse: true } },
});
export type TestCall = EntityRow<typeof testCall>;

export const ENTITIES = [...campaignEntities, testCall];

export const CONTEXT: CampaignsContext = {
  latestCallTo(state, userId, numberKey, from, to) {
    const latest = state
      .find(testCall, 'byParties', userId, numberKey)
      .filter(each => from <= each.startedAt && each.startedAt <= to)
      .reduce<TestCall | null>((a, b) => (a === null || b.startedAt > a.startedAt ? b : a), null);
    if (latest === null) return null;
    const { id, outcome, endedAt, startedAt } = latest;
    return { callId: id, outcome, ended: endedAt !== null, startedAt };
  },
};

const react = joinRecords(CONTEXT);

/** Stores a call as it is now, or `null` takes it away, and calls this room's reactor. */
export function tellCall(state: State, id: number, call: Omit<TestCall, 'id'>): void {
  const before = state.get(testCall, id);
  const after = { id, ...call };
  state.put(testCall, after);
  const attempts: Attempt[] = before === undefined ? [after] : [before, after];
  react(state, attempts);
}

export const ANNA: AgentDevice = { userId: 1, login: 'anna', deviceId: '42e3a1c6-fc5e-425b-9411-125f536fde00' };
export const BERT: AgentDevice = { userId: 2, login: 'bert', deviceId: '2b00393c-9ad3-418f-8b3d-a06cbe8af395' };

export const CAMPAIGN = 'Campaign1';
export const LIST = 'CallingList1';
export const APPLICATION = 134;

/** 2026-03-02 15:00:00 UTC: ten in the morning in New York. */
export const NOON = Date.UTC(2026, 2, 2, 15);

/** A number in New York that nobody has: `n` is 0 to 99. */
export const number = (n: number): string => `+1212555${String(100 + n).padStart(4, '0')}`;

export class House {
  readonly ledger: TestLedger;
  private readonly directory: string;

  private constructor(ledger: TestLedger, directory: string) {
    this.ledger = ledger;
    this.directory = directory;
  }

  static async open(kind: StoreKind, lists: readonly string[] = [LIST]): Promise<House> {
    const directory = mkdtempSync(join(tmpdir(), 'aftercall-campaigns-'));
    const ledger = await TestLedger.open(await kind.make(ENTITIES, directory));
    const house = new House(ledger, directory);
    ledger.time.now = NOON;
    await ledger.submit(state => {
      const zone = { timeZone: 'America/New_York', country: 'US' };
      const groupName = `${CAMPAIGN}@AgentGroup1`;
      state.put(campaign, {
        id: 1,
        name: CAMPAIGN,
        applicationId: APPLICATION,
        groupName,
        ...zone,
        active: true,
        managedBy: 'file',
      });
      for (const [i, name] of lists.entries()) {
        const empty = { places: 0, fileDigest: null, fileRows: 0 };
        state.put(callingList, { id: i + 1, campaignId: 1, name, active: true, ...empty });
      }
    });
    return house;
  }

  sourceOf(csv: string | Uint8Array, listName = LIST): ListSource {
    const path = join(this.directory, `${listName}.csv`);
    writeFileSync(path, csv);
    return { campaignName: CAMPAIGN, listName, path, timeZone: 'America/New_York', country: 'US' };
  }

  async import(csv: string | Uint8Array, listName = LIST): Promise<ImportCounts> {
    const { ledger } = this.ledger;
    return importList(ledger, await examineList(this.sourceOf(csv, listName), ledger.directory), () => {});
  }

  records(): Promise<CallRecord[]> {
    return this.ledger.rows(record);
  }

  async close(): Promise<void> {
    await this.ledger.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Completes without a result and a number, unless `more` says otherwise. */
export const completion = (handle: number, more: Partial<Completion> = {}): Completion => ({
  applicationId: APPLICATION,
  handle,
  campaignName: CAMPAIGN,
  callingList: LIST,
  callResult: null,
  phoneNumber: null,
  ...more,
});
