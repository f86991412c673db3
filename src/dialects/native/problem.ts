/** Errors of `/v1`, one table: RFC 9457 problem details with the field that is wrong. docs/errors.md shows it. */
import type { FastifyReply } from 'fastify';

interface ProblemKind {
  readonly status: number;
  /** The registered phrase of the status. */
  readonly title: string;
  readonly meaning: string;
  readonly remedy: string;
}

export const PROBLEMS = {
  invalid: {
    status: 400,
    title: 'Bad Request',
    meaning: 'A parameter, a header or a field of the body is missing, unknown or not what it must be.',
    remedy: 'Correct the fields that `errors` lists. The same request again gets the same answer.',
  },
  unauthenticated: {
    status: 401,
    title: 'Unauthorized',
    meaning: 'The request has no credentials, or they are wrong.',
    remedy: 'Send `Authorization: Bearer …` with a token, or `Basic …` with login and password.',
  },
  forbidden: {
    status: 403,
    title: 'Forbidden',
    meaning: 'The credentials are right, and their roles do not allow this.',
    remedy: 'Use credentials with a role that has the permission named in `detail`.',
  },
  not_found: {
    status: 404,
    title: 'Not Found',
    meaning: 'There is nothing under this id, nothing these credentials may read, or no such path.',
    remedy: 'Check the id and the path.',
  },
  conflict: {
    status: 409,
    title: 'Conflict',
    meaning: 'The request contradicts what is stored.',
    remedy: 'Read what is stored, then decide anew; `detail` names what contradicts.',
  },
  too_large: {
    status: 413,
    title: 'Content Too Large',
    meaning: 'The body has more bytes than are read.',
    remedy: 'Send less: `detail` names the limit.',
  },
  unsupported: {
    status: 415,
    title: 'Unsupported Media Type',
    meaning: 'The body is not declared to be JSON.',
    remedy: 'Send `Content-Type: application/json`.',
  },
  locked: {
    status: 429,
    title: 'Too Many Requests',
    meaning: 'There were too many wrong passwords for this login, or from this address.',
    remedy: 'Wait for the seconds in `Retry-After`.',
  },
  failed: {
    status: 500,
    title: 'Internal Server Error',
    meaning: 'The server made a mistake and has logged it.',
    remedy: 'Report it with the line of the log.',
  },
  unavailable: {
    status: 503,
    title: 'Service Unavailable',
    meaning: 'Nothing can be stored at the moment, or too many logins arrive at once. Nothing was changed.',
    remedy: 'Send the same request again after the seconds in `Retry-After`.',
  },
} as const satisfies Readonly<Record<string, ProblemKind>>;

export type ProblemCode = keyof typeof PROBLEMS;

/** The codes in the order of their statuses. */
export const PROBLEM_CODES = Object.keys(PROBLEMS) as ProblemCode[];

export const typeOf = (code: ProblemCode): string => `aftercall:${code}`;

export interface FieldProblem {
  /** Path of the value, `links[2]`. */
  readonly field: string;
  readonly detail: string;
}

export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly errors: readonly FieldProblem[];
  readonly retryAfterSeconds: number | null;
  constructor(code: ProblemCode, detail: string, errors: readonly FieldProblem[] = [], retryAfterSeconds?: number) {
    super(detail);
    this.code = code;
    this.errors = errors;
    this.retryAfterSeconds = retryAfterSeconds ?? null;
  }
}

/** One field is wrong. */
export function invalid(field: string, detail: string): Problem {
  return new Problem('invalid', `${field} ${detail}`, [{ field, detail }]);
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  const { status, title } = PROBLEMS[problem.code];
  if (problem.code === 'unauthenticated') reply.header('www-authenticate', 'Bearer, Basic realm="aftercall"');
  if (problem.code === 'unavailable') reply.header('retry-after', '1');
  if (problem.retryAfterSeconds !== null) reply.header('retry-after', String(problem.retryAfterSeconds));
  const errors = problem.errors.length > 0 ? { errors: problem.errors } : {};
  return reply
    .status(status)
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify({ type: typeOf(problem.code), title, status, detail: problem.message, ...errors }));
}
