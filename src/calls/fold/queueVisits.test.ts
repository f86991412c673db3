/** The queues of a call, as its legs, programs and people tell them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { CorrectedFields, Correction, Fact, LegFact, StatedCall } from '../reports/report.ts';
import { AGENT, CHAIN, context, keyed } from '../testing/testFacts.ts';
import { legFact, START, statedCall } from '../testing/testReports.ts';
import { foldCall } from './fold.ts';
import type { KeyedFact } from './foldContext.ts';

const [PBX, OTHER_PBX, PROGRAM] = [1, 2, 9];

const fold = (facts: readonly KeyedFact[]) => foldCall(facts, context());
const plain = (facts: readonly KeyedFact[]) =>
  fold(facts).visits.map(({ queue, outcome, waitSeconds, sourceId }) =>
    [queue, outcome, waitSeconds, ...(sourceId === PBX ? [] : [sourceId])].join(' '),
  );
const visitsOf = (...facts: Fact[]) => plain(keyed(facts));

/** What these sources tell of one call, one after another. */
const told = (...facts: readonly (readonly [sourceId: number, fact: Fact])[]): KeyedFact[] =>
  facts.map(([sourceId, fact], place) => ({
    ...keyed([fact])[0]!,
    reportId: place + 1,
    sourceCallId: place + 1,
    sourceId,
  }));

const left = (to: string, at: number, seconds: number): LegFact => legFact(to, at, 'no_answer', [seconds, 0]);
const picked = (to: string, at: number, ring: number, talk: number): LegFact =>
  legFact(to, at, 'answered', [ring + talk, talk]);
/** A queue that lets one of its agents talk for 20 seconds. */
const had = (to: string, at: number, ring: number): readonly LegFact[] => [
  picked(to, at, ring, 20),
  picked('4005', at + ring, ring, 20),
];
const correction = (fields: CorrectedFields): Correction => ({
  form: 'correction',
  n: 1,
  at: START,
  author: 'anna',
  reason: null,
  fields,
});

describe('legs', () => {
  test('one queue - is answered by the agent whom it called', () => {
    assert.deepEqual(visitsOf(...CHAIN), ['6400 answered 11']);
    assert.deepEqual(
      visitsOf(...CHAIN.filter(each => each !== AGENT)),
      ['6400 answered 11'],
      'where no leg tells of the agent',
    );
  });

  test('from queue to queue - the caller is counted in each, with the wait there', () => {
    assert.deepEqual(visitsOf(left('6400', 0, 30), picked('6401', 30, 12, 40), picked('4005', 42, 12, 40)), [
      '6400 overflowed 30',
      '6401 answered 12',
    ]);
    assert.deepEqual(visitsOf(left('6400', 0, 30), left('6401', 30, 12)), ['6400 overflowed 30', '6401 abandoned 12']);
  });

  test('there and back - the last time decides, and an answer ends a wait: what came after it adds up', () => {
    const there = [left('6400', 0, 20), left('6401', 20, 30)];
    assert.deepEqual(visitsOf(...there, left('6400', 50, 15)), ['6401 overflowed 30', '6400 abandoned 35']);
    assert.deepEqual(visitsOf(...there, ...had('6400', 50, 15)), ['6401 overflowed 30', '6400 answered 35']);
    const answered = had('6400', 0, 10);
    assert.deepEqual(visitsOf(...answered, ...had('6400', 30, 15)), ['6400 answered 15'], 'answered again');
    assert.deepEqual(visitsOf(...answered, left('6400', 30, 300)), ['6400 abandoned 300'], 'given back and left');
    assert.deepEqual(
      visitsOf(...answered, left('6401', 30, 10), left('6400', 40, 8), left('6400', 48, 9)),
      ['6401 overflowed 10', '6400 abandoned 17'],
      'through another one, then twice',
    );
    assert.deepEqual(
      visitsOf(left('6400', 0, 20), ...had('6401', 20, 5), ...had('6400', 45, 15)),
      ['6401 answered 5', '6400 answered 15'],
      'answered in another queue in between',
    );
    assert.deepEqual(
      visitsOf(left('6400', 0, 18), picked('4006', 18, 4, 70), ...had('6400', 92, 15)),
      ['6400 answered 15'],
      'answered at a desk in between',
    );
    assert.deepEqual(
      visitsOf(...answered, ...had('6401', 30, 5), left('6400', 55, 40)),
      ['6400 abandoned 40', '6401 answered 5'],
      'the one that answered is the call’s',
    );
  });

  test('however often in whichever queues - each has its last outcome, and what was waited there since an answer', () => {
    const stay = fc.record({
      queue: fc.constantFrom('6400', '6401'),
      isAnswered: fc.boolean(),
      wait: fc.integer({ min: 3, max: 400 }),
    });
    fc.assert(
      fc.property(fc.array(stay, { minLength: 1, maxLength: 6 }), stays => {
        const legs: LegFact[] = [];
        const waits = new Map<string, number>();
        const expected = new Map<string, string>();
        let at = 0;
        for (const [place, { queue, isAnswered, wait }] of stays.entries()) {
          legs.push(...(isAnswered ? had(queue, at, wait) : [left(queue, at, wait)]));
          at += wait + (isAnswered ? 20 : 0);
          waits.set(queue, (waits.get(queue) ?? 0) + wait);
          // It is left to another queue, or back into the same one, which the last time there overrules.
          const outcome = isAnswered ? 'answered' : place < stays.length - 1 ? 'overflowed' : 'abandoned';
          expected.set(queue, `${queue} ${outcome} ${waits.get(queue)}`);
          if (isAnswered) waits.clear();
        }
        assert.deepEqual(visitsOf(...legs).toSorted(), [...expected.values()].toSorted());
      }),
    );
  });

  test('a queue whose row goes on - keeps its agents, and the queue that began after it those of its own', () => {
    const [first, second] = [picked('6400', 0, 5, 300), picked('6401', 100, 10, 190)];
    const agents = [picked('4005', 5, 5, 95), picked('4006', 110, 10, 190)];
    assert.deepEqual(visitsOf(first, second, ...agents), ['6400 answered 5', '6401 answered 10']);
    assert.deepEqual(visitsOf(first, left('6401', 100, 20), agents[0]!), ['6401 abandoned 20', '6400 answered 5']);
  });

  test('an agent who answers as the caller hangs up - has answered in the queue, and the call ends there', () => {
    const agent = { ...picked('4005', 11, 11, 0), agentRingSeconds: 11 };
    const queue = { ...picked('6400', 0, 11, 0), agentRingSeconds: 11 };
    const read = (...legs: LegFact[]) => {
      const { durationSeconds, outcome, talkSeconds } = fold(keyed(legs)).fields;
      return [...visitsOf(...legs), outcome, talkSeconds, durationSeconds];
    };
    assert.deepEqual(read(queue, agent), ['6400 answered 11', 'answered', 0, 11]);
    assert.deepEqual(read(queue, { ...agent, startedAt: START + 10_000 }), ['6400 answered 11', 'answered', 0, 11]);
    const rounded = { ...agent, startedAt: START + 12_000 };
    assert.deepEqual(read(queue, rounded), ['6400 answered 11', 'answered', 0, 12], 'a second is rounding');
    const left30 = left('6400', 0, 30);
    assert.deepEqual(read(left30, picked('4006', 30, 30, 0)), ['6400 overflowed 30', 'answered', 0, 60], 'after it');
    assert.deepEqual(read(left30, left('4006', 30, 30)), ['6400 overflowed 30', 'missed', 0, 60], 'rung after it');
  });

  test('answered elsewhere - is not answered in the queue', () => {
    const desk = picked('4006', 0, 6, 60);
    assert.deepEqual(visitsOf(desk, left('6400', 66, 40)), ['6400 abandoned 40']);
    assert.deepEqual(visitsOf(left('6400', 0, 18), picked('4006', 18, 4, 70)), ['6400 overflowed 18']);
    assert.deepEqual(
      visitsOf(desk, left('6400', 66, 40), left('4006', 106, 20)),
      ['6400 overflowed 40'],
      'back at the desk',
    );
  });

  test('a mailbox - the queue’s own took the call, another one had it from the queue', () => {
    assert.deepEqual(visitsOf(legFact('6400', 0, 'voicemail', [37, 12])), ['6400 voicemail 25']);
    assert.deepEqual(visitsOf(left('6400', 0, 30), legFact('4005', 30, 'voicemail', [14, 14])), ['6400 overflowed 30']);
  });

  test('only a menu after it - nobody got the caller from the queue; a prompt is nothing', () => {
    assert.deepEqual(visitsOf(left('6400', 0, 30), picked('6200', 30, 0, 9)), ['6400 missed 30']);
    assert.deepEqual(visitsOf(left('6400', 0, 30), picked('Satisfaction Survey', 30, 0, 9)), ['6400 abandoned 30']);
  });

  test('music that counts as the answer - the agent’s leg tells the wait', () => {
    assert.deepEqual(visitsOf(picked('6400', 0, 0, 100), picked('4005', 25, 15, 60)), ['6400 answered 40']);
    assert.deepEqual(visitsOf(picked('6400', 0, 0, 100), legFact('4005', 40, 'answered', [100, 100])), [
      '6400 answered 40',
    ]);
    assert.deepEqual(
      visitsOf(picked('6400', 0, 0, 60), picked('4005', 0, 0, 60)),
      ['6400 answered 0'],
      'picked up at once',
    );
    assert.deepEqual(visitsOf({ ...picked('6400', 0, 0, 60), agentRingSeconds: 9 }, picked('4005', 9, 0, 51)), [
      '6400 answered 9',
    ]);
  });

  test('music that picks up before an agent does - ends no wait, whichever row tells of the agent', () => {
    const told = (ring: number, agentRing: number, agentsRing = 0) =>
      visitsOf({ ...picked('6400', 0, ring, 100 - ring), agentRingSeconds: agentRing }, left('4005', 0, 25), {
        ...picked('4006', 25, 15, 60),
        agentRingSeconds: agentsRing,
      });
    assert.deepEqual(told(1, 40), ['6400 answered 40']);
    assert.deepEqual(told(5, 40), ['6400 answered 40'], 'by its own word however long it rang');
    assert.deepEqual(told(40, 15), ['6400 answered 40'], 'nobody answers before the queue');
    assert.deepEqual(told(1, 0, 40), ['6400 answered 40'], 'in the row of the agent');
    assert.deepEqual(told(1, 0), ['6400 answered 40'], 'by when that row was answered');
    assert.deepEqual(told(40, 0), ['6400 answered 40']);
    assert.deepEqual(visitsOf(...had('6400', 0, 1)), ['6400 answered 1'], 'an agent within a second');
  });

  test('out of a number that nothing names - a queue was answered too', () => {
    assert.deepEqual(visitsOf(picked('6400', 0, 0, 60), picked('99', 8, 8, 52)).length, 1);
    assert.equal(fold(keyed([picked('6400', 0, 0, 60), picked('99', 8, 8, 52)])).visits[0]?.outcome, 'answered');
  });

  test('outbound and internal calls - are neither missed nor abandoned', () => {
    const inside = { ...left('6400', 0, 20), from: '2000', direction: 'internal' as const };
    assert.deepEqual(visitsOf(inside), ['6400 unanswered 20']);
  });

  test('the call itself - has the queue that decides, and its wait there', () => {
    const { fields } = fold(keyed([left('6400', 0, 30), picked('6401', 30, 12, 40), picked('4005', 42, 12, 40)]));
    assert.deepEqual([fields.queue, fields.queueWaitSeconds], ['6401', 12]);
  });

  test('the same number at two PBXs - is two queues', () => {
    const facts = told(
      [PBX, left('6400', 0, 30)],
      [OTHER_PBX, picked('6400', 40, 5, 60)],
      [OTHER_PBX, picked('4005', 45, 5, 60)],
    );
    assert.deepEqual(plain(facts), ['6400 overflowed 30', '6400 answered 5 2']);
  });
});

describe('programs', () => {
  const stated = (fields: Partial<StatedCall>) => statedCall('x', { durationSeconds: 60, talkSeconds: 0, ...fields });

  test('one that states a queue - it is the call’s, under the call’s outcome', () => {
    const facts = told([PROGRAM, stated({ queue: '6400', queueWaitSeconds: 20, outcome: 'missed' })]);
    assert.deepEqual(plain(facts), ['6400 missed 20 9']);
  });

  test('a PBX and a program - the stay is counted once, as the PBX tells it', () => {
    const program = stated({ queue: '6400', queueWaitSeconds: 99, outcome: 'missed' });
    assert.deepEqual(plain(told([PBX, left('6400', 0, 30)], [PROGRAM, program])), ['6400 abandoned 30']);
    assert.deepEqual(
      plain(told([PBX, picked('4005', 0, 5, 40)], [PROGRAM, program])),
      ['6400 answered 99 9'],
      'the PBX names none',
    );
  });

  test('two programs - the same queue once, the later word of its wait; another one is where the call went on', () => {
    const first = stated({ queue: '6400', queueWaitSeconds: 10, outcome: 'abandoned' });
    const later = { startedAt: START + 60_000, durationSeconds: 60 };
    const again = stated({ ...later, queue: '6400', queueWaitSeconds: 12, outcome: 'answered', talkSeconds: 5 });
    assert.deepEqual(plain(told([PROGRAM, first], [PROGRAM, again])), ['6400 answered 12 9']);
    const other = stated({ ...later, queue: '6401', queueWaitSeconds: 4, outcome: 'abandoned' });
    assert.deepEqual(plain(told([PROGRAM, first], [PROGRAM, other])), ['6400 overflowed 10 9', '6401 abandoned 4 9']);
    assert.deepEqual(plain(told([PROGRAM, other], [PROGRAM, first])), ['6400 overflowed 10 9', '6401 abandoned 4 9']);
  });

  test('answered, then back in the same queue - counts as it ended there; told twice of one time, it was answered', () => {
    const answered = stated({ queue: '6400', queueWaitSeconds: 10, outcome: 'answered', talkSeconds: 50 });
    const again = { startedAt: START + 60_000, queue: '6400', queueWaitSeconds: 300, durationSeconds: 300 };
    const back = stated({ ...again, outcome: 'abandoned' });
    assert.deepEqual(plain(told([PROGRAM, answered], [PROGRAM, back])), ['6400 abandoned 300 9']);
    const beside = stated({ queue: '6400', outcome: 'missed', durationSeconds: 70 });
    assert.deepEqual(plain(told([PROGRAM, answered], [PROGRAM, beside])), ['6400 answered 10 9']);
  });
});

describe('corrections', () => {
  const OVERFLOW = [left('6400', 0, 30), picked('6401', 30, 12, 40), picked('4005', 42, 12, 40)];
  const corrected = (legs: readonly LegFact[], fields: CorrectedFields) => visitsOf(...legs, correction(fields));

  test('of the queue, or that there was none - hold', () => {
    assert.deepEqual(corrected(OVERFLOW, { queue: '6402' }), ['6400 overflowed 30', '6402 answered 12']);
    assert.deepEqual(corrected(OVERFLOW, { queue: '6400' }), ['6400 answered 12']);
    assert.deepEqual(corrected(OVERFLOW, { queue: null }), []);
    assert.deepEqual(corrected([picked('4005', 0, 5, 40)], { queue: '6400' }), ['6400 answered ']);
  });

  test('of the outcome - the queue that had the call in the end follows, one that gave it on does not', () => {
    assert.deepEqual(corrected(OVERFLOW, { outcome: 'missed' }), ['6400 overflowed 30', '6401 missed 12']);
    assert.deepEqual(corrected([left('6400', 0, 30)], { outcome: 'answered' }), ['6400 answered 30']);
    assert.deepEqual(corrected([left('6400', 0, 30), left('4005', 30, 9)], { outcome: 'answered' }), [
      '6400 overflowed 30',
    ]);
    const both = [
      picked('6400', 0, 5, 50),
      picked('4005', 5, 5, 50),
      picked('6401', 55, 6, 40),
      picked('4006', 61, 6, 40),
    ];
    assert.deepEqual(corrected(both, { outcome: 'missed' }), ['6400 missed 5', '6401 missed 6']);
  });

  test('of the direction - is what became of the call by it', () => {
    assert.deepEqual(corrected([left('6400', 0, 30)], { direction: 'outbound' }), ['6400 unanswered 30']);
  });
});
