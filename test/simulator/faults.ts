/** What goes wrong at an instant: drawn from the seed, like everything. */
import { DEAD_AFTER_MS } from '../../src/nodes/leases.ts';
import type { Network } from './network.ts';
import type { Servers, Slot } from './servers.ts';
import type { Store } from './store.ts';
import type { Weather } from './weather.ts';
import type { Process, World } from './world.ts';

export interface Faulty {
  readonly world: World;
  readonly weather: Weather;
  readonly network: Network;
  readonly servers: Servers;
  readonly store: Store;
}

/** Long enough to be taken for dead, and to lose one's work. */
const LONGER_THAN_DEAD_MS = [5_600, 9_000] as const;
const JUMP_MS = 600_000;

/** All of it happens before `untilMs`; what lasts may last longer. */
export function planFaults({ world, weather, network, servers, store }: Faulty, untilMs: number): void {
  const { random } = world;
  const { fate, slots } = servers;
  const plan = (times: number, happen: (slot: Slot) => void) => {
    for (let n = 0; n < times; n++) world.in(random.next() * untilMs, fate, () => happen(random.pick(slots)));
  };
  const lasting = (longestMs: number) =>
    slots.length > 1 && random.chance(0.3) ? random.integer(...LONGER_THAN_DEAD_MS) : random.integer(50, longestMs);
  const setClock = (process: Process, aheadMs: number) => {
    process.clockAheadMs = aheadMs;
    if (store.clockOf !== null && store.clockOf !== process) return;
    weather.wasClockWrong = true;
    if (Math.abs(aheadMs) >= DEAD_AFTER_MS) weather.hasClockJumped = true;
  };
  plan(random.pick([0, 1, 2, 4]), slot => {
    if (slot.process === null || slot.process.hasEnded) return;
    world.note(slot.name, 'is killed');
    servers.kill(slot, slot.process, random.integer(50, 2_500));
  });
  plan(random.pick([0, 0, 0, 1, 2]), slot => {
    if (slot.node?.isListening === true) servers.stop(slot, slot.node);
  });
  plan(random.pick([0, 0, 1, 2]), ({ process, name }) => {
    if (process === null) return;
    const forMs = lasting(3_000);
    world.note(name, `stands still for ${forMs} ms`);
    process.stoppedUntil = world.now + forMs;
  });
  plan(random.pick([0, 0, 1]), () => {
    const forMs = random.integer(50, 2_500);
    world.note('disk', `is full for ${forMs} ms`);
    weather.isDiskFull = true;
    world.in(forMs, fate, () => {
      weather.isDiskFull = false;
    });
  });
  plan(slots.length > 1 ? random.pick([0, 0, 1, 2]) : 0, ({ name }) => {
    const forMs = lasting(4_000);
    world.note(name, `has no way to the store for ${forMs} ms`);
    weather.cutOff.add(name);
    world.in(forMs, fate, () => weather.cutOff.delete(name));
  });
  plan(random.pick([0, 0, 2]), ({ process, name }) => {
    if (process === null) return;
    setClock(process, random.integer(-1_500, 1_500));
    world.note(name, `has a clock that is ${process.clockAheadMs} ms ahead`);
  });
  const jumps = random.pick([0, 0, 0, 2]);
  plan(jumps, ({ process, name }) => {
    if (process === null) return;
    setClock(process, random.integer(-JUMP_MS, JUMP_MS));
    world.note(name, `has a clock that has jumped: it is ${process.clockAheadMs} ms ahead`);
  });
  plan(store.clockOf === null ? 0 : jumps, () => {
    setClock(store.clockOf!, random.integer(-JUMP_MS, JUMP_MS));
    world.note('store', `has a clock that has jumped: it is ${store.clockOf!.clockAheadMs} ms ahead`);
  });
  plan(weather.cuts, () => {
    world.note('network', 'cuts connections');
    network.cutSome(0.5);
  });
  plan(random.pick([0, 0, 0, 1]), () => {
    world.note('disk', 'fails the next sync');
    weather.failsNextSync = true;
  });
}
