import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** One connection through the proxy. */
export interface Link {
  /** Ends it on both sides, at once. */
  cut(): void;
}

/**
 * What becomes of some bytes: they go on, others go on in their place, they are lost with all that comes after them, or are
 * left lying with it.
 */
export type Fate = 'pass' | 'swallow' | 'hold' | Buffer;

export type Target = { readonly port: number } | { readonly path: string };

export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** Looks at what is sent to the server, and at what it answers; set at any time. */
  onRequest: (bytes: Buffer, link: Link) => Fate;
  onAnswer: (bytes: Buffer, link: Link) => Fate;
  /** New connections lead there from now on. */
  lead(target: Target): void;
  /** Ends all connections; with `false` new ones are refused from now on. */
  cutAll(accepting?: boolean): void;
  accept(): void;
}

/** A wire between a client and a server, at a port of this machine or a socket's path, that can be told to break. */
export async function startTcpProxy(first: Target): Promise<TcpProxy> {
  const links = new Set<Link>();
  let target = first;
  let isAccepting = true;
  const pass = (): Fate => 'pass';
  const server: Server = createServer({ noDelay: true }, client => {
    if (!isAccepting) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect('path' in target ? target : { port: target.port, host: '127.0.0.1', noDelay: true });
    const link: Link = {
      cut() {
        links.delete(link);
        client.destroy();
        upstream.destroy();
      },
    };
    links.add(link);
    forward(client, upstream, link, bytes => proxy.onRequest(bytes, link));
    forward(upstream, client, link, bytes => proxy.onAnswer(bytes, link));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: TcpProxy = {
    port: (server.address() as { port: number }).port,
    onRequest: pass,
    onAnswer: pass,
    lead(to) {
      target = to;
    },
    cutAll(accepting = true) {
      isAccepting = accepting;
      for (const link of links) link.cut();
    },
    accept() {
      isAccepting = true;
    },
    async [Symbol.asyncDispose]() {
      proxy.cutAll(false);
      await new Promise(resolve => server.close(resolve));
    },
  };
  return proxy;
}

function forward(from: Socket, to: Socket, link: Link, fateOf: (bytes: Buffer) => Fate): void {
  let isLost = false;
  from.on('data', (bytes: Buffer) => {
    const fate = isLost ? 'swallow' : fateOf(bytes);
    isLost = fate === 'swallow' || fate === 'hold';
    if (fate === 'pass') to.write(bytes);
    else if (Buffer.isBuffer(fate) && fate.length > 0) to.write(fate);
    if (fate === 'hold') from.pause();
  });
  from.on('error', () => link.cut());
  from.on('close', () => link.cut());
}
