/** Who took part in a call, and what they rang and talked. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CorrectedFields, Fact, LegFact } from '../reports/report.ts';
import { CHAIN, context, keyed } from '../testing/testFacts.ts';
import { CALLER, legFact, NATIVE, PBX, START, statedCall } from '../testing/testReports.ts';
import { foldCall } from './fold.ts';

/** Users of the extensions: 2000 is of 2, 4005 of 5 and twenty seconds in of 6, 4006 of 7. */
function partsOf(...facts: Fact[]) {
  const isPbx = facts.some(each => each.form === 'leg');
  const parts = facts.map((fact, place) => ({
    ...keyed([fact])[0]!,
    reportId: place + 1,
    sourceCallId: fact.form === 'call' ? Number(fact.externalId) : 1,
  }));
  const { participants } = foldCall(parts, context(isPbx ? PBX : NATIVE));
  const backwards = foldCall(parts.toReversed(), context(isPbx ? PBX : NATIVE));
  assert.deepEqual(backwards.participants, participants, 'in whatever order they are read');
  return participants.map(({ userId, role, ringSeconds, talkSeconds }) => [userId, role, ringSeconds, talkSeconds]);
}

const talked = (to: string, at: number, ring: number, talk: number, more: Partial<LegFact> = {}) =>
  legFact(to, at, 'answered', [ring + talk, talk], more);
const rang = (to: string, at: number, seconds: number, more: Partial<LegFact> = {}) =>
  legFact(to, at, 'no_answer', [seconds, 0], more);
const correction = (fields: CorrectedFields): Fact => ({
  form: 'correction',
  n: 1,
  author: 'anna',
  at: START,
  reason: null,
  fields,
});

describe('legs', () => {
  test('of a queue - the agent has the talk, whoever else rang only their ring', () => {
    assert.deepEqual(partsOf(...CHAIN, rang('4006', 18, 11)), [
      [6, 'answered', 11, 74],
      [7, 'rang', 11, 0],
    ]);
    assert.deepEqual(partsOf(legFact('6400', 0, 'answered', [40, 30])), [], 'a queue is nobody');
    assert.deepEqual(partsOf(rang('6400', 0, 60), rang('4006', 0, 15), rang('4006', 30, 20)), [[7, 'rang', 35, 0]]);
  });

  test('a transfer - each has their own talk', () => {
    assert.deepEqual(partsOf(talked('4006', 0, 6, 3594), talked('4005', 3600, 5, 796)), [
      [6, 'answered', 5, 796],
      [7, 'transferred', 6, 3594],
    ]);
    const repeated = [talked('6400', 0, 10, 600), talked('4006', 10, 10, 600), talked('4005', 200, 10, 400)];
    assert.deepEqual(
      partsOf(...repeated),
      [
        [6, 'answered', 10, 400],
        [7, 'transferred', 10, 190],
      ],
      'of which the first one’s leg lasts as long as the queue’s: it ends where it begins to ring at the second',
    );
    assert.deepEqual(partsOf(talked('4006', 0, 6, 60), rang('4005', 66, 20)), [
      [6, 'rang', 20, 0],
      [7, 'answered', 6, 60],
    ]);
    assert.deepEqual(partsOf(talked('4006', 0, 6, 60), talked(CALLER, 66, 5, 30, { from: '4006', trunkOut: 'x' })), [
      [7, 'transferred', 6, 60],
    ]);
  });

  test('asking another one in between - ends nobody’s talk', () => {
    const asked = { from: '4006', direction: 'internal' as const };
    const first = talked('4006', 0, 6, 114);
    assert.deepEqual(partsOf(first, talked('4005', 96, 4, 20, asked), talked('4005', 120, 0, 180)), [
      [6, 'answered', 4, 200],
      [7, 'transferred', 6, 114],
    ]);
    assert.deepEqual(partsOf(first, talked('4005', 50, 4, 20, asked)), [
      [6, 'transferred', 4, 20],
      [7, 'answered', 6, 114],
    ]);
    assert.deepEqual(
      partsOf(first, talked('4005', 50, 4, 20)),
      [
        [6, 'transferred', 4, 20],
        [7, 'answered', 6, 114],
      ],
      'nor does one who talks shorter',
    );
  });

  test('asking another one when the caller gives up on hold - leaves the call to who asks', () => {
    const asked = { from: '4006', direction: 'internal' as const };
    const first = talked('4006', 0, 6, 100);
    for (const talk of [21, 22, 23]) {
      assert.deepEqual(
        partsOf(first, talked('4005', 80, 4, talk, asked)),
        [
          [6, 'transferred', 4, talk],
          [7, 'answered', 6, 100],
        ],
        `${talk}`,
      );
    }
    const mobile = talked('+447700900123', 80, 4, 22, { ...asked, direction: 'outbound', trunkOut: 'x' });
    assert.deepEqual(partsOf(first, mobile), [[7, 'answered', 6, 100]], 'outside');
    assert.deepEqual(
      partsOf(first, talked('4005', 80, 4, 90, asked)).map(each => each[1]),
      ['answered', 'transferred'],
      'who goes on was given the call',
    );
    const agent = [talked('6400', 0, 6, 100), talked('4006', 6, 6, 100), talked('4005', 80, 4, 22, asked)];
    assert.deepEqual(
      partsOf(...agent).map(each => each[1]),
      ['answered', 'transferred'],
      'the row of an agent lasts as long as the queue’s, whoever talks',
    );
    const [caller, asking] = partsOf(
      talked('4006', 0, 6, 100, { from: '2000', direction: 'internal' }),
      talked('4005', 80, 4, 22, asked),
    );
    assert.deepEqual(
      [caller, asking],
      [
        [2, 'caller', null, 100],
        [6, 'transferred', 4, 22],
      ],
      'inside',
    );
  });

  test('a call out - is whose extension made it', () => {
    const out = { from: '2000', direction: 'outbound' as const };
    assert.deepEqual(partsOf(talked(CALLER, 0, 9, 200, out)), [[2, 'answered', null, 200]]);
    assert.deepEqual(partsOf(rang(CALLER, 0, 30, out)), [[2, 'caller', null, 0]]);
    assert.deepEqual(partsOf(talked(CALLER, 0, 9, 200, out), talked('4006', 209, 5, 40)), [
      [2, 'transferred', null, 200],
      [7, 'answered', 5, 40],
    ]);
  });

  test('handed on in the name of who does, whose row lasts as long as the call - each has their own talk', () => {
    const out = { from: '2000', direction: 'outbound' as const };
    const named = (from: string) => ({ from, direction: 'internal' as const });
    for (const early of [-1, 0, 1]) {
      assert.deepEqual(
        partsOf(talked(CALLER, 0, 9, 155, out), talked('4006', 100, 4, 60 + early, named('2000'))),
        [
          [2, 'transferred', null, 91],
          [7, 'answered', 4, 60 + early],
        ],
        'a call out',
      );
    }
    const queue = [talked('6400', 35, 20, 145, named('2000')), talked('4006', 35, 20, 145, named('2000'))];
    assert.deepEqual(
      partsOf(talked(CALLER, 0, 5, 195, out), ...queue),
      [
        [2, 'transferred', null, 30],
        [7, 'answered', 20, 145],
      ],
      'into a queue',
    );
    const agent = [talked('6400', 0, 5, 195), talked('2000', 0, 5, 195)];
    assert.deepEqual(
      partsOf(...agent, talked('4006', 35, 5, 160, named('2000'))),
      [
        [2, 'transferred', 5, 30],
        [7, 'answered', 5, 160],
      ],
      'out of a queue',
    );
    assert.deepEqual(
      partsOf(...agent, talked('4006', 35, 5, 60, named('2000')), talked('4005', 100, 5, 95, named('4006'))),
      [
        [2, 'transferred', 5, 30],
        [6, 'answered', 5, 95],
        [7, 'transferred', 5, 60],
      ],
      'twice',
    );
    const mobile = talked('+447700900123', 35, 5, 160, { from: '2000', direction: 'outbound', trunkOut: 'x' });
    assert.deepEqual(partsOf(...agent, mobile), [[2, 'transferred', 5, 30]], 'to somebody outside');
    assert.deepEqual(
      partsOf(...agent, talked('4006', 35, 5, 20, named('2000')), talked('4006', 60, 0, 140)),
      [
        [2, 'transferred', 5, 55],
        [7, 'answered', 5, 160],
      ],
      'who is put through was asked before',
    );
    assert.deepEqual(
      partsOf(...agent, talked('4006', 35, 5, 20, named('2000'))),
      [
        [2, 'answered', 5, 195],
        [7, 'transferred', 5, 20],
      ],
      'who is asked in between takes nothing over',
    );
    const ended = [talked('6400', 0, 5, 195), talked('2000', 0, 5, 75)];
    assert.deepEqual(
      partsOf(...ended, talked('4006', 50, 5, 145, named('2000')))[0],
      [2, 'transferred', 5, 75],
      'a row that ends before the call ends where it was handed on',
    );
  });

  test('a parked call that is taken by calling the slot - ends the talk of who parked it, in a call out too', () => {
    const dials = (from: string, at: number, seconds: number) =>
      talked('6001', at, 0, seconds, { from, direction: 'internal' });
    const goesOut = talked(CALLER, 0, 5, 130, { from: '2000', direction: 'outbound' });
    for (const parks of [talked('6001', 35, 0, 40), dials('2000', 35, 40)]) {
      const taken = [
        [2, 'transferred', 30],
        [7, 'answered', 60],
      ];
      const parts = (first: Fact) =>
        partsOf(first, parks, dials('4006', 75, 60)).map(([user, role, , talk]) => [user, role, talk]);
      assert.deepEqual(parts(goesOut), taken);
      assert.deepEqual(parts(talked('2000', 0, 5, 130)), taken);
    }
  });

  test('a call inside - has both sides', () => {
    const inside = { from: '2000', direction: 'internal' as const };
    assert.deepEqual(partsOf(talked('4006', 0, 4, 30, inside)), [
      [2, 'caller', null, 30],
      [7, 'answered', 4, 30],
    ]);
    assert.deepEqual(partsOf(rang('4006', 0, 18, inside)), [
      [2, 'caller', null, 0],
      [7, 'rang', 18, 0],
    ]);
    assert.deepEqual(partsOf(talked('6600', 0, 0, 20, inside)), [[2, 'caller', null, 0]]);
  });

  test('a call inside that leaves the house - is talked by its caller, and forwarded by the one it was for', () => {
    const inside = { from: '2000', direction: 'internal' as const };
    const ring = rang('4006', 0, 15, inside);
    for (const from of ['4006', '2000']) {
      const outside = talked('+447700900123', 15, 6, 40, { from, direction: 'outbound', trunkOut: 'x' });
      assert.deepEqual(partsOf(ring, outside), [
        [2, 'caller', null, 40],
        [7, 'forwarded', 15, 0],
      ]);
    }
    assert.deepEqual(partsOf(talked('815', 0, 5, 200, inside)), [[2, 'caller', null, 200]], 'whatever 815 is');
  });

  test('a call inside that is handed on - is talked by its caller to the end', () => {
    const first = talked('4006', 0, 5, 30, { from: '2000', direction: 'internal' });
    const second = (at: number) => talked('4005', at, 5, 100, { from: '4006', direction: 'internal' });
    const parts = (talk: number) => [
      [2, 'caller', null, talk],
      [6, 'answered', 5, 100],
      [7, 'transferred', 5, 30],
    ];
    assert.deepEqual(partsOf(first, second(35)), parts(130));
    assert.deepEqual(
      partsOf(first, second(20)),
      parts(120),
      'while the one who hands it on asks, nobody talks with the caller',
    );
    const asked = talked('4005', 20, 2, 8, { from: '4006', direction: 'internal' });
    assert.deepEqual(partsOf(first, asked)[0], [2, 'caller', null, 30]);
  });

  test('a call-back - the agent is the agent, and calls where the customer does not answer', () => {
    const agent = talked('4006', 0, 5, 60, { from: '6400', direction: 'outbound' });
    const customer = { from: '6400', direction: 'outbound' as const, trunkOut: 'x' };
    assert.deepEqual(partsOf(agent, talked(CALLER, 5, 0, 60, customer)), [[7, 'answered', 5, 60]]);
    assert.deepEqual(partsOf(agent, rang(CALLER, 5, 55, customer)), [[7, 'caller', 5, 0]]);
  });

  test('a call-back that one agent does not take - is the other’s, from when the customer picks up', () => {
    const queue = { from: '6400', direction: 'outbound' as const };
    const agents = [rang('2000', 0, 15, queue), talked('4006', 15, 5, 70, queue)];
    const customer = { ...queue, trunkOut: 'x' };
    assert.deepEqual(partsOf(...agents, talked(CALLER, 20, 10, 60, customer)), [
      [2, 'rang', 15, 0],
      [7, 'answered', 5, 60],
    ]);
    assert.deepEqual(partsOf(...agents, rang(CALLER, 20, 30, customer)), [
      [2, 'rang', 15, 0],
      [7, 'caller', 5, 0],
    ]);
    assert.deepEqual(partsOf(rang('2000', 0, 15, queue)), [[2, 'rang', 15, 0]], 'who rings has called nobody');
  });

  test('ring that several rows tell - counts once', () => {
    const queue = talked('6400', 0, 11, 74);
    assert.deepEqual(partsOf(queue, rang('4006', 0, 11), talked('4006', 11, 11, 74)), [[7, 'answered', 11, 74]]);
    assert.deepEqual(partsOf(rang('4006', 0, 15), rang('4006', 5, 15)), [[7, 'rang', 20, 0]]);
  });

  test('sent on to a mobile or a mailbox - by the telephone that rang, or in whose name it went', () => {
    const mobile = '+447700900123';
    assert.deepEqual(partsOf(rang('4006', 0, 15), talked(mobile, 15, 12, 30, { trunkOut: 'x' })), [
      [7, 'forwarded', 15, 0],
    ]);
    assert.deepEqual(partsOf(rang('4006', 0, 15), rang(mobile, 15, 20, { from: '4006', trunkOut: 'x' })), [
      [7, 'forwarded', 15, 0],
    ]);
    const several = [rang('4006', 0, 15), rang('4005', 0, 15), talked(mobile, 15, 12, 30, { trunkOut: 'x' })];
    assert.deepEqual(
      partsOf(...several).map(each => each[1]),
      ['rang', 'rang'],
      'of several nobody knows whose',
    );
    assert.deepEqual(
      partsOf(rang('4006', 0, 15), rang('2000', 15, 15), talked(mobile, 30, 6, 44, { trunkOut: 'x' })),
      [
        [2, 'forwarded', 15, 0],
        [7, 'rang', 15, 0],
      ],
      'of a chain the last one',
    );
    assert.deepEqual(
      partsOf(rang('4006', 0, 8), talked(mobile, 0, 8, 100, { trunkOut: 'x' })),
      [[7, 'forwarded', 8, 0]],
      'of two that ring together the one that stops when the other is picked up',
    );
    for (const group of ['6400', '6300']) {
      const inTurn = [rang(group, 0, 30), rang('4006', 0, 15), rang('4005', 15, 15)];
      for (const at of [29, 30, 31]) {
        assert.deepEqual(
          partsOf(...inTurn, talked(mobile, at, 10, 60, { trunkOut: 'x' })).map(each => each[1]),
          ['rang', 'rang'],
          `${group} gave it on after ${at} s, not the telephone that it rang last`,
        );
      }
      const toDesk = [rang(group, 0, 30), rang('4006', 0, 30), rang('4005', 30, 15)];
      assert.deepEqual(
        partsOf(...toDesk, talked(mobile, 45, 10, 60, { trunkOut: 'x' })).map(each => each[1]),
        ['forwarded', 'rang'],
        `${group} gave it on to a telephone, which sent it on`,
      );
    }
    assert.deepEqual(partsOf(legFact('4006', 0, 'voicemail', [11, 11])), [[7, 'forwarded', null, 0]]);
    assert.deepEqual(partsOf(rang('4006', 0, 20), legFact('4006', 20, 'voicemail', [11, 11])), [
      [7, 'forwarded', 20, 0],
    ]);
  });

  test('a caller whose number is an extension here too - is nobody here', () => {
    const mobile = '+447700900123';
    const from = { from: '2000', trunkIn: 'branch' };
    const out = { ...from, trunkOut: 'x' };
    for (const direction of ['inbound', 'outbound'] as const) {
      const sentOn = [rang('4006', 0, 15, from), talked(mobile, 15, 5, 40, { ...out, direction })];
      assert.deepEqual(partsOf(...sentOn), [[7, 'forwarded', 15, 0]], direction);
      const behindMenu = legFact('6200', 0, 'answered', [5, 5], from);
      assert.deepEqual(partsOf(behindMenu, talked('+447700900123', 5, 5, 40, { ...out, direction })), [], direction);
    }
    assert.deepEqual(
      partsOf(rang('2000', 0, 15, from), talked(mobile, 15, 5, 40, out)),
      [[2, 'forwarded', 15, 0]],
      'but for one whose telephone it reached',
    );
    const inside = { from: '2000', direction: 'internal' as const };
    assert.deepEqual(
      partsOf(rang('4006', 0, 8, from), talked('*044006', 8, 0, 60, inside)),
      [
        [2, 'answered', null, 60],
        [7, 'rang', 8, 0],
      ],
      'or who the PBX says called inside',
    );
    const queue = talked('6400', 0, 10, 600, from);
    assert.deepEqual(
      partsOf(queue, talked('2000', 10, 10, 600, from), talked('4006', 200, 10, 400, from)),
      [
        [2, 'transferred', 10, 190],
        [7, 'answered', 10, 400],
      ],
      'nor has one who talks called the next',
    );
  });

  test('durations that were not told - are not made up', () => {
    assert.deepEqual(partsOf(legFact('4006', 0, 'answered', [null, null])), [[7, 'answered', null, null]]);
    assert.deepEqual(partsOf(legFact('4006', 0, 'no_answer', [null, null])), [[7, 'rang', null, 0]]);
  });
});

describe('what programs and people state', () => {
  test('a call of a program alone - is its user’s', () => {
    const stated = { userId: 9, durationSeconds: 40, ringSeconds: 10, talkSeconds: 30 };
    assert.deepEqual(partsOf(statedCall('1', stated)), [[9, 'answered', 10, 30]]);
    const missed = { userId: 9, durationSeconds: 10, ringSeconds: 10, talkSeconds: 0 };
    assert.deepEqual(partsOf(statedCall('1', missed)), [[9, 'rang', 10, 0]]);
    assert.deepEqual(partsOf(statedCall('1', { ...missed, direction: 'outbound' })), [[9, 'caller', 10, 0]]);
    assert.deepEqual(partsOf(statedCall('1')), [], 'nobody was stated');
  });

  test('a call inside that a program states - has both sides', () => {
    const inside = { direction: 'internal', from: '2000', to: '4006', durationSeconds: 40, ringSeconds: 10 } as const;
    const taken = { ...inside, talkSeconds: 30 };
    const both = [
      [2, 'caller', null, 30],
      [7, 'answered', 10, 30],
    ];
    for (const userId of [null, 2, 7]) assert.deepEqual(partsOf(statedCall('1', { ...taken, userId })), both);
    assert.deepEqual(partsOf(statedCall('1', { ...inside, talkSeconds: 0, userId: 7 })), [
      [2, 'caller', 10, 0],
      [7, 'rang', 10, 0],
    ]);
  });

  test('two registrations of one call - each has their own talk, the later end the last', () => {
    const first = statedCall('1', { userId: 8, durationSeconds: 30, talkSeconds: 30 });
    const second = statedCall('2', { userId: 9, startedAt: START + 31_000, durationSeconds: 20, talkSeconds: 20 });
    assert.deepEqual(
      partsOf(first, second),
      [
        [8, 'transferred', 0, 30],
        [9, 'answered', 0, 20],
      ].map(([user, role, , talk]) => [user, role, null, talk]),
    );
  });

  test('beside a PBX - who was stated takes part too, and never talks longer than the call', () => {
    const stated = statedCall('1', { userId: 9, durationSeconds: 999, talkSeconds: 999, ringSeconds: 3 });
    assert.deepEqual(partsOf(talked('4006', 0, 10, 30), stated), [
      [7, 'answered', 10, 30],
      [9, 'transferred', 3, 30],
    ]);
    assert.deepEqual(partsOf(talked('3999', 0, 10, 30), stated), [[9, 'answered', 3, 30]], 'nobody holds 3999');
    assert.deepEqual(partsOf(rang('3999', 0, 10), stated), [[9, 'rang', 3, 0]]);
  });

  test('beside a PBX that names nobody for the talk - who was stated had it, though their own telephone rang', () => {
    const mobile = (at: number, more: Partial<LegFact> = {}) =>
      talked('+447700900123', at, 12, 60, { trunkOut: 'x', ...more });
    const stated = (userId: number, talkSeconds = 60) =>
      statedCall(String(userId), { userId, durationSeconds: talkSeconds, talkSeconds });
    const queue = [talked('6400', 0, 12, 60, { agentRingSeconds: 12 }), rang('4006', 0, 12), rang('4005', 0, 12)];
    assert.deepEqual(partsOf(...queue, mobile(0), stated(7)), [
      [5, 'rang', 12, 0],
      [7, 'answered', 12, 60],
    ]);
    assert.deepEqual(partsOf(rang('4006', 0, 12), talked('3999', 12, 5, 60), stated(7)), [[7, 'answered', 12, 60]]);
    assert.deepEqual(partsOf(rang('4006', 0, 15), mobile(15), stated(7, 999)), [[7, 'answered', 15, 60]]);
    assert.deepEqual(
      partsOf(talked('4005', 0, 5, 30), rang('4006', 35, 15), mobile(50, { from: '4006' }), stated(7)),
      [
        [5, 'transferred', 5, 30],
        [7, 'answered', 15, 60],
      ],
      'after another one',
    );
    assert.deepEqual(
      partsOf(rang('4006', 0, 10), talked('4005', 10, 5, 30), stated(7, 30)),
      [
        [5, 'answered', 5, 30],
        [7, 'rang', 10, 0],
      ],
      'but not where it names who talked',
    );
  });

  test('a dialling record - makes its agent take part', () => {
    const completed = (userId: number | null): Fact => ({
      form: 'completion',
      recordId: 1,
      author: 'anna',
      userId,
      at: START,
      result: null,
    });
    assert.deepEqual(partsOf(statedCall('1'), completed(4)), [[4, 'caller', null, null]]);
    assert.deepEqual(partsOf(statedCall('1'), completed(null)), []);
    assert.deepEqual(partsOf(talked('4006', 0, 1, 5), completed(7)), [[7, 'answered', 1, 5]]);
  });

  test('a correction of the user - gives the part to that one, and the other only rang', () => {
    const legs = [talked('4006', 0, 10, 30)];
    assert.deepEqual(partsOf(...legs, correction({ userId: 9 })), [
      [7, 'rang', 10, 0],
      [9, 'answered', 10, 30],
    ]);
    assert.deepEqual(partsOf(...legs, correction({ userId: 7 })), [[7, 'answered', 10, 30]]);
    assert.deepEqual(partsOf(rang('3999', 0, 10), correction({ userId: 9 })), [[9, 'rang', 10, 0]]);
    const other = rang('4005', 0, 5);
    assert.deepEqual(partsOf(...legs, other, correction({ userId: 5 })), [
      [5, 'answered', 5, 30],
      [7, 'rang', 10, 0],
    ]);
  });

  test('a correction that it was answered - makes whose call it is the one who answered', () => {
    const missed = [rang('4006', 0, 10)];
    const taken = { outcome: 'answered', talkSeconds: 8 } as const;
    assert.deepEqual(partsOf(...missed, correction(taken)), [[7, 'answered', 2, 8]], 'of ten seconds');
    assert.deepEqual(partsOf(...missed, correction({ ...taken, userId: 7 })), [[7, 'answered', 2, 8]]);
    assert.deepEqual(partsOf(...missed, correction({ ...taken, userId: 9 })), [
      [7, 'rang', 10, 0],
      [9, 'answered', 2, 8],
    ]);
    const inside = rang('4006', 0, 10, { from: '2000', direction: 'internal' });
    assert.deepEqual(partsOf(inside, correction(taken)), [
      [2, 'caller', null, 8],
      [7, 'answered', 2, 8],
    ]);
  });

  test('a correction that it was not - leaves nobody any talk', () => {
    const missed = correction({ outcome: 'missed' });
    assert.deepEqual(partsOf(talked('4006', 0, 10, 30), talked('4005', 40, 5, 20), missed), [
      [6, 'rang', 5, 0],
      [7, 'rang', 10, 0],
    ]);
    const out = { from: '2000', direction: 'outbound' as const };
    assert.deepEqual(partsOf(talked(CALLER, 0, 9, 200, out), missed), [[2, 'caller', null, 0]]);
    const inside = { from: '2000', direction: 'internal' as const };
    assert.deepEqual(partsOf(talked('4006', 0, 4, 30, inside), missed), [
      [2, 'caller', null, 0],
      [7, 'rang', 4, 0],
    ]);
    const stated = statedCall('1', { userId: 9, direction: 'outbound', durationSeconds: 40, talkSeconds: 30 });
    assert.deepEqual(partsOf(stated, missed), [[9, 'caller', null, 0]]);
  });

  test('a correction of the user of a call out - leaves the one who did not dial nothing of it', () => {
    const out = { from: '2000', direction: 'outbound' as const };
    const other = correction({ userId: 9 });
    assert.deepEqual(partsOf(talked(CALLER, 0, 9, 200, out), other), [[9, 'answered', 9, 200]]);
    assert.deepEqual(partsOf(rang(CALLER, 0, 30, out), other), [[9, 'caller', 30, 0]]);
    assert.deepEqual(partsOf(rang(CALLER, 0, 30, out), correction({ userId: null })), []);
    assert.deepEqual(partsOf(talked('4006', 0, 10, 30), correction({ userId: null })), [[7, 'rang', 10, 0]]);
  });

  test('a correction of the user to one who talked as well - leaves both what they talked', () => {
    assert.deepEqual(partsOf(talked('4006', 0, 10, 60), talked('4005', 70, 5, 100), correction({ userId: 7 })), [
      [6, 'transferred', 5, 100],
      [7, 'answered', 10, 60],
    ]);
    const inside = { from: '2000', direction: 'internal' as const };
    assert.deepEqual(partsOf(talked('4006', 0, 4, 30, inside), correction({ userId: 2 })), [
      [2, 'caller', null, 30],
      [7, 'answered', 4, 30],
    ]);
  });

  test('a correction of the answer - nobody talked before it, and who left by then only rang', () => {
    const transfer = [talked('4006', 0, 6, 60), talked('4005', 66, 7, 120)];
    const answered = (second: number, talkSeconds: number) =>
      partsOf(...transfer, correction({ answeredAt: START + second * 1000, talkSeconds }));
    assert.deepEqual(answered(70, 120), [
      [6, 'answered', 7, 120],
      [7, 'rang', 6, 0],
    ]);
    assert.deepEqual(answered(30, 156), [
      [6, 'answered', 7, 120],
      [7, 'transferred', 6, 36],
    ]);
    assert.deepEqual(answered(30, 150), [
      [6, 'answered', 7, 120],
      [7, 'transferred', 6, 30],
    ]);
    assert.deepEqual(answered(2, 180), partsOf(...transfer), 'an answer before all of it leaves it as it was');
    const outbound = [talked(CALLER, 0, 9, 200, { from: '2000', direction: 'outbound' }), talked('4006', 209, 5, 40)];
    assert.deepEqual(partsOf(...outbound, correction({ answeredAt: START + 212_000, talkSeconds: 40 })), [
      [2, 'caller', null, 0],
      [7, 'answered', 5, 40],
    ]);
  });

  test('a correction that moves all of a call - leaves everybody what they talked', () => {
    const transfer = [talked('4006', 0, 6, 60), talked('4005', 66, 7, 120)];
    const stated = ['3', '4'].map((externalId, n) =>
      statedCall(externalId, {
        startedAt: START + n * 60_000,
        endedAt: START + (n + 1) * 60_000,
        userId: 6 + n,
        outcome: 'answered',
        talkSeconds: 30 + n,
        direction: 'inbound',
      }),
    );
    for (const [told, seconds] of [
      [transfer, 193],
      [stated, 120],
    ] as const) {
      const before = partsOf(...told);
      assert.equal(before.length, 2);
      for (const minutes of [-120, -1, 1, 60]) {
        const by = minutes * 60_000;
        const end = { startedAt: START + by, endedAt: START + by + seconds * 1000 };
        assert.deepEqual(partsOf(...told, correction(end)), before, `by ${minutes} minutes`);
        const all = { ...end, answeredAt: START + by + 6_000 };
        assert.deepEqual(partsOf(...told, correction(all)), before, `by ${minutes} minutes, with its answer`);
      }
    }
  });

  test('a correction of the talk - is that of who had talked all of it, and bounds the others', () => {
    assert.deepEqual(partsOf(talked('4006', 0, 10, 30), correction({ talkSeconds: 35 })), [[7, 'answered', 5, 35]]);
    const transfer = [talked('4006', 0, 10, 30), talked('4005', 40, 5, 20)];
    assert.deepEqual(
      partsOf(...transfer, correction({ talkSeconds: 25 })).map(each => each[3]),
      [20, 5],
      'the beginning was none',
    );
  });
});
