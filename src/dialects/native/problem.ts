/** Errors of `/v1`, one table: RFC 9457 problem details with the field that is wrong. */
import type { FastifyReply } from 'fastify';

const PROBLEMS = {
  invalid: { status: 400, title: 'The request is not valid' },
  unauthenticated: { status: 401, title: 'Who you are is not known' },
  forbidden: { status: 403, title: 'You may not do this' },
  not_found: { status: 404, title: 'There is no such thing' },
  conflict: { status: 409, title: 'This contradicts what is there' },
  too_large: { status: 413, title: 'The body is too large' },
  unsupported: { status: 415, title: 'The body must be JSON' },
  locked: { status: 429, title: 'Too many wrong passwords' },
  failed: { status: 500, title: 'This could not be done' },
  unavailable: { status: 503, title: 'Nothing can be stored at the moment' },
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

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
    .send(JSON.stringify({ type: `aftercall:${problem.code}`, title, status, detail: problem.message, ...errors }));
}
