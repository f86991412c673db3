/** What the journal says about campaigns. */
import { defineEvent, historical, id, whole } from '../ledger/event.ts';

const recordId = id('The record.');
const callingListId = id('The calling list.');
const campaignId = id('The campaign.');
const userId = id('The agent.');
const callResultCode = whole('The code of the call result, from the table of call results.');

export const recordRetrieved = defineEvent({
  kind: 'record.retrieved',
  call: 'never',
  description: 'An agent was given a record of a calling list.',
  data: { recordId, callingListId, campaignId, userId },
  example: { recordId: 40, callingListId: 1, campaignId: 1, userId: 2 },
});

export const recordCompleted = defineEvent({
  kind: 'record.completed',
  call: 'sometimes',
  description: 'An agent completed a record, with the call it led to where one is known.',
  data: { recordId, callingListId, campaignId, userId, callResultCode },
  example: { callId: 17, recordId: 40, callingListId: 1, campaignId: 1, userId: 2, callResultCode: 33 },
});

export const recordAmended = defineEvent({
  kind: 'record.amended',
  call: 'sometimes',
  description: 'A call changed the result of a completed record, for which the agent gave none.',
  data: { recordId, callingListId, callResultCode, historical },
  example: { callId: 17, recordId: 40, callingListId: 1, callResultCode: 7 },
});

export const callingListImported = defineEvent({
  kind: 'calling_list.imported',
  call: 'never',
  description: 'The file of a calling list was read into it.',
  data: {
    callingListId,
    rows: whole('How many rows the file has.'),
    new: whole('How many of them were not there before.'),
    changed: whole('How many differ from before.'),
    unchanged: whole('How many were there as they are.'),
  },
  example: { callingListId: 1, rows: 450, new: 20, changed: 3, unchanged: 427 },
});

export const campaignEvents = [recordRetrieved, recordCompleted, recordAmended, callingListImported];
