/** What becomes of a call nobody talked in (docs/yeastar.md, section 1.4). */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NO_NUMBERS } from '../../sources/entities.ts';
import type { Direction } from '../../values/direction.ts';
import type { LegFact, LegStatus } from '../reports/report.ts';
import { context, IVR, keyed } from '../testing/testFacts.ts';
import { CALLER, legFact, PBX, START } from '../testing/testReports.ts';
import { foldCall } from './fold.ts';

const fold = (...facts: LegFact[]) => foldCall(keyed(facts), context());
const outcomeOf = (...facts: LegFact[]) => {
  const { outcome, talkSeconds } = fold(...facts).fields;
  return outcome === 'answered' ? `answered ${talkSeconds}` : outcome;
};
const missed = (to: string, at: number, seconds: number) => legFact(to, at, 'no_answer', [seconds, 0]);

describe('a caller from outside', () => {
  test('in a queue to the end - has abandoned, whatever rang in it and whatever the PBX says of it', () => {
    for (const status of ['abandoned', 'no_answer', 'answered'] as const) {
      const queue = legFact('6400', 13, status, [40, status === 'answered' ? 40 : 0]);
      assert.equal(outcomeOf(IVR, queue, missed('4005', 13, 15), missed('4006', 33, 20)), 'abandoned', status);
    }
    assert.equal(outcomeOf(missed('4005', 0, 20), missed('6400', 20, 9)), 'abandoned', 'rung before the queue');
    assert.equal(outcomeOf(missed('6400', 0, 30), missed('4005', 20, 11)), 'abandoned', 'a second is rounding');
    assert.equal(outcomeOf(missed('6400', 0, 30), missed('4005', 20, 12)), 'abandoned', 'rung before its end');
    const prompt = legFact('Goodbye', 30, 'answered', [4, 4]);
    assert.equal(outcomeOf(missed('6400', 0, 30), prompt), 'abandoned');
  });

  test('whose queue gave them on - was missed', () => {
    const queue = missed('6400', 0, 30);
    assert.equal(outcomeOf(queue, missed('4005', 30, 20)), 'missed');
    assert.equal(outcomeOf(queue, missed('4005', 29, 20)), 'missed', 'a second is rounding');
    assert.equal(outcomeOf(queue, missed('6300', 30, 20), missed('4005', 30, 20)), 'missed');
    assert.equal(outcomeOf(queue, legFact('6200', 30, 'answered', [10, 10])), 'missed', 'to a menu');
    assert.equal(outcomeOf(queue, legFact('4005', 30, 'busy', [5, 0])), 'busy');
    assert.equal(outcomeOf(queue, missed('6401', 30, 20)), 'abandoned', 'to another queue, and left that');
  });

  test('whom a mailbox took - left a message, and the message is no ringing', () => {
    const mailbox = (to: string, at: number, span: [number, number], status: LegStatus = 'voicemail') =>
      legFact(to, at, status, span);
    const ringOf = (...facts: LegFact[]) => [fold(...facts).fields.outcome, fold(...facts).fields.ringSeconds];
    assert.deepEqual(ringOf(mailbox('4005', 0, [11, 11])), ['voicemail', null]);
    assert.deepEqual(ringOf(mailbox('4005', 0, [31, 11])), ['voicemail', 20]);
    assert.deepEqual(ringOf(missed('4005', 0, 20), mailbox('4005', 20, [11, 11])), ['voicemail', 20]);
    assert.deepEqual(ringOf(missed('6400', 0, 30), mailbox('4005', 30, [11, 11])), ['voicemail', 30]);
  });

  test('whom only machines met - is the menu’s', () => {
    assert.equal(outcomeOf(IVR), 'ivr_only');
    assert.equal(outcomeOf(legFact(null, 0, 'answered', [8, 8])), 'ivr_only', 'a prompt without a number');
    assert.equal(outcomeOf(legFact('Music on Hold', 0, 'answered', [8, 8])), 'ivr_only');
    assert.equal(outcomeOf(legFact('6500', 0, 'answered', [600, 600])), 'ivr_only', 'a conference is no person');
    assert.equal(outcomeOf(legFact('6300', 0, 'answered', [20, 20])), 'missed', 'a ring group rings people');
  });

  test('put through to a conference, a parking slot or music - talks with nobody there', () => {
    const talk = legFact('4006', 0, 'answered', [40, 30]);
    for (const to of ['6500', '6001', '6600', '*4', 'Music on Hold', '6300', '6200']) {
      assert.equal(outcomeOf(talk, legFact(to, 40, 'answered', [500, 500])), 'answered 30', to);
    }
  });

  test('whose queue answers and no agent is told of - was answered by one', () => {
    const queue = legFact('6400', 0, 'answered', [40, 30]);
    assert.equal(outcomeOf(queue), 'answered 30');
    assert.equal(outcomeOf(missed('4005', 0, 10), { ...queue, startedAt: START + 10_000 }), 'answered 30', 'before it');
    assert.equal(outcomeOf(queue, missed('4005', 5, 10)), 'abandoned');
  });

  test('whose queue picks up at once and no agent is told of - has heard its music', () => {
    const music = legFact('6400', 0, 'answered', [40, 40]);
    const { outcome, queueWaitSeconds, talkSeconds } = fold(music).fields;
    assert.deepEqual([outcome, queueWaitSeconds, talkSeconds], ['abandoned', 40, 0]);
    assert.equal(outcomeOf({ ...music, agentRingSeconds: 0 }), 'abandoned');
    const unnamed = legFact('7001', 0, 'answered', [40, 30]);
    assert.equal(outcomeOf(music, unnamed), 'answered 30', 'an agent whose number nothing names');
    assert.equal(outcomeOf({ ...music, agentRingSeconds: 11 }), 'answered 40', 'an agent’s answer took 11 s');
  });

  test('whose queue answers without any talk - was still waiting in it', () => {
    const nobody = (to: string, at: number, seconds: number, more: Partial<LegFact> = {}) =>
      legFact(to, at, 'answered', [seconds, 0], more);
    const { outcome, queueWaitSeconds, talkSeconds, answeredAt } = fold(nobody('6400', 0, 62)).fields;
    assert.deepEqual([outcome, queueWaitSeconds, talkSeconds, answeredAt], ['abandoned', 62, 0, null]);
    assert.equal(outcomeOf(IVR, nobody('6400', 13, 62)), 'abandoned', 'after a menu');
    assert.equal(outcomeOf(nobody('6400', 0, 30), nobody('6401', 30, 20)), 'abandoned', 'in the second of two');
    assert.equal(outcomeOf(nobody('6400', 0, 30, { agentRingSeconds: 11 })), 'abandoned', 'whatever rang');
    assert.equal(outcomeOf(missed('4005', 0, 15), nobody('6400', 15, 40)), 'abandoned', 'after a telephone');
    assert.equal(outcomeOf(nobody('6400', 0, 30), legFact('6400', 30, 'answered', [50, 40])), 'answered 40');
    const untold = legFact('6400', 0, 'answered', [null, null], { ringSeconds: 11 });
    assert.equal(outcomeOf(untold), 'answered null', 'how long they talked is not told');
  });

  test('whose call somebody called for, without any talk - was taken by nobody', () => {
    const calls = (to: string, at: number, talk: number) =>
      legFact(to, at, 'answered', [talk, talk], { from: '2000', direction: 'internal' });
    assert.equal(outcomeOf(missed('4005', 0, 8), calls('*044005', 8, 0)), 'missed');
    assert.equal(outcomeOf(missed('4005', 0, 8), calls('*044005', 8, 20)), 'answered 20');
    const parked = [legFact('4006', 0, 'answered', [36, 30]), legFact('6001', 36, 'answered', [40, 40])];
    assert.equal(fold(...parked, calls('6001', 76, 0)).fields.userId, 7);
    assert.equal(fold(...parked, calls('6001', 76, 20)).fields.userId, 2);
  });

  test('a number that nothing names - answers as an extension does', () => {
    const unknown = legFact('7001', 0, 'answered', [40, 30]);
    for (const others of [[], [missed('4005', 40, 10)], [missed('6400', 40, 10)]]) {
      assert.equal(outcomeOf(unknown, ...others), 'answered 30');
    }
    assert.equal(outcomeOf(legFact('6400', 0, 'answered', [62, 0]), missed('7001', 0, 20)), 'abandoned');
  });
});

describe('the wait in queues', () => {
  const waitOf = (...facts: LegFact[]) => fold(...facts).fields.queueWaitSeconds;
  const music = (seconds: number, at = 0) => legFact('6400', at, 'answered', [seconds, seconds]);

  test('of a queue that gave the caller on - is its whole time, though somebody answered after it', () => {
    const failover = legFact('4006', 60, 'answered', [45, 40]);
    assert.equal(waitOf(music(60), missed('4005', 0, 20), failover), 60);
    assert.equal(waitOf(missed('6400', 0, 60), missed('4005', 0, 20), failover), 60);
    assert.equal(waitOf(music(61), failover), 61, 'a second is rounding');
    const mobile = legFact(CALLER, 60, 'answered', [45, 40]);
    assert.equal(waitOf(music(60), missed('4005', 0, 20), mobile), 60, 'outside');
  });

  test('of a queue that somebody transferred into - is its own', () => {
    assert.equal(waitOf(legFact('4006', 0, 'answered', [40, 30]), music(15, 40), missed('4005', 40, 15)), 15);
  });

  test('of a queue in which an agent answered - ends with the answer, however short the talk', () => {
    assert.equal(waitOf(legFact('6400', 0, 'answered', [21, 1]), legFact('4006', 20, 'answered', [21, 1])), 20);
    assert.equal(waitOf(legFact('6400', 0, 'answered', [50, 30]), legFact('4006', 20, 'answered', [50, 30])), 20);
    assert.equal(waitOf(music(20), legFact('4006', 0, 'answered', [20, 20])), 0);
  });

  test('before a queue’s mailbox - has no part of the message', () => {
    const message = legFact('6400', 60, 'voicemail', [20, 20]);
    assert.equal(waitOf(missed('6400', 0, 60), message), 60);
    assert.equal(waitOf(legFact('6400', 0, 'voicemail', [80, 20])), 60, 'in one leg');
  });
});

describe('a call out or inside', () => {
  const other = (direction: Direction, to: string, status: LegStatus, more: Partial<LegFact> = {}) =>
    legFact(to, 0, status, [20, status === 'answered' ? 20 : 0], { from: '2000', direction, ...more });

  test('nobody answered - is unanswered, or what the wire says', () => {
    assert.equal(outcomeOf(other('outbound', CALLER, 'no_answer')), 'unanswered');
    assert.equal(outcomeOf(other('outbound', CALLER, 'busy')), 'busy');
    assert.equal(outcomeOf(other('outbound', CALLER, 'failed')), 'failed');
    for (const to of ['4005', '6400', '6300'])
      assert.equal(outcomeOf(other('internal', to, 'no_answer')), 'unanswered');
    assert.equal(outcomeOf(other('internal', '6400', 'abandoned')), 'unanswered');
    for (const to of ['6200', '6500', '6600', '*4']) {
      assert.equal(outcomeOf(other('internal', to, 'answered')), 'unanswered', to);
    }
  });

  test('a call-back of a queue - is answered by the customer, not by the agent who waits for them', () => {
    const agent = other('outbound', '4006', 'answered', { from: '6400' });
    const customer = (status: LegStatus) => ({
      ...other('outbound', CALLER, status, { from: '6400', trunkOut: 'SIP-Main' }),
      startedAt: START + 5_000,
    });
    const reached = fold(agent, customer('answered')).fields;
    assert.deepEqual([reached.outcome, reached.direction, reached.userId], ['answered', 'outbound', 7]);
    const unreached = fold(agent, customer('no_answer')).fields;
    assert.deepEqual([unreached.outcome, unreached.userId, unreached.talkSeconds], ['unanswered', 7, 0]);
  });

  test('marked Inbound, but from one of our own - is outbound, or internal where no trunk brought it in', () => {
    const { fields, legs } = fold(other('inbound', CALLER, 'answered', { trunkOut: 'SIP-Main' }));
    assert.deepEqual([fields.direction, fields.userId, legs[0]!.party], ['outbound', 2, 'external']);
    const inside = (more: Partial<LegFact>) => fold(other('inbound', '4006', 'answered', more)).fields.direction;
    assert.deepEqual([inside({}), inside({ trunkIn: 'Telco' })], ['internal', 'inbound']);
  });
});

describe('a number called out by a trunk', () => {
  const out = (to: string, more: Partial<LegFact> = {}) =>
    legFact(to, 0, 'answered', [200, 195], { from: '2000', direction: 'outbound', trunkOut: 'SIP-Main', ...more });
  const UNCONFIGURED = context({ ...PBX, numbers: NO_NUMBERS });

  test('whoever holds it here and whatever names it - is outside, and the caller talks', () => {
    for (const to of ['2001', '4006', '1813', '6200', '*31#']) {
      for (const plan of [context(), UNCONFIGURED]) {
        for (const direction of ['outbound', 'unknown', 'inbound'] as const) {
          const { fields, legs, participants } = foldCall(keyed([out(to, { direction })]), plan);
          const read = [legs[0]!.party, fields.direction, fields.outcome, fields.userId, participants[0]!.talkSeconds];
          assert.deepEqual(read, ['external', 'outbound', 'answered', 2, 195], `${to} ${direction}`);
          assert.equal(participants.length, 1);
        }
      }
    }
  });

  test('in a call that came in - is outside as well, and the telephone that stops ringing for it sent it on', () => {
    for (const to of ['2000', '4005', '6200']) {
      for (const plan of [context(), UNCONFIGURED]) {
        for (const direction of ['inbound', 'outbound'] as const) {
          const sentOn = { ...out(to, { direction, from: CALLER }), startedAt: START + 15_000 };
          const { fields, legs, participants } = foldCall(keyed([missed('4006', 0, 15), sentOn]), plan);
          const read = [legs[1]!.party, fields.direction, fields.outcome, fields.userId, fields.talkSeconds];
          assert.deepEqual(read, ['external', 'inbound', 'answered', 7, 195], `${to} ${direction}`);
          assert.deepEqual(
            participants.map(each => [each.userId, each.role]),
            [[7, 'forwarded']],
          );
        }
      }
    }
  });
});

test('legs of one second - are placed by what they reach, then by number, whatever their keys are', () => {
  const numbers = ['*4', '4006', '6300', '6600', '6400', '4005', '6200'];
  const legs = numbers.map(to => legFact(to, 0, 'no_answer', [10, 0]));
  for (let round = 0; round < 10; round++) {
    const facts = keyed(legs).map((each, place) => ({ ...each, key: `${(place * 7 + round * 3) % 11}` }));
    const reached = foldCall(facts, context()).legs.map(each => numbers[each.id - 1]);
    assert.deepEqual(reached, ['6200', '6300', '6400', '6600', '4005', '4006', '*4']);
  }
});
