import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Fault, sendFault } from './errors.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** Refuses every method of a path but these, whoever asks. A path that has GET has HEAD too. */
export function onlyMethods(app: FastifyInstance, url: string, ...allowed: readonly ('GET' | 'POST')[]): void {
  const given: readonly string[] = allowed.includes('GET') ? [...allowed, 'HEAD'] : allowed;
  app.route({
    method: METHODS.filter(each => !given.includes(each)),
    url,
    handler: (request, reply) => {
      const fault = new Fault('method', `${request.method} cannot be used here, only ${allowed.join(' and ')}`);
      return sendFault(reply.header('allow', given.join(', ')), fault);
    },
  });
}

/** What every absolute `uri` begins with. */
export function baseOf(request: FastifyRequest, publicUrl: string | null, prefix: string): string {
  return `${publicUrl ?? `${request.protocol}://${request.host}`}${prefix}`;
}
