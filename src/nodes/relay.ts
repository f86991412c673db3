import type { IncomingHttpHeaders } from 'node:http';
import { clientIdOf, nodeIn } from './clientId.ts';
import type { Membership } from './membership.ts';
import { type NodeAnswer, type NodeClient, passableHeaders } from './passOn.ts';
import { issuePassport, PASSPORT_HEADER, type Passport, readPassport } from './passport.ts';

/** A request as it came from its client. */
export interface Passable {
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
  /** Where it came from, and whether over https. */
  readonly address: string;
  readonly secure: boolean;
}

/** `answered`; `unreachable`: the node is not there; `refused`: it does not take this node for one of its own. */
export type PassVerdict = 'answered' | 'unreachable' | 'refused';

export interface RelayOptions {
  readonly nodes: Pick<Membership, 'number' | 'now' | 'urlOf' | 'lives' | 'goneSignal' | 'onDisowned'>;
  readonly client: NodeClient;
  /** Shared by all nodes. */
  readonly key: Uint8Array;
  readonly onPassed: (verdict: PassVerdict, to: number, error: unknown) => void;
}

/** The value of `PASSPORT_HEADER` in an answer: not because of the caller, but of who passed the request on. */
export const NOT_ADMITTED = 'refused';

/** Takes requests to the node that has the session they are about, and knows those that were brought here so. */
export class Relay {
  readonly #options: RelayOptions;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  /** `random`: at least 128 random bits, letters and digits. */
  newClientId(random: string): string {
    return clientIdOf(this.#options.nodes.number, random);
  }

  /** `listener` is called when the other nodes have taken this one for dead, and have told its clients to shake hands again. */
  onDisowned(listener: () => void): void {
    this.#options.nodes.onDisowned(listener);
  }

  /**
   * The answer of the node that this client shook hands with. Null when it is this one, or the client is nobody's, or its node
   * is gone: then it is unknown here, which tells it to shake hands again. `unanswered`: its node lives, and may have the session
   * still. `closed` ends with the client's connection.
   */
  async passOn(clientId: unknown, request: Passable, closed: AbortSignal): Promise<NodeAnswer | 'unanswered' | null> {
    const { nodes, client, key, onPassed } = this.#options;
    const to = nodeIn(clientId);
    if (to === null || to === nodes.number || !(await this.#lives(to))) return null;
    const url = nodes.urlOf(to);
    if (url === null) return 'unanswered';
    const { path, body, address, secure } = request;
    const { authorization, cookie } = request.headers;
    const passport: Passport = { from: nodes.number, to, at: nodes.now, address, secure };
    const { 'content-length': _made, ...headers } = passableHeaders(request.headers);
    headers[PASSPORT_HEADER] = issuePassport(key, passport, { path, body, authorization, cookie });
    try {
      const signal = AbortSignal.any([closed, nodes.goneSignal(to)]);
      const answer = await client.ask(url, { method: 'POST', path, headers, body }, signal);
      if (answer.headers[PASSPORT_HEADER] === undefined) {
        onPassed('answered', to, null);
        return { ...answer, headers: passableHeaders(answer.headers) };
      }
      answer.body.destroy();
      onPassed('refused', to, null);
    } catch (error) {
      if (!closed.aborted) onPassed('unreachable', to, error);
    }
    return (await this.#lives(to)) ? 'unanswered' : null;
  }

  /** What cannot be found out is not said to be gone. */
  async #lives(number: number): Promise<boolean> {
    try {
      return await this.#options.nodes.lives(number);
    } catch {
      return true;
    }
  }

  /** What a node has written on a request that it passed on; null when no node has, for this request and this node. */
  admit(text: string, { path, headers, body }: Pick<Passable, 'path' | 'headers' | 'body'>): Passport | null {
    const { nodes, key } = this.#options;
    const { authorization, cookie } = headers;
    return readPassport(key, text, { path, body, authorization, cookie }, nodes);
  }
}
