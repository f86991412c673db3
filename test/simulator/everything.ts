/** Everything the ledger holds, for those who check it. */
import {
  call,
  formerCall,
  link,
  participation,
  quarantine,
  quarantineTally,
  queueVisit,
  report,
  settlingLine,
  sourceCall,
} from '../../src/calls/entities.ts';
import { agentOutbox, record } from '../../src/campaigns/entities.ts';
import type { Entity } from '../../src/ledger/entity.ts';
import { journal } from '../../src/ledger/journal.ts';
import type { Reader } from '../../src/ledger/query.ts';
import { extension } from '../../src/people/entities.ts';
import { isListed, message, type PortalCall, portalCall } from '../../src/portal/entities.ts';
import { fetchJob, recording } from '../../src/recordings/entities.ts';
import { source } from '../../src/sources/entities.ts';

/** Something is not as it must be: which checker says so, and what. */
export type Wrong = (checker: string, what: string) => void;

const ALL = 100_000;
const rowsOf = <R extends object>(reader: Reader, from: Entity<R>): Promise<R[]> =>
  reader.select<R>({ from, limit: ALL });

/** Everything the ledger holds, read once. */
export async function readEverything(reader: Reader) {
  const portalCalls = await rowsOf(reader, portalCall);
  return {
    journal: await rowsOf(reader, journal),
    sources: await rowsOf(reader, source),
    reports: await rowsOf(reader, report),
    quarantined: await rowsOf(reader, quarantine),
    tallies: await rowsOf(reader, quarantineTally),
    calls: await rowsOf(reader, call),
    sourceCalls: await rowsOf(reader, sourceCall),
    links: await rowsOf(reader, link),
    participations: await rowsOf(reader, participation),
    visits: await rowsOf(reader, queueVisit),
    formerCalls: await rowsOf(reader, formerCall),
    lines: await rowsOf(reader, settlingLine),
    registrations: portalCalls.filter(isRegistered).map(registrationOf),
    listed: portalCalls.filter(isListed),
    messages: await rowsOf(reader, message),
    jobs: await rowsOf(reader, fetchJob),
    recordings: await rowsOf(reader, recording),
    outboxEntries: await rowsOf(reader, agentOutbox),
    records: await rowsOf(reader, record),
    extensions: await rowsOf(reader, extension),
  };
}

const isRegistered = ({ webhookId }: PortalCall): boolean => webhookId !== null;

/** As an application registered a call, whether or not it has finished it. */
export function registrationOf({ id, open, token, externalCallId, durationSeconds }: PortalCall) {
  return open === null
    ? { id, token: token!, externalCallId, isFinished: true, durationSeconds }
    : { id, token: open.token, externalCallId: open.externalCallId, isFinished: false, durationSeconds: null };
}
export type Everything = Awaited<ReturnType<typeof readEverything>>;
