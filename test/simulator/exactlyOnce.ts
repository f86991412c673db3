/** What somebody was told is there, and whatever was said several times had one effect. */
import type { Report } from '../../src/calls/entities.ts';
import { toldBy } from '../../src/calls/reports/sourceCalls.ts';
import type { Clerk } from './clerk.ts';
import type { Desktop } from './desktop.ts';
import type { Everything, Wrong } from './everything.ts';
import { type Pbx, type Pushed, SERIAL } from './pbx.ts';
import type { AppCall, TelephonyApp } from './telephonyApp.ts';

const nameOf = ({ callId }: Pushed): string => `${SERIAL}|${callId}`;

/** Reports by the name their source has for the call. */
function byName({ reports, sourceCalls }: Everything): ReadonlyMap<string, readonly Report[]> {
  const names = new Map(sourceCalls.map(each => [each.id, each.name]));
  return Map.groupBy(reports, each => names.get(each.sourceCallId)!);
}
/** A leg's `uid` is in its fact. */
const isLeg = (row: Report, { callId, leg }: Pushed): boolean =>
  row.fact.form === 'leg' && row.fact.uid === `${callId}-${leg}`;

/** Every acknowledged leg is in the ledger once, and nothing is there that was not sent. */
export function checkLegs(pbx: Pbx, all: Everything, wrong: Wrong): void {
  const { reports, sources } = all;
  const reportsBy = byName(all);
  const hq = sources.find(each => each.key === 'hq')!;
  const own = reports.filter(each => each.sourceId === hq.id);
  const sourceCallsByName = new Map<string, Set<number>>();
  for (const pushed of pbx.pushed) {
    const rows = (reportsBy.get(nameOf(pushed)) ?? []).filter(each => isLeg(each, pushed));
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
    const sourceCalls = sourceCallsByName.get(nameOf(pushed)) ?? new Set();
    for (const row of rows) sourceCalls.add(row.sourceCallId);
    sourceCallsByName.set(nameOf(pushed), sourceCalls);
  }
  for (const [name, sourceCalls] of sourceCallsByName) {
    if (sourceCalls.size > 1) wrong('exactly once', `call ${name} is ${sourceCalls.size} calls: ${[...sourceCalls]}`);
  }
  const known = pbx.pushed.length;
  if (own.length > known) wrong('conservation', `the PBX told ${known} legs, the ledger has ${own.length}`);
}

/** What could not be understood is kept once, and counted. */
export function checkQuarantine({ garbled }: Pbx, { quarantined, tallies }: Everything, wrong: Wrong): void {
  for (const { msg, acknowledged } of garbled) {
    const kept = quarantined.filter(({ raw }) => Buffer.from(raw).toString().includes(JSON.stringify(msg))).length;
    if (kept > 1 || (acknowledged > 0 && kept === 0)) {
      wrong('exactly once', `${msg} was acknowledged ${acknowledged} times, and is kept ${kept} times`);
    }
  }
  const waiting = tallies.reduce((sum, each) => sum + each.waiting, 0);
  if (waiting !== quarantined.length)
    wrong('recount', `${waiting} wait in quarantine, ${quarantined.length} are there`);
}

/** Every report belongs to a call, and every call to its reports. */
export function checkBelonging({ reports, calls, sourceCalls }: Everything, wrong: Wrong): void {
  const byId = new Map(calls.map(each => [each.id, each]));
  const reported = new Set(reports.map(each => each.sourceCallId));
  const used = new Set<number>();
  for (const { id, name, kind, callId } of sourceCalls) {
    if (!reported.has(id)) wrong('conservation', `source call ${id}, ${name}, has no report`);
    reported.delete(id);
    if (callId === null && kind === 'record') continue;
    const owner = byId.get(callId ?? 0);
    if (owner === undefined) {
      wrong('conservation', `source call ${id} is part of ${callId}, which is no call`);
      continue;
    }
    if (kind !== 'record') used.add(owner.id);
    if (!toldBy(owner).includes(id)) wrong('conservation', `call ${owner.id} does not know its source call ${id}`);
  }
  for (const id of reported) wrong('conservation', `there is no source call ${id}, which has reports`);
  for (const each of calls) if (!used.has(each.id)) wrong('conservation', `call ${each.id} has no report`);
}

/** Every registration is one, finished once and as it was told. */
export function checkRegistrations(app: TelephonyApp, all: Everything, wrong: Wrong): void {
  for (const appCall of app.calls) {
    const rows = all.registrations.filter(each => each.externalCallId === appCall.externalId);
    if (rows.length > 1) wrong('exactly once', `${appCall.externalId} is registered ${rows.length} times`);
    const row = rows[0];
    if (row === undefined) {
      if (appCall.tokens.size > 0) wrong('exactly once', `${appCall.externalId} was answered and is not registered`);
      continue;
    }
    for (const token of appCall.tokens) {
      if (token !== row.token) wrong('answers', `${appCall.externalId} was answered ${token}, and is ${row.token}`);
    }
    checkFinish(appCall, row, all, wrong);
  }
}

function checkFinish(appCall: AppCall, row: Everything['registrations'][number], all: Everything, wrong: Wrong): void {
  const { externalId } = appCall;
  if (appCall.finished > 0 && !row.isFinished) wrong('exactly once', `${externalId} was finished and is open`);
  if (appCall.refused > 0 && !row.isFinished) wrong('answers', `${externalId} could not be finished, and is open`);
  if (appCall.finished > 0 && row.durationSeconds !== appCall.durationSeconds) {
    wrong(
      'answers',
      `${externalId} was finished with ${appCall.durationSeconds} s, the ledger says ${row.durationSeconds}`,
    );
  }
  const reports = byName(all).get(row.token) ?? [];
  const finishes = reports.filter(each => each.key === 'finish');
  if (finishes.length !== (row.isFinished ? 1 : 0)) {
    wrong('exactly once', `${externalId} has ${finishes.length} finishes`);
  }
  if (finishes.some(each => each.deliveries > 1)) wrong('exactly once', `a finish of ${externalId} was taken twice`);
  if (reports.filter(each => each.key === 'register').length !== 1) {
    wrong('exactly once', `${externalId} has not one registration among its reports`);
  }
  const messages = all.messages.filter(each => each.sourceCallId === row.id).length;
  if (messages !== (row.isFinished ? 1 : 0)) wrong('exactly once', `${externalId} has ${messages} messages`);
  const jobs = all.jobs.filter(each => each.sourceCallId === row.id).length;
  if (jobs !== (row.isFinished && appCall.recording !== null ? 1 : 0)) {
    wrong('exactly once', `${externalId} has ${jobs} recordings to be fetched`);
  }
}

/** What programs and people said at `/v1` is there: a call once, a correction as often as it was taken. */
export function checkStated({ reported, corrected }: Clerk, all: Everything, wrong: Wrong): void {
  const { reports } = all;
  const reportsBy = byName(all);
  for (const { externalId, ids } of reported) {
    const own = (reportsBy.get(`id|${externalId}`) ?? []).filter(each => each.sourceId !== 0);
    if (ids.size > 0 && own.length === 0) wrong('exactly once', `${externalId} was answered and is not in the ledger`);
    const sourceCalls = new Set(own.map(each => each.sourceCallId));
    if (sourceCalls.size > 1) wrong('exactly once', `${externalId} is ${sourceCalls.size} calls`);
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
  for (const { agent, requested, completed } of desktops) {
    for (const { handle, operation } of requested) {
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
  const hasEntry = (kind: string, id: number) =>
    journal.filter(each => each.kind === kind && each.data?.['recordId'] === id).length;
  for (const row of records) {
    const retrieved = hasEntry('record.retrieved', row.id);
    const completed = hasEntry('record.completed', row.id);
    if (retrieved !== (row.handle === null ? 0 : 1))
      wrong('exactly once', `record ${row.id} was retrieved ${retrieved} times`);
    if (completed !== (row.completedAt === null ? 0 : 1)) {
      wrong('exactly once', `record ${row.id} was completed ${completed} times`);
    }
  }
}
