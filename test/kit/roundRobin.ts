import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';

export interface RoundRobin extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** How many requests each server answered, in their order. */
  readonly answered: readonly number[];
}

/** The plainest balancer there is: each request goes to the next server, and past one that takes no connection. */
export async function startRoundRobin(ports: readonly number[]): Promise<RoundRobin> {
  const answered = ports.map(() => 0);
  let turn = 0;
  const pass = (requested: IncomingMessage, answer: ServerResponse, body: Buffer, place: number, tries: number) => {
    // How the client's own connection carries it is its own business.
    const { 'transfer-encoding': _chunked, connection: _kept, ...headers } = requested.headers;
    const upstream = httpRequest({
      host: '127.0.0.1',
      port: ports[place]!,
      path: requested.url!,
      method: requested.method!,
      headers: { ...headers, 'content-length': body.byteLength },
      agent: false,
    });
    answer.once('close', () => upstream.destroy());
    upstream.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' && tries > 1)
        pass(requested, answer, body, (place + 1) % ports.length, tries - 1);
      else answer.destroy();
    });
    upstream.once('response', response => {
      answered[place]!++;
      answer.writeHead(response.statusCode!, response.rawHeaders);
      response.once('error', () => answer.destroy());
      response.pipe(answer);
    });
    upstream.end(body);
  };
  const server = createServer((requested, answer) => {
    const pieces: Buffer[] = [];
    requested.on('data', piece => pieces.push(piece));
    requested.on('error', () => {});
    requested.once('end', () => pass(requested, answer, Buffer.concat(pieces), turn++ % ports.length, ports.length));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    answered,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}
