import { pagesByKey } from '../ledger/pagesByKey.ts';
import type { Reader } from '../ledger/query.ts';
import type { Command, State } from '../ledger/state.ts';
import { readJson, UnknownShape } from '../ledger/storedJson.ts';
import { UnreadableValue } from '../ledger/unreadable.ts';
import { agentOutbox, type OutboxEntry, type OutboxMessage } from './entities.ts';

/** After this, an unconfirmed message is of no use to an agent (ARCHITECTURE.md, section 5). */
export const OUTBOX_KEPT_MS = 60_000;
/** Of one user; the oldest make room. A desktop that works confirms within a second. */
export const KEPT_PER_USER = 200;
/** Entries removed in one command: one batch stays a few milliseconds long. */
const AT_ONCE = 500;
/** Entries read at a time where all are looked at. */
const PAGE = 1_000;

/** Stores messages to a user until they are confirmed; returns the id of the entry. */
export function putOutboxEntry(state: State, userId: number, messages: readonly OutboxMessage[]): number {
  const id = state.next('agentOutbox');
  state.insert(agentOutbox, { id, userId, at: state.now, messages: JSON.stringify(messages) });
  return id;
}

/** Throws `UnreadableValue`. */
export function messagesIn({ id, messages }: Pick<OutboxEntry, 'id' | 'messages'>): readonly OutboxMessage[] {
  try {
    const read = readJson(messages, null);
    if (Array.isArray(read) && read.every(isMessage)) return read;
    throw new UnknownShape('it is no list of messages');
  } catch (cause) {
    throw new UnreadableValue(agentOutbox, [id], ['messages'], { cause });
  }
}

function isMessage(read: unknown): read is OutboxMessage {
  const { channel, data } = (read ?? {}) as Partial<OutboxMessage>;
  return typeof channel === 'string' && typeof data === 'object' && data !== null;
}

/** A sentence for each entry that cannot be read. The store does not look into it: it is a text to it. */
export async function* findUnreadableEntries(reader: Reader): AsyncGenerator<string> {
  for await (const page of pagesByKey(reader, agentOutbox, PAGE)) {
    for (const entry of page) {
      try {
        messagesIn(entry);
      } catch (error) {
        yield (error as Error).message;
      }
    }
  }
}

/** Forgets what was confirmed, has expired or makes room. */
export function confirmOutboxEntries(ids: readonly number[]): Command<void> {
  return {
    name: 'confirm outbox entries',
    bytes: ids.length * 50,
    wants: wants => {
      for (const id of ids) wants.get(agentOutbox, id);
    },
    apply: state => {
      for (const id of ids) state.delete(agentOutbox, id);
    },
  };
}

/** Unconfirmed entries of a user from the last minute, the newest of them, oldest first. `now` is UTC milliseconds. */
export async function unconfirmedOutboxEntries(reader: Reader, userId: number, now: number): Promise<OutboxEntry[]> {
  const newestFirst = await reader.select({
    from: agentOutbox,
    where: [
      { column: 'userId', is: '=', value: userId },
      { column: 'at', is: '>', value: now - OUTBOX_KEPT_MS },
    ],
    orderBy: [{ column: 'id', descending: true }],
    limit: KEPT_PER_USER,
  });
  return newestFirst.reverse();
}

/**
 * Ids of entries that have expired or are beyond the newest of their user, for `confirmOutboxEntries`; call it again until there are
 * none.
 */
export async function removableOutboxEntries(reader: Reader, now: number): Promise<number[]> {
  // The ledger's time never goes back, so ids ascend with it, and no index has to be kept for entries that hardly ever expire.
  const oldest = await reader.select({
    from: agentOutbox,
    columns: ['id', 'at'],
    orderBy: [{ column: 'id' }],
    limit: AT_ONCE,
  });
  const expired = oldest.filter(each => each.at <= now - OUTBOX_KEPT_MS);
  if (expired.length > 0) return expired.map(each => each.id);
  return oldest.length > KEPT_PER_USER ? await crowdedOutEntries(reader) : [];
}

/** Those beyond the newest of their user when this is asked: what is confirmed later makes no room for them. */
async function crowdedOutEntries(reader: Reader): Promise<number[]> {
  const users = await reader.aggregate({
    from: agentOutbox,
    along: { index: 'byUser' },
    groupBy: ['userId'],
    sum: [],
  });
  const ids: number[] = [];
  for (const { userId, count } of users) {
    if (ids.length === AT_ONCE) break;
    if ((count as number) <= KEPT_PER_USER) continue;
    const older = await reader.select({
      from: agentOutbox,
      columns: ['id'],
      where: [{ column: 'userId', is: '=', value: userId as number }],
      orderBy: [{ column: 'id', descending: true }],
      offset: KEPT_PER_USER,
      limit: AT_ONCE - ids.length,
    });
    ids.push(...older.map(each => each.id));
  }
  return ids;
}
