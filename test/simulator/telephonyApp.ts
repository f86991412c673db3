/** A telephony application of a portal: registers calls and finishes them, and says both again when no answer came. */
import { Client, outcomeOf, type Surroundings } from './client.ts';
import type { Reply } from './network.ts';
import { AGENTS, HOOK, NUMBERS } from './organisation.ts';

/** One call as the application knows it. */
export interface AppCall {
  readonly externalId: string;
  readonly tokens: Set<string>;
  /** Answers that said it was finished now. */
  finished: number;
  /** Answers that said there is nothing to finish. */
  refused: number;
  /** Finishes that left. */
  sentFinishes: number;
  /** What the successful finish stated. */
  durationSeconds: number | null;
  readonly recording: 'ok' | 'late' | 'none' | null;
}

export interface AppChecks {
  registered(appCall: AppCall, token: string): Promise<void>;
  finished(appCall: AppCall): Promise<void>;
}

export class TelephonyApp extends Client {
  readonly calls: AppCall[] = [];
  private readonly checks: AppChecks;

  constructor(around: Surroundings, checks: AppChecks) {
    super('app', around);
    this.checks = checks;
  }

  start(): void {
    this.begin(async () => {
      while (this.world.now < this.around.busyUntilMs) {
        await this.pause(300, 3_000);
        this.begin(() => this.makeCall());
      }
    });
  }

  private async makeCall(): Promise<void> {
    const { random } = this.world;
    const recording = random.chance(0.25) ? random.pick(['ok', 'late', 'none'] as const) : null;
    const appCall: AppCall = {
      externalId: `app-${this.calls.length + 1}`,
      tokens: new Set(),
      finished: 0,
      refused: 0,
      sentFinishes: 0,
      durationSeconds: null,
      recording,
    };
    this.calls.push(appCall);
    const agent = random.pick(AGENTS);
    const statesStart = random.chance(0.5);
    const registering = {
      USER_ID: agent.id,
      PHONE_NUMBER: random.pick(NUMBERS),
      TYPE: random.chance(0.5) ? 1 : 2,
      SHOW: random.chance(0.3) ? 1 : 0,
      CRM_CREATE: random.chance(0.2) ? 1 : 0,
      EXTERNAL_CALL_ID: appCall.externalId,
      ...(statesStart ? { CALL_START_DATE: new Date(this.world.wallClock).toISOString() } : {}),
    };
    const token = await this.register(appCall, registering);
    if (token === null) return;
    await this.pause(100, 2_500);
    await this.finish(appCall, token, agent.id);
    // A careless program finishes again, with something else.
    if (random.chance(0.2)) {
      await this.pause(50, 2_000);
      await this.finish(appCall, token, agent.id);
    }
  }

  private async register(appCall: AppCall, params: object): Promise<string | null> {
    const { random } = this.world;
    for (let again = random.chance(0.15); ; ) {
      const reply = await this.call('telephony.externalcall.register', params);
      this.note(`register ${appCall.externalId}: ${outcomeOf(reply)}`);
      if (reply.kind === 'answer' && reply.status === 200) {
        const token = (JSON.parse(reply.text) as { result: { CALL_ID: string } }).result.CALL_ID;
        appCall.tokens.add(token);
        if (appCall.tokens.size > 1) {
          this.around.wrong(
            'exactly once',
            `${appCall.externalId} was registered as ${[...appCall.tokens].join(' and ')}`,
          );
        }
        await this.checks.registered(appCall, token);
        if (!again) return token;
        again = false;
      } else if (!this.isPassing(reply, `register ${appCall.externalId}`)) return null;
      await this.pause(200, 1_500);
    }
  }

  /** Until there is an answer, be it that it was finished before. */
  private async finish(appCall: AppCall, token: string, userId: number): Promise<void> {
    const durationSeconds = this.world.random.integer(0, 300);
    const { recording, externalId } = appCall;
    const params = {
      CALL_ID: token,
      USER_ID: userId,
      DURATION: durationSeconds,
      ADD_TO_CHAT: 1,
      ...(recording === null ? {} : { RECORD_URL: `https://recorder.example/${recording}/${externalId}.wav` }),
    };
    for (;;) {
      appCall.sentFinishes++;
      const reply = await this.call('telephony.externalcall.finish', params);
      this.note(`finish ${externalId}: ${outcomeOf(reply)}`);
      if (reply.kind === 'answer' && reply.status === 200) {
        appCall.finished++;
        appCall.durationSeconds = durationSeconds;
        if (appCall.finished > 1)
          this.around.wrong('exactly once', `${externalId} was finished ${appCall.finished} times`);
        await this.checks.finished(appCall);
        return;
      }
      if (reply.kind === 'answer' && reply.status === 400 && reply.text.includes('Call is not found')) {
        appCall.refused++;
        // Whoever is told that there is nothing to finish must have finished it before.
        await this.checks.finished(appCall);
        return;
      }
      if (!this.isPassing(reply, `finish ${externalId}`)) return;
      await this.pause(200, 1_500);
    }
  }

  private isPassing(reply: Reply, what: string): boolean {
    if (reply.kind === 'broken' || reply.status === 503) return true;
    this.around.wrong('answers', `${what} was answered ${reply.status} ${reply.text}`);
    return false;
  }

  private call(method: string, json: object): Promise<Reply> {
    return this.ask(this.anyAddress(), { path: `${HOOK}/${method}.json`, json });
  }
}
