import type { Condition, Reader } from '../../ledger/query.ts';
import type { Countable, CountableCall, CountableParticipation } from '../entities.ts';
import { paddedIds, participantsByCall } from '../participants.ts';

/** Calls looked at by one statement, and summed in one go. */
const WINDOW = 2_000;
/** A statement about one window has fewer rows: calls that started in the same millisecond stay together. */
const NO_LIMIT = 1_000_000;

/** UTC milliseconds. */
export interface Range {
  /** Inclusive. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

export interface CountedCall {
  readonly call: CountableCall;
  /** Empty where they were not asked for. */
  readonly participants: readonly CountableParticipation[];
}

export interface CallsWanted {
  readonly range: Range;
  readonly where: readonly Condition<keyof CountableCall & string>[];
  /** Only calls these have a part in; null: all calls. */
  readonly users: readonly number[] | null;
  readonly withParticipants: boolean;
}

type Started = { readonly startedAt: number };

/** The calls, window by window. */
export async function* countedCalls(
  reader: Reader,
  countable: Countable,
  wanted: CallsWanted,
): AsyncGenerator<CountedCall[]> {
  const { users, range } = wanted;
  if (users === null) yield* byStart(reader, countable, wanted);
  else for (const userId of users) yield* byUser(reader, countable, wanted, { userId, range });
}

async function* byStart(reader: Reader, { calls, participations }: Countable, wanted: CallsWanted) {
  const edgeFrom = (where: Condition<'startedAt'>[]) =>
    reader.select({
      from: calls,
      columns: ['startedAt'],
      where,
      orderBy: [{ column: 'startedAt' }],
      offset: WINDOW - 1,
      limit: 1,
    });
  for await (const window of windows(wanted.range, edgeFrom)) {
    const found = await reader.select({ from: calls, where: [...window, ...wanted.where], limit: NO_LIMIT });
    const ids = wanted.withParticipants ? found.map(each => each.id) : [];
    const participants = await participantsByCall(reader, participations, ids);
    yield found.map(call => ({ call, participants: participants.get(call.id) ?? [] }));
  }
}

async function* byUser(
  reader: Reader,
  { calls, participations }: Countable,
  { where, users }: CallsWanted,
  { userId, range }: { readonly userId: number; readonly range: Range },
) {
  const ofUser = { column: 'userId', is: '=', value: userId } as const;
  const edgeFrom = (after: Condition<'startedAt'>[]) =>
    reader.select({
      from: participations,
      columns: ['startedAt'],
      where: [ofUser, ...after],
      orderBy: [{ column: 'startedAt' }],
      offset: WINDOW - 1,
      limit: 1,
    });
  for await (const window of windows(range, edgeFrom)) {
    const own = await reader.select({ from: participations, where: [ofUser, ...window], limit: NO_LIMIT });
    const ids = own.map(each => each.callId);
    const found = await reader.select({
      from: calls,
      where: [{ column: 'id', in: paddedIds(ids) }, ...where],
      limit: NO_LIMIT,
    });
    const participants = await participantsByCall(reader, participations, ids);
    const counted = found.map(call => ({ call, participants: participants.get(call.id) ?? [] }));
    // A call of several of them comes once: with the first.
    yield counted.filter(
      each => users!.find(user => each.participants.some(other => other.userId === user)) === userId,
    );
  }
}

/** Conditions that cut the range into windows; `edgeFrom` finds where the window ends that begins so. */
async function* windows(
  range: Range,
  edgeFrom: (where: Condition<'startedAt'>[]) => Promise<Started[]>,
): AsyncGenerator<Condition<'startedAt'>[]> {
  for (let from = range.from; from < range.to; ) {
    const rest: Condition<'startedAt'>[] = [
      { column: 'startedAt', is: '>=', value: from },
      { column: 'startedAt', is: '<', value: range.to },
    ];
    const [edge] = await edgeFrom(rest);
    if (edge === undefined) {
      yield rest;
      return;
    }
    yield [rest[0]!, { column: 'startedAt', is: '<=', value: edge.startedAt }];
    from = edge.startedAt + 1;
  }
}
