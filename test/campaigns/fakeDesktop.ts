import { setTimeout as delay } from 'node:timers/promises';
import { BayeuxClient } from '../kit/bayeuxClient.ts';
import { type Agent, authorizationOf, completionRequest, previewRequest } from '../kit/diallingCampaign.ts';
import type { Random } from '../kit/random.ts';
import type { Load } from '../kit/rawClient.ts';
import { type Address, ConnectionEnded, RawConnection } from '../kit/rawConnection.ts';
import { DeskAccount, type DeskCounts, type Operation } from './deskAccount.ts';
import { DeskSession, type Notification } from './deskSession.ts';
import { type Findings, noFindings } from './findings.ts';

/** A record of the calling list that was handed to an agent, and what the agent made of it. */
export interface GivenRecord {
  readonly row: number;
  readonly handle: number;
  readonly agent: Agent;
  readonly number: string;
  /** The call that was made for it, as its PBX named and ended it. */
  call: { readonly callId: string; readonly status: string } | null;
  /** What the agent said on completing, as a code; null: nothing. */
  given: number | null;
  /** A request to complete it has left. */
  completing: boolean;
  /** GSW_CALL_RESULT of the acknowledgement; null before. */
  result: number | null;
  /** Completing was answered 0. */
  acknowledged: boolean;
}

export interface DesktopOptions {
  readonly agent: Agent;
  readonly random: Random;
  /** Confirms its messages by number, with the ack extension. */
  readonly acks: boolean;
  /** Mean pause between two steps of the work, milliseconds. */
  readonly pauseMs: number;
  /** What is not told so long after it was answered has been missed; left out: well above what a busy machine needs. */
  readonly toldWithinMs?: number;
  /** Dials the record's number and sets its `call`; resolves when the PBX has told of it and was answered. */
  readonly dial: (record: GivenRecord) => Promise<void>;
  /** Its server may give its session up, because it could not be reached for a while; then it opens another one. */
  readonly sessionsExpire?: boolean;
  /** Everything that was handed out to anybody, by row. */
  readonly given: Map<number, GivenRecord>;
  /** When a request that has been answered was sent (performance.now), and to whom. */
  readonly onAnswered: (sentAt: number, server: Address) => void;
}

/** None that takes the record, or its number, out of the campaign. */
const RESULTS = [
  ['Answered', 33],
  ['NoAnswer', 7],
  ['AnsweringMachine', 9],
  ['WrongNumber', 53],
] as const;
const GIVEN_SHARE = 0.2;
const REOPENED_SHARE = 0.05;
const WAITS_FOR_PBX_SHARE = 0.6;
const SLOW_READING_SHARE = 0.4;
const SLOW_READING_MS = 150;
const COMPLETED_AFTERWARDS_SHARE = 0.5;
const TOLD_WITHIN_MS = 300_000;
/** A request that was refused for the moment is made again after this time. */
const RETRY_AFTER_MS = 100;
/** Well above what a database needs that is started again, or replaced by its standby. */
const REFUSED_AT_MOST_MS = 600_000;

/** An agent's desktop: holds a session, takes records, has their numbers dialled, and completes them. */
export class FakeDesktop {
  private readonly options: DesktopOptions;
  private found = noFindings();
  private readonly account = new DeskAccount(() => this.found);
  private readonly authorization: string;
  /** For the connects; the other requests go over `desk`. */
  private line: RawConnection | null = null;
  private desk: RawConnection | null = null;
  private session: DeskSession | null = null;
  private readonly held: GivenRecord[] = [];
  /** The record each request was about, by its reference. */
  private readonly requested = new Map<string, GivenRecord | null>();
  private lastReference = 0;
  /** The longest time from an answer until its operation was told, in milliseconds. */
  longestWaitMs = 0;

  constructor(options: DesktopOptions) {
    this.options = options;
    this.authorization = authorizationOf(options.agent);
  }

  get counts(): Readonly<DeskCounts> {
    return this.account.counts;
  }

  /** Its session goes on, and it can ask for something. */
  get isThere(): boolean {
    return this.session?.isOver === false && this.desk?.hasEnded === false;
  }

  /**
   * Opens a session, and looks at what it is told of the ones before. What is not of the session is asked of `other`,
   * which may be another server of the same organisation.
   */
  async open(server: Address, other: Address = server): Promise<void> {
    this.line = await RawConnection.open(server);
    this.desk = await RawConnection.open(other);
    await this.begin();
    this.account.settle({ restarted: true });
  }

  /** Works on so many records, or until `stop` or `abort`, until the list is empty, or until the connections break. */
  work(records: number): Load {
    let stopping = false;
    const work = async (): Promise<void> => {
      for (let done = 0; done < records && !stopping; done++) {
        if (this.options.random.chance(REOPENED_SHARE)) await this.reopen();
        if (!(await this.workOn(() => stopping))) return;
      }
    };
    return {
      ended: work().catch(ifNotEnded),
      stop: () => {
        stopping = true;
      },
      abort: () => {
        stopping = true;
        this.leave();
      },
    };
  }

  /** The server is gone. `provenUntil`: what timers were to store by then is known to be stored (performance.now). */
  async lost(provenUntil: number): Promise<void> {
    this.leave();
    await this.session?.ended;
    this.session = null;
    this.account.lost(provenUntil);
  }

  /**
   * After a restart: a new session; what it is not told of has not happened and is done again. Returns how much that was.
   * Records whose call was made are completed now or later.
   */
  async recover(server: Address, other: Address = server): Promise<number> {
    await this.open(server, other);
    let said = 0;
    for (const record of [...this.held]) {
      const isDue = record.call !== null && this.options.random.chance(COMPLETED_AFTERWARDS_SHARE);
      if (!record.completing && !isDue) continue;
      said++;
      await this.complete(record);
    }
    return said;
  }

  /** Finishes what it holds, and takes nothing new. */
  async finish(): Promise<void> {
    while (this.held.length > 0) await this.workOn(() => false);
  }

  /** What it was told that cannot be, or was not told, since the last time. */
  takeFindings(): Findings {
    const { found } = this;
    this.found = noFindings();
    return found;
  }

  leave(): void {
    this.line?.close();
    this.desk?.close();
  }

  /** False when there is nothing to work on. */
  private async workOn(stopping: () => boolean): Promise<boolean> {
    const { random, pauseMs, dial } = this.options;
    const record = this.held[0] ?? (await this.retrieve());
    if (record === null) return false;
    await delay(random.next() * 2 * pauseMs);
    if (record.call === null) {
      const received = dial(record);
      if (random.chance(WAITS_FOR_PBX_SHARE)) await Promise.race([received, this.session!.ended]);
    }
    await delay(random.next() * 2 * pauseMs);
    if (!stopping()) await this.complete(record);
    return true;
  }

  /** A reload of the page. */
  private async reopen(): Promise<void> {
    await this.session!.close(this.desk!);
    this.account.left();
    await this.begin();
    this.account.settle({ restarted: false });
  }

  private async begin(): Promise<void> {
    const { acks, random, sessionsExpire = false } = this.options;
    this.account.beginSession();
    const client = new BayeuxClient(this.line!, { authorization: this.authorization, acks });
    this.session = await DeskSession.open(client, {
      received: notification => this.take(notification),
      confirming: references => this.account.confirming(references),
      confirmed: references => this.account.confirmed(references),
      readingMs: () => (random.chance(SLOW_READING_SHARE) ? random.next() * SLOW_READING_MS : 0),
      mayExpire: sessionsExpire,
      surprise: what => this.surprise(what),
    });
    await this.session.begun;
  }

  private async retrieve(): Promise<GivenRecord | null> {
    const { agent } = this.options;
    const { error } = await this.ask(reference => previewRequest(agent, { reference }), null);
    if (error !== null) this.surprise(`no record: ${error}`);
    return this.held[0] ?? null;
  }

  private async complete(record: GivenRecord): Promise<void> {
    const { agent, random } = this.options;
    const again = record.completing;
    if (!again && random.chance(GIVEN_SHARE)) record.given = random.pick(RESULTS)[1];
    record.completing = true;
    const callResult = RESULTS.find(([, code]) => code === record.given)?.[0];
    const request = (reference: string) => completionRequest(agent, record.handle, { reference, callResult });
    const { error } = await this.ask(request, record);
    if (error === null) return;
    const what = `row ${record.row} cannot be completed: ${error}`;
    if (again) this.found.missed.add(`${what} It was before, and nobody was told.`);
    else this.surprise(what);
    this.putAway(record);
  }

  /** Resolves when it is answered and told. Rejects with `ConnectionEnded`. */
  private async ask(write: (reference: string) => string, record: GivenRecord | null): Promise<Notification> {
    const { agent, onAnswered } = this.options;
    for (const giveUpAt = performance.now() + REFUSED_AT_MOST_MS; ; ) {
      const reference = `${agent.login}-${++this.lastReference}`;
      const operation = this.account.open(reference);
      this.requested.set(reference, record);
      const { status, body: said } = await this.desk!.ask(write(reference));
      if (status === 503) {
        // It has not happened, and nobody will be told that it has.
        this.account.refused(operation);
        if (performance.now() > giveUpAt) throw new Error(`${reference} is still refused: ${said.toString()}`);
        await delay(RETRY_AFTER_MS);
        continue;
      }
      if (status === 200) {
        operation.answered = true;
        if (record !== null) record.acknowledged = true;
        onAnswered(operation.sentAt, this.desk!.to);
      } else this.surprise(`${reference} was answered ${status} ${said.toString()}`);
      return this.untilTold(operation);
    }
  }

  private async untilTold({ reference, outcome }: Operation): Promise<Notification> {
    const { toldWithinMs = TOLD_WITHIN_MS } = this.options;
    const since = performance.now();
    const late = new AbortController();
    const inVain = delay(toldWithinMs, null, { signal: late.signal }).catch(() => null);
    const received = await Promise.race([outcome.promise, this.session!.ended.then(() => undefined), inVain]);
    late.abort();
    this.longestWaitMs = Math.max(this.longestWaitMs, performance.now() - since);
    if (received === null) this.found.missed.add(`${reference} was not told within ${toldWithinMs} ms`);
    if (received === null || received === undefined) throw new ConnectionEnded('the session ended before it was told');
    return received;
  }

  private take(notification: Notification): void {
    const operation = this.account.received(notification);
    if (operation === null) return;
    const { reference, type, record: said, result } = notification;
    if (type === 'PreviewRecord') this.receive(said);
    else if (type === 'RecordProcessedAcknowledge') {
      const record = this.requested.get(reference) ?? null;
      if (record === null || record.handle !== said['recordHandle']) {
        this.surprise(`${reference} acknowledges another record`);
      } else {
        record.result = result;
        this.putAway(record);
      }
    }
    operation.outcome.resolve(notification);
  }

  private receive({ recordHandle, userData }: Readonly<Record<string, unknown>>): void {
    const { agent, given } = this.options;
    const handle = recordHandle as number;
    const { row: rowText, GSW_PHONE: number } = userData as Record<string, string>;
    const row = Number(rowText);
    const before = given.get(row);
    if (before === undefined) {
      const record: GivenRecord = {
        row,
        handle,
        agent,
        number: number!,
        call: null,
        given: null,
        completing: false,
        result: null,
        acknowledged: false,
      };
      given.set(row, record);
      this.held.push(record);
    } else if (before.handle !== handle || before.agent !== agent) {
      this.found.doubled.add(`row ${row} was given to ${before.agent.login} and again to ${agent.login}`);
    }
  }

  private putAway(record: GivenRecord): void {
    const place = this.held.indexOf(record);
    if (place >= 0) this.held.splice(place, 1);
  }

  private surprise(what: string): void {
    this.found.miscounted.add(`${this.options.agent.login}: ${what}`);
  }
}

function ifNotEnded(error: unknown): void {
  if (!(error instanceof ConnectionEnded)) throw error;
}
