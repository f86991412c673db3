/** What goes wrong in a simulation, and when: drawn from its seed. */
import type { DiskBehaviour } from '../../src/ledger/memory/memoryEngine.ts';
import type { NetworkWeather } from './network.ts';
import type { StoreWeather } from './store.ts';
import type { World } from './world.ts';

export class Weather {
  readonly network: NetworkWeather;
  /** How often connections are cut. */
  readonly cuts: number;
  /** Whether a client may not get what a server has written. */
  readonly mayLose: boolean;
  readonly store: StoreWeather;
  /** Of the recorder that recordings are fetched from. */
  readonly outsideMs: number;
  isDiskFull = false;
  /** Nodes without a way to their store. */
  readonly cutOff = new Set<string>();
  /** A clock that makes the ledger's time was wrong at some time; and so wrong that a node is dead by it. */
  wasClockWrong = false;
  hasClockJumped = false;
  /** The next commit cannot be confirmed. */
  failsNextSync = false;
  private isCalm = false;
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
    const { random } = world;
    const latencyMs = random.pick([1, 5, 30, 200]);
    const lostRequests = random.pick([0, 0.02, 0.1]);
    const lostAnswers = random.pick([0, 0.02, 0.1, 0.3]);
    const lostNotifications = random.pick([0, 0.2, 1]);
    const stumbles = random.pick([0, 0.002, 0.01]);
    const fullNowAndThen = random.pick([0, 0, 0.04]);
    const lostCommitAnswers = random.pick([0, 0, 0.05, 0.3]);
    this.cuts = random.pick([0, 0, 2]);
    this.mayLose = lostAnswers > 0 || this.cuts > 0;
    this.outsideMs = random.pick([5, 100, 3_000]);
    const bad = (chance: number) => (this.isCalm ? 0 : chance);
    this.network = {
      latencyMs,
      get lostRequests() {
        return bad(lostRequests);
      },
      get lostAnswers() {
        return bad(lostAnswers);
      },
    };
    this.store = {
      commitMs: random.pick([0.5, 3, 20, 120]),
      readMs: random.pick([1, 20, 100]),
      slowReads: random.pick([0, 0.2, 1]),
      disk: () => this.disk(bad(lostCommitAnswers), bad(fullNowAndThen)),
      // Nobody promises that one arrives, ever.
      lostNotifications,
      get stumbles() {
        return bad(stumbles);
      },
      isCutOff: name => this.cutOff.has(name),
    };
  }

  /** Nothing goes wrong from now on. */
  calmDown(): void {
    this.isCalm = true;
    this.isDiskFull = false;
    this.failsNextSync = false;
    this.cutOff.clear();
  }

  private disk(lostAnswers: number, fullNowAndThen: number): DiskBehaviour {
    if (this.isDiskFull || this.world.random.chance(fullNowAndThen)) return 'full';
    if (this.failsNextSync) {
      this.failsNextSync = false;
      return 'failedSync';
    }
    return this.world.random.chance(lostAnswers) ? 'lostAnswer' : 'works';
  }
}
