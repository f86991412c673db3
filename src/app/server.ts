/** A server on a real machine: an organisation on its ledger, disk, network and nodes, behind HTTP. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { interruptedRuns } from '../calls/queries/interruptedRuns.ts';
import type { Environment } from '../config/environment.ts';
import { readSetting } from '../config/setting.ts';
import { MACHINE_TIMERS } from '../ledger/timers.ts';
import type { Membership } from '../nodes/membership.ts';
import { nodeUrlOf } from '../nodes/nodeUrl.ts';
import { createOutbound } from '../outbound/outbound.ts';
import { openAudioStore } from '../recordings/audioStore.ts';
import { openHttpServer } from './httpServer.ts';
import type { Keys } from './keys.ts';
import type { Log } from './log.ts';
import { nodeClientOf, nodesOfHouse, onlyNode } from './nodes.ts';
import type { LedgerOptions, OpenLedger } from './openLedger.ts';
import { openOrganisation } from './organisation.ts';
import { unknownNumbersSeen } from './sourceKinds.ts';

/** No recording takes so long to arrive, whatever sends it. */
const DRAFT_MS = 3_600_000;
const NO_NODE_URL =
  'Set NODE_URL if there are other servers on this database: they forward the requests of desktops to it.';

export interface Server {
  readonly url: string;
  /** Refuses new requests, answers those that are there, stores what they brought. */
  stop(): Promise<void>;
}

export interface ServerParts extends OpenLedger {
  readonly keys: Keys;
  /** Null where there is one server only. */
  readonly membership: Membership | null;
}

/** Rejects as Node's `listen` does, or when the certificate cannot be used; then everything is closed, what it was given too. */
export async function startServer(options: LedgerOptions, parts: ServerParts): Promise<Server> {
  const { ledger, membership } = parts;
  // Closed in the opposite order.
  const opened = new AsyncDisposableStack();
  let left: Promise<void> | undefined;
  const leave = async () => {
    left ??= membership?.leave();
    await left;
  };
  opened.defer(() => ledger.close());
  opened.defer(leave);
  let stopped: Promise<void> | null = null;
  const stop = () => {
    stopped ??= opened.disposeAsync();
    return stopped;
  };
  try {
    return { url: await open(options, parts, opened, leave), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Puts what it opens on the stack; where clients reach the server. */
async function open(
  { environment, log }: LedgerOptions,
  { ledger, metrics, keys, membership }: ServerParts,
  opened: AsyncDisposableStack,
  leave: () => Promise<void>,
): Promise<string> {
  const { publicUrl } = environment;
  const tls = readTls(environment);
  const audio = await openAudioStore(join(environment.dataDir, 'recordings'), {
    ...(membership === null ? {} : { abandonedBefore: Date.now() - DRAFT_MS }),
  });
  const client = membership === null ? null : nodeClientOf(environment);
  opened.defer(async () => client?.close());
  const outbound = createOutbound({ allow: () => readSetting(ledger.directory, 'outboundAllow') });
  opened.defer(() => outbound.close());
  const nodes =
    membership === null || client === null
      ? onlyNode(ledger, publicUrl)
      : nodesOfHouse({ nodes: membership, client, keys: keys.file, timers: MACHINE_TIMERS, log, meters: metrics });
  const organisation = openOrganisation({
    ledger,
    timers: MACHINE_TIMERS,
    random: randomBytes,
    log,
    audio,
    outbound,
    keys: keys.file,
    nodes,
    meters: metrics,
    publicUrl,
  });
  opened.defer(() => organisation.stop());
  const interruptedRefolds = (await interruptedRuns(ledger.reader)).map(each => each.id);
  const served = { hosts: null, organisation, ledger, registry: metrics.registry, publicUrl, interruptedRefolds };
  const http = await openHttpServer({ log, tls, served: [served] });
  opened.defer(() => http.close());
  opened.defer(() => {
    organisation.endHeld();
    // At once, so that others go on with its work and send nothing here; what is under way here changes nothing any more.
    void leave();
  });
  organisation.startWorkers();
  metrics.watchUnknownNumbers(() => unknownNumbersSeen(ledger.directory));
  metrics.watchNodes(() => nodes.all().filter(each => each.isAlive).length);
  const url = await http.listen(environment);
  if (membership !== null) await membership.serve(reachableUrl(environment, url, log));
  return publicUrl ?? url;
}

function readTls({ tls }: Environment): { readonly cert: Buffer; readonly key: Buffer } | null {
  return tls === null ? null : { cert: readFileSync(tls.certPath), key: readFileSync(tls.keyPath) };
}

/** Where other nodes reach this one; null, with a warning, when they cannot know. */
function reachableUrl({ nodeUrl, host }: Environment, listensOn: string, log: Log): string | null {
  const url = nodeUrlOf(nodeUrl, host, listensOn);
  if (url === null) log.warn({ host, hint: NO_NODE_URL }, 'NODE_URL missing');
  return url;
}
