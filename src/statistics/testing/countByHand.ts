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

function addCall(into: Counted, call: TestCall, question: SummaryQuestion): void {
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

function fits(call: TestCall, { filter, queuedOnly, startedFrom, startedTo }: SummaryQuestion): boolean {
  const { directions, queues, lines, sources } = filter;
  if (call.endedAt === null || (queuedOnly && call.queue === null)) return false;
  if (startedFrom !== null && call.startedAt < startedFrom) return false;
  if (startedTo !== null && call.startedAt >= startedTo) return false;
  if (directions !== undefined && !directions.includes(call.direction)) return false;
  if (queues !== undefined && !queues.includes(call.queue)) return false;
  if (lines !== undefined && !lines.includes(call.line)) return false;
  return sources === undefined || sources.includes(call.sourceId);
}

function keyOf(call: TestCall, userId: number | null, by: SummaryKey, timeZone: string): string | number | null {
  const quarter = Math.floor(call.startedAt / QUARTER_MS) * QUARTER_MS;
  const clock = Temporal.Instant.fromEpochMilliseconds(quarter).toZonedDateTimeISO(timeZone);
  if (by === 'user') return userId;
  if (by === 'source') return `pbx-${call.sourceId}`;
  if (by === 'quarter') return quarter;
  if (by === 'hour') return quarter - clock.minute * 60_000;
  if (by === 'day') return clock.toPlainDate().toString();
  if (by === 'weekdayHour') return `${clock.dayOfWeek}T${String(clock.hour).padStart(2, '0')}`;
  return call[by];
}

/** Rows by the JSON of their keys, and the totals. */
export function countByHand(calls: readonly TestCall[], question: SummaryQuestion) {
  const { by, timeZone } = question;
  const { users } = question.filter;
  const rows = new Map<string, Counted>();
  const totals = nothing();
  const rowOf = (call: TestCall, userId: number | null): Counted => {
    const id = JSON.stringify(by.map(key => keyOf(call, userId, key, timeZone)));
    const row = rows.get(id) ?? nothing();
    rows.set(id, row);
    return row;
  };
  for (const call of calls.filter(each => fits(each, question))) {
    const takers = call.people.filter(each => each.role !== 'rang' || call.outcome !== 'answered');
    const rung = call.people.filter(each => !takers.includes(each));
    const meant = <P extends { readonly userId: number }>(people: readonly P[]) =>
      people.filter(each => users === undefined || users.includes(each.userId));
    const isNobodys = takers.length === 0 && (users === undefined || users.includes(null));
    const wholes = by.includes('user') ? [totals] : [totals, rowOf(call, null)];
    if (users === undefined) {
      for (const whole of wholes) {
        addCall(whole, call, question);
        addSeconds(whole, call.outcome, call);
      }
    } else {
      for (const whole of wholes) {
        if (isNobodys) {
          addCall(whole, call, question);
          addSeconds(whole, call.outcome, call);
          continue;
        }
        if (meant(takers).length > 0) addCall(whole, call, question);
        else if (meant(rung).length > 0) whole.rangOnly++;
        for (const each of meant(takers)) addSeconds(whole, call.outcome, each);
        for (const each of meant(rung)) addSeconds(whole, 'another answered', each);
      }
    }
    if (!by.includes('user')) continue;
    for (const each of meant(takers)) {
      const row = rowOf(call, each.userId);
      addCall(row, call, question);
      addSeconds(row, call.outcome, each);
    }
    for (const each of meant(rung)) {
      const row = rowOf(call, each.userId);
      row.rangOnly++;
      addSeconds(row, 'another answered', each);
    }
    if (isNobodys) {
      const row = rowOf(call, null);
      addCall(row, call, question);
      addSeconds(row, call.outcome, call);
    }
  }
  for (const [id, row] of rows) if (row.calls === 0 && row.rangOnly === 0) rows.delete(id);
  return { rows: Object.fromEntries(rows), totals };
}
