/**
 * The write path (ARCHITECTURE.md, section 8): the end of a call told over HTTP and made durable, as an event 30012, as a
 * `finish` and as a CompleteRecord with its acknowledgement, beside a bare echo, the memory engine, one commit per request,
 * and on PostgreSQL with one node and with two. They alternate; every figure is the median of the rounds, every ratio the
 * median of the ratios within a round. Each server is fresh in every round, so none has more calls behind it than another.
 *
 *     npm run bench -- [--paths 30012,finish,complete] [--seconds 5] [--warm-up 8] [--rounds 5] [--connections 64]
 *                      [--only echo,sqlite,configured,postgres,nodes] [--json]
 */
import { LoadProcess } from '../test/kit/loadProcess.ts';
import { countOf, namesAmong, readArguments } from './arguments.ts';
import { describeMachine } from './machine.ts';
import { type Measured, PATHS, type Path, type Settings } from './paths.ts';
import { count, milliseconds, pathTable, type Rounds, verdictLines } from './pathTable.ts';
import { VARIANTS, type Variant } from './variants.ts';

/** A PBX with four lines to a menu: most calls are one leg, every eighth comes through IVR and queue in three to six. */
const QUEUE_SHARE = 0.12;
/** Busy, and still in the past: the calls of one round spread over some quarter hours. */
const CALLS_PER_SECOND = 40;
const CALLS_BEGIN_SECONDS_AGO = 12 * 3_600;

const progress = (line: string): void => void process.stderr.write(`${line}\n`);

async function measurePath(
  path: Path,
  variants: readonly Variant[],
  settings: Settings,
  load: LoadProcess,
): Promise<Rounds> {
  const measured = new Map<Variant['name'], Measured[]>(variants.map(({ name }) => [name, []]));
  const fastest = new Map<Variant['name'], number>();
  for (let round = 1; round <= settings.rounds; round++) {
    for (const variant of variants) {
      const organisation = path.organisation(settings, variant.name);
      if (organisation === null) continue;
      const target = await variant.start(organisation);
      try {
        const rate = fastest.get(variant.name);
        const warn = (line: string): void => progress(`  ${line}`);
        const each = await path.measure({ target, variant, settings, load, rate, warn });
        measured.get(variant.name)!.push(each);
        const { requestsPerSecond, latency, clientCpuUsPerRequest } = each.main;
        fastest.set(variant.name, Math.max(rate ?? 0, requestsPerSecond));
        progress(
          `${path.name}, round ${round}/${settings.rounds} ${variant.title}: ${count(requestsPerSecond)}/s, ` +
            `p99 ${milliseconds(latency.p99Us)} ms, client ${clientCpuUsPerRequest.toFixed(1)} µs each`,
        );
      } finally {
        await target.stop();
      }
    }
  }
  return measured;
}

const HELP = `The ends of calls over HTTP, the variants in turn; all of it takes some half an hour.

  --paths <names>       ${PATHS.map(each => each.name).join(',')}
  --only <names>        ${VARIANTS.map(each => each.name).join(',')}
  --rounds <n>          each variant's turns (5)
  --seconds <n>         counted of each turn (5)
  --warm-up <n>         seconds of the same load before (8)
  --connections <n>     one request in flight on each (64)
  --json                figures as JSON
  --help`;

const values = readArguments(HELP, {
  paths: { type: 'string' },
  seconds: { type: 'string', default: '5' },
  'warm-up': { type: 'string', default: '8' },
  rounds: { type: 'string', default: '5' },
  connections: { type: 'string', default: '64' },
  only: { type: 'string' },
  json: { type: 'boolean', default: false },
});
const named = namesAmong(
  HELP,
  values.paths,
  PATHS.map(({ name }) => name),
);
const only = namesAmong(
  HELP,
  values.only,
  VARIANTS.map(({ name }) => name),
);
const paths = PATHS.filter(({ name }) => named.includes(name));
const variants = VARIANTS.filter(({ name }) => only.includes(name));
const settings: Settings = {
  seconds: countOf(HELP, 'seconds', values.seconds),
  warmUp: countOf(HELP, 'warm-up', values['warm-up']),
  rounds: countOf(HELP, 'rounds', values.rounds),
  connections: countOf(HELP, 'connections', values.connections),
};
const machine = describeMachine();
const measured = new Map<Path, Rounds>();
{
  await using load = new LoadProcess();
  await load.calls(1, {
    startedAtSeconds: Math.floor(Date.now() / 1000) - CALLS_BEGIN_SECONDS_AGO,
    callsPerSecond: CALLS_PER_SECOND,
    queueShare: QUEUE_SHARE,
  });
  for (const path of paths) measured.set(path, await measurePath(path, variants, settings, load));
}
const conditions =
  `${settings.connections} connections, one request in flight on each; ${settings.rounds} rounds of ${settings.seconds} s ` +
  `after ${settings.warmUp} s of the same load, the variants in turn; load from a process of its own`;
const tables = [...measured].map(([path, rounds]) => {
  const lines = verdictLines(path, rounds);
  return `${pathTable(path, variants, rounds)}\n${lines.length === 0 ? '' : `\n${lines.join('\n')}\n`}`;
});
const figures = Object.fromEntries([...measured].map(([{ name }, rounds]) => [name, Object.fromEntries(rounds)]));
process.stdout.write(
  values.json
    ? `${JSON.stringify({ machine, conditions, figures }, null, 2)}\n`
    : `${tables.join('\n')}\n- ${machine}\n- ${conditions}\n`,
);
