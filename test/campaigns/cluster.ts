/**
 * Breaks a cluster of nodes on one PostgreSQL on purpose, under load from a PBX, a telephony application and agents'
 * desktops: nothing that was acknowledged is lost, nothing is there twice, and it goes on by itself.
 *
 *     node test/campaigns/cluster.ts --fault kill-node --rounds 20 --seed 7 --nodes 2
 */
import { parseArgs } from 'node:util';
import { clusterCampaign } from './cluster/clusterCampaign.ts';
import { clusterTable } from './cluster/clusterTable.ts';
import type { Fault } from './cluster/fault.ts';
import { cutCommit } from './cluster/faults/cutCommit.ts';
import { failover } from './cluster/faults/failover.ts';
import { killNode } from './cluster/faults/killNode.ts';
import { killPostgres } from './cluster/faults/killPostgres.ts';
import { lostNotify } from './cluster/faults/lostNotify.ts';
import { stopNode } from './cluster/faults/stopNode.ts';
import { describeFindings, findingsCount } from './findings.ts';

/** Longer must nobody halt because another node has stopped. */
const HALT_MS = 6_000;
/** Nodes look once a second whether others have written, and then have to read what it was. */
const LATE_MS = 2_000;

const FAULTS: Readonly<Record<string, (seconds: number) => Fault>> = {
  'kill-node': killNode,
  'kill-postgres': killPostgres,
  'stop-node': seconds => stopNode({ stopSeconds: seconds, haltMs: HALT_MS }),
  'cut-commit': () => cutCommit({ cutsPerRound: 9, silentEvery: 4 }),
  'lost-notify': () => lostNotify({ seconds: 10, probes: 4, lateMs: LATE_MS }),
  failover,
};

const HELP = `Breaks a cluster of nodes on one PostgreSQL under load, and counts.

  --fault <name>       ${Object.keys(FAULTS).join(', ')}
  --rounds <n>         how often (20)
  --seed <n>           of the load and of the instants (random)
  --nodes <n>          servers on the database (2)
  --connections <n>    of the PBX to each node (4)
  --app-workers <n>    of the telephony application at each node (3)
  --desktops <n>       agents with desktops (4)
  --records <n>        a desktop works on at most in a round (40)
  --pause-ms <n>       mean pause between an answer and the next request (120)
  --desk-pause-ms <n>  the same of a desktop (200)
  --break-from <s>, --break-to <s>
                       load before something is broken (0.3 to 3)
  --go-on <s>          load after it is mended (1)
  --stop <s>           how long a node is stopped (30)
  --desks home|any     where a desktop whose node is dead goes on: at the same node when it is back, or at another one (any)
  --spread             what a desktop asks for goes to another node than the one that holds its session
  --verify-every <n>   rounds between two runs of "aftercall verify" (10)
  --help

Ends with 0 when nothing was lost, doubled, invented, miscounted or missed.`;

const { values } = parseArgs({
  options: {
    fault: { type: 'string' },
    rounds: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    nodes: { type: 'string', default: '2' },
    connections: { type: 'string', default: '4' },
    'app-workers': { type: 'string', default: '3' },
    desktops: { type: 'string', default: '4' },
    records: { type: 'string', default: '40' },
    'pause-ms': { type: 'string', default: '120' },
    'desk-pause-ms': { type: 'string', default: '200' },
    'break-from': { type: 'string', default: '0.3' },
    'break-to': { type: 'string', default: '3' },
    'go-on': { type: 'string', default: '1' },
    stop: { type: 'string', default: '30' },
    desks: { type: 'string', default: 'any' },
    spread: { type: 'boolean', default: false },
    'verify-every': { type: 'string', default: '10' },
    help: { type: 'boolean', default: false },
  },
});
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const fault = FAULTS[values.fault ?? '']?.(Number(values.stop));
if (values.help || fault === undefined) {
  print(HELP);
  process.exit(values.help ? 0 : 2);
}
print(`${fault.title}, seed ${values.seed}`);
print('acknowledged: events + registrations + finishes + completions');
const summary = await clusterCampaign({
  fault,
  rounds: Number(values.rounds),
  seed: Number(values.seed),
  nodes: Number(values.nodes),
  connections: Number(values.connections),
  appWorkers: Number(values['app-workers']),
  desktops: Number(values.desktops),
  recordsPerDesktopAndRound: Number(values.records),
  pauseMs: Number(values['pause-ms']),
  deskPauseMs: Number(values['desk-pause-ms']),
  breakAfterSeconds: [Number(values['break-from']), Number(values['break-to'])],
  goOnSeconds: Number(values['go-on']),
  desks: values.desks === 'home' ? 'home' : 'any',
  spread: values.spread,
  verifyEvery: Number(values['verify-every']),
  say: print,
});
print(`\n${clusterTable(summary)}`);
if (findingsCount(summary.findings) > 0) print(`\n${describeFindings(summary.findings)}`);
process.exitCode = findingsCount(summary.findings) === 0 ? 0 : 1;
