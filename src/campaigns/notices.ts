import type { Reader } from '../ledger/query.ts';
import type { Command, State } from '../ledger/state.ts';
import { type Notice, type NoticeMessage, notice } from './entities.ts';

/** What a desktop has not confirmed by then, nobody waits for any more (design section 4). */
export const NOTICE_KEPT_MS = 60_000;
/** Of one user; the oldest make room. A desktop that works confirms within a second. */
const KEPT_PER_USER = 200;
/** Notices swept in one command: one batch stays a few milliseconds long. */
const AT_ONCE = 500;

/** Keeps what a user is told until it is confirmed; the notice's id. */
export function putNotice(state: State, userId: number, messages: readonly NoticeMessage[]): number {
  const kept = state.find(notice, 'byUser', userId);
  for (const oldest of kept.slice(0, Math.max(0, kept.length + 1 - KEPT_PER_USER))) state.delete(notice, oldest.id);
  const id = state.next('notice');
  state.insert(notice, { id, userId, at: state.now, messages });
  return id;
}

/** Forgets what was confirmed, or has expired. */
export function confirmNotices(ids: readonly number[]): Command<void> {
  return {
    name: 'confirm notices',
    bytes: ids.length * 50,
    wants: wants => {
      for (const id of ids) wants.get(notice, id);
    },
    apply: state => {
      for (const id of ids) state.delete(notice, id);
    },
  };
}

/** What a user was told within the last minute and has not confirmed, oldest first. `now` is UTC milliseconds. */
export function unconfirmedNotices(reader: Reader, userId: number, now: number): Promise<Notice[]> {
  return reader.select({
    from: notice,
    where: [
      { column: 'userId', is: '=', value: userId },
      { column: 'at', is: '>', value: now - NOTICE_KEPT_MS },
    ],
    orderBy: [{ column: 'id' }],
    limit: KEPT_PER_USER,
  });
}

/** Ids of notices nobody waits for any more, for `confirmNotices`; ask again while as many come as fit into one command. */
export async function expiredNotices(reader: Reader, now: number): Promise<number[]> {
  const expired = await reader.select({
    from: notice,
    columns: ['id'],
    where: [{ column: 'at', is: '<=', value: now - NOTICE_KEPT_MS }],
    orderBy: [{ column: 'at' }],
    limit: AT_ONCE,
  });
  return expired.map(each => each.id);
}
