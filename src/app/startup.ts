/** What a server does before it serves: named steps in one order, each of them done by one server after the other. */
import { call } from '../calls/entities.ts';
import { commandToEnd, interruptedRuns } from '../calls/queries/interruptedRuns.ts';
import type { Environment } from '../config/environment.ts';
import { readSetting, setting } from '../config/setting.ts';
import { checkSharedKey } from '../config/sharedKey.ts';
import { digestOf, noteApplied } from '../dialects/organisationFile/appliedFile.ts';
import { changeLineForLog } from '../dialects/organisationFile/apply.ts';
import { importCallingLists } from '../dialects/organisationFile/callingLists.ts';
import type { Organisation } from '../dialects/organisationFile/organisation.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Membership, NodeView } from '../nodes/membership.ts';
import { firstAdministratorStands } from '../people/firstAdministrator.ts';
import { source } from '../sources/entities.ts';
import { callIdPages, moveDays } from '../statistics/recount.ts';
import { ensureFoundations, type Foundations } from './firstStart.ts';
import type { Keys } from './keys.ts';
import type { Log } from './log.ts';
import { applyOrganisation } from './organisationFile.ts';
import { keepPortalList } from './portalList.ts';
import { callsContext, counted } from './reactors.ts';
import { finishRebuild } from './rebuildStatistics.ts';
import { sealedIn } from './sourceKinds.ts';

const OTHER_FILES =
  'other servers have applied another organisation file: at each start one undoes what the others have set; give all of them the same file';
/** How often a long step says how far it is. */
const PROGRESS_CALLS = 100_000;

export interface StartupParts {
  /** Where the key file is, for servers of which there may be several. */
  readonly environment: Pick<Environment, 'dataDir'>;
  readonly ledger: Ledger;
  readonly keys: Keys;
  readonly log: Log;
  /** That many random bytes, unpredictable. */
  readonly random: (bytes: number) => Uint8Array;
  /** Null where there is one server only. */
  readonly membership: Membership | null;
  /** The organisation file; null: none is applied. */
  readonly file: Organisation | null;
  /** Go on with another key file than before. */
  readonly forgetKey: boolean;
}

export type Administrator = Foundations['administrator'];

interface Startup extends StartupParts {
  /** Made by this start; its password can be shown this once. */
  administrator: Administrator;
}

interface Step {
  readonly name: string;
  run(startup: Startup): Promise<void>;
}

const STEPS: readonly Step[] = [
  { name: 'key file', run: checkKeyFile },
  // Before any other step changes calls or the days they are in.
  { name: 'interrupted rebuild', run: ({ ledger, log }) => finishRebuild(ledger, log) },
  { name: 'interrupted refold', run: warnOfRuns },
  { name: 'foundations', run: layFoundations },
  { name: 'organisation file', run: applyFile },
  { name: 'calling lists', run: importLists },
  {
    name: 'days of the time zone',
    run: ({ ledger, log }) => keepDays(ledger, readSetting(ledger.directory, 'timeZone'), log),
  },
  { name: 'portal list', run: ({ ledger, log }) => keepPortalList(ledger, log) },
];

/**
 * Runs every step. `onAdministrator` is called once, also when a later step fails: the password is stored, and no person could
 * read it again. Rejects as the step that fails.
 */
export async function runStartup(
  parts: StartupParts,
  onAdministrator: (administrator: NonNullable<Administrator>) => void,
): Promise<void> {
  const startup: Startup = { ...parts, administrator: null };
  const { membership, ledger, log } = parts;
  const run = async () => {
    try {
      for (const step of STEPS) await step.run(startup);
    } finally {
      // An organisation file may have given the login to another user.
      const { administrator } = startup;
      if (administrator !== null && firstAdministratorStands(ledger.directory)) onAdministrator(administrator);
    }
  };
  if (membership === null) await run();
  else await membership.alone(run, () => log.info({}, 'start waiting for another server'));
}

async function checkKeyFile({ membership, ledger, environment, forgetKey }: Startup): Promise<void> {
  if (membership === null) return;
  const others = membership.others().map(nodeName);
  await checkSharedKey(ledger, environment.dataDir, { forget: forgetKey, others, sealedIn });
}

/** Only a person can say whether it is to be ended or taken back, and with which configuration. */
async function warnOfRuns({ ledger, log }: Startup): Promise<void> {
  for (const run of await interruptedRuns(ledger.reader)) {
    const key = ledger.directory.get(source, run.sourceId)?.key ?? String(run.sourceId);
    const hint = `with all servers stopped, run "${commandToEnd(run, key)}"`;
    log.warn({ run: run.id, state: run.state, hint }, 'refold of calls interrupted');
  }
}

async function layFoundations(startup: Startup): Promise<void> {
  const { administrator } = await ensureFoundations(startup.ledger, startup);
  startup.administrator = administrator;
}

async function applyFile({ file, ledger, keys, log, random, membership }: Startup): Promise<void> {
  if (file === null) return;
  const changes = await applyOrganisation(ledger, file, { clock: ledger.now, keyFile: keys.file, random });
  for (const change of changes) log.info({ change: changeLineForLog(change) }, 'organisation changed');
  if (membership === null) return;
  const others = membership.others();
  const differ = await noteApplied(ledger, digestOf(file, keys.file), {
    node: membership.number,
    others: others.map(each => each.number),
  });
  const servers = others.filter(each => differ.includes(each.number)).map(nodeName);
  if (servers.length > 0) log.warn({ servers, hint: OTHER_FILES }, 'organisation files differ');
}

async function importLists({ file, ledger, log }: Startup): Promise<void> {
  if (file === null) return;
  await importCallingLists(ledger, file, {
    clock: ledger.now,
    onList: done => log.info(done, 'calling list imported'),
    onProgress: progress => log.info(progress, 'calling list import running'),
  });
}

const nodeName = ({ number, url }: NodeView): string =>
  url === null ? `server ${number}` : `server ${number} at ${url}`;

/**
 * Day rollups are kept in the organisation's zone; in another one, every call is counted anew before serving. The zone is set first:
 * what other servers count from then on is counted by it, so that one round over what there was is enough. A round that was cut short
 * is made again at the next start.
 */
export async function keepDays(ledger: Ledger, timeZone: string, log: Log): Promise<void> {
  const { directory } = ledger;
  if (readSetting(directory, 'rollupZone') === timeZone && !readSetting(directory, 'movingDays')) return;
  await ledger.submit({
    name: 'set rollup zone',
    bytes: 200,
    apply: state => {
      state.put(setting, { key: 'rollupZone', value: timeZone });
      state.put(setting, { key: 'movingDays', value: true });
    },
  });
  let moved = 0;
  for await (const ids of callIdPages(ledger.reader, call)) {
    await ledger.submit(moveDays(counted, ids, callsContext.dayOf));
    moved += ids.length;
    if (moved % PROGRESS_CALLS < ids.length) log.info({ counted: moved }, 'calls recounted for new time zone');
  }
  await ledger.submit({
    name: 'days have moved',
    bytes: 100,
    apply: state => {
      // A server that slept too long: another one has set another zone since, and is not done yet.
      if (readSetting(state, 'rollupZone') === timeZone) state.put(setting, { key: 'movingDays', value: false });
    },
  });
}
