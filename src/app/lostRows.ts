/** What every room numbers and keeps for ever, and what refers to it: whatever is not there any more was lost. */
import { candidate, link, movedLeg, refoldRun, report, sourceCall } from '../calls/entities.ts';
import { callingList, campaign, record } from '../campaigns/entities.ts';
import { activity } from '../clients/entities.ts';
import type { StoredHead } from '../ledger/head.ts';
import { journal } from '../ledger/journal.ts';
import { findLostEntries, findLostRows, findStrays, type Numbered, type Reference } from '../ledger/lostRows.ts';
import type { Reader } from '../ledger/query.ts';
import { message, portalCall } from '../portal/entities.ts';
import { fetchJob, recording } from '../recordings/entities.ts';
import { source } from '../sources/entities.ts';

interface Kept extends Numbered {
  readonly referredToBy: readonly Reference[];
}

/**
 * A number is given out in the command that inserts its row, and taken back with it where that is refused: these have no holes. A
 * quarantine makes room and desktops are told and done with: what is numbered there may be gone.
 */
const KEPT: readonly Kept[] = [
  {
    of: sourceCall,
    sequence: 'call',
    name: 'source call',
    referredToBy: [
      { from: report, column: 'sourceCallId', name: 'report' },
      { from: recording, column: 'sourceCallId', name: 'recording' },
      { from: fetchJob, column: 'sourceCallId', name: 'recording to fetch' },
      { from: candidate, column: 'sourceCallId', name: 'candidate' },
      { from: link, column: 'a', name: 'link' },
      { from: link, column: 'b', name: 'link' },
      { from: portalCall, column: 'id', name: 'line of the portal' },
      { from: message, column: 'sourceCallId', name: 'message' },
      { from: activity, column: 'sourceCallId', name: 'activity' },
      { from: journal, column: 'callId', name: 'journal entry' },
    ],
  },
  {
    of: report,
    sequence: 'report',
    name: 'report',
    referredToBy: [
      { from: candidate, column: 'id', name: 'candidate' },
      { from: movedLeg, column: 'reportId', name: 'moved leg of source' },
      { from: fetchJob, column: 'reportId', name: 'recording to fetch' },
    ],
  },
  {
    of: recording,
    sequence: 'recording',
    name: 'recording',
    referredToBy: [{ from: portalCall, column: 'recordingId', name: 'line of the portal' }],
  },
  { of: fetchJob, sequence: 'fetchJob', name: 'recording to fetch', referredToBy: [] },
  { of: refoldRun, sequence: 'refoldRun', name: 'run', referredToBy: [] },
  { of: message, sequence: 'message', name: 'message', referredToBy: [] },
  { of: activity, sequence: 'activity', name: 'activity', referredToBy: [] },
  { of: record, sequence: 'record', name: 'calling list record', referredToBy: [] },
  { of: callingList, sequence: 'callingList', name: 'calling list', referredToBy: [] },
  { of: campaign, sequence: 'campaign', name: 'campaign', referredToBy: [] },
  { of: source, sequence: 'source', name: 'source', referredToBy: [] },
];

/** A sentence for each thing that is missing, for each row that is of none, and for each that nobody numbered. */
export async function* findAllLost(reader: Reader, head: StoredHead): AsyncGenerator<string> {
  yield* findLostEntries(reader, head);
  for (const { referredToBy, ...numbered } of KEPT) {
    const lost = yield* findLostRows(reader, numbered, head);
    for (const each of referredToBy) yield* findStrays(reader, each, numbered.name, lost);
  }
}
