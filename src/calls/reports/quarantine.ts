/** What arrived and was not understood, kept until somebody has looked at it (ARCHITECTURE.md, section 7). */
import { hash } from 'node:crypto';
import { type Command, Refusal, type State } from '../../ledger/state.ts';
import { type Quarantined, type QuarantineReason, quarantine, quarantineTally } from '../entities.ts';
import { reportQuarantined, reportReplayed } from '../events.ts';
import type { CallsContext } from '../fold/refold.ts';
import { type Accepted, accept, wantReport } from './accept.ts';
import type { IncomingReport } from './report.ts';

/**
 * Unreadable reports kept per source. What was acknowledged is never dropped, so a full quarantine refuses more, and
 * the sender keeps them: somebody must look.
 */
export const UNREADABLE_LIMIT = 1_000;
export const UNREADABLE_BYTES = 64 * 1024 * 1024;
/** Events that are not about a call's end, kept per source for a look at what a PBX sends; the oldest make room. */
export const OTHER_EVENTS_LIMIT = 100;

export class QuarantineFull extends Refusal {
  override readonly name = 'QuarantineFull';
}
export class NoSuchQuarantined extends Refusal {
  override readonly name = 'NoSuchQuarantined';
}

export interface Unread {
  readonly sourceId: number;
  readonly reason: QuarantineReason;
  /** One sentence: what could not be understood. */
  readonly problem: string;
  readonly contentType: string | null;
  readonly raw: Uint8Array;
}

/** The id under which it is kept. */
export function quarantineReport(unread: Unread): Command<number> {
  const { sourceId, reason, raw } = unread;
  const digest = hash('sha256', raw, 'base64url');
  return {
    name: 'quarantine',
    bytes: raw.byteLength + 500,
    wants: wants => {
      wants.find(quarantine, 'byDigest', sourceId, digest);
      wants.get(quarantineTally, sourceId, reason);
    },
    apply: state => {
      const same = state.find(quarantine, 'byDigest', sourceId, digest).find(each => each.state === 'waiting');
      if (same !== undefined) return same.id;
      makeRoom(state, unread);
      const id = state.next('quarantine');
      state.insert(quarantine, { ...unread, id, digest, receivedAt: state.now, state: 'waiting', callId: null });
      tally(state, unread, 1, reason === 'other_event' ? id : null);
      if (reason === 'unreadable') state.journal(reportQuarantined, { quarantineId: id });
      return id;
    },
  };
}

type Tallied = Pick<Quarantined, 'sourceId' | 'reason' | 'raw'>;

function tally(state: State, { sourceId, reason, raw }: Tallied, step: 1 | -1, id: number | null): void {
  const before = state.get(quarantineTally, sourceId, reason);
  const ids = before?.ids ?? [];
  state.put(quarantineTally, {
    sourceId,
    reason,
    waiting: (before?.waiting ?? 0) + step,
    waitingBytes: (before?.waitingBytes ?? 0) + step * raw.byteLength,
    ids: id === null ? ids : step === 1 ? [...ids, id] : ids.filter(each => each !== id),
  });
}

function makeRoom(state: State, { sourceId, reason, raw }: Unread): void {
  const kept = state.get(quarantineTally, sourceId, reason);
  if (kept === undefined) return;
  if (reason === 'unreadable') {
    if (kept.waiting < UNREADABLE_LIMIT && kept.waitingBytes + raw.byteLength <= UNREADABLE_BYTES) return;
    throw new QuarantineFull(`${kept.waiting} unreadable reports of this source are waiting in quarantine already`);
  }
  const oldest = kept.waiting < OTHER_EVENTS_LIMIT ? undefined : state.get(quarantine, kept.ids[0]!);
  if (oldest === undefined) return;
  state.delete(quarantine, oldest.id);
  tally(state, oldest, -1, oldest.id);
}

/** Takes a quarantined report that a door understands now. */
export function acceptQuarantined(id: number, incoming: IncomingReport, context: CallsContext): Command<Accepted> {
  return {
    name: 'replay quarantined',
    bytes: incoming.raw.byteLength + 2_000,
    wants: wants => {
      wants.get(quarantine, id);
      wantReport(wants, incoming, context);
    },
    apply: state => {
      const kept = state.get(quarantine, id);
      if (kept === undefined) throw new NoSuchQuarantined(`there is nothing in quarantine under ${id}`);
      const accepted = accept(state, incoming, context);
      if (kept.state === 'replayed') return accepted;
      tally(state, kept, -1, kept.id);
      state.put(quarantine, { ...kept, state: 'replayed', callId: accepted.callId, raw: new Uint8Array(0) });
      state.journal(reportReplayed, { callId: accepted.callId, quarantineId: id });
      return accepted;
    },
  };
}
