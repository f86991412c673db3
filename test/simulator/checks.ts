/** What must hold when everything has come to rest, whatever happened before; each checker says what is wrong. */
import { alias, call, type Report, report, settling, source } from '../../src/calls/entities.ts';
import { strandsOf } from '../../src/calls/strands.ts';
import { notice, record } from '../../src/campaigns/entities.ts';
import { message, registration, statisticRow } from '../../src/crm/entities.ts';
import type { Entity } from '../../src/ledger/entity.ts';
import { findGaps, type JournalRow, journal } from '../../src/ledger/journal.ts';
import type { Reader } from '../../src/ledger/query.ts';
import { extension } from '../../src/people/entities.ts';
import { fetchJob, recording } from '../../src/recordings/entities.ts';
import type { CountableCall } from '../../src/statistics/entities.ts';
import { findMiscounts } from '../../src/statistics/recount.ts';
import type { Clerk } from './clerk.ts';
import type { Desktop } from './desktop.ts';
import type { EventReader } from './eventReader.ts';
import { type Pbx, type Pushed, SERIAL } from './pbx.ts';
import type { TelephonyApp, Told } from './telephonyApp.ts';

export type Wrong = (checker: string, what: string) => void;

const ALL = 100_000;
const rowsOf = <R extends object>(reader: Reader, from: Entity<R>): Promise<R[]> =>
  reader.select<R>({ from, limit: ALL });

/** Everything the ledger holds, read once. */
export async function readEverything(reader: Reader) {
  return {
    journal: await rowsOf(reader, journal),
    sources: await rowsOf(reader, source),
    reports: await rowsOf(reader, report),
    calls: await rowsOf(reader, call),
    aliases: await rowsOf(reader, alias),
    settlings: await rowsOf(reader, settling),
    registrations: await rowsOf(reader, registration),
    messages: await rowsOf(reader, message),
    jobs: await rowsOf(reader, fetchJob),
    recordings: await rowsOf(reader, recording),
    notices: await rowsOf(reader, notice),
    records: await rowsOf(reader, record),
    extensions: await rowsOf(reader, extension),
    statisticRows: await rowsOf(reader, statisticRow),
  };
}
export type Everything = Awaited<ReturnType<typeof readEverything>>;

const groupOf = ({ callId }: Pushed): string => `${SERIAL}|${callId}`;
/** A leg's `uid` is in its fact. */
const isLeg = (row: Report, { callId, leg }: Pushed): boolean =>
  row.fact.form === 'leg' && row.fact.uid === `${callId}-${leg}`;

/** Every acknowledged leg is in the ledger once, and nothing is there that was not sent. */
export function checkLegs(pbx: Pbx, { reports, sources, calls, aliases }: Everything, wrong: Wrong): void {
  const hq = sources.find(each => each.key === 'hq')!;
  const own = reports.filter(each => each.sourceId === hq.id);
  const strandsByGroup = new Map<string, Set<number>>();
  for (const pushed of pbx.pushed) {
    const rows = own.filter(each => each.group === groupOf(pushed) && isLeg(each, pushed));
    const name = `leg ${pushed.callId}/${pushed.leg}`;
    if (rows.length === 0) {
      if (pushed.acknowledged > 0) wrong('exactly once', `${name} was acknowledged and is not in the ledger`);
      continue;
    }
    if (rows.length > 1) wrong('exactly once', `${name} is in the ledger ${rows.length} times`);
    const deliveries = rows.reduce((sum, each) => sum + each.deliveries, 0);
    if (deliveries > pushed.sent || deliveries < pushed.acknowledged) {
      wrong(
        'conservation',
        `${name} was sent ${pushed.sent} times, acknowledged ${pushed.acknowledged}, counted ${deliveries}`,
      );
    }
    const strands = strandsByGroup.get(groupOf(pushed)) ?? new Set();
    for (const row of rows) strands.add(row.callId);
    strandsByGroup.set(groupOf(pushed), strands);
  }
  for (const [group, strands] of strandsByGroup) {
    if (strands.size > 1) wrong('exactly once', `call ${group} is ${strands.size} calls: ${[...strands]}`);
  }
  const known = pbx.pushed.length;
  if (own.length > known) wrong('conservation', `the PBX told ${known} legs, the ledger has ${own.length}`);
  const callIds = new Set(calls.map(each => each.id));
  const into = new Map(aliases.map(each => [each.id, each.into]));
  const used = new Set<number>();
  for (const each of reports) {
    if (each.callId === 0) continue;
    const callId = callIds.has(each.callId) ? each.callId : into.get(each.callId);
    if (callId === undefined || !callIds.has(callId)) {
      wrong('conservation', `report ${each.id} belongs to ${each.callId}, which is no call`);
      continue;
    }
    used.add(callId);
    const owner = calls.find(row => row.id === callId)!;
    if (!strandsOf(owner).includes(each.callId)) {
      wrong('conservation', `call ${callId} does not know its strand ${each.callId}`);
    }
  }
  for (const each of calls) if (!used.has(each.id)) wrong('conservation', `call ${each.id} has no report`);
}

/** Every registration is one, finished once and as it was told. */
export function checkRegistrations(app: TelephonyApp, all: Everything, wrong: Wrong): void {
  for (const told of app.told) {
    const rows = all.registrations.filter(each => each.externalCallId === told.externalId);
    if (rows.length > 1) wrong('exactly once', `${told.externalId} is registered ${rows.length} times`);
    const row = rows[0];
    if (row === undefined) {
      if (told.tokens.size > 0) wrong('exactly once', `${told.externalId} was answered and is not registered`);
      continue;
    }
    for (const token of told.tokens) {
      if (token !== row.token) wrong('answers', `${told.externalId} was answered ${token}, and is ${row.token}`);
    }
    checkFinish(told, row, all, wrong);
  }
}

function checkFinish(told: Told, row: Everything['registrations'][number], all: Everything, wrong: Wrong): void {
  const { externalId } = told;
  if (told.finished > 0 && row.finishedAt === null) wrong('exactly once', `${externalId} was finished and is open`);
  if (told.refused > 0 && row.finishedAt === null) wrong('answers', `${externalId} could not be finished, and is open`);
  if (told.finished > 0 && row.durationSeconds !== told.durationSeconds) {
    wrong(
      'answers',
      `${externalId} was finished with ${told.durationSeconds} s, the ledger says ${row.durationSeconds}`,
    );
  }
  const reports = all.reports.filter(each => each.group === row.token);
  const finishes = reports.filter(each => each.key === 'finish');
  if (finishes.length !== (row.finishedAt === null ? 0 : 1)) {
    wrong('exactly once', `${externalId} has ${finishes.length} finishes`);
  }
  if (finishes.some(each => each.deliveries > 1)) wrong('exactly once', `a finish of ${externalId} was taken twice`);
  if (reports.filter(each => each.key === 'register').length !== 1) {
    wrong('exactly once', `${externalId} has not one registration among its reports`);
  }
  const messages = all.messages.filter(each => each.strandId === row.id).length;
  if (messages !== (row.finishedAt === null ? 0 : 1)) wrong('exactly once', `${externalId} has ${messages} messages`);
  const jobs = all.jobs.filter(each => each.callId === row.id).length;
  if (jobs !== (row.finishedAt === null || told.recording === null ? 0 : 1)) {
    wrong('exactly once', `${externalId} has ${jobs} recordings to be fetched`);
  }
}

/** Whether something waits for its time; whether it should is another question. */
export async function isAnythingDue(reader: Reader): Promise<boolean> {
  const due = [{ column: 'dueAt' as const, null: false }];
  const waiting = [
    await reader.select({ from: settling, where: due, limit: 1 }),
    await reader.select({ from: fetchJob, where: due, limit: 1 }),
    await reader.select({ from: notice, limit: 1 }),
  ];
  return waiting.some(each => each.length > 0);
}

/** What is due is done: every ended call has settled, every recording was fetched or given up, nothing waits. */
export function checkDue({ calls, settlings, jobs, recordings, notices, journal }: Everything, wrong: Wrong): void {
  const settled = new Map(settlings.map(each => [each.callId, each]));
  for (const each of calls) {
    const row = settled.get(each.id);
    if (each.endedAt === null) continue;
    if (row === undefined) wrong('due', `call ${each.id} has ended, and nobody waits for it to settle`);
    else if (row.settledAt === null) wrong('due', `call ${each.id} has not settled`);
  }
  const count = (kind: string, id: number, name: string) =>
    journal.filter(entry => entry.kind === kind && entry.data?.[name] === id).length;
  for (const job of jobs) {
    const own = recordings.filter(each => each.callId === job.callId);
    const failed = count('recording.failed', job.id, 'fetchJobId');
    if (count('recording.asked', job.id, 'fetchJobId') !== 1)
      wrong('order', `recording ${job.id} was not asked for once`);
    const expected = job.url.includes('/none/') ? 'failed' : 'done';
    if (job.state === 'waiting') wrong('due', `recording ${job.id} waits still`);
    else if (job.state !== expected) wrong('due', `recording ${job.id} is ${job.state}, and should be ${expected}`);
    if (own.length !== (job.state === 'done' ? 1 : 0)) {
      wrong('exactly once', `recording ${job.id} is ${job.state}, and its call has ${own.length}`);
    }
    if (failed !== (job.state === 'failed' ? 1 : 0))
      wrong('exactly once', `recording ${job.id} failed ${failed} times`);
  }
  for (const row of recordings) {
    const told = count('recording.attached', row.id, 'recordingId');
    if (told !== 1) wrong('exactly once', `recording ${row.id} was attached ${told} times`);
  }
  if (notices.length > 0) wrong('due', `${notices.length} notices wait still`);
}

/** What the journal has told of a call so far. */
interface Life {
  begun: boolean;
  ended: boolean;
  settled: number;
}

/** Why an entry cannot follow on what was told; null when it can. */
function follow(life: Life, kind: string): string | null {
  const { begun, ended } = life;
  switch (kind) {
    case 'call.registered':
      life.begun = true;
      return begun ? 'begins twice' : null;
    case 'call.ended':
      life.begun = true;
      life.ended = true;
      return null;
    case 'call.settled':
      life.settled++;
      if (life.settled > 1) return 'settles twice';
      return ended ? null : 'settles before it has ended';
    case 'call.amended':
      return begun ? null : 'is amended before there is one';
    default:
      return null;
  }
}

/** What programs and people said at `/v1` is there: a call once, a correction as often as it was taken. */
export function checkSaid({ reported, corrected }: Clerk, { reports }: Everything, wrong: Wrong): void {
  for (const { externalId, ids } of reported) {
    const own = reports.filter(each => each.group === `id|${externalId}`);
    if (ids.size > 0 && own.length === 0) wrong('exactly once', `${externalId} was answered and is not in the ledger`);
    const strands = new Set(own.map(each => each.callId));
    if (strands.size > 1) wrong('exactly once', `${externalId} is ${strands.size} calls`);
    if (new Set(own.map(each => each.key)).size !== own.length) {
      wrong('exactly once', `the same report of ${externalId} is kept twice`);
    }
  }
  for (const { reason, sent, acknowledged } of corrected) {
    const kept = reports.filter(({ fact }) => fact.form === 'correction' && fact.reason === reason).length;
    if (kept > sent || kept < acknowledged) {
      wrong('exactly once', `${reason} was sent ${sent} times, taken ${acknowledged}, and is kept ${kept} times`);
    }
  }
}

/** A record is handed out once, to one agent, and completed once. */
export function checkRecords(desktops: readonly Desktop[], { records, journal }: Everything, wrong: Wrong): void {
  const holder = new Map<number, string>();
  for (const { agent, asked, completed } of desktops) {
    for (const { handle, operation } of asked) {
      if (handle === null || operation !== 'GetPreviewRecord') continue;
      const other = holder.get(handle);
      if (other !== undefined) wrong('exactly once', `record ${handle} was given to ${other} and to ${agent.login}`);
      holder.set(handle, agent.login);
      const row = records.find(each => each.handle === handle);
      if (row?.heldBy !== agent.id)
        wrong('answers', `record ${handle} was given to ${agent.login}, who does not hold it`);
    }
    for (const handle of completed) {
      const row = records.find(each => each.handle === handle);
      if (row?.completedAt == null) wrong('answers', `record ${handle} was told to be completed, and is not`);
    }
  }
  const told = (kind: string, id: number) =>
    journal.filter(each => each.kind === kind && each.data?.['record'] === id).length;
  for (const row of records) {
    const retrieved = told('record.retrieved', row.id);
    const completed = told('record.completed', row.id);
    if (retrieved !== (row.handle === null ? 0 : 1))
      wrong('exactly once', `record ${row.id} was retrieved ${retrieved} times`);
    if (completed !== (row.completedAt === null ? 0 : 1)) {
      wrong('exactly once', `record ${row.id} was completed ${completed} times`);
    }
  }
}

/** The journal tells of each call in an order that can be. */
export function checkOrder({ journal, calls, settlings }: Everything, wrong: Wrong): void {
  let before: JournalRow | null = null;
  const state = new Map<number, Life>();
  for (const entry of journal) {
    const after = before === null ? 1 : before.position + 1;
    if (entry.position !== after) wrong('order', `entry ${entry.position} is where ${after} should be`);
    if (before !== null && entry.at < before.at) wrong('order', `entry ${entry.position} is older than the one before`);
    before = entry;
    if (entry.callId === null || !entry.kind.startsWith('call.')) continue;
    const known = state.get(entry.callId) ?? { begun: false, ended: false, settled: 0 };
    state.set(entry.callId, known);
    const problem = follow(known, entry.kind);
    if (problem !== null) wrong('order', `entry ${entry.position}: call ${entry.callId} ${problem}`);
    // Who became part of another call has no life of its own, and begins anew should it be split off.
    if (entry.kind === 'call.joined') for (const id of entry.data!['calls'] as string[]) state.delete(Number(id));
  }
  for (const { id, endedAt } of calls) {
    const known = state.get(id);
    if (known === undefined || !known.begun) wrong('order', `call ${id} is not in the journal`);
    else if (endedAt !== null && !known.ended) wrong('order', `call ${id} has ended without a word`);
  }
  for (const { callId, settledAt } of settlings) {
    const told = state.get(callId)?.settled ?? 0;
    if (settledAt !== null && told !== 1) wrong('order', `call ${callId} has settled, told ${told} times`);
  }
}

/** Whoever reads the events has seen all of them, as they are stored. */
export function checkReader({ seen, process }: EventReader, { journal }: Everything, wrong: Wrong): void {
  if (seen.length !== journal.length) {
    wrong('cursor', `${process.name} has seen ${seen.length} of ${journal.length} entries`);
  }
  for (const { position, text } of seen) {
    const entry = journal[position - 1];
    if (entry === undefined) wrong('cursor', `${process.name} was told entry ${position}, which is not there`);
    else if (!text.includes(`event: ${entry.kind}\n`)) wrong('cursor', `entry ${position} was told as another one`);
  }
}

/** What nodes told their own house, life by life: without gaps, and as it is stored. */
export function checkTold(lives: readonly (readonly JournalRow[])[], { journal }: Everything, wrong: Wrong): void {
  for (const told of lives) {
    for (const [place, entry] of told.entries()) {
      const before = told[place - 1];
      if (before !== undefined && entry.position !== before.position + 1) {
        wrong('told', `a node told entry ${entry.position} after ${before.position}`);
      }
      const stored = journal[entry.position - 1];
      if (stored === undefined) wrong('told', `a node told entry ${entry.position}, which is not there`);
      else if (stored.kind !== entry.kind || stored.callId !== entry.callId) {
        wrong('told', `a node told entry ${entry.position} as ${entry.kind}, and it is ${stored.kind}`);
      }
    }
  }
}

export async function checkStatistics(reader: Reader, zone: string, wrong: Wrong): Promise<void> {
  const countable = call as unknown as Entity<CountableCall>;
  for (const each of await findMiscounts(reader, countable, zone, () => {})) wrong('recount', each);
  for (const each of await findGaps(reader)) wrong('order', each);
}
