/** A program that reads `GET /v1/events`, and goes on after the last event it has seen whenever the stream breaks. */
import { Client, type Surroundings } from './client.ts';
import { TOKEN } from './organisation.ts';

export interface SeenEntry {
  /** As the stream has it: a position, for a part of an entry that stands for many with its call. */
  readonly id: string;
  readonly text: string;
}

export class EventReader extends Client {
  readonly seen: SeenEntry[] = [];

  constructor(name: string, around: Surroundings) {
    super(name, around);
  }

  /** It never ends by itself, and nothing waits for it. */
  start(): void {
    this.world.begin(this.process, async () => {
      for (;;) {
        await this.readOn();
        await this.pause(20, 600);
      }
    });
  }

  private readOn(): Promise<void> {
    return new Promise(resolve => {
      const last = this.seen.at(-1)?.id ?? '0';
      const headers = { authorization: `Bearer ${TOKEN}`, 'last-event-id': last };
      let rest = '';
      const asking = { method: 'GET', url: '/v1/events', headers, body: null };
      // Now and then it looks elsewhere.
      const { random } = this.world;
      const leaving = random.chance(0.3)
        ? this.world.in(random.integer(500, 8_000), this.process, () => stream.giveUp())
        : null;
      const stream = this.around.network.connect(this.anyAddress(), asking, {
        head: () => {},
        chunk: text => {
          const frames = (rest + text).split('\n\n');
          rest = frames.pop()!;
          for (const frame of frames) this.take(frame);
        },
        ended: () => {
          leaving?.cancel();
          this.note(`the stream ended after ${this.seen.at(-1)?.id ?? 0}`);
          resolve();
        },
      });
    });
  }

  private take(frame: string): void {
    const id = /^id: (\d+(?:\.\d+)?)$/m.exec(frame)?.[1];
    if (id === undefined) return;
    const before = this.seen.at(-1)?.id ?? '0';
    const isOnward = positionIn(id) > positionIn(before) || (id.includes('.') && positionIn(id) === positionIn(before));
    if (!isOnward || id === before) this.around.wrong('cursor', `${this.process.name} got event ${id} after ${before}`);
    this.seen.push({ id, text: frame });
  }
}

const positionIn = (id: string): number => Number(id.split('.')[0]);
