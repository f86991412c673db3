/** What every client of the simulation has: its process, somebody to ask, and a memory of what it was told. */
import type { Address, Network, Reply } from './network.ts';
import { Process, type World } from './world.ts';

export interface Surroundings {
  readonly world: World;
  readonly network: Network;
  readonly addresses: readonly Address[];
  /** Nothing new begins after this, in virtual milliseconds. */
  readonly busyUntilMs: number;
  /** The ledger's time, UTC milliseconds. */
  readonly ledgerNow: () => number;
  /** Whether what was told at this time of the ledger may be forgotten by now, though no minute has passed. */
  readonly mayExpire: (since: number) => boolean;
  /** Something is not as it was promised. */
  readonly wrong: (checker: string, what: string) => void;
}

export interface ClientRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
}

export abstract class Client {
  readonly process: Process;
  protected readonly around: Surroundings;
  /** Things begun and not concluded. */
  private unfinished = 0;

  constructor(name: string, around: Surroundings) {
    this.process = new Process(name);
    this.around = around;
  }

  /** Whether there is nothing any more that it wants to be done. */
  get isDone(): boolean {
    return this.around.world.now >= this.around.busyUntilMs && this.unfinished === 0;
  }

  abstract start(): void;

  protected get world(): World {
    return this.around.world;
  }

  protected note(what: string): void {
    this.world.note(this.process.name, what);
  }

  /** Begins something beside what goes on already. */
  protected begin(task: () => Promise<void>): void {
    this.unfinished++;
    this.world.begin(this.process, async () => {
      await task();
      this.unfinished--;
    });
  }

  protected anyAddress(): Address {
    return this.world.random.pick(this.around.addresses);
  }

  protected async ask(to: Address, { method = 'POST', path, headers = {}, json }: ClientRequest): Promise<Reply> {
    const body = json === undefined ? null : Buffer.from(JSON.stringify(json));
    const typed = body === null ? headers : { 'content-type': 'application/json', ...headers };
    return this.around.network.ask(to, { method, url: path, headers: typed, body });
  }

  protected pause(fromMs: number, toMs: number): Promise<void> {
    return this.world.sleep(fromMs + this.world.random.next() * (toMs - fromMs));
  }
}

/** `200 from node a` */
export const outcomeOf = (reply: Reply): string =>
  `${reply.kind === 'broken' ? 'no answer' : reply.status} from ${reply.from}`;
