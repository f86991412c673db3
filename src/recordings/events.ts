/** What the journal says about recordings. */
import { defineEvent, id } from '../ledger/event.ts';

const fetchJobId = id('The order to fetch it.');
const reportId = id('The report that named the recording.');

export const recordingRequested = defineEvent({
  kind: 'recording.requested',
  call: 'always',
  description: 'A report named a recording, which is being fetched.',
  data: { fetchJobId, reportId },
  example: { callId: 17, fetchJobId: 4, reportId: 22 },
});

export const recordingAttached = defineEvent({
  kind: 'recording.attached',
  call: 'always',
  description: 'A recording is stored and belongs to the call.',
  data: { recordingId: id('The recording.') },
  example: { callId: 17, recordingId: 6 },
});

export const recordingFailed = defineEvent({
  kind: 'recording.failed',
  call: 'always',
  description: 'A recording could not be fetched, and is not tried again.',
  data: { fetchJobId, reportId },
  example: { callId: 17, fetchJobId: 4, reportId: 22 },
});

export const recordingEvents = [recordingRequested, recordingAttached, recordingFailed];
