/** Calls for the tests of this room, which knows of them only what it counts. */
import { boolean, defineEntity, type Entity, integer, nullable, text } from '../../ledger/entity.ts';
import type { Command } from '../../ledger/state.ts';
import type { Direction } from '../../values/direction.ts';
import type { Outcome, QueueOutcome } from '../../values/outcome.ts';
import { localDay } from '../../values/zonedTime.ts';
import type { Countable, CountableCall, CountableParticipation, CountableVisit } from '../entities.ts';
import { countCall } from '../onCall.ts';

const testCall: Entity<CountableCall> = defineEntity({
  name: 'testCall',
  columns: {
    id: integer(),
    startedAt: integer(),
    endedAt: nullable(integer()),
    day: integer(),
    direction: text<Direction>(),
    outcome: text<Outcome>(),
    short: boolean(),
    line: nullable(text()),
    queue: nullable(text()),
    sourceId: integer(),
    ringSeconds: nullable(integer()),
    talkSeconds: nullable(integer()),
    queueWaitSeconds: nullable(integer()),
    costMicros: nullable(integer()),
    currency: nullable(text()),
  },
  key: ['id'],
  indexes: { byStart: { columns: ['startedAt'] } },
});

const testParticipation: Entity<CountableParticipation> = defineEntity({
  name: 'testParticipation',
  columns: {
    callId: integer(),
    userId: integer(),
    role: text(),
    startedAt: integer(),
    ringSeconds: nullable(integer()),
    talkSeconds: nullable(integer()),
  },
  key: ['callId', 'userId'],
  indexes: { byCall: { columns: ['callId'] }, byUser: { columns: ['userId', 'startedAt'] } },
});

const testVisit: Entity<CountableVisit> = defineEntity({
  name: 'testVisit',
  columns: {
    callId: integer(),
    sourceId: integer(),
    queue: text(),
    place: integer(),
    outcome: text<QueueOutcome>(),
    waitSeconds: nullable(integer()),
  },
  key: ['callId', 'sourceId', 'queue'],
  indexes: { byCall: { columns: ['callId'] } },
});

export const countable: Countable = { calls: testCall, participations: testParticipation, visits: testVisit };
export const countableEntities = [testCall, testParticipation, testVisit];

export interface TestCall extends CountableCall {
  readonly people: readonly CountableParticipation[];
  readonly visits: readonly CountableVisit[];
}

type Visit = Partial<Omit<CountableVisit, 'callId' | 'place'>>;

type Person = Partial<Omit<CountableParticipation, 'callId' | 'startedAt'>> & { readonly userId: number };

type Given = Partial<Omit<TestCall, 'people' | 'visits'>> & {
  readonly people?: readonly Person[];
  /** In their order, each of another queue or source: the last is the call's. Of a call with a `queue`, that one. */
  readonly visits?: readonly Visit[];
};

/** An answered call of a minute, from outside. */
export function callAt(id: number, startedAt: number, { people = [], visits, ...given }: Given = {}): TestCall {
  const own = given.queue == null ? [] : [{ queue: given.queue, waitSeconds: given.queueWaitSeconds ?? null }];
  const stays = (visits ?? own).map((each, place) => ({
    sourceId: given.sourceId ?? 1,
    queue: '6400',
    outcome: given.outcome ?? ('answered' as const),
    waitSeconds: null,
    ...each,
    callId: id,
    place,
  }));
  const last = stays.at(-1);
  const fields = last === undefined ? given : { ...given, queue: last.queue, queueWaitSeconds: last.waitSeconds };
  return {
    id,
    startedAt,
    endedAt: startedAt + 60_000,
    day: localDay('UTC', startedAt),
    direction: 'inbound',
    outcome: 'answered',
    short: false,
    line: null,
    queue: null,
    sourceId: 1,
    ringSeconds: 10,
    talkSeconds: 50,
    queueWaitSeconds: null,
    costMicros: null,
    currency: null,
    ...fields,
    visits: stays,
    people: people.map(each => ({
      role: 'answered',
      ringSeconds: null,
      talkSeconds: null,
      ...each,
      callId: id,
      startedAt,
    })),
  };
}

/** Stores calls and counts them, as the room that owns them does. */
export function storeCalls(calls: readonly TestCall[]): Command<void> {
  return {
    name: 'store calls',
    bytes: calls.length * 200,
    wants: wants => {
      for (const { id } of calls) {
        wants.get(testCall, id);
        wants.find(testParticipation, 'byCall', id);
        wants.find(testVisit, 'byCall', id);
      }
    },
    apply: state => {
      for (const { people, visits, ...after } of calls) {
        const before = state.get(testCall, after.id) ?? null;
        const was = state.find(testParticipation, 'byCall', after.id);
        state.put(testCall, after);
        for (const { callId, userId } of was) state.delete(testParticipation, callId, userId);
        for (const each of people) state.put(testParticipation, each);
        const stayed = state.find(testVisit, 'byCall', after.id);
        for (const { callId, sourceId, queue } of stayed) state.delete(testVisit, callId, sourceId, queue);
        for (const each of visits) state.put(testVisit, each);
        const participants = { before: was, after: people };
        countCall(state, { before, after, participants, visits: { before: stayed, after: visits } });
      }
    },
  };
}
