/**
 * An agent's desktop: it holds a connect, asks for records, completes them, and waits until it is told that this is so. It
 * knows what was answered; whatever was, it must be told of within the minute for which acknowledgements are kept.
 */
import { SESSION_COOKIE } from '../../src/dialects/genesys/access.ts';
import { issueCookie, NONCE_BYTES } from '../../src/people/sessionCookie.ts';
import { Client, outcomeOf, type Surroundings } from './client.ts';
import type { Reply } from './network.ts';
import { type Agent, CAMPAIGN, COOKIE_KEY } from './organisation.ts';
import { START } from './world.ts';

interface Message {
  readonly channel: string;
  readonly clientId?: string;
  readonly successful?: boolean;
  readonly error?: string;
  readonly advice?: { readonly reconnect?: string };
  readonly ext?: { readonly ack?: number };
  readonly data?: Readonly<Record<string, unknown>>;
}

/** One thing the agent asked for. */
export interface PendingRequest {
  readonly reference: string;
  readonly operation: string;
  /** It was answered that it was taken. */
  isAnswered: boolean;
  /** How often its acknowledgement was read. */
  read: number;
  handle: number | null;
}

const NOTIFICATIONS = '/api/v2/notifications';
const CHANNELS = ['/v2/me/*', '/me/internal'];
/** What is not confirmed within a minute is forgotten (ARCHITECTURE.md, section 5); nothing here breaks for so long. */
const TOLD_WITHIN_MS = 58_000;

export class Desktop extends Client {
  readonly agent: Agent;
  readonly requested: PendingRequest[] = [];
  /** Handles it was told to have completed. */
  readonly completed = new Set<number>();
  private readonly acks: boolean;
  private readonly cookie: string;
  private readonly answered: (requested: PendingRequest) => Promise<void>;
  private clientId = '';
  private lastAck = -1;
  private ids = 0;
  private readonly waiting = new Map<string, () => void>();

  /** `mayLose`: answers are lost that the server has written; without the ack extension no client could tell it so. */
  constructor(
    agent: Agent,
    around: Surroundings,
    mayLose: boolean,
    answered: (requested: PendingRequest) => Promise<void>,
  ) {
    super(agent.login, around);
    this.agent = agent;
    this.answered = answered;
    this.acks = mayLose || around.world.random.chance(0.3);
    const nonce = new Uint8Array(NONCE_BYTES).fill(agent.id);
    this.cookie = `${SESSION_COOKIE}=${issueCookie({ name: SESSION_COOKIE, key: COOKIE_KEY }, { id: agent.id, password: 'no password' }, START, nonce)}`;
  }

  start(): void {
    this.world.begin(this.process, () => this.stayConnected());
    this.begin(() => this.work());
  }

  private async work(): Promise<void> {
    await this.perform('StartPreviewSession', `outbound-campaigns/${CAMPAIGN.name}`, {});
    while (this.world.now < this.around.busyUntilMs) {
      await this.pause(100, 2_500);
      const given = await this.perform('GetPreviewRecord', `outbound-campaigns/${CAMPAIGN.name}`, {});
      if (given.handle === null) continue;
      await this.pause(100, 1_500);
      await this.complete(given.handle);
    }
  }

  /** Again, should no answer come; the second time it may be told that it was done before. */
  private async complete(handle: number): Promise<void> {
    const { random } = this.world;
    const more = {
      campaignName: CAMPAIGN.name,
      callingList: CAMPAIGN.list,
      ...(random.chance(0.5) ? { callResult: 33 } : {}),
    };
    for (let again = random.chance(0.2); ; again = false) {
      const requested = await this.perform('CompleteRecord', `outbound-records/${handle}`, more);
      if (requested.isAnswered && !again) return;
      await this.pause(50, 800);
    }
  }

  /** Asks once, and waits for what is told if it was answered. */
  private async perform(operationName: string, path: string, more: object): Promise<PendingRequest> {
    const reference = `${this.process.name}-${this.requested.length + 1}`;
    const requested: PendingRequest = { reference, operation: operationName, isAnswered: false, read: 0, handle: null };
    this.requested.push(requested);
    const told = new Promise<void>(resolve => this.waiting.set(reference, resolve));
    const json = {
      operationName,
      applicationId: CAMPAIGN.applicationId,
      devicePath: `/devices/${this.agent.deviceId}`,
      referenceId: reference,
      ...more,
    };
    const since = this.around.ledgerNow();
    for (;;) {
      const reply = await this.send(`/api/v2/me/${path}`, json);
      this.note(`${operationName} ${reference}: ${outcomeOf(reply)}`);
      if (reply.kind === 'answer' && reply.status === 200) {
        requested.isAnswered = true;
        await this.answered(requested);
        break;
      }
      if (reply.kind === 'answer' && reply.status !== 503) {
        this.around.wrong('answers', `${reference} was answered ${reply.status} ${reply.text}`);
        return requested;
      }
      await this.pause(100, 1_000);
      // Nobody knows what became of it: a record that was handed out without a word stays with the agent.
      if (reply.kind === 'broken') return requested;
    }
    const patience = this.world.in(TOLD_WITHIN_MS, this.process, () => {
      if (this.around.mayExpire(since)) this.note(`is not told of ${reference}`);
      else this.around.wrong('acknowledged', `${reference}, ${operationName}, was answered, and never told of`);
      this.waiting.get(reference)?.();
    });
    await told;
    patience.cancel();
    return requested;
  }

  /** As stock clients do: shake hands, subscribe, connect again and again; from the start when told so. */
  private async stayConnected(): Promise<void> {
    const { random } = this.world;
    for (;;) {
      const [reply] = await this.bayeux([
        {
          channel: '/meta/handshake',
          version: '1.0',
          minimumVersion: '1.0',
          supportedConnectionTypes: ['long-polling'],
          ...(this.acks ? { ext: { ack: true } } : {}),
        },
      ]);
      if (reply?.successful !== true) {
        await this.pause(100, 900);
        continue;
      }
      this.clientId = reply.clientId!;
      this.lastAck = -1;
      this.note(`shakes hands`);
      if (!(await this.subscribe())) continue;
      while (await this.connect()) {
        // A page that is loaded again forgets its session, and says nothing.
        if (random.chance(0.03) && this.world.now < this.around.busyUntilMs) break;
        if (random.chance(0.02) && this.world.now < this.around.busyUntilMs) {
          this.note('takes leave');
          await this.bayeux([this.message('/meta/disconnect')]);
          break;
        }
      }
    }
  }

  private async subscribe(): Promise<boolean> {
    // One after the other, or together.
    const bodies = this.world.random.chance(0.5) ? [CHANNELS] : CHANNELS.map(each => [each]);
    for (const channels of bodies) {
      for (;;) {
        const replies = await this.bayeux(
          channels.map(subscription => ({ ...this.message('/meta/subscribe'), subscription })),
        );
        if (replies.length > 0) {
          if (replies.some(each => each.advice?.reconnect === 'handshake')) return false;
          break;
        }
        await this.pause(50, 500);
      }
    }
    return true;
  }

  /** False when there is no session any more. */
  private async connect(): Promise<boolean> {
    const replies = await this.bayeux([
      {
        ...this.message('/meta/connect'),
        connectionType: 'long-polling',
        ...(this.acks ? { ext: { ack: this.lastAck } } : {}),
      },
    ]);
    if (replies.length === 0) {
      await this.pause(50, 900);
      return true;
    }
    const reply = replies.find(each => each.channel === '/meta/connect');
    if (reply === undefined) return true;
    if (typeof reply.ext?.ack === 'number') this.lastAck = reply.ext.ack;
    return reply.advice?.reconnect !== 'handshake' && reply.advice?.reconnect !== 'none';
  }

  /** What came back; nothing when no answer did. What it carries is read. */
  private async bayeux(messages: readonly object[]): Promise<readonly Message[]> {
    const reply = await this.send(NOTIFICATIONS, messages);
    if (reply.kind === 'broken' || reply.status !== 200) return [];
    const replies = JSON.parse(reply.text) as Message[];
    for (const each of replies) if (each.data !== undefined) this.read(each.data);
    return replies;
  }

  private read(data: Readonly<Record<string, unknown>>): void {
    const reference = data['referenceId'];
    const requested = this.requested.find(each => each.reference === reference);
    if (requested === undefined) return;
    requested.read++;
    const record = data['record'] as { recordHandle?: number } | undefined;
    if (data['notificationType'] === 'PreviewRecord') requested.handle = record!.recordHandle!;
    if (data['notificationType'] === 'RecordProcessedAcknowledge') this.completed.add(record!.recordHandle!);
    this.note(`reads ${data['notificationType']} ${requested.reference}`);
    this.waiting.get(requested.reference)?.();
  }

  private message(channel: string): object {
    return { channel, clientId: this.clientId, id: String(++this.ids) };
  }

  /** To any server, as behind a load balancer: whoever has its session is asked by the one that has not. */
  private send(path: string, json: unknown): Promise<Reply> {
    return this.ask(this.anyAddress(), { path, json, headers: { cookie: this.cookie } });
  }
}
