/** What the journal says about calls and the reports they are made of. */
import { defineEvent, historical, id, ids, optional, whole, words } from '../ledger/event.ts';

/** What can change about a call, by the names `/v1` has for it. */
export const CALL_FIELDS = [
  'source',
  'externalId',
  'direction',
  'from',
  'to',
  'fromE164',
  'toE164',
  'startedAt',
  'answeredAt',
  'endedAt',
  'durationSeconds',
  'ringSeconds',
  'talkSeconds',
  'queueWaitSeconds',
  'outcome',
  'short',
  'cause',
  'disposition',
  'userId',
  'extension',
  'queue',
  'line',
  'trunkIn',
  'trunkOut',
  'did',
  'didName',
  'recording',
  'cost',
  'currency',
  'vote',
  'failedReason',
  'note',
  'links',
  'legs',
  'aliases',
  'participants',
  'queues',
] as const;
export type CallField = (typeof CALL_FIELDS)[number];

const reportId = id('The report that made it so.');

export const callRegistered = defineEvent({
  kind: 'call.registered',
  call: 'always',
  description: 'A call became known that has no end yet.',
  data: { reportId, historical },
  example: { callId: 17, reportId: 21 },
});

export const callEnded = defineEvent({
  kind: 'call.ended',
  call: 'always',
  description: 'A report stated the end of the call, or a call became known that had ended.',
  data: { reportId, fields: optional(words(CALL_FIELDS, 'What changed; missing where the call is new.')), historical },
  example: { callId: 17, reportId: 22, fields: ['endedAt', 'durationSeconds', 'outcome'] },
});

export const callAmended = defineEvent({
  kind: 'call.amended',
  call: 'always',
  description: 'A later report, a correction, a recording, a join or a split changed the call.',
  data: { reportId, fields: words(CALL_FIELDS, 'What changed.'), historical },
  example: { callId: 17, reportId: 23, fields: ['note'] },
});

/**
 * Of the journal only: one entry moves the settling line over all calls that were due. Readers of events get `call.settled` of
 * each of them in its place (settling/expansion.ts).
 */
export const callsSettled = defineEvent({
  kind: 'calls.settled',
  call: 'never',
  description: 'Calls that were due after `from`, and up to `to`, have settled.',
  data: { from: whole('UTC milliseconds.'), to: whole('UTC milliseconds.') },
  example: { from: 1772445641050, to: 1772445641300 },
});

export const callSettled = defineEvent({
  kind: 'call.settled',
  call: 'always',
  description: 'Nothing new came for a while after the end of the call: nothing more is expected.',
  data: { historical },
  example: { callId: 17 },
  partOf: callsSettled.kind,
});

export const callJoined = defineEvent({
  kind: 'call.joined',
  call: 'always',
  description: 'Younger calls became part of this one; their ids lead here from now on.',
  data: { reportId, callIds: ids('The calls that became part of it.'), historical },
  example: { callId: 17, reportId: 24, callIds: [19] },
});

export const callSplit = defineEvent({
  kind: 'call.split',
  call: 'always',
  description: 'The call was part of another one and is a call of its own again.',
  data: { reportId, historical },
  example: { callId: 19, reportId: 25 },
});

export const possibleMatchFound = defineEvent({
  kind: 'call.possible_match_found',
  call: 'always',
  description: 'Two calls look like one, which was found when both had settled: a person decides.',
  data: { otherCallId: id('The younger of the two calls.'), historical },
  example: { callId: 17, otherCallId: 19 },
});

const quarantineId = id('The entry of the quarantine.');

export const reportQuarantined = defineEvent({
  kind: 'report.quarantined',
  call: 'never',
  description: 'Something arrived that could not be understood, and is kept.',
  data: { quarantineId },
  example: { quarantineId: 3 },
});

export const reportReplayed = defineEvent({
  kind: 'report.replayed',
  call: 'always',
  description: 'An entry of the quarantine was read again, understood, and made or changed a call.',
  data: { quarantineId },
  example: { callId: 17, quarantineId: 3 },
});

export const callEvents = [
  callRegistered,
  callEnded,
  callAmended,
  callSettled,
  callJoined,
  callSplit,
  possibleMatchFound,
  reportQuarantined,
  reportReplayed,
];
