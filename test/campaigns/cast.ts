/** Who tells of what in the kill campaign: a PBX, a telephony application, and agents with desktops, all of one world. */
import { type Agent, agents } from '../kit/diallingCampaign.ts';
import { FICTION_NUMBERS } from '../kit/fictionNumbers.ts';
import type { Random } from '../kit/random.ts';
import type { Address } from '../kit/rawConnection.ts';
import { tellDialled } from '../kit/reportedCalls.ts';
import { createCalls } from '../kit/yeastarEvents.ts';
import { type Conversation, sharedCalls } from './conversation.ts';
import { FakeApp } from './fakeApp.ts';
import { FakeDesktop, type GivenRecord } from './fakeDesktop.ts';
import { FakePbx } from './fakePbx.ts';
import type { Round } from './roundBook.ts';
import { APP_EMPLOYEES, PBX_EMPLOYEES, threeDoors } from './threeDoors.ts';
import { Witness } from './witness.ts';

export interface CastOptions {
  readonly random: Random;
  readonly rounds: number;
  /** Of the PBX. */
  readonly connections: number;
  /** Of the telephony application, each of which tells of one call at a time. */
  readonly appWorkers: number;
  readonly desktops: number;
  /** Mean pause of whoever sends between an answer and the next request. */
  readonly pauseMs: number;
  /** The same of a desktop, which looks at its records a little longer than programs at their answers. */
  readonly deskPauseMs?: number;
  readonly sessionsExpire?: boolean;
  /** What a desktop is not told so long after it was answered has been missed. */
  readonly toldWithinMs?: number;
  /** What a desktop takes in one round at most: the calling list has to last. */
  readonly recordsPerDesktopAndRound?: number;
  /** A request of the application or of a desktop, sent then (performance.now), has just been answered. */
  readonly onAnswered?: (sentAt: number, server: Address) => void;
}

/** Each round's calls start in an hour of their own, so that one round can be listed without the others. */
const ROUND_SECONDS = 3_600;
/** Calls keep clear of the borders of their hour: the last leg of a call begins minutes after its first. */
const CALLS_PER_SECOND = 5;
const CALLS_PER_ROUND = CALLS_PER_SECOND * (ROUND_SECONDS - 120);
const QUEUE_SHARE = 0.25;
const REPEAT_SHARE = 0.06;
const AMENDED_SHARE = 0.3;
/** Of the PBX's calls of people the application knows, and of the agents' own. */
const SHARED_SHARE = 0.5;
/** Of the calls that only the application tells: late, of an hour ago, rather than now. */
const LATE_UPLOAD_SHARE = 0.5;
export const RECORDS_PER_DESKTOP_AND_ROUND = 12;
const DESKTOP_PAUSE_MS = 15;

export class Cast {
  readonly desktops: readonly FakeDesktop[];
  /** Everything that was handed out to anybody, by row of the calling list. */
  readonly given = new Map<number, GivenRecord>();
  /** Rows of the calling list. */
  readonly rows: number;
  /** What the server is to be started with. */
  readonly organisation: { readonly config: object; readonly files: Readonly<Record<string, string>> };
  readonly witness = new Witness();
  private readonly options: CastOptions;
  private readonly random: Random;
  private readonly firstHour: number;
  private played: Round;
  private dialled = 0;
  private alone = 0;

  constructor(options: CastOptions) {
    const { random, rounds, desktops, recordsPerDesktopAndRound = RECORDS_PER_DESKTOP_AND_ROUND } = options;
    this.options = options;
    this.random = random;
    this.rows = (rounds + 2) * desktops * recordsPerDesktopAndRound;
    this.firstHour = Math.floor(Date.now() / 1000 / ROUND_SECONDS) - rounds - 4;
    const working = agents(desktops);
    this.organisation = threeDoors(working, this.rows);
    this.desktops = working.map((agent, n) => this.desktopOf(agent, n % 2 === 1));
    this.played = this.roundOf(0);
  }

  /** The round that is being played; the first warms up. */
  get round(): Round {
    return this.played;
  }

  /** A new PBX and a new application, whose calls nobody has told of yet. */
  begin(round: number): Round {
    this.played = this.roundOf(round);
    return this.played;
  }

  private roundOf(n: number): Round {
    const { random } = this;
    const { connections, appWorkers, pauseMs } = this.options;
    const fromSeconds = (this.firstHour + n) * ROUND_SECONDS;
    const app = new FakeApp({
      random,
      workers: appWorkers,
      pauseMs,
      alone: () => this.nextAlone(fromSeconds),
      onAnswered: (sentAt, server) => this.answered(sentAt, server),
    });
    const generated = createCalls(random, {
      startedAtSeconds: fromSeconds + 60,
      callsPerSecond: CALLS_PER_SECOND,
      queueShare: QUEUE_SHARE,
      amendedShare: AMENDED_SHARE,
      firmware: 'mixed',
    });
    const calls = sharedCalls(generated, {
      random,
      employees: PBX_EMPLOYEES,
      share: SHARED_SHARE,
      offer: conversation => app.hear(conversation),
    });
    return {
      pbx: new FakePbx({
        random,
        calls,
        connections,
        pauseMs,
        repeatShare: REPEAT_SHARE,
        maxCalls: CALLS_PER_ROUND,
      }),
      app,
      ranges: [
        { fromMs: fromSeconds * 1000, toMs: (fromSeconds + ROUND_SECONDS) * 1000 },
        { fromMs: Math.floor(Date.now() / 1000) * 1000 },
      ],
      beganAt: performance.now(),
    };
  }

  private desktopOf(agent: Agent, acks: boolean): FakeDesktop {
    const { toldWithinMs, sessionsExpire = false } = this.options;
    return new FakeDesktop({
      ...(toldWithinMs === undefined ? {} : { toldWithinMs }),
      sessionsExpire,
      agent,
      random: this.random,
      acks,
      pauseMs: this.options.deskPauseMs ?? DESKTOP_PAUSE_MS,
      dial: record => this.dial(record),
      given: this.given,
      onAnswered: (sentAt, server) => this.answered(sentAt, server),
    });
  }

  private answered(sentAt: number, server: Address): void {
    this.witness.answered(sentAt);
    this.options.onAnswered?.(sentAt, server);
  }

  /** The PBX tells of the call, and for some of them the application does too. */
  private dial(record: GivenRecord): Promise<void> {
    const { random } = this;
    const { agent, number } = record;
    const { extension, userId } = agent;
    const startedAtSeconds = Math.floor(Date.now() / 1000);
    const status = random.pick(['ANSWERED', 'ANSWERED', 'NO ANSWER', 'BUSY'] as const);
    // Longer, and it would end later than it is told.
    const talkSeconds = status === 'ANSWERED' ? 1 : 0;
    const call = tellDialled({
      counter: ++this.dialled,
      extension,
      number,
      startedAtSeconds,
      status,
      durationSeconds: talkSeconds,
    });
    record.call = { callId: call.callId, status };
    if (random.chance(SHARED_SHARE)) {
      const answered = status === 'ANSWERED';
      const conversation = { extension, userId, number, direction: 'outbound', startedAtSeconds } as const;
      this.round.app.hear({ ...conversation, talkSeconds, answered, callId: call.callId });
    }
    return this.round.pbx.tell(call);
  }

  /** Nobody speaks with the same number twice within hours. */
  private nextAlone(fromSeconds: number): Conversation {
    const { random } = this;
    const n = this.alone++;
    const answered = random.chance(0.7);
    return {
      ...APP_EMPLOYEES[n % APP_EMPLOYEES.length]!,
      number: FICTION_NUMBERS[Math.floor(n / APP_EMPLOYEES.length) % FICTION_NUMBERS.length]!,
      direction: random.chance(0.5) ? 'inbound' : 'outbound',
      startedAtSeconds: random.chance(LATE_UPLOAD_SHARE) ? fromSeconds + random.integer(60, 3_000) : null,
      talkSeconds: answered ? random.integer(5, 300) : 0,
      answered,
      callId: null,
    };
  }
}
