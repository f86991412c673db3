/** Programs and people at `/v1`: they report calls, correct them, take that back, and say which are one. */
import { Client, outcomeOf, type Surroundings } from './client.ts';
import type { Reply } from './network.ts';
import { NUMBERS, TOKEN } from './organisation.ts';

/** A call it reported. */
export interface Reported {
  readonly externalId: string;
  readonly ids: Set<number>;
}

/** A correction, known by its reason. */
export interface Corrected {
  readonly reason: string;
  sent: number;
  acknowledged: number;
}

export class Clerk extends Client {
  readonly reported: Reported[] = [];
  readonly corrected: Corrected[] = [];
  /** Ids of calls it has come across. */
  private readonly ids: number[] = [];
  private readonly reportedCheck: (reported: Reported) => Promise<void>;

  constructor(around: Surroundings, reportedCheck: (reported: Reported) => Promise<void>) {
    super('clerk', around);
    this.reportedCheck = reportedCheck;
  }

  start(): void {
    this.begin(async () => {
      const { random } = this.world;
      while (this.world.now < this.around.busyUntilMs) {
        await this.pause(300, 3_000);
        if (this.ids.length < 2 || random.chance(0.4)) this.begin(() => this.report());
        else
          this.begin(random.pick([() => this.correct(), () => this.correct(), () => this.judge(), () => this.look()]));
      }
    });
  }

  /** A call that is going on, and then has ended; or one that has ended. */
  private async report(): Promise<void> {
    const { random } = this.world;
    const reported: Reported = { externalId: `crm-${this.reported.length + 1}`, ids: new Set() };
    this.reported.push(reported);
    const startedAt = this.world.wallClock;
    const body = {
      externalId: reported.externalId,
      direction: random.pick(['inbound', 'outbound']),
      from: random.pick(NUMBERS),
      to: '2001',
      startedAt: new Date(startedAt).toISOString(),
    };
    if (random.chance(0.5)) await this.state(reported, body);
    await this.pause(100, 2_000);
    await this.state(reported, { ...body, durationSeconds: random.integer(1, 90), outcome: 'answered' });
  }

  private async state(reported: Reported, json: object): Promise<void> {
    const { random } = this.world;
    for (let again = random.chance(0.2); ; ) {
      const reply = await this.v1('POST', '/v1/calls', json);
      this.note(`report ${reported.externalId}: ${outcomeOf(reply)}`);
      if (reply.kind === 'answer' && (reply.status === 201 || reply.status === 200)) {
        const { id } = JSON.parse(reply.text) as { id: number };
        reported.ids.add(id);
        this.ids.push(id);
        await this.reportedCheck(reported);
        if (!again) return;
        again = false;
      } else if (!this.isPassing(reply, `report ${reported.externalId}`, [])) return;
      await this.pause(200, 1_500);
    }
  }

  private async correct(): Promise<void> {
    const { random } = this.world;
    const id = random.pick(this.ids);
    const corrected: Corrected = { reason: `reason ${this.corrected.length + 1}`, sent: 0, acknowledged: 0 };
    this.corrected.push(corrected);
    const fields = random.pick([
      { disposition: 'sale' },
      { outcome: 'voicemail', note: 'called back' },
      { userId: 2 },
      { outcome: 'missed' },
      { talkSeconds: random.pick([0, 5, 40]) },
      { endedAt: new Date(this.world.wallClock).toISOString() },
      { startedAt: new Date(this.world.wallClock - 86_400_000 * 2).toISOString() },
    ]);
    for (let tries = 0; tries < 3; tries++) {
      corrected.sent++;
      const reply = await this.v1('POST', `/v1/calls/${id}/corrections`, { reason: corrected.reason, fields });
      this.note(`correct ${id}: ${outcomeOf(reply)}`);
      if (reply.kind === 'answer' && reply.status === 201) {
        corrected.acknowledged++;
        if (random.chance(0.4)) await this.takeBack(id, (JSON.parse(reply.text) as { n: number }).n);
        return;
      }
      if (!this.isPassing(reply, `correct ${id}`, [400])) return;
      await this.pause(200, 1_000);
    }
  }

  private async takeBack(id: number, n: number): Promise<void> {
    await this.pause(50, 1_500);
    const reply = await this.v1('DELETE', `/v1/calls/${id}/corrections/${n}`, undefined);
    this.note(`take back ${id}/${n}: ${outcomeOf(reply)}`);
    this.isPassing(reply, `take back ${id}/${n}`, [200, 404]);
  }

  /** Joins two calls, and perhaps thinks better of it. */
  private async judge(): Promise<void> {
    const { random } = this.world;
    const [id, other] = [random.pick(this.ids), random.pick(this.ids)];
    if (id === other) return;
    const reply = await this.v1('POST', `/v1/calls/${id}/join`, { with: other });
    this.note(`join ${id} and ${other}: ${outcomeOf(reply)}`);
    if (!this.isPassing(reply, `join ${id} and ${other}`, [200, 400])) return;
    if (random.chance(0.5)) return;
    await this.pause(100, 3_000);
    const parted = await this.v1('POST', `/v1/calls/${id}/split`, { calls: [other] });
    this.note(`split ${other} from ${id}: ${outcomeOf(parted)}`);
    this.isPassing(parted, `split ${other} from ${id}`, [200, 400]);
  }

  private async look(): Promise<void> {
    const reply = await this.v1('GET', '/v1/calls', undefined);
    if (reply.kind !== 'answer' || reply.status !== 200) return;
    const { items } = JSON.parse(reply.text) as { items: readonly { id: number }[] };
    this.ids.push(...items.map(each => each.id));
  }

  private isPassing(reply: Reply, what: string, expected: readonly number[]): boolean {
    if (reply.kind === 'broken' || reply.status === 503 || expected.includes(reply.status)) return true;
    this.around.wrong('answers', `${what} was answered ${reply.status} ${reply.text}`);
    return false;
  }

  private v1(method: string, path: string, json: unknown): Promise<Reply> {
    return this.ask(this.anyAddress(), { method, path, json, headers: { authorization: `Bearer ${TOKEN}` } });
  }
}
