/** What the rooms get of each other: each room that keeps something about calls reacts to them, in one fixed order. */

import { type Call, type Candidate, call, candidate, participation, queueVisit } from '../calls/entities.ts';
import type { CallChange, CallsContext } from '../calls/fold/refold.ts';
import { clockOffsetMs, wantClocks } from '../calls/matching/clocks.ts';
import { attemptsOf, dialledIn, latestCallTo } from '../calls/matching/latestCall.ts';
import { type Completed, moveCompletions, reportCompletion, wantCompletion } from '../calls/reports/completions.ts';
import { callIdOf, sourceCallsOf, wantCall } from '../calls/reports/sourceCalls.ts';
import { settleSoon } from '../calls/settling/settle.ts';
import { demandSource } from '../calls/sources.ts';
import type { Attempt, CampaignsContext } from '../campaigns/context.ts';
import { joinRecords, wantRecords } from '../campaigns/onCall.ts';
import { readSetting } from '../config/setting.ts';
import { callTypeOf } from '../dialects/bitrix24/callType.ts';
import { defaultStatusCode, statusCodeOf } from '../dialects/bitrix24/statusCode.ts';
import type { Command, State, Wants } from '../ledger/state.ts';
import { webhook } from '../people/entities.ts';
import { holderOf } from '../people/holders.ts';
import { portalCall } from '../portal/entities.ts';
import { type ListableCall, type Listing, listCall, noteRecording } from '../portal/onCall.ts';
import { type FetchReactors, latestRecording } from '../recordings/attach.ts';
import { recording } from '../recordings/entities.ts';
import type { Countable } from '../statistics/entities.ts';
import { countCall } from '../statistics/onCall.ts';
import { numberKey } from '../values/numberKey.ts';
import { dayBegun } from '../values/zonedTime.ts';
import { sources, sourceTelling } from './sourceKinds.ts';

export const campaignsContext: CampaignsContext = {
  latestCallTo(state, userId, key, from, to, clock) {
    const found = latestCallTo(state, userId, key, from, to, clock);
    if (found === null) return null;
    const { id, outcome, endedAt } = found.call;
    return { callId: id, outcome, ended: endedAt !== null, startedAt: found.startedAt };
  },
  onRejoined(state, recordId, callId, historical) {
    moveCompletions(state, { sourceId: completionSource(state), recordId, callId, historical }, callsContext);
  },
};

const listing: Listing = {
  isKept: state => state.all(webhook).length > 0,
  typeOf: callTypeOf,
  codeOf: outcome => statusCodeOf(outcome).code,
  defaultCode: defaultStatusCode,
  keyOf(state, listed, number) {
    const from = demandSource(sources, state, (listed as Call).sourceId);
    return numberKey(number, listed.direction === 'outbound' ? from : { ...from, outsidePrefix: null });
  },
  recordingOf(state, sourceCallIds) {
    state.expect(wants => {
      for (const id of sourceCallIds) wants.find(recording, 'bySourceCall', id);
    });
    const all = sourceCallIds.flatMap(id => state.find(recording, 'bySourceCall', id));
    return latestRecording(all)?.id ?? null;
  },
};
/** Keeps the line of a call in the portal’s list, where one is kept. */
export const keepList = listCall(listing);
const noteInList = noteRecording(listing);

const joinTheRecords = joinRecords(campaignsContext);

/** Also the agents who are not the call's user have records: the source calls say who dialled what. */
function joinRecordsTo(state: State, { before, after, historical }: CallChange): void {
  if (sourceTelling(state, 'completions') === null) return;
  if ((before?.endedAt ?? null) === null && (after?.endedAt ?? null) === null) return;
  const sourceCallIds = new Set([before, after].flatMap(each => (each === null ? [] : sourceCallsOf(each))));
  joinTheRecords(state, [...dialledIn(state, [...sourceCallIds]), ...asDialled(state, before)], historical);
}

/** What its source calls tell may be another thing than what the call was found by until now. */
function asDialled(state: State, before: Readonly<Call> | null): readonly Attempt[] {
  if (before === null || before.direction !== 'outbound') return [];
  const { userId, startedAt, sourceId } = before;
  const key = numberKey(before.toE164 ?? before.to, demandSource(sources, state, sourceId));
  const attempt = { userId, numberKey: key, startedAt };
  return [attempt, { ...attempt, startedAt: startedAt + clockOffsetMs(state, sourceId) }];
}

/** What joining records to the call of a leg or a registration reads. */
function wantRecordsOf(wants: Wants, row: Readonly<Candidate>): void {
  if (row.direction !== 'outbound') return;
  wantClocks(wants, sources);
  for (const attempt of attemptsOf(wants, row)) wantRecords(wants, attempt, campaignsContext);
}

/** What the statistics count. */
export const counted = { calls: call, participations: participation, visits: queueVisit } satisfies Countable;

/** Reactors run in this order, in the command that changes the call. */
export const callsContext: CallsContext = {
  sources,
  holderOf,
  wantSourceCall(wants, sourceCallId) {
    wants.get(portalCall, sourceCallId);
    wants.find(recording, 'bySourceCall', sourceCallId);
    if (sourceTelling(wants, 'completions') === null) return;
    for (const row of wants.find(candidate, 'bySourceCall', sourceCallId)) wantRecordsOf(wants, row);
  },
  wantCandidate(wants, row) {
    if (sourceTelling(wants, 'completions') !== null) wantRecordsOf(wants, row);
  },
  dayOf: (state, at) => dayBegun(readSetting(state, 'rollupZone'), at),
  reactors: [countCall, keepList],
  lateReactors: [joinRecordsTo],
};

/** The desktop's word on a call, in the command that completes the record. */
export function completeCall(state: State, completion: Omit<Completed, 'sourceId'>): void {
  reportCompletion(state, { ...completion, sourceId: completionSource(state) }, callsContext);
}

/** What that reads. */
export function wantCompletedCall(wants: Wants, about: Pick<Completed, 'recordId' | 'callId'>): void {
  wantCompletion(wants, { ...about, sourceId: completionSource(wants) }, callsContext);
}

function completionSource(state: Pick<State, 'find'>): number {
  const found = sourceTelling(state, 'completions');
  if (found === null) throw new Error('there is no campaign, and so nothing to complete');
  return found.id;
}

/** After a recording there is nothing more to wait for. */
const RECORDED_SETTLE_DELAY_MS = 1_000;

export const fetchReactors: FetchReactors = {
  wantCall: (wants, sourceCallId) => wantCall(wants, sourceCallId, callsContext),
  callIdOf,
  onAttached(state, { sourceCallId }) {
    const whole = state.get(call, callIdOf(state, sourceCallId));
    noteInList(state, whole === undefined ? [sourceCallId] : sourceCallsOf(whole));
    settleSoon(state, sourceCallId, RECORDED_SETTLE_DELAY_MS, sources);
  },
  onFailed: (state, { sourceCallId }) => settleSoon(state, sourceCallId, RECORDED_SETTLE_DELAY_MS, sources),
};

/** Lists calls that ended before anybody could ask a portal for them. */
export function listCalls(ids: readonly number[]): Command<void> {
  return {
    name: 'list calls',
    bytes: ids.length * 400,
    wants: wants => {
      for (const id of ids) {
        wants.get(call, id);
        wants.find(participation, 'byCall', id);
      }
    },
    apply: state => {
      for (const id of ids) {
        const row = state.get(call, callIdOf(state, id));
        if (row === undefined) continue;
        const participants = { after: state.find(participation, 'byCall', row.id) };
        keepList(state, { before: null, after: row satisfies ListableCall, participants });
      }
    },
  };
}
