import type { RunningServer } from '../kit/server.ts';
import type { GivenRecord } from './fakeDesktop.ts';
import type { Findings } from './findings.ts';
import { getJson, type ListedCall } from './storedCalls.ts';

/** A record as `GET /v1/records/{id}` gives it, as far as the campaigns look at it. */
interface RecordView {
  readonly handle: number | null;
  readonly contactInfo: string;
  readonly recordStatus: number;
  readonly callResultCode: number;
  readonly resultFrom: string | null;
  readonly attempts: number;
  readonly userId: number | null;
  readonly callId: number | null;
  readonly custom: Readonly<Record<string, string>>;
}

const READY = 1;
const RETRIEVED = 2;
const UPDATED = 3;
/** docs/genesys.md, section 3.1. */
const UNKNOWN_RESULT = 28;
const RESULT_OF_STATUS: Readonly<Record<string, number>> = { ANSWERED: 33, 'NO ANSWER': 7, BUSY: 6 };
/** How many records beyond the last one that was handed out are looked at: none of them may be with anybody. */
const BEYOND = 5;
const QUERIED_AT_ONCE = 4;

/** Ids of records are the places of their rows in the list, as long as there is one list; the row says whether it is so. */
async function readRecord(server: RunningServer, row: number): Promise<RecordView> {
  const view = await getJson<RecordView>(server, `/v1/records/${row}`);
  if (view.custom['row'] !== String(row)) throw new Error(`record ${row} is of row ${view.custom['row']}`);
  return view;
}

async function forEachRecord(
  server: RunningServer,
  records: readonly GivenRecord[],
  look: (record: GivenRecord, stored: RecordView) => void,
): Promise<void> {
  const waiting = records.values();
  const lane = async (): Promise<void> => {
    for (const record of waiting) look(record, await readRecord(server, record.row));
  };
  await Promise.all(Array.from({ length: QUERIED_AT_ONCE }, lane));
}

/** Right after a restart: what was acknowledged is there, and nobody else has a record that somebody has. */
export async function compareAcknowledged(
  server: RunningServer,
  records: readonly GivenRecord[],
  found: Findings,
): Promise<void> {
  await forEachRecord(server, records, (record, stored) => {
    holdAgainst(record, stored, found);
    const { row, acknowledged, result, completing } = record;
    if (stored.recordStatus === UPDATED) {
      if (!completing) found.invented.add(`row ${row} is finished, and nobody did that`);
    } else if (acknowledged || result !== null) found.lost.add(`that row ${row} is finished`);
  });
}

/**
 * When everybody has told everything: each record is as its agent left it, with the result of its one call unless the
 * agent gave one. `listed` has the calls by their PBX's id.
 */
export async function compareRecords(
  server: RunningServer,
  records: readonly GivenRecord[],
  listed: ReadonlyMap<string, ListedCall>,
  found: Findings,
): Promise<void> {
  await forEachRecord(server, records, (record, stored) => {
    holdAgainst(record, stored, found);
    const { row, call, given, result } = record;
    const expected = {
      recordStatus: result === null ? RETRIEVED : UPDATED,
      callResultCode: given ?? (call === null ? UNKNOWN_RESULT : RESULT_OF_STATUS[call.status]),
      attempts: call === null ? 0 : 1,
      callId: call === null ? null : listed.get(call.callId)?.id,
    };
    for (const name of ['recordStatus', 'callResultCode', 'attempts', 'callId'] as const) {
      if (stored[name] === expected[name]) continue;
      found.miscounted.add(`${name} of row ${row} (${call?.callId}) is ${stored[name]} instead of ${expected[name]}`);
    }
  });
}

function holdAgainst(record: GivenRecord, stored: RecordView, found: Findings): void {
  const { row, handle, agent } = record;
  if (stored.recordStatus === READY) found.lost.add(`row ${row}, handle ${handle}: it is Ready again`);
  else if (stored.handle !== handle || stored.userId !== agent.userId) {
    found.doubled.add(
      `row ${row}: user ${stored.userId} has it by handle ${stored.handle}, ${agent.login} by ${handle}`,
    );
  }
}

/** Rows are handed out in their order: none up to the last may be unknown to the desktops, none after it with anybody. */
export async function compareHandedOut(
  server: RunningServer,
  given: ReadonlyMap<number, GivenRecord>,
  rows: number,
  found: Findings,
): Promise<void> {
  const last = Math.max(0, ...given.keys());
  for (let row = 1; row < last; row++) {
    if (!given.has(row)) found.missed.add(`row ${row} was handed out, and nobody was told`);
  }
  for (let row = last + 1; row <= Math.min(rows, last + BEYOND); row++) {
    const { recordStatus } = await readRecord(server, row);
    if (recordStatus !== READY) found.missed.add(`row ${row} has status ${recordStatus}, and nobody was told`);
  }
}
