/** A web server of the tests on this machine's own address, and what it saw. */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

export interface Site {
  readonly server: Server;
  readonly port: number;
  /** `http://127.0.0.1:49152`, or https. */
  readonly origin: string;
  /** Connections somebody opened, whether or not a request came. */
  readonly connections: readonly Socket[];
  /** When the connection with this number is gone, however it ended. */
  closed(number: number): Promise<void>;
  /** What was asked for, in order: paths with their queries. */
  readonly requests: readonly IncomingMessage[];
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export async function startSite(
  t: TestContext,
  answer: Answer,
  tls?: { readonly cert: string; readonly key: string },
): Promise<Site> {
  const requests: IncomingMessage[] = [];
  const listener: RequestListener = (request, response) => {
    requests.push(request);
    answer(request, response);
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  return { ...(await listening(t, server, tls === undefined ? 'http' : 'https')), requests };
}

/** As `startSite`, for what no HTTP server would say. */
export async function startRawSite(t: TestContext, answer: (socket: Socket) => void): Promise<Site> {
  const server = createTcpServer(socket => {
    socket.on('error', () => {});
    // Unread, the end of the other side would not be noticed.
    socket.resume();
    answer(socket);
  });
  return { ...(await listening(t, server, 'http')), requests: [] };
}

async function listening(t: TestContext, server: Server, scheme: string): Promise<Omit<Site, 'requests'>> {
  const connections: Socket[] = [];
  const closed: Promise<void>[] = [];
  server.on('connection', (socket: Socket) => {
    connections.push(socket);
    closed.push(new Promise(resolve => socket.on('close', () => resolve())));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of connections) socket.destroy();
    return new Promise(resolve => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { server, port, origin: `${scheme}://127.0.0.1:${port}`, connections, closed: async number => closed[number] };
}
