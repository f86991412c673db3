/** The fold of what several tell of one call, and of what people say of it (docs/one-call.md, "Who wins"). */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CorrectedFields, Fact, LegFact, StatedCall } from '../reports/report.ts';
import { CHAIN, context, keyed } from '../testing/testFacts.ts';
import { DID, legFact, NATIVE, PBX, START, statedCall } from '../testing/testReports.ts';
import { foldCall } from './fold.ts';

const fold = (...facts: Fact[]) =>
  foldCall(keyed(facts), context(facts.some(each => each.form === 'leg') ? PBX : NATIVE));
const fieldsOf = (...facts: Fact[]) => fold(...facts).fields;

describe('registrations', () => {
  /** Facts by the source call they belong to; 2 and 3 are registrations of the same call as 1. */
  function fieldsOfSourceCalls(...sourceCalls: readonly (readonly Fact[])[]) {
    const facts = sourceCalls.flatMap((told, n) => keyed(told).map(each => ({ ...each, sourceCallId: n + 1 })));
    const numbered = facts.map((each, place) => ({ ...each, reportId: place + 1 }));
    const { fields } = foldCall(numbered, context());
    assert.deepEqual(foldCall(numbered.toReversed(), context()).fields, fields, 'in whatever order they are read');
    return fields;
  }
  /** What an application registers and finishes: DURATION is its talk. */
  const registered = (name: string, startSeconds: number, fields: Partial<StatedCall> = {}) =>
    statedCall(name, { startedAt: START + startSeconds * 1000, to: null, userId: 9, ...fields });
  const finished = (name: string, startSeconds: number, durationSeconds: number, fields: Partial<StatedCall> = {}) =>
    registered(name, startSeconds, {
      endedAt: START + (startSeconds + durationSeconds) * 1000,
      durationSeconds,
      talkSeconds: durationSeconds,
      ...fields,
    });
  const RANG = legFact('4006', 0, 'no_answer', [20, 0]);
  const TALKED = legFact('4006', 0, 'answered', [40, 30]);
  const DIALLED = legFact('02079460199', 0, 'busy', [5, 0], { from: '2000', direction: 'outbound' });

  test('one, registered and finished - is what was said last, and by whom', () => {
    const end = { userId: 8, extension: '4006', costMicros: 5, currency: 'EUR', line: null };
    const fields = fieldsOfSourceCalls([registered('T', 0, { line: 'office' }), finished('T', 0, 30, end)]);
    assert.deepEqual(
      [fields.userId, fields.extension, fields.costMicros, fields.line, fields.durationSeconds, fields.outcome],
      [8, '4006', 5, 'office', 30, 'answered'],
    );
  });

  test('two - last from the first to the last, and cost and talk what both do', () => {
    const first = [
      registered('T', 0),
      finished('T', 0, 30, { costMicros: 100, currency: 'EUR', vote: 2, note: 'one' }),
    ];
    const second = [
      registered('U', 31),
      finished('U', 31, 20, { costMicros: 20, currency: 'EUR', vote: 5, userId: 8 }),
    ];
    const fields = fieldsOfSourceCalls(first, second);
    assert.deepEqual(
      [fields.startedAt, fields.endedAt, fields.durationSeconds, fields.talkSeconds],
      [START, START + 51_000, 51, 50],
    );
    assert.deepEqual([fields.costMicros, fields.currency], [120, 'EUR']);
    assert.deepEqual(
      [fields.vote, fields.note, fields.userId],
      [5, 'one', 8],
      'the part that ended last is the later word',
    );
    assert.deepEqual(fieldsOfSourceCalls(second, first), fields);
  });

  test('two costs - are a sum in one currency, the later one in two, and none is not zero', () => {
    const cost = (...costs: readonly (readonly [number | null, string | null])[]) => {
      const sourceCalls = costs.map(([costMicros, currency], n) => [
        finished(`${n}`, n * 60, 10, { costMicros, currency }),
      ]);
      const fields = fieldsOfSourceCalls(...sourceCalls);
      return [fields.costMicros, fields.currency];
    };
    assert.deepEqual(cost([1, 'EUR'], [2, 'EUR'], [4, 'EUR']), [7, 'EUR']);
    assert.deepEqual(cost([1, 'EUR'], [2, 'USD'], [4, 'EUR']), [5, 'EUR']);
    assert.deepEqual(cost([1, 'EUR'], [2, 'USD']), [2, 'USD']);
    assert.deepEqual(cost([1, null], [2, null]), [3, null]);
    assert.deepEqual(cost([0, 'EUR'], [null, null]), [0, 'EUR']);
    assert.deepEqual(cost([7, 'EUR'], [null, 'USD']), [7, 'EUR']);
    assert.deepEqual(cost([null, 'EUR'], [null, null]), [null, 'EUR']);
    assert.deepEqual(cost([null, null], [null, null]), [null, null]);
  });

  test('two that tell of the same minutes - have talked once, and answered when the first did', () => {
    const whole = finished('T', 0, 60, { talkSeconds: 50 });
    const within = finished('U', 20, 30, { talkSeconds: 30 });
    const fields = fieldsOfSourceCalls([whole], [within]);
    assert.deepEqual([fields.talkSeconds, fields.durationSeconds, fields.answeredAt], [50, 60, START + 10_000]);
    const overlapping = fieldsOfSourceCalls([finished('T', 0, 40)], [finished('U', 30, 40)]);
    assert.deepEqual([overlapping.talkSeconds, overlapping.durationSeconds], [70, 70]);
  });

  test('two of which one is not finished - have the other’s end, and its talk', () => {
    const fields = fieldsOfSourceCalls([registered('T', 0)], [finished('U', 5, 20)]);
    assert.deepEqual([fields.startedAt, fields.endedAt, fields.talkSeconds], [START, START + 25_000, 20]);
    const open = fieldsOfSourceCalls([registered('T', 0)], [registered('U', 5)]);
    assert.deepEqual(
      [open.endedAt, open.durationSeconds, open.talkSeconds, open.outcome],
      [null, null, null, 'unknown'],
    );
    const talking = fieldsOfSourceCalls([registered('T', 0, { talkSeconds: 7 })], [registered('U', 5)]);
    assert.deepEqual([talking.endedAt, talking.talkSeconds], [null, 7]);
  });

  test('two of which one was answered - were answered, for that one’s cause', () => {
    const busy = finished('T', 60, 0, { outcome: 'busy', cause: '486' });
    const answered = finished('U', 0, 20, { outcome: 'answered', cause: '200' });
    const fields = fieldsOfSourceCalls([answered], [busy]);
    assert.deepEqual([fields.outcome, fields.cause, fields.talkSeconds], ['answered', '200', 20]);
    const unanswered = fieldsOfSourceCalls([busy], [finished('U', 90, 0, { outcome: 'declined', cause: '603' })]);
    assert.deepEqual([unanswered.outcome, unanswered.cause, unanswered.talkSeconds], ['declined', '603', 0]);
  });

  test('beside a PBX - what happened is the PBX’s, what it is worth both parts’', () => {
    const second = legFact('4005', 40, 'answered', [25, 20]);
    const worth = { costMicros: 4, currency: 'EUR' };
    const fields = fieldsOfSourceCalls([TALKED, second], [finished('T', 1, 28, worth)], [finished('U', 41, 99, worth)]);
    assert.deepEqual(
      [fields.talkSeconds, fields.durationSeconds, fields.endedAt, fields.costMicros, fields.userId],
      [50, 65, START + 65_000, 8, 6],
    );
  });

  test('answered outside, beside a PBX on which only another one’s telephone rang - is whose the application says', () => {
    const outside = { direction: 'outbound' as const, trunkOut: 'main' };
    const legs = [
      legFact('6400', 0, 'answered', [80, 50]),
      legFact('4006', 2, 'no_answer', [15, 0]),
      legFact('02079460199', 20, 'answered', [60, 50], outside),
    ];
    const alone = foldCall(keyed(legs), context());
    assert.deepEqual([alone.fields.userId, alone.fields.extension], [null, null]);
    const facts = keyed([...legs, finished('T', 20, 50)]).map((each, place) => ({
      ...each,
      sourceCallId: place < legs.length ? 1 : 2,
    }));
    const { fields, participants } = foldCall(facts, context());
    assert.deepEqual([fields.userId, fields.talkSeconds], [9, 50]);
    assert.deepEqual(
      participants.map(each => [each.userId, each.role, each.talkSeconds]),
      [
        [7, 'rang', 0],
        [9, 'answered', 50],
      ],
    );
  });

  test('a status that was left to the duration - never beats what the PBX says', () => {
    for (const [leg, outcome, cause] of [
      [legFact('4006', 0, 'busy', [5, 0]), 'busy', 'BUSY'],
      [legFact('4006', 0, 'voicemail', [30, 20]), 'voicemail', 'VOICEMAIL'],
      [RANG, 'missed', 'NO ANSWER'],
    ] as const) {
      const fields = fieldsOfSourceCalls([leg], [finished('T', 0, 30)]);
      assert.deepEqual([fields.outcome, fields.cause, fields.answeredAt], [outcome, cause, null]);
    }
  });

  test('a PBX that says nobody answered - knows of no answer and no talk, whatever the application counted', () => {
    const fields = fieldsOfSourceCalls([RANG], [finished('T', 0, 15, { answeredAt: START + 2_000 })]);
    assert.deepEqual([fields.outcome, fields.answeredAt, fields.talkSeconds], ['missed', null, 0]);
  });

  test('a PBX that does not know what became of the call - leaves answer and talk to the application', () => {
    const lost = legFact('4006', 0, 'unknown', [40, 0]);
    const fields = fieldsOfSourceCalls([lost], [finished('T', 0, 30, { outcome: 'answered', cause: '200' })]);
    assert.deepEqual(
      [fields.outcome, fields.answeredAt, fields.talkSeconds, fields.durationSeconds],
      ['answered', START, 30, 40],
    );
    const nobodyKnows = fieldsOfSourceCalls([lost], [registered('T', 0)]);
    assert.deepEqual([nobodyKnows.outcome, nobodyKnows.talkSeconds], ['unknown', 0]);
  });

  test('a call nobody answered - is whose the application says; answered or dialled, whose the PBX says', () => {
    const whose = (leg: LegFact, said: Partial<StatedCall>) => {
      const { userId, extension } = fieldsOfSourceCalls([leg], [finished('T', 0, 0, said)]);
      return [userId, extension];
    };
    assert.deepEqual(whose(RANG, { userId: 9, extension: null }), [9, null]);
    assert.deepEqual(whose(RANG, { userId: 7, extension: null }), [7, '4006'], 'the same, and where');
    assert.deepEqual(whose(RANG, { userId: null, extension: null }), [7, '4006']);
    assert.deepEqual(whose(TALKED, { userId: 9, extension: '2000' }), [7, '4006']);
    assert.deepEqual(whose(DIALLED, { userId: 9, extension: '4006' }), [2, '2000']);
    const unheld = legFact('3999', 0, 'answered', [40, 30]);
    assert.deepEqual(whose(unheld, { userId: 9, extension: '2000' }), [9, '2000'], 'whom the PBX does not know');
    const twoRang = fieldsOfSourceCalls([RANG, legFact('4005', 5, 'no_answer', [10, 0])], [finished('T', 0, 0)]);
    assert.deepEqual([twoRang.userId, twoRang.extension], [9, null]);
  });

  test('fields that only one knows - come from that one', () => {
    const leg = { ...TALKED, did: null, trunkIn: null };
    const said = {
      line: 'office',
      did: DID,
      didName: 'Sales',
      queue: '6400',
      queueWaitSeconds: 3,
      recording: 'app.mp3',
    };
    const fields = fieldsOfSourceCalls([leg], [finished('T', 0, 30, said)]);
    assert.deepEqual(
      [fields.line, fields.did, fields.didName, fields.queue, fields.queueWaitSeconds, fields.recording],
      ['office', DID, 'Sales', '6400', 3, 'app.mp3'],
    );
    const known = fieldsOfSourceCalls(
      [{ ...leg, did: '+442079460201', recording: 'pbx.wav' }],
      [finished('T', 0, 30, said)],
    );
    assert.deepEqual([known.line, known.did, known.recording], ['+442079460201', '+442079460201', 'pbx.wav']);
  });
});

describe('what a call was worth to somebody', () => {
  const STATED = statedCall('x', { durationSeconds: 10, disposition: 'stated' });
  const completion = (at: number, result: string | null): Fact => ({
    form: 'completion',
    recordId: 1,
    author: 'anna',
    userId: 3,
    at: START + at,
    result,
  });
  const corrected = (n: number, at: number, fields: CorrectedFields): Fact => ({
    form: 'correction',
    n,
    author: 'bert',
    at: START + at,
    reason: null,
    fields,
  });
  const disposition = (...facts: Fact[]) => {
    const [said, backwards] = [fieldsOf(STATED, ...facts), fieldsOf(...facts.toReversed(), STATED)];
    assert.deepEqual(backwards, said);
    return said.disposition;
  };

  test('is what a program stated until a person says more', () => {
    assert.equal(disposition(), 'stated');
    assert.equal(disposition(completion(1, null)), 'stated');
    assert.equal(disposition(corrected(1, 1, { note: 'x' })), 'stated');
  });

  test('is the latest person’s word, on a desktop or by a correction', () => {
    assert.equal(disposition(completion(1, 'busy')), 'busy');
    assert.equal(disposition(completion(1, 'busy'), completion(2, 'sold')), 'sold');
    assert.equal(disposition(completion(1, 'busy'), corrected(1, 2, { disposition: 'sold' })), 'sold');
    assert.equal(disposition(corrected(1, 1, { disposition: 'sold' }), completion(2, 'busy')), 'busy');
    assert.equal(disposition(corrected(1, 1, { disposition: 'sold' }), completion(1, 'busy')), 'sold');
    assert.equal(disposition(completion(1, 'b'), completion(1, 'a')), 'b', 'at the same time, whatever came first');
    assert.equal(disposition(completion(1, 'busy'), completion(2, null)), 'busy', 'silence takes nothing back');
  });

  test('a correction - empties it, says nothing of it, or is taken back', () => {
    const sold = corrected(1, 2, { disposition: 'sold' });
    assert.equal(disposition(completion(1, 'busy'), corrected(1, 2, { disposition: null })), null);
    assert.equal(disposition(completion(3, 'busy'), sold, corrected(2, 4, { note: 'x' })), 'busy');
    const takenBack: Fact = { form: 'retraction', n: 1, author: 'bert', at: START + 5 };
    assert.equal(disposition(completion(1, 'busy'), sold, takenBack), 'busy');
  });

  test('beside a PBX, which knows nothing of it - is the same', () => {
    assert.equal(fieldsOf(...CHAIN, STATED).disposition, 'stated');
    assert.equal(fieldsOf(...CHAIN, completion(1, 'sold')).disposition, 'sold');
    assert.equal(fieldsOf(...CHAIN).disposition, null);
  });
});

describe('corrections of calls that were joined', () => {
  const said = (n: number, at: number, fields: CorrectedFields): Fact => ({
    form: 'correction',
    n,
    author: 'anna',
    at: START + at,
    reason: null,
    fields,
  });
  const back = (n: number): Fact => ({ form: 'retraction', n, author: 'anna', at: START + 99 });
  function noteOf(one: readonly Fact[], other: readonly Fact[]): string | null {
    const first = keyed([statedCall('x'), ...one]);
    const second = keyed([statedCall('y'), ...other]).map(each => ({
      ...each,
      sourceCallId: 2,
      reportId: each.reportId + 50,
    }));
    const { fields } = foldCall([...first, ...second], context(NATIVE));
    assert.deepEqual(foldCall([...second, ...first], context(NATIVE)).fields, fields);
    return fields.note;
  }

  test('the later word wins, whatever it was counted', () => {
    assert.equal(noteOf([said(1, 1, { note: 'a' }), said(2, 2, { note: 'b' })], [said(1, 3, { note: 'c' })]), 'c');
    assert.equal(noteOf([said(1, 4, { note: 'a' })], [said(1, 1, { note: 'b' }), said(2, 3, { note: 'c' })]), 'a');
    assert.equal(noteOf([said(1, 1, { note: 'a' })], [said(1, 1, { note: 'b' })]), 'b', 'at the same time');
  });

  test('taken back is the one of the same source call', () => {
    const both = [said(1, 1, { note: 'a' })] as const;
    assert.equal(noteOf([...both, back(1)], [said(1, 0, { note: 'b' })]), 'b');
    assert.equal(noteOf(both, [said(1, 2, { note: 'b' }), back(1)]), 'a');
    assert.equal(noteOf([...both, back(1)], [said(1, 0, { note: 'b' }), back(1)]), null);
  });
});
