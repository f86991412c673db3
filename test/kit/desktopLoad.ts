/** Agents' desktops that do nothing but take records and complete them, each over a held session of its own. */
import { setTimeout as delay } from 'node:timers/promises';
import { BayeuxClient, type BayeuxMessage } from './bayeuxClient.ts';
import { type Agent, agents, authorizationOf, completionRequest, previewRequest } from './diallingCampaign.ts';
import { LoadCount, type LoadResult } from './loadCount.ts';
import type { Address } from './loadProcess.ts';
import { ConnectionEnded, RawConnection } from './rawConnection.ts';

export interface DesktopRun {
  /** Of several, each gets its share of the desktops. */
  readonly servers: readonly Address[];
  readonly desktops: number;
  /** Work that is not counted, right before what is. */
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

export interface DesktopResult {
  /** CompleteRecord: from sending it to reading both messages of its acknowledgement off the held connect. */
  readonly completed: LoadResult;
  /** GetPreviewRecord: from sending it to reading the record. */
  readonly retrieved: LoadResult;
}

const PUBLIC = '/v2/me/outbound';
const INTERNAL = '/me/internal';
/** So many passwords are checked at once when the desktops begin. */
const OPENED_AT_ONCE = 4;
/** What is under way when the time is over is still waited for; a server that hangs must not hang the bench. */
const LAST_ANSWERS_WITHIN_MS = 10_000;

export async function runDesktops(run: DesktopRun, onCounting: () => void): Promise<DesktopResult> {
  const completed = new LoadCount();
  const retrieved = new LoadCount();
  const desktops: LoadDesktop[] = [];
  const waiting = agents(run.desktops).entries();
  const open = async (): Promise<void> => {
    for (const [place, agent] of waiting) {
      desktops.push(await LoadDesktop.open(run.servers[place % run.servers.length]!, agent));
    }
  };
  await Promise.all(Array.from({ length: OPENED_AT_ONCE }, open));

  let stopping = false;
  let ranOut = false;
  const work = async (desktop: LoadDesktop): Promise<void> => {
    while (!stopping) {
      const handle = await desktop.retrieve(retrieved);
      if (handle === null) {
        ranOut = true;
        return;
      }
      await desktop.complete(handle, completed);
    }
  };
  const ended = Promise.all(desktops.map(each => work(each).catch(error => noteEnd(error, completed))));
  await delay(run.warmUpSeconds * 1000);
  completed.begin();
  retrieved.begin();
  onCounting();
  await Promise.race([delay(run.seconds * 1000), ended]);
  stopping = true;
  const late = setTimeout(() => {
    for (const each of desktops) each.leave();
  }, LAST_ANSWERS_WITHIN_MS);
  await ended;
  clearTimeout(late);
  const result = { completed: completed.result(ranOut), retrieved: retrieved.result(ranOut) };
  for (const each of desktops) each.leave();
  return result;
}

function noteEnd(error: unknown, count: LoadCount): void {
  if (!(error instanceof ConnectionEnded)) throw error;
  count.broken();
}

interface Received {
  readonly data: Readonly<Record<string, unknown>>;
  readonly at: number;
}

class LoadDesktop {
  private readonly agent: Agent;
  private readonly line: RawConnection;
  private readonly desk: RawConnection;
  private waiting: PromiseWithResolvers<Received> | null = null;
  private requests = 0;

  private constructor(agent: Agent, line: RawConnection, desk: RawConnection) {
    this.agent = agent;
    this.line = line;
    this.desk = desk;
  }

  static async open(server: Address, agent: Agent): Promise<LoadDesktop> {
    const desktop = new LoadDesktop(agent, await RawConnection.open(server), await RawConnection.open(server));
    const client = new BayeuxClient(desktop.line, { authorization: authorizationOf(agent), acks: false });
    const { successful } = await client.handshake();
    if (successful !== true) throw new Error(`the handshake of ${agent.login} was refused`);
    await client.subscribe(['/v2/me/*', INTERNAL]);
    await client.connect(0);
    void desktop.listen(client);
    return desktop;
  }

  /** The handle of the next record; null when there is none. */
  async retrieve(count: LoadCount): Promise<number | null> {
    const { data } = await this.ask(reference => previewRequest(this.agent, { reference }), count);
    if (data['notificationType'] !== 'PreviewRecord') return null;
    return (data['record'] as { recordHandle: number }).recordHandle;
  }

  async complete(handle: number, count: LoadCount): Promise<void> {
    const { data } = await this.ask(reference => completionRequest(this.agent, handle, { reference }), count);
    const { notificationType: type } = data;
    if (type !== 'RecordProcessedAcknowledge') throw new Error(`record ${handle} was answered ${JSON.stringify(data)}`);
  }

  leave(): void {
    this.line.close();
    this.desk.close();
  }

  /** Counted from sending the request to reading what it is answered with over Bayeux. */
  private async ask(write: (reference: string) => string, count: LoadCount): Promise<Received> {
    const request = write(`${this.agent.login}-${++this.requests}`);
    const waiting = Promise.withResolvers<Received>();
    this.waiting = waiting;
    const sentAt = performance.now();
    const [{ status }, received] = await Promise.all([this.desk.ask(request), waiting.promise]);
    count.answered(status, received.at - sentAt);
    return received;
  }

  private async listen(client: BayeuxClient): Promise<void> {
    try {
      for (;;) {
        const messages = await client.connect();
        const first = messages.find(each => each.channel === PUBLIC);
        if (first !== undefined && isWhole(first, messages)) {
          this.waiting?.resolve({ data: first.data!, at: performance.now() });
        }
      }
    } catch (error) {
      this.waiting?.promise.catch(() => {});
      this.waiting?.reject(error);
    }
  }
}

/** An acknowledgement is two messages in one response. */
function isWhole({ data }: BayeuxMessage, messages: readonly BayeuxMessage[]): boolean {
  return data!['notificationType'] === 'PreviewRecord' || messages.some(each => each.channel === INTERNAL);
}
