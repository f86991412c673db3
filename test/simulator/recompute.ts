/** What is kept beside the reports follows from them: made anew from all of them, it is the same. */

import { sources as callSources } from '../../src/app/sourceKinds.ts';
import { foldCall } from '../../src/calls/fold/fold.ts';
import { numberPlanOf } from '../../src/calls/fold/numberPlan.ts';
import { hasTalk } from '../../src/calls/fold/possible.ts';
import type { Visit } from '../../src/calls/fold/queueVisits.ts';
import { sourceCallsOf, toldBy } from '../../src/calls/reports/sourceCalls.ts';
import { holderOf } from '../../src/people/holders.ts';
import { latestRecording } from '../../src/recordings/attach.ts';
import type { Everything, Wrong } from './everything.ts';

/** Every call is the fold of all its reports. */
export function checkFold(
  { calls, reports, sources, extensions, participations, visits }: Everything,
  wrong: Wrong,
): void {
  const find = (_entity: unknown, _index: string, number: string) => extensions.filter(each => each.number === number);
  for (const call of calls) {
    const told = toldBy(call);
    const own = reports.filter(each => told.includes(each.sourceCallId));
    const facts = own.map(each => ({
      reportId: each.id,
      sourceCallId: each.sourceCallId,
      sourceId: each.sourceId,
      key: each.key,
      fact: each.fact,
    }));
    const folding = foldCall(facts, {
      planOf: sourceId => numberPlanOf(sources.find(each => each.id === sourceId)!, callSources),
      holderOf: (extension, of, at) => holderOf({ find } as never, extension, of, at),
    });
    const { fields, legs, participants } = folding;
    const row = call as unknown as Record<string, unknown>;
    for (const [name, value] of Object.entries({ ...fields, legs })) {
      const [kept, folded] = [JSON.stringify(row[name]), JSON.stringify(value)];
      if (kept !== folded) wrong('recount', `call ${call.id}: ${name} is ${kept}, its reports say ${folded}`);
    }
    const parts = participations.filter(each => each.callId === call.id).sort((a, b) => a.userId - b.userId);
    const kept = JSON.stringify(parts.map(each => [each.userId, each.role, each.ringSeconds, each.talkSeconds]));
    const folded = JSON.stringify(
      participants.map(each => [each.userId, each.role, each.ringSeconds, each.talkSeconds]),
    );
    if (kept !== folded || parts.some(each => each.startedAt !== call.startedAt)) {
      wrong('recount', `call ${call.id}: participants are ${kept}, its reports say ${folded}`);
    }
    checkQueues(call, visits, folding.visits, wrong);
  }
  const ids = new Set(calls.map(each => each.id));
  for (const { callId, queue } of visits) {
    if (!ids.has(callId)) wrong('recount', `call ${callId}, which there is not, was in queue ${queue}`);
  }
}

/** Each queue once, and the call's own is the one that decides. */
function checkQueues(
  call: Everything['calls'][number],
  all: Everything['visits'],
  told: readonly Visit[],
  wrong: Wrong,
): void {
  const own = all.filter(each => each.callId === call.id).sort((a, b) => a.place - b.place);
  const plain = (visits: readonly Visit[]) =>
    JSON.stringify(visits.map(each => [each.sourceId, each.queue, each.outcome, each.waitSeconds]));
  const [kept, folded] = [plain(own), plain(told)];
  if (kept !== folded || own.some((each, place) => each.place !== place || each.startedAt !== call.startedAt)) {
    wrong('recount', `call ${call.id}: queues are ${kept}, its reports say ${folded}`);
  }
  const last = own.findLast(each => each.outcome === 'answered') ?? own.at(-1);
  if ((last?.queue ?? null) !== call.queue || (last !== undefined && last.waitSeconds !== call.queueWaitSeconds)) {
    wrong('recount', `call ${call.id}: its queue is ${call.queue}, and the one that decides ${last?.queue}`);
  }
}

/** A call's end is not before its start, its answer is between them, its talk fits in from there, and only where its outcome has talk. */
export function checkPossible({ calls, participations }: Everything, wrong: Wrong): void {
  for (const { id, startedAt, answeredAt, endedAt, durationSeconds, talkSeconds, outcome } of calls) {
    if (!hasTalk(outcome) && outcome !== 'unknown' && (answeredAt !== null || (talkSeconds ?? 0) > 0)) {
      wrong('possible', `call ${id} is ${outcome}, and answered or talked in`);
    }
    if (endedAt === null) continue;
    if (endedAt < startedAt) wrong('possible', `call ${id} ends before it starts`);
    if (answeredAt !== null && (answeredAt < startedAt || answeredAt > endedAt)) {
      wrong('possible', `call ${id} is answered outside of it`);
    }
    const longest = Math.min(talkSeconds ?? Number.POSITIVE_INFINITY, durationSeconds ?? (endedAt - startedAt) / 1000);
    if (answeredAt !== null && (talkSeconds ?? 0) > Math.ceil((endedAt - answeredAt) / 1000)) {
      wrong('possible', `call ${id} is talked in before its answer`);
    }
    const talks = [talkSeconds, ...participations.filter(each => each.callId === id).map(each => each.talkSeconds)];
    if (talks.some(each => (each ?? 0) > longest)) wrong('possible', `somebody talks longer than call ${id} lasts`);
  }
}

/** The portal's list: a line for each finished registration, and one for each ended call without any; with its recording. */
export function checkPortalList({ calls, registrations, listed: lines, recordings }: Everything, wrong: Wrong): void {
  const finished = new Set(registrations.filter(each => each.isFinished).map(each => each.id));
  const expected = new Set(finished);
  for (const call of calls) {
    if (call.endedAt !== null && !sourceCallsOf(call).some(id => finished.has(id))) expected.add(call.id);
  }
  const listed = new Set(lines.map(each => each.id));
  for (const id of expected) if (!listed.has(id)) wrong('recount', `${id} is not in the portal's list`);
  for (const id of listed) if (!expected.has(id)) wrong('recount', `${id} is in the portal's list, and should not be`);
  for (const call of calls) {
    const has = latestRecording(recordings.filter(each => sourceCallsOf(call).includes(each.sourceCallId)))?.id ?? null;
    for (const { id, recordingId } of lines.filter(each => sourceCallsOf(call).includes(each.id))) {
      if (recordingId !== has)
        wrong('recount', `call ${call.id} has recording ${has}, line ${id} shows ${recordingId}`);
    }
  }
}
