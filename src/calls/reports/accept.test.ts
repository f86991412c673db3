import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { journal } from '../../ledger/journal.ts';
import { bareEvent } from '../../ledger/testing/testEntities.ts';
import { TestLedger } from '../../ledger/testing/testLedger.ts';
import { memoryStore } from '../../ledger/testing/testStores.ts';
import { source, sourceEntities } from '../../sources/entities.ts';
import { type Call, call, callEntities, participation, report, sourceCall } from '../entities.ts';
import type { CallChange, CallsContext } from '../fold/refold.ts';
import { legFact, legReport, NATIVE, PBX, START, statedCall, statedReport } from '../testing/testReports.ts';
import { testSources } from '../testing/testSources.ts';
import { acceptReport, ReportedOtherwise, UnknownSource } from './accept.ts';
import type { IncomingReport } from './report.ts';

const RINGING = legFact('4005', 0, 'no_answer', [20, 0]);
const ANSWERED = legFact('4006', 20, 'answered', [40, 30]);

async function setUp() {
  const on = await TestLedger.open(memoryStore([...sourceEntities, ...callEntities]));
  await on.submit(state => {
    state.put(source, PBX);
    state.put(source, NATIVE);
  });
  const changes: CallChange[] = [];
  const context: CallsContext = {
    sources: testSources,
    holderOf: (_state, extension) => (extension === '4005' ? 5 : null),
    dayOf: (_state, at) => Math.floor(at / 86_400_000),
    reactors: [(_state, change) => changes.push(change)],
    lateReactors: [],
  };
  const accept = (incoming: IncomingReport) => on.ledger.submit(acceptReport(incoming, context));
  const kinds = async () => (await on.rows(journal)).map(row => row.kind);
  return { on, changes, accept, kinds };
}

describe('acceptReport', () => {
  test('a first report - makes a call, and says so', async () => {
    const { on, changes, accept, kinds } = await setUp();
    on.time.now = 5_000;
    const incoming = { ...legReport('1.1', RINGING), warnings: ['odd'] };
    assert.deepEqual(await accept(incoming), { verdict: 'accepted', callId: 1, sourceCallId: 1, reportId: 1 });
    const { warnings, raw, name, ...rest } = incoming;
    const stored = {
      ...rest,
      id: 1,
      sourceCallId: 1,
      receivedAt: 5_000,
      deliveries: 1,
      // The clock of this office begins in 1970.
      warnings: ['odd', 'start: more than a day after it was reported, kept as stated'],
      raw,
      historical: false,
    };
    assert.deepEqual(await on.rows(report), [stored]);
    assert.deepEqual(await on.rows(sourceCall), [
      { id: 1, sourceId: 1, name, kind: 'legs', externalId: '1.1', callId: 1 },
    ]);
    const [made] = await on.rows(call);
    assert.deepEqual(
      [made!.id, made!.sourceId, made!.externalId, made!.day, made!.userId, made!.outcome, made!.legs.length],
      [1, 1, '1.1', Math.floor(START / 86_400_000), 5, 'missed', 1],
    );
    assert.deepEqual(await on.rows(journal), [
      { position: 1, at: 5_000, kind: 'call.ended', callId: 1, data: { reportId: 1 } },
    ]);
    const participants = { before: [], after: await on.rows(participation) };
    assert.deepEqual(participants.after.length, 1);
    const visits = { before: [], after: [] };
    assert.deepEqual(changes, [{ before: null, after: made, participants, visits, historical: false }]);
    assert.deepEqual(await kinds(), ['call.ended']);
  });

  test('the same report again - is counted, and changes nothing else', async () => {
    const { on, changes, accept, kinds } = await setUp();
    await accept(legReport('1.1', RINGING));
    const before = await on.rows(call);
    on.time.now += 3_000;
    for (const times of [2, 3]) {
      assert.deepEqual(await accept(legReport('1.1', RINGING)), {
        verdict: 'repeated',
        callId: 1,
        sourceCallId: 1,
        reportId: 1,
      });
      assert.equal((await on.rows(report))[0]?.deliveries, times);
    }
    assert.deepEqual(await on.rows(call), before);
    assert.deepEqual(await kinds(), ['call.ended']);
    assert.equal(changes.length, 1);
    assert.equal((await on.rows(report)).length, 1);
  });

  test('the same twice in one batch - is one report', async () => {
    const { on, accept } = await setUp();
    const answers = await Promise.all([1, 2, 3].map(() => accept(legReport('1.1', RINGING))));
    assert.deepEqual(
      answers.map(each => each.verdict),
      ['accepted', 'repeated', 'repeated'],
    );
    assert.equal((await on.rows(call)).length, 1);
    assert.equal((await on.rows(report))[0]?.deliveries, 3);
  });

  test('another leg - amends the call, and names what became different', async () => {
    const { on, changes, accept } = await setUp();
    await accept(legReport('1.1', RINGING));
    assert.deepEqual(await accept(legReport('1.1', ANSWERED)), {
      verdict: 'accepted',
      callId: 1,
      sourceCallId: 1,
      reportId: 2,
    });
    const [, amended] = await on.rows(journal);
    assert.equal(amended?.kind, 'call.amended');
    const { reportId: cause, fields } = amended!.data as { reportId: number; fields: string[] };
    assert.equal(cause, 2);
    assert.ok(fields.includes('outcome') && fields.includes('legs') && fields.includes('talkSeconds'));
    assert.ok(!fields.includes('startedAt') && !fields.includes('day'));
    const [after] = await on.rows(call);
    assert.deepEqual(after!.outcome, 'answered');
    assert.equal(changes.length, 2);
    const participants = { before: changes[0]!.participants.after, after: await on.rows(participation) };
    const visits = { before: [], after: [] };
    assert.deepEqual(changes[1], { before: changes[0]!.after, after, participants, visits, historical: false });
  });

  test('a copy of a leg that knows more - is kept as a report and amends the leg', async () => {
    const { on, accept, kinds } = await setUp();
    await accept(legReport('1.1', ANSWERED));
    const fuller = { ...ANSWERED, recording: 'a.wav' };
    assert.equal((await accept(legReport('1.1', fuller))).verdict, 'accepted');
    assert.deepEqual(await accept(legReport('1.1', ANSWERED)), {
      verdict: 'repeated',
      callId: 1,
      sourceCallId: 1,
      reportId: 1,
    });
    assert.deepEqual(await accept(legReport('1.1', fuller)), {
      verdict: 'repeated',
      callId: 1,
      sourceCallId: 1,
      reportId: 1,
    });
    const [known] = await on.rows(call);
    assert.deepEqual([known!.recording, known!.legs.length], ['a.wav', 1]);
    assert.equal((await on.rows(report)).length, 2);
    assert.deepEqual(await kinds(), ['call.ended', 'call.amended']);
  });

  test('a copy of a leg whose news are not the call’s - is told all the same', async () => {
    const { on, changes, accept } = await setUp();
    await accept(legReport('1.1', ANSWERED));
    const before = await on.rows(call);
    assert.equal((await accept(legReport('1.1', { ...ANSWERED, noteId: 'n' }))).verdict, 'accepted');
    assert.deepEqual(await on.rows(call), before);
    const [, amended] = await on.rows(journal);
    assert.deepEqual([amended?.kind, amended?.data], ['call.amended', { reportId: 2, fields: ['legs'] }]);
    const participants = await on.rows(participation);
    assert.deepEqual(changes[1], {
      before: before[0],
      after: before[0],
      participants: { before: participants, after: participants },
      visits: { before: [], after: [] },
      historical: false,
    });
  });

  test('a registration - waits for its end', async () => {
    const { on, accept, kinds } = await setUp();
    await accept(statedReport(statedCall('x')));
    assert.equal((await on.rows(call))[0]?.settlesAt, null);
    await accept(statedReport(statedCall('x', { note: 'still talking' })));
    await accept(statedReport(statedCall('x', { durationSeconds: 30 })));
    assert.notEqual((await on.rows(call))[0]?.settlesAt, null);
    assert.deepEqual(await kinds(), ['call.registered', 'call.amended', 'call.ended']);
    assert.equal((await on.rows(call))[0]?.externalId, 'x');
  });

  test('names and sources - keep calls apart', async () => {
    const { on, accept } = await setUp();
    const incoming = legReport('1.1', RINGING);
    const calls = [incoming, { ...incoming, name: 'other|1.1' }, { ...incoming, sourceId: NATIVE.id }];
    for (const each of calls) assert.equal((await accept(each)).verdict, 'accepted');
    assert.deepEqual(
      (await on.rows(call)).map(row => row.sourceId),
      [1, 1, 2],
    );
  });

  test('a name that stands for one report - refuses another one, and takes its repeat', async () => {
    const { on, accept } = await setUp();
    const alone = { ...statedReport(statedCall(null, { note: 'a' })), name: 'key:k', alone: true };
    const other = { ...statedReport(statedCall(null, { note: 'b' })), name: 'key:k', alone: true };
    assert.equal((await accept(alone)).verdict, 'accepted');
    await assert.rejects(accept(other), ReportedOtherwise);
    assert.equal((await accept(alone)).verdict, 'repeated');
    assert.equal((await on.rows(report)).length, 1);
  });

  test('a source that is not there or was disabled - is refused, and nothing is kept', async () => {
    const { on, accept } = await setUp();
    await assert.rejects(accept({ ...legReport('1.1', RINGING), sourceId: 9 }), UnknownSource);
    await on.submit(state => state.put(source, { ...PBX, active: false }));
    await assert.rejects(accept(legReport('1.1', RINGING)), UnknownSource);
    assert.deepEqual(await on.rows(report), []);
    assert.deepEqual(await on.rows(journal), []);
    await on.submit(state => state.put(source, PBX));
    assert.deepEqual(await accept(legReport('1.1', RINGING)), {
      verdict: 'accepted',
      callId: 1,
      sourceCallId: 1,
      reportId: 1,
    });
  });

  test('a reactor that fails - takes the report with it', async () => {
    const { on } = await setUp();
    const broken: CallsContext = {
      sources: testSources,
      holderOf: () => null,
      dayOf: () => 0,
      reactors: [
        state => state.journal(bareEvent('never.told'), {}),
        () => {
          throw new TypeError('a bug');
        },
      ],
      lateReactors: [],
    };
    await assert.rejects(on.ledger.submit(acceptReport(legReport('1.1', RINGING), broken)), TypeError);
    assert.deepEqual([await on.rows(report), await on.rows(call), await on.rows(journal)], [[], [], []]);
  });

  test('a call whose start becomes another day - is counted in that day', async () => {
    const { on, accept } = await setUp();
    await accept(legReport('1.1', ANSWERED));
    const dayBefore = { ...RINGING, startedAt: START - 86_400_000 };
    await accept(legReport('1.1', dayBefore));
    const rows: Call[] = await on.rows(call);
    assert.deepEqual(
      rows.map(row => [row.startedAt, row.day]),
      [[START - 86_400_000, Math.floor(START / 86_400_000) - 1]],
    );
  });
});
