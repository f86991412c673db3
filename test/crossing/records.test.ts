/** A dialling record and its call, when calls turn out to be one, or to be of another record. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { reread } from '../../src/app/dialects.ts';
import { entities } from '../../src/app/entities.ts';
import { callsContext } from '../../src/app/reactors.ts';
import { call, link, sourceCall } from '../../src/calls/entities.ts';
import { joinCalls, splitCall } from '../../src/calls/matching/decide.ts';
import { findUnlikeCalls } from '../../src/calls/queries/unlikeCalls.ts';
import { applyRun, takeRunBack } from '../../src/calls/refolding/steps.ts';
import { acceptReport } from '../../src/calls/reports/accept.ts';
import { statedCall, statedReport } from '../../src/calls/testing/testReports.ts';
import { record } from '../../src/campaigns/entities.ts';
import type { AnyEntity } from '../../src/ledger/entity.ts';
import { journal } from '../../src/ledger/journal.ts';
import { memoryStore } from '../../src/ledger/testing/testStores.ts';
import { source } from '../../src/sources/entities.ts';
import { Office } from './office.ts';
import { AGENTS, type Agent } from './switchboard.ts';

const NOON = Date.UTC(2026, 2, 2, 15);
const LISTED = '+12125550111';
const [AGENT, TAKER] = AGENTS;
const SAYING = { author: 'anna', contentType: null, raw: new Uint8Array(0) };
/** Of the call results of the desktops' vendor. */
const ANSWERED = 33;

let directory: string;
before(() => {
  directory = mkdtempSync(join(tmpdir(), 'aftercall-records-'));
});
after(() => rmSync(directory, { recursive: true, force: true }));

/** The agent has the record of `LISTED`, and 20 seconds have passed. */
async function open() {
  const store = memoryStore(entities as readonly AnyEntity[]);
  const office = await Office.open(store, mkdtempSync(join(directory, 'office-')), [LISTED], NOON);
  const { handle } = (await office.retrieve(AGENT))!;
  office.on.time.now = NOON + 20_000;
  return {
    office,
    complete: () => office.completeRecord(AGENT, handle, null),
    [Symbol.asyncDispose]: () => office.close(),
  };
}

/** An answered leg of `agent` to a number in the United States, `seconds` after noon. */
const leg = (id: string, agent: Agent, seconds: number, number = LISTED) => ({
  call_id: id,
  time_start: new Date(NOON + seconds * 1_000).toISOString().slice(0, 19).replace('T', ' '),
  call_from: agent.extension,
  call_to: `9${number.slice(2)}`,
  call_duration: 12,
  talk_duration: 10,
  src_trunk_name: '',
  dst_trunk_name: 'Trunk1',
  status: 'ANSWERED',
  type: 'Outbound',
});

/** A program states an answered call that went out. */
async function state({ on }: Office): Promise<void> {
  const native = on.ledger.directory.all(source).find(each => each.kind === 'native')!;
  const stated = statedCall('crm', {
    direction: 'outbound',
    from: null,
    to: LISTED,
    userId: AGENT.id,
    startedAt: NOON + 1_000,
    durationSeconds: 20,
    talkSeconds: 10,
  });
  await on.ledger.submit(acceptReport({ ...statedReport(stated), sourceId: native.id }, callsContext));
}

const joinTwo = ({ on }: Office) =>
  on.ledger.submit(joinCalls(1, 2, null, { ...SAYING, kind: 'native.joined' }, callsContext));
const splitAgain = ({ on }: Office) =>
  on.ledger.submit(splitCall(1, null, null, { ...SAYING, kind: 'native.separated' }, callsContext));

/** The calls that the journal said the record was amended to. */
async function amendments({ on }: Office): Promise<(number | null)[]> {
  return (await on.rows(journal)).filter(each => each.kind === 'record.amended').map(each => each.callId);
}

const recordIn = async ({ on }: Office) => (await on.rows(record))[0]!;

async function assertWhole({ on }: Office): Promise<void> {
  const unlike = findUnlikeCalls(on.ledger.reader, on.ledger.directory, callsContext, () => {});
  assert.deepEqual(await Array.fromAsync(unlike), []);
}

/** By which the PBX's wall clock is read. */
async function setZone({ on }: Office, timeZone: string): Promise<void> {
  const pbx = on.ledger.directory.all(source).find(each => each.key === 'hq')!;
  await on.submit(state => state.put(source, { ...pbx, timeZone }));
}

async function refoldAll({ on }: Office): Promise<number> {
  const pbx = on.ledger.directory.all(source).find(each => each.key === 'hq')!;
  const begun = { author: 'anna', sourceId: pbx.id, from: 0, until: Number.MAX_SAFE_INTEGER };
  const steps = { ledger: on.ledger, context: callsContext };
  return (await applyRun(steps, begun, (raw, contentType) => reread(pbx, raw, contentType))).id;
}

/** The kinds of entries from the `since`th on, all of which must be no news. */
async function kindsOfNoNews({ on }: Office, since: number): Promise<readonly string[]> {
  const entries = (await on.rows(journal)).slice(since);
  assert.deepEqual(
    entries.filter(each => each.data?.['historical'] !== true),
    [],
  );
  return [...new Set(entries.map(each => each.kind))].sort();
}

describe('the record of a call', () => {
  test('that is found by folding it anew - is amended, and so when that is taken back, which is no news', async () => {
    await using opened = await open();
    const { office, complete } = opened;
    // An hour early: no call of the time in which the agent had the record.
    await setZone(office, 'Europe/Berlin');
    await office.push(leg('1.1', AGENT, 3));
    await complete();
    const before = await recordIn(office);
    assert.equal(before.callId, null);
    await setZone(office, 'UTC');
    let since = office.on.ledger.position;
    const run = await refoldAll(office);
    const found = await recordIn(office);
    assert.deepEqual([found.callId, found.callResult, found.resultFrom], [1, ANSWERED, 'call']);
    assert.deepEqual(await kindsOfNoNews(office, since), ['call.amended', 'record.amended']);
    await assertWhole(office);
    since = office.on.ledger.position;
    await takeRunBack({ ledger: office.on.ledger, context: callsContext }, run);
    assert.deepEqual(await recordIn(office), before);
    assert.deepEqual(await kindsOfNoNews(office, since), ['call.amended', 'record.amended']);
    await assertWhole(office);
  });

  test('that is joined into an older one - goes with it, and is amended once', async () => {
    await using opened = await open();
    const { office, complete } = opened;
    await state(office);
    await office.push(leg('1.1', AGENT, 3));
    await complete();
    assert.equal((await recordIn(office)).callId, 2);
    assert.deepEqual(await amendments(office), []);
    await joinTwo(office);
    const joined = await recordIn(office);
    assert.deepEqual([joined.callId, joined.callResult, joined.resultFrom], [1, ANSWERED, 'call']);
    assert.deepEqual(await amendments(office), [1]);
    await assertWhole(office);
    await splitAgain(office);
    const split = await recordIn(office);
    assert.deepEqual([split.callId, split.callResult, split.resultFrom], [2, ANSWERED, 'call']);
    assert.deepEqual(await amendments(office), [1, 2]);
    await assertWhole(office);
  });

  test('that is joined into another agent’s - goes with it, and so with a leg that comes later', async () => {
    await using opened = await open();
    const { office, complete } = opened;
    await office.push(leg('1.0', TAKER, 5, '+12125550199'));
    await office.push(leg('1.1', AGENT, 3));
    await complete();
    await joinTwo(office);
    const joined = await recordIn(office);
    assert.deepEqual([joined.callId, joined.callResult, joined.attempt], [1, ANSWERED, 1]);
    await office.push({ ...leg('1.1', AGENT, 9), talk_duration: 0, status: 'NO ANSWER' });
    const later = await recordIn(office);
    assert.deepEqual([later.callId, later.callResult, later.attempt], [1, ANSWERED, 1]);
    await splitAgain(office);
    assert.equal((await recordIn(office)).callId, 2);
    await assertWhole(office);
  });

  test('that a later call turns out to be of - leaves the first one, which is folded without it', async () => {
    await using opened = await open();
    const { office, complete } = opened;
    await office.push(leg('1.1', AGENT, 3));
    await complete();
    const [first] = await office.on.rows(call);
    assert.equal(first!.records?.length, 1);
    await office.push(leg('1.2', AGENT, 8));
    const { callId } = await recordIn(office);
    assert.notEqual(callId, first!.id);
    const completion = (await office.on.rows(sourceCall)).find(each => each.kind === 'record')!;
    assert.deepEqual(
      (await office.on.rows(call)).map(each => each.records),
      [null, [completion.id]],
    );
    const links = (await office.on.rows(link)).filter(each => [each.a, each.b].includes(completion.id));
    assert.deepEqual(
      links.map(each => each.a + each.b - completion.id),
      [callId],
    );
    await assertWhole(office);
  });
});
