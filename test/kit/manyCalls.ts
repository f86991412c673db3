/**
 * A ledger of a few thousand calls, told by a PBX through the commands of its door and listed for a portal, and beside them calls
 * that an application registered and never finished, and some that may be one. It is the block that larger ledgers repeat (multiplied.ts).
 */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { reread } from '../../src/app/dialects.ts';
import { entities } from '../../src/app/entities.ts';
import { keysIn } from '../../src/app/keys.ts';
import { readOrganisationFile } from '../../src/app/organisationFile.ts';
import { callsContext } from '../../src/app/reactors.ts';
import { runStartup } from '../../src/app/startup.ts';
import { suspect } from '../../src/calls/matching/links.ts';
import { acceptReport } from '../../src/calls/reports/accept.ts';
import { NOTHING_STATED } from '../../src/calls/reports/report.ts';
import { settleCalls } from '../../src/calls/settling/settle.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { SqliteEngine } from '../../src/ledger/sqlite/sqliteEngine.ts';
import { type Source, source } from '../../src/sources/entities.ts';
import { ORGANISATION, SOURCE_KEY } from './organisation.ts';
import { employed, portal } from './portal.ts';
import { createRandom } from './random.ts';
import { createCalls } from './yeastarEvents.ts';

const DAY_SECONDS = 86_400;
/** Before the end of the last day, in any zone, so that the days of two blocks do not overlap. */
const QUIET_SECONDS = 4 * 3_600;
const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, n) => from + n);
/** Holders of every extension that the calls are with. */
const STAFF = portal([...employed(101, range(1001, 120)), ...employed(301, range(4001, 24))]);
/** For the server that is to serve the ledger, too: it changes nothing. */
export const MANY_CALLS_ORGANISATION = { ...ORGANISATION, ...STAFF };

export interface BlockOptions {
  readonly calls: number;
  /** Whole days over which they are spread. */
  readonly days: number;
  /** UTC milliseconds, a midnight. */
  readonly startsAt: number;
  readonly seed: number;
}

/** One of so many calls is registered only. */
const UNFINISHED_EVERY = 400;
/** As many as make some batches. */
const AT_ONCE = 200;

/** Makes the database `directory/aftercall.db`, closed, with everything settled; the key file is beside it. */
export async function makeBlock(directory: string, { calls, days, startsAt, seed }: BlockOptions): Promise<string> {
  const file = join(directory, 'aftercall.db');
  let now = startsAt;
  const onFatal = (error: Error) => {
    throw error;
  };
  const engine = await SqliteEngine.open({ file, entities, onCrash: onFatal });
  const ledger = await Ledger.open({ engine, clock: () => now, onFatal });
  await layFoundations(ledger, directory);
  const [pbx] = ledger.directory.find(source, 'byKey', SOURCE_KEY);
  const app = ledger.directory.all(source).find(each => each.kind === 'bitrix24')!;
  const generated = createCalls(createRandom(seed), {
    startedAtSeconds: startsAt / 1000,
    callsPerSecond: calls / (days * DAY_SECONDS - QUIET_SECONDS),
    queueShare: 0.12,
    amendedShare: 0.1,
  });
  for (let told = 0; told < calls; told += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, calls - told) }, () => generated.next());
    now = some.at(-1)!.startedAtSeconds * 1000 + 60_000;
    const reports = some.flatMap(each => [...each.events, ...each.amendments].map(event => read(pbx!, event.body)));
    if (told % UNFINISHED_EVERY === 0) reports.push(registered(app, told, some[0]!.startedAtSeconds * 1000));
    const accepted = await Promise.all(reports.map(each => ledger.submit(acceptReport(each, callsContext))));
    const [one, other] = [accepted[0]!.sourceCallId, accepted.at(-1)!.sourceCallId];
    await ledger.submit({ name: 'suspect', bytes: 100, apply: state => suspect(state, one, other) });
  }
  now += 10 * 60_000;
  await ledger.submit(settleCalls());
  await ledger.close();
  return file;
}

async function layFoundations(ledger: Ledger, directory: string): Promise<void> {
  const path = join(directory, 'organisation.json');
  writeFileSync(path, JSON.stringify(MANY_CALLS_ORGANISATION));
  const parts = { environment: { dataDir: directory }, keys: keysIn(directory), log: pino({ level: 'silent' }) };
  const file = readOrganisationFile(path, {});
  await runStartup({ ...parts, ledger, random: randomBytes, membership: null, file, forgetKey: false }, () => {});
}

function read(from: Readonly<Source>, body: string) {
  const report = reread(from, Buffer.from(body), 'application/json');
  if (typeof report === 'string') throw new Error(report);
  return report;
}

function registered(app: Readonly<Source>, n: number, startedAt: number) {
  const fact = {
    ...NOTHING_STATED,
    externalId: `registered-${n}`,
    direction: 'outbound',
    from: null,
    to: '+442079460199',
    startedAt,
    userId: 101,
  } as const;
  return {
    sourceId: app.id,
    kind: 'bitrix24.register',
    name: `registered-${n}`,
    key: 'register',
    fact,
    contentType: 'application/json',
    raw: new TextEncoder().encode(JSON.stringify(fact)),
    warnings: [],
  };
}
