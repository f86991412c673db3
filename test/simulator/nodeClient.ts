/** The way from a node to another one: through the same network as everybody's, with all that is wrong with it. */
import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import type { NodeAnswer, NodeClient } from '../../src/nodes/nodeClient.ts';
import type { Address, Network } from './network.ts';

/** `find`: who is at this URL at the moment; null: nobody. For a node that does not outlive its process. */
export function nodeClientThrough(network: Network, find: (url: string) => Address | null): NodeClient {
  return {
    ask(url, { method, path, headers, body }, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<NodeAnswer>();
      if (signal.aborted) return Promise.reject(signal.reason);
      let answer: Readable | null = null;
      const asking = { method, url: path, headers: headers as Record<string, string>, body: Buffer.from(body) };
      const connection = network.connect(find(url), asking, {
        head(status, received) {
          answer = new Readable({ read() {} });
          // Whoever reads it is told.
          answer.on('error', () => {});
          resolve({ status, headers: received as IncomingHttpHeaders, body: answer });
        },
        chunk: text => void answer?.push(text),
        ended(whole) {
          if (answer === null) reject(new Error('the node has not answered'));
          else if (whole) answer.push(null);
          else answer.destroy(new Error('the answer has broken off'));
        },
      });
      signal.addEventListener('abort', () => connection.giveUp(), { once: true });
      return promise;
    },
    close: async () => {},
  };
}
