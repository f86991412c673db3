import { call } from '../calls/entities.ts';
import { readSetting, setting } from '../config/setting.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { webhook } from '../people/entities.ts';
import { callIdPages } from '../statistics/recount.ts';
import type { Log } from './log.ts';
import { listCalls } from './reactors.ts';

/** How often it is logged how many calls are listed. */
const PROGRESS_CALLS = 100_000;

/** The first webhook opens the portal's list of calls: what ended before is put into it. */
export async function keepPortalList(ledger: Ledger, log: Log): Promise<void> {
  if (ledger.directory.all(webhook).length === 0 || readSetting(ledger.directory, 'portalList')) return;
  let listed = 0;
  for await (const ids of callIdPages(ledger.reader, call)) {
    await ledger.submit(listCalls(ids));
    listed += ids.length;
    if (listed % PROGRESS_CALLS < ids.length) log.info({ listed }, 'calls added to portal list');
  }
  await ledger.submit({
    name: 'open portal list',
    bytes: 100,
    apply: state => state.put(setting, { key: 'portalList', value: true }),
  });
}
