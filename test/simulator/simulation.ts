/** One seed: a world, servers and their clients in it, what goes wrong, and what is found in the end. */
import { createHash } from 'node:crypto';
import { report } from '../../src/calls/entities.ts';
import { notice } from '../../src/campaigns/entities.ts';
import { registration } from '../../src/crm/entities.ts';
import { type ChangeSet, EngineFault } from '../../src/ledger/engine.ts';
import type { JournalRow } from '../../src/ledger/journal.ts';
import { StorageUnavailable } from '../../src/ledger/refusals.ts';
import {
  checkDue,
  checkLegs,
  checkOrder,
  checkReader,
  checkRecords,
  checkRegistrations,
  checkSaid,
  checkStatistics,
  checkTold,
  type Everything,
  isAnythingDue,
  readEverything,
} from './checks.ts';
import { Clerk } from './clerk.ts';
import type { Client, Surroundings } from './client.ts';
import { Desktop } from './desktop.ts';
import { EventReader } from './eventReader.ts';
import { inhabit } from './machine.ts';
import { type Address, Network } from './network.ts';
import { Node } from './node.ts';
import { AGENTS } from './organisation.ts';
import { Outside } from './outside.ts';
import { Pbx, SERIAL } from './pbx.ts';
import { PLANTS, type Plant } from './plants.ts';
import { checkFold, checkPortalList } from './recompute.ts';
import { sharedStore } from './sharedStore.ts';
import { type Store, soleStore } from './store.ts';
import { TelephonyApp } from './telephonyApp.ts';
import { instants, Weather } from './weather.ts';
import { Process, type TraceLine, World } from './world.ts';

/** Clients begin new things for so long, things go wrong for a little longer, and then everything must come to rest. */
const BUSY_MS = 9_000;
const CALM_AFTER_MS = 12_500;
/** The longest wait there is: a finish whose recording comes late, and an attempt's timeout. */
const REST_WITHIN_MS = 100_000;

export interface Finding {
  readonly checker: string;
  readonly what: string;
}

export interface Run {
  readonly seed: number;
  readonly findings: readonly Finding[];
  readonly trace: readonly TraceLine[];
  /** Of the journal and of everything else that is stored. */
  readonly digest: string;
  readonly events: number;
  readonly entries: number;
}

/** A slot for a server: it may be there, be away, or be another one than before. */
interface Slot extends Address {
  node: Node | null;
  process: Process | null;
}

/** One server on a disk of its own; one whose store is elsewhere; two on one store. */
const KINDS = ['near', 'far', 'two nodes', 'two nodes'] as const;

class Simulation {
  readonly world: World;
  private readonly findings: Finding[] = [];
  private readonly weather: Weather;
  private readonly network: Network;
  private readonly outside: Outside;
  private readonly slots: Slot[] = [];
  private readonly lives: JournalRow[][] = [];
  private readonly fate = new Process('fate');
  private readonly batchCommands: number;
  private readonly thinksMs: number;
  private readonly plant: Plant | null;
  private store!: Store;

  constructor(seed: number, plant: Plant | null) {
    this.plant = plant;
    this.world = new World(seed);
    const { random } = this.world;
    this.weather = new Weather(this.world);
    this.network = new Network(this.world, () => this.weather.network);
    this.outside = new Outside(() => random.next() * this.weather.outsideMs);
    this.batchCommands = random.pick([512, 512, 8, 2]);
    this.thinksMs = random.pick([0, 0, 1, 12]);
  }

  async run(founding: ChangeSet): Promise<{ all: Everything; findings: readonly Finding[] }> {
    const { world } = this;
    const { random } = world;
    const kind = random.pick(KINDS);
    const options = { world, weather: this.weather.store, founding };
    this.store = kind === 'two nodes' ? await sharedStore(options) : await soleStore(options, kind === 'far');
    world.note('world', kind);
    for (const name of kind === 'two nodes' ? ['node a', 'node b'] : ['node']) {
      this.slots.push({ name, node: null, process: null });
    }
    const around: Surroundings = {
      world,
      network: this.network,
      addresses: this.slots,
      busyUntilMs: BUSY_MS,
      wrong: this.wrong,
    };
    const { reader: stored } = this.store;
    const pbx = new Pbx(around, async ({ callId }) => {
      const where = [{ column: 'group' as const, is: '=' as const, value: `${SERIAL}|${callId}` }];
      const rows = await stored.select({ from: report, where, limit: 1 });
      if (rows.length === 0) this.wrong('answers', `a leg of ${callId} was acknowledged before it was stored`);
    });
    const byToken = async (token: string) => {
      const where = [{ column: 'token' as const, is: '=' as const, value: token }];
      return (await stored.select({ from: registration, where, limit: 1 }))[0];
    };
    const app = new TelephonyApp(around, {
      registered: async (told, token) => {
        if ((await byToken(token)) === undefined)
          this.wrong('answers', `${told.externalId} was answered before it was stored`);
      },
      finished: async told => {
        const row = await byToken([...told.tokens][0]!);
        if (row?.finishedAt == null)
          this.wrong('answers', `the finish of ${told.externalId} was answered before it was stored`);
      },
    });
    const reader = new EventReader('reader', around);
    const desktops = AGENTS.map(agent => {
      const address = this.slots[agent.id % this.slots.length]!;
      return new Desktop(agent, address, around, this.weather.mayLose, async ({ reference, read }) => {
        if (read > 0) return;
        const kept = await stored.select({ from: notice, limit: 1_000 });
        const isKept = kept.some(each => each.messages.some(({ data }) => referenceIn(data) === reference));
        // Told and confirmed meanwhile, the desktop would have read it.
        if (!isKept) this.wrong('answers', `${reference} was answered before its acknowledgement was stored`);
      });
    });
    const clerk = new Clerk(around, async ({ externalId }) => {
      const where = [{ column: 'group' as const, is: '=' as const, value: `id|${externalId}` }];
      const rows = await stored.select({ from: report, where, limit: 1 });
      if (rows.length === 0) this.wrong('answers', `${externalId} was answered before it was stored`);
    });
    const clients: Client[] = [pbx, app, clerk, reader, ...desktops];
    for (const slot of this.slots) this.startNode(slot);
    this.planFaults();
    for (const client of clients) client.start();
    await world.run(CALM_AFTER_MS, () => false);
    world.now = CALM_AFTER_MS;
    this.calmDown();
    const isOver = await this.rest(clients);
    if (!isOver) this.wrong('liveness', `not at rest ${REST_WITHIN_MS} ms after the last fault`);
    const all = await readEverything(stored);
    checkLegs(pbx, all, this.wrong);
    checkRegistrations(app, all, this.wrong);
    checkDue(all, this.wrong);
    checkOrder(all, this.wrong);
    checkSaid(clerk, all, this.wrong);
    checkRecords(desktops, all, this.wrong);
    checkReader(reader, all, this.wrong);
    checkTold(this.lives, all, this.wrong);
    checkFold(all, this.wrong);
    checkPortalList(all, this.wrong);
    await checkStatistics(stored, 'America/New_York', this.wrong);
    for (const who of world.spinning) this.wrong('liveness', `${who} asks for ever and ever, and time does not pass`);
    for (const { who, error } of world.uncaught) {
      this.wrong('uncaught', `${who}: ${whereFrom(error)}`);
    }
    return { all, findings: this.findings };
  }

  private readonly wrong = (checker: string, what: string): void => {
    this.findings.push({ checker, what });
    this.world.note('CHECK', `${checker}: ${what}`);
  };

  private startNode(slot: Slot): void {
    const { world } = this;
    const process = new Process(slot.name);
    process.thinksMs = this.thinksMs;
    const told: JournalRow[] = [];
    this.lives.push(told);
    slot.process = process;
    world.note(slot.name, 'starts');
    world.begin(process, async () => {
      const starting = Node.start({
        world,
        process,
        engine: this.store.open(process),
        outside: this.outside,
        batchCommands: this.batchCommands,
        onFatal: error => {
          world.note(slot.name, `stops by itself: ${error.message}`);
          world.in(0, this.fate, () => this.endNode(slot, process, 500));
        },
        onTold: entries => told.push(...entries),
        // Nothing can be asked at the moment: what was begun is begun again.
        onError: (what, error) =>
          error instanceof StorageUnavailable || this.wrong('log', `${slot.name}: ${what}: ${whereFrom(error)}`),
        spoiled: this.plant?.spoil?.(world.wallClock) ?? {},
      });
      slot.node = await starting.catch(error => {
        if (!(error instanceof EngineFault || error instanceof StorageUnavailable)) throw error;
        world.note(slot.name, `cannot start: ${error.message}`);
        world.in(0, this.fate, () => this.endNode(slot, process, 500));
        return null;
      });
    });
  }

  /** The process is gone, and another one begins a while later. */
  private endNode(slot: Slot, process: Process, awayMs: number): void {
    if (slot.process !== process || process.hasEnded) return;
    process.hasEnded = true;
    this.store.lost(process);
    const { node } = slot;
    slot.node = null;
    if (node !== null) this.network.ended(node);
    this.world.in(awayMs, this.fate, () => this.startNode(slot));
  }

  /** As an operator does it: what was begun is finished, and what comes is refused. */
  private stopNode(slot: Slot, node: Node): void {
    const { world } = this;
    world.note(slot.name, 'is told to stop');
    world.begin(node.process, async () => {
      await node.stop();
      world.note(slot.name, 'has stopped');
      world.in(0, this.fate, () => this.endNode(slot, node.process, 50));
    });
  }

  private planFaults(): void {
    const { world, weather } = this;
    const { random } = world;
    const plan = (times: number, happen: () => void) => {
      for (const at of instants(random, times, CALM_AFTER_MS - 500)) world.in(at, this.fate, happen);
    };
    plan(random.pick([0, 1, 2, 4]), () => {
      const slot = random.pick(this.slots);
      if (slot.process === null || slot.process.hasEnded) return;
      world.note(slot.name, 'is killed');
      this.endNode(slot, slot.process, random.integer(50, 2_500));
    });
    plan(random.pick([0, 0, 0, 1, 2]), () => {
      const slot = random.pick(this.slots);
      if (slot.node !== null) this.stopNode(slot, slot.node);
    });
    plan(random.pick([0, 0, 1, 2]), () => {
      const slot = random.pick(this.slots);
      if (slot.process === null) return;
      const forMs = random.integer(50, 3_000);
      world.note(slot.name, `is stopped for ${forMs} ms`);
      slot.process.stoppedUntil = world.now + forMs;
    });
    plan(random.pick([0, 0, 1]), () => {
      const forMs = random.integer(50, 2_500);
      world.note('disk', `is full for ${forMs} ms`);
      weather.isDiskFull = true;
      world.in(forMs, this.fate, () => {
        weather.isDiskFull = false;
      });
    });
    plan(random.pick([0, 0, 1, 2]), () => {
      if (this.slots.length === 1) return;
      const { name } = random.pick(this.slots);
      const forMs = random.integer(50, 4_000);
      world.note(name, `has no way to the store for ${forMs} ms`);
      weather.cutOff.add(name);
      world.in(forMs, this.fate, () => weather.cutOff.delete(name));
    });
    plan(random.pick([0, 0, 2]), () => {
      const { process, name } = random.pick(this.slots);
      if (process === null) return;
      process.clockAheadMs = random.integer(-1_500, 1_500);
      world.note(name, `has a clock that is ${process.clockAheadMs} ms ahead`);
    });
    plan(weather.cuts, () => {
      world.note('network', 'cuts connections');
      this.network.cutSome(0.5);
    });
    plan(random.pick([0, 0, 0, 1]), () => {
      world.note('disk', 'fails the next sync');
      weather.failsNextSync = true;
    });
  }

  private calmDown(): void {
    this.world.note('world', 'nothing goes wrong from now on');
    this.weather.calmDown();
    for (const slot of this.slots) if (slot.process !== null) slot.process.clockAheadMs = 0;
  }

  /** Looks every second whether anything is still to be done. */
  private async rest(clients: readonly Client[]): Promise<boolean> {
    const { world } = this;
    for (let at = world.now; at < CALM_AFTER_MS + REST_WITHIN_MS; at += 1_000) {
      await world.run(at, () => false);
      world.now = at;
      if (clients.every(each => each.isDone) && !(await isAnythingDue(this.store.reader))) {
        // What is told is on its way still.
        await world.run(at + 3_000, () => false);
        return true;
      }
    }
    return false;
  }
}

const referenceIn = (data: unknown): unknown => (data as { referenceId?: unknown }).referenceId;

/** What was thrown, and where in the house. */
function whereFrom(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const lines = (error.stack ?? '').split('\n').slice(1);
  const places = lines.flatMap(each => /\/(src\/[^)]+)\)?$/.exec(each)?.[1] ?? []);
  return [error.message, ...places.slice(0, 4)].join(' < ');
}

/** `plant`: the name of a bug that is put into it. */
export async function simulate(seed: number, plant: string | null, founding: ChangeSet): Promise<Run> {
  const planted = plant === null ? null : PLANTS.find(each => each.name === plant);
  if (planted === undefined) throw new Error(`there is no planted bug ${plant}`);
  const simulation = new Simulation(seed, planted);
  const { world } = simulation;
  inhabit(world);
  const takeBack = planted?.patch?.();
  try {
    const { all, findings } = await simulation.run(founding);
    const digest = createHash('sha256').update(JSON.stringify(all)).digest('hex');
    return { seed, findings, trace: world.trace, digest, events: world.events, entries: all.journal.length };
  } finally {
    takeBack?.();
    inhabit(null);
  }
}
