/** The servers of a simulation: each begins, is killed or told to stop, and another one begins in its place. */
import { EngineFault } from '../../src/ledger/engine.ts';
import type { JournalRow } from '../../src/ledger/journal.ts';
import { StorageUnavailable } from '../../src/ledger/refusals.ts';
import type { Wrong } from './everything.ts';
import type { Mutant } from './mutants.ts';
import type { Address, Network } from './network.ts';
import { type AmongOthers, Node } from './node.ts';
import { nodeClientThrough } from './nodeClient.ts';
import type { Outside } from './outside.ts';
import type { Store } from './store.ts';
import { Process, type World } from './world.ts';

/** A server that stopped by itself is started again so much later. */
const RESTART_MS = 500;

/** A place for a server: it may be there, be away, or be another one than before. */
export interface Slot extends Address {
  node: Node | null;
  process: Process | null;
}

export interface ServersOptions {
  readonly world: World;
  readonly network: Network;
  readonly store: Store;
  readonly outside: Outside;
  readonly mutant: Mutant | null;
  readonly wrong: Wrong;
}

export class Servers {
  readonly slots: readonly Slot[];
  /** What each life of each server published. */
  readonly lives: JournalRow[][] = [];
  /** When each of them published what, in milliseconds since the beginning. */
  readonly publications: { readonly position: number; readonly at: number }[] = [];
  /** Who kills and starts them. */
  readonly fate = new Process('fate');
  private readonly options: ServersOptions;
  private readonly batchCommands: number;
  private readonly thinksMs: number;
  /** Whether a server that begins again is reached where the one before it was. */
  private readonly keepsUrl: boolean;

  constructor(names: readonly string[], options: ServersOptions) {
    this.options = options;
    this.slots = names.map(name => ({ name, node: null, process: null }));
    const { random } = options.world;
    this.batchCommands = random.pick([512, 512, 8, 2]);
    this.thinksMs = random.pick([0, 0, 1, 12]);
    this.keepsUrl = random.chance(0.5);
  }

  start(slot: Slot): void {
    const { world, store, outside, mutant, wrong } = this.options;
    const process = new Process(slot.name);
    process.thinksMs = this.thinksMs;
    const told: JournalRow[] = [];
    this.lives.push(told);
    slot.process = process;
    world.note(slot.name, 'starts');
    const giveUp = (why: string) => {
      world.note(slot.name, why);
      world.in(0, this.fate, () => this.kill(slot, process, RESTART_MS));
    };
    world.begin(process, async () => {
      try {
        slot.node = await Node.start({
          world,
          process,
          engine: store.open(process),
          outside,
          amongOthers: this.amongOthers(slot),
          batchCommands: this.batchCommands,
          onFatal: error => giveUp(`stops by itself: ${error.message}`),
          onPublished: entries => {
            told.push(...entries);
            for (const each of entries) {
              this.publications.push({ position: each.position, at: world.now });
              world.note(slot.name, `publishes ${each.position}: ${each.kind} ${each.callId ?? ''}`);
            }
          },
          onError: (what, error) => {
            // Nothing can be asked at the moment: what was begun is begun again.
            if (!(error instanceof StorageUnavailable)) wrong('log', `${slot.name}: ${what}: ${whereFrom(error)}`);
          },
          mutation: mutant?.mutate?.(world.wallClock) ?? {},
        });
        await slot.node.beginWork();
      } catch (error) {
        if (!(error instanceof EngineFault || error instanceof StorageUnavailable)) throw error;
        giveUp(`cannot start: ${error.message}`);
      }
    });
  }

  private amongOthers({ name }: Slot): AmongOthers | null {
    if (this.slots.length === 1) return null;
    const host = name.replace(' ', '-');
    const client = nodeClientThrough(
      this.options.network,
      url => this.slots.find(each => each.node?.url === url) ?? null,
    );
    return { url: `http://${host}${this.keepsUrl ? '' : `-${this.lives.length}`}`, client };
  }

  /** The process is gone, and another one begins a while later. */
  kill(slot: Slot, process: Process, awayMs: number): void {
    if (slot.process !== process || process.hasEnded) return;
    const { world, store, network } = this.options;
    process.hasEnded = true;
    store.lost(process);
    const { node } = slot;
    slot.node = null;
    if (node !== null) network.ended(node);
    world.in(awayMs, this.fate, () => this.start(slot));
  }

  /** As an operator does it: what was begun is finished, and what comes is refused. */
  stop(slot: Slot, node: Node): void {
    const { world } = this.options;
    world.note(slot.name, 'is told to stop');
    world.begin(node.process, async () => {
      await node.stop();
      world.note(slot.name, 'has stopped');
      world.in(0, this.fate, () => this.kill(slot, node.process, RESTART_MS));
    });
  }
}

/** What was thrown, and where in the house. */
export function whereFrom(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const lines = (error.stack ?? '').split('\n').slice(1);
  const places = lines.flatMap(each => /\/(src\/[^)]+)\)?$/.exec(each)?.[1] ?? []);
  return [error.message, ...places.slice(0, 4)].join(' < ');
}
