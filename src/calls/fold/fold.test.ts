/**
 * The fold by docs/yeastar.md, cases C14 to C19, by the order of reporters (docs/one-call.md, "Who wins"), and by what is
 * odd.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CorrectedFields, Fact, LegFact, StatedCall } from '../reports/report.ts';
import { AGENT, CHAIN, context, IVR, keyed, QUEUE, SURVEY } from '../testing/testFacts.ts';
import { CALLER, CALLER_E164, DID, legFact, NATIVE, PBX, START, statedCall } from '../testing/testReports.ts';
import { type CallFields, foldCall } from './fold.ts';

const fold = (...facts: Fact[]) =>
  foldCall(keyed(facts), context(facts.some(each => each.form === 'leg') ? PBX : NATIVE));
const fieldsOf = (...facts: Fact[]) => fold(...facts).fields;

describe('cases of the page', () => {
  test('C14 - a queue’s leg alone', () => {
    const { fields, legs } = fold({ ...QUEUE, startedAt: START });
    assert.deepEqual(legs, [{ id: 1, party: 'queue', userId: null }]);
    assert.deepEqual(fields, {
      direction: 'inbound',
      from: CALLER,
      to: '6400',
      fromE164: CALLER_E164,
      toE164: DID,
      startedAt: START,
      answeredAt: START + 11_000,
      endedAt: START + 85_000,
      durationSeconds: 85,
      ringSeconds: 11,
      talkSeconds: 74,
      queueWaitSeconds: 11,
      outcome: 'answered',
      short: false,
      cause: 'ANSWERED',
      disposition: null,
      userId: null,
      extension: null,
      queue: '6400',
      line: DID,
      trunkIn: 'Saf',
      trunkOut: null,
      did: DID,
      didName: 'Sales line',
      recording: null,
      costMicros: null,
      currency: null,
      vote: null,
      failedReason: null,
      note: null,
      links: null,
    });
  });

  test('C15 - IVR, IVR, queue and agent are one call, whose talk is counted once', () => {
    const { fields, legs } = fold(...CHAIN);
    assert.deepEqual(
      legs.map(each => [each.party, each.userId]),
      [
        ['ivr', null],
        ['ivr', null],
        ['queue', null],
        ['extension', 6],
      ],
    );
    assert.equal(fields.talkSeconds, 74);
    assert.equal(fields.extension, '4005');
    assert.equal(fields.userId, 6, 'who held the extension when its leg began');
    assert.equal(fields.queue, '6400');
    assert.equal(fields.outcome, 'answered');
    assert.equal(fields.queueWaitSeconds, 11);
    assert.equal(fields.startedAt, START);
    // The agent's leg repeats the queue's spans, though it begins eleven seconds later: it ends with the queue.
    assert.equal(fields.endedAt, START + 103_000);
    assert.equal(fields.answeredAt, START + 29_000);
    assert.equal(fields.durationSeconds, 103);
    assert.equal(fields.recording, 'agent.wav');
  });

  test('C16 - the IVR’s leg alone is nobody’s answer', () => {
    const fields = fieldsOf(IVR);
    assert.equal(fields.outcome, 'ivr_only');
    assert.equal(fields.talkSeconds, 0);
    assert.equal(fields.answeredAt, null);
    assert.equal(fields.extension, null);
    assert.equal(fields.queueWaitSeconds, null);
    assert.equal(fields.ringSeconds, null);
  });

  test('C17 - who leaves a queue has abandoned, however long they waited', () => {
    const fields = fieldsOf(IVR, legFact('6400', 13, 'no_answer', [62, 0]));
    assert.equal(fields.outcome, 'abandoned');
    assert.equal(fields.short, false);
    assert.equal(fields.queueWaitSeconds, 62);
    assert.equal(fields.extension, null);
    assert.equal(fields.cause, 'NO ANSWER');
    assert.equal(fields.talkSeconds, 0);
  });

  test('C18 - a call shorter than the source has for short is marked so, whatever became of it', () => {
    const left = (...span: [duration: number | null, talk: number]) => {
      const { outcome, short } = fieldsOf(legFact('6400', 0, 'no_answer', span));
      return [outcome, short];
    };
    assert.deepEqual(left(3, 0), ['abandoned', true]);
    assert.deepEqual(left(4, 0), ['abandoned', true]);
    assert.deepEqual(left(5, 0), ['abandoned', false]);
    assert.deepEqual(left(null, 0), ['abandoned', false], 'of what length nobody told');
    const phone = fieldsOf(legFact('4005', 0, 'no_answer', [3, 0]));
    assert.deepEqual([phone.outcome, phone.short], ['missed', true], 'a phone is no queue');
  });

  test('C19 - a survey afterwards is no talk', () => {
    const fields = fieldsOf(...CHAIN, SURVEY);
    assert.equal(fields.talkSeconds, 74);
    assert.equal(fields.outcome, 'answered');
    assert.equal(fields.endedAt, START + 107_000);
    assert.equal(fields.durationSeconds, 107);
  });
});

test('C24 - a talk longer than its leg begins no sooner than the call', () => {
  for (const duration of [0, 24]) {
    const { startedAt, answeredAt, endedAt, talkSeconds } = fieldsOf(legFact('4006', 0, 'answered', [duration, 60]));
    assert.deepEqual([startedAt, answeredAt, endedAt, talkSeconds], [START, START, START + 60_000, 60]);
  }
});

describe('legs', () => {
  test('answered, and no talk told - has a talk and an answer of unknown length and time', () => {
    const untold = legFact('4006', 0, 'answered', [40, null], { ringSeconds: null });
    const { outcome, talkSeconds, answeredAt, durationSeconds } = fieldsOf(untold);
    assert.deepEqual([outcome, talkSeconds, answeredAt, durationSeconds], ['answered', null, null, 40]);
    const told = fieldsOf(untold, legFact('4005', 40, 'answered', [25, 20]));
    assert.deepEqual([told.talkSeconds, told.answeredAt], [20, START + 45_000], 'of the legs that tell it');
    assert.equal(fieldsOf(untold, statedCall('a', { outcome: 'answered', talkSeconds: 31 })).talkSeconds, 31);
  });

  test('a copy that knows more - is the same leg, whichever came first', () => {
    const fuller = { ...QUEUE, recording: 'queue.wav', noteId: 'n' };
    const emptier = { ...QUEUE, did: null, didName: null };
    for (const facts of [
      [fuller, emptier],
      [emptier, fuller],
    ]) {
      const { fields, legs } = fold(...facts);
      assert.equal(legs.length, 1);
      assert.equal(legs[0]!.id, 1, 'the report that told of it first');
      assert.equal(fields.recording, 'queue.wav');
      assert.equal(fields.did, DID);
    }
  });

  test('the report that told first - is the one with the lowest id, in whatever order they are read', () => {
    const facts = keyed([QUEUE, { ...QUEUE, recording: 'a.wav' }]);
    assert.equal(foldCall(facts.toReversed(), context()).legs[0]!.id, 1);
  });

  test('two recordings of one leg - the greater name wins, so that arrival does not matter', () => {
    const [a, b] = [
      { ...QUEUE, recording: 'a.wav' },
      { ...QUEUE, recording: 'b.wav' },
    ];
    assert.equal(fieldsOf(a, b).recording, 'b.wav');
    assert.equal(fieldsOf(b, a).recording, 'b.wav');
  });

  test('a transfer - belongs to whoever has the caller in the end, and talks add up', () => {
    const first = legFact('4006', 0, 'answered', [40, 30]);
    const second = legFact('4005', 40, 'answered', [25, 20], { recording: 'second.wav' });
    const fields = fieldsOf(first, second);
    assert.equal(fields.userId, 6);
    assert.equal(fields.extension, '4005');
    assert.equal(fields.talkSeconds, 50);
    assert.equal(fields.ringSeconds, 10, 'until the first answer');
    assert.equal(fields.answeredAt, START + 10_000);
    assert.equal(fields.endedAt, START + 65_000);
    assert.equal(fields.recording, 'second.wav');
  });

  test('a call out - never has our own number as the one it called', () => {
    const out = legFact('123', 0, 'answered', [40, 30], { from: '2000', direction: 'outbound', did: DID });
    assert.deepEqual([fieldsOf(out).toE164, fieldsOf(out).did], [null, DID]);
  });

  test('talks that overlap - are counted once', () => {
    const long = legFact('4006', 0, 'answered', [100, 90]);
    const within = legFact('4005', 20, 'answered', [30, 30]);
    const beyond = legFact('4007', 80, 'answered', [40, 30], { from: '4006', direction: 'internal' });
    // 10 to 100, 20 to 50, 90 to 120.
    assert.equal(fieldsOf(long, within, beyond).talkSeconds, 110);
  });

  test('waiting in a slot or a queue, while a row goes on as long as the call - is no talk', () => {
    const goesOut = legFact(CALLER, 0, 'answered', [135, 130], { from: '2000', direction: 'outbound' });
    const dialled = { from: '4006', direction: 'internal' as const };
    const parked = [legFact('6001', 35, 'answered', [40, 40]), legFact('6001', 75, 'answered', [60, 60], dialled)];
    assert.equal(fieldsOf(goesOut, ...parked).talkSeconds, 90);
    assert.equal(fieldsOf(legFact('2000', 0, 'answered', [135, 130]), ...parked).talkSeconds, 90);
    const queue = legFact('6400', 35, 'answered', [100, 60], { agentRingSeconds: 40 });
    assert.equal(fieldsOf(goesOut, queue, legFact('4006', 65, 'answered', [70, 60])).talkSeconds, 90);
  });

  test('an agent’s leg that does not repeat the queue’s spans - ends by itself', () => {
    const agent = legFact('4005', 35, 'answered', [80, 74]);
    assert.equal(fieldsOf(QUEUE, agent).endedAt, START + 115_000);
  });

  test('an agent’s leg that repeats the wait of a queue whose row goes on - has its own talk from its start', () => {
    const queue = legFact('6400', 18, 'answered', [885, 874]);
    const handedOn = legFact('4006', 103, 'answered', [800, 800]);
    const { fields } = fold(queue, AGENT, handedOn);
    assert.equal(fields.talkSeconds, 874);
    assert.equal(fields.endedAt, START + 903_000);
  });

  test('an agent’s leg that starts at the queue’s answer - has its talk from there, whatever ring it tells', () => {
    const inVain = legFact('4005', 0, 'no_answer', [40, 0]);
    const ownRing = legFact('4006', 40, 'answered', [75, 60]);
    const spansOf = ({ startedAt, answeredAt, endedAt, talkSeconds }: CallFields) =>
      [answeredAt!, endedAt!].map(at => (at - startedAt) / 1000).concat(talkSeconds!);
    assert.deepEqual(spansOf(fieldsOf(legFact('6400', 0, 'answered', [100, 60]), inVain, ownRing)), [40, 100, 60]);
    const takenOver = legFact('4007', 100, 'answered', [540, 540]);
    const goesOn = legFact('6400', 0, 'answered', [640, 600]);
    assert.deepEqual(spansOf(fieldsOf(goesOn, inVain, ownRing, takenOver)), [40, 640, 600]);
    const rounded = legFact('4006', 12, 'answered', [1412, 1401]);
    assert.deepEqual(spansOf(fieldsOf(legFact('6400', 0, 'answered', [1412, 1401]), rounded)), [12, 1412, 1400]);
  });

  test('an agent whose phone rings when the queue plays its music - talks after that ring', () => {
    const music = legFact('6400', 0, 'answered', [55, 55]);
    const { fields } = fold(music, legFact('4006', 0, 'answered', [55, 40]));
    assert.deepEqual([fields.answeredAt, fields.endedAt], [START + 15_000, START + 55_000]);
  });

  test('a leg that repeats the spans of a queue that is over - ends by itself', () => {
    const again = legFact('4006', 120, 'answered', [85, 74]);
    assert.equal(fieldsOf(...CHAIN, again).endedAt, START + 205_000);
  });

  test('the recording - is the first of those who answered, else the last there is', () => {
    const recorded = (leg: LegFact, recording: string) => ({ ...leg, recording });
    const [ivr, queue, survey] = [recorded(IVR, 'ivr'), recorded(QUEUE, 'queue'), recorded(SURVEY, 'survey')];
    const transferred = recorded(legFact('4006', 103, 'answered', [20, 20]), 'transferred');
    assert.equal(fieldsOf(ivr, queue, AGENT, transferred, survey).recording, 'agent.wav');
    assert.equal(fieldsOf(ivr, queue, { ...AGENT, recording: null }, survey).recording, 'survey');
    assert.equal(fieldsOf(ivr, queue, survey).recording, 'queue', 'a queue answers while no agent is named');
    assert.equal(fieldsOf(ivr, survey).recording, 'survey');
  });

  test('voicemail - is voicemail, its time is no answer, and a queue before it does not count as one', () => {
    const mailbox = legFact('4005', 30, 'voicemail', [11, 11]);
    const fields = fieldsOf(mailbox);
    assert.equal(fields.outcome, 'voicemail');
    assert.equal(fields.talkSeconds, 11);
    assert.equal(fields.answeredAt, null);
    assert.equal(fieldsOf(QUEUE, mailbox).outcome, 'voicemail');
    assert.equal(fieldsOf(legFact('4006', 0, 'answered', [30, 20]), mailbox).outcome, 'answered');
  });

  test('phones that were rung one after another - belong to nobody unless it was one', () => {
    const rung = (to: string, at: number) => legFact(to, at, 'no_answer', [10, 0]);
    assert.deepEqual([fieldsOf(rung('4005', 0)).userId, fieldsOf(rung('4005', 0)).extension], [5, '4005']);
    const two = fieldsOf(rung('4005', 0), rung('4006', 10));
    assert.deepEqual([two.userId, two.extension, two.outcome], [null, null, 'missed']);
    assert.equal(two.ringSeconds, 10);
    const twice = fieldsOf(rung('4005', 0), rung('4005', 30));
    assert.deepEqual([twice.userId, twice.extension], [5, '4005'], 'who held it when the call began');
  });

  test('what is unanswered - is the worst that is known of the phones, and of the queue the last', () => {
    const leg = (to: string, status: LegFact['status'], at = 0) => legFact(to, at, status, [20, 0]);
    assert.equal(fieldsOf(leg('4005', 'busy')).outcome, 'busy');
    assert.equal(fieldsOf(leg('4005', 'failed')).outcome, 'failed');
    assert.equal(fieldsOf(leg('4005', 'abandoned')).outcome, 'abandoned');
    assert.equal(fieldsOf(leg('4005', 'unknown')).outcome, 'unknown');
    assert.equal(fieldsOf(leg('4005', 'busy'), leg('4006', 'no_answer', 5)).outcome, 'missed');
    assert.equal(fieldsOf(leg('4005', 'unknown'), leg('4006', 'busy', 5)).outcome, 'busy');
    assert.equal(fieldsOf(leg('6400', 'failed'), leg('6401', 'no_answer', 20)).outcome, 'abandoned');
    assert.equal(fieldsOf(leg('6400', 'no_answer'), leg('6401', 'failed', 20)).outcome, 'failed');
    assert.equal(fieldsOf(leg('6400', 'no_answer'), leg('6401', 'abandoned', 20)).outcome, 'abandoned');
    assert.equal(fieldsOf(IVR, leg('4005', 'busy', 13)).outcome, 'busy', 'the machine’s answer is none');
  });

  test('a call going out - is of whoever dialled, and may begin with the outside prefix', () => {
    const leg = legFact('902079460123', 0, 'answered', [140, 120], {
      from: '2000',
      direction: 'outbound',
      trunkOut: 'SIP-Main',
    });
    const { fields, legs } = fold(leg);
    assert.equal(legs[0]!.party, 'external');
    assert.deepEqual([fields.userId, fields.extension, fields.line], [2, '2000', 'SIP-Main']);
    assert.equal(fields.toE164, CALLER_E164);
    assert.equal(fields.fromE164, null, 'an extension is no number');
    assert.deepEqual([fields.outcome, fields.ringSeconds, fields.talkSeconds], ['answered', 20, 120]);
    const unheld = fieldsOf({ ...leg, from: '+442079460100' });
    assert.deepEqual([unheld.userId, unheld.extension], [null, null]);
  });

  test('a direction that was not told - is inferred from who is internal', () => {
    const leg = (from: string | null, to: string | null) =>
      fieldsOf(legFact(to, 0, 'answered', [10, 5], { from, direction: 'unknown' })).direction;
    assert.equal(leg('2000', '4005'), 'internal');
    assert.equal(leg('2000', CALLER), 'outbound');
    assert.equal(leg(CALLER, '4005'), 'inbound');
    assert.equal(leg(CALLER, '02079460199'), 'unknown');
    assert.equal(leg('2000', null), 'unknown');
  });

  test('durations that were not told - are not made up', () => {
    const fields = fieldsOf(legFact('4005', 0, 'answered', [null, null]));
    assert.deepEqual([fields.durationSeconds, fields.ringSeconds, fields.talkSeconds], [null, null, null]);
    assert.equal(fields.endedAt, START);
    const talk = fieldsOf(legFact('4005', 0, 'answered', [null, 8]));
    assert.deepEqual([talk.talkSeconds, talk.endedAt, talk.answeredAt], [8, START + 8_000, START]);
  });

  test('a queue that was not told of - is known by how long the agent’s answer took', () => {
    assert.equal(fieldsOf({ ...AGENT, agentRingSeconds: 9 }).queueWaitSeconds, 9);
    assert.equal(fieldsOf({ ...AGENT, agentRingSeconds: 0 }).queueWaitSeconds, null);
    const two = [legFact('6400', 0, 'no_answer', [20, 0]), legFact('6401', 20, 'answered', [40, 33])];
    assert.equal(fieldsOf(...two).queueWaitSeconds, 7);
    assert.equal(fieldsOf(...two).queue, '6401');
  });

  test('legs that start at once - keep one order, whatever order they are told in', () => {
    const legs = ['4005', '4006', '4007'].map(to => legFact(to, 0, 'answered', [20, 10], { did: `did of ${to}` }));
    const expected = fieldsOf(...legs);
    assert.deepEqual(fieldsOf(...legs.toReversed()), expected);
    assert.deepEqual(fieldsOf(legs[1]!, legs[2]!, legs[0]!), expected);
  });
});

describe('stated calls', () => {
  test('what was not stated - is derived, and what nobody can know stays unknown', () => {
    const answered = fieldsOf(statedCall('x', { durationSeconds: 42, talkSeconds: 30 }));
    assert.deepEqual(
      [answered.endedAt, answered.answeredAt, answered.outcome, answered.talkSeconds],
      [START + 42_000, START + 12_000, 'answered', 30],
    );
    const registered = fieldsOf(statedCall('x'));
    assert.deepEqual(
      [registered.endedAt, registered.outcome, registered.talkSeconds, registered.durationSeconds],
      [null, 'unknown', null, null],
    );
    const missed = fieldsOf(statedCall('x', { endedAt: START + 9_000, talkSeconds: 0 }));
    assert.deepEqual([missed.outcome, missed.durationSeconds, missed.answeredAt], ['missed', 9, null]);
    const busy = fieldsOf(statedCall('x', { endedAt: START, outcome: 'busy' }));
    assert.deepEqual([busy.outcome, busy.talkSeconds, busy.durationSeconds], ['busy', 0, 0]);
    const unknown = fieldsOf(statedCall('x', { endedAt: START + 9_000 }));
    assert.deepEqual([unknown.outcome, unknown.talkSeconds], ['unknown', null]);
    const times = fieldsOf(statedCall('x', { answeredAt: START + 4_000, endedAt: START + 9_400 }));
    assert.deepEqual([times.ringSeconds, times.talkSeconds, times.outcome], [4, 5, 'answered']);
  });

  test('missed and abandoned - of inbound calls only; any other that nobody picked up is unanswered, and back', () => {
    const outcome = (fields: Parameters<typeof statedCall>[1]) =>
      fieldsOf(statedCall('x', { endedAt: START + 9_000, talkSeconds: 0, ...fields })).outcome;
    for (const direction of ['outbound', 'internal'] as const) {
      assert.equal(outcome({ direction }), 'unanswered');
      assert.equal(outcome({ direction, outcome: 'missed' }), 'unanswered');
      assert.equal(outcome({ direction, outcome: 'abandoned' }), 'unanswered');
      assert.equal(outcome({ direction, outcome: 'busy' }), 'busy');
    }
    assert.equal(outcome({ direction: 'inbound', outcome: 'unanswered' }), 'missed');
    assert.equal(outcome({ direction: 'inbound', outcome: 'abandoned' }), 'abandoned');
  });

  test('who and where - the user stated, else who held the extension; the line, else the number dialled, else the trunk', () => {
    assert.equal(fieldsOf(statedCall('x', { extension: '4005' })).userId, 5);
    assert.equal(fieldsOf(statedCall('x', { extension: '4005', userId: 9 })).userId, 9);
    const line = (fields: Parameters<typeof statedCall>[1]) => fieldsOf(statedCall('x', fields)).line;
    assert.equal(line({ line: 'a', did: 'b', trunkIn: 'c' }), 'a');
    assert.equal(line({ did: 'b', trunkIn: 'c' }), 'b');
    assert.equal(line({ trunkIn: 'c', trunkOut: 'd' }), 'c');
    assert.equal(line({ direction: 'outbound', trunkIn: 'c', trunkOut: 'd' }), 'd');
  });

  test('the line of a call that one trunk failed to carry - is that of the one by which it was answered, or rang', () => {
    const by = (trunkOut: string, at: number, status: LegFact['status'], seconds: readonly [number, number]) =>
      legFact(CALLER, at, status, seconds, { from: '2000', direction: 'outbound', trunkOut });
    const lineOf = (...legs: LegFact[]) => {
      const { line, trunkOut } = fieldsOf(...legs);
      return [line, trunkOut];
    };
    assert.deepEqual(lineOf(by('t1', 0, 'failed', [0, 0]), by('t2', 1, 'answered', [30, 20])), ['t2', 't2']);
    assert.deepEqual(lineOf(by('t1', 0, 'failed', [0, 0]), by('t2', 1, 'busy', [5, 0])), ['t2', 't2']);
    assert.deepEqual(lineOf(by('t1', 0, 'failed', [0, 0]), by('t2', 1, 'failed', [0, 0])), ['t1', 't1']);
  });

  test('several statements - of each field the one received last stands, and silence takes nothing back', () => {
    const long = statedCall('x', { endedAt: START + 60_000, note: 'zealous', vote: 4, costMicros: 900_000 });
    const short = statedCall('x', { endedAt: START + 10_000, note: 'again', costMicros: 100_000 });
    for (const [earlier, later] of [
      [long, short],
      [short, long],
    ]) {
      const told = fieldsOf(earlier!, later!);
      const { endedAt, note, vote, costMicros, durationSeconds } = told;
      assert.deepEqual([endedAt, note, vote, costMicros], [later!.endedAt, later!.note, 4, later!.costMicros]);
      assert.equal(durationSeconds, (later!.endedAt! - START) / 1000);
      const shuffled = foldCall(keyed([earlier!, later!]).toReversed(), context()).fields;
      assert.deepEqual(shuffled, told, 'whatever order they are read in');
    }
  });

  test('several statements - an earlier one gives way where it cannot be true with a later one', () => {
    const whole = statedCall('x', {
      answeredAt: START + 10_000,
      durationSeconds: 40,
      talkSeconds: 30,
      ringSeconds: 10,
    });
    const after = (later: Partial<StatedCall>) => {
      const { answeredAt, endedAt, durationSeconds, talkSeconds, ringSeconds, outcome } = fieldsOf(
        whole,
        statedCall('x', later),
      );
      const at = (instant: number | null) => (instant === null ? null : (instant - START) / 1000);
      return [at(answeredAt), at(endedAt), durationSeconds, talkSeconds, ringSeconds, outcome];
    };
    assert.deepEqual(after({}), [10, 40, 40, 30, 10, 'answered']);
    assert.deepEqual(after({ endedAt: START + 35_000 }), [10, 35, 35, 25, 10, 'answered']);
    assert.deepEqual(after({ durationSeconds: 100 }), [10, 100, 100, 30, 10, 'answered']);
    assert.deepEqual(after({ talkSeconds: 35 }), [5, 40, 40, 35, null, 'answered']);
    assert.deepEqual(after({ answeredAt: START + 20_000 }), [20, 40, 40, 20, 10, 'answered']);
    assert.deepEqual(after({ outcome: 'missed' }), [null, 40, 40, 0, 10, 'missed']);
    assert.deepEqual(after({ startedAt: START + 20_000 }), [30, 60, 40, 30, 10, 'answered']);
    const missed = statedCall('x', { durationSeconds: 40, outcome: 'missed', talkSeconds: 0 });
    assert.equal(fieldsOf(missed, statedCall('x', { talkSeconds: 20 })).outcome, 'answered');
    const answered = fieldsOf(missed, statedCall('x', { answeredAt: START + 20_000 }));
    assert.deepEqual([answered.outcome, answered.talkSeconds], ['answered', 20]);
  });

  test('several statements - an end that follows from the duration counts as an end', () => {
    const nine = statedCall('x', { durationSeconds: 9, note: 'nine' });
    const ten = statedCall('x', { durationSeconds: 10, note: 'ten' });
    const registered = statedCall('x', {});
    for (const facts of [
      [nine, ten, registered],
      [registered, nine, ten],
    ]) {
      const fields = fieldsOf(...facts);
      assert.deepEqual([fields.durationSeconds, fields.note, fields.endedAt], [10, 'ten', START + 10_000]);
    }
  });
});

test('a call-back - is to the customer, and begins to be talked when the customer picks up', () => {
  const queue = { from: '6400', direction: 'outbound' as const };
  const fields = fieldsOf(
    legFact('2000', 0, 'no_answer', [15, 0], queue),
    legFact('4006', 15, 'answered', [75, 70], queue),
    legFact(`9${CALLER}`, 20, 'answered', [70, 60], { ...queue, trunkOut: 'x' }),
  );
  const { to, toE164, answeredAt, talkSeconds, userId, extension } = fields;
  assert.deepEqual(
    { to, toE164, answeredAt, talkSeconds, userId, extension },
    {
      to: `9${CALLER}`,
      toE164: CALLER_E164,
      answeredAt: START + 30_000,
      talkSeconds: 60,
      userId: 7,
      extension: '4006',
    },
  );
});

describe('who wins', () => {
  test('a PBX and a program - what happened is the PBX’s, what it is worth the program’s', () => {
    const stated = statedCall('x', {
      direction: 'outbound',
      startedAt: START + 500,
      durationSeconds: 999,
      outcome: 'failed',
      cause: '304',
      userId: 9,
      queue: 'stated',
      costMicros: 120_000,
      currency: 'GBP',
      vote: 5,
      disposition: 'sold',
      note: 'a note',
      failedReason: 'none',
      links: ['https://crm.example/1'],
      recording: 'stated.wav',
    });
    const fields = fieldsOf(stated, ...CHAIN);
    assert.deepEqual(
      [fields.direction, fields.startedAt, fields.durationSeconds, fields.outcome, fields.cause, fields.userId],
      ['inbound', START, 103, 'answered', 'ANSWERED', 6],
    );
    assert.deepEqual(
      [fields.costMicros, fields.currency, fields.vote, fields.disposition, fields.note, fields.links],
      [120_000, 'GBP', 5, 'sold', 'a note', ['https://crm.example/1']],
    );
    assert.equal(fields.recording, 'agent.wav');
    assert.deepEqual(fieldsOf(...CHAIN, stated), fields);
  });

  test('a PBX that does not know - leaves what a program stated', () => {
    const leg = legFact('4005', 0, 'unknown', [null, null], { direction: 'unknown', from: null, to: null });
    const stated = statedCall('x', { outcome: 'answered', direction: 'inbound', queue: 'stated', durationSeconds: 7 });
    const fields = fieldsOf(leg, stated);
    assert.deepEqual(
      [fields.outcome, fields.direction, fields.queue, fields.durationSeconds],
      ['answered', 'inbound', 'stated', 7],
    );
  });

  test('two programs - what follows from a field is of the one who tells it', () => {
    const registered = {
      direction: 'inbound' as const,
      from: CALLER_E164,
      userId: 8,
      queue: '6400',
      queueWaitSeconds: 9,
    };
    const later = { startedAt: START + 60_000, endedAt: START + 90_000 };
    const told = (more: Partial<StatedCall>) => {
      const facts = keyed([statedCall('1', registered), statedCall('2', { ...later, ...more })]);
      const apart = facts.map((each, n) => ({ ...each, sourceCallId: n + 1 }));
      const { from, fromE164, queue, queueWaitSeconds } = foldCall(apart, context(NATIVE)).fields;
      return [from, fromE164, queue, queueWaitSeconds];
    };
    assert.deepEqual(told({}), [CALLER_E164, CALLER_E164, '6400', 9]);
    assert.deepEqual(told({ from: '2000' }), ['2000', null, '6400', 9]);
    assert.deepEqual(told({ queue: '6401' }), [CALLER_E164, CALLER_E164, '6401', null]);
  });

  test('a number in E.164 - is that of the number beside it, and not of the other end', () => {
    const e164 = (leg: LegFact, ...stated: Partial<StatedCall>[]) => {
      const { from, to, fromE164, toE164 } = fieldsOf(leg, ...stated.map(each => statedCall('x', each)));
      return { from, to, fromE164, toE164 };
    };
    const out = legFact(CALLER, 0, 'answered', [100, 91], { from: '2000', direction: 'outbound', trunkOut: 'x' });
    const asTold = { from: '2000', to: CALLER, fromE164: null, toE164: CALLER_E164 };
    assert.deepEqual(e164(out, { from: CALLER, to: null, userId: 7 }), asTold, 'an app that tells it as coming in');
    assert.deepEqual(e164(out, { direction: 'outbound', from: CALLER_E164, to: '02079460199' }), asTold);
    assert.deepEqual(e164({ ...out, from: null }, { from: CALLER, to: null }), { ...asTold, from: null });
    const reached = legFact('4006', 0, 'answered', [100, 91]);
    const inside = { from: CALLER, to: '4006', fromE164: CALLER_E164, toE164: null };
    assert.deepEqual(e164(reached, { direction: 'outbound', from: '2000', to: CALLER_E164 }), inside);
    assert.deepEqual(e164(reached, { to: DID }), inside, 'what was reached is no number outside');
    assert.deepEqual(e164(reached, { to: DID, did: DID }), { ...inside, toE164: DID }, 'but the DID, as of a PBX');
    assert.deepEqual(e164({ ...out, direction: 'unknown' }, {}).toE164, CALLER_E164);
    const local = { ...reached, from: '79460123' };
    assert.deepEqual(e164(local, { from: CALLER_E164 }).fromE164, CALLER_E164, 'one number, written in two ways');
    assert.deepEqual(e164(local, { from: '+442079460199' }).fromE164, null);
    assert.deepEqual(e164({ ...out, to: '7001' }, { direction: 'outbound', to: '+442079467001' }).toE164, null);
  });

  test('the line - is the DID, whoever tells that', () => {
    const lineOf = (stated: Partial<StatedCall>, more: Partial<LegFact> = {}) => {
      const leg = legFact('4006', 0, 'answered', [100, 91], { trunkIn: 'Saf', ...more });
      const { did, didName, line } = fieldsOf(leg, statedCall('x', stated));
      return [did, didName, line];
    };
    assert.deepEqual(lineOf({ line: 'stated' }), [null, null, 'Saf']);
    assert.deepEqual(lineOf({ did: DID, didName: 'Sales' }), [DID, 'Sales', DID]);
    assert.deepEqual(lineOf({ did: '02079460200', didName: 'Sales' }, { did: DID }), [DID, 'Sales', DID]);
    assert.deepEqual(lineOf({ did: '02079460299', didName: 'Support' }, { did: DID }), [DID, null, DID]);
  });

  test('a message in a mailbox, or a menu - is no ringing, also where a program counts it as that', () => {
    const app = { durationSeconds: 11, ringSeconds: 11, talkSeconds: 0, outcome: 'missed', userId: 9 } as const;
    const ringOf = (leg: LegFact, stated: Partial<StatedCall> = {}) => {
      const { fields, participants } = fold(leg, statedCall('x', { ...app, ...stated }));
      return [fields.ringSeconds, participants.find(each => each.userId === 9)?.ringSeconds];
    };
    assert.deepEqual(ringOf(legFact('4006', 0, 'voicemail', [11, 11])), [null, null]);
    assert.deepEqual(ringOf(legFact('4006', 0, 'voicemail', [31, 11]))[0], 20);
    assert.deepEqual(ringOf(IVR)[0], null);
    assert.deepEqual(ringOf(legFact('4006', 0, 'no_answer', [null, 0])), [11, 11], 'of what rang it is believed');
    const queue = legFact('6400', 0, 'voicemail', [11, 11]);
    assert.equal(fieldsOf(queue, statedCall('x', { queue: '6400', queueWaitSeconds: 11 })).queueWaitSeconds, null);
  });

  test('a wait - is that of the queue beside it', () => {
    const untold = legFact('6400', 0, 'no_answer', [null, 0]);
    const waitOf = (queue: string | null) => fieldsOf(untold, statedCall('x', { queue, queueWaitSeconds: 9 }));
    assert.equal(waitOf('6400').queueWaitSeconds, 9);
    assert.equal(waitOf(null).queueWaitSeconds, 9);
    assert.deepEqual([waitOf('6401').queue, waitOf('6401').queueWaitSeconds], ['6400', null]);
  });

  test('a duration that the PBX does not tell - is that of a program, and the end with it', () => {
    const untold = legFact('4006', 0, 'no_answer', [null, 0]);
    const { endedAt, durationSeconds } = fieldsOf(untold, statedCall('x', { durationSeconds: 60, talkSeconds: 0 }));
    assert.deepEqual([endedAt, durationSeconds], [START + 60_000, 60]);
  });

  test('an outcome that the PBX does not know - comes with the talk of who knows it', () => {
    const leg = legFact('4006', 0, 'unknown', [40, 0]);
    const { outcome, talkSeconds } = fieldsOf(leg, statedCall('x', { outcome: 'answered' }));
    assert.deepEqual([outcome, talkSeconds], ['answered', null]);
  });

  const correction = (n: number, fields: CorrectedFields): Fact => ({
    form: 'correction',
    n,
    author: 'anna',
    at: START,
    reason: null,
    fields,
  });
  const retraction = (n: number): Fact => ({ form: 'retraction', n, author: 'anna', at: START });

  test('a correction - wins over every source, the latest one last, until it is taken back', () => {
    const first = correction(1, { userId: 9, outcome: 'missed', note: 'first' });
    const second = correction(2, { note: 'second', queue: null });
    const plain = fieldsOf(...CHAIN);
    const missed = { ...plain, userId: 9, extension: null, outcome: 'missed', answeredAt: null, talkSeconds: 0 };
    assert.deepEqual(fieldsOf(...CHAIN, first), { ...missed, note: 'first' });
    const both = { ...missed, note: 'second', queue: null };
    assert.deepEqual(fieldsOf(...CHAIN, first, second), both);
    assert.deepEqual(fieldsOf(second, ...CHAIN, first), both, 'in whatever order they are read');
    assert.deepEqual(fieldsOf(...CHAIN, first, second, retraction(1)), { ...plain, note: 'second', queue: null });
    assert.deepEqual(fieldsOf(...CHAIN, first, second, retraction(2), retraction(1)), plain);
  });

  test('a correction of a number or a span - takes with it what follows from it', () => {
    const fields = fieldsOf(
      ...CHAIN,
      correction(1, { from: '02079460199', to: null, startedAt: START - 7_000, endedAt: START + 3_400 }),
    );
    assert.deepEqual([fields.fromE164, fields.toE164, fields.durationSeconds], ['+442079460199', null, 10]);
    const out = fieldsOf(...CHAIN, correction(1, { to: '902079460199', direction: 'outbound' }));
    assert.equal(out.toE164, '+442079460199');
    const dialled = legFact('902079460199', 0, 'answered', [40, 30], { did: DID, from: CALLER });
    const direction = (word: 'inbound' | 'outbound') => fieldsOf(dialled, correction(1, { direction: word })).toE164;
    assert.deepEqual([direction('inbound'), direction('outbound')], [DID, '+442079460199']);
  });

  test('a correction - of a direction or an outcome leaves an outcome that the direction has', () => {
    const missed = statedCall('x', { direction: 'inbound', endedAt: START + 9_000, talkSeconds: 0 });
    assert.equal(fieldsOf(missed, correction(1, { direction: 'outbound' })).outcome, 'unanswered');
    assert.equal(
      fieldsOf(missed, correction(1, { direction: 'outbound', outcome: 'abandoned' })).outcome,
      'unanswered',
    );
    assert.equal(fieldsOf(missed, correction(1, { outcome: 'unanswered' })).outcome, 'missed');
    const back = [correction(1, { direction: 'outbound' }), correction(2, { direction: 'inbound' })];
    assert.equal(fieldsOf(missed, ...back).outcome, 'missed');
  });

  test('a correction that nobody answered - takes the answer and the talk with it, also where talk was stated', () => {
    const talkOf = (...facts: Fact[]) => {
      const { answeredAt, talkSeconds } = fieldsOf(...CHAIN, ...facts);
      return [answeredAt, talkSeconds];
    };
    assert.deepEqual(talkOf(correction(1, { outcome: 'missed' })), [null, 0]);
    assert.deepEqual(talkOf(correction(1, { outcome: 'missed', talkSeconds: 3 })), [null, 0]);
    assert.deepEqual(talkOf(correction(1, { outcome: 'voicemail' }))[1], 74);
    const back = [correction(1, { outcome: 'missed' }), correction(2, { outcome: 'answered' })];
    assert.deepEqual(talkOf(...back), talkOf());
  });

  test('a correction that late facts contradict - never makes a span below nothing', () => {
    const fields = fieldsOf(...CHAIN, correction(1, { startedAt: START + 500_000 }));
    assert.equal(fields.durationSeconds, 0);
  });

  test('corrections alone - are no call', () => {
    assert.throws(() => fieldsOf(correction(1, {})), /needs a report/);
  });
});
