import type { Condition, Reader } from '../../ledger/query.ts';
import type { Countable, CountableCall, CountableParticipation, CountableVisit } from '../entities.ts';
import { paddedIds, partsByCall } from '../partsOfCalls.ts';

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
  readonly visits: readonly CountableVisit[];
}

export interface CallsWanted {
  readonly range: Range;
  readonly where: readonly Condition<keyof CountableCall & string>[];
  /** Only calls these have a part in; null: all calls. */
  readonly users: readonly number[] | null;
  readonly withParticipants: boolean;
  readonly withVisits: boolean;
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

async function* byStart(reader: Reader, countable: Countable, wanted: CallsWanted) {
  const { calls } = countable;
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
    yield withParts(reader, countable, found, wanted);
  }
}

async function* byUser(
  reader: Reader,
  countable: Countable,
  wanted: CallsWanted,
  { userId, range }: { readonly userId: number; readonly range: Range },
) {
  const { calls, participations } = countable;
  const { where, users } = wanted;
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
    const counted = await withParts(reader, countable, found, { ...wanted, withParticipants: true });
    // A call of several of them comes once: with the first.
    yield counted.filter(
      each => users!.find(user => each.participants.some(other => other.userId === user)) === userId,
    );
  }
}

async function withParts(
  reader: Reader,
  { participations, visits }: Countable,
  calls: readonly CountableCall[],
  { withParticipants, withVisits }: Pick<CallsWanted, 'withParticipants' | 'withVisits'>,
): Promise<CountedCall[]> {
  const ids = calls.map(each => each.id);
  const queued = calls.filter(each => each.queue !== null).map(each => each.id);
  const people = await partsByCall(reader, participations, withParticipants ? ids : []);
  const queues = await partsByCall(reader, visits, withVisits ? queued : []);
  return calls.map(call => ({ call, participants: people.get(call.id) ?? [], visits: queues.get(call.id) ?? [] }));
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
