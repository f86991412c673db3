import { webhookPath } from '../kit/portal.ts';
import { postRequest } from '../kit/postRequest.ts';
import type { Random } from '../kit/random.ts';
import type { Load } from '../kit/rawClient.ts';
import { type Address, ConnectionEnded, RawConnection } from '../kit/rawConnection.ts';
import { type Conversation, partiesOf } from './conversation.ts';
import { describeFindings, noFindings } from './findings.ts';

/** A call as the application tells of it, and what it was told. */
export interface RegisteredCall {
  readonly conversation: Conversation;
  readonly register: Parameters;
  /** Without the CALL_ID; null: the application never tells how it ended. */
  readonly finish: Parameters | null;
  /** CALL_ID, once it is known. */
  token: string | null;
  /** Requests to register that are on their way. */
  registering: number;
  /** Requests to finish that no answer came to: each may have been stored. */
  unanswered: number;
  accepted: number;
  refused: number;
}

type Parameters = Readonly<Record<string, string | number>>;

/** It is known to have ended, by whichever request. */
export const isFinished = ({ accepted, refused }: RegisteredCall): boolean => accepted > 0 || refused > 0;

export interface AppOptions {
  readonly random: Random;
  /** Each tells of one call at a time. */
  readonly workers: number;
  /** Mean pause of a worker, milliseconds. */
  readonly pauseMs: number;
  /** The next call that only the application knows of. */
  readonly alone: () => Conversation;
  /** When a request that has been answered was sent (performance.now), and to whom. */
  readonly onAnswered: (sentAt: number, server: Address) => void;
}

interface RunOptions {
  /** Where what is said twice at the same time is said the second time; left out, to the same server. */
  readonly twin?: Address;
  /** Left out, all of them. */
  readonly workers?: number;
}

interface Answer {
  readonly status: number;
  readonly callId: string | null;
  readonly error: string;
}

const REGISTER = 'telephony.externalCall.register';
const FINISH = 'telephony.externalCall.finish';
const NOT_FOUND = 'Call is not found (call should be registered prior to finishing';
/** Share of what is said twice at the same time, and of what is said again afterwards. */
const AT_ONCE_SHARE = 0.06;
const AGAIN_SHARE = 0.08;
/** After a restart more is asked again, of what was registered before. */
const AGAIN_AFTERWARDS_SHARE = 0.3;
const NEVER_FINISHED_SHARE = 0.07;
const LEAD_SHARE = 0.1;
const FINISH_BEFORE_REGISTER_SHARE = 0.5;
/** What began this long ago may be told of as beginning now. */
const NOW_SECONDS = 60;
const RETRY_AFTER_MS = 50;
const RECOVERED_WITHIN_MS = 300_000;

/**
 * A telephony application behind a webhook: registers calls, some of which a PBX tells of too, and finishes them, with all
 * that happens on the way: the same said twice, at once or later, in JSON and as a form.
 */
export class FakeApp {
  readonly calls: RegisteredCall[] = [];
  /** What it was told that cannot be. */
  readonly found = noFindings();
  private readonly options: AppOptions;
  private readonly offered: Conversation[] = [];
  private open: RegisteredCall[] = [];
  /** What was refused for the moment, or has no answer: to be said again. */
  private readonly again: RegisteredCall[] = [];
  /** Calls that workers are asking for: how many, and since when (performance.now). */
  private readonly asking = new Map<RegisteredCall, { workers: number; since: number }>();

  constructor(options: AppOptions) {
    this.options = options;
  }

  /** It is to tell of this call too. */
  hear(conversation: Conversation): void {
    this.offered.push(conversation);
  }

  /** Tells until `stop` or `abort`, or until the connections break. */
  run(server: Address, { twin = server, workers = this.options.workers }: RunOptions = {}): Load {
    let stopping = false;
    const connections: RawConnection[] = [];
    const work = async (): Promise<void> => {
      const { random, pauseMs } = this.options;
      const pair = [await RawConnection.open(server), await RawConnection.open(twin)] as const;
      connections.push(...pair);
      try {
        while (!stopping) {
          await this.step(pair);
          await new Promise(resolve => setTimeout(resolve, random.next() * 2 * pauseMs));
        }
      } finally {
        for (const each of pair) each.close();
      }
    };
    const running = Array.from({ length: workers }, () => work().catch(ifNotEnded));
    return {
      ended: Promise.all(running).then(() => undefined),
      stop: () => {
        stopping = true;
      },
      abort: () => {
        stopping = true;
        for (const each of connections) each.close();
      },
    };
  }

  /** Has said again, by any worker, what was asked so long ago and has not been answered. */
  repeatWaiting(olderThanMs: number): void {
    const now = performance.now();
    for (const [call, asking] of this.asking) {
      if (now - asking.since < olderThanMs) continue;
      asking.since = now;
      this.again.push(call);
    }
  }

  /** Says again, until it is answered, what has not been, and finishes what is to be. Returns how much that was. */
  async recover(server: Address): Promise<number> {
    const { random } = this.options;
    const giveUpAt = performance.now() + RECOVERED_WITHIN_MS;
    const connection = await RawConnection.open(server);
    let said = 0;
    for (const call of this.calls) {
      const untouched = call.unanswered + call.accepted + call.refused === 0;
      const again = call.token !== null && untouched && random.chance(AGAIN_AFTERWARDS_SHARE);
      for (let first = again; first || !this.isDone(call); first = false) {
        said++;
        if (first || call.token === null) await this.register(connection, call);
        else await this.finish(connection, call);
        if (performance.now() > giveUpAt) {
          throw new Error(`${partiesOf(call.conversation)} is still not taken; ${describeFindings(this.found)}`);
        }
      }
    }
    connection.close();
    this.open = [];
    this.again.length = 0;
    this.offered.length = 0;
    return said;
  }

  private isDone(call: RegisteredCall): boolean {
    return call.token !== null && (call.finish === null || isFinished(call));
  }

  private async step(pair: readonly [RawConnection, RawConnection]): Promise<void> {
    const call = this.again.shift() ?? (this.isToFinish() ? this.takeOpen() : this.takeNew());
    const asking = this.asking.get(call) ?? { workers: 0, since: performance.now() };
    this.asking.set(call, asking);
    asking.workers++;
    try {
      if (call.token === null) await this.begin(pair, call);
      // One that is still on its way to another server must not come after the end of the call: it would be a new call.
      else if (!this.isDone(call) && call.registering === 0) await this.end(pair, call, asking.workers > 1);
    } catch (error) {
      this.again.push(call);
      throw error;
    } finally {
      if (--asking.workers === 0) this.asking.delete(call);
    }
    if (this.isDone(call) || asking.workers > 0) return;
    // Refused for the moment, or yet to be finished.
    if (call.token === null || call.unanswered > 0) this.again.push(call);
    else this.open.push(call);
  }

  private async begin(pair: readonly [RawConnection, RawConnection], call: RegisteredCall): Promise<void> {
    const both = this.options.random.chance(AT_ONCE_SHARE) ? pair : [pair[0]];
    await Promise.all(both.map(each => this.register(each, call)));
  }

  private async end(
    pair: readonly [RawConnection, RawConnection],
    call: RegisteredCall,
    isOnItsWay: boolean,
  ): Promise<void> {
    const { random } = this.options;
    const [connection] = pair;
    const both = random.chance(AT_ONCE_SHARE) ? pair : [connection];
    const isOpen = call.unanswered === 0 && !isOnItsWay;
    if (isOpen && random.chance(AGAIN_SHARE)) await this.register(connection, call);
    await Promise.all(both.map(each => this.finish(each, call)));
    if (call.accepted > 0 && random.chance(AGAIN_SHARE)) await this.finish(connection, call);
  }

  private isToFinish(): boolean {
    return this.open.length > 0 && this.options.random.chance(FINISH_BEFORE_REGISTER_SHARE);
  }

  private takeNew(): RegisteredCall {
    const call = this.prepare(this.offered.shift() ?? this.options.alone());
    this.calls.push(call);
    return call;
  }

  private takeOpen(): RegisteredCall {
    const place = this.options.random.integer(0, this.open.length - 1);
    const [call] = this.open.splice(place, 1);
    return call!;
  }

  private prepare(conversation: Conversation): RegisteredCall {
    const { random } = this.options;
    const { extension, userId, number, direction, startedAtSeconds, talkSeconds, answered, callId } = conversation;
    const whose = (): Parameters => (random.chance(0.5) ? { USER_ID: userId } : { USER_PHONE_INNER: extension });
    const named = callId !== null && random.chance(0.5);
    // A name alone is believed for a quarter of an hour: PBXs give theirs again.
    const isNow = startedAtSeconds === null || Date.now() / 1000 - startedAtSeconds < NOW_SECONDS;
    const stated = startedAtSeconds !== null && (!isNow || !named || random.chance(0.5));
    return {
      conversation,
      register: {
        ...whose(),
        PHONE_NUMBER: random.chance(0.3) ? inGroups(number) : number,
        TYPE: direction === 'outbound' ? 1 : 2,
        ...(named ? { EXTERNAL_CALL_ID: callId } : {}),
        ...(stated ? { CALL_START_DATE: new Date(startedAtSeconds * 1000).toISOString() } : {}),
        ...(random.chance(0.3) ? { LINE_NUMBER: 'sales' } : {}),
        ...(random.chance(0.5) ? { SHOW: 0 } : {}),
        ...(random.chance(LEAD_SHARE) ? { CRM_CREATE: 1 } : {}),
      },
      finish:
        callId === null && random.chance(NEVER_FINISHED_SHARE)
          ? null
          : {
              ...whose(),
              DURATION: talkSeconds,
              ...(random.chance(0.6) ? { STATUS_CODE: answered ? 200 : 304 } : {}),
              ...(random.chance(0.2) ? { COST: '0.25', COST_CURRENCY: 'EUR' } : {}),
              ...(random.chance(0.2) ? { ADD_TO_CHAT: 1 } : {}),
            },
      token: null,
      registering: 0,
      unanswered: 0,
      accepted: 0,
      refused: 0,
    };
  }

  private async register(connection: RawConnection, call: RegisteredCall): Promise<void> {
    call.registering++;
    const { status, callId, error } = await this.ask(connection, REGISTER, call.register).finally(() => {
      call.registering--;
    });
    if (status === 503) return pause();
    if (status !== 200 || callId === null)
      this.surprise(`${REGISTER} of ${partiesOf(call.conversation)}`, status, error);
    else if (call.token === null) call.token = callId;
    else if (call.token !== callId) {
      this.found.doubled.add(`${partiesOf(call.conversation)} was registered as ${call.token} and as ${callId}`);
    }
  }

  private async finish(connection: RawConnection, call: RegisteredCall): Promise<void> {
    const { token } = call;
    call.unanswered++;
    const { status, error } = await this.ask(connection, FINISH, { CALL_ID: token!, ...call.finish });
    call.unanswered--;
    if (status === 503) return pause();
    if (status === 200) {
      if (++call.accepted > 1) this.found.doubled.add(`${token} was finished ${call.accepted} times`);
    } else if (status === 400 && error.startsWith(NOT_FOUND)) {
      call.refused++;
      if (call.accepted + call.unanswered === 0) this.found.lost.add(`${token} cannot be finished, and never was`);
    } else this.surprise(`${FINISH} of ${token}`, status, error);
  }

  private async ask(connection: RawConnection, method: string, parameters: Parameters): Promise<Answer> {
    const { random, onAnswered } = this.options;
    const asForm = random.chance(0.4);
    const text = Object.entries(parameters).map(([name, value]) => [name, String(value)]);
    const body = asForm ? new URLSearchParams(text).toString() : JSON.stringify(parameters);
    const contentType = asForm ? 'application/x-www-form-urlencoded' : 'application/json';
    const path = webhookPath(`${method}${random.chance(0.3) ? '.json' : ''}`);
    const sentAt = performance.now();
    const answer = await connection.ask(postRequest(path, body, { contentType }));
    if (answer.status === 200) onAnswered(sentAt, connection.to);
    const said = JSON.parse(answer.body.toString()) as { result?: { CALL_ID?: string }; error_description?: string };
    return { status: answer.status, callId: said.result?.CALL_ID ?? null, error: said.error_description ?? '' };
  }

  private surprise(what: string, status: number, error: string): void {
    this.found.miscounted.add(`${what} was answered ${status} ${error}`);
  }
}

/** As people write it: `+44 207 946 0123`. */
const inGroups = (number: string): string => number.replace(/^(\+\d{2})(\d{3})(\d{3})/, '$1 $2 $3 ');

const pause = (): Promise<void> => new Promise(resolve => setTimeout(resolve, RETRY_AFTER_MS));

function ifNotEnded(error: unknown): void {
  if (!(error instanceof ConnectionEnded)) throw error;
}
