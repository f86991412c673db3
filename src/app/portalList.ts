import { call } from '../calls/entities.ts';
import { readSetting, setting } from '../config/setting.ts';
import { ALONE, type Fence } from '../ledger/lease.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { startRounds, type Worker, type WorkerParts } from '../ledger/rounds.ts';
import { webhook } from '../people/entities.ts';
import { callIdPages } from '../statistics/recount.ts';
import type { Log } from './log.ts';
import { listCalls } from './reactors.ts';

/** How late the calls of before a first webhook begin to be listed. */
const EVERY_MS = 1_000;
/** How often it is logged how many calls are listed. */
const PROGRESS_CALLS = 100_000;

type Listed = Pick<Ledger, 'directory' | 'workReader' | 'submit'>;

/**
 * The first webhook opens the portal's list of calls: what ended before is put into it. Done again from the beginning when it was
 * cut short; a call that is listed stays as it is.
 */
export async function keepPortalList(
  ledger: Listed,
  log: Pick<Log, 'info'>,
  isStopped: () => boolean = () => false,
  fence: Fence = command => command,
): Promise<void> {
  const { directory } = ledger;
  if (readSetting(directory, 'portalList') || directory.all(webhook).length === 0) return;
  let listed = 0;
  for await (const ids of callIdPages(ledger.workReader, call)) {
    if (isStopped()) return;
    await ledger.submit(fence(listCalls(ids)));
    listed += ids.length;
    if (listed % PROGRESS_CALLS < ids.length) log.info({ listed }, 'calls added to portal list');
  }
  await ledger.submit(
    fence({
      name: 'open portal list',
      bytes: 100,
      apply: state => state.put(setting, { key: 'portalList', value: true }),
    }),
  );
}

/** Writes the lines that follow from the calls anew, where the list is kept: what an application stated is not known from them. */
export async function listAgain(ledger: Pick<Ledger, 'directory' | 'reader' | 'submit'>): Promise<void> {
  if (!readSetting(ledger.directory, 'portalList')) return;
  for await (const ids of callIdPages(ledger.reader, call)) await ledger.submit(listCalls(ids));
}

export interface PortalListParts extends WorkerParts {
  readonly ledger: Listed;
  readonly log: Pick<Log, 'info'>;
}

/** The worker that lists calls once there is a first webhook; before and after it looks at resident rows and no more. */
export function startPortalList({ ledger, log, lease = ALONE, ...rounds }: PortalListParts): Worker {
  return startRounds({ everyMs: EVERY_MS, lease, ...rounds }, (isStopped, fence) =>
    keepPortalList(ledger, log, isStopped, fence),
  );
}
