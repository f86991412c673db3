/** A PBX that pushes an event 30012 for each leg of a call: until it is acknowledged, late, twice, and in any order. */
import { Client, outcomeOf, type Surroundings } from './client.ts';
import { AGENTS, NUMBERS } from './organisation.ts';

/** One leg that was told. */
export interface Pushed {
  readonly callId: string;
  readonly leg: number;
  /** How often it left, and how often a 200 came back. */
  sent: number;
  acknowledged: number;
}

/** An event that nobody understands. */
export interface Garbled {
  readonly msg: string;
  acknowledged: number;
}

export const SERIAL = 'PBX1';
const STATUSES = ['ANSWERED', 'NO ANSWER', 'BUSY'] as const;

export class Pbx extends Client {
  readonly pushed: Pushed[] = [];
  readonly garbled: Garbled[] = [];
  private calls = 0;
  /** What is to be known about an acknowledged leg at once. */
  private readonly check: (pushed: Pushed) => Promise<void>;

  constructor(around: Surroundings, check: (pushed: Pushed) => Promise<void>) {
    super('pbx', around);
    this.check = check;
  }

  start(): void {
    this.begin(async () => {
      const { random } = this.world;
      while (this.world.now < this.around.busyUntilMs) {
        await this.pause(100, 1_800);
        // Somebody sets its clock.
        if (random.chance(0.05)) this.process.clockAheadMs = random.pick([0, -7_000, 40_000, 3_600_000]);
        this.begin(() => (random.chance(0.1) ? this.garble() : this.makeCall()));
      }
    });
  }

  private async makeCall(): Promise<void> {
    const { random } = this.world;
    const callId = `1700000000.${++this.calls}`;
    const outbound = random.chance(0.5);
    const number = random.pick(NUMBERS);
    const legs = outbound || random.chance(0.6) ? 1 : 2;
    const status = random.pick(STATUSES);
    const agents = random.chance(0.5) ? AGENTS : [...AGENTS].reverse();
    for (let leg = 0; leg < legs; leg++) {
      const startedAt = this.world.wallClock;
      const ringSeconds = random.integer(0, 1);
      const talkSeconds = status === 'ANSWERED' ? random.integer(0, 2) : 0;
      await this.world.sleep((ringSeconds + talkSeconds) * 1_000);
      const event = {
        call_id: callId,
        uid: `${callId}-${leg}`,
        time_start: new Date(startedAt).toISOString().slice(0, 19).replace('T', ' '),
        call_from: outbound ? agents[leg]!.extension : number,
        call_to: outbound ? `9${number.replace('+1', '').replace('+', '011')}` : agents[leg]!.extension,
        call_duration: ringSeconds + talkSeconds,
        talk_duration: talkSeconds,
        src_trunk_name: outbound ? '' : 'Trunk1',
        dst_trunk_name: outbound ? 'Trunk1' : '',
        status,
        type: outbound ? 'Outbound' : 'Inbound',
      };
      const pushed = { callId, leg, sent: 0, acknowledged: 0 };
      this.pushed.push(pushed);
      this.begin(() => this.push(pushed, event));
    }
  }

  /** A firmware with a fault of its own: what it sends is kept for a look, once. */
  private async garble(): Promise<void> {
    const garbled = { msg: `{call_id: ?? ${this.garbled.length + 1}`, acknowledged: 0 };
    this.garbled.push(garbled);
    for (let times = this.world.random.integer(1, 2); times > 0; ) {
      const json = { type: 30012, sn: SERIAL, msg: garbled.msg };
      const reply = await this.ask(this.anyAddress(), { path: '/yeastar/hq', json });
      this.note(`garbled ${this.garbled.length}: ${outcomeOf(reply)}`);
      if (reply.kind === 'answer' && reply.status === 200) {
        garbled.acknowledged++;
        times--;
      }
      await this.pause(300, 2_500);
    }
  }

  /** Until it is acknowledged, and now and then once more. */
  private async push(pushed: Pushed, event: object): Promise<void> {
    const { random } = this.world;
    const name = `leg ${pushed.callId}/${pushed.leg}`;
    if (random.chance(0.15)) await this.pause(200, 4_000);
    for (let again = random.chance(0.15); ; ) {
      pushed.sent++;
      const json = { type: 30012, sn: SERIAL, msg: JSON.stringify(event) };
      const reply = await this.ask(this.anyAddress(), { path: '/yeastar/hq', json });
      this.note(`${name}: ${outcomeOf(reply)}`);
      if (reply.kind === 'answer' && reply.status === 200) {
        pushed.acknowledged++;
        await this.check(pushed);
        if (!again) return;
        again = false;
      }
      if (reply.kind === 'answer' && reply.status >= 400 && reply.status < 500) {
        this.around.wrong('answers', `${name} was refused: ${reply.status} ${reply.text}`);
        return;
      }
      await this.pause(300, 2_500);
    }
  }
}
