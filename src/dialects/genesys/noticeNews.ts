import { notice } from '../../campaigns/entities.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { NoticeBoard, Told } from './noticeBoard.ts';
import type { Notice } from './render.ts';

/** Read at once, when other servers have told very many. */
const PAGE = 1_000;
const AGAIN_MS = 1_000;

export interface NoticeNewsOptions {
  readonly ledger: Pick<Ledger, 'workReader' | 'onNumbers'>;
  readonly board: NoticeBoard;
  /** What could not be read is read a second later. */
  readonly onError: (error: unknown) => void;
  readonly stopping: AbortSignal;
}

/**
 * Puts on the board what any server tells, in the order of the ledger: a desktop may have asked one server after the other, and has
 * its session with either. What this server tells itself is at hand when its turn has come; what others tell is read.
 *
 * It follows the numbers of notices, not the journal: an acknowledgement waits for older notices only, and not until every entry that
 * other nodes have made is read; and no notice costs an entry. Where there is one node, all of them are at hand.
 */
export class NoticeNews {
  readonly #options: NoticeNewsOptions;
  /** Told here, and waiting for what others told before. By id, with the milliseconds since its request. */
  readonly #own = new Map<number, { readonly told: Told; readonly elapsedMs: number }>();
  /** Everything up to this one is on the board; null before anything is told. */
  #heard: number | null = null;
  #newest = 0;
  #isReading = false;

  constructor(options: NoticeNewsOptions) {
    this.#options = options;
    options.ledger.onNumbers('notice', (newest, before) => {
      this.#heard ??= before;
      this.#newest = newest;
      // After those who wait for their own commands: they tell what is theirs.
      setImmediate(() => this.#advance());
    });
  }

  tell(told: Told, elapsedMs: number): void {
    if (told.id > this.#heard!) this.#own.set(told.id, { told, elapsedMs });
    this.#tellOwn();
  }

  /** What is at hand and has its turn. */
  #tellOwn(): void {
    const { board } = this.#options;
    for (let next = this.#own.get(this.#heard! + 1); next !== undefined; next = this.#own.get(this.#heard! + 1)) {
      this.#own.delete(next.told.id);
      this.#heard = next.told.id;
      board.tell(next.told, next.elapsedMs);
    }
  }

  #advance(): void {
    this.#tellOwn();
    if (this.#isReading || this.#heard! >= this.#newest || this.#options.stopping.aborted) return;
    this.#isReading = true;
    this.#readOthers().then(
      () => this.#read(),
      error => {
        // Rather out of turn than late.
        for (const { told, elapsedMs } of this.#own.values()) this.#options.board.tell(told, elapsedMs);
        this.#options.onError(error);
        setTimeout(() => this.#read(), AGAIN_MS).unref();
      },
    );
  }

  #read(): void {
    this.#isReading = false;
    this.#advance();
  }

  /** Up to the next one that is at hand. */
  async #readOthers(): Promise<void> {
    const { ledger, board } = this.#options;
    const from = this.#heard! + 1;
    let to = Math.min(this.#newest, this.#heard! + PAGE);
    for (const id of this.#own.keys()) if (id >= from && id <= to) to = id - 1;
    const rows = await ledger.workReader.select({
      from: notice,
      where: [
        { column: 'id', is: '>=', value: from },
        { column: 'id', is: '<=', value: to },
      ],
      orderBy: [{ column: 'id' }],
      limit: PAGE,
    });
    for (const row of rows) board.tell(asTold(row), 0);
    this.#heard = to;
  }
}

export const asTold = ({ messages, ...row }: Omit<Told, 'messages'> & { readonly messages: unknown }): Told => ({
  ...row,
  messages: messages as readonly Notice[],
});
