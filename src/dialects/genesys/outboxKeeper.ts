import { confirmOutboxEntries, removableOutboxEntries } from '../../campaigns/agentOutbox.ts';
import { ALONE, type Fence } from '../../ledger/lease.ts';
import { startRounds, type WorkerParts } from '../../ledger/rounds.ts';
import { MACHINE_TIMERS } from '../../ledger/timers.ts';

/** Confirmations of many desktops become one command; until then a restart would deliver to a desktop twice. */
const CONFIRM_AFTER_MS = 50;
/** Ids of one command: one batch stays a few milliseconds long. */
const AT_ONCE = 500;
/** How much longer than a minute an entry may stay, and how long one that is beyond the newest of its user. */
const TIDY_EVERY_MS = 5_000;

export interface OutboxKeeper {
  /** Removes confirmed entries from the ledger, soon. */
  confirm(ids: readonly number[]): void;
  /** Removes what was confirmed, and ends. */
  stop(): Promise<void>;
}

/** `lease` is to remove what has expired or makes room; what is confirmed here is removed here. */
export interface KeeperOptions extends WorkerParts {
  /** Now and then: what is kept elsewhere has expired as well. */
  readonly onExpire: () => void;
}

/**
 * The worker that removes entries from the ledger when they are confirmed, make room or are a minute old. Which make room is counted in
 * the ledger: a node hears only of its own sessions' confirmations. Should a removal not be stored, the entry expires, or is delivered
 * once more after a restart, which is what it is kept for.
 */
export function startOutboxKeeper(options: KeeperOptions): OutboxKeeper {
  const { ledger, clock, onExpire, onError, lease = ALONE, timers = MACHINE_TIMERS } = options;
  let confirmed: number[] = [];
  /** Cancels what is about to remove them; null when nothing is. */
  let confirming: (() => void) | null = null;
  const removeConfirmed = () => {
    confirming = null;
    const ids = confirmed;
    confirmed = [];
    const stored: Promise<void>[] = [];
    for (let i = 0; i < ids.length; i += AT_ONCE) {
      stored.push(ledger.submit(confirmOutboxEntries(ids.slice(i, i + AT_ONCE))).catch(onError));
    }
    return Promise.all(stored);
  };
  const tidy = async (isStopped: () => boolean, fence: Fence) => {
    while (!isStopped()) {
      const ids = await removableOutboxEntries(ledger.workReader, clock());
      if (ids.length === 0) return;
      await ledger.submit(fence(confirmOutboxEntries(ids)));
    }
  };
  const tidying = startRounds({ everyMs: TIDY_EVERY_MS, lease, timers, onError }, tidy);
  const forgetting = startRounds({ everyMs: TIDY_EVERY_MS, lease: ALONE, timers, onError }, async () => onExpire());
  return {
    confirm(ids) {
      confirmed.push(...ids);
      confirming ??= timers.after(CONFIRM_AFTER_MS, removeConfirmed);
    },
    async stop() {
      confirming?.();
      await Promise.all([tidying.stop(), forgetting.stop(), removeConfirmed()]);
    },
  };
}
