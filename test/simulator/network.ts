/** What lies between clients and servers: it takes time, loses requests and answers, and cuts connections. */

import type { Serving } from './doorHost.ts';
import type { Node } from './node.ts';
import type { Asking, Headers, Outlet } from './wire.ts';
import { Process, type World } from './world.ts';

/** What a client gets: an answer, or the knowledge that it will not get one. */
export type Reply =
  | {
      readonly kind: 'answer';
      readonly from: string;
      readonly status: number;
      readonly headers: Headers;
      readonly text: string;
    }
  /** Nobody took the request, or it is not known what became of it. */
  | { readonly kind: 'broken'; readonly from: string };

/** Where a server runs, or does not at the moment. */
export interface Address {
  readonly name: string;
  readonly node: Node | null;
}

/** How bad it is at the moment. */
export interface NetworkWeather {
  readonly latencyMs: number;
  /** Of requests that never arrive. */
  readonly lostRequests: number;
  /** Of answers that never arrive, though the server has written them. */
  readonly lostAnswers: number;
}

/** What a client that waits too long does: it gives up. Longer than a connect is held. */
export const PATIENCE_MS = 40_000;

/** What a connection takes without being read. */
const SWALLOWED_CHARS = 600;

/** What a client hears of its request, in events of its own. */
export interface ClientEnd {
  head(status: number, headers: Headers): void;
  chunk(text: string): void;
  /** `whole`: the answer has come to its end. */
  ended(whole: boolean): void;
}

export class Network {
  readonly process = new Process('network');
  private readonly world: World;
  private readonly weather: () => NetworkWeather;
  /** Connections by the node that serves them, so that they break when it ends. */
  private readonly open = new Map<Node, Set<Connection>>();

  constructor(world: World, weather: () => NetworkWeather) {
    this.world = world;
    this.weather = weather;
  }

  /** Resolves in an event of whoever asks. */
  ask(to: Address, asking: Asking, patienceMs = PATIENCE_MS): Promise<Reply> {
    return new Promise(resolve => {
      let head: { status: number; headers: Headers } | null = null;
      let text = '';
      const connection = this.connect(to, asking, {
        head: (status, headers) => {
          head = { status, headers };
        },
        chunk: piece => {
          text += piece;
        },
        ended: whole => {
          patience.cancel();
          const from = to.name;
          resolve(whole && head !== null ? { kind: 'answer', from, ...head, text } : { kind: 'broken', from });
        },
      });
      const patience = this.world.in(patienceMs, this.world.running, () => connection.giveUp());
    });
  }

  /** A request of whoever asks, whose answer is heard of as it comes. Null: there is nobody at this address. */
  connect(to: Address | null, asking: Asking, end: ClientEnd): { giveUp(): void } {
    const connection = new Connection(this, this.world, this.world.running, end);
    this.send(connection, to, asking);
    return connection;
  }

  /** The node's process is no more: whoever was connected finds out, at either end. */
  ended(node: Node): void {
    for (const [server, connections] of this.open) {
      for (const each of connections) if (server === node || each.client === node.process) each.cut();
    }
    this.open.delete(node);
  }

  /** Of all connections there are. */
  cutSome(share: number): void {
    for (const connections of this.open.values()) {
      for (const each of connections) if (this.world.random.chance(share)) each.cut();
    }
  }

  latency(): number {
    return this.world.random.next() * this.weather().latencyMs;
  }

  losesAnswer(): boolean {
    return this.world.random.chance(this.weather().lostAnswers);
  }

  forget(node: Node, connection: Connection): void {
    this.open.get(node)?.delete(connection);
  }

  private send(connection: Connection, to: Address | null, asking: Asking): void {
    const { world } = this;
    if (world.random.chance(this.weather().lostRequests)) {
      world.in(this.latency(), this.process, () => connection.cut());
      return;
    }
    world.in(this.latency(), this.process, () => {
      const node = to?.node ?? null;
      if (node === null || !node.isListening) return connection.cut();
      const known = this.open.get(node);
      if (known === undefined) this.open.set(node, new Set([connection]));
      else known.add(connection);
      world.in(0, node.process, () => connection.arrive(node, asking));
    });
  }
}

class Connection implements Outlet {
  private readonly network: Network;
  private readonly world: World;
  readonly client: Process;
  private readonly told: ClientEnd;
  private node: Node | null = null;
  private serving: Serving | null = null;
  private isOver = false;
  /** When what was sent last arrives: nothing overtakes it. */
  private arrivesAt = 0;

  constructor(network: Network, world: World, client: Process, end: ClientEnd) {
    this.network = network;
    this.world = world;
    this.client = client;
    this.told = end;
  }

  arrive(node: Node, asking: Asking): void {
    if (this.isOver || this.client.hasEnded) return;
    this.node = node;
    this.serving = node.serve(asking, this);
  }

  head(status: number, headers: Headers): void {
    this.toClient(() => this.told.head(status, headers));
  }

  chunk(text: string): boolean {
    // Whoever is told much at once takes a while to read it.
    const takesAWhile = text.length > SWALLOWED_CHARS;
    this.toClient(() => {
      this.told.chunk(text);
      if (takesAWhile) this.toServer(serving => serving.drained());
    });
    return !takesAWhile;
  }

  end(): void {
    if (this.network.losesAnswer()) this.cut();
    else this.toClient(() => this.over(true));
  }

  /** The client does not wait any more. */
  giveUp(): void {
    if (this.isOver) return;
    this.toServer(serving => serving.closed());
    this.over(false);
  }

  /** Whatever is still on its way does not arrive. */
  cut(): void {
    if (this.isOver) return;
    this.toServer(serving => serving.closed());
    this.world.in(this.network.latency(), this.client, () => this.over(false));
  }

  private over(whole: boolean): void {
    if (this.isOver) return;
    this.isOver = true;
    if (this.node !== null) this.network.forget(this.node, this);
    this.told.ended(whole);
  }

  private toClient(task: () => void): void {
    const { world } = this;
    this.arrivesAt = Math.max(this.arrivesAt, world.now + this.network.latency());
    world.in(this.arrivesAt - world.now, this.client, () => {
      if (!this.isOver) task();
    });
  }

  private toServer(task: (serving: Serving) => void): void {
    const { node, serving } = this;
    if (node === null || serving === null) return;
    this.world.in(this.network.latency(), node.process, () => task(serving));
  }
}
