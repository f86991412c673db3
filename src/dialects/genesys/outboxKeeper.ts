import { confirmOutboxEntries, expiredOutboxEntries } from '../../campaigns/agentOutbox.ts';
import { ALONE, type Fence } from '../../ledger/lease.ts';
import { startRounds, type WorkerParts } from '../../ledger/rounds.ts';
import { MACHINE_TIMERS } from '../../ledger/timers.ts';

/** Confirmations of many desktops become one command; until then a restart would deliver to a desktop twice. */
const REMOVE_AFTER_MS = 50;
/** Ids of one command: one batch stays a few milliseconds long. */
const AT_ONCE = 500;
/** How much longer than a minute a row may stay. */
const EXPIRE_EVERY_MS = 5_000;

export interface OutboxKeeper {
  /** Takes entries out of the ledger, soon: they are confirmed, or made room. */
  remove(ids: readonly number[]): void;
  /** Takes them out now, and ends. */
  stop(): Promise<void>;
}

/** `lease` is to remove what has expired; what is confirmed here is taken out here. */
export interface KeeperOptions extends WorkerParts {
  /** Now and then: what is kept elsewhere has expired as well. */
  readonly onExpire: () => void;
}

/**
 * The worker that removes entries from the ledger when they are confirmed, make room or are a minute old. Should that not be stored, the
 * entry expires, or is delivered once more after a restart, which is what it is kept for.
 */
export function startOutboxKeeper(options: KeeperOptions): OutboxKeeper {
  const { ledger, clock, onExpire, onError, lease = ALONE, timers = MACHINE_TIMERS } = options;
  let unneeded: number[] = [];
  /** Cancels what is about to take them out; null when nothing is. */
  let removing: (() => void) | null = null;
  const removeUnneeded = () => {
    removing = null;
    const ids = unneeded;
    unneeded = [];
    const stored: Promise<void>[] = [];
    for (let i = 0; i < ids.length; i += AT_ONCE) {
      stored.push(ledger.submit(confirmOutboxEntries(ids.slice(i, i + AT_ONCE))).catch(onError));
    }
    return Promise.all(stored);
  };
  const removeExpired = async (isStopped: () => boolean, fence: Fence) => {
    while (!isStopped()) {
      const ids = await expiredOutboxEntries(ledger.workReader, clock());
      if (ids.length === 0) return;
      await ledger.submit(fence(confirmOutboxEntries(ids)));
    }
  };
  const expiring = startRounds({ everyMs: EXPIRE_EVERY_MS, lease, timers, onError }, removeExpired);
  const forgetting = startRounds({ everyMs: EXPIRE_EVERY_MS, lease: ALONE, timers, onError }, async () => onExpire());
  return {
    remove(ids) {
      unneeded.push(...ids);
      removing ??= timers.after(REMOVE_AFTER_MS, removeUnneeded);
    },
    async stop() {
      removing?.();
      await Promise.all([expiring.stop(), forgetting.stop(), removeUnneeded()]);
    },
  };
}
