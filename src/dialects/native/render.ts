import type { LegMeaning, Participation, Quarantined, QueueVisit, Report } from '../../calls/entities.ts';
import { reportedLegs } from '../../calls/fold/foldLegs.ts';
import type { HistoryEntry } from '../../calls/queries/callDetail.ts';
import { type ListedCall, UNFINISHED_AFTER_MS } from '../../calls/queries/callFilter.ts';
import type { Correction, Fact, LegFact } from '../../calls/reports/report.ts';
import type { Source } from '../../sources/entities.ts';
import { formatMoney } from '../../values/money.ts';
import { writeInstant } from './instants.ts';

const instant = (at: number | null): string | null => (at === null ? null : writeInstant(at));

export function renderCall(
  call: ListedCall,
  source: Readonly<Source> | undefined,
  settledAt: number | null,
  now: number,
) {
  const { costMicros, links, sourceCalls, ...others } = call;
  const {
    sourceId: _sourceId,
    day: _day,
    endedSeenAt: _endedSeenAt,
    settlesAt: _due,
    splitAt: _splitAt,
    records: _records,
    ...rest
  } = others;
  const open = call.startedAt >= now - UNFINISHED_AFTER_MS ? 'open' : 'unfinished';
  return {
    ...rest,
    source: source?.key ?? 'unknown',
    state: call.endedAt === null ? open : 'ended',
    startedAt: writeInstant(call.startedAt),
    answeredAt: instant(call.answeredAt),
    endedAt: instant(call.endedAt),
    settledAt: instant(settledAt),
    cost: costMicros === null ? null : formatMoney(costMicros),
    links: links ?? [],
    aliases: sourceCalls ?? [],
  };
}

export const renderParticipant = ({ userId, role, ringSeconds, talkSeconds }: Participation) => ({
  userId,
  role,
  ringSeconds,
  talkSeconds,
});

/** In the order of the call's queues, the one that decides last. */
export const renderQueues = (visits: readonly QueueVisit[], sources: ReadonlyMap<number, Readonly<Source>>) =>
  visits
    .toSorted((a, b) => a.place - b.place)
    .map(({ sourceId, queue, outcome, waitSeconds }) => ({
      source: sources.get(sourceId)?.key ?? 'unknown',
      queue,
      outcome,
      waitSeconds,
    }));

/** A call's legs: what its reports say of them, and what they were taken for when the call was folded. */
export function renderLegs(meanings: readonly LegMeaning[], reports: readonly Report[]) {
  const facts = reports.flatMap(({ id, sourceCallId, sourceId, key, fact }) =>
    fact.form === 'leg' ? [{ reportId: id, sourceCallId, sourceId, key, fact }] : [],
  );
  const told = new Map(reportedLegs(facts).map(each => [each.id, each.fact]));
  return meanings.flatMap(meaning => {
    const fact = told.get(meaning.id);
    return fact === undefined ? [] : [renderLeg(meaning, fact)];
  });
}

function renderLeg({ id, party, userId, direction }: LegMeaning, { form: _form, ...told }: LegFact) {
  return {
    ...told,
    id,
    party,
    userId,
    direction: direction ?? told.direction,
    startedAt: writeInstant(told.startedAt),
    endedAt: told.durationSeconds === null ? null : writeInstant(told.startedAt + told.durationSeconds * 1000),
  };
}

export function renderReport(
  report: Report,
  sources: ReadonlyMap<number, Readonly<Source>>,
  more: readonly string[] = [],
) {
  const { id, kind, receivedAt, deliveries, fact, warnings, contentType, raw } = report;
  return {
    id,
    sourceCallId: report.sourceCallId,
    source: sources.get(report.sourceId)?.key ?? null,
    kind,
    receivedAt: writeInstant(receivedAt),
    deliveries,
    warnings: [...(warnings ?? []), ...more],
    contentType,
    raw: Buffer.from(raw).toString('utf8'),
    ...renderStatement(fact),
  };
}

/** What a person stated, where the report is of one. */
function renderStatement(fact: Fact) {
  if (fact.form === 'correction') return { correction: renderCorrection(fact) };
  if (fact.form === 'leg' || fact.form === 'call') return {};
  const { author } = fact;
  const at = writeInstant(fact.at);
  if (fact.form === 'retraction') return { retraction: { n: fact.n, author, at } };
  if (fact.form === 'completion') return { completion: { recordId: fact.recordId, author, at, result: fact.result } };
  return { matchDecision: { verdict: fact.form, callIds: fact.sourceCalls, author, at, reason: fact.reason } };
}

export function renderCorrection({ n, author, at, reason, fields }: Correction) {
  const { startedAt, answeredAt, endedAt, costMicros, ...rest } = fields;
  return {
    n,
    author,
    at: writeInstant(at),
    reason,
    fields: {
      ...rest,
      ...(startedAt === undefined ? {} : { startedAt: writeInstant(startedAt) }),
      ...(answeredAt === undefined ? {} : { answeredAt: instant(answeredAt) }),
      ...(endedAt === undefined ? {} : { endedAt: writeInstant(endedAt) }),
      ...(costMicros === undefined ? {} : { cost: costMicros === null ? null : formatMoney(costMicros) }),
    },
  };
}

export const renderEntry = ({ position, at, kind, callId, data }: HistoryEntry) => ({
  position,
  at: writeInstant(at),
  kind,
  callId,
  ...data,
});

export const renderQuarantined = (kept: Quarantined, source: Readonly<Source> | undefined) => ({
  id: kept.id,
  source: source?.key ?? null,
  receivedAt: writeInstant(kept.receivedAt),
  reason: kept.reason,
  problem: kept.problem,
  state: kept.state,
  callId: kept.callId,
  contentType: kept.contentType,
  raw: Buffer.from(kept.raw).toString('utf8'),
});
