/** The statistics as counting every call by hand gives them, written down without any of the code under test. */
import { BOUNDS } from '../../values/secondsBuckets.ts';
import type { SummaryKey, SummaryQuestion } from '../queries/question.ts';
import type { TestCall } from './testCalls.ts';

/** As `plainOf` in summary.test.ts shows the figures of an answer. */
export interface Counted {
  calls: number;
  short: number;
  rangOnly: number;
  outcomes: Record<string, number>;
  talkSeconds: number;
  ringSeconds: number;
  answeredWithin: number;
  costs: Record<string, number>;
  /** By the upper bound of their bucket, `over` above all. */
  rings: Record<string, number>;
  waits: Record<string, number>;
}

const QUARTER_MS = 900_000;

export const nothing = (): Counted => ({
  calls: 0,
  short: 0,
  rangOnly: 0,
  outcomes: {},
  talkSeconds: 0,
  ringSeconds: 0,
  answeredWithin: 0,
  costs: {},
  rings: {},
  waits: {},
});

const bump = (into: Record<string, number>, key: string, by: number) => {
  into[key] = (into[key] ?? 0) + by;
};
const bound = (seconds: number): string => String(BOUNDS.find(each => seconds <= each) ?? 'over');

/** The call, or what one of its queues saw of it. */
type Seen = Omit<TestCall, 'outcome'> & { readonly outcome: string };

function addCall(into: Counted, call: Seen, question: SummaryQuestion): void {
  into.calls++;
  if (call.short) into.short++;
  bump(into.outcomes, call.outcome, 1);
  if (call.costMicros !== null) bump(into.costs, call.currency ?? 'XXX', call.costMicros);
  if (call.queueWaitSeconds !== null && call.queue !== null) bump(into.waits, bound(call.queueWaitSeconds), 1);
  const inTime =
    call.queue !== null &&
    call.queueWaitSeconds !== null &&
    call.queueWaitSeconds <= question.answerWithinSeconds(call.sourceId, call.queue);
  if (inTime && call.outcome === 'answered' && !call.short) into.answeredWithin++;
}

function addSeconds(
  into: Counted,
  outcome: string,
  seconds: { talkSeconds: number | null; ringSeconds: number | null },
) {
  if (outcome === 'answered') into.talkSeconds += seconds.talkSeconds ?? 0;
  into.ringSeconds += seconds.ringSeconds ?? 0;
  if (seconds.ringSeconds !== null) bump(into.rings, bound(seconds.ringSeconds), 1);
}

function fits(call: TestCall, { filter, startedFrom, startedTo }: SummaryQuestion): boolean {
  const { directions, lines } = filter;
  if (call.endedAt === null) return false;
  if (startedFrom !== null && call.startedAt < startedFrom) return false;
  if (startedTo !== null && call.startedAt >= startedTo) return false;
  if (directions !== undefined && !directions.includes(call.direction)) return false;
  return lines === undefined || lines.includes(call.line);
}

/** The queue that answered last, else the last; its phones are those that rang where it is so for all queues of the call. */
function seenBy(visits: TestCall['visits'], call: TestCall): Seen {
  const inOrder = visits.toSorted((a, b) => a.place - b.place);
  const { sourceId, queue, outcome, waitSeconds, place } =
    inOrder.findLast(each => each.outcome === 'answered') ?? inOrder.at(-1)!;
  const isLast = place === call.visits.length - 1;
  const ringSeconds = isLast ? call.ringSeconds : null;
  return { ...call, sourceId, queue, outcome, queueWaitSeconds: waitSeconds, ringSeconds };
}

/** Once, or where queues are asked for once for each row that it may be in by them. */
function seenOf(call: TestCall, { by, filter, queuedOnly }: SummaryQuestion): readonly Seen[] {
  const { queues, sources } = filter;
  const isOfSource = (each: { readonly sourceId: number }) => sources === undefined || sources.includes(each.sourceId);
  const isAsked = queuedOnly || queues !== undefined || by.includes('queue');
  if (!isAsked) return isOfSource(call) ? [call] : [];
  if (call.visits.length === 0) {
    return !queuedOnly && (queues === undefined || queues.includes(null)) && isOfSource(call) ? [call] : [];
  }
  const asked = call.visits.filter(each => isOfSource(each) && (queues === undefined || queues.includes(each.queue)));
  const rows = new Map<string, TestCall['visits'][number][]>();
  for (const each of asked) {
    const row = `${by.includes('queue') ? each.queue : ''} ${by.includes('source') ? each.sourceId : ''}`;
    rows.set(row, [...(rows.get(row) ?? []), each]);
  }
  return [...rows.values()].map(each => seenBy(each, call));
}

function keyOf(call: Seen, userId: number | null, by: SummaryKey, timeZone: string): string | number | null {
  const quarter = Math.floor(call.startedAt / QUARTER_MS) * QUARTER_MS;
  const clock = Temporal.Instant.fromEpochMilliseconds(quarter).toZonedDateTimeISO(timeZone);
  if (by === 'user') return userId;
  if (by === 'source') return `pbx-${call.sourceId}`;
  if (by === 'quarter') return quarter;
  if (by === 'hour') {
    const change = clock.add({ milliseconds: 1 }).getTimeZoneTransition('previous')?.epochMilliseconds ?? 0;
    return Math.max(change, quarter - clock.minute * 60_000);
  }
  if (by === 'day') return clock.toPlainDate().toString();
  if (by === 'weekdayHour') return `${clock.dayOfWeek}T${String(clock.hour).padStart(2, '0')}`;
  return call[by];
}

const takersOf = (call: TestCall) => call.people.filter(each => each.role !== 'rang' || call.outcome !== 'answered');
const rungOf = (call: TestCall) => call.people.filter(each => each.role === 'rang' && call.outcome === 'answered');
type Users = SummaryQuestion['filter']['users'];
const isUser = (users: Users, userId: number | null) => users === undefined || users.includes(userId);
const isNobodys = (call: TestCall, users: Users) => takersOf(call).length === 0 && isUser(users, null);
const isMeant = (call: TestCall, users: Users) =>
  users === undefined || isNobodys(call, users) || call.people.some(each => users.includes(each.userId));

/** Each call once. */
function addWhole(whole: Counted, call: TestCall, seen: Seen, question: SummaryQuestion): void {
  const { users } = question.filter;
  if (users === undefined || isNobodys(call, users)) {
    addCall(whole, seen, question);
    addSeconds(whole, seen.outcome, seen);
    return;
  }
  const [takers, rung] = [takersOf(call), rungOf(call)].map(each => each.filter(({ userId }) => isUser(users, userId)));
  if (takers!.length > 0) addCall(whole, seen, question);
  else if (rung!.length > 0) whole.rangOnly++;
  for (const each of takers!) addSeconds(whole, seen.outcome, each);
  for (const each of rung!) addSeconds(whole, 'another answered', each);
}

/** Each call once for everybody in it. */
function addPeople(rowOf: (userId: number | null) => Counted, call: TestCall, seen: Seen, question: SummaryQuestion) {
  const { users } = question.filter;
  for (const each of takersOf(call).filter(({ userId }) => isUser(users, userId))) {
    addCall(rowOf(each.userId), seen, question);
    addSeconds(rowOf(each.userId), seen.outcome, each);
  }
  for (const each of rungOf(call).filter(({ userId }) => isUser(users, userId))) {
    rowOf(each.userId).rangOnly++;
    addSeconds(rowOf(each.userId), 'another answered', each);
  }
  if (isNobodys(call, users)) {
    addCall(rowOf(null), seen, question);
    addSeconds(rowOf(null), seen.outcome, seen);
  }
}

/** Rows by the JSON of their keys, and the totals. */
export function countByHand(calls: readonly TestCall[], question: SummaryQuestion) {
  const { by, timeZone } = question;
  const { users } = question.filter;
  const rows = new Map<string, Counted>();
  const totals = nothing();
  const rowOf = (call: Seen, userId: number | null): Counted => {
    const id = JSON.stringify(by.map(key => keyOf(call, userId, key, timeZone)));
    const row = rows.get(id) ?? nothing();
    rows.set(id, row);
    return row;
  };
  for (const call of calls.filter(each => fits(each, question))) {
    for (const seen of seenOf(call, { ...question, by: [] })) addWhole(totals, call, seen, question);
    for (const seen of seenOf(call, question)) {
      if (!by.includes('user')) {
        if (isMeant(call, users)) addWhole(rowOf(seen, null), call, seen, question);
      } else addPeople(userId => rowOf(seen, userId), call, seen, question);
    }
  }
  for (const [id, row] of rows) if (row.calls === 0 && row.rangOnly === 0) rows.delete(id);
  return { rows: Object.fromEntries(rows), totals };
}
