/** Calls for the tests of this room, which knows of them only what it counts. */
import { boolean, defineEntity, type Entity, integer, nullable, text } from '../../ledger/entity.ts';
import type { Command } from '../../ledger/state.ts';
import type { Direction } from '../../values/direction.ts';
import type { Outcome } from '../../values/outcome.ts';
import { localDay } from '../../values/zonedTime.ts';
import type { Countable, CountableCall, CountableParticipation } from '../entities.ts';
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

export const countable: Countable = { calls: testCall, participations: testParticipation };
export const countableEntities = [testCall, testParticipation];

export interface TestCall extends CountableCall {
  readonly people: readonly CountableParticipation[];
}

type Person = Partial<Omit<CountableParticipation, 'callId' | 'startedAt'>> & { readonly userId: number };

/** An answered call of a minute, from outside. */
export function callAt(
  id: number,
  startedAt: number,
  { people = [], ...fields }: Partial<Omit<TestCall, 'people'>> & { readonly people?: readonly Person[] } = {},
): TestCall {
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
      }
    },
    apply: state => {
      for (const { people, ...after } of calls) {
        const before = state.get(testCall, after.id) ?? null;
        const was = state.find(testParticipation, 'byCall', after.id);
        state.put(testCall, after);
        for (const { callId, userId } of was) state.delete(testParticipation, callId, userId);
        for (const each of people) state.put(testParticipation, each);
        countCall(state, { before, after, participants: { before: was, after: people } });
      }
    },
  };
}
