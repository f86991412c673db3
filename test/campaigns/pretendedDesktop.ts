import { setTimeout as delay } from 'node:timers/promises';
import { BayeuxClient } from '../kit/bayeuxClient.ts';
import { postRequest } from '../kit/postRequest.ts';
import type { Random } from '../kit/random.ts';
import type { Load } from '../kit/rawClient.ts';
import { ConnectionEnded, RawConnection } from '../kit/rawConnection.ts';
import { basic } from '../kit/v1Client.ts';
import { DeskSession, type Notification } from './deskSession.ts';
import { noFindings } from './findings.ts';
import type { Address } from './pretendedPbx.ts';
import { type Agent, CALLING_LIST, CAMPAIGN } from './threeDoors.ts';

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

/** What became of one request, as far as the desktop knows. */
interface Operation {
  readonly reference: string;
  readonly record: GivenRecord | null;
  readonly sentAt: number;
  readonly outcome: PromiseWithResolvers<Notification>;
  answered: boolean;
  told: boolean;
  /** A connect left after it was told. */
  confirming: boolean;
  /** Since when the server is known to have that connect. */
  confirmedAt: number | null;
  /** What the next session is to be told of it. */
  owed: 'yes' | 'perhaps' | 'unknown' | 'no';
}

export interface DesktopCounts {
  /** Not confirmed before the session ended, and told in the next one; of these, requests that had no answer either. */
  reached: number;
  reachedUnanswered: number;
  /** Confirmed, and the server ended before that was stored. */
  toldAgain: number;
}

export interface DesktopOptions {
  readonly agent: Agent;
  readonly random: Random;
  /** Counts its messages by the ack extension. */
  readonly acks: boolean;
  /** Mean pause between two steps of the work, milliseconds. */
  readonly pauseMs: number;
  /** Dials the record's number; resolves when the PBX has told of the call, and could tell at once which it is. */
  readonly dial: (record: GivenRecord) => Promise<void>;
  /** Everything that was handed out to anybody, by row. */
  readonly given: Map<number, GivenRecord>;
  /** When a request that has been answered was sent (performance.now). */
  readonly onAnswered: (sentAt: number) => void;
}

/** No code that takes the record, or its number, out of the campaign. */
const RESULTS = [
  ['Answered', 33],
  ['NoAnswer', 7],
  ['AnsweringMachine', 9],
  ['WrongNumber', 53],
] as const;
const GIVEN_SHARE = 0.2;
const REOPENED_SHARE = 0.05;
const WAITS_FOR_PBX_SHARE = 0.6;
const COMPLETED_AFTERWARDS_SHARE = 0.5;
/** Well above what a busy machine needs. */
const TOLD_WITHIN_MS = 20_000;
/** Notices are kept for a minute; what is older when the next session opens is nobody's. */
const OWED_MS = 55_000;
/**
 * Confirmations are stored together, 50 ms after the first of them. What was sent so much later than a confirmation
 * arrived, and was answered, was stored after it.
 */
const CONFIRMATION_STORED_MS = 200;

/** An agent's desktop: holds a session, takes records, has their numbers dialled and completes them. */
export class PretendedDesktop {
  readonly found = noFindings();
  readonly counts: DesktopCounts = { reached: 0, reachedUnanswered: 0, toldAgain: 0 };
  /** Completions that were answered 0. */
  acknowledged = 0;
  private readonly options: DesktopOptions;
  private readonly authorization: string;
  private line: RawConnection | null = null;
  private desk: RawConnection | null = null;
  private session: DeskSession | null = null;
  private operations = new Map<string, Operation>();
  /** References of which nobody may hear again. */
  private readonly closed = new Set<string>();
  private readonly held: GivenRecord[] = [];
  private toldInSession = new Set<string>();
  private lastReference = 0;

  constructor(options: DesktopOptions) {
    this.options = options;
    this.authorization = basic(options.agent.login, options.agent.password);
  }

  get holds(): readonly GivenRecord[] {
    return this.held;
  }

  /** Opens a session and looks at what it is told of the ones before. */
  async open(server: Address): Promise<void> {
    const { acks } = this.options;
    this.line = await RawConnection.open(server);
    this.desk = await RawConnection.open(server);
    this.toldInSession = new Set();
    const client = new BayeuxClient(this.line, { authorization: this.authorization, acks });
    this.session = await DeskSession.open(client, {
      told: notification => this.take(notification),
      confirming: references => this.markConfirming(references),
      confirmed: references => this.markConfirmed(references),
      surprise: what => this.found.miscounted.add(`${this.options.agent.login}: ${what}`),
    });
    await this.collectOwed();
  }

  /** Works until `stop` or `abort`, until the list is empty, or until the connections break. */
  work(records: number): Load {
    const { random, pauseMs, dial } = this.options;
    let stopping = false;
    const pause = () => delay(random.next() * 2 * pauseMs);
    const work = async (): Promise<void> => {
      for (let done = 0; done < records && !stopping; done++) {
        if (random.chance(REOPENED_SHARE)) await this.reopen();
        const record = this.held[0] ?? (await this.retrieve());
        if (record === undefined) return;
        await pause();
        if (record.call === null) {
          const told = dial(record);
          if (random.chance(WAITS_FOR_PBX_SHARE)) await Promise.race([told, this.session!.ended]);
        }
        await pause();
        if (stopping) return;
        await this.complete(record);
      }
    };
    const ended = work().catch(error => {
      if (!(error instanceof ConnectionEnded)) throw error;
    });
    return {
      ended,
      stop: () => {
        stopping = true;
      },
      abort: () => {
        stopping = true;
        this.leave();
      },
    };
  }

  /**
   * The server is gone. `answeredSentAt`: when the last request was sent that was answered, whoever sent it: what was
   * confirmed long enough before is known to be stored.
   */
  async lost(answeredSentAt: number): Promise<void> {
    this.leave();
    await this.session?.ended;
    this.session = null;
    for (const operation of this.operations.values()) {
      const { told, answered, confirming, confirmedAt } = operation;
      if (confirmedAt !== null && confirmedAt + CONFIRMATION_STORED_MS <= answeredSentAt) this.close(operation);
      else if (confirmedAt !== null || confirming) operation.owed = 'perhaps';
      else operation.owed = told || answered ? 'yes' : 'unknown';
    }
  }

  /** After a restart: a new session, and what it was not told is done again. Returns how much that was. */
  async recover(server: Address, options: { readonly everything: boolean }): Promise<number> {
    await this.open(server);
    let said = 0;
    for (const record of [...this.held]) {
      const due = options.everything || this.options.random.chance(COMPLETED_AFTERWARDS_SHARE);
      if (!record.completing && !(due && record.call !== null)) continue;
      said++;
      await this.complete(record);
    }
    return said;
  }

  /** Takes and finishes one record. */
  async workOnce(): Promise<void> {
    const { ended } = this.work(1);
    await ended;
  }

  leave(): void {
    this.line?.close();
    this.desk?.close();
  }

  private async reopen(): Promise<void> {
    await this.session!.close(this.desk!);
    for (const operation of this.operations.values()) {
      const { told, answered, confirming, confirmedAt } = operation;
      if (confirmedAt !== null) operation.owed = 'no';
      else if (confirming) operation.owed = 'perhaps';
      else operation.owed = told || answered ? 'yes' : 'unknown';
    }
    this.toldInSession = new Set();
    const client = new BayeuxClient(this.line!, { authorization: this.authorization, acks: this.options.acks });
    this.session = await DeskSession.open(client, this.listener);
    await this.collectOwed();
  }
}
