import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { describe, test } from 'node:test';
import { journal } from '../../ledger/journal.ts';
import { TestLedger } from '../../ledger/testing/testLedger.ts';
import { memoryStore } from '../../ledger/testing/testStores.ts';
import { source, sourceEntities } from '../../sources/entities.ts';
import { call, callEntities, type QuarantineReason, quarantine, quarantineTally, report } from '../entities.ts';
import type { CallsContext } from '../fold/refold.ts';
import { legFact, legReport, NATIVE, PBX } from '../testing/testReports.ts';
import { testSources } from '../testing/testSources.ts';
import { UnknownSource } from './accept.ts';
import {
  acceptQuarantined,
  NoSuchQuarantined,
  OTHER_EVENTS_LIMIT,
  QuarantineFull,
  quarantineReport,
  UNREADABLE_BYTES,
  UNREADABLE_LIMIT,
} from './quarantine.ts';

const context: CallsContext = {
  sources: testSources,
  holderOf: () => null,
  dayOf: () => 0,
  reactors: [],
  lateReactors: [],
};
const bytes = (text: string) => new TextEncoder().encode(text);

async function setUp() {
  const on = await TestLedger.open(memoryStore([...sourceEntities, ...callEntities]));
  await on.submit(state => {
    state.put(source, PBX);
    state.put(source, NATIVE);
  });
  const keep = (raw: Uint8Array | string, reason: QuarantineReason = 'unreadable', sourceId = PBX.id) =>
    on.ledger.submit(
      quarantineReport({
        sourceId,
        reason,
        problem: 'msg: not JSON',
        contentType: 'application/json',
        raw: typeof raw === 'string' ? bytes(raw) : raw,
      }),
    );
  const replay = (id: number, externalId = `1.${id}`) =>
    on.ledger.submit(acceptQuarantined(id, legReport(externalId, legFact('4005', 0, 'no_answer', [10, 0])), context));
  const tallies = async () =>
    (await on.rows(quarantineTally)).map(({ sourceId, reason, waiting, waitingBytes, ids }) => ({
      [`${sourceId} ${reason}`]: [waiting, waitingBytes, ids],
    }));
  return { on, keep, replay, tallies };
}

describe('quarantineReport', () => {
  test('what could not be read - is kept with its bytes, and told', async () => {
    const { on, keep, tallies } = await setUp();
    on.time.now = 5_000;
    assert.equal(await keep('{not json'), 1);
    assert.deepEqual(await on.rows(quarantine), [
      {
        id: 1,
        sourceId: 1,
        receivedAt: 5_000,
        reason: 'unreadable',
        problem: 'msg: not JSON',
        state: 'waiting',
        callId: null,
        contentType: 'application/json',
        digest: hash('sha256', '{not json', 'base64url'),
        raw: bytes('{not json'),
      },
    ]);
    assert.deepEqual(await tallies(), [{ '1 unreadable': [1, 9, []] }]);
    const entries = await on.rows(journal);
    assert.deepEqual(
      entries.map(({ kind, callId, data }) => ({ kind, callId, data })),
      [{ kind: 'report.quarantined', callId: null, data: { quarantineId: 1 } }],
    );
  });

  test('the same bytes of the same source - are kept once while they wait', async () => {
    const { on, keep, replay, tallies } = await setUp();
    assert.deepEqual(await Promise.all([keep('a'), keep('a'), keep('b')]), [1, 1, 2]);
    assert.equal(await keep('a', 'unreadable', NATIVE.id), 3);
    assert.equal(await keep('a'), 1);
    await replay(1);
    assert.equal(await keep('a'), 4, 'what was replayed does not wait any more');
    assert.deepEqual(await tallies(), [{ '1 unreadable': [2, 2, []] }, { '2 unreadable': [1, 1, []] }]);
    assert.equal((await on.rows(journal)).filter(row => row.kind === 'report.quarantined').length, 4);
  });

  test('unreadable reports - are refused beyond their number, until somebody has looked', async () => {
    const { on, keep, replay, tallies } = await setUp();
    await Promise.all(Array.from({ length: UNREADABLE_LIMIT }, (_, n) => keep(`${n + 1_000}`)));
    await assert.rejects(keep('one more'), QuarantineFull);
    assert.equal(await keep('1007'), 8, 'a repeat takes no room');
    assert.equal(await keep('one more', 'unreadable', NATIVE.id), UNREADABLE_LIMIT + 1, 'another source has its own');
    assert.equal(typeof (await keep('another kind', 'other_event')), 'number');
    await replay(500);
    assert.equal(typeof (await keep('one more')), 'number');
    await assert.rejects(keep('yet one more'), QuarantineFull);
    assert.deepEqual((await tallies())[1]?.['1 unreadable']?.[0], UNREADABLE_LIMIT);
    assert.equal((await on.rows(quarantine)).length, UNREADABLE_LIMIT + 3);
  });

  test('unreadable reports - are refused beyond their bytes', async () => {
    const { keep, tallies } = await setUp();
    await keep(new Uint8Array(UNREADABLE_BYTES - 10));
    await assert.rejects(keep('eleven bytes'), QuarantineFull);
    await keep('ten bytes!');
    await assert.rejects(keep('1'), QuarantineFull);
    assert.deepEqual(await tallies(), [{ '1 unreadable': [2, UNREADABLE_BYTES, []] }]);
  });

  test('other events - make room for new ones, the oldest first, and are told to nobody', async () => {
    const { on, keep, tallies } = await setUp();
    for (let n = 1; n <= OTHER_EVENTS_LIMIT + 3; n++) assert.equal(await keep(`event ${n}`, 'other_event'), n);
    const kept = (await on.rows(quarantine)).map(row => row.id);
    const newest = Array.from({ length: OTHER_EVENTS_LIMIT }, (_, n) => n + 4);
    assert.deepEqual(kept, newest);
    const { '1 other_event': tally } = (await tallies())[0]!;
    assert.deepEqual([tally?.[0], tally?.[2]], [OTHER_EVENTS_LIMIT, newest]);
    const lengths = newest.reduce((sum, n) => sum + `event ${n}`.length, 0);
    assert.equal(tally?.[1], lengths);
    assert.deepEqual(await on.rows(journal), []);
    await keep('event 1', 'other_event', NATIVE.id);
    assert.equal((await on.rows(quarantine)).length, OTHER_EVENTS_LIMIT + 1);
  });

  test('other events that were replayed - are not dropped for new ones', async () => {
    const { on, keep, replay, tallies } = await setUp();
    for (let n = 1; n <= OTHER_EVENTS_LIMIT; n++) await keep(`event ${n}`, 'other_event');
    await replay(1);
    await keep('event 101', 'other_event');
    assert.equal((await on.rows(quarantine)).length, OTHER_EVENTS_LIMIT + 1);
    await keep('event 102', 'other_event');
    const kept = (await on.rows(quarantine)).map(row => row.id);
    assert.deepEqual([kept[0], kept[1], kept.length], [1, 3, OTHER_EVENTS_LIMIT + 1]);
    assert.equal((await tallies())[0]?.['1 other_event']?.[0], OTHER_EVENTS_LIMIT);
  });
});

describe('acceptQuarantined', () => {
  test('what is understood now - becomes a report, and its bytes are kept there only', async () => {
    const { on, keep, replay, tallies } = await setUp();
    await keep('{not json');
    assert.deepEqual(await replay(1), { verdict: 'accepted', callId: 1, sourceCallId: 1, reportId: 1 });
    const [kept] = await on.rows(quarantine);
    assert.deepEqual([kept!.state, kept!.callId, kept!.raw.byteLength], ['replayed', 1, 0]);
    assert.deepEqual(await tallies(), [{ '1 unreadable': [0, 0, []] }]);
    assert.equal((await on.rows(call)).length, 1);
    const entries = (await on.rows(journal)).map(row => [row.kind, row.callId]);
    assert.deepEqual(entries, [
      ['report.quarantined', null],
      ['call.ended', 1],
      ['report.replayed', 1],
    ]);
  });

  test('a second time - is a repeat', async () => {
    const { on, keep, replay, tallies } = await setUp();
    await keep('{not json');
    await replay(1);
    assert.equal((await replay(1)).verdict, 'repeated');
    assert.deepEqual(await tallies(), [{ '1 unreadable': [0, 0, []] }]);
    assert.equal((await on.rows(journal)).length, 3);
    assert.equal((await on.rows(report))[0]?.deliveries, 2);
  });

  test('what is not there, or of a source that is disabled - is refused and left as it was', async () => {
    const { on, keep, replay } = await setUp();
    await keep('{not json');
    await assert.rejects(replay(2), NoSuchQuarantined);
    await on.submit(state => state.put(source, { ...PBX, active: false }));
    await assert.rejects(replay(1), UnknownSource);
    assert.equal((await on.rows(quarantine))[0]?.state, 'waiting');
    assert.deepEqual(await on.rows(report), []);
  });
});
