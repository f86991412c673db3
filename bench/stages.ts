/**
 * Where the time of the write path goes: its stages one by one, in this process, on the same reports as the write path's
 * bench. Microseconds per report; what runs beside the event loop is marked.
 *
 *     npm run bench:stages -- [--reports 20000] [--batch 64] [--rounds 5]
 */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { entities } from '../src/app/entities.ts';
import { callsContext } from '../src/app/reactors.ts';
import { sources } from '../src/app/sourceKinds.ts';
import { foldCall } from '../src/calls/fold/fold.ts';
import type { KeyedFact } from '../src/calls/fold/foldContext.ts';
import { numberPlanOf } from '../src/calls/fold/numberPlan.ts';
import { acceptReport } from '../src/calls/reports/accept.ts';
import type { IncomingReport } from '../src/calls/reports/report.ts';
import { readCallDetails } from '../src/dialects/yeastar/callDetails.ts';
import { readEnvelope } from '../src/dialects/yeastar/envelope.ts';
import { settingsOf } from '../src/dialects/yeastar/settings.ts';
import { signatureMatches } from '../src/dialects/yeastar/signature.ts';
import type { ChangeSet, Engine } from '../src/ledger/engine.ts';
import { Ledger } from '../src/ledger/ledger.ts';
import { MemoryEngine } from '../src/ledger/memory/memoryEngine.ts';
import { packFlush } from '../src/ledger/sqlite/flush.ts';
import { SqliteEngine } from '../src/ledger/sqlite/sqliteEngine.ts';
import { NO_NUMBERS, type Source, source } from '../src/sources/entities.ts';
import { LoadProcess } from '../test/kit/loadProcess.ts';
import { ORGANISATION, PBX_TIME_ZONE, SECRET, SERIAL, SOURCE_KEY } from '../test/kit/organisation.ts';
import { processUse } from '../test/kit/processUse.ts';
import { createRandom } from '../test/kit/random.ts';
import { createScratch } from '../test/kit/scratch.ts';
import { createCalls, type YeastarEvent } from '../test/kit/yeastarEvents.ts';
import { countOf, readArguments } from './arguments.ts';
import { describeMachine } from './machine.ts';
import { markdownTable } from './markdownTable.ts';
import { median } from './median.ts';
import { VARIANTS } from './variants.ts';

interface Stage {
  readonly title: string;
  readonly where: 'event loop' | 'writer thread' | 'disk';
  /** Microseconds per report. */
  readonly us: number;
}

/** The same mixture as in the write path's bench. */
const QUEUE_SHARE = 0.12;
const CALLS_PER_SECOND = 40;
const CALLS_BEGIN_SECONDS_AGO = 12 * 3_600;
const ECHO_SECONDS = 2;
const ECHO_CONNECTIONS = 64;
/** Where Linux keeps files in memory: the same SQLite without a disk to wait for. */
const MEMORY_DISK = '/dev/shm';

const FROM: Source = {
  id: 1,
  key: SOURCE_KEY,
  kind: 'yeastar',
  timeZone: PBX_TIME_ZONE,
  country: ORGANISATION.country,
  areaCode: null,
  outsidePrefix: null,
  numbers: { ...NO_NUMBERS, ...ORGANISATION.sources[0].numbers },
  shortSeconds: 5,
  active: true,
  managedBy: 'file',
  settings: { serial: SERIAL, unsigned: true },
  answerWithinSeconds: 20,
  queueThresholds: {},
};

function generate(reports: number): YeastarEvent[] {
  const calls = createCalls(createRandom(1), {
    startedAtSeconds: Math.floor(Date.now() / 1000) - CALLS_BEGIN_SECONDS_AGO,
    callsPerSecond: CALLS_PER_SECOND,
    queueShare: QUEUE_SHARE,
  });
  const events: YeastarEvent[] = [];
  while (events.length < reports) events.push(...calls.next().events);
  return events;
}

function read(raw: Buffer): IncomingReport {
  const envelope = readEnvelope(raw.toString('utf8'));
  if ('fault' in envelope) throw new Error(envelope.detail);
  const details = readCallDetails(envelope, settingsOf(FROM), raw, null);
  if ('problem' in details) throw new Error(details.problem);
  return details.report;
}

/** The facts of each call as they have become after each of its reports: what is folded when reports come one by one. */
function foldsOf(reports: readonly IncomingReport[]): KeyedFact[][] {
  const calls = new Map<string, KeyedFact[]>();
  return reports.map(({ sourceId, name, key, fact }, place) => {
    const facts = [...(calls.get(name) ?? []), { reportId: place + 1, sourceCallId: 1, sourceId, key, fact }];
    calls.set(name, facts);
    return facts;
  });
}

/** Microseconds of one of `times`, the median of the rounds; the first round only warms up. */
function timed(rounds: number, times: number, run: () => void): number {
  const costs: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const began = performance.now();
    run();
    if (round > 0) costs.push(((performance.now() - began) * 1000) / times);
  }
  return median(costs);
}

interface LedgerCosts {
  readonly applyUs: number;
  readonly commitUs: number;
  readonly changes: readonly ChangeSet[];
}

/** All reports through a ledger of their own, a batch at a time; microseconds per report. */
async function throughLedger(
  engine: Engine,
  reports: readonly IncomingReport[],
  batch: number,
  keepChanges: boolean,
): Promise<LedgerCosts> {
  const changes: ChangeSet[] = [];
  const commit = engine.commit.bind(engine);
  if (keepChanges) {
    engine.commit = each => {
      changes.push(each);
      return commit(each);
    };
  }
  let applyMs = 0;
  let commitMs = 0;
  let counted = false;
  const ledger = await Ledger.open({
    engine,
    clock: Date.now,
    onFatal: error => {
      throw error;
    },
    meter: {
      batch: (_, apply, durable) => {
        if (!counted) return;
        applyMs += apply;
        commitMs += durable;
      },
      fault: kind => {
        throw new Error(kind);
      },
    },
  });
  await ledger.submit({ name: 'add source', bytes: 1000, apply: state => state.put(source, FROM) });
  changes.length = 0;
  // The first quarter warms up.
  const warmUp = reports.length >> 2;
  for (let at = 0; at < reports.length; at += batch) {
    counted = at >= warmUp;
    await Promise.all(reports.slice(at, at + batch).map(each => ledger.submit(acceptReport(each, callsContext))));
  }
  await ledger.close();
  const measured = reports.length - Math.ceil(warmUp / batch) * batch;
  return { applyUs: (applyMs * 1000) / measured, commitUs: (commitMs * 1000) / measured, changes };
}

async function sqliteCosts(reports: readonly IncomingReport[], batch: number, directory: string): Promise<LedgerCosts> {
  using scratch = createScratch('stages', directory);
  const engine = await SqliteEngine.open({ file: join(scratch.path, 'aftercall.db'), entities });
  return await throughLedger(engine, reports, batch, false);
}

/** Server CPU of a bare Fastify per request, microseconds: reading and writing HTTP, parsing and writing JSON. */
async function echoUs(): Promise<number | null> {
  const target = await VARIANTS.find(({ name }) => name === 'echo')!.start();
  try {
    await using load = new LoadProcess();
    await load.calls(1, {
      startedAtSeconds: Math.floor(Date.now() / 1000) - CALLS_BEGIN_SECONDS_AGO,
      callsPerSecond: CALLS_PER_SECOND,
      queueShare: QUEUE_SHARE,
    });
    await load.prepare(ECHO_SECONDS * 120_000);
    let before = processUse(target.pids[0]!);
    const result = await load.run(
      {
        servers: target.servers,
        connections: ECHO_CONNECTIONS,
        warmUpSeconds: ECHO_SECONDS / 2,
        seconds: ECHO_SECONDS,
      },
      () => {
        before = processUse(target.pids[0]!);
      },
    );
    const after = processUse(target.pids[0]!);
    if (before === null || after === null) return null;
    return ((after.cpuSeconds - before.cpuSeconds) * 1e6) / result.requests;
  } finally {
    await target.stop();
  }
}

async function measure(count: number, batch: number, rounds: number): Promise<Stage[]> {
  const events = generate(count);
  const bodies = events.map(event => Buffer.from(event.body));
  const reports = bodies.map(read);
  const folds = foldsOf(reports);
  const placeOf = new Map<string, number>();
  const plan = numberPlanOf(FROM, sources);
  const stages: Stage[] = [];
  const add = (title: string, where: Stage['where'], us: number): void => void stages.push({ title, where, us });

  const http = await echoUs();
  if (http !== null) add('HTTP and JSON, by a bare Fastify (CPU)', 'event loop', http);
  add(
    'signature over the raw bytes',
    'event loop',
    timed(rounds, count, () => {
      for (let n = 0; n < count; n++) {
        if (!signatureMatches(SECRET, bodies[n]!, events[n]!.signature))
          throw new Error('the signature does not match');
      }
    }),
  );
  add(
    'parse: bytes to report',
    'event loop',
    timed(rounds, count, () => {
      for (const body of bodies) read(body);
    }),
  );
  const foldUs = timed(rounds, count, () => {
    for (const facts of folds) foldCall(facts, { planOf: () => plan, holderOf: () => null });
  });
  add('fold: reports to call', 'event loop', foldUs);

  const memory: LedgerCosts[] = [];
  const onMemoryDisk: LedgerCosts[] = [];
  const onDisk: LedgerCosts[] = [];
  const withoutDisk = existsSync(MEMORY_DISK);
  for (let round = 0; round < rounds; round++) {
    const engine = new MemoryEngine({ entities });
    for (const [place, { name }] of engine.entities.entries()) placeOf.set(name, place);
    memory.push(await throughLedger(engine, reports, batch, round === 0));
    onDisk.push(await sqliteCosts(reports, batch, tmpdir()));
    if (withoutDisk) onMemoryDisk.push(await sqliteCosts(reports, batch, MEMORY_DISK));
  }
  const middle = (costs: readonly LedgerCosts[], name: 'applyUs' | 'commitUs'): number =>
    median(costs.map(each => each[name]));
  const { changes } = memory[0]!;
  const packUs = timed(rounds, count, () => {
    for (const each of changes) packFlush(each, placeOf);
  });
  const handUs = timed(rounds, count, () => {
    for (const each of changes) {
      const flush = packFlush(each, placeOf);
      structuredClone(flush, { transfer: [flush.buffer] });
    }
  });
  add('apply in the ledger, without the fold', 'event loop', middle(memory, 'applyUs') - foldUs);
  add('reads of what is stored (SQLite)', 'event loop', middle(onDisk, 'applyUs') - middle(memory, 'applyUs'));
  add('pack a batch', 'event loop', packUs);
  add('hand it over (half of it there, half here)', 'event loop', handUs - packUs);
  const diskUs = withoutDisk ? middle(onDisk, 'commitUs') - middle(onMemoryDisk, 'commitUs') : null;
  add('SQL', 'writer thread', middle(onDisk, 'commitUs') - (diskUs ?? 0) - handUs);
  if (diskUs !== null) add('write and fsync', 'disk', diskUs);
  add('(memory engine: commit)', 'event loop', middle(memory, 'commitUs'));
  return stages;
}

const HELP = `Where the time of one event 30012 goes, stage by stage, in this process.

  --reports <n>   20000
  --batch <n>     commands of a batch (64)
  --rounds <n>    5
  --help`;

const values = readArguments(HELP, {
  reports: { type: 'string', default: '20000' },
  batch: { type: 'string', default: '64' },
  rounds: { type: 'string', default: '5' },
});
const machine = describeMachine();
const stages = await measure(
  countOf(HELP, 'reports', values.reports),
  countOf(HELP, 'batch', values.batch),
  countOf(HELP, 'rounds', values.rounds),
);
process.stdout.write(
  `${markdownTable(
    ['stage', 'where', 'µs per report'],
    stages.map(({ title, where, us }) => [title, where, us.toFixed(2)]),
  )}\n\n- batches of ${values.batch}, ${values.reports} reports, ${values.rounds} rounds, medians\n- ${machine}\n`,
);
