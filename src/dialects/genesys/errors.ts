/**
 * What a desktop is told when something is not done, one table: the vendor's codes and their HTTP status (docs/genesys.md,
 * sections 5.3 and 5.4).
 */
import type { FastifyReply } from 'fastify';

const FAULTS = {
  /** A required parameter is missing. */
  missing: { status: 400, statusCode: 1 },
  /** The body is not JSON, or not an object. */
  unreadable: { status: 400, statusCode: 1 },
  /** A value, or an operation, that does not exist. */
  invalid: { status: 400, statusCode: 10 },
  /** Not logged in is 403 and not 401, and never asks a browser for a password (docs/genesys.md, trap 15, case H2). */
  unauthenticated: { status: 403, statusCode: 20 },
  forbidden: { status: 403, statusCode: 5 },
  notFound: { status: 404, statusCode: 6 },
  method: { status: 405, statusCode: 3 },
  tooLarge: { status: 413, statusCode: 1 },
  mediaType: { status: 415, statusCode: 1 },
  failed: { status: 500, statusCode: 4 },
  unavailable: { status: 503, statusCode: 4 },
} as const;

export type FaultKind = keyof typeof FAULTS;

/** Something asked for is not done, and the state of the contact centre is as it was. `message` is one sentence. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly kind: FaultKind;
  readonly retryAfterSeconds: number | null;
  constructor(kind: FaultKind, message: string, retryAfterSeconds: number | null = null) {
    super(message);
    this.kind = kind;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The .NET client refuses an answer of any other media type, errors included (docs/genesys.md, trap 24). */
export const JSON_TYPE = 'application/json; charset=utf-8';

const DONE = '{"statusCode":0}';

export function sendDone(reply: FastifyReply): FastifyReply {
  return reply.type(JSON_TYPE).send(DONE);
}

/** `statusCode` 0 and what was asked for. */
export function sendResource(reply: FastifyReply, resource: Readonly<Record<string, unknown>>): FastifyReply {
  return reply.type(JSON_TYPE).send(JSON.stringify({ statusCode: 0, ...resource }));
}

export function sendFault(reply: FastifyReply, fault: Fault): FastifyReply {
  const { status, statusCode } = FAULTS[fault.kind];
  if (fault.retryAfterSeconds !== null) reply.header('retry-after', String(fault.retryAfterSeconds));
  return reply
    .status(status)
    .type(JSON_TYPE)
    .send(JSON.stringify({ statusCode, statusMessage: fault.message }));
}

/** For transport faults of Bayeux, whose body is empty (docs/genesys.md, section 7, lines 7 and 29). */
export function sendEmpty(reply: FastifyReply, status: 400 | 413 | 500): FastifyReply {
  return reply.status(status).type(JSON_TYPE).send('');
}

/** `accepted`, `refused` (the caller's doing) or `error` (ours), for counting. */
export const verdictOf = (kind: FaultKind): 'refused' | 'error' => (FAULTS[kind].status < 500 ? 'refused' : 'error');
