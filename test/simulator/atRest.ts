/** What must hold when everything has come to rest, whatever happened before. */

import { events, expandedEvents } from '../../src/app/events.ts';
import { counted } from '../../src/app/reactors.ts';
import { call, settlingLine } from '../../src/calls/entities.ts';
import { findSettlingFaults, settlingFaultOf } from '../../src/calls/queries/settlingFaults.ts';
import { agentOutbox } from '../../src/campaigns/entities.ts';
import { readHappened } from '../../src/ledger/event.ts';
import { findGaps, type JournalRow } from '../../src/ledger/journal.ts';
import type { Reader } from '../../src/ledger/query.ts';
import { fetchJob } from '../../src/recordings/entities.ts';
import { findMiscounts } from '../../src/statistics/recount.ts';
import type { EventReader } from './eventReader.ts';
import type { Everything, Wrong } from './everything.ts';
import type { Servers } from './servers.ts';
import { lineOf, toldEntries } from './settlement.ts';

/** Whether something waits for its time; whether it should is another question. */
export async function isAnythingDue(reader: Reader): Promise<boolean> {
  const due = [{ column: 'dueAt' as const, null: false }];
  const [line] = await reader.select({ from: settlingLine, limit: 1 });
  const waiting = [
    await reader.select({ from: call, where: [{ column: 'settlesAt', is: '>', value: line?.at ?? 0 }], limit: 1 }),
    await reader.select({ from: fetchJob, where: due, limit: 1 }),
    await reader.select({ from: agentOutbox, limit: 1 }),
  ];
  return waiting.some(each => each.length > 0);
}

/** What is due is done: every ended call has settled, every recording was fetched or given up, nothing waits. */
export function checkDue({ calls, lines, jobs, recordings, outboxEntries, journal }: Everything, wrong: Wrong): void {
  const upTo = lineOf({ lines });
  for (const { id, endedAt, settlesAt, splitAt } of calls) {
    if (endedAt === null || splitAt !== null) continue;
    if (settlesAt === null) wrong('due', `call ${id} has ended, and nobody waits for it to settle`);
    else if (settlesAt > upTo) wrong('due', `call ${id} has not settled`);
  }
  const count = (kind: string, id: number, name: string) =>
    journal.filter(entry => entry.kind === kind && entry.data?.[name] === id).length;
  for (const job of jobs) {
    const own = recordings.filter(each => each.sourceCallId === job.sourceCallId);
    const failed = count('recording.failed', job.id, 'fetchJobId');
    if (count('recording.requested', job.id, 'fetchJobId') !== 1)
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
  if (outboxEntries.length > 0) wrong('due', `${outboxEntries.length} outbox entries still wait`);
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

const declared = new Map([...events, ...expandedEvents].map(each => [each.kind, each]));

/** How an entry differs from what its kind is declared to be; null when it does not. */
function problemOf({ kind, callId, data }: JournalRow): string | null {
  const event = declared.get(kind);
  if (event === undefined) return `${kind} is not declared`;
  try {
    readHappened(event, { ...data, callId });
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** The journal tells of each call in an order that can be. */
export function checkOrder(all: Everything, wrong: Wrong): void {
  const { journal, calls } = all;
  let before: JournalRow | null = null;
  for (const entry of journal) {
    const after = before === null ? 1 : before.position + 1;
    if (entry.position !== after) wrong('order', `entry ${entry.position} is where ${after} should be`);
    if (before !== null && entry.at < before.at) wrong('order', `entry ${entry.position} is older than the one before`);
    before = entry;
    const undeclared = problemOf(entry);
    if (undeclared !== null) wrong('order', `entry ${entry.position}: ${undeclared}`);
  }
  const state = new Map<number, Life>();
  for (const { id, kind, callId, entry } of toldEntries(all)) {
    if (callId === null || !kind.startsWith('call.')) continue;
    const known = state.get(callId) ?? { begun: false, ended: false, settled: 0 };
    state.set(callId, known);
    const problem = follow(known, kind);
    if (problem !== null) wrong('order', `entry ${id}: call ${callId} ${problem}`);
    // Who became part of another call has no life of its own, and begins anew should it be split off.
    if (kind === 'call.joined') for (const joined of entry.data!['callIds'] as number[]) state.delete(joined);
  }
  for (const { id, endedAt } of calls) {
    const known = state.get(id);
    if (known === undefined || !known.begun) wrong('order', `call ${id} is not in the journal`);
    else if (endedAt !== null && !known.ended) wrong('order', `call ${id} has ended without a word`);
  }
}

/** Whoever reads the events has seen all of them, as they are stored. */
export function checkReader({ seen, process }: EventReader, all: Everything, wrong: Wrong): void {
  const told = toldEntries(all);
  if (seen.length !== told.length) {
    wrong('cursor', `${process.name} has seen ${seen.length} of ${told.length} events`);
  }
  for (const [place, { id, text }] of seen.entries()) {
    const expected = told[place];
    if (expected?.id !== id) {
      wrong('cursor', `${process.name} got event ${id} where ${expected?.id ?? 'none'} comes next`);
      return;
    }
    if (!text.includes(`event: ${expected.kind}\n`)) wrong('cursor', `event ${id} was told as another one`);
  }
}

/** What each node published, life by life: without gaps, and as it is stored. */
export function checkPublished(lives: readonly (readonly JournalRow[])[], { journal }: Everything, wrong: Wrong): void {
  for (const told of lives) {
    for (const [place, entry] of told.entries()) {
      const before = told[place - 1];
      if (before !== undefined && entry.position !== before.position + 1) {
        wrong('published', `a node published entry ${entry.position} after ${before.position}`);
      }
      const stored = journal[entry.position - 1];
      if (stored === undefined) wrong('published', `a node published entry ${entry.position}, which is not there`);
      else if (stored.kind !== entry.kind || stored.callId !== entry.callId) {
        wrong('published', `a node published entry ${entry.position} as ${entry.kind}, and it is ${stored.kind}`);
      }
    }
  }
}

/** A node looks every second for what others have stored, should it not be notified; the rest is on its way. */
const PUBLISHED_WITHIN_MS = 1_600;

/** Once nothing goes wrong any more, every node publishes soon what any has stored. `enteredAt`: when, by position. */
export function checkTimely(
  { publications }: Servers,
  enteredAt: ReadonlyMap<number, number>,
  calmFromMs: number,
  wrong: Wrong,
): void {
  for (const { position, at } of publications) {
    const storedAt = enteredAt.get(position);
    if (storedAt === undefined || storedAt < calmFromMs || at - storedAt <= PUBLISHED_WITHIN_MS) continue;
    wrong('published late', `a node published entry ${position} ${Math.round(at - storedAt)} ms after it was stored`);
  }
}

export async function checkStatistics(reader: Reader, zone: string, wrong: Wrong): Promise<void> {
  for await (const each of findMiscounts(reader, counted, zone, () => {})) wrong('recount', each);
  for (const each of await findGaps(reader)) wrong('order', each);
}

/** What `verify` finds in the rows is nothing, either. */
export async function checkSettling(reader: Reader, { calls, lines }: Everything, wrong: Wrong): Promise<void> {
  const upTo = lineOf({ lines });
  for (const each of calls) {
    const fault = settlingFaultOf(each, upTo);
    if (fault !== null) wrong('line', fault);
  }
  for await (const each of findSettlingFaults(reader, upTo)) wrong('line', each);
}
