import { notice } from '../../campaigns/entities.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { NoticeBoard, Told } from './noticeBoard.ts';
import type { Notice } from './render.ts';

/** Read at once, when other servers have told very many. */
const PAGE = 1_000;
const AGAIN_MS = 1_000;

/** Puts on the board what other servers have told: the desktops of their users may have their sessions here. */
export function hearNotices(
  ledger: Ledger,
  board: NoticeBoard,
  { stopping, onError }: { readonly stopping: AbortSignal; readonly onError: (error: unknown) => void },
): void {
  let heard: number | null = null;
  let newest = 0;
  let isReading = false;
  const read = async () => {
    while (heard! < newest && !stopping.aborted) {
      // What this server has told itself is on the board by now.
      if (newest - heard! <= PAGE && isKnown(heard! + 1, newest)) {
        heard = newest;
        return;
      }
      const until = newest;
      const rows = await ledger.reader.select({
        from: notice,
        where: [
          { column: 'id', is: '>', value: heard! },
          { column: 'id', is: '<=', value: until },
        ],
        orderBy: [{ column: 'id' }],
        limit: PAGE,
      });
      for (const row of rows) board.tell(asTold(row), 0);
      heard = rows.length < PAGE ? until : rows.at(-1)!.id;
    }
  };
  const isKnown = (from: number, to: number) => {
    for (let id = from; id <= to; id++) if (!board.knows(id)) return false;
    return true;
  };
  const look = () => {
    if (isReading || stopping.aborted) return;
    isReading = true;
    read()
      .catch(error => {
        onError(error);
        setTimeout(look, AGAIN_MS).unref();
      })
      .finally(() => {
        isReading = false;
        if (heard! < newest) setImmediate(look);
      });
  };
  ledger.onNumbers('notice', (to, from) => {
    heard ??= from;
    newest = to;
    // After those who wait for their own commands, who tell what is theirs.
    setImmediate(look);
  });
}

export const asTold = ({ messages, ...row }: Omit<Told, 'messages'> & { readonly messages: unknown }): Told => ({
  ...row,
  messages: messages as readonly Notice[],
});
