/** One seed: a world, servers and their clients in it, what goes wrong, and what is found in the end. */
import { createHash } from 'node:crypto';
import { OUTBOX_KEPT_MS } from '../../src/campaigns/agentOutbox.ts';
import type { ChangeSet } from '../../src/ledger/engine.ts';
import {
  checkDue,
  checkOrder,
  checkPublished,
  checkReader,
  checkSettling,
  checkStatistics,
  checkTimely,
  isAnythingDue,
} from './atRest.ts';
import { type Cast, gather } from './cast.ts';
import { type Everything, readEverything } from './everything.ts';
import {
  checkBelonging,
  checkLegs,
  checkQuarantine,
  checkRecords,
  checkRegistrations,
  checkStated,
} from './exactlyOnce.ts';
import { planFaults } from './faults.ts';
import { inhabit } from './machine.ts';
import { MUTANTS, type Mutant } from './mutants.ts';
import { Network } from './network.ts';
import { Outside } from './outside.ts';
import { checkFold, checkPortalList, checkPossible } from './recompute.ts';
import { Servers, whereFrom } from './servers.ts';
import { checkLine } from './settlement.ts';
import { sharedStore } from './sharedStore.ts';
import { type Store, soleStore } from './store.ts';
import { StoreWatch } from './storeWatch.ts';
import { checkWaits } from './waits.ts';
import { Weather } from './weather.ts';
import { type TraceLine, World } from './world.ts';

/** Clients begin new things for so long, things go wrong for a little longer, and then everything must come to rest. */
const BUSY_MS = 9_000;
const LAST_FAULT_MS = 12_000;
const CALM_AFTER_MS = 12_500;
/** By then everybody who stood still has gone on, and has been started again where it had to be. */
const LAST_STOP_MS = 26_000;
/** The longest wait there is: a finish whose recording comes late, and what a desktop is told within a minute. */
const REST_WITHIN_MS = 100_000;
/** After a clock that was far ahead the ledger's time goes on at half the pace. */
const REST_AT_HALF_PACE_MS = 2 * REST_WITHIN_MS;
/** What was told last is on its way for so long. */
const FAREWELL_MS = 3_000;

/** One server on a disk of its own; one whose store is elsewhere; two on one store. */
const KINDS = ['near', 'near', 'far', 'two nodes', 'two nodes'] as const;

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

class Simulation {
  readonly world: World;
  readonly findings: Finding[] = [];
  private readonly mutant: Mutant | null;

  constructor(seed: number, mutant: Mutant | null) {
    this.mutant = mutant;
    this.world = new World(seed);
  }

  async run(founding: ChangeSet): Promise<Everything> {
    const { world, mutant, wrong } = this;
    const { random } = world;
    const weather = new Weather(world);
    const network = new Network(world, () => weather.network);
    const outside = new Outside(() => random.next() * weather.outsideMs);
    const kind = random.pick(KINDS);
    world.note('world', kind);
    const watch = new StoreWatch(world, wrong);
    const onStored = watch.stored.bind(watch);
    const options = { world, weather: weather.store, founding, onStored };
    const store = kind === 'two nodes' ? await sharedStore(options) : await soleStore(options, kind === 'far');
    const names = kind === 'two nodes' ? ['node a', 'node b'] : ['node'];
    const servers = new Servers(names, { world, network, store, outside, mutant, wrong });
    // Until a node finds that it is dead by a time that has jumped, one of its sessions may be refused a subscription elsewhere.
    const mayExpire = (since: number) =>
      weather.hasClockJumped && (names.length > 1 || store.now - since >= OUTBOX_KEPT_MS);
    const around = {
      world,
      network,
      addresses: servers.slots,
      busyUntilMs: BUSY_MS,
      wrong,
      ledgerNow: () => store.now,
      mayExpire,
    };
    // An answer that has come as far as the node which passed the request on is lost with it.
    const cast = gather(around, store.reader, weather.mayLose || names.length > 1);
    for (const slot of servers.slots) servers.start(slot);
    planFaults({ world, weather, network, servers, store }, LAST_FAULT_MS);
    for (const client of cast.everybody) client.start();
    await world.run(CALM_AFTER_MS);
    world.note('world', 'nothing goes wrong from now on');
    weather.calmDown();
    for (const process of [store.clockOf, ...servers.slots.map(each => each.process)]) {
      if (process !== null) process.clockAheadMs = 0;
    }
    const withinMs = weather.hasClockJumped ? REST_AT_HALF_PACE_MS : REST_WITHIN_MS;
    if (!(await this.comesToRest(cast, store, withinMs))) {
      wrong('liveness', `not at rest ${withinMs} ms after the last fault`);
    }
    const all = await this.check(cast, servers, store);
    checkTimely(servers, watch.enteredAt, LAST_STOP_MS, wrong);
    checkWaits(watch, all, weather.wasClockWrong, wrong);
    return all;
  }

  /** Looks every second whether anything is still to be done. */
  private async comesToRest({ everybody }: Cast, store: Store, withinMs: number): Promise<boolean> {
    const { world } = this;
    while (world.now < CALM_AFTER_MS + withinMs) {
      await world.run(world.now + 1_000);
      if (everybody.every(each => each.isDone) && !(await isAnythingDue(store.reader))) {
        await world.run(world.now + FAREWELL_MS);
        return true;
      }
    }
    return false;
  }

  private async check({ pbx, app, clerk, reader, desktops }: Cast, servers: Servers, store: Store) {
    const { world, wrong } = this;
    const all = await readEverything(store.reader);
    checkLegs(pbx, all, wrong);
    checkQuarantine(pbx, all, wrong);
    checkBelonging(all, wrong);
    checkRegistrations(app, all, wrong);
    checkStated(clerk, all, wrong);
    checkRecords(desktops, all, wrong);
    checkDue(all, wrong);
    checkLine(all, wrong);
    checkOrder(all, wrong);
    checkReader(reader, all, wrong);
    checkPublished(servers.lives, all, wrong);
    checkFold(all, wrong);
    checkPossible(all, wrong);
    checkPortalList(all, wrong);
    await checkStatistics(store.reader, 'America/New_York', wrong);
    await checkSettling(store.reader, all, wrong);
    for (const who of world.spinning) wrong('liveness', `${who} asks for ever and ever, and time does not pass`);
    for (const { who, error } of world.uncaught) wrong('uncaught', `${who}: ${whereFrom(error)}`);
    return all;
  }

  private readonly wrong = (checker: string, what: string): void => {
    this.findings.push({ checker, what });
    this.world.note('CHECK', `${checker}: ${what}`);
  };
}

/** `mutant`: its name; null: none. */
export async function simulate(seed: number, mutant: string | null, founding: ChangeSet): Promise<Run> {
  const found = mutant === null ? null : MUTANTS.find(each => each.name === mutant);
  if (found === undefined) throw new Error(`there is no mutant ${mutant}`);
  const simulation = new Simulation(seed, found);
  const { world, findings } = simulation;
  inhabit(world);
  const takeBack = found?.patch?.();
  try {
    const all = await simulation.run(founding);
    const digest = createHash('sha256').update(JSON.stringify(all)).digest('hex');
    return { seed, findings, trace: world.trace, digest, events: world.events, entries: all.journal.length };
  } finally {
    takeBack?.();
    inhabit(null);
  }
}
