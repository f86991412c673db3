/** Calls for the tests of this room, which knows of them only what it counts. */
import { defineEntity, type Entity, integer, nullable, text } from '../../ledger/entity.ts';
import type { Command } from '../../ledger/state.ts';
import type { Direction } from '../../values/direction.ts';
import type { Outcome } from '../../values/outcome.ts';
import { localDay } from '../../values/zonedTime.ts';
import type { CountableCall } from '../entities.ts';
import { countCall } from '../onCall.ts';

export const countable: Entity<CountableCall> = defineEntity({
  name: 'testCall',
  columns: {
    id: integer(),
    startedAt: integer(),
    endedAt: nullable(integer()),
    day: integer(),
    direction: text<Direction>(),
    outcome: text<Outcome>(),
    userId: nullable(integer()),
    line: nullable(text()),
    queue: nullable(text()),
    sourceId: integer(),
    durationSeconds: nullable(integer()),
    ringSeconds: nullable(integer()),
    talkSeconds: nullable(integer()),
    queueWaitSeconds: nullable(integer()),
  },
  key: ['id'],
});

/** An answered call of a minute, from outside. */
export const callAt = (id: number, startedAt: number, fields: Partial<CountableCall> = {}): CountableCall => ({
  id,
  startedAt,
  endedAt: startedAt + 60_000,
  day: localDay('UTC', startedAt),
  direction: 'inbound',
  outcome: 'answered',
  userId: null,
  line: null,
  queue: null,
  sourceId: 1,
  durationSeconds: 60,
  ringSeconds: 10,
  talkSeconds: 50,
  queueWaitSeconds: null,
  ...fields,
});

/** Stores calls and counts them, as the room that owns them does. */
export function storeCalls(calls: readonly CountableCall[]): Command<void> {
  return {
    name: 'store calls',
    bytes: calls.length * 200,
    wants: wants => {
      for (const { id } of calls) wants.get(countable, id);
    },
    apply: state => {
      for (const after of calls) {
        const before = state.get(countable, after.id) ?? null;
        state.put(countable, after);
        countCall(state, { before, after });
      }
    },
  };
}
