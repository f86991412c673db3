import type { IncomingHttpHeaders } from 'node:http';
import { clientIdOf, nodeIn } from './clientId.ts';
import {
  FORWARDING_HEADER,
  type ForwardingToken,
  issueForwardingToken,
  readForwardingToken,
} from './forwardingToken.ts';
import type { Membership } from './membership.ts';
import { forwardableHeaders, type NodeAnswer, type NodeClient } from './nodeClient.ts';

/** A request as it came from its client. */
export interface ForwardableRequest {
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
  /** Where it came from, and whether over https. */
  readonly address: string;
  readonly secure: boolean;
}

/** `answered`; `unreachable`: the node is not there; `refused`: it does not take this node for one of its own. */
export type ForwardVerdict = 'answered' | 'unreachable' | 'refused';

export interface RelayOptions {
  readonly nodes: Pick<Membership, 'number' | 'now' | 'urlOf' | 'lives' | 'goneSignal' | 'onDisowned'>;
  readonly client: NodeClient;
  /** Shared by all nodes. */
  readonly key: Uint8Array;
  readonly onForwarded: (verdict: ForwardVerdict, to: number, error: unknown) => void;
}

/**
 * The value of `FORWARDING_HEADER` in an answer: refused because of the node that forwarded the request, not because of the
 * client.
 */
export const NOT_ADMITTED = 'refused';

/** Forwards requests to the node that holds their session, and recognises forwarded ones. */
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
   * The answer of the node that this client shook hands with. Null when it is this one, or the clientId names none, or its
   * node is gone: then the client is unknown here, and has to shake hands again. `unanswered`: its node lives, and may have
   * the session still. `closed` ends with the client's connection.
   */
  async forward(
    clientId: unknown,
    request: ForwardableRequest,
    closed: AbortSignal,
  ): Promise<NodeAnswer | 'unanswered' | null> {
    const { nodes, client, key, onForwarded } = this.#options;
    const to = nodeIn(clientId);
    if (to === null || to === nodes.number || !(await this.#lives(to))) return null;
    const url = nodes.urlOf(to);
    if (url === null) return 'unanswered';
    const { path, body, address, secure } = request;
    const { authorization, cookie } = request.headers;
    const forwardingToken: ForwardingToken = { from: nodes.number, to, at: nodes.now, address, secure };
    const { 'content-length': _made, ...headers } = forwardableHeaders(request.headers);
    headers[FORWARDING_HEADER] = issueForwardingToken(key, forwardingToken, { path, body, authorization, cookie });
    try {
      const signal = AbortSignal.any([closed, nodes.goneSignal(to)]);
      const answer = await client.ask(url, { method: 'POST', path, headers, body }, signal);
      if (answer.headers[FORWARDING_HEADER] === undefined) {
        onForwarded('answered', to, null);
        return { ...answer, headers: forwardableHeaders(answer.headers) };
      }
      answer.body.destroy();
      onForwarded('refused', to, null);
    } catch (error) {
      if (!closed.aborted) onForwarded('unreachable', to, error);
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

  /** The token of a forwarded request; null unless a node made it for this request and this node. */
  admit(
    text: string,
    { path, headers, body }: Pick<ForwardableRequest, 'path' | 'headers' | 'body'>,
  ): ForwardingToken | null {
    const { nodes, key } = this.#options;
    const { authorization, cookie } = headers;
    return readForwardingToken(key, text, { path, body, authorization, cookie }, nodes);
  }
}
